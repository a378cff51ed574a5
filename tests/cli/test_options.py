"""What the options of a command hand on."""

import pytest

from unknot.cli.options import NetworkOptions


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
