"""Distances and velocities of the 24 galaxies with Cepheids in Freedman et al. (2001)."""

import numpy as np

from bayesfit.data import Data

__all__ = ["freedman2001"]

# galaxy, velocity in km/s, distance in Mpc
_TABLE = (
    ("NGC0300", 133, 2.0),
    ("NGC0925", 664, 9.16),
    ("NGC1326A", 1794, 16.14),
    ("NGC1365", 1594, 17.95),
    ("NGC1425", 1473, 21.88),
    ("NGC2403", 278, 3.22),
    ("NGC2541", 714, 11.22),
    ("NGC2090", 882, 11.75),
    ("NGC3031", 80, 3.63),
    ("NGC3198", 772, 13.8),
    ("NGC3351", 642, 10.0),
    ("NGC3368", 768, 10.52),
    ("NGC3621", 609, 6.64),
    ("NGC4321", 1433, 15.21),
    ("NGC4414", 619, 17.7),
    ("NGC4496A", 1424, 14.86),
    ("NGC4548", 1384, 16.22),
    ("NGC4535", 1444, 15.78),
    ("NGC4536", 1423, 14.93),
    ("NGC4639", 1403, 21.98),
    ("NGC4725", 1103, 12.36),
    ("IC4182", 318, 4.49),
    ("NGC5253", 232, 3.15),
    ("NGC7331", 999, 14.72),
)


def freedman2001() -> Data:
    """Return the 24 Cepheid galaxies of Freedman et al. (2001), Tables 4 and 5: velocity against distance.

    The feature "distance" is in Mpc, the label "velocity" in km/s; neither comes with an error here, the velocities
    being scattered by the galaxies' own motions.

    References
    ----------
    Freedman, W. L. et al. (2001), ApJ 553, 47.

    Examples
    --------
    >>> freedman2001()
    Data(24 rows: distance -> velocity)
    """
    velocity, distance = np.array([row[1:] for row in _TABLE]).T
    return Data(distance, velocity, names=["distance"], label="velocity", units={"distance": "Mpc", "velocity": "km/s"})
