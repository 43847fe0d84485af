"""What data say of themselves."""

import numpy as np

from bayesfit.data import Data

N = 10
X = np.arange(N, dtype=float)
Y = 2 * X + 1


def test_representation():
    assert repr(Data(X, Y, y_err=1)) == "Data(10 rows: x -> y, y_err)"
    limited = Data(X, Y, x_err=1, y_err=1, xy_cov=0.5 * np.ones(N), limits=["<"] * N)
    assert repr(limited) == "Data(10 rows: x -> y, x_err, y_err, xy_cov, limits)"
    assert repr(Data([1.0])) == "Data(1 row: x)"
    assert repr(Data(np.ones((2, 9)), ["a", "b"])) == "Data(2 rows: 9 features -> y)"


def test_description():
    data = Data({"a": [1, np.nan, 3, 3], "b": [1, 1, 2, 2]}, [1.0, 2.0, 3.0, 3.0], limits=["<", "", "", ""],
                y_err=[0.1, 0.2, 0.3, 0.3], x_err={"b": 0.5}, units={"a": "K"})  # fmt: skip
    text = "\n".join(data.describe())
    assert "4 rows, 2 features: a [K], b." in text
    assert "1 row repeats an earlier row exactly" in text
    assert "Feature a is missing in 1 row." in text
    assert "Label y is an upper limit in 1 row." in text
    assert "Errors of the label lie between 0.1 and 0.3." in text
    assert "Errors of b are all 0.5." in text
    assert "Errors of a" not in text


def test_description_of_other_kinds():
    assert "There are no labels." in Data(X).describe()
    assert "The label has no errors." in Data(X, Y).describe()
    classes = Data(X[:3], ["a", "b", "a"], columns={"t": [1, 2, 3]}).describe()
    assert "Label y has 2 classes: a (2 rows), b (1 row)." in classes
    assert "Further columns: t." in classes


def test_errors_that_are_the_same_have_no_range():
    assert "Errors of the label are all 0.1." in Data(X, Y, y_err=0.1).describe()
    assert "Asymmetric errors of the label are all 0.1." in Data(X, Y, y_err=np.full((N, 2), 0.1)).describe()
    assert "Asymmetric errors of the label lie between 0.1 and 0.2." in Data(X, Y, y_err=[[0.1, 0.2]] * N).describe()
