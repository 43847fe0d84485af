"""Tables for papers: rounding against numbers rounded by hand, escapes, and units that come back."""

import numpy as np
import pytest

import bayesfit as bf
from bayesfit.results.papers import latex_table, measured


@pytest.mark.parametrize(
    ("value", "minus", "plus", "expected"),
    [
        (2.2381, 0.10, 0.11, r"2.24^{+0.11}_{-0.10}"),
        (0.00123, 0.00004, 0.00004, r"0.001230 \pm 0.000040"),
        (1234, 56, 56, r"1234 \pm 56"),
        (9.996, 0.012, 0.012, r"9.996 \pm 0.012"),
        (9.996, 0.0996, 0.0996, r"10.00 \pm 0.10"),  # the error's own rounding gains a digit
        (-0.4567, 0.0123, 0.0456, r"-0.457^{+0.046}_{-0.012}"),
        (-0.001, 0.5, 0.5, r"0.00 \pm 0.50"),  # no negative zero
        (2450000.5, 0.01, 0.01, r"2450000.500 \pm 0.010"),
        (5.1, 0.0, 0.2, r"5.10^{+0.20}_{-0.00}"),
        (5.1, 0.0, 0.0, "5.100"),
        (0.0, 0.0, 0.0, "0"),
        (99999.6, 95, 95, r"100000 \pm 95"),
    ],
)
def test_two_digits_of_the_smaller_error(value, minus, plus, expected):
    assert measured(value, minus, plus) == f"${expected}$"


@pytest.mark.parametrize(
    ("value", "minus", "plus", "expected"),
    [
        (123456, 1234, 1234, r"(1.235 \pm 0.012) \times 10^{5}"),
        (1.5e30, 1.2e28, 3e28, r"(1.500^{+0.030}_{-0.012}) \times 10^{30}"),
        (-1.5e-30, 1.2e-32, 3e-32, r"(-1.500^{+0.030}_{-0.012}) \times 10^{-30}"),
        (0.0009996, 3e-6, 3e-6, r"(9.996 \pm 0.030) \times 10^{-4}"),
        (1234567, 0, 0, r"1.235 \times 10^{6}"),
    ],
)
def test_powers_of_ten_are_taken_out(value, minus, plus, expected):
    assert measured(value, minus, plus) == f"${expected}$"


def test_an_error_that_is_next_to_nothing_does_not_fill_the_line():
    assert measured(0.5, 1e-12, 1.0) == "$0.5000^{+1.0000}_{-0.0000}$"
    assert len(measured(1e30, 1e-5, 1e-5)) < 60


def test_what_is_no_number_is_a_dash():
    assert measured(float("nan"), 0.1, 0.1) == measured(1.0, float("inf"), 0.1) == "--"


def test_names_and_units_are_escaped():
    draws = np.linspace(0.0, 1.0, 101)[:, None]
    text = latex_table(["slope[T_eff %&#$]"], draws, ["10^3 K"], 0.5)
    assert r"slope[T\_eff \%\&\#\$] & $0.50 \pm 0.25$ & 10\textasciicircum{}3 K \\" in text
    assert "Unit" not in latex_table(["a"], draws, [""], 0.5)


@pytest.fixture(scope="module")
def posterior():
    units = pytest.importorskip("astropy.units")
    rng = np.random.default_rng(2)
    x = rng.normal(5.0, 1.0, 60)
    y = 1 + 2 * x + rng.normal(0, 0.1, 60)
    data = bf.Data({"T_eff": x * units.K}, y * units.solLum, x_err=0.1 * units.K, y_err=0.1 * units.solLum, label="L")
    model = bf.Model(bf.predictors.Linear(), bf.likelihoods.Gaussian())
    return model.fit(data, sampler=bf.sampling.Ensemble(target_ess=200), seed=1, progress=False)


def test_the_table_holds_medians_and_quantiles(posterior, tmp_path):
    text = posterior.to_latex(tmp_path / "table.tex", ci_prob=0.9)
    assert (tmp_path / "table.tex").read_text(encoding="utf-8") == text
    low, middle, high = np.quantile(posterior.to_array("slope"), [0.05, 0.5, 0.95])
    assert f"slope & {measured(middle, middle - low, high - middle)} & solLum / K \\\\" in text
    assert "x\\_mean" not in text
    assert "x\\_mean" in posterior.to_latex(population=True)


def test_quantities_come_back_from_ecsv(posterior, tmp_path):
    from astropy import units
    from astropy.table import QTable, vstack

    path = posterior.to_ecsv(tmp_path / "table.ecsv")
    row = QTable.read(path)
    low, middle, high = np.quantile(posterior.to_array("slope"), [0.16, 0.5, 0.84])
    assert row["slope"][0].to_value(units.solLum / units.K) == middle
    assert row["slope_minus"][0].value == middle - low
    assert row["slope_plus"][0].value == high - middle
    assert row.meta["converged"] is True
    assert len(vstack([row, row])) == 2


def test_the_summary_says_units_where_there_are_any(posterior):
    assert posterior.summary()["unit"].to_dict()["slope"] == "solLum / K"
    assert "solLum" in repr(posterior)


@pytest.mark.parametrize("ci_prob", [0, 1, 68, True, "0.9"])
def test_probabilities_lie_between_zero_and_one(posterior, ci_prob):
    with pytest.raises(bf.ModelError, match="ci_prob"):
        posterior.to_latex(ci_prob=ci_prob)


def test_an_unwritable_path_is_an_error_of_ours(posterior, tmp_path):
    with pytest.raises(bf.ResultFileError):
        posterior.to_latex(tmp_path / "nowhere" / "table.tex")
