"""A file is replaced whole: the one that a link points to, and never what is no regular file."""

import os
import stat

import pytest

from bayesfit import Data, Model, likelihoods, predictors
from bayesfit.atomic import replace_file
from bayesfit.errors import ResultFileError


@pytest.fixture
def pipe(tmp_path):
    """A named pipe, which stands for any device."""
    if not hasattr(os, "mkfifo"):
        pytest.skip("there are no named pipes")
    os.mkfifo(tmp_path / "pipe")
    return tmp_path / "pipe"


def test_the_file_that_a_link_points_to_is_replaced(tmp_path):
    (tmp_path / "disk").mkdir()
    link, file = tmp_path / "link", tmp_path / "disk" / "file"
    link.symlink_to(file)
    for content in (b"1", b"2"):  # the file is not there yet, and is there
        assert replace_file(link, content) == link
        assert link.is_symlink()
        assert file.read_bytes() == content
    assert os.listdir(file.parent) == ["file"]


@pytest.mark.parametrize("through_a_link", [False, True])
def test_what_is_no_regular_file_is_refused(tmp_path, pipe, through_a_link):
    path = tmp_path / "link" if through_a_link else pipe
    if through_a_link:
        path.symlink_to(pipe)
    before = sorted(os.listdir(tmp_path))
    with pytest.raises(FileExistsError, match="no regular file; choose another name"):
        replace_file(path, b"1")
    assert stat.S_ISFIFO(pipe.stat().st_mode)
    assert sorted(os.listdir(tmp_path)) == before


def test_a_result_is_not_saved_in_the_place_of_a_device(pipe):
    data = Data([0.0, 1.0, 2.0], [1.0, 3.0, 5.0], y_err=0.1)
    posterior = Model(predictors.Linear(), likelihoods.Gaussian()).fit(data, seed=1, progress=False)
    with pytest.raises(ResultFileError, match=f"cannot write {pipe}: .*no regular file; choose another name"):
        posterior.save(pipe)
    assert stat.S_ISFIFO(pipe.stat().st_mode)
