"""Which prior holds for which element."""

import numpy as np
import pytest

from bayesfit.errors import PriorError
from bayesfit.parameters import Parameter
from bayesfit.parameters.assignment import assign
from bayesfit.priors import LKJ, Cauchy, Dirichlet, Fixed, HalfNormal, MultivariateNormal, Normal, Ordered, Uniform

DEFAULT = Normal(0, 100)
PARTS = (
    Parameter("intercept", DEFAULT),
    Parameter("slope", DEFAULT, ("feature",), (("Teff", "logg"),)),
    Parameter("rate"),
)
RATE = {"rate": HalfNormal(1)}


def assigned(priors, parts=PARTS):
    return {block.names: (block.prior, block.is_default) for block in assign(parts, priors)}


def test_what_is_not_named_keeps_its_default():
    assert assigned(RATE) == {
        ("intercept",): (DEFAULT, True),
        ("slope[Teff]",): (DEFAULT, True),
        ("slope[logg]",): (DEFAULT, True),
        ("rate",): (HalfNormal(1), False),
    }


def test_a_parameters_prior_holds_for_each_element():
    found = assigned({**RATE, "slope": Cauchy(0, 1)})
    assert found["slope[Teff]",] == found["slope[logg]",] == (Cauchy(0, 1), False)


@pytest.mark.parametrize("reverse", [False, True])
def test_an_element_wins_over_its_parameter_in_either_order(reverse):
    priors = {**RATE, "slope": Cauchy(0, 1), "slope[logg]": 3.0}
    found = assigned(dict(reversed(priors.items())) if reverse else priors)
    assert found["slope[Teff]",] == (Cauchy(0, 1), False)
    assert found["slope[logg]",] == (Fixed(3.0), False)


def test_nested_mappings_name_elements():
    found = assigned({**RATE, "slope": {"Teff": Cauchy(0, 1)}})
    assert found["slope[Teff]",] == (Cauchy(0, 1), False)
    assert found["slope[logg]",] == (DEFAULT, True)


def test_nested_keys_of_two_dimensions_are_tuples():
    table = Parameter("slope", DEFAULT, ("class", "feature"), (("cat", "dog"), ("a", "b")))
    found = assigned({"slope": {("dog", "a"): 1}}, (table,))
    assert found["slope[dog, a]",] == (Fixed(1), False)


def test_labels_that_are_numbers_can_be_named():
    found = assigned({"coefficient": {2: 0}}, (Parameter("coefficient", DEFAULT, ("power",), ((0, 1, 2),)),))
    assert found["coefficient[2]",] == (Fixed(0), False)


def test_a_joint_prior_takes_a_parameter_or_a_tuple_of_names():
    two, three = MultivariateNormal([0, 0], np.eye(2)), MultivariateNormal([0, 0, 0], np.eye(3))
    assert assigned({**RATE, "slope": two})["slope[Teff]", "slope[logg]"] == (two, False)
    found = assigned({**RATE, ("intercept", "slope"): three})
    assert found["intercept", "slope[Teff]", "slope[logg]"] == (three, False)
    assert len(found) == 2


def test_a_default_joint_prior_gives_way_to_the_users():
    weights = ("w[0]", "w[1]")
    part = Parameter("w", None, ("k",), ((0, 1),), joint=((weights, Dirichlet([1, 1])),))
    assert assigned({}, (part,)) == {weights: (Dirichlet([1, 1]), True)}
    assert assigned({"w": Dirichlet([2, 3])}, (part,)) == {weights: (Dirichlet([2, 3]), False)}


def test_one_prior_of_ordered_elements_keeps_their_order():
    part = Parameter("m", [Normal(0, 9)] * 2, ("k",), ((0, 1),), joint=((("m[0]", "m[1]"), Ordered(Normal(0, 9), 2)),))
    assert assigned({"m": Normal(1, 2)}, (part,)) == {("m[0]", "m[1]"): (Ordered(Normal(1, 2), 2), False)}
    # priors of their own tell them apart, and bounded ones have no order
    assert len(assigned({"m[0]": Normal(1, 2), "m[1]": Normal(5, 2)}, (part,))) == 2
    assert len(assigned({"m": Uniform(-9, 9)}, (part,))) == 2


SHARES = Parameter("w", None, ("k",), ((0, 1),), joint=((("w[0]", "w[1]"), Dirichlet([1, 1])),))
PAIRS = ("a:b", "a:c", "b:c")
CORRELATIONS = Parameter("r", None, ("pair",), (PAIRS,), joint=((tuple(f"r[{pair}]" for pair in PAIRS), LKJ(3)),))


def test_numbers_that_fit_together_are_taken():
    assert assigned({"w": {0: 0.3, 1: 0.7}}, (SHARES,))["w[1]",] == (Fixed(0.7), False)
    assert assigned({"r": 0}, (CORRELATIONS,))["r[a:b]",] == (Fixed(0), False)
    # two features have one correlation, which fits whatever it is
    pair = Parameter("r", None, ("pair",), (("a:b",),), joint=((("r[a:b]",), LKJ(2)),))
    assert assigned({"r": Uniform(-1, 1)}, (pair,))["r[a:b]",] == (Uniform(-1, 1), False)


# -- refusals ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("priors", "message"),
    [
        ({"slop": Normal(0, 1)}, r"'slop'.*did you mean 'slope'\?"),
        ({"slope[teff]": Normal(0, 1)}, r"'slope\[teff\]'.*did you mean 'slope\[Teff\]'\?"),
        ({"slope": {"Tef": Normal(0, 1)}}, r"'slope\[Tef\]'.*did you mean 'slope\[Teff\]'\?"),
        ({"interecpt": {"a": 1}}, r"'interecpt'.*did you mean 'intercept'\?"),
        ({("slope", "ratee"): MultivariateNormal([0, 0, 0], np.eye(3))}, r"'ratee'.*did you mean 'rate'\?"),
        ({3: Normal(0, 1)}, "no parameter is named 3"),
        ({"zzz": Normal(0, 1)}, r"The model has: intercept, slope, rate, slope\[Teff\], slope\[logg\]"),
    ],
)
def test_unknown_names_are_refused_with_the_nearest_known_one(priors, message):
    with pytest.raises(PriorError, match=message):
        assign(PARTS, {**RATE, **priors})


def test_elements_without_a_prior_are_all_named():
    parts = (Parameter("amplitude"), Parameter("rate"), Parameter("floor", DEFAULT))
    with pytest.raises(PriorError, match=r"no prior for amplitude, rate: give priors=\{'amplitude'"):
        assign(parts, {})


@pytest.mark.parametrize(
    ("part", "priors", "message"),
    [
        (SHARES, {"w": Uniform(0, 1)}, r"w\[0\], w\[1\] have to sum to one.*Dirichlet"),
        (SHARES, {"w[0]": Uniform(0, 1)}, "sum to one"),
        (SHARES, {"w": {0: 0.3, 1: 0.9}}, "sum to one"),
        (SHARES, {"w": MultivariateNormal([0, 0], np.eye(2))}, "sum to one"),
        (CORRELATIONS, {"r": Uniform(-1, 1)}, "those of one matrix.*LKJ"),
        (CORRELATIONS, {"r": {"a:b": 0.9, "a:c": 0.9, "b:c": -0.9}}, "those of one matrix"),
    ],
)
def test_what_has_to_fit_together_has_no_priors_apart(part, priors, message):
    with pytest.raises(PriorError, match=message):
        assigned(priors, (part,))


def test_a_joint_prior_of_the_wrong_length_is_refused():
    with pytest.raises(PriorError, match=r"for 3 values, but there are 2 \(slope\[Teff\], slope\[logg\]\)"):
        assign(PARTS, {**RATE, "slope": Dirichlet([1, 1, 1])})


def test_a_tuple_of_names_with_a_prior_of_one_number_is_refused():
    with pytest.raises(PriorError, match="a tuple of names needs a joint prior"):
        assign(PARTS, {**RATE, ("intercept", "slope"): Normal(0, 1)})


@pytest.mark.parametrize("other", ["slope", "slope[logg]"])
def test_two_priors_for_one_element_are_refused(other):
    joint = {("intercept", "slope[logg]"): MultivariateNormal([0, 0], np.eye(2))}
    with pytest.raises(PriorError, match=r"slope\[logg\] has more than one prior"):
        assign(PARTS, {**RATE, **joint, other: Normal(0, 1)})


def test_an_element_named_both_ways_is_refused():
    with pytest.raises(PriorError, match=r"slope\[Teff\] has more than one prior"):
        assign(PARTS, {**RATE, "slope": {"Teff": Normal(0, 1)}, "slope[Teff]": Normal(0, 2)})
