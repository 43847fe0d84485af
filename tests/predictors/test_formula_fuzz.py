"""Any text is a formula or a ModelError, and a formula is a design of numbers about its own columns."""

import contextlib

import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from bayesfit.errors import ModelError
from bayesfit.predictors import Linear

TABLE = pd.DataFrame({"a": [1.0, 2.0, 3.0], "b c": [0.5, 2.5, 1.5], "y": [1.0, 0.0, 2.0], "kind": ["u", "v", "u"]})
COLUMNS = ["a", "`b c`", "y", "kind", "d", "."]
NUMBERS = ["0", "1", "2", "-1", "1.5", "1e400", "2j"]
MARKS = [
    "~",
    "+",
    "-",
    "*",
    ":",
    "/",
    "**",
    "^",
    "%in%",
    "|",
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    "`",
    "'",
    '"',
    ",",
    "=",
    " ",
]
CALLS = ["log(", "np.log10(", "I(", "exp(", "C(", "poly(", "__import__(", "a.real", "lambda: ", "lag(", "np.pi"]
TOKENS = st.sampled_from([*COLUMNS, *NUMBERS, *MARKS, *CALLS])
FACTORS = st.sampled_from(["a", "`b c`", "log(a)", "np.sqrt(`b c`)", "I(a**2)", "{a + 1}", "1", "0", "(a + 1)", "1/a"])
SOUND = st.lists(FACTORS | st.sampled_from([" + ", " - ", ":", "*", "/"]), min_size=1, max_size=9)


@given(
    st.text(max_size=30) | st.lists(TOKENS, max_size=12).map("".join) | SOUND.map(lambda parts: "y ~ " + "".join(parts))
)
def test_any_text_is_a_formula_or_an_error(text):
    with contextlib.suppress(ModelError):
        predictor = Linear.from_formula(text, TABLE)
        assert repr(predictor)
        # functions may be undefined at some number, but there is a number in each cell
        with np.errstate(all="ignore"):
            design = predictor.design(TABLE[list(predictor.features)].to_numpy())
        assert design.shape == (3, len(predictor.terms) + predictor.intercept)
        assert design.dtype == float
