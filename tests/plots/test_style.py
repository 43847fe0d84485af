"""The context in which figures are made."""

import matplotlib
import matplotlib.pyplot as plt
import pytest

from bayesfit.plots import style


@pytest.fixture(autouse=True)
def _as_before():
    before = matplotlib.is_interactive()
    yield
    matplotlib.interactive(before)


@pytest.mark.parametrize("before", [False, True])
@pytest.mark.parametrize("within", [False, True])
def test_a_backend_may_turn_on_interaction(before, within):
    """A notebook's backend does so when the first figure is made; turned off again, no later figure would be shown."""
    matplotlib.interactive(before)
    with style():
        matplotlib.interactive(within)
    assert plt.isinteractive() is within


def test_settings_come_back_after_an_error():
    before = dict(plt.rcParams)
    with pytest.raises(KeyError), style():
        raise KeyError
    assert dict(plt.rcParams) == before
