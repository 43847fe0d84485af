"""Rows on disk: whole at any moment, readable by others, and gone on with after a kill."""

import errno
import importlib.util
import os
import re
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace

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


def test_what_workers_have_done_is_kept_where_a_run_stops(tmp_path):
    """However few objects are under way."""
    done = threading.Event()

    class Watched(ThreadPoolExecutor):
        def submit(self, *args):
            future = super().submit(*args)
            future.add_done_callback(lambda _: done.set())
            return future

    def stops():
        objects = peak_objects(2)
        yield next(objects)
        assert done.wait(60)
        yield next(objects)
        raise OSError("the disk is gone")

    with Watched(1) as executor, pytest.raises(OSError, match="the disk is gone"):
        bf.fit_many(PEAKS, stops(), sampler=QUICK, executor=executor, out=tmp_path / "fits", **SILENT)
    assert pd.read_parquet(tmp_path / "fits")["key"][0] == "p0"


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


@pytest.mark.parametrize("other", ["a", 1.5, 2.0, 2**70, (1, "a")], ids=str)
@pytest.mark.parametrize("resumed", [False, True])
def test_keys_of_two_kinds_are_refused(tmp_path, other, resumed):
    """As soon as they are read: what is done is kept, and what comes later is not asked for."""
    asked, settings = [], {"sampler": QUICK, "out": tmp_path / "fits", **SILENT}
    objects = [(k, data) for k, (_, data) in enumerate(peak_objects(2))]
    if resumed:
        bf.fit_many(PEAKS, objects[:1], **settings)

    def stream():
        yield from objects[:1]
        yield other, objects[1][1]
        asked.append(1)

    with pytest.raises(bf.ResultFileError, match=f"key {re.escape(repr(other))} .*keys in one table .* of one kind"):
        bf.fit_many(PEAKS, stream(), **settings)
    assert not asked
    assert pd.read_parquet(tmp_path / "fits")["key"].tolist() == [0]


def test_a_first_key_that_parquet_cannot_keep(tmp_path):
    with pytest.raises(bf.ResultFileError, match=r"key \(1, 'a'\) cannot be kept"):
        bf.fit_many(LINE, [((1, "a"), line_table(1))], out=tmp_path / "fits", **SILENT)


def test_a_second_run_in_the_folder_is_refused(tmp_path):
    """At once, while the first goes on."""
    asked, settings = [], {"sampler": QUICK, "out": tmp_path / "fits", **SILENT}

    def stream():
        for key, data in peak_objects(2):
            with pytest.raises(bf.ResultFileError, match=r"another run is writing into .*another folder"):
                bf.fit_many(PEAKS, counted(2, asked), **settings)
            yield key, data

    assert bf.fit_many(PEAKS, stream(), **settings)["key"].tolist() == ["p0", "p1"]
    assert not asked
    assert len(bf.fit_many(PEAKS, peak_objects(3), **settings)) == 3


def test_a_refused_run_does_not_keep_the_folder(tmp_path):
    settings = {"sampler": QUICK, "out": tmp_path / "fits", "progress": False}
    bf.fit_many(PEAKS, peak_objects(1), seed=5, **settings)
    with pytest.raises(bf.ResultFileError, match="holds another run") as refused:
        bf.fit_many(PEAKS, peak_objects(1), seed=6, **settings)
    assert len(bf.fit_many(PEAKS, peak_objects(1), seed=5, **settings)) == 1
    assert refused.tb  # which holds on to all that the refused run had


def no_locks(*_):
    raise OSError(errno.ENOLCK, "No locks available")


@pytest.mark.parametrize("replaced", [None, SimpleNamespace(flock=no_locks, LOCK_EX=2, LOCK_NB=4)])
def test_without_locks_no_row_is_lost(tmp_path, monkeypatch, replaced):
    """As on some network file systems, and on Windows."""
    monkeypatch.setattr("bayesfit.catalog.lock.fcntl", replaced)
    objects, settings = list(peak_objects(4)), {"sampler": QUICK, "out": tmp_path / "fits", **SILENT}

    def stream():
        yield from objects[:2]
        bf.fit_many(PEAKS, objects[2:], **settings)

    assert len(bf.fit_many(PEAKS, stream(), **settings)) == 4
    assert sorted(pd.read_parquet(tmp_path / "fits")["key"]) == ["p0", "p1", "p2", "p3"]


_KILLED = """
import os, sys
from pathlib import Path
from bayesfit.catalog.lock import lock_folder

held = lock_folder(Path(sys.argv[1]))
if os.fork():
    os._exit(9)
sys.stdin.read()
"""


def test_workers_of_a_killed_run_do_not_keep_the_folder(tmp_path):
    """Processes that were forked live on for a while."""
    run = subprocess.Popen([sys.executable, "-c", _KILLED, str(tmp_path)], stdin=subprocess.PIPE)
    with run.stdin:
        assert run.wait() == 9
        bf.fit_many(LINE, line_table(1), by="star", out=tmp_path, **SILENT)


@pytest.mark.parametrize("content", [b"", b"PAR1", b"PAR1" * 10, None], ids=["empty", "short", "bytes", "cut"])
def test_a_damaged_part_is_named(tmp_path, content):
    objects, settings = list(peak_objects(2)), {"sampler": QUICK, "out": tmp_path / "fits", **SILENT}
    whole = [bf.fit_many(PEAKS, objects[:n], **settings) for n in (1, 2)][1]
    part = max((tmp_path / "fits").glob("part-*"))
    part.write_bytes(part.read_bytes()[:-100] if content is None else content)
    with pytest.raises(bf.ResultFileError, match=rf"{part} cannot be read.*delete it.*fitted again"):
        bf.fit_many(PEAKS, objects, **settings)
    part.unlink()
    same(bf.fit_many(PEAKS, objects, **settings), whole)


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
