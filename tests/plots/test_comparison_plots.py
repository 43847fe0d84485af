"""Pareto k, leave-one-out terms and comparisons."""

import warnings
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import same_color

from bayesfit import ModelError, compare, plots
from bayesfit.plots.style import BLUE, ORANGE


@pytest.fixture(scope="module")
def compared(line, other):
    return compare({"scatter": line, "none": other})


def points(ax):
    """Return the largest set of dots on the axes."""
    return max((a for a in ax.lines if a.get_marker() == "o"), key=lambda a: len(a.get_xdata())).get_data()


@pytest.fixture(scope="module")
def terms(line):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return line.loo(refits=None)


def test_k_of_each_row(line, terms):
    rows, k = points(plots.khat(line))
    np.testing.assert_array_equal(rows, np.arange(25))
    np.testing.assert_array_equal(k, np.asarray(terms.pareto_k))


def test_results_that_are_there_need_not_be_worked_out_again(terms):
    np.testing.assert_array_equal(points(plots.khat(terms))[1], np.asarray(terms.pareto_k))
    np.testing.assert_array_equal(points(plots.loo(terms))[1], np.asarray(terms.elpd_i))


def test_threshold_is_that_of_the_sample_size(line, terms):
    ax = plots.khat(line)
    dashed = next(a for a in ax.lines if a.get_linestyle() == "--")
    n_draws = line.to_array().shape[0]
    assert dashed.get_ydata()[0] == pytest.approx(min(1 - 1 / np.log10(n_draws), 0.7))


def test_terms_sum_to_elpd(line, terms):
    ax = plots.loo(line)
    _, elpd = points(ax)
    assert elpd.sum() == pytest.approx(float(terms.elpd))
    assert ax.get_title(loc="right") == f"elpd {float(terms.elpd):.1f} ± {float(terms.se):.1f}".replace("-", "−")


def test_all_models_of_a_comparison_are_shown(compared):
    labels = [text.get_text() for text in plots.khat(compared).get_legend().get_texts()]
    assert sorted(labels[1:]) == ["none", "scatter"]


def test_difference_and_errors_are_those_of_the_table(compared):
    ax = plots.comparison(compared)
    table = compared.table
    bars = {c.get_label(): c.lines[2][0].get_segments() for c in ax.containers}
    best, rest = table["elpd"].iloc[0], table.iloc[1]
    np.testing.assert_allclose(bars["difference ± se"][0][:, 0], rest["elpd"] + rest["dse"] * np.array([-1, 1]))
    np.testing.assert_allclose(bars["elpd ± se"][0][:, 0], best + table["se"].iloc[0] * np.array([-1, 1]))
    assert [tick.get_text() for tick in ax.get_yticklabels()] == list(table.index)
    assert ax.texts[1].get_text().startswith(f"Δ = −{abs(rest['elpd_diff']):.1f} ± {rest['dse']:.1f}")


def test_best_model_is_at_the_top(compared):
    low, high = plots.comparison(compared).get_ylim()
    assert low > high


def test_models_whose_terms_cannot_be_trusted_are_orange(compared):
    ax = plots.comparison(compared)
    bound = min(1 - 1 / np.log10(compared.posteriors["none"].to_array("slope").size), 0.7)
    dots = ax.collections[-1].get_facecolors()
    for place, k in enumerate(compared.table["pareto_k"]):
        assert same_color(dots[place], ORANGE if k > bound else BLUE)
        assert ("unreliable" in ax.texts[place].get_text()) == (k > bound)


@pytest.mark.parametrize("plot", [plots.khat, plots.loo])
def test_other_things_have_no_terms(plot):
    with pytest.raises(ModelError, match="expected a Posterior or the result of its loo"):
        plot(3)


def test_other_things_are_no_comparison(line):
    with pytest.raises(ModelError, match=r"takes the result of bayesfit\.compare, got Posterior"):
        plots.comparison(line)


def test_a_long_name_leaves_room_for_the_axes(line, other):
    name = "a line through all the galaxies with an intrinsic scatter and a population of true distances"
    short, long = (plots.comparison(compare({name: line, "none": other})) for name in ("scatter", name))
    for ax in (short, long):
        ax.figure.draw_without_rendering()
    assert long.get_position().width > 0.6 * short.get_position().width
    assert any(label.get_text().startswith("a line through all the\n") for label in long.get_yticklabels())


def selected(elpd):
    """A selection among polynomials with these elpd."""
    table = pd.DataFrame({"parameters": np.arange(len(elpd)) + 2, "elpd": elpd, "dse": 1.0})
    table["training"] = table["elpd"] + 2.0
    table.index = [f"degree {n}" for n in range(len(elpd))]
    return SimpleNamespace(table=table, best="degree 2")


def test_a_hopeless_model_does_not_flatten_the_others():
    ax = plots.selection(selected([-9000.0, -106.0, -100.0, -101.0, -102.5]))
    low, high = ax.get_ylim()
    assert -130 < low < -107
    assert -98 < high < -80
    assert [text.get_text() for text in ax.texts] == ["degree 0 ↓ −9000"]
    assert ax.texts[0].xy[0] == 2


def test_models_that_differ_are_all_shown():
    ax = plots.selection(selected([-300.0, -180.0, -100.0]))
    assert ax.get_ylim()[0] < -300
    assert not ax.texts
