"""Rows on disk: whole at any moment, readable by others, and gone on with after a kill."""

import importlib.util
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
from lines_of_objects import BROKEN, LINE, PEAKS, QUICK, line_table, peak_objects

import bayesfit as bf

SILENT = {"seed": 5, "progress": False}


def same(a, b):
    pd.testing.assert_frame_equal(a.drop(columns="seconds"), b.drop(columns="seconds"), check_exact=True)


def counted(n_objects, asked):
    for key, data in peak_objects(n_objects):
        asked.append(key)
        yield key, data


def test_the_table_on_disk_is_the_one_returned(tmp_path):
    table = bf.fit_many(LINE, line_table(5), by="star", out=tmp_path / "fits", **SILENT)
    read = pd.read_parquet(tmp_path / "fits")
    assert read["mark"].eq("").all()
    pd.testing.assert_frame_equal(read[table.columns], table, check_dtype=False)
    same(table, bf.fit_many(LINE, line_table(5), by="star", **SILENT))


def test_a_killed_run_goes_on_and_ends_the_same(tmp_path):
    """kill -9 in the middle; what is there is readable, and is not fitted again."""
    out, here = tmp_path / "fits", Path(__file__).parent
    run = subprocess.Popen([sys.executable, str(here / "kill_me.py"), str(out)], stdout=subprocess.PIPE, text=True)
    began = time.monotonic()
    try:
        while len(list(out.glob("part-*"))) < 3 and run.poll() is None and time.monotonic() - began < 120:
            time.sleep(0.05)
        assert run.poll() is None
    finally:
        os.kill(run.pid, signal.SIGKILL)
        run.communicate()
    partial = pd.read_parquet(out)
    assert 0 < len(partial) < 30
    before = {file.name: file.read_bytes() for file in out.glob("part-*")}
    resumed = bf.fit_many(PEAKS, peak_objects(6), sampler=QUICK, out=out, **SILENT)
    assert {name: (out / name).read_bytes() for name in before} == before
    resumed = resumed[resumed["key"].isin([f"p{k}" for k in range(6)])].reset_index(drop=True)
    same(resumed, bf.fit_many(PEAKS, peak_objects(6), sampler=QUICK, **SILENT))


def test_a_finished_run_fits_nothing_again(tmp_path):
    objects = list(peak_objects(2))
    first = bf.fit_many(PEAKS, objects, sampler=QUICK, out=tmp_path / "fits", **SILENT)
    again = bf.fit_many(PEAKS, objects, sampler=QUICK, out=tmp_path / "fits", **SILENT)
    pd.testing.assert_frame_equal(first, again, check_exact=True)


def test_what_is_done_is_kept_where_a_run_stops(tmp_path):
    """An error in the stream itself ends the run, and what was fitted is there."""

    def stops():
        yield from peak_objects(2)
        raise OSError("the disk is gone")

    with pytest.raises(OSError, match="the disk is gone"):
        bf.fit_many(PEAKS, stops(), sampler=QUICK, out=tmp_path / "fits", **SILENT)
    kept = pd.read_parquet(tmp_path / "fits")
    assert kept["key"][0] == "p0"
    resumed = bf.fit_many(PEAKS, peak_objects(3), sampler=QUICK, out=tmp_path / "fits", **SILENT)
    same(resumed, bf.fit_many(PEAKS, peak_objects(3), sampler=QUICK, **SILENT))
    assert resumed["seconds"][0] == kept["seconds"][0]


def test_without_a_seed_a_run_goes_on_with_its_own(tmp_path):
    settings = {"sampler": QUICK, "out": tmp_path / "fits", "progress": False}
    bf.fit_many(PEAKS, peak_objects(1), **settings)
    table = bf.fit_many(PEAKS, peak_objects(2), **settings)
    seed = int(
        pq.read_schema(tmp_path / "fits" / "part-00000000.parquet").metadata[b"bayesfit_catalog"].split(b'"')[-2]
    )
    same(table, bf.fit_many(PEAKS, peak_objects(2), sampler=QUICK, seed=seed, progress=False))


OTHER = [
    ({"seed": 6}, "seed 5 there, 6 here"),
    ({"sampler": bf.sampling.Ensemble(steps=70)}, "setting steps 60 there, 70 here"),
    ({"model": BROKEN}, "model not the same"),
]


@pytest.mark.parametrize(("change", "message"), OTHER, ids=["seed", "sampler", "model"])
def test_another_run_is_refused(tmp_path, change, message):
    settings = {"sampler": QUICK, "out": tmp_path / "fits", **SILENT}
    bf.fit_many(PEAKS, peak_objects(1), **settings)
    settings |= change
    with pytest.raises(bf.ResultFileError, match=f"holds another run: .*{message}"):
        bf.fit_many(settings.pop("model", PEAKS), peak_objects(2), **settings)


def test_other_data_are_refused(tmp_path):
    settings = {"out": tmp_path / "fits", **SILENT}
    bf.fit_many(LINE, line_table(2), by="star", **settings)
    with pytest.raises(bf.ResultFileError, match="data not the same"):
        bf.fit_many(LINE, line_table(2, seed=9), by="star", **settings)
    settings = {"sampler": QUICK, "out": tmp_path / "peaks", **SILENT}
    bf.fit_many(PEAKS, peak_objects(1), **settings)
    with pytest.raises(bf.DataError, match="holds object 'p0' with other data"):
        bf.fit_many(PEAKS, peak_objects(1, seed=9), **settings)


@pytest.mark.parametrize("keys", [[1, 2], ["a", "b"], [(0, 1), (0, 2)], [0.5, 1.5]], ids=str)
def test_keys_come_back_as_they_were(tmp_path, keys):
    data = line_table(1)
    table = bf.fit_many(LINE, [(key, data) for key in keys], out=tmp_path / "fits", **SILENT)
    assert table["key"].tolist() == keys
    assert bf.fit_many(LINE, [(key, data) for key in keys], out=tmp_path / "fits", **SILENT)["key"].tolist() == keys


@pytest.mark.parametrize("other", ["a", 1.5, 2.0])
def test_keys_of_two_kinds_are_refused(tmp_path, other):
    data = line_table(1)
    with pytest.raises(bf.ResultFileError, match="keys in one table should all be of one kind"):
        bf.fit_many(LINE, [(1, data), (other, data)], out=tmp_path / "fits", **SILENT)


def test_parameters_that_appear_later_have_a_column_everywhere(tmp_path):
    """The first file is written anew; those before it stay readable beside it."""
    data, out = line_table(1), tmp_path / "fits"
    bf.fit_many(LINE, [(0, data)], sampler=QUICK, out=out, **SILENT)
    table = bf.fit_many(LINE, [(0, data), (1, bf.Data(data.x, data.y))], sampler=QUICK, out=out, **SILENT)
    for found in (table, pd.read_parquet(out)):
        assert found["scatter_mean"].notna().tolist() == [False, True]


def test_errors_are_on_disk_too(tmp_path):
    x = np.linspace(-1, 1, 5)
    bf.fit_many(BROKEN, [("bad", bf.Data(x, x, y_err=0.1))], out=tmp_path / "fits", **SILENT)
    read = pd.read_parquet(tmp_path / "fits")
    assert read["status"].tolist() == ["error"]
    assert "no spectrum here" in read["message"][0]


def test_a_key_that_came_twice_is_told_once(tmp_path):
    objects = list(peak_objects(1)) * 2
    for _ in range(2):
        table = bf.fit_many(PEAKS, objects, sampler=QUICK, out=tmp_path / "fits", **SILENT)
        assert table["status"].eq("error").sum() == 1
        assert len(table) == 2


def test_paths_that_cannot_be_used(tmp_path):
    (tmp_path / "letters").mkdir()
    (tmp_path / "letters" / "mine.txt").write_text("dear")
    (tmp_path / "file").write_text("")
    (tmp_path / "damaged").mkdir()
    (tmp_path / "damaged" / "part-00000000.parquet").write_bytes(b"PAR1")
    cases = {
        "letters": "holds something else",
        "file": "cannot make the folder",
        "damaged": "is damaged, or was not written by fit_many",
        "no/folder": "cannot make the folder .*No such file",
    }
    for name, message in cases.items():
        with pytest.raises(bf.ResultFileError, match=message):
            bf.fit_many(LINE, line_table(1), by="star", out=tmp_path / name, **SILENT)
    assert (tmp_path / "letters" / "mine.txt").read_text() == "dear"


def test_without_pyarrow_nothing_is_fitted(tmp_path, monkeypatch):
    asked = []
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(bf.ResultFileError, match=r"need pyarrow: pip install 'bayesfit-toolkit\[parquet\]'"):
        bf.fit_many(PEAKS, counted(2, asked), out=tmp_path / "fits", **SILENT)
    assert asked == []
