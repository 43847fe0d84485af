"""Where the components of a mixture are expected when labels are classes."""

import numpy as np
import pytest

from bayesfit import Data
from bayesfit.populations import Features
from bayesfit.populations.layout import class_anchors

LABELS = np.repeat(["cat", "dog"], 30)


def features(x, labels=LABELS, x_err=0.1):
    data = Data(x, labels, x_err=x_err)
    return Features(data, np.ones(data.n_features, dtype=bool))


def apart(distance, seed=1):
    return np.random.default_rng(seed).standard_normal(60) + distance * (LABELS == "dog")


def test_anchors_are_centres_and_spreads_of_the_classes():
    x = apart(5.0)
    found = class_anchors(features(x), 2)
    np.testing.assert_allclose(found.centres[:, 0], [x[:30].mean(), x[30:].mean()], atol=0.3)
    np.testing.assert_allclose(found.spreads[:, 0], 1, rtol=0.3)


@pytest.mark.parametrize(("distance", "n"), [(0.0, 2), (5.0, 3)])
def test_classes_that_do_not_tell_components_apart(distance, n):
    assert class_anchors(features(apart(distance)), n) is None


@pytest.mark.parametrize("left", [0, 1])
def test_a_class_with_hardly_a_row(left):
    """Rows that are held out may leave a class without any: the classes stay those of the data."""
    data = features(apart(5.0)).data[np.arange(30 + left)]
    assert data.classes == ("cat", "dog")
    assert class_anchors(Features(data, np.ones(1, dtype=bool)), 2) is None


def test_a_class_whose_feature_was_hardly_measured():
    x = apart(5.0)
    x[1:30] = np.nan
    assert class_anchors(features(x), 2) is None
