"""Decision regions of known shape, counted; a theorem held on networks drawn at random."""

import numpy as np
import pytest
from hypothesis import example, given, reject, settings
from hypothesis import strategies as st
from networks import cloud, network, rings
from scipy import ndimage

from unknot.measures import Missing, measure
from unknot.measures.regions import (
    FAR,
    DecisionRegion,
    axis_of,
    decision_regions,
    decisions,
    euler_characteristic,
    region_of,
)
from unknot.network.maps import Opaque
from unknot.traces.representation import Trace
from unknot.traces.tracing import trace

PLANE = np.array([[-1.0, -1.0], [1.0, 1.0]])
SPACE = np.array([[-1.0] * 3, [1.0] * 3])


def inside(shape):
    """A classifier of two classes, the second where the shape holds."""

    def decide(values):
        is_inside = shape(values)
        return np.column_stack([~is_inside, is_inside]).astype(float)

    return decide


def length(values, middle=0.0):
    return np.linalg.norm(values - middle, axis=1)


#: Shape, then its complement and itself: pieces, bounded ones, holes (in space handles and voids).
KNOWN = {
    "disc": (PLANE, lambda v: length(v) < 0.5, ((1, 0, (1,)), (1, 1, (0,)))),
    "ring": (PLANE, lambda v: np.abs(length(v) - 0.7) < 0.2, ((2, 1, (1,)), (1, 1, (1,)))),
    "two discs": (
        PLANE,
        lambda v: (length(v, [0.5, 0]) < 0.3) | (length(v, [-0.5, 0.1]) < 0.3),
        ((1, 0, (2,)), (2, 2, (0,))),
    ),
    "strip": (PLANE, lambda v: np.abs(v @ [0.8, 0.6]) < 0.3, ((2, 0, (0,)), (1, 0, (0,)))),
    "half a plane": (PLANE, lambda v: v[:, 0] > 0.2, ((1, 0, (0,)), (1, 0, (0,)))),
    "whole plane": (PLANE, lambda v: v[:, 0] < np.inf, ((0, 0, (0,)), (1, 0, (0,)))),
    "a disc far out": (PLANE, lambda v: length(v, [5, 0]) < 2, ((1, 0, (1,)), (1, 1, (0,)))),
    "ball": (SPACE, lambda v: length(v) < 0.5, ((1, 0, (0, 1)), (1, 1, (0, 0)))),
    "shell": (SPACE, lambda v: np.abs(length(v) - 0.7) < 0.2, ((2, 1, (0, 1)), (1, 1, (0, 1)))),
    "solid torus": (
        SPACE,
        lambda v: (length(v[:, :2]) - 0.7) ** 2 + v[:, 2] ** 2 < 0.05,
        ((1, 0, (1, 1)), (1, 1, (1, 0))),
    ),
    "tube": (SPACE, lambda v: length(v[:, :2]) < 0.4, ((1, 0, (1, 0)), (1, 0, (0, 0)))),
    "slab": (SPACE, lambda v: np.abs(v[:, 2]) < 0.3, ((2, 0, (0, 0)), (1, 0, (0, 0)))),
}


@pytest.mark.parametrize("name", KNOWN)
def test_shapes_whose_numbers_are_known(name):
    values, shape, expected = KNOWN[name]
    regions, _ = decision_regions(inside(shape), values)
    assert [(r.components, r.bounded, r.holes) for r in regions] == list(expected)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32 - 1), st.sampled_from([(9, 9), (5, 6, 7)]), st.floats(0.05, 0.95))
def test_the_numbers_of_any_cells_are_those_of_their_complement(seed, shape, share):
    """Alexander duality: what is left out, worked out apart, has one piece a hole that is bounded.

    The holes come from the Euler characteristic, so this holds both to each other.
    """
    cells = np.pad(np.random.default_rng(seed).uniform(size=shape) < share, 1)
    outside = ndimage.label(~cells)[1] - 1
    region = region_of(cells)
    assert region.holes[-1] == outside
    assert region.bounded == region.components
    loops = region.holes[0] if cells.ndim == 3 else 0
    expected = region.components - loops + (1 if cells.ndim == 3 else -1) * outside
    assert euler_characteristic(cells) == expected
    assert min(region.holes) >= 0


def test_the_grid_is_fine_around_the_data_and_reaches_far():
    for n in (64, 257, 512):
        axis = axis_of(2.0, 6.0, n)
        gaps = np.diff(axis)
        assert len(axis) == n
        assert (axis + axis[::-1]) / 2 == pytest.approx(4.0)
        assert gaps.min() > 0
        assert 0.85 * FAR < (axis[-1] - 4) / 2 < FAR
        assert np.ptp(np.diff(axis[np.abs(axis - 4) < 2.9])) < 1e-9
    assert np.ptp(axis_of(3.0, 3.0, 64)) > 0


def test_two_grids_that_disagree_give_no_number():
    dust = inside(lambda v: np.sin(3e3 * v[:, 0]) * np.sin(2e3 * v[:, 1]) > 0.5)
    with pytest.raises(Missing, match=r"^grids of 512 and 1024 cells a side disagree"):
        decision_regions(dust, PLANE)


@settings(max_examples=12, deadline=None)
@example(1709, [2, 2, 2, 1], "relu")  # a wedge whose tip is thinner than a cell
@given(
    st.integers(0, 2**32 - 1),
    st.sampled_from([[2, 1, 1], [2, 2, 1], [2, 2, 2, 1], [2, 2, 2, 2, 3]]),
    st.sampled_from(["relu", "tanh", "leaky_relu", "sigmoid"]),
)
def test_no_layer_wider_than_the_input_closes_no_region(seed, widths, activation):
    """Beise, Dias Da Cruz and Schröder (2021), on networks drawn at random."""
    output = "sigmoid" if widths[-1] == 1 else "softmax"
    model = network(widths, activation, output, seed)
    values = np.random.default_rng(seed).normal(size=(50, 2))
    traced = trace(model, cloud(20, 2, max(widths[-1], 2)), lattice=False)
    try:
        regions, _ = decision_regions(traced.class_probabilities, values)
    except Missing:
        reject()  # two grids disagree
    assert sum(region.components for region in regions) >= 1
    assert all(region.bounded == 0 for region in regions)


def test_the_table_has_them_where_the_rest_of_the_network_is_known():
    traced = trace(network([2, 3, 4, 2, 1], "relu", seed=1), rings(200), lattice=False)
    table = measure(traced, measures=["region_components", "region_holes"])
    for k, (pieces, holes) in enumerate(
        zip(table["region_components"], table["region_holes"], strict=True)
    ):
        if traced[k].n_units > 3 or traced[k].n_units == 1:
            assert pieces is None
            continue
        regions, _ = decision_regions(
            lambda v, k=k: traced.class_probabilities(v, k), traced[k].values.astype(float)
        )
        assert [list(p) for p in pieces] == [[r.components, r.bounded] for r in regions]
        assert [list(h) for h in holes] == [list(r.holes) for r in regions]
    values = rings(50).x
    unknown = Trace.from_arrays([values, values], rings(50).y, maps=[Opaque("model")])
    (reasons, _) = measure(unknown, measures=["region_components"])["reasons"]
    assert reasons[0]["reason"].startswith("the rest of the network is no classifier")


def test_a_network_without_a_finite_output_is_told():
    def decide(values):
        return np.where(np.abs(values) > 5, np.nan, 0.5)

    with pytest.raises(Missing, match=r"^far from the data the network gives no finite output"):
        decisions(decide, PLANE, 64)
    assert isinstance(region_of(np.zeros((4, 4), bool)), DecisionRegion)
