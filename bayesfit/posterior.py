"""The posterior of a model: draws, pointwise log-likelihood and where they came from."""

import copy
import dataclasses
import json
import warnings
from functools import cached_property, partial
from typing import TYPE_CHECKING

import numpy as np

from bayesfit import prediction
from bayesfit.diagnostics import Diagnostics
from bayesfit.errors import ModelError, SamplingError
from bayesfit.loo import check_refits, leave_one_out, plain_loo
from bayesfit.novelty import novelty
from bayesfit.pieces import mean_in_pieces
from bayesfit.results.evaluated import evaluate
from bayesfit.results.files import write_bytes, write_tree
from bayesfit.results.papers import ecsv_table, latex_table
from bayesfit.results.provenance import provenance_of, versions
from bayesfit.results.records import attach_record
from bayesfit.results.thinning import theta_of, thin
from bayesfit.sampling import Run, one_thread
from bayesfit.seeds import generator
from bayesfit.targets import Target

if TYPE_CHECKING:
    import xarray as xr

__all__ = ["Posterior"]


#: draws whose tails can be smoothed
FEWEST_DRAWS = 25


class Posterior:
    """Draws from the posterior of one model on one data set.

    Attributes
    ----------
    tree : xarray.DataTree
        posterior, log_likelihood, log_prior, sample_stats, posterior_predictive, observed_data and
        constant_data, as ArviZ takes them; chain is an ensemble, draws are thinned to near-independence,
        and the label is always named "y". It is put together when it is first asked for.
    target : Target
        The log posterior density.
    chains : ndarray (ensemble, step, walker, D) or None
        All draws after burn-in, in the order of ``target.names``; None after loading from a file.
    diagnostics : Diagnostics
        Whether the sampler converged, from the whole chains.
    """

    def __init__(
        self, tree: "xr.DataTree | partial[xr.DataTree]", target: Target, diagnostics: Diagnostics, chains=None
    ):
        self._tree, self.target, self.diagnostics, self.chains = tree, target, diagnostics, chains
        self._loos: dict = {}

    @classmethod
    def from_run(cls, target: Target, run: Run, audit: tuple[str, ...] = (), executor=None) -> "Posterior":
        """Make a posterior of a finished sampling run, keeping what the audit before it found."""
        messages = (*run.diagnostics.messages, *run.faults)
        diagnostics = dataclasses.replace(run.diagnostics, messages=messages)
        theta, log_density = (thin(each, run.slowest) for each in (run.chains, run.log_density))
        if target.n_walked < len(target.names):
            log_density = target.log_density_at(theta.reshape(-1, theta.shape[-1])).reshape(log_density.shape)
        said = {
            "diagnostics": dataclasses.asdict(diagnostics),
            "provenance": provenance_of(run) | {"walked": list(target.walked_names)},
            "audit": audit,
        }
        seed = np.random.SeedSequence(run.seed, spawn_key=(1, 1))
        evaluated = partial(evaluate, target, theta, log_density, seed)
        if executor is not None or target.block is not None:
            # now, while there are workers, and while a user's function is what it was when it was sampled
            evaluated = evaluated(executor)
        posterior = cls(partial(_tree_of, target, evaluated, said), target, diagnostics, run.chains)
        posterior._theta = theta
        return posterior

    @cached_property
    def tree(self) -> "xr.DataTree":
        """Draws, pointwise terms, statistics and data, as ArviZ takes them."""
        return self._tree() if isinstance(self._tree, partial) else self._tree

    @property
    def audit(self) -> tuple[str, ...]:
        """What was found in the data and the model before fitting."""
        return tuple(json.loads(self.tree.attrs.get("audit", "[]")))

    # -- looking at it --------------------------------------------------------------------------------

    @property
    def names(self) -> tuple[str, ...]:
        """The free parameters, element by element."""
        return self.target.names

    @property
    def provenance(self) -> dict:
        """How the draws were made: seed, evaluations, starts, versions."""
        return json.loads(self.tree.attrs["provenance"])

    def __getitem__(self, name: str) -> "xr.DataArray":
        """Return the draws (chain, draw, …) of a parameter, or of one of its elements."""
        import xarray as xr

        group = self.tree["posterior"].to_dataset()
        if name in group.data_vars:
            return group[name]
        if name in self.names:
            column = self._theta[..., self.names.index(name)].copy()
            return xr.DataArray(column, dims=("chain", "draw"), name=name)
        known = dict.fromkeys([*map(str, group.data_vars), *self.names])
        raise KeyError(f"no parameter {name!r}; there are {', '.join(known)}")

    @cached_property
    def _theta(self) -> np.ndarray:
        return theta_of(self.tree["posterior"].to_dataset(), self.target.parameters)

    def to_array(self, names=None) -> np.ndarray:
        """Return the draws (draws, D) of the free elements, or of those named."""
        flat = self._theta.reshape(-1, len(self.names))
        if names is None:
            return flat.copy()
        chosen = [names] if isinstance(names, str) else list(names)
        unknown = [name for name in chosen if name not in self.names]
        if unknown:
            raise ModelError(f"names: no parameter {', '.join(unknown)}; there are {', '.join(self.names)}")
        return flat[:, [self.names.index(name) for name in chosen]]

    def to_dataframe(self):
        """Return the draws as a DataFrame: chain, draw, and a column for each free element."""
        import pandas as pd

        chain, draw = np.indices(self._theta.shape[:2])
        frame = pd.DataFrame(self.to_array(), columns=list(self.names))
        frame.insert(0, "draw", draw.ravel())
        frame.insert(0, "chain", chain.ravel())
        return frame

    def summary(self, ci_prob=0.9):
        """Return a DataFrame with a row for each free element.

        Columns: mean, sd, the ends of the equal-tailed interval of probability ``ci_prob``, the Monte
        Carlo error of the mean, R-hat and effective sample sizes from the whole chains, and the unit where
        any parameter has one.
        """
        import pandas as pd

        if not 0 < ci_prob < 1:
            raise ModelError(f"ci_prob={ci_prob!r} should lie between 0 and 1")
        draws = self.to_array()
        low, high = np.quantile(draws, [(1 - ci_prob) / 2, (1 + ci_prob) / 2], axis=0)
        sd = draws.std(axis=0, ddof=1)
        ess = np.array([self.diagnostics.ess[name] for name in self.names])
        percent = f"eti{100 * ci_prob:g}"
        table = {
            "mean": draws.mean(axis=0),
            "sd": sd,
            f"{percent}_lb": low,
            f"{percent}_ub": high,
            "mcse_mean": sd / np.sqrt(np.minimum(ess, len(draws))),
            "ess_bulk": ess,
            "ess_tail": [self.diagnostics.ess_tail[name] for name in self.names],
            "r_hat": [self.diagnostics.rhat[name] for name in self.names],
        }
        if any(units := self._units(self.names)):
            table["unit"] = units
        return pd.DataFrame(table, index=pd.Index(self.names, name="parameter"))

    def to_latex(self, path=None, *, ci_prob=0.68, population=False) -> str:
        """Return a LaTeX tabular of medians with asymmetric errors and units, and write it where there is a path.

        Errors are the distances to the ends of the equal-tailed interval of probability ``ci_prob``, to two digits of
        the smaller. Parameters of the population of features are left out unless ``population`` is true.
        """
        names = self._shown(population)
        text = latex_table(names, self.to_array(names), self._units(names), ci_prob)
        if path is not None:
            write_bytes(text.encode(), path)
        return text

    def to_ecsv(self, path, *, ci_prob=0.68, population=False):
        """Write one row of medians, errors and standard deviations as ECSV, with units, and return the path.

        For each parameter of `to_latex` the columns "slope", "slope_minus", "slope_plus" and "slope_sd": astropy's
        ``QTable.read`` gives quantities, and rows of several fits can be stacked.
        """
        names, meta = self._shown(population), {"seed": self.provenance["seed"]}
        meta["converged"] = bool(self.diagnostics.converged)
        return write_bytes(ecsv_table(names, self.to_array(names), self._units(names), ci_prob, meta).encode(), path)

    def _units(self, names):
        return [self.target.parameters.unit_of(name) for name in names]

    def _shown(self, population):
        hidden = {p.name for p in self.target.parameters.parameters if p.hidden and not population}
        return [name for name in self.names if name.split("[")[0] not in hidden] or list(self.names)

    def __repr__(self):
        table = self.summary()
        ess = [f"{value:.0f}" for value in table.pop("ess_bulk")]
        rhat = [f"{value:.3f}" for value in table.pop("r_hat")]
        shown = table.iloc[:, :4].map(lambda value: f"{value:.5g}")
        shown["ess"], shown["r_hat"] = ess, rhat
        if "unit" in table:
            shown["unit"] = table["unit"]
        shown.index.name = None
        return f"Posterior of {self.target.model!r}\n{self.target.data!r}\n\n{shown.to_string()}\n\n{self.diagnostics}"

    # -- using it -------------------------------------------------------------------------------------

    def predict(self, x, *, x_err=None, kind="mean", seed=None) -> prediction.Prediction:
        """Return predictive draws for new rows.

        Parameters
        ----------
        x : array (rows,) or (rows, p), table, or Data
            A table has the features, and the further columns that the model asks for, under their names in the fit.
        x_err : optional
            Errors of the new features, as in `Data`.
        kind : "mean" or "observed"
            The expected label, or a label as it would be measured, within the window of a truncation; the latter needs
            the new rows' own ``y_err`` (as Data) where the fit had them, and gives classes by their place in `classes`.
        seed : int, optional
        """
        new = prediction.new_rows(x, self.target.data, x_err=x_err)
        return prediction.predict(self.target, self._theta, new, kind=kind, seed=seed)

    @property
    def classes(self) -> tuple:
        """The classes, or components, that probabilities refer to, in order; empty for other models."""
        return self.target.classes

    def predict_proba(self, x, *, x_err=None, prevalence=None) -> np.ndarray:
        """Return class probabilities (rows, classes), in the order of `classes`.

        The mean over the posterior of the probability, not the probability at the mean; for its spread see
        `predict`, whose draws have a dimension "class".

        Parameters
        ----------
        x, x_err
            As for `predict`.
        prevalence : mapping of class to share, optional
            The classes' shares where the new rows come from, if not those of the rows that were fitted.
        """
        new = prediction.new_rows(x, self.target.data, x_err=x_err)
        return prediction.predict_proba(self.target, self.to_array(), new, prevalence)

    def novelty(self, x, *, x_err=None) -> np.ndarray:
        """Return the tail probability (rows,) of each row's features: near zero for objects of no known class."""
        return novelty(self.target, self.to_array(), prediction.new_rows(x, self.target.data, x_err=x_err))

    def outlier_probability(self) -> np.ndarray:
        """Return the posterior probability (rows,) that each row is an outlier; NaN for rows without a label.

        Raises
        ------
        ModelError
            If the likelihood is not an outlier mixture.
        """
        mean = mean_in_pieces(self.target.outlier_probability, self.to_array(), self.target.n_rows)
        probability = np.full(len(self.target.data), np.nan)
        probability[self.target.data.labelled] = mean
        return probability

    def loo(self, *, refits: int | None = 10, executor=None, seed=None):
        """Return the leave-one-out estimate of predictive accuracy, as ArviZ's ELPDData with its terms by row.

        Pareto-smoothed importance sampling; a term whose Pareto k is above min(1 - 1 / log10 S, 0.7) is worked out
        anew by moment matching and, where that fails or leaves a k above 0.5, by a refit without the row's label.
        Where matching fails for more rows than there may be refits, several rows share one (k-fold among them).

        Parameters
        ----------
        refits : int or None
            The most refits; 0 leaves moment matching alone, None leaves all terms as they are.
        executor : concurrent.futures.Executor, optional
            Runs the refits in parallel.
        seed : int, optional
            Of the refits; by default it follows from the seed of the fit.

        Returns
        -------
        arviz ELPDData
            Attributes elpd, se, p, elpd_i, pareto_k (after matching; 0 where a term was refitted), good_k, and
            remedies: what was done about each doubtful row.  Above a thousand million terms fewer draws are used;
            n_samples says how many.

        Notes
        -----
        The terms are those of the label that was fitted; `compare` adds the Jacobian of `Data.transform`.
        """
        check_refits(refits)
        if refits is None:
            with one_thread():
                return plain_loo(self.tree, self.target)
        generator(seed)  # refuses what is no seed
        entropy = int(self.provenance.get("seed", 0)) if seed is None else seed
        if (refits, entropy) not in self._loos:
            sequence = np.random.SeedSequence(entropy, spawn_key=(2,))
            with one_thread():
                found = leave_one_out(self.tree, self.target, refits=int(refits), seed=sequence, executor=executor)
            self._loos[refits, entropy] = found
        return copy.deepcopy(self._loos[refits, entropy])

    def sensitivity(self):
        """Return how much each parameter's posterior changes as prior or likelihood are made stronger, a DataFrame.

        Power-scaling sensitivity from ArviZ, of the joint likelihood that was sampled: with the population of noisy
        features, and with the covariance of labels.  A parameter that moves with its prior and not with its likelihood
        is one that the data say little about.

        References
        ----------
        Kallioinen, Paananen, Bürkner & Vehtari (2024), Statistics and Computing 34, 57.
        """
        import arviz_stats as az
        import xarray as xr

        shape = self.tree["posterior"].sizes["chain"], self.tree["posterior"].sizes["draw"]
        draws = shape[0] * shape[1]
        if draws < FEWEST_DRAWS:
            raise SamplingError(f"sensitivity: {draws} draws are too few; it takes {FEWEST_DRAWS}")
        groups = {name: self.tree[name].to_dataset() for name in ("posterior", "log_prior")}
        theta = self.to_array()
        with np.errstate(all="ignore"):
            joint = self.target.log_prob(theta) - self.target.log_prior(theta)
        groups["log_likelihood"] = xr.Dataset({"y": (("chain", "draw", "all"), joint.reshape(*shape, 1))})
        # ArviZ has a dimension of this name of its own
        taken = {name: f"{name} of the mixture" for name in groups["posterior"].dims if name == "component"}
        groups["posterior"] = groups["posterior"].rename(taken)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", FutureWarning)
                warnings.filterwarnings("ignore", "Number of tail draws")
                return az.psense_summary(xr.DataTree.from_dict(groups), round_to=6)
        except ValueError as error:
            raise SamplingError(f"sensitivity: these draws are too much alike to be weighed ({error})") from None

    def save(self, path):
        """Write draws, model, data, seed and versions to one netCDF file; `bayesfit.load` reads it.

        A file that is there already is replaced only when the new one is complete.

        Raises
        ------
        ResultFileError
            If the file cannot be written.
        """
        return write_tree(attach_record(self.tree, self.target), path)

    def report(self, path, *, comparison=None):
        """Write everything about this fit to one HTML file; see `bayesfit.report`.

        Raises
        ------
        ResultFileError
            If the file cannot be written; before anything is drawn.
        """
        # pages are drawn in a layer above this one, which the public face knows
        import bayesfit

        return bayesfit.report(self, path, comparison=comparison)


def _tree_of(target, evaluated, said) -> "xr.DataTree":
    # xarray and pandas, which take longer to load than many a fit
    from bayesfit.results.trees import build_tree

    said = {**said, "provenance": said["provenance"] | {"versions": versions()}}
    return build_tree(target, evaluated() if isinstance(evaluated, partial) else evaluated, **said)
