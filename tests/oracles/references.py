"""Published data sets with their answers, and what it means to agree with one."""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

FOLDER = Path(__file__).parents[3] / "shared" / "data"
TRAPS = FOLDER.parent / "numerical_traps.json"


@dataclass(frozen=True)
class Reference:
    """A table, what is said about it, and its answers by target."""

    table: pd.DataFrame
    facts: dict
    folder: Path

    def target(self, identity="certified") -> dict:
        """Everything that is known of one answer."""
        return next(target for target in self.facts["targets"] if target["id"] == identity)

    def values(self, identity="certified") -> dict[str, tuple[float, float]]:
        """(value, sd) by parameter; sd is NaN where there is none."""
        params = self.target(identity)["params"]
        return {name: (entry["value"], entry.get("sd", np.nan)) for name, entry in params.items()}

    def covariance(self) -> np.ndarray:
        """The covariance of the labels, in row order."""
        return np.loadtxt(self.folder / f"{self.facts['name']}_cov.csv", delimiter=",")


def load(path: str) -> Reference:
    """Read ``group/name``; the test is skipped where the reference data are not at hand."""
    if not FOLDER.is_dir():
        pytest.skip(f"the reference data sets are not at {FOLDER}")
    file = FOLDER / f"{path}.csv"
    return Reference(pd.read_csv(file), json.loads(file.with_suffix(".json").read_text()), file.parent)


def load_traps() -> dict[str, dict]:
    """Rows of the table of numerical traps by name, inputs shared between rows filled in."""
    if not TRAPS.is_file():
        pytest.skip(f"the table of numerical traps is not at {TRAPS}")
    rows = {row["name"]: row for row in json.loads(TRAPS.read_text())["traps"]}
    for row in rows.values():
        row["inputs"] = rows[row["inputs"].get("same_as", row["name"])]["inputs"]
    return rows


def moments(posterior) -> pd.DataFrame:
    """Mean, sd and their Monte Carlo errors by parameter, from all draws after burn-in."""
    draws = posterior.chains.reshape(-1, posterior.chains.shape[-1])
    mean, sd = draws.mean(axis=0), draws.std(axis=0, ddof=1)
    ess = np.array([posterior.diagnostics.ess[name] for name in posterior.names])
    # error of a standard deviation: sd √((kurtosis - 1) / 4n), for Gaussian tails sd / √2n
    kurtosis = (((draws - mean) / sd) ** 4).mean(axis=0)
    columns = {
        "mean": mean,
        "sd": sd,
        "mean_error": sd / np.sqrt(ess),
        "sd_error": sd * np.sqrt((kurtosis - 1) / 4 / ess),
    }
    return pd.DataFrame(columns, index=list(posterior.names))


def check_exact(posterior, expected: dict[str, tuple[float, float]], errors=4.0):
    """Means and standard deviations agree with exact ones within this many Monte Carlo errors."""
    assert posterior.diagnostics.converged, posterior.diagnostics.messages
    found = moments(posterior)
    for name, (mean, sd) in expected.items():
        row = found.loc[name]
        assert abs(row["mean"] - mean) < errors * row["mean_error"], f"mean of {name}: {row['mean']}, not {mean}"
        assert abs(row["sd"] - sd) < errors * row["sd_error"], f"sd of {name}: {row['sd']}, not {sd}"


def check_published(posterior, expected: dict[str, tuple[float, float]], *, mean_tol=0.1, sd_tol=0.1):
    """|mean - value| < 0.1 sd plus 3 Monte Carlo errors, and the sd within 10 %: the data sets' own rule."""
    assert posterior.diagnostics.converged, posterior.diagnostics.messages
    found = moments(posterior)
    for name, (mean, sd) in expected.items():
        row = found.loc[name]
        allowed = mean_tol * sd + 3 * row["mean_error"]
        assert abs(row["mean"] - mean) < allowed, f"mean of {name}: {row['mean']}, not {mean} ± {allowed}"
        assert row["sd"] == pytest.approx(sd, rel=sd_tol), f"sd of {name}"


def coefficients(names, expected: dict, parameter_names) -> dict:
    """Rename published parameters, in their order, to ours."""
    return {ours: expected[theirs] for ours, theirs in zip(parameter_names, names, strict=True)}
