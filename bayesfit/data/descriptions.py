"""What a data set holds, said in plain sentences."""

from collections import Counter

import numpy as np

__all__ = ["describe", "summary"]


def describe(data) -> list[str]:
    """Return one sentence for each thing worth knowing before a fit."""
    return [*_shape(data), *_gaps(data), *_labels(data), *_errors(data), *_further(data)]


def summary(data) -> str:
    """Return one line: rows, features, label, and what else is given."""
    line = ", ".join(data.names) if data.n_features < 5 else f"{data.n_features} features"
    if data.kind != "none":
        line += f" -> {data.label}"
    given = [name for name in ("x_err", "y_err", "xy_cov", "y_cov") if getattr(data, name) is not None]
    if data.limits is not None and data.limits.any():
        given.append("limits")
    return f"Data({_rows(data.size)}: {', '.join([line, *given])})"


def _shape(data):
    features = "1 feature" if data.n_features == 1 else f"{data.n_features} features"
    shown = ", ".join(_with_unit(data, name) for name in data.names[:10])
    yield f"{_rows(data.size)}, {features}: {shown}{', ...' if data.n_features > 10 else ''}."
    if data.duplicates:
        verb = "repeats" if data.duplicates == 1 else "repeat"
        yield (f"{_rows(data.duplicates)} {verb} an earlier row exactly; errors shrink too far if that was not meant.")


def _gaps(data):
    for name, count in zip(data.names, data.missing.sum(axis=0), strict=True):
        if count:
            yield f"Feature {name} is missing in {_rows(count)}."


def _labels(data):
    if data.kind == "none":
        yield "There are no labels."
        return
    label = _with_unit(data, data.label)
    missing = data.size - int(data.labelled.sum())
    if missing:
        yield f"Label {label} is missing in {_rows(missing)}."
    if data.kind == "classes":
        found = Counter(data.y.tolist())
        counts = {name: found[name] for name in data.classes}
        yield (
            f"Label {label} has {len(counts)} classes:"
            f" {', '.join(f'{name} ({_rows(count)})' for name, count in counts.items())}."
        )
        return
    y = data.y[data.labelled]
    if y.size:
        yield f"Label {label} lies between {y.min():.6g} and {y.max():.6g}."
    for flag, name in ((1, "an upper limit"), (-1, "a lower limit"), (2, "an interval")):
        count = int((data.limits == flag).sum())
        if count:
            yield f"Label {label} is {name} in {_rows(count)}."


def _errors(data):
    if data.x_err is not None:
        x_err = data.x_err if data.x_err.ndim == 2 else np.sqrt(np.einsum("nii->ni", data.x_err))
        for place, name in enumerate(data.names):
            errors = x_err[~data.missing[:, place], place]
            if errors.size and errors.max() > 0:
                yield f"Errors of {name} {_range(errors)}."
    if data.y_cov is not None:
        yield "The labels have a joint covariance matrix (y_cov)."
    if data.y_err is not None:
        used = data.y_err[np.isfinite(data.y_err) & (data.y_err > 0)]
        if used.size:
            kind = "Asymmetric errors" if data.y_err.ndim == 2 else "Errors"
            yield f"{kind} of the label {_range(used)}."
    elif data.kind == "numbers" and data.y_cov is None:
        yield "The label has no errors."
    if data.xy_cov is not None:
        yield "Errors of features and label are correlated (xy_cov)."


def _range(errors):
    low, high = f"{errors.min():.3g}", f"{errors.max():.3g}"
    return f"are all {low}" if low == high else f"lie between {low} and {high}"


def _further(data):
    if data.columns:
        yield f"Further columns: {', '.join(_with_unit(data, name) for name in data.columns)}."


def _with_unit(data, name):
    return f"{name} [{data.units[name]}]" if name in data.units else name


def _rows(count):
    return "1 row" if count == 1 else f"{count} rows"
