"""Corner plots: which panels, what they say."""

import numpy as np
import pytest
from matplotlib.colors import to_rgba
from matplotlib.contour import ContourSet
from matplotlib.figure import Figure
from matplotlib.path import Path

from bayesfit import Data, Model, ModelError, likelihoods, plots, predictors
from bayesfit.plots.corner import LEVELS
from bayesfit.plots.style import ORANGE


def words(fig):
    return " ".join(text.get_text() for text in fig.texts)


def test_labels_have_units_and_titles_agree_with_the_summary(line):
    fig = plots.corner(line)
    assert len(fig.axes) == 9
    assert fig.axes[6].get_xlabel() == "intercept (m)"
    assert fig.axes[8].get_xlabel() == "scatter (m)"
    summary = line.summary()
    low, high = summary.loc["slope", ["eti90_lb", "eti90_ub"]]
    middle = np.median(line.to_array("slope"))
    expected = f"slope = ${middle:.3f}_{{-{middle - low:.3f}}}^{{+{high - middle:.3f}}}$"
    assert fig.axes[4].get_title() == expected


def test_quantiles_are_drawn_where_they_are(line):
    fig = plots.corner(line, names="scatter")
    drawn = sorted({round(float(artist.get_xdata()[0]), 12) for artist in fig.axes[0].lines})
    np.testing.assert_allclose(drawn, np.quantile(line.to_array("scatter"), [0.05, 0.5, 0.95]), rtol=1e-9)


def test_meaning_of_contours_and_lines_is_stated(line):
    assert "39 % and 86 %" in words(plots.corner(line))
    assert "median and the central 90 %" in words(plots.corner(line))
    assert "contours" not in words(plots.corner(line, names="slope"))


def test_contour_levels_are_the_two_dimensional_ones():
    """Of a round Gaussian, the ellipses of one and two standard deviations hold 39.3 % and 86.5 %."""
    from scipy.stats import chi2

    np.testing.assert_allclose(LEVELS, chi2(2).cdf([1, 4]), rtol=1e-12)


def held(ax, draws):
    """Return the shares of the draws inside the contour lines of a panel."""
    lines = next(a for a in ax.collections if isinstance(a, ContourSet) and not a.filled)
    shares = []
    for path in lines.get_paths():
        inside = np.zeros(len(draws), dtype=bool)
        for polygon in path.to_polygons():
            inside ^= Path(polygon).contains_points(draws)
        shares.append(inside.mean())
    return sorted(shares)


def pair(shape, n, rng):
    if shape == "banana":
        u, v = rng.normal(size=(2, n))
        return np.stack([u, 0.2 * v + u**2], axis=1)
    if shape == "apart":
        return rng.normal(size=(n, 2)) * 0.3 + np.where(rng.uniform(size=(n, 1)) < 0.4, -2, 2)
    return rng.multivariate_normal([0, 0], [[1, shape], [shape, 1]], n)


@pytest.mark.parametrize("n", [1000, 9000])
@pytest.mark.parametrize("shape", [0.0, -0.95, 0.99, 0.99999, "banana", "apart"])
def test_contours_hold_what_they_say(line, monkeypatch, shape, n):
    draws = np.array([1.0, 1e-4]) + np.array([1e3, 1e-6]) * pair(shape, n, np.random.default_rng(8))
    monkeypatch.setattr(type(line), "to_array", lambda self, names: draws)
    ax = plots.corner(line, names=["intercept", "slope"]).axes[2]
    np.testing.assert_allclose(held(ax, draws), LEVELS, atol=0.03)


def test_truths_by_name_are_marked_even_outside_the_draws(line):
    fig = plots.corner(line, truths={"slope": 3.5})
    orange = [a for a in fig.axes[4].lines if to_rgba(a.get_color()) == to_rgba(ORANGE)]
    assert [float(a.get_xdata()[0]) for a in orange] == [3.5]
    low, high = fig.axes[4].get_xlim()
    assert low < 2.0 < 3.5 < high - 0.05 * (high - low)


def test_truth_of_a_single_parameter_is_marked(one):
    fig = plots.corner(one, truths=[2.0])
    assert any(to_rgba(a.get_color()) == to_rgba(ORANGE) for a in fig.axes[0].lines)


@pytest.mark.parametrize(
    ("truths", "message"),
    [
        ({"slopes": 2.0}, "'slopes' is not plotted; did you mean 'slope'"),
        ([1.0, 2.0], "truths should hold 3 values"),
        (2.0, "truths should hold 3 values"),
    ],
)
def test_truths_that_do_not_fit_are_refused(line, truths, message):
    with pytest.raises(ModelError, match=message):
        plots.corner(line, truths=truths)


def test_a_parameter_stands_for_all_its_elements(many):
    fig = plots.corner(many, names=["scatter", "slope"])
    assert len(fig.axes) == 121
    assert fig.axes[110].get_xlabel() == "scatter"
    assert fig.axes[111].get_xlabel() == "slope[f0]"


@pytest.fixture(scope="module")
def wordy():
    """Two features with long names, and labels in millions."""
    from known_posteriors import posterior_with

    x = np.random.default_rng(2).normal(size=(30, 2))
    names = ["metallicity gradient", "effective temperature"]
    data = Data(x, 1e6 * (1 + x @ [2.0, 3.0]), names=names, label="y", y_err=1e6)
    model = Model(predictors.Linear(), likelihoods.Gaussian())
    return posterior_with(model, data, [1e6, 2e6, 3e6], [0.2e6, 0.2e6, 0.2e6])


@pytest.mark.parametrize(
    "names", [None, ["intercept", "slope[metallicity gradient]"], "slope", "slope[metallicity gradient]"]
)
def test_words_neither_overlap_nor_leave_the_figure(wordy, names):
    fig = plots.corner(wordy, names=names)
    fig.draw_without_rendering()
    boxes = [ax.title.get_window_extent() for ax in fig.axes if ax.get_title()]
    boxes += [text.get_window_extent() for text in fig.texts]
    labels = [label for ax in fig.axes for label in (ax.xaxis.label, ax.yaxis.label) if ax.get_visible()]
    boxes += [label.get_window_extent() for label in labels if label.get_text() and label.get_visible()]
    for i, box in enumerate(boxes):
        assert min(box.x0, box.y0) >= 0
        assert (box.max <= fig.bbox.max).all()
        assert not any(box.overlaps(other) for other in boxes[:i])


def test_twelve_parameters_fit_a_page(many):
    assert max(plots.corner(many).get_size_inches()) <= 12.5


def test_vector_files_stay_small(line, tmp_path):
    path = tmp_path / "corner.pdf"
    plots.corner(line).savefig(path)
    assert path.stat().st_size < 200_000


@pytest.fixture
def still():
    """A posterior whose intercept never moves."""
    from known_posteriors import posterior_with

    x = np.arange(8.0)
    model = Model(predictors.Linear(), likelihoods.Gaussian())
    return posterior_with(model, Data(x, x, y_err=0.1), [0.25, 1.0], [0.0, 0.02])


def test_constant_columns_are_named_not_plotted(still):
    fig = plots.corner(still)
    assert len(fig.axes) == 1
    assert "constant: intercept = 0.25" in words(fig)


def test_nothing_but_constants_is_refused(still):
    with pytest.raises(ModelError, match="all draws of intercept are the same"):
        plots.corner(still, names="intercept")


def test_figure_with_other_panels_is_refused(line):
    fig = Figure()
    fig.subplots(2, 2)
    with pytest.raises(ModelError, match="holds 4 axes, but 3 parameters need 9"):
        plots.corner(line, fig=fig)
