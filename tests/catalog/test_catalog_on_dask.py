"""The same results from Dask's workers, and from Dask as the executor of one fit and of comparisons."""

import pandas as pd
import pytest
from lines_of_objects import LINE, PEAKS, QUICK, line_table, peak_objects

import bayesfit as bf

distributed = pytest.importorskip("distributed", reason="Dask is not installed")


@pytest.fixture(scope="module")
def client():
    settings = {"n_workers": 1, "threads_per_worker": 2, "processes": False, "dashboard_address": "127.0.0.1:0"}
    with distributed.LocalCluster(**settings) as cluster, distributed.Client(cluster) as client:
        yield client


@pytest.fixture
def dask_executor(client):
    return client.get_executor()


def test_objects_on_dask(dask_executor, tmp_path):
    objects = list(peak_objects(3))
    settings = {"sampler": QUICK, "seed": 5, "progress": False}
    table = bf.fit_many(PEAKS, iter(objects), executor=dask_executor, out=tmp_path / "fits", **settings)
    alone = bf.fit_many(PEAKS, objects, **settings)
    pd.testing.assert_frame_equal(table.drop(columns="seconds"), alone.drop(columns="seconds"), check_exact=True)
    lines = bf.fit_many(LINE, line_table(3), by="star", executor=dask_executor, **settings)
    assert (lines["status"] == "closed form").all()


def test_one_fit_and_a_comparison_on_dask(dask_executor):
    data = next(peak_objects(1))[1]
    alone = PEAKS.fit(data, sampler=QUICK, seed=1, progress=False)
    spread = PEAKS.fit(data, sampler=QUICK, seed=1, progress=False, executor=dask_executor)
    assert (alone.chains == spread.chains).all()
    other = LINE.fit(data, sampler=QUICK, seed=1, progress=False, executor=dask_executor)
    found = bf.compare({"peak": spread, "line": other}, executor=dask_executor, seed=1)
    assert found.table.index[0] == "peak"


def test_a_client_is_no_executor(client):
    """It has a submit() too, but the futures are of another kind."""
    with pytest.raises(bf.SamplingError, match=r"client.get_executor\(\)"):
        bf.fit_many(PEAKS, peak_objects(1), executor=client, progress=False)
