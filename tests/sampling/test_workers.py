"""Targets travel once to each worker, and draws do not know of it."""

import multiprocessing
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor

import numpy as np
import pytest
from toys import Normal, Toy

from bayesfit.errors import SamplingError
from bayesfit.sampling import Ensemble, remote

SETTINGS = {"steps": 120, "burn_in": 60, "n_ensembles": 4}


class Recorded(Toy):
    """Writes a line to a file whenever it is unpickled."""

    def __init__(self, path):
        super().__init__(Normal(np.zeros(2), np.eye(2)), 2)
        self.path = path
        self.ballast = np.zeros(10_000)

    def __setstate__(self, state):
        self.__dict__.update(state)
        with self.path.open("a") as file:
            file.write("here\n")


class Posted:
    """An executor in this process that counts what is sent, as if each task were sent to one of several machines."""

    def __init__(self, n_machines):
        self.kept = [{} for _ in range(n_machines)]
        self.n_tasks, self.n_parcels = 0, 0

    def submit(self, function, token, parcel, *rest):
        self.n_parcels += parcel is not None
        store, real = self.kept[self.n_tasks % len(self.kept)], remote._kept
        self.n_tasks += 1
        future = Future()
        try:
            remote._kept = _Store(store)
            future.set_result(function(token, parcel, *rest))
        finally:
            remote._kept = real
        return future


class _Store(dict):
    """The memory of one machine."""

    def __init__(self, held):
        super().__init__(held)
        self.held = held

    def __setitem__(self, token, target):
        super().__setitem__(token, target)
        self.held[token] = target

    def move_to_end(self, token):
        pass


def _run(target, executor=None):
    return Ensemble(**SETTINGS).run(target, seed=1, progress=False, executor=executor)


@pytest.mark.parametrize("start", ["fork", "spawn"])
def test_each_process_unpacks_the_target_once_at_most(tmp_path, start):
    target = Recorded(tmp_path / "unpacked")
    with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context(start)) as executor:
        together = _run(target, executor)
    lines = target.path.read_text().splitlines() if target.path.exists() else []
    # processes that are forked when the target is kept already have it
    assert len(lines) <= (0 if start == "fork" else 2)
    np.testing.assert_array_equal(together.z, _run(target).z)


@pytest.mark.parametrize("n_machines", [1, 3])
def test_a_worker_that_lacks_the_target_is_sent_it(n_machines, tmp_path):
    """Whichever worker a task reaches, the draws are those of one process."""
    target, executor = Recorded(tmp_path / "unpacked"), Posted(n_machines)
    np.testing.assert_array_equal(_run(target, executor).z, _run(target).z)
    assert executor.n_tasks > 20
    assert n_machines <= executor.n_parcels <= 8


def test_nothing_is_kept_when_a_run_is_over(tmp_path):
    with ProcessPoolExecutor(1) as executor:
        _run(Recorded(tmp_path / "unpacked"), executor)
    assert not remote._kept


def test_an_executor_that_was_shut_down_is_refused(tmp_path):
    with ThreadPoolExecutor(1) as executor:
        pass
    with pytest.raises(SamplingError, match="takes no more work"):
        _run(Recorded(tmp_path / "unpacked"), executor)


def test_only_so_many_targets_are_kept():
    for i in range(10):
        remote.keep(f"run {i}", i)
    try:
        assert list(remote._kept) == [f"run {i}" for i in range(6, 10)]
    finally:
        for i in range(10):
            remote.forget(f"run {i}")
