"""Which theorems apply where."""

import pytest

from unknot.datasets import circles, moons, shells, xor
from unknot.datasets.arrays import from_arrays
from unknot.network.activations import activations
from unknot.width.theory import (
    AFFINE,
    BEISE,
    HANIN,
    JOHNSON,
    KIM,
    MINSKY,
    OLAH,
    PARK,
    RUMELHART,
    theory,
)

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


def test_what_deep_networks_come_near_to_is_told_with_its_domain():
    found = {s.source: s for s in theory(circles(100), "relu", 3, None, WIDTHS)}
    assert [source for source in (JOHNSON, HANIN, PARK, KIM) if source in found] == [
        *(JOHNSON, HANIN, PARK, KIM)
    ]
    # On all of the plane one unit more than on a square (Kim, Min, Park 2024, abstract).
    assert found[PARK].text.startswith("3 units")
    assert found[PARK].domain.startswith("ℝ², in mean")
    assert "2 units a layer" in found[KIM].text
    assert found[KIM].domain.startswith("[0, 1]², in mean")
    assert not any(found[source].forbids for source in (JOHNSON, HANIN, PARK, KIM))


@pytest.mark.parametrize(
    ("activation", "expected"),
    [("gelu", {KIM}), ("softplus", {KIM}), ("tanh", {JOHNSON}), ("elu", set()), ("linear", set())],
)
def test_papers_on_depth_cover_the_activations_that_they_name(activation, expected):
    assert {JOHNSON, HANIN, PARK, KIM} & set(sources(circles(100), activation, 2)) == expected


@pytest.mark.parametrize("depth", [1, 2])
@pytest.mark.parametrize("data", [circles(100), xor(100), moons(100)], ids=lambda d: d.name)
def test_linear_units_have_a_statement_of_their_own(data, depth):
    """Nothing that is said of bent units: they are one straight cut, however many."""
    (statement,) = theory(data, "linear", depth, None, WIDTHS)
    assert statement.source == AFFINE
    assert statement.widths == tuple(WIDTHS)
    assert statement.forbids == (data.name == "circles")


@pytest.mark.parametrize("depth", [1, 3])
def test_every_statement_that_is_proved_has_a_domain(depth):
    for data in (circles(100), xor(100), shells(90, dimension=3), moons(100)):
        for activation in activations:
            for statement in theory(data, activation, depth, None, WIDTHS):
                assert statement.domain or "do not cover" in statement.text


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
    # The corners themselves: with noise the best boundary has corners of its own.
    for noise, promised in ((0.0, True), (0.3, False)):
        said = theory(xor(100, noise=noise), "relu", 1, None, range(1, 5))
        assert any(each.promises for each in said) == promised
    assert BEISE not in sources(moons(100))
    data = circles(100)
    unknown = from_arrays(data.x, data.y)
    assert BEISE not in [s.source for s in theory(unknown, "relu", 1, None, WIDTHS)]
