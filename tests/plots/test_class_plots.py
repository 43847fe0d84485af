"""Plots of classifications: what they draw, against the numbers behind them."""

import numpy as np
import pytest
from matplotlib.colors import to_rgb
from matplotlib.container import ErrorbarContainer
from scipy import stats

from bayesfit import ClassModel, Data, DataError, MixtureModel, ModelError, metrics, plots
from bayesfit.plots.style import CYCLE


def line_of(ax, label):
    """Return the points (n, 2) of the line with this label."""
    return next(line for line in ax.lines if line.get_label() == label).get_xydata()


def band_of(ax, label):
    """Return the vertices of a band."""
    return next(patch for patch in ax.collections if patch.get_label() == label).get_paths()[0].vertices


def points_of(ax, label):
    """Return the points (n, 2) of error bars with this label, and the segments of the bars."""
    bars = next(bar for bar in ax.containers if isinstance(bar, ErrorbarContainer) and bar.get_label() == label)
    return bars.lines[0].get_xydata(), [np.array(lines.get_segments()) for lines in bars.lines[2]]


@pytest.fixture(scope="module")
def rows():
    """Two hundred new rows of the kind of ``stars``."""
    rng = np.random.default_rng(8)
    x = rng.normal(size=(200, 2))
    probability = 1 / (1 + np.exp(1 - x @ [1.5, 0.5]))
    return Data(x, np.where(rng.uniform(size=200) < probability, "star", "galaxy"), names=["colour", "size"])


def test_roc_draws_the_mean_curve_and_its_band(stars, rows):
    found, ax = metrics.roc(stars, rows), plots.roc(stars, rows)
    grid, draws = found["fpr"].to_numpy(), found["tpr"].to_numpy().reshape(-1, 101)
    np.testing.assert_allclose(line_of(ax, "posterior mean"), np.stack([grid, draws.mean(axis=0)], axis=1))
    band = band_of(ax, "90 %")
    for point in (0, 20, 50):
        low, high = np.quantile(draws[:, point], [0.05, 0.95])
        at = band[np.isclose(band[:, 0], grid[point]), 1]
        assert (at.min(), at.max()) == pytest.approx((low, high))
    assert f"{float(found['auc'].median()):.2f}" in ax.get_title(loc="right")
    assert ax.get_ylabel() == "star found, true positive rate"
    assert plots.roc(stars, rows, positive="galaxy").get_ylabel().startswith("galaxy")


def test_precision_recall_draws_guessing_at_the_share(stars, rows):
    found, ax = metrics.precision_recall(stars, rows), plots.precision_recall(stars, rows)
    draws = found["precision"].to_numpy().reshape(-1, 100)
    np.testing.assert_allclose(line_of(ax, "posterior mean")[:, 1], draws.mean(axis=0))
    share = (rows.labels == "star").mean()
    assert line_of(ax, f"guessing, {share:.2g}")[0, 1] == pytest.approx(share)
    rare = plots.precision_recall(stars, rows, prevalence={"galaxy": 99, "star": 1})
    assert line_of(rare, "guessing, 0.01")[0, 1] == pytest.approx(0.01)


def test_calibration_groups_rows_by_their_probability(stars, rows):
    points, (across, upright) = points_of(plots.calibration(stars, rows, bins=8), "observed")
    probability, is_star = stars.predict_proba(rows)[:, 1], rows.labels == "star"
    order = np.argsort(probability).reshape(8, 25)
    np.testing.assert_allclose(points[:, 0], probability[order].mean(axis=1), rtol=1e-10)
    np.testing.assert_allclose(points[:, 1], is_star[order].mean(axis=1), rtol=1e-12)
    hits = is_star[order].sum(axis=1)
    low, high = stats.beta(hits + 0.5, 25 - hits + 0.5).ppf([[0.05], [0.95]])
    share = hits / 25
    np.testing.assert_allclose(upright[:, :, 1], np.stack([np.minimum(low, share), np.maximum(high, share)], axis=1))
    draws = stars.predict(rows).draws.sel({"class": "star"}).to_numpy().reshape(-1, 200)
    spread = np.quantile(draws[:, order].mean(axis=2), [0.05, 0.95], axis=0)
    np.testing.assert_allclose(across[:, :, 0], spread.T, rtol=1e-9)


@pytest.mark.parametrize(("shift", "inside"), [(0.0, True), (3.0, False)])
def test_calibration_band_holds_frequencies_that_come_true(stars, shift, inside):
    """Labels drawn with the posterior's own probabilities lie in the band; those of another intercept do not."""
    rng = np.random.default_rng(9)
    x = rng.normal(size=(2000, 2))
    probability = 1 / (1 + np.exp(1 - shift - x @ [1.5, 0.5]))
    labels = np.where(rng.uniform(size=2000) < probability, "star", "galaxy")
    ax = plots.calibration(stars, Data(x, labels, names=["colour", "size"]), bins=5)
    points, _ = points_of(ax, "observed")
    band = band_of(ax, "if the posterior is right, 90 %")
    within = [
        band[np.isclose(band[:, 0], x), 1].min() <= y <= band[np.isclose(band[:, 0], x), 1].max() for x, y in points
    ]
    assert np.mean(within) >= 0.8 if inside else not any(within)


@pytest.mark.parametrize("bins", [0, 2.5, True, "many"])
def test_calibration_refuses_bins_that_are_no_number(stars, rows, bins):
    with pytest.raises(ModelError, match="bins="):
        plots.calibration(stars, rows, bins=bins)


def test_calibration_of_one_group_and_of_equal_probabilities(stars, rows):
    assert len(points_of(plots.calibration(stars, rows, bins=1), "observed")[0]) == 1
    alike = Data(np.zeros((30, 2)), ["star"] * 10 + ["galaxy"] * 20, names=["colour", "size"])
    points, _ = points_of(plots.calibration(stars, alike, bins=10), "observed")
    np.testing.assert_allclose(points[:, 1], [1 / 3])


def test_boundary_is_where_the_classes_are_equally_probable(stars):
    ax = plots.decision_boundary(stars)
    solid = next(c for c in ax.collections if np.isclose(np.max(c.get_linewidth()), 1.2))
    on_it = solid.get_paths()[0].vertices
    # the map is the mean of 300 draws
    error = stars.predict(on_it).sd[:, 1] / np.sqrt(300)
    assert (np.abs(stars.predict_proba(on_it)[:, 1] - 0.5) < 4 * error + 0.002).all()
    dashed = next(c for c in ax.collections if np.isclose(np.max(c.get_linewidth()), 0.7) and c is not solid)
    edge = np.concatenate([path.vertices for path in dashed.get_paths()])
    draws = stars.predict(edge).draws.sel({"class": "star"}).to_numpy()
    share = (draws > 0.5).mean(axis=(0, 1))
    np.testing.assert_allclose(np.maximum(share, 1 - share), 0.95, atol=0.05)


def test_boundary_map_has_the_colours_of_the_classes(stars):
    ax = plots.decision_boundary(stars)
    left, right, bottom, top = ax.images[0].get_extent()
    tints = ax.images[0].get_array()
    corners = stars.predict_proba(np.array([[left, bottom], [right, top]]))
    for tint, probability in zip((tints[0, 0], tints[-1, -1]), corners, strict=True):
        code = probability.argmax()
        strength = 0.45 * (2 * probability.max() - 1)
        np.testing.assert_allclose(tint, 1 - strength * (1 - np.array(to_rgb(CYCLE[code]))), atol=0.02)
    points, _ = points_of(ax, "star")
    np.testing.assert_array_equal(points, stars.target.data.x[stars.target.data.labels == "star"])
    assert ax.get_xlabel() == "colour (mag)"


def test_prevalence_moves_the_boundary(stars):
    ax = plots.decision_boundary(stars, prevalence={"galaxy": 0.9, "star": 0.1})
    solid = next(c for c in ax.collections if np.isclose(np.max(c.get_linewidth()), 1.2))
    on_it = solid.get_paths()[0].vertices
    draws = stars.predict(on_it).draws.sel({"class": "star"}).to_numpy().reshape(-1, len(on_it))
    share = (stars.target.data.labels == "star").mean()
    weighted = draws * 0.1 / share / (draws * 0.1 / share + (1 - draws) * 0.9 / (1 - share))
    error = weighted.std(axis=0) / np.sqrt(300)  # the map is the mean of 300 draws
    assert (np.abs(weighted.mean(axis=0) - 0.5) < 4 * error + 0.002).all()


def test_boundary_shows_errors_and_counts_gaps(make_posterior):
    rng = np.random.default_rng(2)
    x = np.concatenate([rng.normal(-1, 1, (20, 3)), rng.normal(1, 1, (20, 3))])
    x[3, 0] = np.nan
    errors = rng.uniform(0.1, 0.3, (40, 3))
    labelled = Data(x, ["a"] * 20 + ["b"] * 20, x_err=errors)
    for model, data in ((ClassModel(), labelled), (MixtureModel(2), Data(x, x_err=errors))):
        posterior = make_posterior(model, data)
        ax = plots.decision_boundary(posterior, features=("x0", "x2"))
        assert "not shown: 1 row with gaps; at x1 =" in ax.get_title(loc="right")
        label = "a" if data is labelled else "without a class"
        _, (across, _) = points_of(ax, label)
        rows = np.setdiff1d(np.arange(20 if data is labelled else 40), [3])
        np.testing.assert_allclose(np.ptp(across[:, :, 0], axis=1), 2 * errors[rows, 0])


def test_features_are_two_of_the_models_own(stars, make_posterior):
    with pytest.raises(ModelError, match="no feature 'color'; did you mean 'colour'"):
        plots.decision_boundary(stars, features=("color", "size"))
    for same in ("size", ("size", "size"), ["colour", "size", "size"]):
        with pytest.raises(ModelError, match="should be two different features"):
            plots.decision_boundary(stars, features=same)
    three = Data(np.random.default_rng(1).normal(size=(20, 3)), ["a", "b"] * 10)
    with pytest.raises(ModelError, match="features: name two of the 3 features x0, x1, x2"):
        plots.decision_boundary(make_posterior(ClassModel(), three))


@pytest.mark.parametrize("name", ["calibration", "precision_recall", "roc"])
def test_rows_need_labels_and_models_classes(name, stars, line):
    with pytest.raises(DataError, match="no row has a label"):
        getattr(plots, name)(stars, Data(np.zeros((3, 2)), names=["colour", "size"]))
    with pytest.raises(ModelError, match="has no classes"):
        getattr(plots, name)(line, line.target.data)
    with pytest.raises(ModelError, match="has no classes"):
        plots.decision_boundary(line)
