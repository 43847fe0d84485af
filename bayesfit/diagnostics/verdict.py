"""From chains to a verdict in words: have they converged, and how many samples are they worth."""

from dataclasses import dataclass, replace

import numpy as np

from bayesfit.diagnostics.mixing import Estimates

__all__ = ["Diagnostics", "diagnose", "judge"]

#: split R-hat of the ensemble means: the bound at 50 and at 200 autocorrelation times, and below 50 its excess over
#: one in units of what chance makes of so many times
MEANS_RHAT, MEANS_EXCESS = (1.05, 1.02), 2.5
#: split R-hat with every walker as a chain
WALKERS_RHAT = 1.05
#: steps needed, in autocorrelation times, where nothing but the chains tells of the posterior
LEAST_TIMES = 50
#: standard errors by which a walker's mean log density may stay away from the others'
STRAY = 8.0
#: standard errors by which the first part of the chains may differ from the last
DRIFT = 5.0


@dataclass(frozen=True)
class Diagnostics:
    """The verdict on a run.

    Parameters
    ----------
    converged
        True only if every check passed.
    messages
        What is wrong and what to do, one sentence or two each; empty if nothing is.
    rhat
        By parameter, the larger of the split R-hat of ensemble means and that of all walkers.
    ess
        By parameter, the lower of two bulk effective sample sizes.
    tau
        By parameter, the integrated autocorrelation time in steps.
    acceptance
        Mean accepted fraction.
    ess_tail
        By parameter, the effective sample size of the 5 % and 95 % quantiles.
    n_steps
        Steps of each ensemble after its burn-in, also where not all of them are held.
    """

    converged: bool
    messages: tuple[str, ...]
    rhat: dict[str, float]
    ess: dict[str, float]
    tau: dict[str, float]
    acceptance: float
    ess_tail: dict[str, float]
    n_steps: int

    def __str__(self):
        if self.converged:
            return (
                f"converged: R-hat at most {max(self.rhat.values()):.3f}, at least "
                f"{min(self.ess.values()):.0f} effective samples of each parameter"
            )
        return "NOT CONVERGED. " + " ".join(self.messages)

    def with_message(self, message: str) -> "Diagnostics":
        """Return a copy that is not converged, for the further reason given."""
        return replace(self, converged=False, messages=(*self.messages, message))


def diagnose(chains, log_density, names, acceptance, least_times: float = LEAST_TIMES) -> Diagnostics:
    """Judge the raw chains of independent ensembles.

    Parameters
    ----------
    chains
        Natural parameter values (ensemble, step, walker, parameter) after burn-in.
    log_density
        Log densities (ensemble, step, walker).
    names
        One name for each parameter.
    acceptance
        Accepted fraction (ensemble, walker).
    least_times
        Steps needed, in autocorrelation times.

    Returns
    -------
    Diagnostics

    Notes
    -----
    No check can find a mode in which nobody started.  The checks are those that were each needed for
    some failure: the R-hat of ensemble means sees slow mixing, burn-in and funnels; that of all walkers sees
    walkers that stay in their mode; neither sees one stuck walker among hundreds.

    Autocorrelation times are averages over all walkers, so that 20 of them tell of any that is five times as long;
    50 are asked for where a part of the posterior could be visited yet more rarely.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> chains = rng.normal(size=(4, 200, 16, 2))
    >>> log_density = -0.5 * (chains**2).sum(axis=-1)
    >>> str(diagnose(chains, log_density, ("a", "b"), np.full((4, 16), 0.5)))[:10]
    'converged:'
    """
    chains = np.asarray(chains, dtype=float)
    log_density = np.asarray(log_density, dtype=float)
    return judge(Estimates(tuple(names), chains, log_density, np.asarray(acceptance, dtype=float)), least_times)


def judge(estimates: Estimates, least_times: float = LEAST_TIMES) -> Diagnostics:
    """Return the verdict that `diagnose` gives, from what was estimated."""
    short = _too_short(estimates, least_times)
    messages = (*short, *(message for check in _CHECKS for message in check(estimates)))
    columns = {
        "rhat": estimates.rhat,
        "ess": estimates.ess,
        "tau": estimates.thin * estimates.tau,
        "ess_tail": estimates.ess_tail,
    }
    by_name = {
        key: dict(zip(estimates.parameters, map(float, column), strict=False)) for key, column in columns.items()
    }
    return Diagnostics(
        not messages,
        messages,
        acceptance=float(np.mean(estimates.acceptance)),
        n_steps=estimates.n_steps,
        **by_name,
    )


def _worst(estimates: Estimates, values: np.ndarray) -> tuple[str, float]:
    values = np.where(np.isnan(values), np.inf, values)
    index = int(np.argmax(values))
    return estimates.names[index], float(values[index])


def _too_few_ensembles(estimates):
    if estimates.shape[0] < 2:
        yield ("Only one ensemble was run, so nothing says whether another would agree: run at least n_ensembles=2.")


def _frozen(estimates):
    typical = np.median(estimates.acceptance)
    stuck = int((estimates.acceptance < 0.1 * typical).sum()) if typical > 0 else estimates.acceptance.size
    if stuck:
        yield (
            f"{stuck} of {estimates.acceptance.size} walkers hardly moved: their starts lie where the "
            "posterior is "
            "negligible; sample longer, or give start= nearer to the solution."
        )


def _stray_walkers(estimates):
    stray = int((estimates.stray > STRAY).sum())
    if stray:
        yield (
            f"{stray} of {estimates.acceptance.size} walkers stayed at a lower log density than the "
            "rest: they sit in a "
            "lesser mode or have not arrived; use more burn_in, or tighter priors if the mode is not wanted."
        )


def _too_short(estimates, least_times):
    shortest, times = _worst(estimates, -estimates.times)
    if -times < least_times or not np.isfinite(times):
        steps = int(np.ceil(least_times * estimates.n_steps / max(-times, 1e-3))) if np.isfinite(times) else None
        longer = (
            f"raise steps or max_steps to {steps} or more" if steps else "nothing moves; check the model and priors"
        )
        yield (
            f"The chains are shorter than {least_times:.0f} autocorrelation times of {shortest} "
            f"({estimates.n_steps} steps): {longer}."
        )


def _means_disagree(estimates):
    short = np.maximum(MEANS_RHAT[0], 1 + MEANS_EXCESS / np.maximum(estimates.times, 1.0))
    bound = np.where(estimates.times >= 200, MEANS_RHAT[1], short)
    name, excess = _worst(estimates, estimates.rhat_means - bound)
    if not excess < 0:
        value = estimates.rhat_means[estimates.names.index(name)]
        yield (
            f"The ensembles disagree about {name} (R-hat of their means {value:.3f}): sample longer; "
            "if that does not help, the posterior has several modes or a funnel: reparametrise or "
            "use tighter priors."
        )


def _walkers_disagree(estimates):
    name, value = _worst(estimates, estimates.rhat_walkers)
    if not value <= WALKERS_RHAT:
        yield (
            f"Single walkers disagree about {name} (R-hat {value:.3f}): they stay in their part of "
            "the posterior; "
            "sample longer, or use priors that leave one mode."
        )


def _sizes_disagree(estimates):
    claimed = estimates.shape[0] * estimates.shape[2] * estimates.times
    name, ratio = _worst(estimates, claimed / estimates.ess)
    if not ratio <= 5:
        yield (
            f"Two estimates of the effective sample size of {name} differ {ratio:.0f}-fold, a sign of "
            "walkers "
            "that are frozen or far slower than the rest: sample longer."
        )


def _drifting(estimates):
    name, value = _worst(estimates, estimates.drift)
    if not value < DRIFT:
        yield (
            f"Location or spread of {name} still drifts ({value:.1f} standard errors): use more burn_in "
            "or sample longer."
        )


_CHECKS = (
    _too_few_ensembles,
    _frozen,
    _stray_walkers,
    _means_disagree,
    _walkers_disagree,
    _sizes_disagree,
    _drifting,
)
