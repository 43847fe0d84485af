"""Objects come out of a parcel as they went in."""

import pickle
from collections.abc import Mapping

import numpy as np
import pandas as pd
import pytest
from lines_of_objects import line_table

import bayesfit as bf
from bayesfit.catalog.parcels import Parcel, cut, pack, unpack

X = np.arange(6.0)
ALIKE = {
    "lines": lambda k: line_table(1, 5 + k, seed=k),
    "errors and limits": lambda k: bf.Data(X, X + 0.1 * k + 0.5, x_err=0.1, y_err=0.1 + X, limits=["upper", *[""] * 5]),
    "classes": lambda k: bf.Data(np.stack([X, X**2 + k], axis=1), list("abcabc"), columns={"night": X}),
    "gaps and units": lambda k: bf.Data(np.where(k == X, np.nan, X), X, y_err=0.1, units={"x": "pc"}),
}


def equal(one, other):
    mine, its = one.contents(), other.contents()
    assert list(mine) == list(its)
    for name, value in mine.items():
        plain, same = (dict(v) if isinstance(v, Mapping) else v for v in (value, its[name]))
        np.testing.assert_equal(plain, same)
    assert one.fingerprint == other.fingerprint


@pytest.mark.parametrize("name", ALIKE)
def test_what_is_unpacked_is_what_was_packed(name):
    objects = [(f"int:{k}", ALIKE[name](k)) for k in range(3)]
    parcel = pack(objects)
    assert isinstance(parcel, Parcel)
    found = unpack(pickle.loads(pickle.dumps(parcel)))
    assert [text for text, _ in found] == [text for text, _ in objects]
    for (_, one), (_, other) in zip(found, objects, strict=True):
        equal(one, other)
        assert not one.x.flags.writeable


DIFFERENT = {
    "columns": bf.Data(X, X, y_err=0.1),
    "features": bf.Data(np.stack([X, X], axis=1), X, y_err=0.1, columns={"star": X}),
    "names": bf.Data(pd.DataFrame({"t": X}), X, y_err=0.1, columns={"star": X.astype(int)}),
    "errors": bf.Data(X, X, columns={"star": X.astype(int)}),
    "classes of whole numbers": bf.Data(X, X, y_err=0.1, columns={"star": X.astype(int)}),
    "covariance": bf.Data(X, X, y_cov=0.5 * np.eye(6), columns={"star": X.astype(int)}),
    "kind of column": bf.Data(X, X, y_err=0.1, columns={"star": X}),
    "nothing": None,
}


@pytest.mark.parametrize("name", DIFFERENT)
def test_objects_that_differ_travel_as_they_are(name):
    objects = [("int:0", line_table(1, 5)), ("int:1", DIFFERENT[name])]
    assert pack(objects) is objects
    assert unpack(objects) is objects


def test_one_field_under_two_names_travels_once():
    objects = [("int:0", line_table(1, 5)), ("int:1", line_table(1, 7))]
    contents = pickle.loads(pickle.dumps(pack(objects))).contents
    assert contents["y"] is contents["labels"]


def test_rows_are_cut_as_slices_are():
    data = line_table(3, 4)
    for piece, start in zip(cut(data.contents(), [0, 4, 8, 12]), (0, 4, 8), strict=True):
        equal(piece, data[start : start + 4])
