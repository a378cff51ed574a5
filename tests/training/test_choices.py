"""What ``fit`` chooses where nothing is said, and what it comes to."""

from dataclasses import replace

import numpy as np
import pytest
from training_data import blobs, circles, line

from unknot import datasets, fit
from unknot.datasets import generators
from unknot.errors import UsageError
from unknot.training.choices import (
    architecture_for,
    batch_size_for,
    needs_standardising,
    peak_learning_rate,
    steps_for,
    weight_decay_for,
)

NEAR = 0.01


@pytest.mark.slow
@pytest.mark.parametrize("name", ["moons", "xor", "spirals", "circles", "gaussian_quantiles"])
def test_the_first_call_comes_near_the_best_possible(name):
    data = datasets.make(name, seed=4)
    run = fit(data, seed=4, progress=False)
    fresh = datasets.make(name, 20_000, seed=5)
    values = fresh.x
    for _, map_ in run.model.maps():
        # Softmax changes no order, and is not applied.
        values = map_(values) if callable(map_) else values
    called = values[:, 0] > 0.5 if values.shape[1] == 1 else values.argmax(axis=1)
    assert (called == fresh.y).mean() >= data.bayes_accuracy - NEAR


@pytest.mark.slow
@pytest.mark.parametrize("name", list(generators))
def test_every_data_set_has_a_network_of_its_own(name):
    data = datasets.make(name)
    assert data.architecture is not None
    run = fit(data, steps=1, progress=False)
    assert run.settings["hidden"] == list(data.architecture.hidden)
    assert set(run.settings["activation"]) == {data.architecture.activation}


@pytest.mark.parametrize(
    ("n_features", "n_classes", "hidden"),
    [(2, 2, (16, 16)), (4, 4, (16, 16)), (5, 2, (32, 32)), (2, 10, (32, 32)), (784, 10, (64, 64))],
)
def test_data_of_ones_own_get_a_network_by_their_shape(n_features, n_classes, hidden):
    x = np.zeros((20, n_features), np.float32)
    names = [f"class {k}" for k in range(n_classes)]
    data = datasets.from_arrays(x, np.arange(20) % n_classes, class_names=names)
    assert architecture_for(data).hidden == hidden


@pytest.mark.slow
def test_what_is_named_is_not_chosen():
    data = datasets.make("spirals")
    run = fit(data, hidden=[3], steps=7, batch_size=400, optimizer="adam", learning_rate=0.01)
    # Four batches an epoch: seven steps are rounded up to two epochs.
    named = {"hidden": [3], "activation": ["relu"], "steps": 8, "epochs": 2, "batch_size": 400}
    named |= {"optimizer": "adam", "learning_rate": 0.01, "weight_decay": None}
    assert named.items() <= run.settings.items()
    run = fit(data, activation="tanh", steps=1)
    assert (run.settings["hidden"], run.settings["activation"]) == ([12, 12], ["tanh", "tanh"])


def test_epochs_train_as_keras_does():
    run = fit(circles(), hidden=[4], epochs=2)
    plain = {"epochs": 2, "steps": None, "batch_size": 32, "optimizer": "rmsprop"}
    plain |= {"learning_rate": 0.001, "weight_decay": None, "standardise": False}
    assert plain.items() <= run.settings.items()
    assert all((layer.bias == 0).all() for layer in run.checkpoints[0].model.layers)


def test_a_scheduled_rate_ends_at_zero():
    run = fit(circles(), hidden=[4], steps=200, checkpoints=[1, 2, 198, 199])

    def moved(a, b):
        pairs = zip(a.model.layers, b.model.layers, strict=True)
        return max(np.abs(p.weight - q.weight).max() for p, q in pairs)

    *_, before_last, nearly, last = run.checkpoints
    first, second = run.checkpoints[1:3]
    # (1 + cos π(1 − 1/190)) / 2 of the peak is left for the last step: less than 1e-4.
    assert moved(nearly, last) < 0.01 * moved(first, second)
    assert moved(before_last, nearly) > moved(nearly, last)


@pytest.mark.parametrize(
    ("n_training", "batch", "decay"),
    [(2, 2, 0.3), (160, 16, 0.3), (500, 50, 0.3), (2_000, 200, 0.25), (80_000, 256, 1 / 160)],
)
def test_batch_and_decay_follow_the_number_of_rows(n_training, batch, decay):
    measured = circles(10)
    assert batch_size_for(n_training) == batch
    assert weight_decay_for(measured, n_training) == pytest.approx(decay, rel=5e-3)
    clean = replace(measured, bayes_accuracy=0.9)
    assert weight_decay_for(clean, n_training) == pytest.approx(decay / 10, rel=5e-3)


def test_rate_and_steps_follow_the_network():
    assert peak_learning_rate("adamw", (4,)) == 0.1
    assert peak_learning_rate("adamw", (16, 16)) == pytest.approx(0.1 / 4 / 2**0.5, rel=5e-3)
    assert peak_learning_rate("sgd", ()) == 0.3
    assert steps_for((2, 6, 1), 160) == 3_000
    assert steps_for((2, 16, 16, 1), 160) == 5_000
    # 3e11 multiplications at six a weight and row.
    assert steps_for((784, 1000, 1000, 10), 256) == 1_000


@pytest.mark.parametrize(
    ("scale", "shift", "wanted"),
    [
        ([1, 1], [0, 0], False),
        ([1, 3.5], [0, 0], False),
        ([1, 5], [0, 0], True),
        ([0.1, 0.1], [0, 0], True),
        ([8, 8], [0, 0], True),
        ([1, 1], [0, 5], True),
        ([1, 0], [0, 7], False),
        ([0, 0], [1, 1], False),
    ],
)
def test_features_are_standardised_where_their_scales_ask_for_it(scale, shift, wanted):
    x = np.random.default_rng(0).normal(size=(500, 2)) * scale + shift
    assert needs_standardising(x.astype(np.float32)) is wanted


@pytest.mark.slow
def test_unequal_features_are_standardised_and_it_is_a_map():
    data = circles()
    wide = replace(data, x=data.x * np.float32([1000, 1]))
    run = fit(wide, hidden=[6], steps=500)
    assert run.settings["standardise"] is True
    assert next(run.model.maps())[0] == "scaled input"
    left = fit(wide, hidden=[6], steps=1, standardise=False)
    assert left.settings["standardise"] is False
    assert left.model.scaling is None


def test_a_target_of_any_size_is_learnt_in_its_own_units():
    data = line()
    large = replace(data, y=(1e6 * data.y + 5e6).astype(np.float32))
    small, scaled = fit(data, hidden=[], steps=500), fit(large, hidden=[], steps=500)
    # The target is exactly linear: what is left is the decay's pull and rounding.
    assert small.history.validation_loss[-1] < 0.01 * data.y.var()
    assert scaled.history.validation_loss[-1] == pytest.approx(
        1e12 * small.history.validation_loss[-1], rel=0.01
    )
    (layer,) = scaled.model.layers
    predicted = large.x @ layer.weight + layer.bias
    error = ((predicted[:, 0] - large.y)[scaled.validation_rows] ** 2).mean()
    assert error == pytest.approx(scaled.history.validation_loss[-1], rel=0.01)


def test_epochs_and_steps_exclude_one_another():
    with pytest.raises(UsageError) as error:
        fit(blobs(), epochs=3, steps=10)
    assert str(error.value) == (
        "Got epochs=3 and steps=10; allowed: one of them.\n"
        "epochs trains at a constant rate, steps at one that rises and falls to 0."
    )


@pytest.mark.parametrize("decay", [-0.1, 2, "much", True])
def test_a_weight_decay_is_a_number_up_to_one(decay):
    with pytest.raises(UsageError) as error:
        fit(blobs(), weight_decay=decay)
    assert str(error.value) == (
        f"Got {decay!r} as weight decay; allowed: a number from 0 to 1.\n"
        "The usual one is 0.01; 0 is plain Adam."
    )


def test_only_adamw_has_a_weight_decay():
    with pytest.raises(UsageError) as error:
        fit(blobs(), optimizer="sgd", weight_decay=0.1)
    assert str(error.value) == (
        "Got weight_decay=0.1 for sgd, which has none.\nLeave it out, or take optimizer='adamw'."
    )


def test_steps_of_more_columns_than_rows_count_what_the_optimiser_does():
    # Eight rows of 10,000 columns: nearly all of a step is what the optimiser does to weights.
    assert steps_for([10_000, 64, 64, 1], 8) == 1_300
    # Small networks have as many steps as they ask for.
    assert steps_for([2, 6, 1], 256) == 3_000
