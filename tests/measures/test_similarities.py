"""CKA between all representations, and between all epochs."""

import numpy as np
import pytest
from networks import network, rings

from unknot import UsageError
from unknot.measures import cka, cka_matrix, similarities
from unknot.traces.run import Checkpoint, History, Run
from unknot.traces.tracing import trace


def run(n_checkpoints=3, n_points=150):
    models = [network([2, 4, 1], seed=i) for i in range(n_checkpoints)]
    checkpoints = tuple(Checkpoint(i, i / 2, model) for i, model in enumerate(models))
    return Run(models[-1], History(), checkpoints, rings(n_points), np.arange(0))


def test_every_pair_of_a_trace():
    source = trace(network([2, 4, 1]), rings(150))
    result = similarities(source)
    clouds = [r.values.astype(float) for r in source.representations]
    assert result.values == pytest.approx(cka_matrix(clouds))
    assert result.representations == tuple(r.name for r in source.representations)
    assert set(result.epochs) == {None}
    assert result.n_points == 150


def test_every_pair_of_representations_and_epochs_of_a_run():
    source = run()
    result = similarities(source)
    assert result.representations[:4] == ("input",) * 3 + ("hidden 1 pre-activation",)
    assert result.epochs[:4] == (0, 0.5, 1, 0)
    early, late = (trace(source, checkpoint=i).representations[2].values for i in (0, 2))
    i, j = 2 * 3 + 0, 2 * 3 + 2
    assert result.values[i, j] == pytest.approx(cka(early, late))
    # The input is the same at every epoch.
    assert result.values[:3, :3] == pytest.approx(1)


def test_many_points_are_thinned_out_by_class():
    result = similarities(run(2, 5_000), seed=3)
    assert result.n_points == 2_000
    assert np.array_equal(result.values, similarities(run(2, 5_000), seed=3).values)
    assert not np.array_equal(result.values, similarities(run(2, 5_000), seed=4).values)


def test_clouds_of_different_points_are_refused():
    with pytest.raises(UsageError) as raised:
        cka(np.ones((5, 2)), np.ones((6, 2)))
    assert str(raised.value) == "CKA compares the same points: got clouds of 5 and 6 points."


def test_fewer_than_four_or_equidistant_points_have_none():
    rng = np.random.default_rng(0)
    three = rng.normal(size=(3, 2))
    assert np.isnan(cka(three, three))
    # Corners of a simplex: every pair is equally far, so there is no geometry to compare.
    corners = np.eye(5)
    assert np.isnan(cka(corners, rng.normal(size=(5, 2))))
