"""``bayesfit fit``: a model fitted to the user's own table."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bayesfit.cli.reading import read_data, read_predictor, read_priors
from bayesfit.cli.reporting import FINISHED, NOT_CONVERGED
from bayesfit.cli.results import RESULT_FILES, prepare_folder, write_results
from bayesfit.cli.words import Printer, files_text, summary_text, verdict_text
from bayesfit.likelihoods import Gaussian
from bayesfit.models import Model
from bayesfit.sampling import Ensemble

__all__ = ["Request"]


@dataclass(frozen=True)
class Request:
    """What was typed after ``bayesfit fit``."""

    table: Path
    x: Sequence[str]
    y: str
    y_err: str | None
    predictor: str
    scatter: bool | None
    priors: Sequence[str]
    ess: int
    max_steps: int | None
    seed: int | None

    def run(self, out: Path, *, quiet: bool) -> int:
        """Fit, write and tell; return the exit code.

        Raises
        ------
        BayesfitError
            For whatever is wrong with the words, the table or the folder, before any sampling.
        """
        sampler = Ensemble(target_ess=self.ess, max_steps=self.max_steps)
        model = Model(read_predictor(self.predictor), Gaussian(scatter=self.scatter), priors=read_priors(self.priors))
        data = read_data(self.table, x=self.x, y=self.y, y_err=self.y_err)
        parameters = model.target(data).parameters
        prepare_folder(out, RESULT_FILES, source=self.table)
        # a seed that is short enough to be typed again
        seed = secrets.randbelow(2**31) if self.seed is None else self.seed
        printer = Printer(quiet)
        printer.text(self._sentence(data, seed))
        printer.block(f"{parameters}")
        posterior = model.fit(data, sampler=sampler, seed=seed, progress=not quiet)
        write_results(posterior, out)
        printer.block(summary_text(posterior))
        printer.text(verdict_text(posterior.diagnostics))
        printer.block(files_text(out, RESULT_FILES))
        loading = f"bayesfit.load({str(out / 'posterior.nc')!r})"
        printer.text(f"Next: look at the pictures; in Python, {loading} brings the posterior back.")
        return FINISHED if posterior.diagnostics.converged else NOT_CONVERGED

    def _sentence(self, data, seed):
        known = f"{data.label} ± {self.y_err}" if self.y_err else data.label
        return (
            f"Fitting {known} against {', '.join(data.names)} with predictor {self.predictor} to "
            f"{data.size} rows of {self.table.name}; seed {seed}."
        )
