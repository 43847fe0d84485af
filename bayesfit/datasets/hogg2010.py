"""The twenty points of Hogg, Bovy & Lang (2010)."""

import numpy as np

from bayesfit.data import Data

__all__ = ["hogg2010"]

# id, x, y, error of x, error of y, their correlation
_TABLE = (
    (1, 201, 592, 9, 61, -0.84),
    (2, 244, 401, 4, 25, 0.31),
    (3, 47, 583, 11, 38, 0.64),
    (4, 287, 402, 7, 15, -0.27),
    (5, 203, 495, 5, 21, -0.33),
    (6, 58, 173, 9, 15, 0.67),
    (7, 210, 479, 4, 27, -0.02),
    (8, 202, 504, 4, 14, -0.05),
    (9, 198, 510, 11, 30, -0.84),
    (10, 158, 416, 7, 16, -0.69),
    (11, 165, 393, 5, 14, 0.3),
    (12, 201, 442, 5, 25, -0.46),
    (13, 157, 317, 5, 52, -0.03),
    (14, 131, 311, 6, 16, 0.5),
    (15, 166, 400, 6, 34, 0.73),
    (16, 160, 337, 5, 31, -0.52),
    (17, 186, 423, 9, 42, 0.9),
    (18, 125, 334, 8, 26, 0.4),
    (19, 218, 533, 6, 16, -0.78),
    (20, 146, 344, 5, 22, -0.56),
)


def hogg2010(*, outliers: bool = True, x_errors: bool = True) -> Data:
    """Return the 20 points of Hogg, Bovy & Lang (2010), Table 1: a line with outliers, errors on both axes.

    Parameters
    ----------
    outliers : bool
        Keep points 1 to 4, which lie off the line.
    x_errors : bool
        Keep the errors of x and their covariance with those of y; without them x is exact.

    References
    ----------
    Hogg, D. W., Bovy, J. & Lang, D. (2010), "Data analysis recipes: fitting a model to data", arXiv:1008.4686.

    Examples
    --------
    >>> hogg2010()
    Data(20 rows: x -> y, x_err, y_err, xy_cov)
    >>> hogg2010(outliers=False, x_errors=False)
    Data(16 rows: x -> y, y_err)
    """
    number, x, y, x_err, y_err, correlation = np.array(_TABLE if outliers else _TABLE[4:]).T
    errors = {"x_err": x_err, "xy_cov": correlation * x_err * y_err} if x_errors else {}
    return Data(x, y, y_err=y_err, columns={"id": number.astype(int)}, **errors)
