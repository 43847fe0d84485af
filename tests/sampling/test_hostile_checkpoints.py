"""Checkpoints made to do harm, and those of other runs: refused, with what differs, before anything is sampled."""

import io
import json
import struct
import tracemalloc
import zipfile
import zlib

import numpy as np
import pytest

from bayesfit import Data, Model, likelihoods, predictors, priors
from bayesfit.errors import SamplingError
from bayesfit.sampling import Ensemble, checkpoint
from bayesfit.sampling.journal import Journal

MB = 2**20
SETTINGS = {"n_ensembles": 2, "n_walkers": 16, "steps": 40, "burn_in": 20}
X = np.linspace(0.0, 4.0, 12)
DATA = Data(X, 1 + 2 * X + 0.3 * np.sin(40 * X), y_err=0.3)
MODEL = Model(predictors.Linear(), likelihoods.Gaussian())


def run(path, model=MODEL, data=DATA, seed=1, **settings):
    """Run with a density that counts its evaluations; return them and the run."""
    target, n_calls = model.target(data), []
    log_density = target.log_density
    object.__setattr__(target, "log_density", lambda z: n_calls.append(len(z)) or log_density(z))
    found = Ensemble(**{**SETTINGS, **settings}).run(target, seed=seed, progress=False, checkpoint=path)
    return sum(n_calls), found


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    path = tmp_path_factory.mktemp("checkpoint") / "run"
    run(path)
    return path.read_bytes()


@pytest.fixture
def path(written, tmp_path):
    (tmp_path / "run").write_bytes(written)
    return tmp_path / "run"


# -- another run's ------------------------------------------------------------------------------------------

OTHERS = [
    ({"data": Data(X, DATA.y + 1e-12, y_err=0.3)}, "data not the same|data .* there"),
    ({"data": Data(X, DATA.y, y_err=0.31)}, "data"),
    ({"data": DATA[:11]}, "data"),
    ({"model": Model(predictors.Linear(pivot=1.0), likelihoods.Gaussian())}, "model"),
    ({"model": Model(predictors.Linear(), likelihoods.StudentT(dof=4))}, "model"),
    ({"model": Model(predictors.Linear(), likelihoods.Gaussian(), priors={"slope": priors.Normal(0, 9)})}, "priors"),
    ({"seed": 2}, "seed not the same"),
    ({"n_walkers": 18}, "setting n_walkers 16 there, 18 here"),
    ({"n_ensembles": 3}, "setting n_ensembles 2 there, 3 here"),
    ({"steps": 41}, "setting steps 40 there, 41 here"),
    ({"burn_in": 21}, "setting burn_in 20 there, 21 here"),
    ({"target_ess": 500}, "setting target_ess 1000 there, 500 here"),
    ({"start": {"intercept": 1.0, "slope": 2.0}}, "setting start"),
]


@pytest.mark.parametrize(("other", "says"), OTHERS, ids=[says for _, says in OTHERS])
def test_another_run_is_refused_with_what_differs(path, written, other, says):
    with pytest.raises(SamplingError, match=f"belongs to another run: .*({says})"):
        run(path, **other)
    assert path.read_bytes() == written


@pytest.mark.parametrize(("name", "value"), [("version", "99.0"), ("LAYOUT", 99)])
def test_another_version_is_refused(path, monkeypatch, name, value):
    monkeypatch.setattr(checkpoint, name, (lambda _: value) if name == "version" else value)
    with pytest.raises(SamplingError, match=rf"{name.lower()} .* there, {value} here"):
        run(path)


def test_the_run_itself_goes_on_without_sampling(path):
    assert run(path)[0] == 0


# -- files made to do harm ----------------------------------------------------------------------------------


def arrays_of(path):
    with np.load(io.BytesIO(Journal(path).read()[0])) as file:
        return {name: file[name] for name in file.files}


def respoil(path, **changes):
    """Write the first record again with some arrays changed, its checksum right."""
    buffer = io.BytesIO()
    np.savez(buffer, **{**arrays_of(path), **changes})
    Journal(path).rewrite(buffer.getvalue())


def retext(path, **changes):
    text = json.loads(str(arrays_of(path)["text"]))
    respoil(path, text=np.array(json.dumps({**text, **changes})))


def header(shape, dtype="<f8"):
    stream = io.BytesIO()
    np.lib.format.write_array_header_1_0(stream, {"shape": shape, "fortran_order": False, "descr": dtype})
    return stream.getvalue()


def declared(path):
    """A handful of bytes that declare eight terabytes."""
    with_entry(path, "coords.npy", header((10**12,)) + bytes(8))


def declared_in_factors(path):
    with_entry(path, "coords.npy", header((2**32, 2**32)))


def negative(path):
    with_entry(path, "coords.npy", header((-1, -8)) + bytes(64))


def compressed(path):
    with_entry(path, "coords.npy", header((20 * MB,)) + bytes(160 * MB), zipfile.ZIP_DEFLATED)


def code_for_a_type(path):
    with_entry(path, "coords.npy", header((8,), "__import__('os').system('true')") + bytes(64))


def object_array(path):
    with_entry(path, "coords.npy", header((8,), "|O") + bytes(64))


def no_array(path):
    with_entry(path, "coords.npy", b"cos\nsystem\n(S'true'\ntR.")


def up_the_folders(path):
    with_entry(path, "../../coords.npy", header((1,)) + bytes(8))


def with_entry(path, name, content, compression=zipfile.ZIP_STORED):
    """Write the record again with one entry of the archive replaced."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(Journal(path).read()[0])) as old, zipfile.ZipFile(buffer, "w") as new:
        for info in old.infolist():
            if info.filename != "coords.npy":
                new.writestr(info.filename, old.read(info))
        new.writestr(name, content, compression)
    Journal(path).rewrite(buffer.getvalue())


def endless_record(path):
    """A record that says it is longer than any file."""
    framed = struct.pack("<4sQI", b"rec\n", 2**63, zlib.crc32(b""))
    path.write_bytes(b"bayesfit journal 1\n" + framed)


HARMFUL = [declared, declared_in_factors, negative, compressed, code_for_a_type, object_array, no_array, up_the_folders]


@pytest.mark.parametrize("spoil", [*HARMFUL, endless_record])
def test_files_made_to_do_harm_are_refused(path, spoil, monkeypatch):
    monkeypatch.setattr("os.system", lambda *_: pytest.fail("a file had something executed"))
    spoil(path)
    tracemalloc.start()
    try:
        with pytest.raises(SamplingError, match=r"is damaged .*delete it"):
            run(path)
        assert tracemalloc.get_traced_memory()[1] < 20 * MB
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    "changes",
    [
        {"coords": np.zeros((2, 16, 3))},
        {"coords": np.full((2, 16, 2), np.nan)},
        {"log_prob": np.zeros((2, 3))},
        {"keys": np.zeros((2, 5), np.uint32)},
        {"z": np.zeros((2, 5, 16, 7))},
        {"log_density": np.zeros((2, 5, 16))},
        {"accepted": np.zeros(3)},
        {"text": np.array("[" * 100_000)},
        {"text": np.array("{}")},
        {"text": np.array(3.0)},
    ],
)
def test_arrays_that_make_no_run_are_refused(path, changes):
    respoil(path, **changes)
    with pytest.raises(SamplingError, match=r"is damaged .*delete it"):
        run(path)


@pytest.mark.parametrize(
    "changes",
    [
        {"entropy": "os.system"},
        {"finished": "yes"},
        {"thin": 0},
        {"n_restarts": None},
        {"burn_in": -3},
        {"identity": []},
        {"sentence": ["x"]},
        {"n_steps": "40"},
    ],
)
def test_text_that_makes_no_run_is_refused(path, changes):
    retext(path, **changes)
    with pytest.raises(SamplingError, match=r"is damaged .*delete it"):
        run(path)


def test_damage_anywhere_is_refused_or_leaves_the_chains_as_they_were(path, written):
    """Every byte is under a checksum or says where a record begins."""
    whole, rng = run(path)[1].z, np.random.default_rng(1)
    for place in rng.integers(0, len(written), 40):
        spoiled = bytearray(written)
        spoiled[place] ^= 1 << rng.integers(8)
        path.write_bytes(spoiled)
        try:
            found = run(path)[1]
        except SamplingError:
            continue
        np.testing.assert_array_equal(found.z, whole)
