"""Betti numbers: known answers, what changes nothing, and poor clouds."""

import builtins

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from unknot import UnknotError, datasets
from unknot.measures import Missing, entries
from unknot.measures.table import Place
from unknot.measures.topology import (
    Persistence,
    betti_numbers,
    hop_distances,
    landmarks,
    persistence,
)


def circle(n, radius=1.0, noise=0.0, seed=0):
    rng = np.random.default_rng(seed)
    angle = rng.uniform(0, 2 * np.pi, n)
    points = radius * np.stack([np.cos(angle), np.sin(angle)], axis=1)
    return points + noise * rng.normal(size=(n, 2))


def sphere(n, radius=1.0, seed=0):
    direction = np.random.default_rng(seed).normal(size=(n, 3))
    return radius * direction / np.linalg.norm(direction, axis=1, keepdims=True)


def test_noisy_circles_have_one_piece_and_one_hole():
    for radius in (1.0, 0.5):
        assert betti_numbers(circle(5_000, radius, 0.05)) == (1, 1)


def test_a_blob_has_no_hole():
    assert betti_numbers(np.random.default_rng(0).normal(size=(5_000, 2))) == (1, 0)


@pytest.mark.slow
def test_a_shell_around_a_ball_inside_a_shell():
    rng = np.random.default_rng(4)
    ball = sphere(3_000, 0.5, 1) * rng.uniform(size=(3_000, 1)) ** (1 / 3)
    middle, outer = sphere(4_000, 1.0, 2), sphere(6_000, 1.5, 3)
    assert betti_numbers(middle, max_dimension=2) == (1, 0, 1)
    assert betti_numbers(np.vstack([ball, outer]), max_dimension=2) == (2, 0, 1)


@pytest.mark.slow
def test_a_solid_ball_has_no_void():
    ball = sphere(9_000, 1.0, 7) * np.random.default_rng(1).uniform(size=(9_000, 1)) ** (1 / 3)
    assert betti_numbers(ball, max_dimension=2) == (1, 0, 0)


@pytest.mark.slow
def test_all_nine_pairs_of_shells_at_once():
    data = datasets.shell_pairs(20_000, seed=1)
    assert data.betti == ((9, 0, 9), (18, 0, 9))
    for c, known in enumerate(data.betti):
        assert betti_numbers(data.x[data.y == c], max_dimension=2) == known


@pytest.mark.parametrize("n_pieces", [1, 2, 5])
def test_pieces_far_apart_are_counted(n_pieces):
    rng = np.random.default_rng(0)
    blobs = [rng.uniform(size=(300, 2)) + 10 * i for i in range(n_pieces)]
    assert betti_numbers(np.vstack(blobs))[0] == n_pieces


@settings(max_examples=8, deadline=None)
@given(st.integers(0, 1_000), st.floats(1e-3, 1e3))
def test_rotating_shifting_and_scaling_change_nothing(seed, scale):
    rng = np.random.default_rng(seed)
    points = np.hstack([circle(400, noise=0.02, seed=seed), np.zeros((400, 1))])
    turn = np.linalg.qr(rng.normal(size=(3, 3)))[0]
    assert betti_numbers(scale * points @ turn + rng.normal(size=3)) == betti_numbers(points)


def test_a_stretched_ring_keeps_its_hole():
    assert betti_numbers(circle(3_000, noise=0.01) * [1.0, 4.0]) == (1, 1)


def test_duplicates_change_nothing():
    points = circle(500)
    assert betti_numbers(np.repeat(points, 3, axis=0)) == betti_numbers(points)


@pytest.mark.parametrize("points", [np.ones((50, 3)), np.ones((1, 3))])
def test_equal_points_are_one_piece(points):
    assert betti_numbers(points) == (1, 0)


@pytest.mark.parametrize("n", [2, 3, 9])
def test_fewer_points_than_neighbours_are_one_piece(n):
    assert betti_numbers(np.random.default_rng(0).normal(size=(n, 2))) == (1, 0)


def test_landmarks_are_the_greedy_farthest_points():
    points = np.random.default_rng(0).normal(size=(60, 2))
    chosen = landmarks(points, 12)
    for i in range(1, 12):
        gaps = np.linalg.norm(points[:, None] - chosen[None, :i], axis=2).min(axis=1)
        reached = np.linalg.norm(chosen[i] - chosen[:i], axis=1).min()
        assert reached == pytest.approx(gaps.max())


def test_hops_along_a_line_count_neighbours():
    line = np.arange(10.0)[:, None]
    # With two neighbours each, the ends reach two steps: 0 is joined with 1 and 2.
    hops = hop_distances(line, k=2)
    np.testing.assert_array_equal(hops, hops.T)
    assert hops[4, 5] == hops[4, 3] == hops[0, 2] == 1
    assert hops[0, 9] == 7


def test_a_circle_of_hops_has_the_persistence_of_a_cycle_graph():
    n = 30
    angle = 2 * np.pi * (np.arange(n) + 0.5) / n
    points = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    # The 8 nearest on a regular polygon are 4 a side: steps of 4, so a hop distance of
    # ceil(gap / 4). A cycle's Rips complex keeps its hole until a third of the way round
    # (Adamaszek and Adams 2017).
    result = persistence(points)
    assert len(result.diagrams[1]) == 1
    birth, death = result.diagrams[1][0]
    assert birth == 1
    assert death == np.ceil(n / 3 / 4)


def test_betti_counts_the_bars_alive():
    bars = np.array([[0.0, np.inf], [0.0, 1.0], [2.0, 3.0]])
    assert Persistence((bars,), 3).betti(0.5) == (2,)
    assert Persistence((bars,), 3).betti(2.0) == (2,)
    assert Persistence((bars,), 3).betti(3.0) == (1,)


def test_the_measure_is_a_list_a_class():
    values = np.vstack([circle(600), circle(600, 0.2) + 5, circle(5)])
    labels = np.repeat([0, 1, 3], [600, 600, 5])
    assert entries["betti"].function(Place(values, labels)) == [[1, 1], [1, 1], [0, 0], [1, 0]]


def test_without_ripser(monkeypatch):
    real = builtins.__import__

    def without(name, *arguments, **options):
        if name == "ripser":
            raise ImportError(name)
        return real(name, *arguments, **options)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(UnknotError) as error:
        betti_numbers(circle(50))
    assert str(error.value) == (
        "Betti numbers need ripser, which is not installed.\n"
        "Install it with: pip install 'unknot[topology]'"
    )
    with pytest.raises(Missing, match=r"^needs ripser: pip install 'unknot\[topology\]'$"):
        entries["betti"].function(Place(circle(50), np.arange(50) % 2))
