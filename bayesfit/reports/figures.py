"""The pictures of a report: which there are, how to read each, and what could not be drawn."""

import os
import struct
import warnings
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

import bayesfit as bf
from bayesfit.errors import BayesfitError
from bayesfit.reports import alternatives
from bayesfit.targets import ClassTarget, MixtureTarget

__all__ = ["Drawn", "draw_all"]

#: parameters that one picture shows
MOST_PARAMETERS = 12
#: classes that have pictures of their own
MOST_CLASSES = 4
_DPI = 100


class Drawn(NamedTuple):
    """A picture with its words."""

    section: str
    title: str
    reading: str
    alt: str
    png: bytes

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels, which stand at the head of the file."""
        return struct.unpack(">II", self.png[16:24])


class _Plan(NamedTuple):
    """A picture to draw: where it stands, what it is called, how to read it, and how it is made."""

    section: str
    title: str
    reading: str
    draw: Callable
    alt: Callable


def draw_all(posterior, loo=None, comparison=None) -> tuple[list[Drawn], list[str]]:
    """Return the pictures of a posterior, and a sentence for each that could not be drawn."""
    # no window may open, and no display be asked for; matplotlib reads this when it is first imported
    os.environ.setdefault("MPLBACKEND", "agg")
    drawn, left_out = [], list(_remarks(posterior))
    for plan in _plans(posterior, loo, comparison):
        try:
            with warnings.catch_warnings():
                # of layout and fonts; what the fit warned of was said when it was made
                warnings.simplefilter("ignore")
                content = bf.plots.png(plan.draw(), dpi=_DPI, colours=256)
                drawn.append(Drawn(plan.section, plan.title, plan.reading, plan.alt(), content))
        except (BayesfitError, ArithmeticError, ValueError, np.linalg.LinAlgError) as error:
            left_out.append(f"{plan.title}: {error}.".replace("..", "."))
    return drawn, left_out


def _plans(posterior, loo, comparison):
    yield from _of_parameters(posterior)
    data = posterior.target.data
    if posterior.classes:
        yield from _of_classes(posterior)
    elif data.kind == "numbers":
        yield from _of_numbers(posterior)
    if loo is not None:
        yield from _of_accuracy(loo)
    if comparison is not None:
        yield _Plan(
            "comparison",
            "Models compared",
            "The blue bar is the error of the difference to the best model, the one to judge by; inside the grey "
            "strip no model wins.",
            lambda: bf.plots.comparison(comparison),
            lambda: alternatives.of_comparison(comparison),
        )


def _shown(posterior) -> list[str]:
    """Return the parameters in pictures: those of the relation first, as many as can be told apart."""
    parameters = posterior.target.parameters
    generative = isinstance(posterior.target, ClassTarget | MixtureTarget)
    hidden = set() if generative else {p.name for p in parameters.parameters if p.hidden}
    names = [name for name in posterior.names if name.split("[")[0] not in hidden]
    return list(names or posterior.names)[:MOST_PARAMETERS]


def _of_parameters(posterior):
    names = _shown(posterior)
    yield _Plan(
        "parameters",
        "Parameters, each and in pairs",
        "On the diagonal the density of each parameter with its median and central 90 %; below it each pair: a tilted "
        "ellipse means that the data fix a combination of the two better than either.",
        lambda: bf.plots.corner(posterior, names=names),
        lambda: alternatives.of_parameters(posterior, names),
    )
    yield _Plan(
        "parameters",
        "Prior against posterior",
        "Where both curves look alike, the data have said little about that parameter, and the prior is the answer.",
        lambda: bf.plots.prior_posterior(posterior, names=names),
        lambda: alternatives.of_priors(posterior, names),
    )
    yield _Plan(
        "convergence",
        "Paths of the ensembles",
        "Each colour is an independent ensemble; all should wander over the same range, without trend, and their "
        "densities lie on top of each other.",
        lambda: bf.plots.trace(posterior, names=names[:6]),
        lambda: alternatives.of_chains(posterior, names[:6]),
    )


def _of_numbers(posterior):
    several = posterior.target.data.n_features > 1
    yield _Plan(
        "fit",
        "Observed against predicted labels" if several else "Data and prediction",
        "Points should scatter about the line of equality, without a bend."
        if several
        else "The line is the expected label, the blue bands where it lies; the grey band holds nine in ten new labels "
        "of a row with the median error, exposure and whatever else differs from row to row. Points of rows that are "
        "unlike it may lie elsewhere.",
        lambda: _predictive(posterior, several),
        lambda: alternatives.of_prediction(posterior),
    )
    yield _Plan(
        "fit",
        "Residuals",
        "Where each label falls among those predicted for its row, as a standard normal deviate: Φ⁻¹(P(ỹ ≤ y)). A "
        "trend, a funnel, or clearly more than one in 370 beyond three speaks against the predictor or the noise; one "
        "in a small sample may be chance.",
        lambda: bf.plots.residuals(posterior),
        lambda: alternatives.of_residuals(posterior),
    )
    yield _check(posterior)


def _check(posterior):
    limits = posterior.target.data.limits
    if limits is not None and limits.any():
        return _Plan(
            "fit",
            "Labels among what the other rows predict",
            "The line should stay within the band: there each label, limits too, falls evenly over what the other rows "
            "predict for it.",
            lambda: bf.plots.predictive_check(posterior, kind="loo_pit"),
            lambda: alternatives.of_places(posterior),
        )
    return _Plan(
        "fit",
        "Replicated labels",
        "The line of the observed labels should stay within the bands of labels that the fitted model simulates.",
        lambda: bf.plots.predictive_check(posterior, kind="ecdf"),
        lambda: alternatives.of_replicates(posterior),
    )


def _predictive(posterior, several):
    try:
        return bf.plots.predictive(posterior, observed=not several)
    except BayesfitError:
        # of some models new labels cannot be simulated
        return bf.plots.predictive(posterior)


def _of_classes(posterior):
    target = posterior.target
    if target.data.n_features == 2:
        yield _Plan(
            "fit",
            "Classes over the features",
            "The colour is the most probable class, the stronger the surer; between the dashed lines the boundary is "
            "uncertain.",
            lambda: bf.plots.decision_boundary(posterior),
            lambda: alternatives.of_boundary(posterior),
        )
    if target.data.kind == "none" or not target.data.labelled.any() or isinstance(target, MixtureTarget):
        return
    two = len(posterior.classes) == 2
    for label in posterior.classes[-1:] if two else posterior.classes[:MOST_CLASSES]:
        yield from _of_class(posterior, label)


def _of_class(posterior, label):
    data = posterior.target.data
    labelled = data if data.labelled.all() else data[data.labelled]
    yield _Plan(
        "fit",
        f"Calibration of {label}",
        f"Rows that are given a probability of 0.8 should be {label} in 8 of 10 cases: points belong on the diagonal, "
        "within the bands.",
        lambda: bf.plots.calibration(posterior, labelled, positive=label),
        lambda: alternatives.of_calibration(posterior, labelled, label),
    )
    yield _Plan(
        "fit",
        f"Finding {label}",
        "The further the curve rises to the upper left the better the class is told from the others; the diagonal is "
        "guessing. Rows that were fitted make it look better than it is.",
        lambda: bf.plots.roc(posterior, labelled, positive=label),
        lambda: alternatives.of_roc(posterior, labelled, label),
    )


def _of_accuracy(loo):
    yield _Plan(
        "accuracy",
        "Leave-one-out terms",
        "Each point is how well a row is predicted by all others; rows far below the rest are those that the model "
        "did not expect.",
        lambda: bf.plots.loo(loo),
        lambda: alternatives.of_terms(loo),
    )
    yield _Plan(
        "accuracy",
        "Influence of single rows (Pareto k)",
        "Of a row above the line the draws cannot tell how well the others predict it, mostly because the fit leans on "
        "it; its term cannot be trusted. A limit that says next to nothing may lie there too, for a few "
        "draws that it nearly rules out.",
        lambda: bf.plots.khat(loo),
        lambda: alternatives.of_khat(loo),
    )


def _remarks(posterior):
    """Say which pictures this model does not have."""
    data, classes = posterior.target.data, posterior.classes
    hidden = len(posterior.names) - len(_shown(posterior))
    if hidden:
        yield (
            f"{hidden} of {len(posterior.names)} parameters, of the population or beyond the first "
            f"{MOST_PARAMETERS}, are in the table and not in the pictures."
        )
    if isinstance(posterior.target, MixtureTarget):
        yield "The rows have no labels, so there are no predictions of labels, residuals, calibration or ROC curves."
    elif classes:
        yield "Labels are classes, so there are no residuals; calibration and ROC curves stand in their place."
    if classes and data.n_features != 2:
        yield f"The boundary between classes is drawn for two features only; there are {data.n_features}."
    if classes and len(classes) > MOST_CLASSES and not isinstance(posterior.target, MixtureTarget):
        yield f"Calibration and ROC curves are those of the first {MOST_CLASSES} of {len(classes)} classes."
