"""A row per object: in order, the same for any workers, errors in their rows."""

import multiprocessing
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor

import numpy as np
import pandas as pd
import pytest
from lines_of_objects import BROKEN, LINE, PEAK, PEAKS, QUICK, line_table, peak_objects

import bayesfit as bf
from bayesfit.catalog import batches

SILENT = {"seed": 5, "progress": False}


def same(a, b):
    pd.testing.assert_frame_equal(a.drop(columns="seconds"), b.drop(columns="seconds"), check_exact=True)


def sampled(objects, **settings):
    return bf.fit_many(PEAKS, objects, sampler=QUICK, **{**SILENT, **settings})


def test_a_row_for_each_object_in_the_order_of_the_data():
    data = line_table(6)
    table = bf.fit_many(LINE, data, by="star", **SILENT)
    assert table["key"].tolist() == list(dict.fromkeys(data.columns["star"].tolist()))
    assert (table["status"] == "closed form").all()
    assert (table["n_rows"] == 8).all()
    assert table.columns[:4].tolist() == ["key", "status", "message", "n_rows"]
    assert table["rhat"].isna().all()


def test_each_object_has_what_it_has_alone():
    data = line_table(5)
    table = bf.fit_many(LINE, data, by="star", **SILENT).set_index("key")
    for star in table.index:
        alone = bf.fit_many(LINE, [(star, data[data.columns["star"] == star])], **SILENT).set_index("key")
        same(alone, table.loc[[star]])


def test_a_sampled_object_has_what_its_fit_says():
    table = sampled(peak_objects(1))
    seed = bf.catalog.fits.seed_of(5, "str:p0")
    posterior = PEAKS.fit(next(peak_objects(1))[1], sampler=QUICK, seed=seed, progress=False)
    draws, row = posterior.to_array(), table.iloc[0]
    assert row["place_mean"] == draws.mean(axis=0)[1]
    assert row["place_q16"] == np.quantile(draws[:, 1], 0.16)
    assert row["rhat"] == max(posterior.diagnostics.rhat.values())
    assert row["elpd"] == posterior.loo(refits=None).elpd
    assert row["message"] == " ".join(posterior.diagnostics.messages)


def test_results_depend_neither_on_order_nor_on_company():
    objects = list(peak_objects(3))
    forward, backward = sampled(objects), sampled(objects[::-1])
    same(forward, backward.iloc[::-1].reset_index(drop=True))
    same(forward.iloc[[2]].reset_index(drop=True), sampled([objects[2]]))


def test_results_depend_on_the_seed():
    objects = list(peak_objects(1))
    assert sampled(objects)["place_mean"][0] != sampled(objects, seed=6)["place_mean"][0]


@pytest.mark.parametrize("size", [1, 5])
def test_chunks_make_no_difference(monkeypatch, size):
    data = line_table(7)
    expected = bf.fit_many(LINE, data, by="star", **SILENT)
    monkeypatch.setattr(batches, "_CLOSED", size)
    same(bf.fit_many(LINE, data, by="star", **SILENT), expected)


def test_processes_give_the_same():
    objects, data = list(peak_objects(3)), line_table(4)
    with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("spawn")) as executor:
        together = sampled(objects, executor=executor)
        lines = bf.fit_many(LINE, data, by="star", executor=executor, **SILENT)
        nested = bf.Model(bf.predictors.Function(lambda x, place: place + x), LINE.likelihood, priors=PEAK)
        with pytest.raises(bf.SamplingError, match=r"cannot be sent.*executor=None"):
            bf.fit_many(nested, objects, executor=executor, **SILENT)
    same(together, sampled(objects))
    same(lines, bf.fit_many(LINE, data, by="star", **SILENT))


def test_threads_give_the_same():
    objects = list(peak_objects(2))
    with ThreadPoolExecutor(2) as executor:
        same(sampled(objects, executor=executor), sampled(objects))


def test_an_error_is_the_row_of_its_object():
    x = np.linspace(-1, 1, 5)
    objects = [*peak_objects(1), ("bad", bf.Data(x, x, y_err=0.1)), ("none", None), ("no label", bf.Data(x))]
    table = bf.fit_many(BROKEN, objects, sampler=QUICK, **SILENT).set_index("key")
    assert table["status"].tolist()[1:] == ["error"] * 3
    assert table["status"]["p0"] in ("converged", "not converged")
    assert "no spectrum here" in table["message"]["bad"]
    assert table["message"]["none"] == "DataError: an object should be a bayesfit.Data, got NoneType"
    assert table["message"]["no label"].startswith("DataError: ")
    assert np.isfinite(table["place_mean"]["p0"])
    assert table["place_mean"].iloc[1:].isna().all()


def test_not_converged_is_said_with_the_reason():
    short = bf.sampling.Ensemble(n_ensembles=2, steps=10, burn_in=1)
    row = bf.fit_many(PEAKS, peak_objects(1), sampler=short, **SILENT).iloc[0]
    assert row["status"] == "not converged"
    assert row["message"]


def test_objects_may_have_parameters_of_their_own():
    """Without errors of the labels the scatter is a parameter."""
    data = line_table(1)
    bare = bf.Data(data.x, data.y)
    table = bf.fit_many(LINE, {"with": data, "without": bare}, sampler=QUICK, **SILENT)
    assert table["scatter_mean"].isna().tolist() == [True, False]
    assert table["status"].tolist()[0] == "closed form"


def test_classes_and_mixtures_too():
    rng = np.random.default_rng(3)
    x = np.concatenate([rng.normal(0, 1, 30), rng.normal(5, 1, 30)])
    model = bf.ClassModel()
    table = bf.fit_many(model, {"a": bf.Data(x, np.repeat(["cat", "dog"], 30))}, sampler=QUICK, **SILENT)
    assert table["x_mean[dog]_mean"][0] == pytest.approx(5, abs=1)


def test_a_stream_is_never_held(monkeypatch):
    """Of a generator no more objects are asked for than are under way: three batches a worker, and the next."""
    monkeypatch.setattr(batches, "_SAMPLED", 1)
    asked, done, ahead = [], [], []

    def stream():
        for key, data in peak_objects(20):
            asked.append(key)
            ahead.append(len(asked) - len(done))
            yield key, data

    class Watched(ThreadPoolExecutor):
        def submit(self, *args):
            future = super().submit(*args)
            future.add_done_callback(lambda _: done.append(1))
            return future

    fixed = bf.Model(PEAKS.predictor, PEAKS.likelihood, priors={"height": 1.0, "place": 2.0})  # an error at once
    with Watched(1) as executor:
        table = bf.fit_many(fixed, stream(), executor=executor, **SILENT)
    assert (table["status"] == "error").all()
    assert len(table) == 20
    assert max(ahead) <= 4


def test_a_key_that_comes_again_is_an_error_of_that_row():
    objects = list(peak_objects(1)) * 2
    table = sampled(objects)
    assert table["status"].tolist()[1] == "error"
    assert "came before" in table["message"][1]


def test_no_objects_are_an_empty_table():
    table = bf.fit_many(LINE, [], **SILENT)
    assert len(table) == 0
    assert "status" in table.columns


KEYS = [(1, "int"), (1.5, "float"), ("a", "str"), ((0, 2), "tuple"), (True, "bool")]


@pytest.mark.parametrize("key", [key for key, _ in KEYS], ids=[kind for _, kind in KEYS])
def test_kinds_of_keys(key):
    table = bf.fit_many(LINE, [(key, line_table(1))], **SILENT)
    assert table["key"].tolist() == [key]


def test_progress_goes_to_standard_error(capsys):
    bf.fit_many(LINE, line_table(2), by="star", seed=1)
    shown = capsys.readouterr()
    assert shown.out == ""
    assert "objects" in shown.err
    bf.fit_many(LINE, line_table(2), by="star", **SILENT)
    assert capsys.readouterr().err == ""


DATA = line_table(2)
GAPS = bf.Data([0.0, 1.0], [0.0, 1.0], y_err=1.0, columns={"star": ["a", None]})
# whole numbers beside a blank are read as floats, of which several are one from 2⁵³ on
LONG = bf.Data([0.0, 1.0], [0.0, 1.0], y_err=1.0, columns={"star": [4295806720.0, 2.0**62]})
SHARED = bf.Data([0.0, 1.0], [0.0, 1.0], y_cov=[[1.0, 0.5], [0.5, 2.0]], columns={"star": ["a", "b"]})
WRONG = [
    ({"model": "line"}, bf.ModelError, "model should be a Model"),
    ({"by": None}, bf.DataError, "by: name the column"),
    ({"by": ["star"]}, bf.DataError, r"by=\['star'\] is no column of the data"),
    ({"by": "stars"}, bf.DataError, "by='stars' is no column of the data; did you mean 'star'"),
    ({"data": GAPS}, bf.DataError, "by='star' is missing in row 1"),
    ({"data": LONG}, bf.DataError, "by='star' holds floats in row 1 that are too large to tell whole numbers apart"),
    ({"data": SHARED}, bf.DataError, "y_cov: labels of different objects are correlated"),
    ({"data": {"a": DATA}}, bf.DataError, "by='star' names a column of one Data"),
    ({"data": [DATA], "by": None}, bf.DataError, r"item 0 is a Data, not a pair \(key, Data\)"),
    ({"data": 3, "by": None}, bf.DataError, "data should be a bayesfit.Data or an iterable"),
    ({"data": [(None, DATA)], "by": None}, bf.DataError, "key None: name objects by numbers"),
    ({"sampler": bf.sampling.Ensemble}, bf.SamplingError, "sampler should be a sampling.Ensemble"),
    ({"executor": 4}, bf.SamplingError, r"executor=4 has no submit\(\)"),
    ({"seed": -1}, bf.SamplingError, "seed=-1 is not a non-negative"),
]


@pytest.mark.parametrize(("change", "kind", "message"), WRONG, ids=[message[:25] for _, _, message in WRONG])
def test_wrong_arguments_are_refused(change, kind, message):
    settings = {"model": LINE, "data": DATA, "by": "star", **SILENT, **change}
    with pytest.raises(kind, match=message):
        bf.fit_many(settings.pop("model"), settings.pop("data"), **settings)
