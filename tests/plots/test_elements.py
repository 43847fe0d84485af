"""Which parameters are shown, and how their values are written."""

from types import SimpleNamespace

import numpy as np
import pytest

from bayesfit import ModelError
from bayesfit.parameters import Parameter, Parameters
from bayesfit.plots.elements import chosen, estimate, labelled, support_of
from bayesfit.priors import HalfNormal, Normal


@pytest.fixture
def posterior():
    parameters = Parameters(
        [
            Parameter("slope", Normal(0, 1), ("feature",), (("a", "b"),)),
            Parameter("scatter", HalfNormal(1.0), unit="K"),
            Parameter("x_mean", Normal(0, 1), hidden=True),
            Parameter("offset", Normal(0, 1)),
        ],
        {"offset": 0},
    )
    return SimpleNamespace(names=parameters.names, target=SimpleNamespace(parameters=parameters))


def test_population_is_hidden_unless_asked_for(posterior):
    assert chosen(posterior) == ("slope[a]", "slope[b]", "scatter")
    assert chosen(posterior, population=True) == ("slope[a]", "slope[b]", "scatter", "x_mean")
    assert chosen(posterior, ["x_mean"]) == ("x_mean",)


def test_order_is_that_of_the_names_without_repeats(posterior):
    assert chosen(posterior, ["scatter", "slope", "slope[a]"]) == ("scatter", "slope[a]", "slope[b]")


@pytest.mark.parametrize(
    ("names", "message"),
    [
        ("scater", "did you mean 'scatter'"),
        (["slope[c]"], "no parameter 'slope\\[c\\]'"),
        ("offset", "'offset' is fixed"),
        ([], "names is empty"),
    ],
)
def test_names_that_cannot_be_plotted(posterior, names, message):
    with pytest.raises(ModelError, match=message):
        chosen(posterior, names)


def test_labels_have_units_and_supports_come_from_priors(posterior):
    assert labelled(posterior, "scatter") == "scatter (K)"
    assert labelled(posterior, "slope[a]") == "slope[a]"
    assert support_of(posterior, "scatter") == (0.0, np.inf)


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (-1.0, 1.0, "$0.00_{-0.90}^{+0.90}$"),
        (1234.0, 1236.0, "$1235.00_{-0.90}^{+0.90}$"),
        (0.0, 20000.0, "$10000_{-9000}^{+9000}$"),
        (2e-6, 4e-6, r"$(3.00_{-0.90}^{+0.90})\times10^{-6}$"),
        (5.0, 5.0, "$5$"),
    ],
)
def test_estimates_have_two_digits_of_the_error(low, high, expected):
    assert estimate(np.linspace(low, high, 101)) == expected
