"""Labels that selection lets through: drawn again until they fall inside the window, or by the law inside it."""

from collections.abc import Callable

import numpy as np

__all__ = ["drawn_inside"]

#: values drawn at a time, the most of one label, and rounds after which the law inside the window is asked: at once
#: where it is known, and late where it has to be made of draws
_AT_ONCE, _COPIES, _FIRST_ROUNDS, _ROUNDS = 100_000, 1000, 4, 60
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
    for attempt in range(_ROUNDS):
        vectors, rows = np.flatnonzero(outside.any(axis=1)), np.flatnonzero(outside.any(axis=0))
        if not vectors.size:
            return found
        place, bound = np.ix_(vectors, rows), rows_of(rows)
        if attempt == _FIRST_ROUNDS and bound.normal_eta(_some(values, vectors[:1])) is not None:
            break
        low, high = bound.likelihood.window(bound.data)
        copies = int(np.clip(_AT_ONCE // (len(vectors) * len(rows)), 1, _COPIES))
        drawn = bound.simulate(_some(values, np.tile(vectors, copies)), rng).reshape(copies, len(vectors), len(rows))
        inside = (drawn > low) & (drawn < high)
        first = np.take_along_axis(drawn, inside.argmax(axis=0)[None], axis=0)[0]
        found[place] = np.where(outside[place] & inside.any(axis=0), first, found[place])
        outside[place] &= ~inside.any(axis=0)
    for row in np.flatnonzero(outside.any(axis=0)):
        vectors, bound = np.flatnonzero(outside[:, row]), rows_of(np.array([row]))
        found[vectors, row] = _inverted(bound, _some(values, vectors), *bound.likelihood.window(bound.data), rng)[:, 0]
    return found


def _some(values, vectors):
    return {name: array[vectors] for name, array in values.items()}


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
    labels, laws = bound.labels, bound.normal_eta(values)
    if laws is None:
        laws = ((0.0, (bound.draw_eta(values, rng), 0.0, None)) for _ in range(_CANDIDATES))

    def judged(eta, spread, shift):
        noise = likelihood.noise(values, spread, labels, shift)
        return eta, noise, likelihood.log_interval(values, low, high, eta, noise)

    taken: list[np.ndarray] = []
    best = -np.inf
    for log_weight, law in laws:
        eta, _, inside = judged(*law)
        # the largest of logarithms with Gumbel's noise is a draw in proportion to the numbers
        drawn = log_weight + inside + rng.gumbel(size=inside.shape)
        parts = [np.broadcast_to(part, inside.shape) for part in (eta, law[1], *(law[2] or ()))]
        better = drawn > best
        taken = parts if not taken else [np.where(better, *pair) for pair in zip(parts, taken, strict=True)]
        best = np.fmax(best, drawn)
    eta, spread, *shift = taken
    return judged(eta, spread if spread.any() else 0.0, tuple(shift) or None)
