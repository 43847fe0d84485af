import os

import emcee
import numpy as np
import pytest
from toys import Normal, Toy, correlated

from bayesfit.errors import SamplingError
from bayesfit.sampling import Ensemble
from bayesfit.sampling import checkpoint as module


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


@pytest.mark.parametrize("settings", [{}, {"steps": 300}, {"moves": STRETCH, "max_steps": 500}])
def test_a_resumed_run_equals_one_that_was_never_interrupted(tmp_path, settings):
    path = tmp_path / "run.npz"
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
    path = tmp_path / "run.npz"
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
    path = tmp_path / "run.npz"
    _run(path, steps=120)
    before = path.read_bytes()
    with pytest.raises(SamplingError, match=says):
        _run(path, **{"steps": 120, **change})
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    "spoil", [lambda b: b[: len(b) // 2], lambda b: b"", lambda b: b"PK" + b[:100], lambda b: b[::-1]]
)
def test_a_damaged_file_is_refused(tmp_path, spoil):
    path = tmp_path / "run.npz"
    _run(path, steps=120)
    path.write_bytes(spoil(path.read_bytes()))
    with pytest.raises(SamplingError, match="damaged"):
        _run(path, steps=120)


def test_pickles_are_refused(tmp_path):
    path = tmp_path / "run.npz"
    np.savez(path, text=np.array([{"a": 1}], dtype=object))
    with pytest.raises(SamplingError, match="damaged"):
        _run(path)


def test_a_missing_folder_is_refused_before_sampling(tmp_path):
    target = _Counting()
    with pytest.raises(SamplingError, match="no folder"):
        _run(tmp_path / "nowhere" / "run.npz", target)
    assert target.calls == 0


def test_a_failed_write_leaves_the_file_as_it_was(tmp_path, monkeypatch):
    path = tmp_path / "run.npz"
    path.write_bytes(b"precious")

    def full(*arguments):
        raise OSError(28, "No space left on device")

    store = module.Checkpoint(path, Ensemble(), _Counting())
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(SamplingError, match="No space left on device"):
        module._replace(store.path, b"new")
    assert path.read_bytes() == b"precious"
    assert os.listdir(tmp_path) == ["run.npz"]
