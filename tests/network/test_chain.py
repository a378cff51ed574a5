"""Points sent through a chain of maps some rows at a time."""

import tracemalloc

import numpy as np
import pytest
from networks import network

from unknot.network import chain
from unknot.network.chain import blocks, last_cloud, widths


def maps_of(*units):
    return [map_ for _, map_ in network(list(units)).maps()]


@pytest.mark.parametrize("n_points", [0, 1, 1_000, 5_000])
def test_rows_at_a_time_make_what_all_make(n_points):
    maps = maps_of(2, 300, 700, 1)
    x = np.random.default_rng(0).normal(size=(n_points, 2)).astype("f")
    every = [x]
    for map_ in maps:
        every.append(map_(every[-1]))
    assert widths(maps, 2) == [cloud.shape[1] for cloud in every]
    seen = []
    for rows, clouds in blocks(maps, x):
        seen.append(len(clouds[0]))
        for part, whole in zip(clouds, every, strict=True):
            np.testing.assert_allclose(part, whole[rows], rtol=1e-5, atol=1e-5)
    assert sum(seen) == n_points
    assert (len(seen) > 1) == (700 * n_points > chain.SMALL)
    np.testing.assert_allclose(last_cloud(maps, x), every[-1], rtol=1e-5, atol=1e-6)


def test_at_most_so_many_rows_go_at_once():
    x = np.zeros((10, 2), np.float32)
    assert [rows.start for rows, _ in blocks(maps_of(2, 3, 1), x, 4)] == [0, 4, 8]


def test_the_output_of_a_wide_network_takes_little_memory():
    maps, x = maps_of(2, 4_000, 1), np.zeros((9_000, 2), np.float32)
    tracemalloc.start()
    last_cloud(maps, x)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    # A layer of it has 144 MB.
    assert peak < 20e6
