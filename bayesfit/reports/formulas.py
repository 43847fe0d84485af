"""The model in words, and as a formula in plain HTML."""

from typing import NamedTuple

from markupsafe import Markup

from bayesfit.posterior import Posterior
from bayesfit.reports.laws import law_of
from bayesfit.reports.markup import html
from bayesfit.reports.relations import relation_of
from bayesfit.reports.windows import limits_of, truncation_of
from bayesfit.targets import ClassTarget, MixtureTarget

__all__ = ["ModelText", "model_of"]


class ModelText(NamedTuple):
    """A model for reading.

    Attributes
    ----------
    sentences : tuple of str
    formulas : tuple of Markup
        Safe HTML; names of the user's are escaped.
    code : str
        The call that makes the model.
    """

    sentences: tuple[str, ...]
    formulas: tuple[Markup, ...]
    code: str


def model_of(posterior: Posterior) -> ModelText:
    """Return the words and the formulas of a posterior's model."""
    target = posterior.target
    if isinstance(target, MixtureTarget):
        return _mixture(target)
    return _classes(target) if isinstance(target, ClassTarget) else _regression(target)


def _mixture(target) -> ModelText:
    words = (
        f"A mixture of {len(target.classes)} groups, each with a Gaussian population of true features; "
        f"{_integrated(target)}."
    )
    formula = html("p(<i>x</i><sub>i</sub>) = Σ<sub>k</sub> <i>w</i><sub>k</sub> {}", _population(target))
    return ModelText((words,), (formula,), repr(target.model))


def _classes(target) -> ModelText:
    words = (
        f"Each class ({', '.join(map(str, target.classes))}) has a share and a Gaussian population of true features; "
        f"{_integrated(target)}. What is said of a row's class follows by Bayes' rule."
    )
    formula = html("p(<i>x</i><sub>i</sub>, class k) = π<sub>k</sub> {}", _population(target))
    return ModelText((words,), (formula,), repr(target.model))


def _integrated(target) -> str:
    if target.data.x_err is None:
        return "gaps are integrated out"
    return "the rows' own errors, of covariance S, and gaps are integrated out"


def _population(target) -> Markup:
    """Return the law of the measured features in one class."""
    errors = "" if target.data.x_err is None else html(" + S<sub>i</sub>")
    return html("Normal(<i>x</i><sub>i</sub>; μ<sub>k</sub>, Σ<sub>k</sub>{})", errors)


def _regression(target) -> ModelText:
    rows = target.rows
    relation, eta = relation_of(target.predictor, rows)
    law = law_of(target.likelihood, rows)
    windows = [*limits_of(rows), *truncation_of(target)]
    sentences = (
        f"{law.subject} is {relation}",
        law.sentence,
        *_of_features(target),
        *(words for words, _ in windows),
    )
    formulas = (eta, law.formula, *(formula for _, formula in windows))
    return ModelText(sentences, formulas, f"{target.predictor!r}, {target.likelihood!r}")


def _of_features(target):
    if target.population is None:
        return
    noisy = ", ".join(name for name, is_noisy in zip(target.data.names, target.noisy, strict=True) if is_noisy)
    yield (
        f"True values of {noisy} are not known exactly; they come from the population {target.population!r}, "
        "over which the likelihood is integrated."
    )
    if target.data.xy_cov is not None:
        yield "Errors of features and label are correlated (xy_cov), and integrated over together."
