"""A look at data and model before fitting: what will be done, and what looks like a mistake."""

import sys
import warnings
from typing import NamedTuple

import numpy as np
from scipy.special import gammainc, gammaincc

from bayesfit.errors import BayesfitWarning, ModelError, rows_text
from bayesfit.populations import Normal
from bayesfit.predictors import Linear
from bayesfit.priors import Fixed, Ordered, Prior
from bayesfit.scales import feature_centres, feature_spreads
from bayesfit.targets import MixtureTarget, RegressionTarget, Target

__all__ = ["Finding", "announce", "audit"]

#: probability below which a coincidence is no explanation
_UNLIKELY = 1e-6
#: numbers that stand for a missing value in many tables, of either sign
_MARKS = np.array([99.0, 999.0, 9999.0, 99999.0, 99.9, 999.9, 9999.9, 99.99, 999.99, 1e20, 1e30])
#: distance from all other values, in units of their range, from which on such a number counts as a mark
_APART = 5
#: condition number of the centred and scaled features from which on they count as collinear
_COLLINEAR = 1e6


class Finding(NamedTuple):
    """A sentence, and whether it speaks of a probable mistake."""

    text: str
    suspicious: bool = False


def audit(target: Target) -> tuple[Finding, ...]:
    """Return what a careful colleague would say of the data and the model before fitting.

    Raises
    ------
    ModelError
        Where a feature is constant beside other features and a free intercept.
    """
    findings = [*(Finding(text) for text in target.data.describe()), *_marks(target.data)]
    if isinstance(target, RegressionTarget):
        findings += [Finding(text) for text in target.likelihood.explain(target.data)]
        findings += [*_population(target), *_features(target), *_labels(target), *_pivot(target)]
    if isinstance(target, MixtureTarget):
        findings += _components(target)
    return tuple(findings)


def announce(findings: tuple[Finding, ...], show: bool) -> None:
    """Print the findings to standard error if asked to; warn of the suspicious ones in any case."""
    for finding in findings:
        if finding.suspicious:
            warnings.warn(finding.text, BayesfitWarning, stacklevel=4)
        elif show:
            print(f"  {finding.text}", file=sys.stderr)


def _marks(data):
    """Marks for missing values that nobody declared."""
    columns = dict(zip(data.names, data.x.T, strict=True))
    if data.kind == "numbers":
        columns[data.label] = data.y
    for name, values in columns.items():
        others, marks = values[~np.isnan(values)], []
        while others.size and (ends := [end for end in (others.min(), others.max()) if _is_mark(end)]):
            marks += ends[:1]
            others = others[others != ends[0]]
        low, high = others.min(initial=np.inf), others.max(initial=-np.inf)
        for mark in marks:
            if max(low - mark, mark - high) > _APART * (high - low) > 0:
                yield Finding(
                    f"{name} is {mark:.7g} in {rows_text(np.flatnonzero(values == mark))}, far from all other values: "
                    "a mark for a missing value? Leave it empty or NaN",
                    True,
                )


def _is_mark(value):
    # single precision keeps seven digits of 99.9
    return np.isclose(abs(value), _MARKS, rtol=1e-6, atol=0).any()


def _population(target):
    if target.population is None:
        return
    names = ", ".join(np.array(target.data.names, dtype=object)[target.noisy])
    yield Finding(f"True values of {names} are integrated over the population {target.population!r}.")
    if target.data.x_err is None:
        return
    square = target.data.x_cov()
    for j in np.flatnonzero(target.noisy):
        sizes, rows = np.sqrt(square[:, j, j]), ~target.data.missing[:, j]
        yield from _too_close(target.data.names[j], target.data.x[rows, j], sizes[rows])
        if not isinstance(target.population, Normal):
            continue
        r = _correlation(sizes[rows], target.data.x[rows, j])
        if abs(r) > 0.2 and abs(np.arctanh(r)) * np.sqrt(max(rows.sum() - 3, 0)) > 4:
            yield Finding(
                f"x_err: the errors of {target.data.names[j]} are correlated with its value (r = {r:.2f}), which "
                "biases a single Gaussian population; populations.NormalMixture(3) does better",
                True,
            )


def _too_close(name, values, errors):
    """Values scatter by their errors at least, whatever the true ones are."""
    values, errors = values[errors > 0], errors[errors > 0]
    if len(values) < 2:
        return
    weights = errors.min() ** 2 / errors**2
    chi2 = float((((values - np.average(values, weights=weights)) / errors) ** 2).sum())
    dof = len(values) - 1
    if gammainc(dof / 2, chi2 / 2) < _UNLIKELY:
        yield Finding(
            f"x_err: {name} scatters far less than its errors alone would make it (χ²/dof = {chi2 / dof:.2g}); are the "
            "errors in another unit, or in percent?",
            True,
        )


def _components(target):
    """Components that nothing tells apart: whatever is said of one of them is true of all."""
    n, parameters = len(target.classes), target.parameters
    elements = np.hstack([np.reshape(parameters[name].elements, (n, -1)) for name in ("x_mean", "x_sd")])
    said = [[repr(parameters.prior_of(element)) for element in part] for part in elements]
    ordered = any(isinstance(block.prior, Ordered) for block in parameters.blocks)
    if n > 1 and not ordered and all(part == said[0] for part in said):
        yield Finding(
            f"x_mean: all {n} components have the same priors, within bounds: nothing tells them apart, and each may "
            "turn out to be any of them; give x_mean a prior on the whole line, or each component one of its own",
            True,
        )


def _correlation(a, b):
    if len(a) < 4 or np.std(a) <= 1e-12 * np.abs(a).max() or np.std(b) == 0:
        return 0.0
    return float(np.clip(np.corrcoef(a, b)[0, 1], -0.999999, 0.999999))


def _features(target):
    data = target.data
    centres = feature_centres(data)
    centred = np.where(data.missing, 0.0, data.x - centres)
    constant = np.flatnonzero(~target.data.noisy & (np.abs(centred).max(axis=0) <= 1e-14 * np.abs(centres)))
    if constant.size and isinstance(target.predictor, Linear) and "intercept" in target.names:
        name = data.names[constant[0]]
        text = f"x: the feature {name} is the same in all rows, so its slope is not identified beside the intercept"
        if data.n_features > 1:
            raise ModelError(f"{text}; leave it out, or fix the intercept: priors={{'intercept': 0}}")
        yield Finding(f"{text}: only the prior tells them apart", True)
    elif data.n_features > 1 and isinstance(target.predictor, Linear) and len(data) > data.n_features:
        scaled = centred / feature_spreads(data)
        _, singular, directions = np.linalg.svd(scaled, full_matrices=False)
        if singular[-1] * _COLLINEAR < singular[0]:
            involved = [n for n, weight in zip(data.names, np.abs(directions[-1]), strict=True) if weight > 0.1]
            condition = singular[0] / singular[-1] if singular[-1] else np.inf
            yield Finding(
                f"x: {' and '.join(involved)} are collinear (condition number {condition:.1g} after centring and "
                "scaling): only a combination of their slopes is determined by the data",
                True,
            )


def _labels(target):
    data = target.rows
    if data.limits is not None and (data.limits != 0).all():
        yield Finding("limits: no label was measured, so the data hardly determine any scale: the priors do", True)
    if data.kind != "numbers" or (data.y % 1 == 0).all():
        return
    if target.data.duplicates >= 0.25 * len(data):
        yield Finding(
            f"{len(data)} rows, {target.data.duplicates} exact duplicates (x, y, y_err): if rows were entered twice, "
            "errors come out too small",
            True,
        )
    if data.y_err is None or data.y_err.ndim != 1:
        return
    fit = target.least_squares_residuals()
    if fit is None or "scatter" in target.names or target.population is not None:
        return
    # selected labels scatter less than their errors, and about something else
    if target.likelihood.window_rows(data) is not None:
        return
    residuals, rows, n_fitted = fit
    measured = rows.limits == 0
    dof = int(measured.sum()) - n_fitted
    if dof < 1:
        return
    errors = rows.y_err[measured]
    chi2 = float(np.sum((residuals[measured] / errors) ** 2))
    yield Finding(f"Least squares: χ² = {chi2:.4g} for {dof} degrees of freedom (reduced {chi2 / dof:.3g}).")
    yield from _chi2(chi2, dof, float(np.sum(residuals[measured] ** 2 / errors)))


def _chi2(chi2, dof, chi2_of_roots):
    too_small, too_large = gammainc(dof / 2, chi2 / 2), gammaincc(dof / 2, chi2 / 2)
    if min(too_small, too_large) > _UNLIKELY:
        return
    if min(gammainc(dof / 2, chi2_of_roots / 2), gammaincc(dof / 2, chi2_of_roots / 2)) > 0.01:
        yield Finding(
            "y_err: the errors look like variances: their square roots would fit the scatter of the labels", True
        )
    elif too_small < _UNLIKELY:
        yield Finding(
            f"y_err: the labels scatter far less than their errors say (χ²/dof = {chi2 / dof:.2g}); are the errors in "
            "another unit, or in percent?",
            True,
        )
    else:
        yield Finding(
            f"The labels scatter more than their errors say (χ²/dof = {chi2 / dof:.3g}): consider scatter=True, "
            "outliers, or another predictor."
        )


def _pivot(target):
    """A prior of the intercept at x = 0 that was meant for the middle of the data."""
    if not isinstance(target.predictor, Linear) or "intercept" not in target.names or "slope" not in target.names:
        return
    block = next(block for block in target.parameters.blocks if "intercept" in block.names)
    guess = target.start_guess().get("intercept")
    if block.is_default or guess is None or not isinstance(block.prior, Prior) or isinstance(block.prior, Fixed):
        return
    if not block.prior.proper:
        return
    low, high = block.prior.quantile(np.array([1e-5, 1 - 1e-5]))
    far = abs(feature_centres(target.data)[0]) / feature_spreads(target.data)[0]
    if far > 10 and not low < guess < high:
        yield Finding(
            f"priors['intercept']: {block.prior!r} speaks of x = 0, which is {far:.3g} standard deviations of x away "
            f"from the data (least squares puts it at {guess:.4g}); give the predictor a pivot, such as "
            f"Linear(pivot={feature_centres(target.data)[0]:.6g})",
            True,
        )
