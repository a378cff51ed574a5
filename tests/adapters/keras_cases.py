"""What must hold on every backend of Keras; test_keras.py runs this once for each."""

import os

import numpy as np
import one_network
import pytest
from networks import rings

import unknot as uk
from unknot import UsageError

keras = pytest.importorskip("keras")
layers = keras.layers
# TensorFlow's and Keras's own warnings at first use are not ours to answer for.
pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::UserWarning:keras"),
    pytest.mark.filterwarnings("ignore::FutureWarning"),
]


def kinds(traced):
    return [(type(m).__name__, m.name) for m in traced.maps]


def test_the_backend_is_the_one_asked_for():
    assert keras.config.backend() == os.environ.get("KERAS_BACKEND", keras.config.backend())


def sequential():
    model = keras.Sequential(
        [
            keras.Input((2,)),
            layers.Dense(6, activation="relu"),
            layers.Dense(5, activation="tanh"),
            layers.Dropout(0.3),
            layers.Dense(2, name="readout"),
            layers.Dense(1, activation="sigmoid"),
        ]
    )
    weights = zip(one_network.WEIGHTS, one_network.BIASES, strict=True)
    model.set_weights([array for pair in weights for array in pair])
    return model


def test_one_set_of_weights():
    one_network.check(uk.trace(sequential(), one_network.DATA))


def test_one_set_of_weights_subclassed():
    inner = sequential().layers

    class Subclassed(keras.Model):
        def __init__(self):
            super().__init__()
            self.parts = inner

        def call(self, x):
            for part in self.parts:
                x = part(x)
            return x

    model = Subclassed()
    model(np.zeros((1, 2), np.float32))
    one_network.check(uk.trace(model, one_network.DATA))


def test_batch_normalisation_normalisation_and_functions():
    keras.utils.set_random_seed(0)
    model = keras.Sequential(
        [
            keras.Input((2,)),
            layers.Normalization(mean=[0.1, 0.2], variance=[0.5, 2.0]),
            layers.Dense(4),
            layers.BatchNormalization(),
            layers.ReLU(),
            layers.Dense(3, activation="gelu"),
            layers.LeakyReLU(0.3),
            layers.Dense(3, activation="softmax"),
        ]
    )
    bn = model.layers[2]
    rng = np.random.default_rng(0)
    bn.set_weights([rng.uniform(0.5, 2, 4) for _ in range(4)])
    x = rings().x
    traced = uk.trace(model, (x, np.arange(len(x)) % 3))
    assert [kind for kind, _ in kinds(traced)] == [
        *("Affine", "Affine", "Affine", "Activation", "Affine", "Opaque", "Opaque"),
        *("Affine", "Opaque"),
    ]
    assert kinds(traced)[-1] == ("Opaque", "softmax")
    expected = keras.ops.convert_to_numpy(model(x, training=False))
    np.testing.assert_allclose(traced.probabilities, expected, atol=1e-5)


def test_a_slope_that_no_point_shows_is_not_taken_for_granted():
    model = keras.Sequential([keras.Input((2,)), layers.LeakyReLU(0.3)])
    x = np.abs(rings().x)
    traced = uk.trace(model, (x, np.arange(len(x)) % 2))
    assert kinds(traced) == [("Opaque", "LeakyReLU")]


def test_branches_and_logits():
    x = keras.Input((2,))
    left = layers.Dense(4, activation="tanh", name="left")(x)
    right = keras.ops.relu(layers.Dense(4, name="right")(x))
    model = keras.Model(x, layers.Dense(1, name="out")(layers.Add(name="add")([left, right])))
    model.compile(loss=keras.losses.BinaryCrossentropy(from_logits=True))
    traced = uk.trace(model, rings())
    assert [n for _, n in kinds(traced)] == ["right", "relu", "Add", "out", "sigmoid"]
    assert traced.notes == (
        "The model branches; its longest chain is shown, without ‘left’.",
        "add takes more than one input: only values are known there.",
        "The model ends in logits: the sigmoid behind them is not a layer of its own.",
    )
    asked = uk.trace(model, rings(), path=["left"])
    assert [n for _, n in kinds(asked)] == ["left", "tanh", "Add", "out", "sigmoid"]


def test_images_from_rows():
    model = keras.Sequential(
        [
            keras.Input((8, 8, 1)),
            layers.Conv2D(2, 3, activation="relu"),
            layers.Flatten(),
            layers.Dense(3),
        ]
    )
    x = np.random.default_rng(0).normal(size=(20, 64)).astype(np.float32)
    traced = uk.trace(model, x)
    assert [kind for kind, _ in kinds(traced)] == ["Opaque", "Affine"]
    assert [r.n_units for r in traced.representations] == [64, 72, 3]


class Restless(layers.Layer):
    fails = False

    def build(self, shape):
        self.calls = self.add_weight(shape=(), initializer="zeros", trainable=False)

    def call(self, x):
        self.calls.assign(self.calls + 1.0)
        if Restless.fails:
            raise RuntimeError("no")
        return x * 1.0


@pytest.mark.parametrize("fails", [False, True])
def test_the_model_is_left_as_it_was(fails):
    model = keras.Sequential(
        [keras.Input((2,)), layers.Dense(3), Restless(), layers.Dropout(0.5), layers.Dense(1)]
    )
    model.compile(loss="mse", optimizer="rmsprop")
    x = rings().x
    model.fit(x, x[:, :1], epochs=1, verbose=0)
    variables = [*model.variables, *model.optimizer.variables]
    before = [np.array(keras.ops.convert_to_numpy(v)) for v in variables]
    calls = keras.Layer.__call__, keras.Operation.__call__
    compiled = model.train_function
    Restless.fails = fails
    try:
        if fails:
            with pytest.raises(RuntimeError) as caught:
                uk.trace(model, rings())
            assert "the model is as it was before" in caught.value.__notes__[-1]
        else:
            uk.trace(model, rings())
    finally:
        Restless.fails = False
    for variable, value in zip(variables, before, strict=True):
        np.testing.assert_array_equal(keras.ops.convert_to_numpy(variable), value)
    assert (keras.Layer.__call__, keras.Operation.__call__) == calls
    assert model.train_function is compiled


def two_inputs():
    a, b = keras.Input((2,), name="a"), keras.Input((2,), name="b")
    return keras.Model([a, b], layers.Dense(1)(a + b))


def two_outputs():
    a = keras.Input((2,))
    return keras.Model(a, [layers.Dense(1, name="one")(a), layers.Dense(2, name="two")(a)])


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (
            lambda: keras.Sequential([layers.Dense(2)]),
            "The Keras model was never built.\nCall it once on a batch, or model.build((None, "
            "n_features)), before tracing it.",
        ),
        (
            lambda: keras.Sequential([keras.Input((3,)), layers.Dense(2)]),
            "The Keras model takes 3 features; the points have 2.\n"
            "Trace the data it was trained on, or data with the same features.",
        ),
        (
            two_inputs,
            "The Keras model takes 2 inputs (a, b); unknot follows one.\n"
            "Trace a model of one input that fixes the others.",
        ),
        (
            two_outputs,
            "The Keras model returns a list of 2; unknot follows one array.\n"
            "Say where to end with path=[…, 'layer'], or trace a model that returns one of them.",
        ),
    ],
)
def test_errors(make, message):
    with pytest.raises(UsageError) as caught:
        uk.trace(make(), rings())
    assert str(caught.value) == message


def test_one_of_several_outputs():
    traced = uk.trace(two_outputs(), rings(), path=["two"])
    assert [n for _, n in kinds(traced)] == ["two"]


def test_the_film_callback():
    data = rings(320)
    model = keras.Sequential(
        [
            keras.Input((2,)),
            layers.Dense(4, activation="relu"),
            layers.Dense(1, activation="sigmoid"),
        ]
    )
    model.compile(loss="binary_crossentropy", metrics=["accuracy"])
    film = uk.Film(data)
    before = model.get_weights()
    model.fit(
        *(data.x, data.y),
        batch_size=32,
        epochs=2,
        verbose=0,
        validation_split=0.1,
        callbacks=[film.keras_callback()],
    )
    run = film.run()
    assert run.checkpoints[0].step == 0
    assert run.checkpoints[-1].step == 18
    assert run.checkpoints[-1].epoch == pytest.approx(2)
    np.testing.assert_array_equal(run.checkpoints[0].model.layers[0].weight, before[0])
    np.testing.assert_allclose(run.model.layers[0].weight, model.get_weights()[0], atol=1e-6)
    moved = [np.abs(c.model.layers[0].weight - before[0]).max() for c in run.checkpoints]
    assert all(b > 0 for b in moved[1:])
    assert [len(values) for values in vars(run.history).values()] == [2, 2, 2, 2]
