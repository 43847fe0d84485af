"""What all plots have in common."""

import subprocess
import sys

import matplotlib
import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure

import bayesfit
from bayesfit import ModelError, compare, plots
from bayesfit.plots.style import BLUE, CYCLE, INK, ORANGE

ON_AXES = ["autocorrelation", "khat", "loo", "predictive", "predictive_check", "residuals"]
ON_FIGURES = ["corner", "prior_posterior", "trace"]
OF_CLASSES = ["calibration", "decision_boundary", "precision_recall", "roc"]


def test_every_plot_is_in_a_table():
    assert set(plots.__all__) == {*ON_AXES, *ON_FIGURES, *OF_CLASSES, "comparison", "selection", "style", "png"}


@pytest.mark.parametrize("size", ["one", "line", "many"])
@pytest.mark.parametrize("name", ON_AXES)
def test_axes_are_new_and_current(name, size, request):
    ax = getattr(plots, name)(request.getfixturevalue(size))
    assert isinstance(ax, Axes)
    assert plt.gcf() is ax.figure
    assert len(plt.get_fignums()) == 1
    ax.figure.draw_without_rendering()


@pytest.mark.parametrize("name", ON_AXES)
def test_axes_of_the_caller_are_used_and_pyplot_is_left_alone(name, line):
    ax = Figure().add_subplot()
    assert getattr(plots, name)(line, ax=ax) is ax
    assert ax.has_data()
    assert plt.get_fignums() == []


@pytest.mark.parametrize("size", ["one", "line", "many"])
@pytest.mark.parametrize("name", ON_FIGURES)
def test_figures_are_new_current_and_of_a_handy_size(name, size, request):
    fig = getattr(plots, name)(request.getfixturevalue(size))
    assert isinstance(fig, Figure)
    assert plt.gcf() is fig
    assert len(plt.get_fignums()) == 1
    assert max(fig.get_size_inches()) <= 16
    fig.draw_without_rendering()


@pytest.mark.parametrize("name", ON_FIGURES)
def test_figures_of_the_caller_are_used_again_and_again(name, line):
    fig = Figure(figsize=(5, 5))
    plot = getattr(plots, name)
    assert plot(line, fig=fig) is fig
    n_axes = len(fig.axes)
    assert plot(line, fig=fig) is fig
    assert len(fig.axes) == n_axes
    assert plt.get_fignums() == []


@pytest.mark.parametrize("name", ON_AXES)
def test_what_is_no_axes_is_refused(name, line):
    with pytest.raises(ModelError, match="ax should be a matplotlib Axes, got Figure"):
        getattr(plots, name)(line, ax=Figure())


@pytest.mark.parametrize("name", OF_CLASSES)
def test_plots_of_classes_use_the_callers_axes_or_new_ones(name, stars):
    rows = () if name == "decision_boundary" else (stars.target.data,)
    plot, ax = getattr(plots, name), Figure().add_subplot()
    assert plot(stars, *rows, ax=ax) is ax
    assert plt.get_fignums() == []
    new = plot(stars, *rows)
    assert plt.gcf() is new.figure
    new.figure.draw_without_rendering()
    with pytest.raises(ModelError, match="ax should be a matplotlib Axes, got Figure"):
        plot(stars, *rows, ax=Figure())


@pytest.mark.parametrize("name", ON_FIGURES)
def test_what_is_no_figure_is_refused(name, line):
    with pytest.raises(ModelError, match="fig should be a matplotlib Figure, got int"):
        getattr(plots, name)(line, fig=3)


@pytest.mark.parametrize("name", [*ON_FIGURES, "autocorrelation"])
def test_unknown_names_are_refused_with_the_nearest(name, line):
    with pytest.raises(ModelError, match="no parameter 'slop'; did you mean 'slope'"):
        getattr(plots, name)(line, names=["slop"])


def test_comparison_is_drawn_on_both_kinds_of_axes(line, other):
    compared = compare({"scatter": line, "none": other})
    ax = Figure().add_subplot()
    assert plots.comparison(compared, ax=ax) is ax
    assert plt.get_fignums() == []
    assert plots.comparison(compared).figure is plt.gcf()


def test_settings_of_the_user_survive_an_error(line):
    with matplotlib.rc_context({"axes.spines.top": True}):
        with pytest.raises(ModelError):
            plots.corner(line, names="nothing")
        assert matplotlib.rcParams["axes.spines.top"]


def test_package_without_plots_does_not_load_matplotlib():
    code = "import sys, bayesfit; bayesfit.Model; print({'matplotlib', 'corner'} & set(sys.modules))"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "set()"
    assert bayesfit.plots is plots


def _linear(channel):
    return np.where(channel <= 0.04045, channel / 12.92, ((channel + 0.055) / 1.055) ** 2.4)


# what red-, green- and blue-blind eyes see (Machado, Oliveira & Fernandes 2009, severity 1)
BLIND = {
    "none": np.eye(3),
    "protan": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "deutan": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
    "tritan": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ],
}


def _lab(rgb):
    """Return CIE L*a*b* of linear sRGB (…, 3), white point D65."""
    to_xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
    xyz = np.clip(rgb, 0, 1) @ to_xyz.T / [0.9505, 1.0, 1.089]
    f = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.stack([116 * f[..., 1] - 16, 500 * (f[..., 0] - f[..., 1]), 200 * (f[..., 1] - f[..., 2])], axis=-1)


@pytest.mark.parametrize("eyes", BLIND)
def test_colours_can_be_told_apart_by_all_eyes(eyes):
    for family in (CYCLE, (BLUE, ORANGE, INK)):
        rgb = _linear(np.array([matplotlib.colors.to_rgb(colour) for colour in family]))
        lab = _lab(rgb @ np.array(BLIND[eyes]).T)
        apart = np.linalg.norm(lab[:, None] - lab, axis=-1)[np.triu_indices(len(family), 1)]
        # a difference of 2 can just be seen side by side; 10 at a glance
        assert apart.min() > 10
