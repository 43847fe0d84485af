"""The Hubble rate by the ages of passive galaxies: 31 cosmic chronometers."""

import numpy as np

from bayesfit.data import Data

__all__ = ["cosmic_chronometers"]

# redshift, H(z) and its error in km/s/Mpc, where it was published
_TABLE = (
    (0.07, 69.0, 19.6, "Zhang 2014"),
    (0.09, 69.0, 12.0, "Simon 2005"),
    (0.12, 68.6, 26.2, "Zhang 2014"),
    (0.17, 83.0, 8.0, "Simon 2005"),
    (0.179, 75.0, 4.0, "Moresco 2012"),
    (0.199, 75.0, 5.0, "Moresco 2012"),
    (0.2, 72.9, 29.6, "Zhang 2014"),
    (0.27, 77.0, 14.0, "Simon 2005"),
    (0.28, 88.8, 36.6, "Zhang 2014"),
    (0.352, 83.0, 14.0, "Moresco 2012"),
    (0.3802, 83.0, 13.5, "Moresco 2016"),
    (0.4, 95.0, 17.0, "Simon 2005"),
    (0.4004, 77.0, 10.2, "Moresco 2016"),
    (0.4247, 87.1, 11.2, "Moresco 2016"),
    (0.4497, 92.8, 12.9, "Moresco 2016"),
    (0.47, 89.0, 50.0, "Ratsimbazafy 2017"),
    (0.4783, 80.9, 9.0, "Moresco 2016"),
    (0.48, 97.0, 62.0, "Stern 2010"),
    (0.593, 104.0, 13.0, "Moresco 2012"),
    (0.68, 92.0, 8.0, "Moresco 2012"),
    (0.781, 105.0, 12.0, "Moresco 2012"),
    (0.875, 125.0, 17.0, "Moresco 2012"),
    (0.88, 90.0, 40.0, "Stern 2010"),
    (0.9, 117.0, 23.0, "Simon 2005"),
    (1.037, 154.0, 20.0, "Moresco 2012"),
    (1.3, 168.0, 17.0, "Simon 2005"),
    (1.363, 160.0, 33.6, "Moresco 2015"),
    (1.43, 177.0, 18.0, "Simon 2005"),
    (1.53, 140.0, 14.0, "Simon 2005"),
    (1.75, 202.0, 40.0, "Simon 2005"),
    (1.965, 186.5, 50.4, "Moresco 2015"),
)


def cosmic_chronometers() -> Data:
    """Return 31 measurements of the Hubble rate H(z) by differential ages of passive galaxies, errors independent.

    The label "H" is in km/s/Mpc, the feature "z" is the redshift, and the column "source" names the paper.

    References
    ----------
    Gómez-Valent & Amendola (2018), JCAP 04, 051 (the compilation); Simon, Verde & Jimenez (2005), Phys. Rev. D 71,
    123001; Stern et al. (2010), JCAP 02, 008; Moresco et al. (2012), JCAP 08, 006; Zhang et al. (2014), RAA 14, 1221;
    Moresco (2015), MNRAS 450, L16; Moresco et al. (2016), JCAP 05, 014; Ratsimbazafy et al. (2017), MNRAS 467, 3239.

    Examples
    --------
    >>> cosmic_chronometers()
    Data(31 rows: z -> H, y_err)
    """
    redshift, rate, error, source = zip(*_TABLE, strict=True)
    return Data(
        np.array(redshift),
        np.array(rate),
        y_err=np.array(error),
        names=["z"],
        label="H",
        units={"H": "km/s/Mpc"},
        columns={"source": np.array(source)},
    )
