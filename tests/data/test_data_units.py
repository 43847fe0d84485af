"""Quantities: units agree, are converted, and are remembered as text."""

import numpy as np
import pytest
from astropy import units as u
from astropy.utils.masked import Masked

from bayesfit.data import Data
from bayesfit.errors import DataError

X = np.array([1.0, 2.0, 3.0])


def test_errors_are_converted_to_the_units_of_the_values():
    data = Data(X * u.kpc, X * u.km, x_err=X * u.pc, y_err=X * u.m, xy_cov=0.1 * X**2 * u.pc * u.m)
    np.testing.assert_allclose(data.x_err[:, 0], X / 1000, rtol=1e-15)
    np.testing.assert_allclose(data.y_err, X / 1000, rtol=1e-15)
    np.testing.assert_allclose(data.xy_cov[:, 0], 0.1 * (X / 1000) ** 2, rtol=1e-14)
    assert dict(data.units) == {"x": "kpc", "y": "km"}


def test_a_matrix_of_features_shares_its_unit():
    data = Data(np.ones((3, 2)) * u.s, X, x_err=[[60000, 1]] * 3 * u.ms)
    np.testing.assert_allclose(data.x_err, [[60, 0.001]] * 3, rtol=1e-15)
    assert dict(data.units) == {"x0": "s", "x1": "s"}


def test_covariances_carry_squared_units():
    data = Data(X, X * u.km, y_cov=np.eye(3) * 4e6 * u.m**2)
    np.testing.assert_allclose(data.y_cov, 4 * np.eye(3), rtol=1e-15)
    x_cov = np.broadcast_to(4e6 * np.eye(2), (3, 2, 2)) * u.m**2
    data = Data(np.ones((3, 2)) * u.km, X, x_err=x_cov)
    np.testing.assert_allclose(data.x_err[0], 4 * np.eye(2), rtol=1e-15)


def test_mapping_of_errors():
    data = Data({"d": X * u.pc, "z": X}, X, x_err={"d": 1 * u.kpc, "z": 0.1})
    np.testing.assert_allclose(data.x_err, [[1000, 0.1]] * 3, rtol=1e-15)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"y": X * u.km, "y_err": X}, "y has unit km, y_err has none"),
        ({"y": X * u.km, "y_err": 0.5}, "y has unit km, y_err has none"),
        ({"y": X, "y_err": X * u.km}, "y_err has unit km, y has none"),
        ({"y": X * u.km, "y_err": X * u.s}, "y_err has unit s, which does not convert to km"),
        ({"y": X, "x_err": X * u.s}, "x_err has unit s, x has none"),
        ({"y": X * u.km, "y_cov": np.eye(3)}, r"y \(squared\) has unit km2, y_cov has none"),
        ({"y": X * u.km, "y_cov": np.eye(3) * u.km}, "y_cov has unit km, which does not convert to km2"),
        ({"units": "km"}, "units='km' should be a mapping from names to units, such as {'x': 'km'}"),
        ({"units": ["km"]}, r"units=\['km'\] should be a mapping"),
        ({"y": X * u.km, "units": {"y": "m"}}, "units says 'm' for 'y', but its values carry 'km'"),
    ],
)
def test_units_that_do_not_agree(arguments, words):
    with pytest.raises(DataError, match=words):
        Data(X, **arguments)


def test_plain_arrays_with_named_units_take_plain_errors():
    assert Data(X, X, y_err=X, units={"y": "km"}).units["y"] == "km"


def test_units_survive_rows_and_replacement():
    data = Data(X * u.kpc, X * u.km, y_err=X * u.km)
    assert dict(data[1:].units) == {"x": "kpc", "y": "km"}
    assert dict(data.replace(y_err=2 * X).units) == {"x": "kpc", "y": "km"}


def test_units_of_columns():
    data = Data(X, X, columns={"t": X * u.s, "n": X})
    assert dict(data.units) == {"t": "s"}
    np.testing.assert_array_equal(data.columns["t"], X)


def test_masked_quantities():
    values = Masked(np.array([1.0, 99.0, 3.0]) * u.km, mask=[False, True, False])
    data = Data(values, values)
    np.testing.assert_array_equal(data.y, [1.0, np.nan, 3.0])
    np.testing.assert_array_equal(data.x[:, 0], [1.0, np.nan, 3.0])
    assert data.units["y"] == "km"


STEPS = [
    (u.dex(u.cm / u.s**2), u.dex(u.m / u.s**2), 0.1),
    (u.ABmag, u.mag, 0.1),
    (u.mag(u.Jy), u.dex(u.mJy), 0.25),
    (u.dex, u.mag, 0.04),
]


@pytest.mark.parametrize(("unit", "own", "expected"), STEPS)
def test_errors_in_logarithmic_units_are_differences(unit, own, expected):
    data = Data([1.0, 2.0, 3.0], [4.0, 4.1, 4.2] * unit, y_err=[0.1, 0.1, 0.1] * own)
    np.testing.assert_allclose(data.y_err, expected)


@pytest.mark.parametrize(("unit", "own"), [(u.Jy, u.mag(u.Jy)), (u.dex(u.cm), u.cm), (u.dex(u.cm), u.dex(u.s))])
def test_errors_of_another_kind_than_their_label_are_refused(unit, own):
    with pytest.raises(DataError, match="does not convert"):
        Data([1.0, 2.0, 3.0], [4.0, 4.1, 4.2] * unit, y_err=[0.1, 0.1, 0.1] * own)


def test_ends_of_an_interval_in_magnitudes_are_values():
    table = {"x": [1.0, 2.0], "a": [10.0, 11.0] * u.mag(u.Jy), "b": [18.0, 19.0] * u.mag(u.mJy)}
    data = Data.from_table(table, x="x", y=("a", "b"))
    np.testing.assert_allclose(data.y_high, [25.5, 26.5])
