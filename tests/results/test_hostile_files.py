"""Result files made to do harm: refused with a ResultFileError before anything large is read or anything is run."""

import contextlib
import gzip
import json
import shutil
import subprocess
import sys
import tracemalloc
import zipfile

import h5py
import numpy as np
import pytest
from scipy.io import netcdf_file

from bayesfit import load
from bayesfit.errors import ResultFileError

MB = 2**20


def put(file, name, **creation):
    """Replace an array, keeping its attributes."""
    group, _, leaf = name.rpartition("/")
    attributes = {
        key: value for key, value in file[name].attrs.items() if key not in ("DIMENSION_LIST", "REFERENCE_LIST")
    }
    del file[name]
    new = file[group].create_dataset(leaf, **creation)
    new.attrs.update(attributes)
    return new


def external_link(file, folder):
    with h5py.File(folder / "other.h5", "w") as other:
        other["secret"] = np.arange(4.0)
    file["posterior/secret"] = h5py.ExternalLink(str(folder / "other.h5"), "/secret")


def external_storage(file, folder):
    (folder / "secret.bin").write_bytes(np.arange(12.0).tobytes())
    put(
        file,
        "fit_record/y",
        shape=(12,),
        dtype="f8",
        external=[(str(folder / "secret.bin"), 0, h5py.h5f.UNLIMITED)],
    )


def virtual_array(file, folder):
    with h5py.File(folder / "other.h5", "w") as other:
        other["secret"] = np.arange(12.0)
    layout = h5py.VirtualLayout(shape=(12,), dtype="f8")
    layout[:] = h5py.VirtualSource(str(folder / "other.h5"), "secret", shape=(12,))
    del file["fit_record/y"]
    file["fit_record"].create_virtual_dataset("y", layout)


def soft_link(file, folder):
    file["posterior/again"] = h5py.SoftLink("/fit_record/y")


def loop(file, folder):
    file["posterior/inner"] = file["posterior"]


def two_names(file, folder):
    file["posterior/same"] = file["fit_record/y"]


def deep(file, folder):
    file.create_group("/".join(["a"] * 200))


def many(file, folder):
    for i in range(10_001):
        file["posterior"].create_group(f"g{i}")


def declared(file, folder):
    put(file, "fit_record/y", shape=(10**12,), dtype="f8")


def sparse(file, folder):
    put(file, "fit_record/y", shape=(10**12,), dtype="f8", chunks=(1000,))


def bomb(file, folder):
    put(file, "fit_record/y", data=np.zeros(20 * MB), compression="gzip", compression_opts=9)


def objects(file, folder):
    put(file, "fit_record/y", shape=(12,), dtype=h5py.vlen_dtype(np.uint8))


def compound(file, folder):
    put(file, "fit_record/y", data=np.zeros(12, dtype=[("a", "f8"), ("b", "i4")]))


def opaque(file, folder):
    put(file, "fit_record/y", data=np.zeros(12, dtype=h5py.opaque_dtype(np.dtype("V16"))))


def references(file, folder):
    put(file, "fit_record/y", data=np.array([file.ref] * 12, dtype=h5py.ref_dtype), dtype=h5py.ref_dtype)


def null(file, folder):
    put(file, "fit_record/y", data=h5py.Empty("f8"))


def named_type(file, folder):
    file["posterior/kind"] = np.dtype("f8")


def attribute_of_objects(file, folder):
    file["posterior"].attrs.create("harm", data=np.array([file.ref] * 3, dtype=h5py.ref_dtype))


def many_texts_in_an_attribute(file, folder):
    file["posterior"].attrs["harm"] = ["x" * 1000] * 50


def table_of_text(file, folder):
    put(file, "fit_record/y", data=np.array([["a", "b"]] * 12, dtype=object), dtype=h5py.string_dtype())


STRUCTURES = [external_link, external_storage, virtual_array, soft_link, loop, two_names, deep, many, declared, sparse]
STRUCTURES += [bomb, objects, compound, opaque, references, null, named_type]
STRUCTURES += [attribute_of_objects, many_texts_in_an_attribute, table_of_text]


@pytest.mark.parametrize("spoil", STRUCTURES)
def test_what_reaches_out_of_a_file_or_beyond_its_size_is_refused(result_file, tmp_path, spoil):
    with h5py.File(result_file, "r+") as file:
        spoil(file, tmp_path)
    tracemalloc.start()
    try:
        with pytest.raises(ResultFileError, match=r"fit\.nc is refused: /"):
            load(result_file)
        assert tracemalloc.get_traced_memory()[1] < 30 * MB
    finally:
        tracemalloc.stop()


def test_one_long_text_meant_many_times_is_refused(result_file):
    """Every element points to the same megabyte; h5py writes no such file, so the pointers are copied by hand."""
    with h5py.File(result_file, "r+") as file:
        file["fit_record"].create_dataset("zz", data=["x" * MB, *("abcdefgh")], dtype=h5py.string_dtype())
        place, size = file["fit_record/zz"].id.get_offset(), file["fit_record/zz"].id.get_storage_size()
    content = bytearray(result_file.read_bytes())
    content[place : place + size] = bytes(content[place : place + 16]) * (size // 16)
    result_file.write_bytes(content)
    with h5py.File(result_file) as file:
        assert len(file["fit_record/zz"][8]) == MB
    with pytest.raises(ResultFileError, match=r"/fit_record/zz: declares more than the \d+ bytes"):
        load(result_file)


def test_memory_is_never_asked_for_beyond_what_the_file_holds(result_file):
    """The limit of the operating system, which counts what HDF5 asks for outside Python too."""
    with h5py.File(result_file, "r+") as file:
        put(file, "fit_record/y", shape=(2**31,), dtype="f8", chunks=(2**20,), compression="gzip")
    script = (
        "import resource, sys, bayesfit\nfrom bayesfit import load, storage\nimport h5py, h5netcdf, xarray\n"
        "used = int(open('/proc/self/statm').read().split()[0]) * resource.getpagesize()\n"
        "resource.setrlimit(resource.RLIMIT_AS, (used + 200 * 2**20,) * 2)\n"
        "try:\n    load(sys.argv[1])\nexcept bayesfit.errors.ResultFileError as error:\n    print(error)\n"
    )
    command = [sys.executable, "-W", "error", "-c", script, str(result_file)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    assert "declares 17179869184 bytes" in done.stdout


# -- records that are not what they should be -----------------------------------------------------------------


def change(path, name, value, group="fit_record"):
    with h5py.File(path, "r+") as file:
        file[group].attrs[name] = value(file[group].attrs[name]) if callable(value) else value


DEEP = "[" * 100_000 + "]" * 100_000
DEEP_MODEL = '{"kind": "priors.Fixed", "value": ' * 5000 + "1" + "}" * 5000


@pytest.mark.parametrize("group", ["/", "fit_record"])
def test_json_without_a_bottom_is_refused(result_file, group):
    names = {"/": ("diagnostics", "provenance", "audit"), "fit_record": ("data", "model", "fingerprints")}[group]
    for name in names:
        shutil.copy(result_file, result_file.with_name("spoiled.nc"))
        for text in (DEEP, DEEP_MODEL, "{", "null", '"text"', "1" * 10_000):
            change(result_file.with_name("spoiled.nc"), name, text, group)
            with pytest.raises(ResultFileError, match=r"damaged|cannot be read|holds a function"):
                load(result_file.with_name("spoiled.nc"))


KINDS = [
    "os.system",
    "builtins.eval",
    "priors.FromScipy.__class__",
    "priors.__builtins__",
    "models.Model.fit",
    "x" * 9999,
]
KINDS += ["", None, 3, [], {}, "priors.text", "sampling.Ensemble", "predictors.Function"]


@pytest.mark.parametrize("place", ["model", "predictor", "likelihood", "priors"])
def test_nothing_is_made_by_a_name_from_outside(result_file, place, monkeypatch):
    """Names of anything but bayesfit's own parts, wherever a part may stand."""
    monkeypatch.setattr("os.system", lambda *_: pytest.fail("a file had something executed"))
    for kind in KINDS:

        def renamed(text, kind=kind):
            plain = json.loads(text)
            harm = {"kind": kind, "command": "true"}
            if place == "priors":
                plain["priors"] = {"mapping": [["slope", harm]]}
            elif place == "model":
                plain = {**plain, "kind": kind}
            else:
                plain[place] = harm
            return json.dumps(plain)

        shutil.copy(result_file, result_file.with_name("spoiled.nc"))
        change(result_file.with_name("spoiled.nc"), "model", renamed)
        with pytest.raises(ResultFileError, match=r"record of the model|record holds"):
            load(result_file.with_name("spoiled.nc"))


@pytest.mark.parametrize(
    "plain",
    [
        {"kind": "predictors.Polynomial", "degree": 10**9},
        {"kind": "predictors.Polynomial", "degree": "1; import os"},
        {"kind": "predictors.Fourier", "period": 1.0, "harmonics": 10**12},
        {"kind": "predictors.Polynomial", "degree": 1, "__class__": "x"},
        {"kind": "predictors.Polynomial", "pivot": {"array": [[[[1e999]]]]}, "degree": 1},
        {"kind": "predictors.Polynomial", "pivot": {"float": "__import__('os')"}, "degree": 1},
        {"kind": "predictors.Basis", "functions": ["os.system"]},
        {"kind": "predictors.Function", "f": "os.system"},
    ],
)
def test_parts_that_make_no_sense_are_refused_before_they_grow(result_file, plain):
    change(result_file, "model", lambda text: json.dumps({**json.loads(text), "predictor": plain}))
    tracemalloc.start()
    try:
        with pytest.raises(ResultFileError, match=r"record of the model|holds another fit"):
            load(result_file)
        assert tracemalloc.get_traced_memory()[1] < 30 * MB
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("diagnostics", {"rhat": "os.system"}, "diagnostics are damaged: rhat"),
        ("diagnostics", {"converged": "yes"}, "diagnostics are damaged: converged"),
        ("diagnostics", {"messages": [["<script>"]]}, "diagnostics are damaged: messages"),
        ("diagnostics", {"ess": {"other": 1.0}}, "diagnostics are damaged: ess"),
        ("diagnostics", {"__class__": 1}, "diagnostics are damaged: __class__"),
        ("provenance", {"seed": None}, "provenance is damaged"),
        ("provenance", {"seed": "__import__('os')"}, "provenance is damaged"),
    ],
)
def test_what_is_said_of_the_run_has_to_be_what_is_said_of_runs(result_file, name, value, message):
    change(result_file, name, lambda text: json.dumps({**json.loads(text), **value}), "/")
    with pytest.raises(ResultFileError, match=message):
        load(result_file)


@pytest.mark.parametrize(
    ("name", "values", "message"),
    [
        ("posterior/coefficient", np.zeros((3, 5, 2)), "damaged"),
        ("posterior/coefficient", np.full((4, 80, 2), np.nan), "draws are damaged"),
        ("log_likelihood/y", np.zeros((4, 80, 1)), "damaged"),
        ("fit_record/y_err", np.full(12, -0.3), "damaged|differs"),
        ("fit_record/x", np.zeros((12, 1, 1)), "damaged"),
    ],
)
def test_arrays_of_other_shapes_or_values_are_refused(result_file, name, values, message):
    with h5py.File(result_file, "r+") as file:
        put(file, name, data=values)
    with pytest.raises(ResultFileError, match=message):
        load(result_file)


def test_data_that_Data_would_not_take_are_refused_under_their_own_fingerprint(result_file):  # noqa: N802
    """Who can change the data can change the fingerprint beside them too."""
    with h5py.File(result_file, "r+") as file:
        file["fit_record/y_err"][:] = -0.3
    with pytest.raises(ResultFileError, match=r"y_err.*negative"):
        load(result_file)


# -- files of another make ------------------------------------------------------------------------------------


def classic_netcdf(path):
    with netcdf_file(path, "w") as file:
        file.createDimension("n", 3)
        file.createVariable("y", "f8", ("n",))[:] = 1.0


def zipped(path):
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("posterior", "1,2,3")


@pytest.mark.parametrize(
    "make", [classic_netcdf, zipped, lambda p: p.write_bytes(gzip.compress(b"1")), lambda p: p.touch()]
)
def test_another_format_under_this_name_is_refused(tmp_path, make):
    path = tmp_path / "fit.nc"
    make(path)
    with pytest.raises(ResultFileError, match=r"fit\.nc is not a result file"):
        load(path)


@pytest.mark.parametrize("path", ["a\0b.nc", None, 3, b"\xff", ["a.nc"], ""])
def test_what_is_no_path_is_refused(path):
    with pytest.raises(ResultFileError, match="cannot read"):
        load(path)


def test_damage_anywhere_is_an_error_or_does_no_harm(honest_file, tmp_path):
    """Bytes changed at random: refused, or the draws are those of a file that was left alone."""
    content, rng = honest_file.read_bytes(), np.random.default_rng(1)
    whole = load(honest_file).to_array()
    for i in range(40):
        spoiled = bytearray(content)
        for place in rng.integers(8, min(len(content), 20_000), 1 + i % 4):
            spoiled[place] = rng.integers(256)
        (tmp_path / "fit.nc").write_bytes(spoiled)
        with contextlib.suppress(ResultFileError):
            assert load(tmp_path / "fit.nc").to_array().shape == whole.shape
