"""Black holes and the velocity dispersions of their galaxies, 46 galaxies of Harris, Poole & Harris (2013)."""

import numpy as np

from bayesfit.data import Data

__all__ = ["harris2013"]

# galaxy, log10 of the bulge's velocity dispersion in km/s, its error, log10 of the black hole's mass in solar
# masses, its error
_TABLE = (
    ("MilkyWay", 2.021, 0.076, 6.61, 0.04),
    ("NGC221", 1.875, 0.017, 6.46, 0.09),
    ("NGC224", 2.204, 0.021, 8.18, 0.15),
    ("NGC253", 2.011, 0.073, 7.0, 0.3),
    ("NGC821", 2.32, 0.02, 8.23, 0.205),
    ("NGC1023", 2.32, 0.02, 7.64, 0.04),
    ("NGC1316", 2.357, 0.006, 8.24, 0.2),
    ("NGC1332", 2.506, 0.018, 9.17, 0.06),
    ("NGC1399", 2.528, 0.02, 8.69, 0.065),
    ("NGC2778", 2.243, 0.019, 7.15, 0.3),
    ("NGC3031", 2.155, 0.021, 7.84, 0.085),
    ("NGC3115", 2.362, 0.02, 8.96, 0.17),
    ("NGC3377", 2.161, 0.02, 8.25, 0.24),
    ("NGC3379", 2.314, 0.021, 8.04, 0.24),
    ("NGC3384", 2.155, 0.021, 7.04, 0.21),
    ("NGC3414", 2.374, 0.014, 8.4, 0.07),
    ("NGC3585", 2.328, 0.02, 8.51, 0.14),
    ("NGC3607", 2.36, 0.02, 8.15, 0.125),
    ("NGC3608", 2.26, 0.021, 8.67, 0.095),
    ("NGC3842", 2.498, 0.011, 9.99, 0.125),
    ("NGC4261", 2.498, 0.02, 8.71, 0.085),
    ("NGC4291", 2.384, 0.021, 8.98, 0.14),
    ("NGC4350", 2.256, 0.017, 8.74, 0.1),
    ("NGC4374", 2.471, 0.02, 8.96, 0.045),
    ("NGC4459", 2.223, 0.02, 7.84, 0.08),
    ("NGC4472", 2.468, 0.004, 9.26, 0.15),
    ("NGC4473", 2.279, 0.02, 7.95, 0.24),
    ("NGC4486", 2.574, 0.02, 9.77, 0.03),
    ("NGC4486A", 2.045, 0.019, 7.15, 0.12),
    ("NGC4552", 2.402, 0.006, 8.68, 0.045),
    ("NGC4564", 2.21, 0.021, 7.92, 0.12),
    ("NGC4594", 2.38, 0.021, 8.72, 0.435),
    ("NGC4621", 2.352, 0.006, 8.6, 0.065),
    ("NGC4649", 2.585, 0.021, 9.63, 0.1),
    ("NGC4697", 2.248, 0.019, 8.28, 0.09),
    ("NGC4889", 2.603, 0.006, 10.32, 0.435),
    ("NGC5128", 2.176, 0.02, 7.71, 0.16),
    ("IC4296", 2.508, 0.021, 9.13, 0.065),
    ("NGC5813", 2.374, 0.006, 8.84, 0.07),
    ("NGC5845", 2.369, 0.02, 8.69, 0.14),
    ("NGC5846", 2.379, 0.008, 9.04, 0.08),
    ("NGC6086", 2.524, 0.012, 9.56, 0.16),
    ("NGC7332", 2.097, 0.011, 7.11, 0.19),
    ("IC1459", 2.486, 0.011, 9.45, 0.195),
    ("NGC7457", 1.826, 0.019, 7.0, 0.3),
    ("NGC7768", 2.495, 0.021, 9.11, 0.15),
)


def harris2013(*, limit: float | None = None) -> Data:
    """Return 46 galaxies of Harris, Poole & Harris (2013): velocity dispersion and mass of the central black hole.

    The feature "log_sigma" is log10(σ / (200 km/s)), the label "log_mass" log10(M / M_sun), both with errors; the
    column "galaxy" holds a number for each row, in the order of the table.

    Parameters
    ----------
    limit : float, optional
        Turn each log mass below it into an upper limit there, as if lesser black holes could not be detected. The
        limits are not those of the observers: they show what limits do where the answer is known.

    References
    ----------
    Harris, G. L. H., Poole, G. B. & Harris, W. E. (2014), MNRAS 438, 2117.

    Examples
    --------
    >>> harris2013()
    Data(46 rows: log_sigma -> log_mass, x_err, y_err)
    >>> int((harris2013(limit=8.5).limits == 1).sum())
    22
    """
    sigma, sigma_err, mass, mass_err = np.array([row[1:] for row in _TABLE]).T
    faint = np.zeros(len(mass), dtype=bool) if limit is None else mass < limit
    return Data(
        sigma - np.log10(200.0),
        np.where(faint, limit or 0.0, mass),
        x_err=sigma_err,
        y_err=np.where(faint, np.nan, mass_err),
        limits=np.where(faint, "upper", "") if limit is not None else None,
        names=["log_sigma"],
        label="log_mass",
        columns={"galaxy": np.arange(len(mass))},
        units={"log_sigma": "dex", "log_mass": "dex"},
    )
