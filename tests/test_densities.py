"""Reference values are from 60-digit arithmetic on the exact binary inputs."""

import numpy as np
import pytest
from scipy import integrate, stats
from scipy.special import log_ndtr

from bayesfit.densities import (
    log1mexp,
    log1p_square,
    log_ndtr_difference,
    log_normal,
    normal_laplace_log_pdf,
    student_t_log_pdf,
)


@pytest.mark.parametrize(
    ("z", "dof", "expected"),
    [
        (3.0, 1e10, -5.4189385316546727428),
        (3.0, 1e16, -5.4189385332046711918),
        (1e8, 3.0, -72.486387248096752816),
        (2.0, 0.5, -2.9584513589136740553),
        (1.3, 1000.0, -1.7643195983913359744),
        (1.3, 39.9, -1.7735396825261715543),
        (1.3, 40.1, -1.7734915525949349879),
    ],
)
def test_student_t_reference_values(z, dof, expected):
    assert student_t_log_pdf(z, dof) == pytest.approx(expected, rel=1e-13)


def test_student_t_at_one_two_and_infinite_degrees_of_freedom_has_closed_forms():
    z = np.array([0.0, 1e-8, 0.3, 7.0, 1e5])
    np.testing.assert_allclose(student_t_log_pdf(z, 1.0), -np.log(np.pi) - np.log1p(z**2), rtol=1e-14)
    np.testing.assert_allclose(student_t_log_pdf(z, 2.0), -1.5 * np.log(2 + z**2), rtol=1e-13)
    np.testing.assert_allclose(student_t_log_pdf(z, np.inf), stats.norm.logpdf(z), rtol=1e-14)


def test_student_t_where_the_square_overflows():
    z, dof = 1e200, 3.0
    expected = student_t_log_pdf(1e100, dof) - (dof + 1) * 100 * np.log(10)
    assert student_t_log_pdf(z, dof) == pytest.approx(expected, rel=1e-13)


def test_student_t_peak_is_the_same_on_both_sides_of_the_change_of_series():
    dof = np.array([0.01, 1.0, 30.0, 39.9, 40.1, 41.0, 100.0])
    np.testing.assert_allclose(student_t_log_pdf(1.3, dof), stats.t.logpdf(1.3, dof), rtol=1e-13)
    mixed = student_t_log_pdf(np.zeros((2, 1)), np.array([1.0, 1e6, 10.0]))
    np.testing.assert_allclose(mixed[1], [student_t_log_pdf(0.0, d) for d in (1.0, 1e6, 10.0)], rtol=0)


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        (30.0, 31.0, -454.32124395634325204),
        (5.0, 5.0000001, -29.537034431358671259),
        (0.0, 1e-12, -28.54995964913322097),
        (-1.0, 1.0, -0.38171514630212607227),
        (-np.inf, -10.0, -53.231285150512470578),
        (-np.inf, -38.5, -745.69527029041108133),
        (200.0, np.inf, -20006.217280898190402),
        (-np.inf, 8.0, -6.2209605742717860585e-16),
        (-np.inf, 40.0, 0.0),
    ],
)
def test_log_ndtr_difference_reference_values(a, b, expected):
    assert log_ndtr_difference(a, b) == pytest.approx(expected, rel=1e-12, abs=0)
    assert log_ndtr_difference(-b, -a) == pytest.approx(expected, rel=1e-12, abs=0)


def test_log_ndtr_difference_against_quadrature_across_the_change_of_method():
    """Widths on both sides of where the sum of tails gives way to Gauss-Legendre."""
    for low in (-30.0, -3.0, -0.4, 0.0, 0.2, 2.0, 12.0):
        for width in (0.01, 0.03, 0.1, 0.2, 0.3, 0.45, 0.6, 1.5):
            density = lambda x, low=low: np.exp(0.5 * (low**2 - x**2))  # noqa: E731
            scaled, _ = integrate.quad(density, low, low + width, epsrel=1e-13, epsabs=0)
            expected = np.log(scaled) - 0.5 * low**2 - 0.5 * np.log(2 * np.pi)
            assert log_ndtr_difference(low, low + width) == pytest.approx(expected, rel=1e-11)


def test_log_ndtr_difference_at_the_edges():
    assert log_ndtr_difference(-np.inf, np.inf) == 0
    assert log_ndtr_difference(2.0, 2.0) == -np.inf
    assert log_ndtr_difference(1e200, np.inf) == -np.inf
    assert np.isnan(log_ndtr_difference(2.0, 1.0))
    assert np.isnan(log_ndtr_difference(np.nan, 1.0))


def test_log_ndtr_difference_broadcasts():
    a, b = np.array([[-1.0], [5.0]]), np.array([5.0000001, 6.0, np.inf])
    batch = log_ndtr_difference(a, b)
    assert batch.shape == (2, 3)
    for index in np.ndindex(batch.shape):
        assert batch[index] == log_ndtr_difference(a[index[0], 0], b[index[1]])


@pytest.mark.parametrize(
    ("r", "sd", "expected"), [(-3e200, 1e200, -465.93595713201380952), (0.0, 1e-170, 390.52052727578309356)]
)
def test_log_normal_reference_values(r, sd, expected):
    assert log_normal(r, sd) == pytest.approx(expected, rel=1e-13)


def test_log_normal_is_silent_where_the_square_overflows():
    assert log_normal(1e308, 1e-3) == -np.inf
    assert np.isnan(log_normal(np.nan, 1.0))


def test_log1mexp():
    np.testing.assert_allclose(log1mexp([-1e-20, -1e-300]), np.log([1e-20, 1e-300]), rtol=1e-15)
    assert log1mexp(-np.log(2)) == pytest.approx(-np.log(2), rel=1e-15)
    assert log1mexp(-50.0) == pytest.approx(-np.exp(-50.0), rel=1e-15)
    assert log1mexp(0.0) == -np.inf
    assert log1mexp(-np.inf) == 0
    assert np.isnan(log1mexp(1.0))


def test_log1p_square():
    np.testing.assert_allclose(log1p_square([1e-9, -2.0, 1e200]), [1e-18, np.log(5), 400 * np.log(10)])
    assert log1p_square(-np.inf) == np.inf


def laplace_arms(r, sd, scale):
    """The textbook form, term by term."""
    arms = [0.5 * (sd / scale) ** 2 - end / scale + log_ndtr(end / sd - sd / scale) for end in (r, -r)]
    return np.logaddexp(*arms) - np.log(2 * scale)


def test_normal_laplace_is_the_textbook_form_where_that_has_digits():
    rng = np.random.default_rng(1)
    r, sd, scale = rng.normal(0, 2, 4000), *np.exp(rng.normal(0, 1, (2, 4000)))
    found, near = normal_laplace_log_pdf(r, sd, scale), sd / scale < 20
    assert near.sum() > 3000
    np.testing.assert_allclose(found[near], laplace_arms(r, sd, scale)[near], rtol=1e-12, atol=1e-12)
    np.testing.assert_array_equal(found, normal_laplace_log_pdf(-r, sd, scale))


@pytest.mark.parametrize(
    ("r", "sd", "scale", "expected"),
    [
        # no normal, or one that does not show
        (0.0, 0.0, 1.0, -np.log(2)),
        (-3.0, 0.0, 0.5, -6.0),
        (2.0, 1e-200, 1.0, -2.0 - np.log(2)),
        (1e140, 1.0, 1.0, -1e140),
        # no Laplace that shows
        (3.0, 1.0, 1e-12, -4.5 - 0.5 * np.log(2 * np.pi)),
        (3e5, 1e5, 1e-150, -4.5 - np.log(1e5) - 0.5 * np.log(2 * np.pi)),
        # where r/s = s/b, and on both sides of it
        (2.0, 1.0, 0.5, -2.5201848831446767778),
        (2.000001, 1.0, 0.5, -2.5201862478222644712),
        (30.0, 1.0, 0.25, -111.30685281944005469),
        (4.0, 1.0, 0.25, -7.9062864646772292307),
        (0.0, 7.0, 0.1, -2.86505265987403595),
        (1000.0, 2.0, 3.0, -334.90287058033916611),
        (60.0, 1.0, 0.02, -1746.7811241751317889),
    ],
)
def test_normal_laplace_reference_values(r, sd, scale, expected):
    assert normal_laplace_log_pdf(r, sd, scale) == pytest.approx(expected, rel=2e-14)
