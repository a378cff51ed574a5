"""fit: what it learns, what it records, what it promises."""

import subprocess
import sys
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy.special import expit, softmax
from training_data import blobs, circles, line

from unknot.errors import UnknotError
from unknot.network.activations import activations
from unknot.network.maps import Affine
from unknot.training import fit, optimisers


def outputs(model, x):
    """Outputs of a model in float64, before the output function."""
    h = x.astype(float) if model.scaling is None else model.scaling(x.astype(float))
    for layer in model.layers:
        h = activations[layer.activation](h @ layer.weight + layer.bias)
    return h


def accuracy(model, x, y):
    h = outputs(model, x)
    chosen = h[:, 0] > 0 if model.output == "sigmoid" else h.argmax(axis=1)
    return (chosen == y).mean()


def weights(run):
    return np.concatenate(
        [part.ravel() for layer in run.model.layers for part in (layer.weight, layer.bias)]
    )


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(1, 6))
def test_the_notebooks_experiment(seed):
    from sklearn.datasets import make_circles

    x, y = make_circles(100_000, noise=0.2, factor=0.5, random_state=seed)
    data = replace(circles(2), x=x.astype(np.float32), y=y.astype(np.int64))
    run = fit(data, hidden=[6], readout=2, epochs=5, seed=seed)
    assert run.model.architecture == "2 → 6 relu → 2 linear → 1 sigmoid"
    # The best possible accuracy is 0.8899.
    assert run.history.validation_accuracy[-1] >= 0.884
    held_out = run.validation_rows
    assert len(held_out) == 20_000
    ours = accuracy(run.model, data.x[held_out], data.y[held_out])
    assert abs(ours - run.history.validation_accuracy[-1]) <= 2 / 20_000


def test_two_classes_history_is_of_the_held_out_rows():
    data = circles(1000)
    run = fit(data, hidden=[8], epochs=3, learning_rate=0.01, seed=1)
    rows = run.validation_rows
    assert len(rows) == 200
    assert_array_equal(rows, np.unique(rows))
    p = expit(outputs(run.model, data.x[rows])[:, 0])
    loss = -np.log(np.where(data.y[rows] == 1, p, 1 - p)).mean()
    assert_allclose(run.history.validation_loss[-1], loss, rtol=1e-5)
    assert run.history.validation_accuracy[-1] == accuracy(run.model, data.x[rows], data.y[rows])
    assert all(len(column) == 3 for column in vars(run.history).values())


def test_more_classes():
    data = blobs(n_classes=4)
    run = fit(data, hidden=[16], epochs=20, optimizer="adam", learning_rate=0.01)
    assert run.model.architecture == "2 → 16 relu → 4 softmax"
    rows = run.validation_rows
    assert run.history.validation_accuracy[-1] == accuracy(run.model, data.x[rows], data.y[rows])
    assert run.history.validation_accuracy[-1] == 1
    p = softmax(outputs(run.model, data.x[rows]), axis=1)[np.arange(len(rows)), data.y[rows]]
    assert_allclose(run.history.validation_loss[-1], -np.log(p).mean(), rtol=1e-4)


def test_regression_finds_the_line():
    data = line()
    run = fit(data, hidden=[], epochs=60, optimizer="sgd", learning_rate=0.02)
    (layer,) = run.model.layers
    assert run.model.output == "linear"
    assert_allclose(layer.weight[:, 0], [2, -1], atol=1e-5)
    assert_allclose(layer.bias, [1], atol=1e-5)
    assert run.history.accuracy == run.history.validation_accuracy == ()
    assert run.history.validation_loss[-1] < 1e-9


@pytest.mark.parametrize("optimizer", optimisers)
def test_every_optimiser_learns(optimizer):
    rate = {"sgd": 0.1}.get(optimizer, 0.01)
    run = fit(circles(), hidden=[8], epochs=30, optimizer=optimizer, learning_rate=rate)
    assert run.history.validation_accuracy[-1] > 0.83
    assert run.settings["learning_rate"] == rate


@pytest.mark.parametrize(("optimizer", "rate"), [("rmsprop", 0.001), ("sgd", 0.01)])
def test_the_usual_learning_rate_is_recorded(optimizer, rate):
    run = fit(circles(100), hidden=[2], epochs=1, optimizer=optimizer)
    assert run.settings == {
        "hidden": [2],
        "readout": None,
        "activation": ["relu"],
        "epochs": 1,
        "steps": None,
        "batch_size": 32,
        "optimizer": optimizer,
        "learning_rate": rate,
        "weight_decay": None,
        "validation": 0.2,
        "standardise": False,
        "seed": 0,
        "checkpoints": 12,
    }


@pytest.mark.slow
@pytest.mark.parametrize("hidden", [[6, 2], [40, 40]], ids=["tiny", "not tiny"])
def test_the_same_seed_gives_the_same_bits(hidden):
    def run(seed):
        return fit(circles(), hidden=hidden, activation="tanh", epochs=2, seed=seed)

    first, second, other = run(3), run(3), run(4)
    assert weights(first).tobytes() == weights(second).tobytes()
    assert first.history == second.history
    assert_array_equal(first.validation_rows, second.validation_rows)
    assert not np.array_equal(weights(first), weights(other))
    assert not np.array_equal(first.validation_rows, other.validation_rows)


IN_ANOTHER_PROCESS = """
import hashlib, sys
sys.path.insert(0, sys.argv[1])
from training_data import circles
from test_fit import weights
from unknot.training import fit
run = fit(circles(), hidden=[6, 40], epochs=2, seed=3)
print(hashlib.sha256(weights(run).tobytes()).hexdigest(), run.history.validation_loss)
"""


@pytest.mark.slow
def test_the_same_bits_in_another_process_that_keeps_no_compiled_code(monkeypatch):
    import hashlib

    run = fit(circles(), hidden=[6, 40], epochs=2, seed=3)
    monkeypatch.setenv("UNKNOT_COMPILATION_CACHE", "0")
    answer = subprocess.run(
        [sys.executable, "-c", IN_ANOTHER_PROCESS, str(Path(__file__).parent)],
        capture_output=True,
        text=True,
        check=True,
    )
    digest = hashlib.sha256(weights(run).tobytes()).hexdigest()
    assert answer.stdout.strip() == f"{digest} {run.history.validation_loss}"


def test_checkpoints_lead_from_the_first_weights_to_the_last():
    run = fit(circles(), hidden=[4], readout=2, epochs=3, checkpoints=4, seed=5)
    steps = [checkpoint.step for checkpoint in run.checkpoints]
    # 800 rows, 25 steps an epoch: four in geometric progression from 1, then the epochs' ends.
    assert steps == [0, 1, 2, 5, 11, 25, 50, 75]
    assert [checkpoint.epoch for checkpoint in run.checkpoints] == [step / 25 for step in steps]
    assert run.checkpoints[-1].model is run.model
    start = run.checkpoints[0].model
    assert [layer.name for layer in start.layers] == ["hidden 1", "readout", "output"]
    for layer in start.layers:
        n_in, n_out = layer.weight.shape
        assert np.abs(layer.weight).max() <= np.sqrt(6 / (n_in + n_out))
        assert not layer.bias.any()
    models = [np.concatenate([a.weight.ravel() for a in c.model.layers]) for c in run.checkpoints]
    assert all((a != b).any() for a, b in pairwise(models))


def test_a_checkpoint_is_where_a_shorter_training_ends():
    long = fit(circles(), hidden=[4], epochs=2, seed=5)
    short = fit(circles(), hidden=[4], epochs=1, seed=5)
    (same,) = [c.model for c in long.checkpoints if c.step == 25]
    for a, b in zip(same.layers, short.model.layers, strict=True):
        assert_array_equal(a.weight, b.weight)
        assert_array_equal(a.bias, b.bias)


def test_weights_are_arrays_of_their_own():
    run = fit(circles(100), hidden=[4], epochs=1)
    layer = run.model.layers[0]
    assert layer.weight.dtype == layer.bias.dtype == np.float32
    assert layer.weight.base is None
    assert layer.weight.flags.writeable


def test_standardised_features_are_a_map_of_the_model():
    data = circles()
    far = replace(data, x=(data.x * [1000, 0.01] + [1e4, -3]).astype(np.float32))
    run = fit(far, hidden=[8], epochs=20, learning_rate=0.01, standardise=True, seed=2)
    assert isinstance(run.model.scaling, Affine)
    training = np.setdiff1d(np.arange(1000), run.validation_rows)
    scaled = run.model.scaling(far.x)[training].astype(float)
    # Coordinates near 10⁴ are multiples of 10⁻³ in float32; their deviation is about 600.
    assert_allclose(scaled.mean(axis=0), 0, atol=1e-4)
    assert_allclose(scaled.std(axis=0), 1, atol=1e-4)
    rows = run.validation_rows
    assert run.history.validation_accuracy[-1] == accuracy(run.model, far.x[rows], far.y[rows])
    assert run.history.validation_accuracy[-1] > 0.83
    assert all(c.model.scaling is run.model.scaling for c in run.checkpoints)


def test_a_constant_feature_is_only_shifted():
    data = circles(200)
    constant = np.full((200, 1), 7, np.float32)
    data = replace(data, x=np.hstack([data.x, constant]), feature_names=("x", "y", "c"))
    run = fit(data, hidden=[2], epochs=1, standardise=True)
    assert run.model.scaling.weight[2, 2] == 1
    assert run.model.scaling.bias[2] == -7


def test_nothing_held_out():
    run = fit(circles(100), hidden=[2], epochs=2, validation=0)
    assert run.validation_rows.shape == (0,)
    assert run.history.validation_loss == run.history.validation_accuracy == ()
    assert len(run.history.loss) == len(run.history.accuracy) == 2


@pytest.mark.slow
@pytest.mark.parametrize("batch_size", [1, 7, 80, 1000])
def test_any_batch_size(batch_size):
    # 80 training rows; 7 leaves a batch of 3, 1000 is all of them.
    run = fit(circles(100), hidden=[3], epochs=2, batch_size=batch_size, checkpoints=0)
    per_epoch = -(-80 // min(batch_size, 80))
    assert [c.step for c in run.checkpoints] == [0, per_epoch, 2 * per_epoch]
    assert run.settings["batch_size"] == batch_size


def test_one_hidden_width_without_a_list():
    run = fit(circles(100), hidden=3, epochs=1)
    assert run.model.architecture == "2 → 3 relu → 1 sigmoid"


def test_an_activation_for_each_layer():
    run = fit(circles(100), hidden=[3, 2], activation=["sin", "gelu"], epochs=1)
    assert run.model.architecture == "2 → 3 sin → 2 gelu → 1 sigmoid"


def test_callback_gets_the_metrics_and_may_end_training():
    seen = []

    def callback(epoch, metrics):
        seen.append((epoch, metrics))
        return epoch == 2

    run = fit(circles(), hidden=[2], epochs=5, callback=callback)
    assert [epoch for epoch, _ in seen] == [1, 2]
    for i, (_, metrics) in enumerate(seen):
        assert metrics == {name: values[i] for name, values in vars(run.history).items()}
    assert run.checkpoints[-1].epoch == 2
    assert not run.interrupted


def test_an_error_in_the_callback_comes_out():
    def callback(epoch, metrics):
        raise RuntimeError("mine")

    with pytest.raises(RuntimeError, match="mine"):
        fit(circles(100), hidden=[2], callback=callback)


def test_training_that_diverges_names_the_step_and_the_learning_rate():
    with pytest.raises(UnknotError) as error:
        fit(line(), hidden=[16, 16], optimizer="sgd", learning_rate=10.0, epochs=3)
    first, second = str(error.value).splitlines()
    start, step = first.split(" at step ")
    assert start == "Training diverged: the loss is not finite"
    number, rest = step.split(" ", 1)
    assert 1 < int(number) <= 15
    assert rest == "(epoch 1) with learning rate 10.0."
    assert second == ("Try a smaller learning rate (sgd's usual one is 0.01) or standardise=True.")


def test_the_named_step_is_the_first_whose_loss_is_not_finite():
    data = line(40)
    x = data.x.copy()
    x[7] = 3e38
    with pytest.raises(UnknotError) as error:
        fit(
            replace(data, x=x),
            hidden=[4],
            epochs=5,
            validation=0,
            batch_size=1,
            seed=1,
            learning_rate=1e-30,
            standardise=False,
        )
    # Row 7's place in the first epoch's order.
    order = np.random.default_rng(1).spawn(3)[2].permutation(40)
    step = int(np.flatnonzero(order == 7)[0]) + 1
    assert f"the loss is not finite at step {step} (epoch 1)" in str(error.value)


def test_weights_that_overflow_at_the_last_step_are_noticed():
    data = circles(64)
    with pytest.raises(UnknotError) as error:
        fit(
            replace(data, x=data.x * 1e30),
            hidden=[],
            epochs=1,
            batch_size=64,
            validation=0,
            optimizer="sgd",
            learning_rate=1e38,
            standardise=False,
        )
    assert str(error.value).startswith(
        "Training diverged: a weight is not finite at step 1 (epoch 1) with learning rate 1e+38.\n"
    )


def test_finite_weights_without_a_finite_output_are_noticed():
    """The last step's loss is that of the weights before it; no view could draw the ones after."""
    with pytest.raises(UnknotError) as error:
        fit(
            circles(64),
            hidden=[4, 4, 4],
            epochs=1,
            batch_size=64,
            validation=0,
            optimizer="adam",
            learning_rate=1e20,
            standardise=False,
        )
    assert str(error.value).startswith(
        "Training diverged: an output of the network is not finite at step 1 (epoch 1) with "
    )


def test_seconds_are_measured_apart():
    run = fit(circles(100), hidden=[2, 5], epochs=1)
    assert set(run.seconds) == {"compile", "train"}
    assert all(seconds > 0 for seconds in run.seconds.values())
