"""Result files: what is saved comes back; what cannot be trusted is refused."""

import json
import os

import h5py
import numpy as np
import pytest
import xarray as xr

from bayesfit import Data, Model, likelihoods, load, predictors, priors, sampling
from bayesfit.errors import ModelError, ResultFileError

X = np.linspace(2, 6, 8)
Y = 1 + 2 * X + 0.3 * np.sin(9 * X)
QUICK = sampling.Ensemble(n_ensembles=2, n_walkers=16, steps=60, burn_in=40)


def fit(model, data):
    return model.fit(data, sampler=QUICK, seed=1, progress=False)


def decay(x, amplitude, rate=0.5):
    return amplitude * np.exp(-rate * x)


@pytest.fixture(scope="module")
def posterior():
    """With all that a file may stumble over: pivots of many digits, nested priors, gaps, odd names."""
    labels = Y.copy()
    labels[3] = np.nan
    columns = {"g/h": np.arange(8), "who": np.array(list("abcdefgh")), "weight of it": np.linspace(0, 1, 8)}
    units = {"a b": "km/s", "y": "mag"}
    data = Data(np.column_stack([X, X**2]), labels, y_err=0.3, names=("a b", "c/d"), columns=columns, units=units)
    given = {
        "slope": {"a b": priors.Normal(2.123456789, 3)},
        ("intercept",): priors.MultivariateNormal([0], [[9.0]]),
    }
    model = Model(predictors.Linear(pivot=[2.000000001, 5]), likelihoods.Gaussian(scatter=True), priors=given)
    return fit(model, data)


@pytest.fixture(scope="module")
def of_a_function():
    given = {"amplitude": priors.Normal(20, 30)}
    return fit(Model(predictors.Function(decay), likelihoods.Gaussian(), priors=given), Data(X, Y, y_err=0.5))


@pytest.fixture
def saved(posterior, tmp_path):
    return posterior.save(tmp_path / "fit.nc")


def model_of(f):
    return Model(predictors.Function(f), likelihoods.Gaussian(), priors={"amplitude": priors.Normal(20, 30)})


# -- what is saved comes back -----------------------------------------------------------------------------


def test_everything_but_the_raw_chains_comes_back(posterior, saved):
    back = load(saved)
    assert back.chains is None
    np.testing.assert_array_equal(back.to_array(), posterior.to_array())
    assert back.diagnostics == posterior.diagnostics
    assert back.provenance == posterior.provenance
    assert back.target.fingerprint == posterior.target.fingerprint
    assert set(back.tree.children) == set(posterior.tree.children)
    xr.testing.assert_identical(back.tree["log_likelihood"].to_dataset(), posterior.tree["log_likelihood"].to_dataset())
    assert repr(back.summary()) == repr(posterior.summary())


def test_data_come_back_bit_by_bit(posterior, saved):
    old, new = posterior.target.data, load(saved).target.data
    assert new.fingerprint == old.fingerprint
    assert (new.names, new.label, dict(new.units)) == (old.names, old.label, dict(old.units))
    np.testing.assert_array_equal(new.y, old.y)
    assert list(new.columns) == ["g/h", "who", "weight of it"]
    assert list(new.columns["who"]) == list("abcdefgh")
    assert new.columns["g/h"].dtype.kind == "i"


def test_predictions_come_back_without_refitting(posterior, saved, monkeypatch):
    monkeypatch.setattr(sampling.Ensemble, "run", None)
    new = Data([[3.0, 1.0], [50.0, 2.0]], y_err=0.2)
    for kind in ("mean", "observed"):
        expected, found = (p.predict(new, kind=kind, seed=4) for p in (posterior, load(saved)))
        np.testing.assert_array_equal(found.draws, expected.draws)
        np.testing.assert_array_equal(found.extrapolated, expected.extrapolated)


def test_saving_what_was_loaded_gives_the_same_again(saved, tmp_path):
    once = load(saved)
    twice = load(once.save(tmp_path / "again.nc"))
    np.testing.assert_array_equal(twice.to_array(), once.to_array())
    assert twice.target.fingerprint == once.target.fingerprint


def test_correlated_labels_and_square_features_come_back(tmp_path):
    data = Data(np.eye(3), [1.0, 2.0, 3.0], y_cov=np.eye(3) * 0.2 + 0.1)
    posterior = fit(Model(predictors.Linear(), likelihoods.Gaussian()), data)
    back = load(posterior.save(tmp_path / "fit.nc"))
    np.testing.assert_array_equal(back.target.data.y_cov, data.y_cov)
    np.testing.assert_array_equal(
        back.target.log_prob(back.to_array()), posterior.target.log_prob(posterior.to_array())
    )


def test_intervals_of_a_transformed_label_and_times_come_back(tmp_path):
    # the middle of an interval has to be the same to the last digit, whichever way it is made
    ends = np.random.default_rng(1).lognormal(size=(60, 1)) * np.where(np.arange(60) % 4, [[1.0], [1.7]], 1.0).T
    data = Data(np.arange(60.0), ends, y_err=0.3, columns={"night": np.datetime64("2020-01-01") + np.arange(60)})
    data = data.transform(np.log10)
    model = Model(predictors.Linear(), likelihoods.Gaussian(scatter=True))
    posterior = model.fit(data, sampler=QUICK, seed=1, progress=False)
    posterior.save(tmp_path / "intervals.nc")
    loaded = load(tmp_path / "intervals.nc")
    assert loaded.target.data.fingerprint == data.fingerprint
    np.testing.assert_array_equal(loaded.target.data.columns["night"], data.columns["night"])


def test_noisy_features_and_their_population_come_back(tmp_path):
    posterior = fit(Model(predictors.Linear(), likelihoods.Gaussian()), Data(X, Y, x_err=0.2, y_err=0.5))
    back = load(posterior.save(tmp_path / "fit.nc"))
    np.testing.assert_array_equal(
        back.target.log_prob(back.to_array()), posterior.target.log_prob(posterior.to_array())
    )


# -- models with a function -------------------------------------------------------------------------------


def test_a_users_function_is_asked_for_and_never_stored(of_a_function, tmp_path):
    path = of_a_function.save(tmp_path / "fit.nc")
    with pytest.raises(ResultFileError, match=r"pass it: load\(path, model=…\).*Function\(decay\)"):
        load(path)
    back = load(path, model=model_of(decay))
    np.testing.assert_array_equal(back.predict([1.0]).draws, of_a_function.predict([1.0]).draws)


def test_a_scipy_prior_is_asked_for_too(tmp_path):
    from scipy import stats

    model = Model(predictors.Linear(), likelihoods.Gaussian(), priors={"slope": stats.gumbel_r(2, 1)})
    path = fit(model, Data(X, Y, y_err=0.5)).save(tmp_path / "fit.nc")
    with pytest.raises(ResultFileError, match="pass it"):
        load(path)
    assert load(path, model=model).names == ("intercept", "slope")
    other = Model(predictors.Linear(), likelihoods.Gaussian(), priors={"slope": stats.gumbel_r(2, 1.5)})
    with pytest.raises(ResultFileError, match="priors"):
        load(path, model=other)


def other_body(x, amplitude, rate=0.5):
    return amplitude / np.exp(-rate * x)


def other_default(x, amplitude, rate=0.6):
    return amplitude * np.exp(-rate * x)


other_body.__name__ = other_default.__name__ = "decay"
other_body.__qualname__ = other_default.__qualname__ = "decay"


@pytest.mark.parametrize("f", [other_body, other_default])
def test_another_function_of_the_same_name_is_refused(of_a_function, tmp_path, f):
    path = of_a_function.save(tmp_path / "fit.nc")
    with pytest.raises(ResultFileError, match="holds another fit"):
        load(path, model=model_of(f))


@pytest.mark.parametrize("model", ["a model", decay, predictors.Linear()])
def test_what_is_no_model_is_refused(saved, model):
    with pytest.raises(ModelError, match="model should be the Model that was fitted"):
        load(saved, model=model)


def test_another_model_is_refused(saved):
    other = Model(predictors.Linear(pivot=[2.000000002, 5]), likelihoods.Gaussian(scatter=True))
    with pytest.raises(ResultFileError, match="holds another fit: its model and priors differ"):
        load(saved, model=other)


# -- files that cannot be trusted -------------------------------------------------------------------------


@pytest.mark.parametrize("share", [0.0, 0.001, 0.3, 0.9, 0.999])
def test_truncated_files_are_refused(saved, share):
    content = saved.read_bytes()
    saved.write_bytes(content[: int(share * len(content))])
    with pytest.raises(ResultFileError, match=r"fit\.nc"):
        load(saved)


@pytest.mark.parametrize("content", [b"x,y\n1,2\n", b"", b"\x89HDF\r\n\x1a\n" + bytes(200), b"\x80\x04K\x01."])
def test_files_that_are_no_netcdf_are_refused(tmp_path, content):
    path = tmp_path / "fit.nc"
    path.write_bytes(content)
    with pytest.raises(ResultFileError, match=r"fit\.nc"):
        load(path)


def test_a_foreign_netcdf_file_is_refused(tmp_path):
    path = tmp_path / "foreign.nc"
    xr.Dataset({"temperature": ("time", np.arange(3.0))}).to_netcdf(path, engine="h5netcdf")
    with pytest.raises(ResultFileError, match="not a result of bayesfit"):
        load(path)


@pytest.mark.parametrize("kind", ["missing", "directory", "in a missing directory"])
def test_what_is_not_there_is_refused(tmp_path, kind):
    path = {"missing": tmp_path / "no.nc", "directory": tmp_path}.get(kind, tmp_path / "no" / "no.nc")
    with pytest.raises(ResultFileError, match="cannot read"):
        load(path)


def change_attribute(path, name, change, group="fit_record"):
    with h5py.File(path, "r+") as file:
        file[group].attrs[name] = change(file[group].attrs[name])


@pytest.mark.parametrize(
    ("name", "change", "message"),
    [
        ("format", lambda value: 99, "format 99"),
        ("data", lambda value: "{", "record of the data is damaged"),
        ("data", lambda value: "[]", "record of the data is damaged"),
        ("model", lambda value: "not json", "record of the model is damaged"),
        ("model", lambda value: json.dumps({"kind": "os.system", "args": "true"}), "cannot be read"),
        ("model", lambda value: json.dumps({"kind": "priors.Fixed", "value": 3}), "not a model"),
        ("model", lambda value: json.dumps([1, 2]), "cannot be read"),
        ("model", lambda value: value.replace("2.000000001", "2.000000002"), "holds another fit: its model"),
        (
            "model",
            lambda value: value.replace("2.123456789", "2.123456788"),
            "holds another fit: its.*priors",
        ),
        ("fingerprints", lambda value: "{}", "damaged"),
    ],
)
def test_a_record_that_was_tampered_with_is_refused(saved, name, change, message):
    change_attribute(saved, name, change)
    with pytest.raises(ResultFileError, match=message):
        load(saved)


def test_changed_data_are_noticed(saved):
    with h5py.File(saved, "r+") as file:
        file["fit_record"]["y"][0] += 1e-9
    with pytest.raises(ResultFileError, match="fingerprint differs"):
        load(saved)


@pytest.mark.parametrize("name", ["posterior/slope", "log_likelihood/y", "posterior_predictive/y"])
def test_a_number_that_changed_on_the_disk_is_noticed(saved, name):
    with h5py.File(saved, "r+") as file:
        file[name][(0, 0)] = file[name][(0, 0)] * (1 + 1e-12)
    with pytest.raises(ResultFileError, match="draws are damaged"):
        load(saved)


def test_damaged_diagnostics_are_refused(saved):
    change_attribute(saved, "diagnostics", lambda value: "{}", group="/")
    with pytest.raises(ResultFileError, match="diagnostics are damaged"):
        load(saved)


# -- writing ----------------------------------------------------------------------------------------------


def test_a_directory_that_does_not_exist_is_no_place_to_write(posterior, tmp_path):
    with pytest.raises(ResultFileError, match="cannot write"):
        posterior.save(tmp_path / "no" / "fit.nc")


def test_a_directory_is_no_file(posterior, tmp_path):
    with pytest.raises(ResultFileError, match="cannot write"):
        posterior.save(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_the_old_file_survives_a_failed_write(posterior, saved, monkeypatch):
    content = saved.read_bytes()

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(ResultFileError, match=r"cannot write .*fit\.nc: No space left on device"):
        posterior.save(saved)
    assert saved.read_bytes() == content
    assert [path.name for path in saved.parent.iterdir()] == ["fit.nc"]


def test_saving_again_replaces_the_file(posterior, of_a_function, saved):
    of_a_function.save(saved)
    assert load(saved, model=model_of(decay)).names == ("amplitude",)
