"""Small faults, each put into a copy of the package on its own: file, text, text in its place, tests to ask first."""

from typing import NamedTuple

__all__ = ["MUTATIONS", "Mutation"]


class Mutation(NamedTuple):
    """One edit of one file; ``ask`` chooses among the quick tests by their names."""

    file: str
    old: str
    new: str
    ask: str


def _of(file, ask, *edits):
    return [Mutation(f"likelihoods/{file}.py" if "/" not in file else file[1:], old, new, ask) for old, new in edits]


MUTATIONS = [
    *_of(
        "gaussian",
        "gaussian or Gaussian",
        (" - len(data) * HALF_LOG_TWO_PI", ""),
        ("weighted**2 / precision - np.log(precision)", "weighted**2 / precision + np.log(precision)"),
        ('eigenvalues + np.square(values["scatter"])[:, None]', 'eigenvalues + values["scatter"][:, None]'),
        ("* np.sqrt(variance)) @ apart.back", "* variance) @ apart.back"),
        ("Apart(inverse.T, factor.T), 2.0 * np.log", "Apart(inverse.T, factor.T), np.log"),
        ("Apart(inverse.T, factor.T)", "Apart(inverse.T, factor)"),
    ),
    *_of(
        "normal_noise",
        "gaussian or Gaussian or asymmetric",
        ("residual += np.log(variance, out=variance)", "residual += 2 * np.log(variance, out=variance)"),
        ("residual += log_weight - HALF_LOG_TWO_PI", "residual += log_weight - 2 * HALF_LOG_TWO_PI"),
        ("- n_rows * HALF_LOG_TWO_PI", "- HALF_LOG_TWO_PI"),
        ("* (n_rows / variance.shape[-1])", ""),
        ("log_ndtr((high - centre) / sd)", "log_ndtr((centre - high) / sd)"),
        ("sd = np.sqrt(noise.total)", "sd = np.sqrt(noise.own)"),
        ("< left / (left + right)", "< right / (left + right)"),
        ("[_piece(-residual, left, smooth), _piece(residual,", "[_piece(residual, left, smooth), _piece(-residual,"),
        ("normal * np.sqrt(noise.own)", "normal * noise.own"),
    ),
    *_of(
        "student_t",
        "StudentT",
        ("self._dof(values)) - np.log(scale)", "self._dof(values))"),
        ("scale, dof = np.sqrt(noise.own), self._dof(values)", "scale, dof = noise.own, self._dof(values)"),
        ("* np.sqrt(self.noise(values, 0.0, data).own)", "* self.noise(values, 0.0, data).own"),
        ("part.own * inverse, part.spread", "part.own * inverse, 0.0"),
    ),
    *_of(
        "laplace",
        "Laplace",
        ("labels - eta, np.sqrt(noise.total)", "labels - eta, np.sqrt(noise.own)"),
        ('rng.laplace(scale=values["scale"][:, None]', 'rng.laplace(scale=2 * values["scale"][:, None]'),
        ("            low - eta,\n", "            eta - low,\n"),
        ("own * rng.standard_normal(eta.shape)", "own**2 * rng.standard_normal(eta.shape)"),
    ),
    *_of(
        "outliers",
        "OutlierMixture",
        ("member(eta, noise, np.log1p(-fraction))", "member(eta, noise, np.log(fraction))"),
        ("noise.scatter + np.square(scale), spread)", "np.square(scale), spread)"),
        ("member(centre + shift, outliers,", "member(centre, outliers,"),
        ("rng.uniform(size=eta.shape) < values", "rng.uniform(size=eta.shape) > values"),
        ("np.square(scale)", "scale"),
    ),
    *_of(
        "poisson",
        "Poisson or counting or rate or exposure or background or impossible",
        ("rows.exposure * eta + rows.background", "rows.exposure * (eta + rows.background)"),
        ("log_rate = eta + rows.log_exposure", "log_rate = eta - rows.log_exposure"),
        ("possible = rate >= 0", "possible = rate > 0"),
        ("(exposure > 0) & (exposure", "(exposure >= 0) & (exposure"),
        ("(background >= 0) & (background", "(background > 0) & (background"),
    ),
    *_of(
        "/counts.py",
        "Poisson or Binomial or counts or rate",
        ("-0.5 * np.log(many)", "0.5 * np.log(many)"),
        ("np.where(rate < 0, -np.inf, result)", "np.where(rate <= 0, -np.inf, result)"),
        ("np.where(count < trials, misses, 0.0)", "np.where(count <= trials, misses, 0.0)"),
        ("trials - count) * (log_q", "trials - count + 1) * (log_q"),
    ),
    *_of(
        "binomial",
        "Binomial or counting or impossible",
        ("log_share(eta), log_share(-eta)", "log_share(-eta), log_share(eta)"),
        ("(data.y > trials)", "(data.y >= trials)"),
        ("np.where(known, share, 0.0)", "np.where(known, 1 - share, 0.0)"),
        ("(trials >= 1) &", "(trials > 1) &"),
    ),
    *_of(
        "bernoulli",
        "Bernoulli or logit or probit",
        ("np.log1p(-2 * rate)", "np.log1p(-rate)"),
        ("-sum_softplus(-_signs(data) * eta)", "-sum_softplus(_signs(data) * eta)"),
        ("mean / np.sqrt(1.0 + variance)", "mean / (1.0 + variance)"),
        ("2.0 * class_codes(data) - 1.0", "1.0 - 2.0 * class_codes(data)"),
        ("rate + (1 - 2 * rate) * probability", "rate + (1 - rate) * probability"),
        ('log_logistic if self.link == "logit" else log_ndtr', 'log_ndtr if self.link == "logit" else log_logistic'),
    ),
    *_of(
        "categorical",
        "three or classes",
        ("np.log(rate / others)", "np.log(rate)"),
        ("rng.integers(1, n_classes", "rng.integers(0, n_classes"),
    ),
    *_of(
        "softmax_normal",
        "three or classes",
        ("np.maximum(codes - 1, 0)", "np.maximum(codes - 2, 0)"),
        ("total = np.exp(-top)", "total = np.zeros_like(top)"),
        ("np.exp(-step * (start + 0.5 * step))", "np.exp(-step * (start - 0.5 * step))"),
    ),
    *_of(
        "concave",
        "concave",
        ("top - _NOTHING", "top - 0.1 * _NOTHING"),
        ("length * sharpness > 2 * n * _FINE", "length * sharpness > 20 * n * _FINE"),
        ("* length / (2 * n)", "* length / n"),
    ),
    *_of(
        "location",
        "Gaussian or Laplace or gaussian or truncat",
        ("return self.minus + self.scatter\n", "return self.minus\n"),
        ("terms = terms - self.untruncated", "terms = terms + self.untruncated"),
        ("return square[:, 0], square[:, 1]", "return square[:, 1], square[:, 0]"),
        ('scatter = np.square(values["scatter"])[:, None]', 'scatter = values["scatter"][:, None]'),
        ("(data.y > low) & (data.y < high)", "(data.y >= low) & (data.y < high)"),
        ("data.labelled & (np.abs(data.y) > _LARGEST)", "data.labelled & (data.y > _LARGEST)"),
    ),
    *_of(
        "scale_mixture",
        "StudentT or scale",
        ("part += log_norm - half * _excess(u)", "part += log_norm - 2 * half * _excess(u)"),
        ("np.minimum(turn, -np.log(np.maximum(wide, 1.0)))", "turn"),
        ("part - half * step - np.log", "part - np.log"),
        ("np.isinf(wide), _CONSTANT, np.inf", "np.isinf(wide), _CONSTANT, _CONSTANT"),
        ("far / _MOST_NODES)\n", "far / 5)\n"),
    ),
    *_of(
        "quadrature",
        "StudentT or Poisson",
        ("np.log(self.step) - HALF_LOG_TWO_PI", "np.log(self.step)"),
        ("(2e4 if analytic else 1e2) * TOLERANCE", "1e12 * TOLERANCE"),
    ),
    *_of(
        "quadrature",
        "quadrature",
        ("analytic=self.straight and self.likelihood.smooth", "analytic=True"),
        ("grid.outside > grid.highest - _NOTHING", "grid.outside > np.inf"),
        (" | (self.seen >= self.top - _NOTHING)", ""),
    ),
    *_of(
        "doubling",
        "doubling or plane or normal_term or density",
        ("- 0.5 * t**2", "- t**2"),
        ("np.abs(one - other) < tolerance", "np.abs(one - other) < 1e3"),
        ("reach *= 2.0", "break"),
    ),
    *_of(
        "/densities.py",
        "densit or StudentT or Laplace or student or laplace",
        ("tail = 0.5 * (dof + 1) *", "tail = 0.5 * dof *"),
        ("- np.log(2 * scale)", "- np.log(scale)"),
        ("_log_integral(low[narrow], high[narrow])", "_log_integral(low[narrow], low[narrow])"),
    ),
]  # fmt: skip
