"""Labels that selection lets through: drawn again until they fall inside the window, or by the law inside it."""

from collections.abc import Callable

import numpy as np

__all__ = ["drawn_inside"]

#: values drawn at a time, the most of one label, and rounds after which the law inside the window is asked
_AT_ONCE, _COPIES, _ROUNDS = 100_000, 1000, 4
#: η drawn for a label that is hardly ever inside, of which one is taken
_CANDIDATES = 1000
#: halvings, and how far from a single end a label is looked for, as powers of e of its distance from η
_HALVINGS, _POWERS = 40, 60.0


def drawn_inside(rows_of: Callable, values, n_rows: int, rng: np.random.Generator) -> np.ndarray:
    """Return labels (W, N) as they would be measured, between the ends of the likelihood's window.

    Parameters
    ----------
    rows_of : callable
        Of the numbers of n rows returns these, bound, as `ExactRows` or `NoisyRows`, with a `Location` likelihood.
    values : mapping
        Parameters (W,) or (W, …) by name.
    n_rows : int
        N.
    rng : Generator

    Notes
    -----
    Labels are drawn without regard to the window until they fall inside it.  Those that hardly ever do are drawn from
    the law inside: F(y) = u, by bisection of P(low < y' < y | η) / P(low < y' < high | η) in logarithms, which is exact
    where η is known or normal; of other η that noisy features leave uncertain, one of a thousand draws is taken, with a
    chance in proportion to P(low < y < high | η).
    """
    shape = len(next(iter(values.values()))), n_rows
    found, outside = np.empty(shape), np.ones(shape, dtype=bool)
    for attempt in range(_ROUNDS + 1):
        vectors, rows = np.flatnonzero(outside.any(axis=1)), np.flatnonzero(outside.any(axis=0))
        if not vectors.size:
            break
        place, bound = np.ix_(vectors, rows), rows_of(rows)
        low, high = bound.likelihood.window(bound.data)
        if attempt == _ROUNDS:
            some = {name: array[vectors] for name, array in values.items()}
            found[place] = np.where(outside[place], _inverted(bound, some, low, high, rng), found[place])
            break
        copies = int(np.clip(_AT_ONCE // (len(vectors) * len(rows)), 1, _COPIES))
        many = {name: array[np.tile(vectors, copies)] for name, array in values.items()}
        drawn = bound.simulate(many, rng).reshape(copies, len(vectors), len(rows))
        inside = (drawn > low) & (drawn < high)
        first = np.take_along_axis(drawn, inside.argmax(axis=0)[None], axis=0)[0]
        found[place] = np.where(outside[place] & inside.any(axis=0), first, found[place])
        outside[place] &= ~inside.any(axis=0)
    return found


def _inverted(bound, values, low, high, rng):
    """Return labels (V, n) from the law between ``low`` and ``high`` (n,)."""
    likelihood = bound.likelihood.untruncated
    eta, noise, total = _likely_eta(bound, likelihood, values, low, high, rng)
    wanted = np.log(rng.uniform(size=eta.shape)) + total
    # the place of y is even between two ends, and even in the logarithm of its distance from a single one
    from_low = np.isfinite(low)
    end = np.where(from_low, low, high)
    one_sided = ~(from_low & np.isfinite(high))
    width = np.where(one_sided, np.abs(eta - end) + np.sqrt(noise.total), high - end)
    sign = np.where(from_low, 1.0, -1.0)

    def label(place):
        return end + sign * width * np.where(one_sided, np.exp(_POWERS * (2.0 * place - 1.0)), place)

    near, far = np.zeros(eta.shape), np.ones(eta.shape)
    for _ in range(_HALVINGS):
        middle = 0.5 * (near + far)
        y = label(middle)
        # between the end and y, on whichever side of it
        held = likelihood.log_interval(values, np.where(from_low, low, y), np.where(from_low, y, high), eta, noise)
        beyond = held > wanted
        near, far = np.where(beyond, near, middle), np.where(beyond, middle, far)
    return label(0.5 * (near + far))


def _likely_eta(bound, likelihood, values, low, high, rng):
    """Return η (V, n) of labels inside the window, or its mean, the noise about it, and ln of the chance inside."""
    laws, labels = bound.normal_eta(values), bound.labels
    if laws is None:
        laws = [(0.0, (bound.draw_eta(values, rng), 0.0, None)) for _ in range(_CANDIDATES)]

    def judged(eta, spread, shift):
        noise = likelihood.noise(values, spread, labels, shift)
        return eta, noise, likelihood.log_interval(values, low, high, eta, noise)

    if len(laws) == 1:
        return judged(*laws[0][1])
    # the largest of logarithms with Gumbel's noise is a draw in proportion to the numbers
    scores = [weight + judged(*law)[2] for weight, law in laws]
    best = np.argmax([score + rng.gumbel(size=score.shape) for score in scores], axis=0)[None]

    def of_best(parts):
        return np.take_along_axis(np.stack(np.broadcast_arrays(*parts, scores[0])[:-1]), best, axis=0)[0]

    eta, spread = of_best([law[0] for _, law in laws]), of_best([law[1] for _, law in laws])
    shifts = [law[2] for _, law in laws if law[2] is not None]
    shift = tuple(of_best([each[k] for each in shifts]) for k in range(2)) if shifts else None
    return judged(eta, spread if spread.any() else 0.0, shift)
