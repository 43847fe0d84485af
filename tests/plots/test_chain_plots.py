"""Traces and autocorrelations against chains of known make."""

import numpy as np
import pytest
from known_posteriors import PHI
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure

from bayesfit import Posterior, SamplingError, plots


def test_trace_shows_what_the_chains_hold(line):
    fig = plots.trace(line)
    left = fig.axes[2]
    assert left.get_ylabel() == f"slope ({line.target.parameters.unit_of('slope')})"
    collections = [a for a in left.collections if isinstance(a, LineCollection)]
    assert len(collections) == 4
    assert all(a.get_rasterized() for a in collections)
    segment = collections[1].get_segments()[0]
    np.testing.assert_array_equal(segment[:, 1], line.chains[1, segment[:, 0].astype(int), 0, 1])
    assert fig.axes[4].get_xlabel() == "step after burn-in"


def test_long_chains_are_thinned_in_the_drawing(line):
    long = Posterior(line.tree, line.target, line.diagnostics, np.tile(line.chains, (1, 20, 3, 1)))
    fig = plots.trace(long, names="slope")
    segments = fig.axes[0].collections[0].get_segments()
    assert len(segments) <= 16
    assert len(segments[0]) <= 600
    assert "16 of each shown" in fig.axes[0].get_title(loc="left")


def test_trace_without_raw_chains_takes_the_stored_draws(line):
    loaded = Posterior(line.tree, line.target, line.diagnostics)
    fig = plots.trace(loaded, names="slope")
    assert fig.axes[0].get_xlabel() == "stored draw"
    segment = fig.axes[0].collections[2].get_segments()[0]
    stored = line["slope"].to_numpy()[2]
    np.testing.assert_array_equal(segment[:, 1], stored[segment[:, 0].astype(int)])


def test_trace_quotes_the_diagnostics(line):
    title = plots.trace(line, names="slope").axes[1].get_title(loc="left")
    assert title == f"R-hat {line.diagnostics.rhat['slope']:.3f}, ESS {line.diagnostics.ess['slope']:.0f}"


def test_autocorrelation_is_that_of_the_process(line):
    """ρ(t) = φ^t; 48 chains of 240 steps leave an error of about 0.02."""
    ax = plots.autocorrelation(line, names="slope")
    curve = next(a for a in ax.lines if str(a.get_label()).startswith("slope"))
    lags = np.arange(8)
    np.testing.assert_allclose(curve.get_ydata()[:8], PHI**lags, atol=0.06)
    assert curve.get_label() == f"slope: τ = {line.diagnostics.tau['slope']:.1f}"


def test_tau_is_marked_on_its_curve(line):
    ax = plots.autocorrelation(line, names="slope")
    dot = next(a for a in ax.lines if a.get_marker() == "o")
    curve = next(a for a in ax.lines if str(a.get_label()).startswith("slope")).get_ydata()
    assert float(dot.get_xdata()[0]) == line.diagnostics.tau["slope"]
    assert float(dot.get_ydata()[0]) == pytest.approx(np.interp(dot.get_xdata()[0], np.arange(len(curve)), curve))


def test_only_the_slowest_of_many_are_named(many):
    ax = plots.autocorrelation(many)
    names = [text.get_text() for text in ax.get_legend().get_texts()]
    slowest = sorted(many.diagnostics.tau, key=many.diagnostics.tau.get, reverse=True)[:6]
    assert [name.split(":")[0] for name in names] == [*slowest, "6 faster ones"]


def test_autocorrelation_needs_raw_chains(line):
    with pytest.raises(SamplingError, match="not kept in files"):
        plots.autocorrelation(Posterior(line.tree, line.target, line.diagnostics), ax=Figure().add_subplot())
