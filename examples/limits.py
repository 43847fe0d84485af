"""Upper limits: what it costs to leave non-detections out, and what they say when they stay in.

What the example teaches: a limit is a row like any other, marked by ``limits``; its ``y`` is the threshold below which
the measurement fell.  Leaving such rows out bends the line, and so does putting the threshold in their place.
"""

import numpy as np

import bayesfit as bf

SLOPE, THRESHOLD = 1.5, 0.5


def simulate(rng: np.random.Generator, n_rows: int) -> bf.Data:
    """Return y = 1.5 x with errors and scatter, measurements below the threshold being known as limits only."""
    x = rng.uniform(-1, 1, n_rows)
    error = rng.uniform(0.2, 0.4, n_rows)
    y = SLOPE * x + rng.normal(0, np.hypot(0.3, error))
    faint = y < THRESHOLD
    return bf.Data(x, np.where(faint, THRESHOLD, y), y_err=error, limits=np.where(faint, "upper", ""))


def main(n_rows: int = 150, target_ess: int = 1000) -> None:
    """Fit the rows in three ways and print the slopes."""
    data = simulate(np.random.default_rng(2), n_rows)
    detected = data[data.limits == 0]
    pretended = bf.Data(data.x, data.y, y_err=data.y_err)
    print(f"{n_rows} rows, {n_rows - len(detected)} of them upper limits; true slope {SLOPE}")
    model = bf.Model(bf.predictors.Linear(), bf.likelihoods.Gaussian(scatter=True))
    sampler = bf.sampling.Ensemble(target_ess=target_ess)
    cases = {"limits left out": detected, "limits as values": pretended, "limits as limits": data}
    for name, rows in cases.items():
        slope = model.fit(rows, sampler=sampler, seed=1, progress=False)["slope"]
        print(f"{name:18s} slope {float(slope.mean()):.2f} ± {float(slope.std()):.2f}")


if __name__ == "__main__":
    main()
