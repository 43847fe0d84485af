"""Rows with gaps: keep them, rather than throw the rest of the row away or fill the gap with a mean.

What the example teaches: NaN in ``x`` is a missing feature.  True features come from a population that is fitted
along, so that a row with a gap says what it can; whatever is known of the gap is in its spread.
"""

import numpy as np

import bayesfit as bf


def simulate(rng: np.random.Generator, n_rows: int) -> bf.Data:
    """Return y = 1 + 2 mass - colour, of correlated features, with 40 % of the colours missing."""
    x = rng.multivariate_normal([0.0, 1.0], [[1.0, 0.7], [0.7, 1.0]], n_rows)
    y = 1 + x @ [2.0, -1.0] + rng.normal(0, 0.4, n_rows)
    x[rng.uniform(size=n_rows) < 0.4, 1] = np.nan
    return bf.Data(x, y, names=["mass", "colour"], label="size")


def main(n_rows: int = 200, target_ess: int = 1000) -> None:
    """Fit complete rows, means in place of gaps, and all rows as they are, and print the slopes."""
    data = simulate(np.random.default_rng(3), n_rows)
    filled = np.where(data.missing, np.nanmean(data.x, axis=0), data.x)
    cases = {
        "complete rows only": data[~data.missing.any(axis=1)],
        "gaps filled by means": bf.Data(filled, data.y, names=data.names, label=data.label),
        "all rows, with gaps": data,
    }
    model = bf.Model(bf.predictors.Linear(), bf.likelihoods.Gaussian())
    sampler = bf.sampling.Ensemble(target_ess=target_ess)
    print(f"true slopes: mass 2, colour -1; {int(data.missing.any(axis=1).sum())} of {n_rows} colours are missing")
    for name, rows in cases.items():
        posterior = model.fit(rows, sampler=sampler, seed=1, progress=False)
        table = posterior.summary().loc[["slope[mass]", "slope[colour]"]]
        shown = ", ".join(f"{row['mean']:5.2f} ± {row['sd']:.2f}" for _, row in table.iterrows())
        print(f"{name:22s} {shown}")


if __name__ == "__main__":
    main()
