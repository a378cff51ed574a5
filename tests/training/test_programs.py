"""The compiled steps against the same training in NumPy and in scikit-learn."""

from contextlib import contextmanager
from dataclasses import replace
from functools import partial

import jax
import numpy as np
import pytest
import training_reference as reference
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from unknot.network.activations import activations
from unknot.training import optimisers
from unknot.training.network import Layout, flat_weights, initial_layers, spread_layers, unpack
from unknot.training.programs import Recipe, evaluate, mean_loss, n_batches, train

OUTPUTS = {"sigmoid": 1, "softmax": 3, "linear": 1}
FORMS = ("rows", "units", "fused")


def make(hidden, activation, output, *, n=50, n_features=3, seed=0, dtype=np.float64):
    """A network, its initial layers with biases that are not zero, rows and labels."""
    random = np.random.default_rng(seed)
    names = [activation] * len(hidden) if isinstance(activation, str) else activation
    network = Layout.of(n_features, hidden, None, names, (output, OUTPUTS[output]))
    layers = [
        (w.astype(dtype), random.normal(size=len(b)).astype(dtype) / 3)
        for w, b in initial_layers(network.sizes, random)
    ]
    x = random.normal(size=(n, n_features)).astype(dtype)
    if output == "linear":
        y = random.normal(size=n).astype(dtype)
    else:
        y = random.integers(0, max(2, OUTPUTS[output]), n)
        y = y.astype(dtype) if output == "sigmoid" else y.astype(np.int32)
    return network, layers, x, y


def trained(recipe, layers, x, y):
    """Layers and per-batch loss sums after one epoch in the order given."""
    steps = n_batches(len(y), recipe.batch_size)
    (weights, _), (loss, _) = jax.jit(partial(train, recipe))(start(recipe, layers), x, y, 0, steps)
    return unpack(recipe.network, weights[0]), np.asarray(loss)[:, 0]


def start(recipe, *networks):
    """The state before training of networks with these layers."""
    weights = np.stack([flat_weights(layers) for layers in networks])
    return weights, recipe.start(weights)


def assert_layers_close(got, expected, tolerance):
    for got_layer, expected_layer in zip(got, expected, strict=True):
        for a, b in zip(got_layer, expected_layer, strict=True):
            assert_allclose(a, b, rtol=tolerance, atol=tolerance)


@contextmanager
def double_precision():
    jax.config.update("jax_enable_x64", True)
    try:
        yield
    finally:
        jax.config.update("jax_enable_x64", False)


@pytest.mark.slow
@given(
    hidden=st.lists(st.integers(1, 5), max_size=3),
    names=st.lists(st.sampled_from(list(activations)), min_size=3, max_size=3),
    output=st.sampled_from(list(OUTPUTS)),
    form=st.sampled_from(FORMS),
    seed=st.integers(0, 1000),
)
@settings(deadline=None, max_examples=10)
def test_gradients_are_those_of_back_propagation(hidden, names, output, form, seed):
    names = names[: len(hidden)]
    with double_precision():
        network, layers, x, y = make(hidden, names, output, n=20, seed=seed)
        gradient = jax.jit(jax.grad(partial(mean_loss, network, form), has_aux=True))
        packed, (loss, _) = gradient(flat_weights(layers), x, y, np.ones(len(y)))
        expected_loss, expected = reference.loss_and_gradient(
            layers, network.activations, output, x, y
        )
        assert_allclose(loss / len(y), expected_loss, rtol=1e-9)
        assert_layers_close(unpack(network, packed), expected, 1e-9)


@pytest.mark.slow
@pytest.mark.parametrize("optimizer", optimisers)
@pytest.mark.parametrize("form", FORMS)
def test_optimisers_are_their_formulas(optimizer, form):
    # 50 rows in batches of 8: six whole ones and a short one.
    with double_precision():
        network, layers, x, y = make([4, 3], "tanh", "sigmoid")
        recipe = Recipe(network, optimizer, 0.01, 8, form=form)
        got, sums = trained(recipe, layers, x, y)
        expected, losses = reference.train(
            layers,
            network.activations,
            "sigmoid",
            x,
            y,
            batch_size=8,
            optimizer=optimizer,
            rate=0.01,
        )
        assert_layers_close(got, expected, 1e-9)
        assert_allclose(sums / np.array([8, 8, 8, 8, 8, 8, 2]), losses, rtol=1e-9)


@pytest.mark.slow
@pytest.mark.parametrize("output", OUTPUTS)
@pytest.mark.parametrize("form", FORMS)
def test_single_precision_stays_within_its_rounding(output, form):
    network, layers, x, y = make([6, 2], "relu", output, dtype=np.float32)
    got, _ = trained(Recipe(network, "rmsprop", 0.001, 8, form=form), layers, x, y)
    expected, _ = reference.train(
        layers,
        network.activations,
        output,
        x.astype(float),
        y if output == "softmax" else y.astype(float),
        batch_size=8,
        optimizer="rmsprop",
        rate=0.001,
    )
    assert_layers_close(got, expected, 1e-5)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("optimizer", "theirs"), [("adam", {"solver": "adam"}), ("sgd", {"solver": "sgd"})]
)
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_as_scikit_learn_trains(optimizer, theirs):
    from sklearn.neural_network import MLPClassifier

    with double_precision():
        network, _, x, y = make([5, 4], "tanh", "sigmoid")
        common = {
            "hidden_layer_sizes": (5, 4),
            "activation": "tanh",
            "alpha": 0.0,
            "batch_size": len(y),
            "shuffle": False,
            "random_state": 0,
            "nesterovs_momentum": False,
            "n_iter_no_change": 1000,
            # Theirs is added before the correction of bias, ours after, as in the paper: at the
            # first steps theirs weighs thirty times as much. Without it the two agree.
            "epsilon": 1e-300,
            **theirs,
        }
        # A step of length nothing shows the weights that it starts from.
        start = MLPClassifier(**common, learning_rate_init=1e-200, max_iter=1).fit(x, y)
        end = MLPClassifier(**common, learning_rate_init=0.01, max_iter=20).fit(x, y)
        layers = list(zip(start.coefs_, start.intercepts_, strict=True))
        # Twenty steps on all rows are an epoch over the same rows twenty times over.
        got, _ = trained(
            Recipe(network, optimizer, 0.01, len(y)), layers, np.tile(x, (20, 1)), np.tile(y, 20)
        )
        assert_layers_close(got, list(zip(end.coefs_, end.intercepts_, strict=True)), 1e-5)


def test_a_call_may_be_cut_anywhere():
    network, layers, x, y = make([4], "relu", "softmax", n=64, dtype=np.float32)
    recipe = Recipe(network, "adam", 0.01, 4)
    run = jax.jit(partial(train, recipe))
    state = start(recipe, layers)
    whole, (losses, correct) = run(state, x, y, 0, 16)
    for first, stop in ((0, 1), (1, 7), (7, 16)):
        state, part = run(state, x, y, first, stop)
        for got, expected in zip(part, (losses, correct), strict=True):
            np.testing.assert_array_equal(got[: stop - first], expected[first:stop])
    for a, b in zip(jax.tree.leaves(state), jax.tree.leaves(whole), strict=True):
        np.testing.assert_array_equal(a, b)


def test_a_short_last_batch_is_of_the_rows_that_are_left():
    network, layers, x, y = make([4], "tanh", "linear", n=10, dtype=np.float32)
    recipe = Recipe(network, "sgd", 0.01, 8)
    (weights, memory), _ = jax.jit(partial(train, recipe))(start(recipe, layers), x, y, 0, 1)
    (expected, _), (loss, _) = jax.jit(partial(train, replace(recipe, batch_size=2)))(
        (weights, memory), x[8:], y[8:], 0, 1
    )
    (got, _), (sums, _) = jax.jit(partial(train, recipe))(start(recipe, layers), x, y, 0, 2)
    assert_allclose(got, expected, rtol=1e-6, atol=1e-7)
    assert_allclose(sums[1], loss[0], rtol=1e-6)


def test_batches_that_wrap_go_on_at_the_first_row():
    network, layers, x, y = make([4], "tanh", "linear", n=10, dtype=np.float32)
    recipe = Recipe(network, "adam", 0.01, 4, steps=5, wraps=True)
    (got, _), (loss, _) = jax.jit(partial(train, recipe))(start(recipe, layers), x, y, 0, 5)
    twice = replace(recipe, wraps=False)
    rows = np.tile(x, (2, 1)), np.tile(y, 2)
    (expected, _), (sums, _) = jax.jit(partial(train, twice))(start(twice, layers), *rows, 0, 5)
    assert_allclose(got, expected, rtol=1e-6)
    assert_allclose(loss, sums, rtol=1e-6)


@pytest.mark.slow
@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("output", OUTPUTS)
def test_many_networks_are_trained_as_each_is_alone(form, output):
    network, _, x, y = make([4, 3], "relu", output, n=60, dtype=np.float32)
    recipe = Recipe(network, "adamw", 0.001, 8, steps=8, weight_decay=0.01, form=form)
    networks = [spread_layers(network.sizes, np.random.default_rng(seed)) for seed in range(5)]

    def epoch(state):
        (weights, _), (loss, _) = train(recipe, state, x, y, 0, 8)
        _, correct = evaluate(recipe, weights, x, y, 0, 1)
        return weights, loss.T, correct.T

    together = jax.jit(epoch)(start(recipe, *networks))
    alone = jax.jit(epoch)
    for i, layers in enumerate(networks):
        for a, b in zip(together, alone(start(recipe, layers)), strict=True):
            assert_allclose(a[i], b[0], rtol=1e-5, atol=1e-6)


def test_evaluation_in_blocks():
    network, layers, x, y = make([4], "relu", "softmax", n=20_000, dtype=np.float32)
    recipe = Recipe(network, "sgd", 0.01, 8)
    assert n_batches(len(y), recipe.rows_per_block(1, len(y))) == 3
    loss, correct = jax.jit(partial(evaluate, recipe))(flat_weights(layers)[None], x, y, 0, 3)
    h = activations["relu"](x.astype(float) @ layers[0][0] + layers[0][1])
    outputs = h @ layers[1][0] + layers[1][1]
    assert_allclose(
        np.sum(loss) / len(y), reference.output_loss("softmax", outputs, y)[0], rtol=1e-5
    )
    # A tie to rounding may fall either way.
    assert abs(np.sum(correct) - (outputs.argmax(axis=1) == y).sum()) <= 1
