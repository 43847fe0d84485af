"""A straight line through points with correlated errors on both axes, some of which are not on the line at all.

The twenty points are those of Hogg, Bovy & Lang (2010).  What the example teaches: errors of x and their covariance
with those of y belong to the data; that some rows may be outliers belongs to the likelihood; nothing is cut by eye.
"""

import bayesfit as bf


def main(target_ess: int = 1000) -> None:
    """Fit the line without and with outliers, and print the slope and the rows that are off the line."""
    data = bf.datasets.hogg2010()
    # uniform in the angle of the line, not in its slope: steep lines are not favoured
    priors = {"slope": bf.priors.FlatAngle()}
    sampler = bf.sampling.Ensemble(target_ess=target_ess)
    noises = {"all points on the line": bf.likelihoods.Gaussian(), "some outliers": bf.likelihoods.OutlierMixture()}
    for name, noise in noises.items():
        posterior = bf.Model(bf.predictors.Linear(), noise, priors=priors).fit(
            data, sampler=sampler, seed=1, progress=False
        )
        slope = posterior["slope"]
        print(f"{name:24s} slope {float(slope.mean()):.2f} ± {float(slope.std()):.2f}  ({posterior.diagnostics})")
    suspicion = posterior.outlier_probability()
    for row in suspicion.argsort()[::-1][:5]:
        print(f"point {data.columns['id'][row]:2d} is an outlier with probability {suspicion[row]:.2f}")


if __name__ == "__main__":
    main()
