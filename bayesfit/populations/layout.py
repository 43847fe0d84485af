"""The parameters of Gaussian populations, one or several side by side: x_mean, x_sd, x_corr and x_slope."""

from itertools import combinations
from typing import NamedTuple

import numpy as np

from bayesfit.parameters import Parameter
from bayesfit.populations.base import Features
from bayesfit.priors import LKJ, LogNormal, Normal, Ordered
from bayesfit.scales import feature_centres, feature_spreads
from bayesfit.supports import Correlation, Interval

__all__ = ["Anchors", "Tightness", "class_anchors", "gaussian_of", "gaussian_parameters"]

#: difference of two classes' centres, in units of their spreads, from which their components are told apart by it
_APART = 0.5


class Tightness(NamedTuple):
    """Default priors of the components of a mixture.

    x_mean ~ Normal(m, reach · s), ln x_sd ~ Normal(ln s/√n, width), x_weight ~ Dirichlet(concentration, …).
    """

    reach: float
    width: float
    concentration: float


class Anchors(NamedTuple):
    """Where components are expected: the centres (K, q) and spreads (K, q) of the noisy features of each class."""

    centres: np.ndarray
    spreads: np.ndarray


def class_anchors(features: Features, n: int) -> Anchors | None:
    """Return an anchor for each of ``n`` classes of the labels; None where the classes do not tell components apart.

    They do where there are as many of them, and every two differ in some noisy feature.
    """
    data = features.data
    if data.classes is None or len(data.classes) != n:
        return None
    rows = [np.flatnonzero(data.labels == name) for name in data.classes]
    if any((~data.missing[members]).sum(axis=0).min() < 2 for members in rows):
        return None
    groups = [data[members] for members in rows]
    centres = np.stack([feature_centres(group)[features.noisy] for group in groups])
    spreads = np.stack([feature_spreads(group)[features.noisy] for group in groups])
    for k, j in combinations(range(n), 2):
        if not (np.abs(centres[k] - centres[j]) > _APART * (spreads[k] + spreads[j]) / 2).any():
            return None
    return Anchors(centres, spreads)


def gaussian_parameters(
    features: Features, parts=None, tightness: Tightness | None = None, anchors: Anchors | None = None
) -> tuple[Parameter, ...]:
    """Return the parameters of one Gaussian, or of one for each of several parts.

    Parameters
    ----------
    features : Features
    parts : (dim, labels), optional
        The name and the labels of the axis along which there are several Gaussians.
    tightness : Tightness, optional
        Given for the components of a mixture, which are told apart by the order of their means in the first noisy
        feature, unless they have anchors.
    anchors : Anchors, optional
        Where each component of a mixture is expected.
    """
    data, noisy = features.data, features.noisy
    names, exact = (tuple(np.array(data.names, dtype=object)[chosen]) for chosen in (noisy, ~noisy))
    centres, spreads = feature_centres(data), feature_spreads(data)
    lone = data.n_features == 1
    lead_dims, lead = ((parts[0],), (tuple(parts[1]),)) if parts else ((), ())
    dims, coords = (lead_dims, lead) if lone else ((*lead_dims, "noisy_feature"), (*lead, names))
    n_parts = len(parts[1]) if parts else 1
    reach, width = (tightness.reach, tightness.width) if tightness else (10.0, 1.0)
    ordered = tightness is not None and anchors is None
    narrower = np.sqrt(n_parts) if ordered else 1.0
    if anchors is None:
        anchors = Anchors(*(np.tile(values[noisy], (n_parts, 1)) for values in (centres, spreads)))
    where = zip(anchors.centres.ravel(), anchors.spreads.ravel(), strict=True)
    means = [Normal(float(m), reach * float(s)) for m, s in where]
    widths = [LogNormal(float(np.log(s / narrower)), width) for s in anchors.spreads.ravel()]
    units = {data.units.get(name, "") for name in names}
    unit = units.pop() if len(units) == 1 else ""
    mean = Parameter("x_mean", means, dims, coords, unit=unit, hidden=True)
    first = mean.elements[:: 1 if lone else len(names)]
    made = [
        Parameter(
            "x_mean",
            means,
            dims,
            coords,
            _centring(mean.elements, names, exact, centres[~noisy]),
            joint=((first, Ordered(means[0], n_parts)),) if ordered else (),
            unit=unit,
            hidden=True,
        ),
        Parameter("x_sd", widths, dims, coords, bounds=Interval(0.0, np.inf), unit=unit, hidden=True),
    ]
    if len(names) > 1:
        made.append(_correlations(names, lead_dims, lead))
    if exact:
        slopes = [Normal(0.0, 10 * s / e) for s in spreads[noisy] for e in spreads[~noisy]]
        made.append(Parameter("x_slope", slopes, ("noisy_feature", "exact_feature"), (names, exact), hidden=True))
    return tuple(made)


def _centring(elements, names, exact, centres):
    """The mean at the centre of the exact features."""
    if not exact:
        return {}
    return {
        element: {f"x_slope[{names[i % len(names)]}, {e}]": float(c) for e, c in zip(exact, centres, strict=True)}
        for i, element in enumerate(elements)
    }


def _correlations(names, lead_dims, lead):
    rows, columns = np.tril_indices(len(names), -1)
    pairs = tuple(f"{names[k]}:{names[j]}" for j, k in zip(rows, columns, strict=True))
    dims, coords = (*lead_dims, "noisy_pair"), (*lead, pairs)
    bare = Parameter("x_corr", dims=dims, coords=coords)
    groups = [bare.elements[i : i + len(pairs)] for i in range(0, len(bare.elements), len(pairs))]
    joint = tuple((group, LKJ(len(names))) for group in groups)
    return Parameter("x_corr", dims=dims, coords=coords, joint=joint, bounds=Interval(-1.0, 1.0), hidden=True)


def gaussian_of(values, features: Features | None = None, part: int | None = None):
    """Return mean (W, 1 or N, q) and covariance (W, q, q) of the true features, of one part where there are several.

    The ``features`` are needed only where the mean depends on exact ones.
    """
    mean, sd = (values[name] if part is None else values[name][:, part] for name in ("x_mean", "x_sd"))
    lone = mean.ndim == 1
    mean, sd = (mean[:, None], sd[:, None]) if lone else (mean, sd)
    cov = sd[:, :, None] * sd[:, None, :]
    if "x_corr" in values:
        correlations = values["x_corr"] if part is None else values["x_corr"][:, part]
        cov = cov * Correlation(sd.shape[1]).matrix(correlations)
    mean = mean[:, None, :]
    if features is not None and "x_slope" in values:
        mean = mean + np.einsum("wje,ne->wnj", values["x_slope"], features.exact)
    return mean, cov
