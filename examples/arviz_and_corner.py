"""ArviZ and corner, directly on a posterior.

What the example teaches: ``posterior.tree`` is what ArviZ works on, with all the groups it knows; for anything else
there are plain arrays and tables.  Nothing has to be converted, and nothing is hidden.
"""

import tempfile
import warnings
from pathlib import Path

import arviz as az
import corner
import numpy as np

import bayesfit as bf


def main(folder: str | None = None, target_ess: int = 1000) -> None:
    """Fit a line and look at the result with other people's tools; pictures go into ``folder``."""
    data = bf.datasets.hogg2010(outliers=False, x_errors=False)
    model = bf.Model(bf.predictors.Linear(), bf.likelihoods.Gaussian())
    sampler = bf.sampling.Ensemble(target_ess=target_ess)
    posterior = model.fit(data, sampler=sampler, seed=1, progress=False)

    print(sorted(posterior.tree.children))
    print(az.summary(posterior.tree, var_names=["intercept", "slope"]))
    # one point decides on the slope: ArviZ says that importance sampling is doubtful there; posterior.loo() mends that
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        print(az.loo(posterior.tree))
    print(*(f"ArviZ warns: {each.message}" for each in said), sep="\n")

    # a derived quantity is arithmetic on labelled arrays
    crossing = -posterior["intercept"] / posterior["slope"]
    print(f"the line crosses y = 0 at x = {float(crossing.mean()):.1f} ± {float(crossing.std()):.1f}")

    figure = corner.corner(posterior.to_array(["intercept", "slope"]), labels=["intercept", "slope"])
    path = Path(folder or tempfile.mkdtemp()) / "corner.png"
    figure.savefig(path)
    print(f"{path.name} written; the draws correlate by {np.corrcoef(posterior.to_array().T)[0, 1]:.2f}")


if __name__ == "__main__":
    main()
