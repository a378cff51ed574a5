"""Which theorems apply where."""

import pytest

from unknot.datasets import circles, moons, shells, xor
from unknot.datasets.arrays import from_arrays
from unknot.width.theory import BEISE, KIM, MINSKY, OLAH, RUMELHART, theory

WIDTHS = range(1, 5)


def sources(data, activation="relu", depth=1):
    return [s.source for s in theory(data, activation, depth, None, WIDTHS)]


def test_relu_on_circles():
    statements = theory(circles(100), "relu", 1, None, WIDTHS)
    assert [s.source for s in statements] == [BEISE, MINSKY, "elementary"]
    assert [s.widths for s in statements if s.forbids] == [(1, 2)]


def test_smooth_monotone_units_on_circles():
    statements = theory(circles(100), "tanh", 1, None, WIDTHS)
    assert [s.source for s in statements][:2] == [BEISE, OLAH]
    enough = next(s for s in statements if "simplex" in s.text)
    assert enough.widths == (3, 4)
    assert "3 smooth units" in enough.text


@pytest.mark.parametrize("activation", ["gelu", "silu", "sin", "mish", "leaky_relu(slope=-0.1)"])
def test_the_theorem_on_bounded_regions_does_not_cover_what_is_not_monotone(activation):
    statements = theory(circles(100), activation, 1, None, WIDTHS)
    assert not any(s.forbids for s in statements)
    assert any("not monotone" in s.text for s in statements)


def test_level_stretches_are_no_homeomorphism():
    """relu6 only rises, and is none of the theorem's activations."""
    assert sources(circles(100), "relu6") == [MINSKY]


def test_depth_allows_accuracy_at_width_two():
    assert KIM in sources(circles(100), depth=3)
    assert KIM not in sources(circles(100))


@pytest.mark.parametrize("dimension", [1, 3, 5])
def test_shells_need_more_than_their_dimension(dimension):
    statements = theory(shells(100, dimension=dimension), "tanh", 1, None, range(1, 9))
    assert statements[0].widths == tuple(range(1, dimension + 1))
    assert OLAH not in [s.source for s in statements]
    assert any(f"{dimension + 1} smooth units" in s.text for s in statements)


def test_more_classes_are_not_covered():
    assert not any(s.forbids for s in theory(shells(90, classes=3), "relu", 1, None, WIDTHS))


def test_other_data():
    assert RUMELHART in sources(xor(100))
    assert RUMELHART not in sources(xor(100), "linear")
    assert BEISE not in sources(moons(100))
    data = circles(100)
    unknown = from_arrays(data.x, data.y)
    assert BEISE not in [s.source for s in theory(unknown, "relu", 1, None, WIDTHS)]
