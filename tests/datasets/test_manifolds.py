"""Data sets of known topology: their Betti numbers, measured."""

import numpy as np
import pytest

from unknot import datasets
from unknot.measures.topology import betti_numbers
from unknot.traces.storage import load, save
from unknot.training import fit


@pytest.mark.parametrize("make", [datasets.discs, datasets.ring_pairs])
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_pieces_and_holes_are_the_known_ones(make, seed):
    data = make(20_000, seed=seed)
    for label, known in enumerate(data.betti):
        assert betti_numbers(data.x[data.y == label]) == known


def test_one_unit_of_the_shells_has_the_known_voids():
    data = datasets.shell_pairs(60_000, seed=1)
    unit = (np.abs(data.x[:, :2]) < 2).all(axis=1)
    for label, known in enumerate(data.betti):
        betti = betti_numbers(data.x[unit & (data.y == label)], max_dimension=2)
        assert betti == tuple(number // 9 for number in known)


def test_classes_do_not_touch():
    from scipy.spatial import cKDTree

    for make, gap in [
        (datasets.discs, 0.15),
        (datasets.ring_pairs, 0.7),
        (datasets.shell_pairs, 0.4),
    ]:
        data = make(6_000, seed=3)
        distances = cKDTree(data.x[data.y == 0]).query(data.x[data.y == 1])[0]
        assert distances.min() >= gap - 1e-5


def test_a_saved_run_keeps_them(tmp_path):
    run = fit(datasets.discs(200), hidden=[3], epochs=1, seed=0)
    save(run, tmp_path / "run.safetensors")
    assert load(tmp_path / "run.safetensors").data.betti == ((9, 0), (1, 9))
