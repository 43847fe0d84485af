"""Pieces of batches on workers: the same draws as without, and faults that say where."""

import multiprocessing
import os
import signal
import subprocess
import sys
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from importlib.util import find_spec
from pathlib import Path
from shutil import which

import numpy as np
import pytest
from expensive import LINES, TARGETS, deadly, fails, interrupting, looped, model, rows, slow, undefined
from toys import Normal, Toy

from bayesfit.errors import SamplingError
from bayesfit.sampling import Ensemble, pointwise, spread
from bayesfit.sampling.post import Post
from bayesfit.sampling.spread import Spread
from bayesfit.sampling.workers import Workers

SETTINGS = {"n_ensembles": 3, "n_walkers": 10, "steps": 12, "burn_in": 8}
MIDDLE = {"height": 2.0, "place": 2.7, "width": 0.8}


@pytest.fixture
def always(monkeypatch):
    """Send every piece, however cheap."""
    monkeypatch.setattr(spread, "LEAST_SECONDS", 0.0)
    monkeypatch.setattr(spread, "WORTHWHILE", 0.0)


@pytest.fixture
def sent(monkeypatch):
    """Count what is sent, by the name of the function."""
    found = []
    send = Post.send

    def counted(self, function, tasks):
        found.extend([function.__name__] * len(tasks))
        return send(self, function, tasks)

    monkeypatch.setattr(Post, "send", counted)
    return found


class Wrong(Toy):
    """Says that its batches may be cut, while values depend on their size."""

    block = 1

    def evaluate(self, z):
        return self.log_density(z) * (1 + 1e-15 * len(z))


def processes(n, start="fork"):
    return ProcessPoolExecutor(n, mp_context=multiprocessing.get_context(start))


def run(target, executor=None, **settings):
    return Ensemble(**SETTINGS | settings).run(target, seed=3, progress=False, executor=executor)


def same(one, other):
    np.testing.assert_array_equal(one.z, other.z)
    np.testing.assert_array_equal(one.log_density, other.log_density)
    assert one.n_evaluations == other.n_evaluations


def test_pointwise_terms_of_what_takes_long_are_found_by_workers(always, sent, monkeypatch):
    monkeypatch.setattr(pointwise, "LEAST_SECONDS", 0.0)
    sampler = Ensemble(**SETTINGS)
    alone = model(looped).fit(rows(), sampler=sampler, seed=3, progress=False)
    with processes(2) as executor:
        together = model(looped).fit(rows(), sampler=sampler, seed=3, progress=False, executor=executor)
    assert sent.count("pointwise") == 2 * spread.SHARES
    for group in ("log_likelihood", "posterior_predictive"):
        np.testing.assert_array_equal(together.tree[group]["y"], alone.tree[group]["y"])


@pytest.mark.parametrize(("start", "n"), [("fork", 1), ("fork", 3), ("spawn", 2)])
def test_draws_do_not_depend_on_processes(always, sent, start, n):
    alone = run(TARGETS["looped"]())
    with processes(n, start) as executor:
        together = run(TARGETS["looped"](), executor)
    same(together, alone)
    assert "walk_on" not in sent
    assert len(sent) > 200


def test_draws_do_not_depend_on_threads(always, sent):
    with ThreadPoolExecutor(2) as executor:
        together = run(TARGETS["broadcasting"](), executor)
    same(together, run(TARGETS["broadcasting"]()))
    assert "walk_on" not in sent


@pytest.mark.parametrize("name", TARGETS)
def test_log_densities_do_not_depend_on_workers(always, sent, name):
    with ThreadPoolExecutor(2) as executor:
        density = Workers(TARGETS[name](), executor).density
        z = density.starts(np.random.default_rng(1), 30 if name == "noisy features" else 300)
        found = density.log_density(z)
    np.testing.assert_array_equal(found, TARGETS[name]().log_density(z))
    assert sent.count("evaluate") >= 8


def test_a_resumed_run_is_spread_and_the_same(always, sent, tmp_path):
    path = tmp_path / "half"
    settings = Ensemble(**SETTINGS)
    settings.run(TARGETS["looped"](), seed=3, progress=False, checkpoint=path)
    with ThreadPoolExecutor(2) as executor:
        again = settings.run(TARGETS["looped"](), seed=3, progress=False, checkpoint=path, executor=executor)
    same(again, run(TARGETS["looped"]()))


@pytest.mark.parametrize("name", ["looped", "few rows", "no rows to add up", "a polynomial for the rows"])
def test_what_is_cheap_stays_here(sent, name):
    with ThreadPoolExecutor(2) as executor:
        together = run((TARGETS | LINES)[name](), executor)
    same(together, run((TARGETS | LINES)[name]()))
    assert not sent


@pytest.mark.parametrize("name", ["many rows", "quadrature", "a covariance"])
def test_ensembles_are_sent_where_batches_cannot_be_cut(sent, name):
    """Products with a design matrix are rounded as the batch's size has it."""
    with processes(2) as executor:
        together = run(LINES[name](), executor)
    same(together, run(LINES[name]()))
    assert set(sent) == {"walk_on"}


def test_slow_densities_are_sent():
    """Of its own accord: what takes that long for each walker is worth sending."""
    with processes(2) as executor:
        density = Workers(model(slow).target(rows()), executor).density
        assert density.in_pieces(density.starts(np.random.default_rng(1), 8))


def test_pieces_that_differ_in_a_bit_are_never_made(always):
    """A target that says its batches may be cut, and is wrong, is found out."""

    target = Wrong(Normal(np.zeros(2), np.eye(2)), 2)
    with ThreadPoolExecutor(2) as executor:
        assert not Spread(target, Post(target, executor)).in_pieces(target.starts(np.random.default_rng(1), 64))


def test_points_that_are_finite_nowhere_decide_nothing(always):
    target = model(undefined).target(rows())
    high = target.walked(np.array([[5.0, 3.0, 1.0]]))
    fine = target.walked(np.array([[2.0, 3.0, 1.0]]))
    with ThreadPoolExecutor(2) as executor:
        density = Workers(target, executor).density
        assert not density.in_pieces(high)
        assert density.in_pieces(fine)


@pytest.mark.parametrize(("n", "block", "size"), [(64, 1, 4), (13, 8, 8), (1, 1, 3), (100, 8, 16)])
def test_pieces_are_whole_blocks(n, block, size):
    target = TARGETS["looped"]()
    with ThreadPoolExecutor(3) as executor:
        density = Spread(target, Post(target, executor))
        density._block, density._size = block, size
        z = np.arange(3.0 * n).reshape(n, 3)
        pieces = density._pieces(z)
    np.testing.assert_array_equal(np.concatenate(pieces), z)
    assert all(len(piece) % block == 0 for piece in pieces[:-1])
    assert len(pieces) <= 12


# -- faults --------------------------------------------------------------------------------------------------


def test_an_exception_in_a_worker_names_the_parameters(always):
    with processes(2) as executor, pytest.raises(SamplingError, match=r"ZeroDivisionError: too high at height = "):
        run(model(fails).target(rows()), executor)


def test_nan_in_workers_is_counted_as_without(always):
    alone = run(model(undefined).target(rows()))
    with processes(2) as executor:
        together = run(model(undefined).target(rows()), executor)
    same(together, alone)
    (fault,) = together.faults
    assert "NaN" in fault
    assert "first at height = " in fault
    # those of the comparison of pieces with the batch are not counted
    assert fault.split(";")[0] == alone.faults[0].split(";")[0]


def test_a_dead_worker_is_an_error(always):
    with processes(2) as executor, pytest.raises(SamplingError, match="executor: a worker died"):
        run(model(deadly).target(rows()), executor)


@pytest.mark.parametrize("pool", [processes, ThreadPoolExecutor])
def test_an_interrupt_gives_what_there_is(always, pool, tmp_path, monkeypatch, request):
    # where the suite itself runs in the background, the shell has Ctrl-C ignored
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    request.addfinalizer(lambda: signal.signal(signal.SIGINT, before))
    flag = tmp_path / "now"
    monkeypatch.setenv("BAYESFIT_TEST_INTERRUPT", str(flag))
    monkeypatch.setenv("BAYESFIT_TEST_PARENT", str(os.getpid()))
    advance, kept = Workers.advance, []

    def watched(self, positions, moves, n_steps, beta=1.0):
        kept.append(n_steps)
        if len(kept) == 4:
            flag.touch()
        return advance(self, positions, moves, n_steps, beta)

    monkeypatch.setattr(Workers, "advance", watched)
    with pool(2) as executor:
        partial = run(model(interrupting).target(rows()), executor, steps=5000)
    assert partial.interrupted
    assert 0 < partial.n_steps < 5000


# -- other executors ------------------------------------------------------------------------------------------


def test_dask_gives_the_same(always):
    distributed = pytest.importorskip("distributed", reason="Dask is not installed")
    settings = {"n_workers": 2, "threads_per_worker": 1, "processes": False, "dashboard_address": "127.0.0.1:0"}
    with distributed.LocalCluster(**settings) as cluster, distributed.Client(cluster) as client:
        together = run(TARGETS["looped"](), client.get_executor(), n_walkers=8, start=MIDDLE)
    same(together, run(TARGETS["looped"](), n_walkers=8, start=MIDDLE))


@pytest.mark.skipif(not (which("mpirun") and find_spec("mpi4py")), reason="MPI is not installed")
def test_mpi_gives_the_same(tmp_path):
    script = Path(__file__).parent / "on_mpi.py"
    options = ["--allow-run-as-root", "--oversubscribe"]
    command = ["mpirun", *options, "-n", "3", sys.executable, "-m", "mpi4py.futures", str(script), str(tmp_path)]
    subprocess.run(command, check=True, timeout=300, capture_output=True)
    with np.load(tmp_path / "draws.npz") as found:
        np.testing.assert_array_equal(found["spread"], found["alone"])


def test_user_moves_that_remember_are_not_shared():
    """Ensembles that walk in threads of one process must not tell each other through a move."""
    import emcee

    class Remembers(emcee.moves.StretchMove):
        def propose(self, model, state):
            self.a = 1.5 + 0.01 * len(vars(self).setdefault("seen", []))
            self.seen.append(state.coords[0, 0])
            return super().propose(model, state)

    settings = {"moves": [(Remembers(), 1.0)], "start": MIDDLE}
    with ThreadPoolExecutor(3) as executor:
        together = run(model(looped).target(rows()), executor, **settings)
    same(together, run(model(looped).target(rows()), **settings))
