"""The full text of every reason for a missing number that no other test names."""

from itertools import product

import numpy as np
import pytest

from unknot.measures import Missing, entries
from unknot.measures.table import Place
from unknot.network.maps import Affine

RNG = np.random.default_rng(0)
SIX = RNG.normal(size=(6, 2))
CENTRED = np.array([[1.0, 0], [-1, 0], [0, 1], [0, -1], [2, 0], [-2, 0]])

CASES = {
    "betti of many classes": (
        "betti",
        np.eye(21),
        np.arange(21),
        None,
        "there are more than 20 classes",
    ),
    "margin of many classes": (
        "margin",
        np.eye(21),
        np.arange(21),
        None,
        "there are more than 20 classes: too many pairs to fit",
    ),
    "gdv of single points": (
        "gdv",
        SIX,
        np.arange(6),
        None,
        "every class has one point: there is no distance within a class",
    ),
    "silhouette of single points": (
        "silhouette",
        SIX,
        np.arange(6),
        None,
        "every class has one point",
    ),
    "neighbours of few": (
        "neighbour_agreement",
        SIX,
        np.arange(6) % 2,
        None,
        "fewer than 16 points: nobody has 15 neighbours",
    ),
    "dimension of few": (
        "intrinsic_dimension",
        SIX,
        np.arange(6) % 2,
        None,
        "fewer than 20 distinct points",
    ),
    "a probe that trains on one class": (
        "linear_probe",
        SIX[:3],
        np.array([0, 0, 1]),
        None,
        "the half of the points that trains the probe has fewer than two classes",
    ),
    "a head of other classes": (
        "nc4",
        SIX,
        np.arange(6),
        Affine(np.ones((2, 3)), np.zeros(3)),
        "the head tells 3 classes apart, the labels name others",
    ),
    "a head that tells nothing apart": (
        "nc3",
        RNG.normal(size=(9, 2)),
        np.arange(9) % 3,
        Affine(np.ones((2, 3)), np.zeros(3)),
        "the head has the same weights for every class",
    ),
    "equal class means": (
        "nc2",
        CENTRED,
        np.array([0, 0, 1, 1, 2, 2]),
        None,
        "the class means are equal",
    ),
}


@pytest.mark.parametrize("case", list(CASES))
def test_reason(case):
    name, values, labels, head, reason = CASES[case]
    with pytest.raises(Missing) as raised:
        entries[name].function(Place(values, labels, head=head))
    assert str(raised.value) == reason


def test_equally_near_neighbours_have_no_dimension():
    # Corners of a cube in five dimensions: five nearest neighbours each, all at one distance.
    corners = np.array(list(product([-1.0, 1.0], repeat=5)))
    with pytest.raises(Missing) as raised:
        entries["intrinsic_dimension"].function(Place(corners, np.arange(32) % 2))
    text = "every point is as far from its second neighbour as from its first"
    assert str(raised.value) == text


def test_one_fit_serves_one_place_only():
    rng = np.random.default_rng(0)
    labels = np.arange(400) % 2
    apart = Place(np.column_stack([labels + 0.01 * rng.normal(size=400), labels]), labels)
    mixed = Place(rng.normal(size=(400, 2)), labels)
    assert entries["linear_probe"].function(apart) == 1
    assert entries["linear_probe_error"].function(apart) == 0
    # Not the fit of the place before.
    assert entries["linear_probe"].function(mixed) < 0.7
    assert entries["linear_probe_error"].function(mixed) > 0
    assert entries["linear_probe"].function(apart) == 1
