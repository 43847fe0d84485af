"""Predictions, comparisons, files and names: rows 48 and 57 to 68."""

import json
import os
import pickle
import subprocess
import sys

import h5py
import numpy as np
import pytest
from cases import QUICK, Bad, S, X, Y, attempt, ids, rows_of

from bayesfit import ClassModel, Data, Model, compare, likelihoods, load, metrics, predictors, priors
from bayesfit.errors import ComparisonError, DataError, ModelError, PriorError, ResultFileError

TWO = np.column_stack([X, np.cos(X)])


@pytest.fixture(scope="module")
def plane():
    return attempt(Data(TWO, names=("a", "b")).x, names=("a", "b"))


@pytest.fixture(scope="module")
def line():
    return attempt()


@pytest.fixture(scope="module")
def sorted_classes():
    return ClassModel().fit(Data(X, list("aaaaabbbbb")), sampler=QUICK, seed=1, progress=False)


# -- predictions ----------------------------------------------------------------------------------------------

PREDICTIONS = [
    Bad(48, lambda p: p.predict(np.ones((4, 3))), (DataError, ModelError), r"expected 2 feature\(s\) \(a, b\), got 3"),
    Bad(48, lambda p: p.predict(np.ones(4)), (DataError, ModelError), r"expected 2 feature\(s\) \(a, b\), got 1"),
    Bad(48, lambda p: p.predict({"a": [1.0], "c": [2.0]}), (DataError, ModelError), "b"),
    Bad(57, lambda p: p.predict([[1.0, 1.0], [np.nan, 1.0]]), (DataError, ModelError), "row 1"),
    Bad(57, lambda p: p.predict([[1.0, 1.0], [np.inf, 1.0]]), DataError, "row 1"),
    Bad(57, lambda p: p.predict([[1.0, 1.0]], x_err=-1.0), DataError, "x_err row 0"),
    Bad(57, lambda p: p.predict([[1.0, 1.0]], kind="median"), (ModelError, DataError), "kind='median'"),
]


@pytest.mark.parametrize("case", PREDICTIONS, ids=ids(PREDICTIONS))
def test_what_cannot_be_predicted_is_refused(plane, case):
    with pytest.raises(case.error, match=f"(?s){case.says}"):
        case.do(plane)


@rows_of(48)
def test_a_class_never_seen_is_refused(sorted_classes):
    with pytest.raises((DataError, ModelError), match="crow"):
        sorted_classes.predict_proba([1.0], prevalence={"a": 0.5, "crow": 0.5})
    with pytest.raises((DataError, ModelError), match="crow"):
        metrics.classification(sorted_classes, Data([1.0, 2.0, 3.0], ["a", "crow", "b"]))


@rows_of(48)
def test_a_class_of_which_no_row_was_fitted_has_no_prevalence():
    """Its odds are the prior's alone, and its share among the fitted rows is nothing."""
    data = Data([0.0, 1.0, 2.0] * 5, ["a", "b", "c"] * 5)
    posterior = Model(predictors.Linear(), likelihoods.Categorical()).fit(
        data[np.arange(15) % 3 < 2], sampler=QUICK, seed=1, progress=False
    )
    assert np.isfinite(posterior.predict_proba([1.0])).all()
    with pytest.raises(ModelError, match="no prevalence can be given to c"):
        posterior.predict_proba([1.0], prevalence={"a": 0.3, "b": 0.3, "c": 0.4})


@rows_of(58)
def test_far_away_is_said_and_finite(line):
    found = line.predict([5.0, 1e3])
    assert found.extrapolated.tolist() == [False, True]
    assert np.isfinite(found.draws).all()
    assert found.sd[1] > found.sd[0]


# -- comparisons ----------------------------------------------------------------------------------------------


@rows_of(59)
def test_fits_to_other_labels_or_rows_are_not_compared(line):
    others = [attempt(y=Y * 0.1, y_err=S * 0.1), attempt(X[:9], Y[:9], S[:9])]
    for other in others:
        with pytest.raises(ComparisonError, match=r"label|row|data"):
            compare({"A": line, "B": other})


@rows_of(60)
def test_a_logarithm_taken_by_hand_is_refused_and_a_declared_one_carries_its_jacobian(line):
    by_hand = attempt(y=np.log(Y), y_err=S / Y)
    with pytest.raises(ComparisonError, match="label"):
        compare({"A": line, "B": by_hand})
    data = Data(X, Y, y_err=S).transform(np.log)
    declared = Model(predictors.Linear(), likelihoods.Gaussian()).fit(data, sampler=QUICK, seed=1, progress=False)
    found = compare({"A": line, "B": declared}, refits=None)
    elpd = found.table.loc["B", "elpd"]
    assert elpd == pytest.approx(float(declared.loo(refits=None).elpd) - np.log(Y).sum())


@rows_of(61)
def test_terms_that_cannot_be_trusted_are_named_by_row(line):
    x, y = np.append(X, 100.0), np.append(Y, 0.0)
    # chains in full: from a few draws k is hardly known
    posteriors = {
        "line": attempt(x, y, 0.5, sampler=None),
        "parabola": attempt(x, y, 0.5, model=Model(predictors.Polynomial(2), likelihoods.Gaussian()), sampler=None),
    }
    found = compare(posteriors, refits=None)
    assert not found.reliable
    assert "row 10" in found.verdict
    assert "Pareto k" in found.verdict


@rows_of(62)
def test_a_difference_that_means_nothing_has_no_winner(line):
    cautious = Model(predictors.Linear(), likelihoods.Gaussian(), priors={"slope": priors.Normal(0, 50)})
    found = compare({"A": line, "B": attempt(model=cautious)})
    assert abs(found.table["elpd_diff"]).max() < 4
    assert found.verdict.startswith("No clear winner")


# -- files ----------------------------------------------------------------------------------------------------


class Harm:
    def __reduce__(self):
        return pytest.fail, ("a file had something executed",)


@rows_of(63)
def test_pickles_are_refused(tmp_path, line):
    path = tmp_path / "fit.nc"
    path.write_bytes(pickle.dumps(Harm()))
    with pytest.raises(ResultFileError, match="no netCDF-4 file"):
        load(path)
    line.save(path)
    with h5py.File(path, "r+") as file:
        harm = np.frombuffer(pickle.dumps(Harm()), np.uint8)
        file["fit_record"].create_dataset("pickle", (1,), h5py.vlen_dtype(np.uint8))[0] = harm
    with pytest.raises(ResultFileError, match="only numbers and text are read"):
        load(path)


@rows_of(64)
def test_files_that_refer_to_others_are_refused(tmp_path, line):
    path = line.save(tmp_path / "fit.nc")
    with h5py.File(path, "r+") as file:
        file["posterior/more"] = h5py.ExternalLink("/etc/hostname", "/")
    with pytest.raises(ResultFileError, match="external reference"):
        load(path)


@rows_of(65)
def test_damaged_files_and_those_of_other_versions_are_refused_and_left_alone(tmp_path, line):
    path = line.save(tmp_path / "fit.nc")
    content = path.read_bytes()
    path.write_bytes(content[:-100])
    with pytest.raises(ResultFileError, match="damaged"):
        load(path)
    assert path.read_bytes() == content[:-100]
    path.write_bytes(content)
    with h5py.File(path, "r+") as file:
        file["fit_record"].attrs["format"] = 99
    with pytest.raises(ResultFileError, match="format 99, this version of bayesfit reads"):
        load(path)
    with h5py.File(path, "r+") as file:
        marks = json.loads(file["fit_record"].attrs["fingerprints"])
        file["fit_record"].attrs.update(format=1, fingerprints=json.dumps(marks | {"data": "0"}))
    with pytest.raises(ResultFileError, match="not those that were fitted"):
        load(path)


FULL = """
import resource, signal, sys
import bayesfit
from bayesfit import load
posterior = load(sys.argv[1])
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, resource.RLIM_INFINITY))
try:
    posterior.save(sys.argv[1])
except bayesfit.errors.ResultFileError as error:
    print(error)
"""


@rows_of(66)
def test_a_full_disk_is_an_error_and_the_file_that_was_there_stays(tmp_path, line):
    path = line.save(tmp_path / "fit.nc")
    content = path.read_bytes()
    assert len(content) > 20_000
    done = subprocess.run([sys.executable, "-c", FULL, str(path)], capture_output=True, text=True, check=True)
    assert "cannot write" in done.stdout
    assert "fit.nc: File too large" in done.stdout
    assert path.read_bytes() == content
    assert os.listdir(tmp_path) == ["fit.nc"]


HARMFUL = ["__import__('os').system('id')", "y ~ __import__('os').system('id')", "x.__class__", "(" * 10_000]
HARMFUL += ["[" * 10_000, "normal(" * 1000, "normal(0, 1); import os", "normal(0, __import__('os'))", "lambda: 0"]
HARMFUL += ["normal(0, [1])", "fixed([[[[1]]]])", "\0", "normal(0,\u00a01)", "fromscipy(norm)", "normal(*[0, 1])"]


@rows_of(67)
@pytest.mark.parametrize("text", HARMFUL, ids=range(len(HARMFUL)))
def test_text_that_is_no_prior_is_refused(text, monkeypatch):
    monkeypatch.setattr("os.system", lambda *_: pytest.fail("a text was executed"))
    with pytest.raises(PriorError):
        priors.parse(text)


@rows_of(68)
@pytest.mark.parametrize("name", ["../../etc/x", "/etc/x", "a/b", "..", "a b", "C:\\x", "é", "x" * 300])
def test_names_that_look_like_paths_stay_names(tmp_path, name):
    folder = tmp_path / "results"
    folder.mkdir()
    data = Data(X, Y, y_err=S, names=(name,), columns={name + "'": X}, label=name + "y")
    posterior = Model(predictors.Linear(), likelihoods.Gaussian()).fit(data, sampler=QUICK, seed=1, progress=False)
    back = load(posterior.save(folder / "fit.nc"))
    assert back.target.data.names == (name,)
    assert list(back.target.data.columns) == [name + "'"]
    assert [path.name for path in tmp_path.rglob("*")] == ["results", "fit.nc"]


@rows_of(68)
@pytest.mark.parametrize("path", ["no/such/folder/fit.nc", "a\0b", None, 3, ""])
def test_what_is_no_place_for_a_file_is_refused(line, path, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ResultFileError, match="cannot write"):
        line.save(path)
    assert list(tmp_path.iterdir()) == []
