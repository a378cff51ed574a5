"""What the options of a command hand on."""

import pytest

from unknot.cli.options import NetworkOptions, ViewOptions
from unknot.errors import UsageError


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (None, None),
        ("tanh", "tanh"),
        ("relu, tanh", ["relu", "tanh"]),
        ("hard_tanh(low=-2,high=3)", "hard_tanh(low=-2,high=3)"),
        ("relu6(ceiling=1),elu", ["relu6(ceiling=1)", "elu"]),
    ],
)
def test_a_comma_between_brackets_is_a_parameters(text, expected):
    assert NetworkOptions(activation=text).arguments()["activation"] == expected


def test_units_are_typed_as_pictures_name_them():
    assert ViewOptions(units="1,3").chosen_units() == (0, 2)
    assert ViewOptions().chosen_units() is None
    with pytest.raises(UsageError) as caught:
        ViewOptions(units="0,3").chosen_units()
    assert str(caught.value) == "--units counts from 1, as pictures do; got '0,3'."
