"""A batch of trainings."""

import numpy as np
import pytest

from unknot.datasets import blobs, interval
from unknot.traces.tracing import trace
from unknot.training.interrupt import Interrupt
from unknot.width import batch as batch_module
from unknot.width.batch import Task, batches, best_run, geometric_steps, train_batch
from unknot.width.points import split
from unknot.width.settings import checked_budget


def task_for(data, points, hidden, seeds, steps=400, activation="tanh"):
    budget = checked_budget(
        readout=None, optimizer="adam", learning_rate=None, steps=steps, batch_size=128, seed=0
    )
    recipe = budget.recipe(data, hidden, activation, len(points.y))
    return Task(recipe, hidden, activation, tuple((0, s) for s in seeds))


@pytest.fixture(scope="module")
def problem():
    data = interval(1_000, seed=1)
    return data, split(data, n_weights=10, tolerance=0.05, seed=0)


@pytest.fixture(scope="module")
def outcome(problem):
    data, points = problem
    return train_batch(points, task_for(data, points, (2,), range(6)))


def test_two_units_separate_an_interval_and_the_numbers_agree(problem, outcome):
    data, points = problem
    assert max(outcome.accuracies) > 0.99
    task = task_for(data, points, (2,), range(6))
    run = best_run(task.recipe, data, points, [outcome])
    best = outcome.best
    probability = trace(run).probabilities[:, -1]
    accuracy = ((probability > 0.5) == (data.y == 1)).mean()
    # Rounding differs where a point lies on the boundary.
    assert accuracy == pytest.approx(outcome.training_accuracies[best], abs=2 / data.n_points)
    likelihood = np.where(data.y == 1, probability, 1 - probability)
    assert -np.log(likelihood).mean() == pytest.approx(outcome.losses[best], rel=1e-3)
    assert outcome.training_accuracies[best] == max(outcome.training_accuracies)
    assert run.settings["restart"] == best
    assert run.checkpoints[0].step == 0
    assert run.checkpoints[-1].step == 400


def test_the_history_is_that_of_whole_epochs(problem, outcome):
    assert outcome.history.shape == (2, 400 * 128 // 1_000)
    loss, accuracy = outcome.history
    assert loss[-1] < loss[0]
    assert loss[-1] == pytest.approx(outcome.losses[outcome.best], abs=0.05)
    assert (accuracy >= 0).all()
    assert (accuracy <= 1).all()


def test_the_same_task_gives_the_same_numbers(problem, outcome):
    data, points = problem
    again = train_batch(points, task_for(data, points, (2,), range(6)))
    assert again.accuracies == outcome.accuracies
    assert np.array_equal(again.checkpoints, outcome.checkpoints)


@pytest.mark.slow
def test_several_classes_and_layers():
    data = blobs(600, classes=3, noise=0.1, seed=2)
    points = split(data, n_weights=50, tolerance=0.05, seed=0)
    outcome = train_batch(points, task_for(data, points, (4, 4), range(3)))
    assert max(outcome.accuracies) > 0.98


def test_an_interrupted_batch_gives_nothing(problem):
    data, points = problem
    interrupt = Interrupt()
    interrupt.requested = True
    assert train_batch(points, task_for(data, points, (2,), [0]), interrupt) is None


def test_batches_depend_on_the_network_alone(problem, monkeypatch):
    data, points = problem
    recipe = task_for(data, points, (2,), [0]).recipe
    seeds = [(0, r) for r in range(70)]
    assert [len(b) for b in batches(recipe, seeds)] == [32, 32, 6]
    assert batches(recipe, seeds[:40])[0] == batches(recipe, seeds)[0]
    monkeypatch.setattr(batch_module, "WEIGHTS", 1)
    assert [len(b) for b in batches(recipe, seeds[:3])] == [1, 1, 1]


def test_checkpoints_are_dense_early():
    steps = geometric_steps(16_000)
    assert steps[0] == 1
    assert steps[-1] == 16_000
    assert (np.diff(np.diff(steps)) >= 0).all()
