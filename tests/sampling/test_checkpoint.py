import io
import os
import resource
import subprocess
import sys

import emcee
import numpy as np
import pytest
from toys import Normal, Toy, correlated

from bayesfit.atomic import replace_file
from bayesfit.errors import SamplingError
from bayesfit.sampling import Ensemble, course
from bayesfit.sampling import checkpoint as module
from bayesfit.sampling.journal import Journal


class _Counting(Toy):
    """Interrupts at a call; ``at=None`` never does."""

    def __init__(self, at=None, fingerprint="toy"):
        super().__init__(Normal(np.zeros(3), correlated(3, 0.9)), 3, fingerprint=fingerprint)
        self.at, self.calls = at, 0

    def log_density(self, z):
        self.calls += 1
        if self.calls == self.at:
            raise KeyboardInterrupt
        return super().log_density(z)


@pytest.fixture(autouse=True)
def _write_each_round(monkeypatch):
    monkeypatch.setattr(module, "WAIT", 0.0)
    monkeypatch.setattr(module, "PATIENCE", 0.0)


def _run(path, target=None, seed=1, **settings):
    return Ensemble(**settings).run(target or _Counting(), seed=seed, progress=False, checkpoint=path)


STRETCH = [(emcee.moves.StretchMove(), 1.0)]


@pytest.mark.parametrize("settings", [{}, {"steps": 300}, {"moves": STRETCH, "max_steps": 300}])
def test_a_resumed_run_equals_one_that_was_never_interrupted(tmp_path, settings):
    path = tmp_path / "run"
    whole = Ensemble(**settings).run(_Counting(), seed=1, progress=False)
    total = _Counting()
    Ensemble(**settings).run(total, seed=1, progress=False)
    part = _run(path, _Counting(at=total.calls - 10), **settings)
    assert part.interrupted
    resumed = _run(path, **settings)
    assert not resumed.interrupted
    np.testing.assert_array_equal(resumed.z, whole.z)
    np.testing.assert_array_equal(resumed.log_density, whole.log_density)
    np.testing.assert_array_equal(resumed.acceptance, whole.acceptance)
    assert resumed.diagnostics == whole.diagnostics
    assert (resumed.burn_in, resumed.n_evaluations, resumed.seed) == (
        whole.burn_in,
        whole.n_evaluations,
        whole.seed,
    )


def test_a_finished_run_is_read_back_without_sampling(tmp_path):
    path = tmp_path / "run"
    whole, target = _run(path, seed=None), _Counting()
    again = _run(path, target, seed=None)
    assert target.calls == 0
    np.testing.assert_array_equal(again.z, whole.z)
    assert again.seed == whole.seed


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"seed": 2}, "seed"),
        ({"steps": 121}, "setting steps.*120 there, 121 here"),
        ({"n_walkers": 66}, "setting n_walkers"),
        ({"target": _Counting(fingerprint="other data")}, "model or data.*toy there, other data here"),
    ],
)
def test_another_run_is_told_apart(tmp_path, change, says):
    path = tmp_path / "run"
    _run(path, steps=120)
    before = path.read_bytes()
    with pytest.raises(SamplingError, match=says):
        _run(path, **{"steps": 120, **change})
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    "spoil",
    [
        lambda b: b[:100],
        lambda b: b[:2000] + bytes([b[2000] ^ 1]) + b[2001:],
    ],
)
def test_a_damaged_file_is_refused(tmp_path, spoil):
    path = tmp_path / "run"
    _run(path, steps=120)
    path.write_bytes(spoil(path.read_bytes()))
    with pytest.raises(SamplingError, match=r"damaged .*delete it to start afresh"):
        _run(path, steps=120)


@pytest.mark.parametrize("content", [b"", b"a,flux\n1,2\n", b"\x89HDF\r\n\x1a\n", b"bayesfit jour"])
def test_a_file_that_is_no_checkpoint_is_not_to_be_deleted(tmp_path, content):
    path = tmp_path / "stars.csv"
    path.write_bytes(content)
    for read in (_run, module.seed_of):
        with pytest.raises(SamplingError, match=r"stars\.csv is not a checkpoint; give another path$"):
            read(path)
    assert path.read_bytes() == content


def test_a_folder_is_not_to_be_deleted(tmp_path):
    with pytest.raises(SamplingError, match=r"cannot be read: Is a directory; give another path$"):
        _run(tmp_path)


def test_the_seed_is_read_back(tmp_path):
    path = tmp_path / "run"
    assert module.seed_of(path) is None
    found = _run(path, seed=None, steps=20)
    assert module.seed_of(path) == found.seed


@pytest.mark.parametrize("share", [0.5, 0.9, 0.999])
def test_a_file_cut_short_goes_on_from_its_last_whole_record(tmp_path, share):
    path = tmp_path / "run"
    whole = _run(path, steps=500)
    content = path.read_bytes()
    path.write_bytes(content[: int(share * len(content))])
    target = _Counting()
    again = _run(path, target, steps=500)
    np.testing.assert_array_equal(again.z, whole.z)
    assert again.n_evaluations == whole.n_evaluations
    # two calls each step of two halves, and there was something to go on from
    assert target.calls < 2 * 500 * 4


def test_pickles_are_refused(tmp_path):
    path = tmp_path / "run"
    buffer = io.BytesIO()
    np.savez(buffer, text=np.array([{"a": 1}], dtype=object))
    Journal(path).rewrite(buffer.getvalue())
    with pytest.raises(SamplingError, match="damaged"):
        _run(path)


def test_what_a_write_costs_does_not_grow(tmp_path, monkeypatch):
    """Ten times the steps, yet the last record is no longer than the rounds since the one before."""
    lengths = []
    monkeypatch.setattr(Journal, "append", lambda self, record: lengths.append(len(record)))
    _run(tmp_path / "run", steps=6000, burn_in=0, n_ensembles=2, n_walkers=8)
    per_round = 2 * 500 * 8 * 4 * 8
    assert len(lengths) > 10
    assert max(lengths) < 1.5 * per_round + 30_000


def test_thinned_chains_resume_bit_for_bit(tmp_path, monkeypatch):
    monkeypatch.setattr(course, "MOST_VALUES", 4 * 64 * 3 * 100)
    whole = Ensemble(steps=700).run(_Counting(), seed=1, progress=False)
    assert whole.thin == 8
    assert whole.n_steps == 88
    everything = _Counting()
    Ensemble(steps=700).run(everything, seed=1, progress=False)
    path = tmp_path / "run"
    assert _run(path, _Counting(at=everything.calls - 500), steps=700).interrupted
    resumed = _run(path, steps=700)
    np.testing.assert_array_equal(resumed.z, whole.z)
    np.testing.assert_array_equal(resumed.acceptance, whole.acceptance)


def test_a_missing_folder_is_refused_before_sampling(tmp_path):
    target = _Counting()
    with pytest.raises(SamplingError, match="no folder"):
        _run(tmp_path / "nowhere" / "run", target)
    assert target.calls == 0


def test_a_failed_write_leaves_the_file_as_it_was(tmp_path, monkeypatch):
    path = tmp_path / "run"
    path.write_bytes(b"precious")

    def full(*arguments):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left on device"):
        Journal(path).rewrite(b"new")
    assert path.read_bytes() == b"precious"
    assert os.listdir(tmp_path) == ["run"]


def test_a_full_disk_is_an_error_and_what_was_written_serves(tmp_path, monkeypatch):
    """The disk fills up in the course of a run; with room again the run goes on."""
    path = tmp_path / "run"
    whole = Ensemble(steps=500).run(_Counting(), seed=1, progress=False)
    fsync, calls = os.fsync, []

    def full_later(handle):
        calls.append(handle)
        if len(calls) > 3:
            raise OSError(28, "No space left on device")
        fsync(handle)

    monkeypatch.setattr(os, "fsync", full_later)
    with pytest.raises(SamplingError, match=r"cannot write .*run: No space left"):
        _run(path, steps=500)
    monkeypatch.setattr(os, "fsync", fsync)
    np.testing.assert_array_equal(_run(path, steps=500).z, whole.z)


def test_a_real_limit_on_file_size_keeps_the_records_before_it(tmp_path):
    """The operating system itself cuts the write short."""
    path = tmp_path / "journal"
    journal = Journal(path)
    journal.rewrite(b"first" * 100)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, before[1]))
    try:
        with pytest.raises(OSError, match="File too large"):
            journal.append(b"x" * 10_000)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert Journal(path).read() == [b"first" * 100]
    journal.append(b"second")
    assert Journal(path).read() == [b"first" * 100, b"second"]


@pytest.mark.parametrize("umask", [0o022, 0o077])
def test_files_have_the_permissions_of_any_other(tmp_path, umask):
    before = os.umask(umask)
    try:
        replace_file(tmp_path / "new", b"1")
    finally:
        os.umask(before)
    assert (tmp_path / "new").stat().st_mode & 0o777 == 0o666 & ~umask
    (tmp_path / "new").chmod(0o640)
    replace_file(tmp_path / "new", b"2")
    assert (tmp_path / "new").stat().st_mode & 0o777 == 0o640


_LIVES = """
import os, signal, sys, time
import numpy as np
from bayesfit import Data, Model, likelihoods, predictors
from bayesfit.sampling import Ensemble, checkpoint, driver, stopping
from pathlib import Path

path, out, n_kills, steps = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
checkpoint.WAIT = checkpoint.PATIENCE = 0.0
stopping.ROUNDS = (20, 20)
x = np.linspace(0, 10, 30)
data = Data(x, 1 + 2 * x + np.sin(40 * x), y_err=1.0)
target = Model(predictors.Linear(), likelihoods.Gaussian(scatter=True)).target(data)
size = lambda: path.stat().st_size if path.exists() else 0
rng, killed = np.random.default_rng(1), 0

def fit():
    return Ensemble(steps=steps, burn_in=0).run(target, seed=1, progress=False, checkpoint=path)

for _ in range(n_kills):
    before, child = size(), os.fork()
    if child == 0:
        fit()
        os._exit(0)
    # not before it has written something new, so that every life brings the run forward
    while size() == before and os.waitpid(child, os.WNOHANG) == (0, 0):
        time.sleep(0.001)
    time.sleep(rng.uniform(0, 0.03))
    try:
        os.kill(child, signal.SIGKILL)
        killed += os.waitpid(child, 0)[1] == signal.SIGKILL
    except (ProcessLookupError, ChildProcessError):
        pass
np.save(out, fit().z)
print(killed)
"""


@pytest.mark.parametrize(("n_kills", "steps"), [(10, 500), pytest.param(100, 5000, marks=pytest.mark.calibration)])
def test_kills_at_any_moment_change_nothing(tmp_path, n_kills, steps):
    """SIGKILL through a real model; the chains are those of a run that was left in peace."""
    killed, peaceful = (_lives(tmp_path / name, n, steps) for name, n in (("killed", n_kills), ("peace", 0)))
    assert killed[1] >= 0.8 * n_kills
    np.testing.assert_array_equal(killed[0], peaceful[0])


def _lives(path, n_kills, steps):
    """Kill the run again and again at random moments, then let it end; return chains and kills."""
    out = path.with_suffix(".npy")
    command = [sys.executable, "-c", _LIVES, str(path), str(out), str(n_kills), str(steps)]
    # without threads, so that forks are safe
    environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1"}
    done = subprocess.run(command, check=True, capture_output=True, text=True, env=environment, timeout=600)
    return np.load(out), int(done.stdout)
