"""Plots of the fit over the data: bands, residuals and replicates against direct calculation."""

import numpy as np
import pytest
from known_posteriors import posterior_with
from matplotlib.collections import FillBetweenPolyCollection
from matplotlib.container import ErrorbarContainer
from matplotlib.figure import Figure
from scipy.stats import norm

from bayesfit import Data, Model, ModelError, likelihoods, plots, predictors
from bayesfit.plots.measured import draw_labels, typical_columns


def lines(ax):
    return {str(a.get_label()): a for a in ax.lines}


def band(ax, label):
    found = next(a for a in ax.collections if isinstance(a, FillBetweenPolyCollection) and a.get_label() == label)
    corners = found.get_paths()[0].vertices
    return corners[:, 0], corners[:, 1]


def test_line_and_bands_are_quantiles_of_the_mean(line):
    ax = plots.predictive(line, prob=0.8)
    draws = line.to_array()
    mean = lines(ax)["posterior mean"]
    x = mean.get_xdata()
    assert (x[0], x[-1]) == (0.0, 9.0)
    np.testing.assert_allclose(mean.get_ydata(), draws[:, 0].mean() + draws[:, 1].mean() * x)
    curves = draws[:, :1] + draws[:, 1:2] * x[-1]
    _, height = band(ax, "mean, 80 %")
    assert height.max() == pytest.approx(np.quantile(curves, 0.9))
    assert ax.get_xlabel() == "x (s)"
    assert ax.get_ylabel() == "y (m)"


def test_half_the_probability_has_a_band_of_its_own_unless_less_is_asked_for(line):
    labels = [text.get_text() for text in plots.predictive(line).get_legend().get_texts()]
    assert {"mean, 90 %", "mean, 50 %"} <= set(labels)
    labels = [text.get_text() for text in plots.predictive(line, prob=0.4).get_legend().get_texts()]
    assert "mean, 40 %" in labels
    assert "mean, 50 %" not in labels


@pytest.fixture(scope="module")
def fast():
    """A wave of 3.7 d through fifty nights of 1500 d."""
    t = np.sort(np.random.default_rng(0).uniform(0, 1500, 50))
    y = 30 * np.sin(2 * np.pi * t / 3.7)
    model = Model(predictors.Fourier(3.7, 1), likelihoods.Gaussian())
    # intercept, cosine, sine
    return posterior_with(model, Data(t, y, y_err=3.0), [0.0, 0.0, 30.0], [0.4, 0.6, 0.6])


def test_a_fast_wave_is_drawn_as_it_is(fast):
    mean = lines(plots.predictive(fast))["posterior mean"]
    t = fast.target.data.x[:, 0]
    assert np.isin(t, mean.get_xdata()).all()
    fine = np.linspace(t[0], t[-1], 7001)
    drawn = np.interp(fine, *mean.get_data())
    # of a range of 60
    assert np.abs(drawn - fast.predict(fine).mean).max() < 0.7


def test_a_wave_too_fast_to_be_drawn_is_remarked_on(fast):
    model = Model(predictors.Fourier(0.037, 1), likelihoods.Gaussian())
    posterior = posterior_with(model, fast.target.data, [0.0, 0.0, 30.0], [0.4, 0.6, 0.6])
    assert plots.predictive(posterior).get_title(loc="right") == "20000 points do not resolve the curve"


def test_rows_at_one_place_are_drawn_there():
    model = Model(predictors.Linear(), likelihoods.Gaussian())
    alike = posterior_with(model, Data([2.0, 2.0], [1.0, 1.2], y_err=0.1), [0.0, 0.5], [0.1, 0.1])
    assert lines(plots.predictive(alike))["posterior mean"].get_xdata().tolist() == [2.0]


def test_extrapolation_is_dashed(line):
    ax = plots.predictive(line, x=[-3.0, 0.0, 4.0, 9.0, 12.0])
    solid, dashed = lines(ax)["posterior mean"], lines(ax)["extrapolated"]
    assert solid.get_linestyle() == "-"
    assert dashed.get_linestyle() == "--"
    np.testing.assert_array_equal(np.isnan(solid.get_ydata()), [True, False, False, False, True])
    np.testing.assert_array_equal(np.isnan(dashed.get_ydata()), [False, False, True, False, False])
    assert "extrapolated" not in lines(plots.predictive(line))


def test_new_labels_scatter_by_all_the_noise(line):
    """sd² = (0.2² + 4.5² 0.04² of the line) + 0.5² of scatter + 0.3² of measurement."""
    ax = plots.predictive(line, x=[4.5, 4.5], observed=True)
    _, height = band(ax, "new labels, 90 %")
    sd = np.sqrt(0.2**2 + (4.5 * 0.04) ** 2 + 0.5**2 + 0.06**2 + 0.3**2)
    np.testing.assert_allclose([height.min(), height.max()], 10 + np.array([-1, 1]) * 1.645 * sd, atol=0.12)


def test_other_features_stay_at_their_medians(many):
    ax = plots.predictive(many, feature="f9")
    data, draws = many.target.data, many.to_array()
    mean = lines(ax)["posterior mean"]
    fixed = np.median(data.x, axis=0)[:9] @ draws[:, 1:10].mean(axis=0) + draws[:, 0].mean()
    np.testing.assert_allclose(mean.get_ydata(), fixed + draws[:, 10].mean() * mean.get_xdata())
    assert "at the medians f0 = " in ax.get_xlabel()
    assert "and 6 more" in ax.get_xlabel()


def test_trials_stay_whole_where_their_median_is_not():
    """Half of the rows have 10 trials, the others 13: 11.5 of them would be refused."""
    x, trials = np.linspace(-1, 1, 20), np.repeat([10, 13], 10)
    data = Data(x, np.round(trials / (1 + np.exp(-x))), columns={"n": trials})
    posterior = posterior_with(
        Model(predictors.Linear(), likelihoods.Binomial(trials="n")), data, [0.0, 1.0], [0.05, 0.05]
    )
    ax = plots.predictive(posterior, observed=True)
    assert "n = 10" in ax.get_xlabel()
    assert 0 < lines(ax)["posterior mean"].get_ydata().max() < 10


def test_further_columns_stay_at_a_value_that_occurs():
    columns = {"n": [3, 8, 5, 4], "exposure": [1.0, np.nan, 2.5, 4.0], "name": ["a", "b", "c", "d"]}
    assert typical_columns(Data(np.arange(4.0), columns=columns)) == {"n": 4, "exposure": 2.5}


def test_many_features_show_observed_against_predicted(many):
    ax = plots.predictive(many)
    points = next(c for c in ax.containers if isinstance(c, ErrorbarContainer)).lines[0]
    data, draws = many.target.data, many.to_array()
    np.testing.assert_allclose(points.get_xdata(), draws[:, 0].mean() + data.x @ draws[:, 1:11].mean(axis=0))
    np.testing.assert_array_equal(points.get_ydata(), data.y)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"feature": "f_1"}, "no feature 'f_1'; did you mean 'f1'"),
        ({"x": [1.0]}, "need one feature along the axis"),
        ({"observed": True}, "need one feature along the axis"),
        ({"prob": 1.5}, "prob=1.5"),
    ],
)
def test_predictive_refuses(many, arguments, message):
    with pytest.raises(ModelError, match=message):
        plots.predictive(many, **arguments)


def test_a_cloud_of_points_does_not_hide_the_fit():
    rng = np.random.default_rng(1)
    x = rng.uniform(0, 10, 20_000)
    ax = Figure().add_subplot()
    (line,) = ax.plot([0, 10], [0, 20])
    draw_labels(ax, x, Data(x, 2 * x + rng.normal(size=20_000), y_err=1.0))
    points, _, (bars,) = ax.containers[0].lines
    assert max(points.get_zorder(), bars.get_zorder()) < 1 < line.get_zorder()
    assert points.get_alpha() < 0.1
    assert points.get_rasterized()


def test_errors_on_both_axes_and_their_sides():
    """plus says how far the truth may lie above y, and so the bar reaches up by plus."""
    data = Data([1.0, 2.0], [10.0, 20.0], x_err=[0.1, 0.2], y_err=[[1.0, 3.0], [2.0, 4.0]])
    ax = Figure().add_subplot()
    draw_labels(ax, data.x[:, 0], data, position_err=data.x_err[:, 0])
    across, up = ax.containers[0].lines[2]
    np.testing.assert_allclose(across.get_segments(), [[[0.9, 10], [1.1, 10]], [[1.8, 20], [2.2, 20]]])
    np.testing.assert_allclose(up.get_segments(), [[[1, 9], [1, 13]], [[2, 18], [2, 24]]])


@pytest.mark.parametrize(("flag", "name", "side"), [("<", "upper limits", -1), (">", "lower limits", 1)])
def test_limits_point_where_the_truth_may_lie(flag, name, side):
    data = Data([1.0, 2.0, 3.0], [1.0, 5.0, 3.0], y_err=[0.1, np.nan, 0.1], limits=["", flag, ""])
    ax = Figure().add_subplot()
    draw_labels(ax, data.x[:, 0], data)
    assert [c.get_label() for c in ax.containers] == ["data", f"_{name}"]
    assert name in lines(ax)
    (bar,) = ax.containers[1].lines[2][0].get_segments()
    reach = bar[:, 1] - 5.0
    assert np.sign(reach[np.argmax(np.abs(reach))]) == side
    np.testing.assert_array_equal(ax.containers[0].lines[0].get_xdata(), [1.0, 3.0])


def test_intervals_reach_from_end_to_end_and_gaps_are_not_drawn():
    data = Data([1.0, 2.0, np.nan, 4.0], [[1.0, 1.0], [2.0, 6.0], [1.0, 1.0], [np.nan, np.nan]])
    ax = Figure().add_subplot()
    draw_labels(ax, data.x[:, 0], data)
    bars = next(a for a in ax.collections if a.get_label() == "intervals")
    np.testing.assert_array_equal(bars.get_segments(), [[[2, 2], [2, 6]]])
    np.testing.assert_array_equal(ax.containers[0].lines[0].get_xdata(), [1.0])


@pytest.fixture(scope="module")
def gappy():
    """Row 3 has no label; row 7 is far off."""
    x = np.arange(12.0)
    y = 1 + 2 * x
    y[3], y[7] = np.nan, 30.0
    return posterior_with(
        Model(predictors.Linear(), likelihoods.Gaussian()), Data(x, y, y_err=1.0), [1.0, 2.0], [0.01, 0.002]
    )


def test_rows_left_out_are_counted(gappy):
    assert plots.predictive(gappy).get_title(loc="right") == "not shown: 1 rows without y"


def test_residuals_are_in_units_of_the_predictive_sd(gappy):
    """The far row is 30 - 15 = 15 standard deviations off, and is named by its number in the data."""
    ax = plots.residuals(gappy)
    named = [text for text in ax.texts if text.get_text() == "row 7"]
    assert len(named) == 1
    assert named[0].xy[0] == pytest.approx(15.0, abs=0.05)
    # far beyond the predicted labels r follows their tail: good to 3 %
    assert named[0].xy[1] == pytest.approx(15.0, rel=0.1)
    points = np.concatenate([a.get_ydata() for a in ax.lines if a.get_marker() == "o"])
    assert len(points) == 11


def test_residuals_against_a_feature(many):
    ax = plots.residuals(many, feature="f3")
    drawn = np.concatenate([a.get_xdata() for a in ax.lines if a.get_marker() == "o"])
    np.testing.assert_array_equal(np.sort(drawn), np.sort(many.target.data.x[:, 3]))
    assert ax.get_xlabel() == "f3"
    with pytest.raises(ModelError, match="did you mean 'f3'"):
        plots.residuals(many, feature="f_3")


def drawn_residuals(ax):
    return np.concatenate([a.get_ydata() for a in ax.lines if a.get_linestyle() == "None"])


def test_residuals_of_a_normal_law_are_distances_in_its_sd(line):
    """sd² = 0.2² + x² 0.04² of the line, 0.5² + 0.06² of scatter, 0.3² of measurement."""
    data = line.target.data
    sd = np.sqrt(0.2**2 + (0.04 * data.x[:, 0]) ** 2 + 0.5**2 + 0.06**2 + 0.3**2)
    r = (data.y - line.predict(data).mean) / sd
    np.testing.assert_allclose(np.sort(drawn_residuals(plots.residuals(line))), np.sort(r), atol=0.06)
    assert (
        plots.residuals(line).get_title(loc="right")
        == f"{100 * np.mean(np.abs(r) < 1):.0f} % within ±1 (68 % expected)"
    )


def truncated(rng):
    x = rng.uniform(0, 1, 1000)
    y = 1.5 * x + 0.5 * rng.normal(size=1000)
    model = Model(predictors.Linear(), likelihoods.Gaussian(scatter=True, truncation=(0.3, np.inf)))
    return model, Data(x[y > 0.3], y[y > 0.3]), [0.0, 1.5, 0.5]


def uneven(rng):
    """A label lies three above the truth as often as it lies one below."""
    x = rng.uniform(0, 1, 1000)
    noise = np.abs(rng.normal(size=1000)) * np.where(rng.uniform(size=1000) < 0.25, 1.0, -3.0)
    model = Model(predictors.Linear(), likelihoods.Gaussian())
    return model, Data(x, 5 * x + noise, y_err=np.tile([1.0, 3.0], (1000, 1))), [0.0, 5.0]


def heavy(rng):
    x = rng.uniform(0, 1, 1000)
    model = Model(predictors.Linear(), likelihoods.StudentT(dof=1.5, scatter=True))
    return model, Data(x, x + 0.1 * rng.standard_t(1.5, 1000)), [0.0, 1.0, 0.1]


def counts(rng):
    x = rng.uniform(0, 2, 1000)
    model = Model(predictors.Linear(), likelihoods.Poisson(link="log"))
    return model, Data(x, rng.poisson(np.exp(x - 1.0))), [-1.0, 1.0]


@pytest.mark.parametrize("make", [truncated, uneven, heavy, counts])
def test_residuals_of_a_right_model_are_standard_normal(make):
    """Between ±3, that is: beyond, a normal tail is only a guess."""
    model, data, truth = make(np.random.default_rng(5))
    r = drawn_residuals(plots.residuals(posterior_with(model, data, truth, [1e-3] * len(truth))))
    assert abs(r.mean()) < 0.1
    for edge in (-2, -1, 0, 1, 2):
        assert np.mean(r < edge) == pytest.approx(norm.cdf(edge), abs=4 * np.sqrt(0.25 / len(r)))
    assert np.mean(np.abs(r) > 3) < 0.01


def test_counts_far_from_all_that_are_predicted_are_far_off():
    data = Data(np.arange(6.0), [0, 0, 0, 0, 0, 9])
    model = Model(predictors.Linear(), likelihoods.Poisson(link="log"))
    r = drawn_residuals(plots.residuals(posterior_with(model, data, [-9.0, 0.0], [0.01, 0.001])))
    assert 5 < r.max() < 20


def test_limits_are_far_off_only_where_they_contradict_the_fit():
    """The line is y = x, the error 1: labels above 20 and below -20 are out of the question."""
    y = [0.1, 1.2, 20.0, -20.0, 20.0, -20.0]
    limits = ["", "", "<", "<", ">", ">"]
    data = Data(np.arange(6.0), y, y_err=1.0, limits=limits)
    model = Model(predictors.Linear(), likelihoods.Gaussian())
    ax = plots.residuals(posterior_with(model, data, [0.0, 1.0], [0.01, 0.01]))
    assert {text.get_text() for text in ax.texts} == {"row 3", "row 4"}
    assert ax.get_title(loc="right") == "100 % of the measured labels within ±1"


def test_limits_alone_have_no_share_within_one():
    x = np.arange(4.0)
    data = Data(x, np.stack([x + np.array([5, 5, -0.5, -9]), x + np.array([6, np.inf, 0.5, -8])], axis=1))
    model = Model(predictors.Linear(), likelihoods.Gaussian())
    ax = plots.residuals(posterior_with(model, data, [0.0, 1.0, 1.0], [0.01, 0.01, 0.01]))
    assert ax.get_title(loc="right") == ""
    assert {text.get_text() for text in ax.texts} == {"row 0", "row 1", "row 3"}


def test_observed_shares_are_those_of_the_labels(line):
    ax = plots.predictive_check(line)
    observed = lines(ax)["observed"]
    steps = np.column_stack(observed.get_data())
    labels = np.sort(line.target.data.y)
    for value, share in steps[1:]:
        if np.isfinite(value):
            assert np.isclose(share, np.mean(labels <= value)) or np.isclose(share, np.mean(labels < value))


def test_replicates_of_a_good_model_hold_the_observed_shares(line):
    """The replicates come from the model; pointwise, the 90 % band holds most of the observed curve."""
    ax = plots.predictive_check(line)
    x, share = band(ax, "90 % of replicates")
    labels = np.sort(line.target.data.y)
    half = len(x) // 2
    grid = np.unique(x)
    low = [share[x == value].min() for value in grid]
    high = [share[x == value].max() for value in grid]
    curve = np.searchsorted(labels, grid, side="right") / len(labels)
    assert half > 100
    assert np.mean((curve >= np.array(low) - 1e-9) & (curve <= np.array(high) + 1e-9)) > 0.8


def test_histogram_holds_every_label_once(line):
    ax = plots.predictive_check(line, kind="hist")
    stairs = next(a for a in ax.patches if a.get_label() == "observed")
    assert stairs.get_data().values.sum() == 25


@pytest.mark.parametrize(("y_err", "said"), [(0.5, "inside the band"), (0.2, "leaves the band")])
def test_loo_pit_of_a_right_model_stays_in_the_band(y_err, said):
    """A right model's whole curve lies in it with probability 0.95."""
    rng = np.random.default_rng(3)
    x = rng.uniform(0, 5, 150)
    data = Data(x, 1 + 2 * x + 0.5 * rng.normal(size=150), y_err=y_err)
    model, truth = Model(predictors.Linear(), likelihoods.Gaussian()), [1.0, 2.0]
    ax = plots.predictive_check(posterior_with(model, data, truth, [0.01, 0.003]), kind="loo_pit")
    assert ax.get_title(loc="right").startswith(said)
    edge, share = band(ax, "95 % if the model is right")
    points = np.arange(1, 150) / 150
    low, high = (np.array([f(share[np.isclose(edge, p)]) for p in points]) for f in (np.min, np.max))
    curves = (rng.uniform(size=(1000, 150, 1)) <= points).mean(axis=1) - points
    inside = ((curves >= low - 1e-9) & (curves <= high + 1e-9)).all(axis=1).mean()
    assert abs(inside - 0.95) < 0.025
    drawn = lines(ax)["observed"].get_ydata()
    assert np.abs(drawn).max() < 0.12 if y_err == 0.5 else np.abs(drawn).max() > 0.15


@pytest.fixture(scope="module")
def censored():
    """A right model of labels of which all below 0.3 are upper limits."""
    rng = np.random.default_rng(5)
    x, error = rng.uniform(-1, 1, 300), 0.4
    y = 1.5 * x + error * rng.normal(size=300)
    data = Data(x, np.maximum(y, 0.3), y_err=error, limits=np.where(y < 0.3, "<", ""))
    model = Model(predictors.Linear(), likelihoods.Gaussian())
    return posterior_with(model, data, [0.0, 1.5], [0.03, 0.04])


def test_labels_with_limits_are_checked_among_what_the_others_predict(censored):
    ax = plots.predictive_check(censored)
    assert ax.get_xlabel() == "LOO-PIT of the label"
    assert ax.get_title(loc="right") == "inside the band"


@pytest.mark.parametrize("kind", ["ecdf", "hist"])
def test_replicates_are_not_compared_with_limits(censored, kind):
    with pytest.raises(ModelError, match=r"of these are limits or intervals.*use kind='loo_pit'"):
        plots.predictive_check(censored, kind=kind)


def test_a_limit_that_says_nothing_is_checked_with_the_others():
    """Far on the side that is allowed, ln P is nought at every draw."""
    x = np.linspace(0, 1, 12)
    y = 1 + x + 0.1 * norm.ppf((np.arange(12) * 5 % 12 + 0.5) / 12)
    y[3] = 50.0
    data = Data(x, y, y_err=0.1, limits=np.where(np.arange(12) == 3, "<", ""))
    posterior = posterior_with(Model(predictors.Linear(), likelihoods.Gaussian()), data, [1.0, 1.0], [0.05, 0.08])
    plots.predictive_check(posterior)


def test_unknown_kind_is_refused(line):
    with pytest.raises(ModelError, match="kind='violin'"):
        plots.predictive_check(line, kind="violin")
