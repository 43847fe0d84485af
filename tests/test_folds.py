"""How rows are divided: sizes, classes, groups, time, and divisions that make no sense."""

import numpy as np
import pytest
from sklearn.model_selection import StratifiedKFold

from bayesfit import Data
from bayesfit.errors import DataError
from bayesfit.folds import Blocked, make_folds

X = np.arange(12.0)
DATA = Data(X, X**2, columns={"star": np.repeat(["a", "b", "c"], 4), "time": X[::-1]})
ROWS = np.arange(12)


def folds(folds=3, groups=None, data=DATA, rows=ROWS, **given):
    return make_folds(data, rows, folds, groups, np.random.default_rng(1), **given)


def test_each_row_is_tested_once_and_left_out_then():
    found = folds(5)
    assert len(found) == 5
    np.testing.assert_array_equal(np.sort(np.concatenate([test for test, _ in found])), ROWS)
    assert {len(test) for test, _ in found} == {2, 3}
    for test, left_out in found:
        np.testing.assert_array_equal(test, left_out)


def test_every_fold_has_its_share_of_each_class():
    labels = np.array(["rare"] * 3 + ["often"] * 9)
    for test, _ in folds(3, data=Data(X, labels), classes=("often", "rare")):
        assert (labels[test] == "rare").sum() == 1


def test_a_group_is_never_divided():
    found = folds(2, "star")
    assert sorted(len(test) for test, _ in found) == [4, 8]
    star = DATA.columns["star"]
    assert all(not set(star[test]) & set(np.delete(star, test)) for test, _ in found)
    assert [set(star[test]) for test, _ in folds("groups", star)] == [{"a"}, {"b"}, {"c"}]


def test_blocks_follow_each_other_in_time():
    assert [test.tolist() for test, _ in folds(Blocked(3))] == [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9, 10, 11]]
    assert next(test.tolist() for test, _ in folds(Blocked(3, by="time"))) == [8, 9, 10, 11]


class Later:
    """Train on the past, test on the next two rows; what comes after is left out too."""

    def split(self, X, y, groups):
        for start in (4, 8):
            yield np.arange(start), np.arange(start, start + 2)


def test_rows_that_are_neither_trained_on_nor_tested_are_left_out():
    assert [(test.tolist(), left.tolist()) for test, left in folds(Later())] == [
        ([4, 5], list(range(4, 12))),
        ([8, 9], list(range(8, 12))),
    ]


def test_numbers_refer_to_rows_with_a_label():
    rows = np.array([1, 5, 6, 11])
    assert sorted(np.concatenate([test for test, _ in folds(2, rows=rows)])) == rows.tolist()


class Twice:
    def split(self, X, y, groups):
        yield np.arange(6), np.arange(6, 12)
        yield np.arange(7), np.arange(7, 12)


class Yields:
    def __init__(self, *pairs):
        self.pairs = pairs

    def split(self, X, y, groups):
        yield from self.pairs


def test_masks_are_as_good_as_places():
    even = ROWS % 2 == 0
    assert [test.tolist() for test, _ in folds(Yields((even, ~even), (~even, even)))] == [
        [1, 3, 5, 7, 9, 11],
        [0, 2, 4, 6, 8, 10],
    ]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"folds": 1}, "folds=1 should be a whole number between 2 and 12"),
        ({"folds": 13}, "between 2 and 12"),
        ({"folds": 2.5}, "folds=2.5"),
        ({"folds": "groups"}, "say which they are with groups="),
        ({"folds": 4, "groups": "star"}, "3 groups only"),
        ({"groups": "planet"}, "no column 'planet'; there are star, time, x"),
        ({"groups": [1, 2]}, "groups has shape \\(2,\\); there are 12 rows"),
        ({"folds": Twice()}, "rows 7, 8, 9, 10, 11 are tested more than once"),
        ({"folds": Yields(([], ROWS))}, "leaves out all rows"),
        ({"folds": Blocked(13)}, "n=13 is more than the 12 rows"),
        ({"folds": "five"}, "folds='five' should be"),
        ({"folds": [(ROWS[:6], ROWS[6:])]}, "an object with split"),
        ({"folds": Twice}, r"folds is the class Twice; make a splitter of it: Twice\("),
        ({"folds": Yields((ROWS[:10], [10, 12]))}, r"split gave \[10, 12\], which are not places among the 12 rows"),
        ({"folds": Yields((ROWS[:10], [-1, -2]))}, "counted from 0"),
        ({"folds": Yields((ROWS[:10], "b"))}, "split gave 'b'"),
        ({"folds": Yields(3)}, "Yields.split does not divide these rows"),
        ({"folds": "groups", "groups": ["a"] * 12}, "all rows are of one group, 'a'"),
        ({"folds": 2, "groups": ["a"] * 12}, "there are 1 groups only"),
        ({"folds": "groups", "groups": [np.nan] + [1.0] * 6 + [2.0] * 5}, "groups: no group at row 0"),
        ({"groups": ["a"] * 6 + [None] * 2 + ["b"] * 4}, "groups: no group at rows 6, 7"),
        ({"groups": np.array([1] * 6 + ["b"] * 6, dtype=object)}, "numbers and text are mixed"),
        ({"rows": ROWS[:1]}, "1 row with a label cannot be divided"),
    ],
)
def test_what_makes_no_folds_is_refused(given, message):
    with pytest.raises(DataError, match=message):
        folds(**given)


@pytest.mark.parametrize("n", [0, 1, 2.5, True])
def test_blocks_are_a_whole_number(n):
    with pytest.raises(DataError, match="Blocked: n="):
        Blocked(n)


def test_groups_beside_blocks_are_refused():
    data = Data(np.arange(12.0), np.arange(12.0))
    with pytest.raises(DataError, match="Blocked makes blocks of neighbours"):
        make_folds(data, np.arange(12), Blocked(3), np.repeat([0, 1, 2], 4), np.random.default_rng(1))


@pytest.mark.parametrize("labels", [[True, False] * 6, ["a", "b"] * 6])
def test_splitters_of_scikit_learn_take_labels_of_any_kind(labels):
    data = Data(np.arange(12.0), np.array(labels, dtype=object))
    found = make_folds(
        data, np.arange(12), StratifiedKFold(3), None, np.random.default_rng(1), classes=tuple(sorted(set(labels)))
    )
    assert [len(test) for test, _ in found] == [4, 4, 4]
