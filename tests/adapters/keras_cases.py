"""What must hold on every backend of Keras; test_keras.py runs this once for each."""

import os
import threading

import numpy as np
import one_network
import pytest
from networks import note_texts, rings

import unknot as uk
from unknot import UsageError

keras = pytest.importorskip("keras")
layers = keras.layers
# TensorFlow's and Keras's own warnings at first use are not ours to answer for.
pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::UserWarning:keras"),
    pytest.mark.filterwarnings("ignore::FutureWarning"),
    pytest.mark.filterwarnings("ignore:Explicitly requested dtype:UserWarning"),
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
        *("Affine", "Affine", "Affine", "Activation", "Affine", "Activation", "Activation"),
        *("Affine", "Softmax"),
    ]
    assert kinds(traced)[-1] == ("Softmax", "softmax")
    expected = keras.ops.convert_to_numpy(model(x, training=False))
    np.testing.assert_allclose(traced.probabilities, expected, atol=1e-5)


@pytest.mark.parametrize("loss", ["mse", keras.losses.Huber(), keras.losses.mean_absolute_error])
def test_a_loss_of_numbers_makes_whole_numbers_a_target(loss):
    model = keras.Sequential([keras.Input((2,)), layers.Dense(1)])
    x = rings().x
    marks = np.arange(len(x)) % 4
    assert uk.trace(model, (x, marks)).class_names == ("0", "1", "2", "3")
    model.compile(loss=loss)
    assert uk.trace(model, (x, marks)).class_names == ()
    assert uk.trace(model, (x, marks // 2)).class_names == ("0", "1")


def test_a_slope_that_no_point_shows_is_read():
    model = keras.Sequential([keras.Input((2,)), layers.LeakyReLU(0.3)])
    x = np.abs(rings().x)
    traced = uk.trace(model, (x, np.arange(len(x)) % 2))
    (map_,) = traced.maps
    assert map_ == uk.Activation("leaky_relu", slope=0.3)


def test_branches_and_logits():
    x = keras.Input((2,))
    left = layers.Dense(4, activation="tanh", name="left")(x)
    right = keras.ops.relu(layers.Dense(4, name="right")(x))
    model = keras.Model(x, layers.Dense(1, name="out")(layers.Add(name="add")([left, right])))
    model.compile(loss=keras.losses.BinaryCrossentropy(from_logits=True))
    traced = uk.trace(model, rings())
    assert [n for _, n in kinds(traced)] == ["right", "relu", "Add", "out", "sigmoid"]
    assert note_texts(traced) == (
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
            "The Keras model takes 2 inputs (a, b); got one array.\n"
            "Give all of them by name: trace(model, ({'name': array, …}, labels)).",
        ),
        (
            two_outputs,
            "The Keras model returns a list of 2 arrays (0, 1); unknot follows one array.\n"
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
    model.fit(*(data.x, data.y), batch_size=32, verbose=0, callbacks=[film.keras_callback()])
    last = film.run().checkpoints[-1]
    assert (last.step, last.epoch) == (28, 3)


@pytest.mark.skipif(keras.config.backend() == "torch", reason="Keras takes one step at a time")
def test_the_film_callback_counts_steps_that_are_taken_together():
    data = rings(320)
    model = keras.Sequential([keras.Input((2,)), layers.Dense(1, activation="sigmoid")])
    model.compile(loss="binary_crossentropy", steps_per_execution=4)
    film = uk.Film(data)
    model.fit(
        *(data.x, data.y), batch_size=32, epochs=2, verbose=0, callbacks=[film.keras_callback()]
    )
    moments = [(c.step, c.epoch) for c in film.run().checkpoints]
    assert moments == [(s, pytest.approx(s / 10)) for s in (0, 4, 8, 10, 14, 18, 20)]


def own_dense():
    """Layers of one's own that bear the names of Keras's."""

    class Dense(layers.Layer):
        def build(self, shape):
            self.w = self.add_weight(shape=(shape[-1], 4))

        def call(self, x):
            return keras.ops.matmul(x, self.w)

    class Activation(layers.Layer):
        def call(self, x):
            return keras.ops.minimum(x, 1.0)

    class ReLU(layers.Layer):
        def call(self, x):
            return keras.ops.relu(x)

    return [Dense(), Activation(), ReLU()]


class Doubled(layers.Dense):
    def call(self, x):
        return super().call(2 * x)


Doubled.__name__ = "Dense"


def replaced():
    """A layer whose formula was changed by hand."""
    layer = layers.Dense(4, activation="relu")
    formula = layer.call
    layer.call = lambda x, training=None: formula(2 * x)
    return [layer]


class Sum(layers.Dense):
    """Keras's own formula under another name."""


@pytest.mark.parametrize(
    ("make", "expected"),
    [
        (own_dense, [("Opaque", "Dense"), ("Opaque", "Activation"), ("Opaque", "ReLU")]),
        (lambda: [Doubled(4, activation="relu")], [("Opaque", "Dense")]),
        (replaced, [("Opaque", "Dense")]),
        (lambda: [Sum(4, name="sum")], [("Affine", "sum")]),
        (
            lambda: [layers.Dense(4, activation="gelu", name="up")],
            [("Affine", "up"), ("Activation", "exact_gelu")],
        ),
        (
            lambda: [layers.Dense(4, activation=lambda z: keras.ops.relu6(z), name="up")],
            [("Affine", "up"), ("Opaque", "<lambda>")],
        ),
        (
            lambda: [layers.Dense(4, activation=layers.LeakyReLU(0.01), name="up")],
            [("Affine", "up"), ("Activation", "leaky_relu")],
        ),
    ],
    ids=["own", "doubled", "replaced", "another name", "gelu", "lambda", "layer"],
)
def test_only_keras_own_formula_is_taken_for_it(make, expected):
    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.Input((2,)), *make()])
    traced = uk.trace(model, rings())
    assert kinds(traced) == expected
    np.testing.assert_allclose(
        traced.representations[-1].values,
        keras.ops.convert_to_numpy(model(rings().x)),
        rtol=1e-5,
        atol=1e-5,
    )


def test_quantized_weights_are_not_the_map():
    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.Input((2,)), layers.Dense(4, activation="tanh")])
    model.quantize("int8")
    assert kinds(uk.trace(model, rings())) == [("Opaque", "Dense")]


def _small():
    """Positive and small points, by which no value tells one from another."""
    return np.random.default_rng(0).uniform(0.1, 0.9, (300, 2)).astype(np.float32)


def _slopes():
    layer = layers.PReLU(alpha_initializer="ones")
    layer.build((None, 2))
    layer.set_weights([np.float32([0.25, 0.5])])
    return layer


@pytest.mark.parametrize(
    ("layer", "expected"),
    [
        (lambda: layers.ReLU(), uk.Activation("relu")),
        (lambda: layers.ReLU(max_value=3), uk.Activation("relu6", ceiling=3)),
        (lambda: layers.ReLU(threshold=0.001), uk.Opaque("ReLU")),
        (lambda: layers.ReLU(max_value=3, negative_slope=0.1), uk.Opaque("ReLU")),
        (lambda: layers.ReLU(negative_slope=0.1), uk.Activation("leaky_relu", slope=0.1)),
        (lambda: layers.LeakyReLU(0.01), uk.Activation("leaky_relu")),
        (lambda: layers.LeakyReLU(), uk.Activation("leaky_relu", slope=0.3)),
        (_slopes, uk.Activation("leaky_relu", slope=[0.25, 0.5])),
        (lambda: layers.ELU(), uk.Activation("elu")),
        (lambda: layers.ELU(0.3), uk.Activation("elu", alpha=0.3)),
        (lambda: layers.Activation("softplus"), uk.Activation("softplus")),
        (lambda: layers.Activation("relu6"), uk.Activation("relu6")),
        (lambda: layers.Activation("leaky_relu"), uk.Activation("leaky_relu", slope=0.2)),
        (lambda: layers.Activation("celu"), uk.Activation("celu")),
        (lambda: layers.Activation("selu"), uk.Activation("selu")),
        (lambda: layers.Activation("mish"), uk.Activation("mish")),
        (lambda: layers.Activation("hard_tanh"), uk.Activation("hard_tanh")),
        (lambda: layers.Activation("gelu"), uk.Activation("exact_gelu")),
        (lambda: layers.Activation(keras.ops.sin), uk.Activation("sin")),
    ],
)
def test_parameters_are_read(layer, expected):
    model = keras.Sequential([keras.Input((2,)), layer()])
    assert uk.trace(model, _small()).maps == (expected,)


@pytest.mark.parametrize(
    ("operation", "expected"),
    [
        (lambda x: keras.ops.relu(x), uk.Activation("relu")),
        (lambda x: keras.ops.relu6(x), uk.Activation("relu6")),
        (lambda x: keras.ops.elu(x, alpha=0.3), uk.Activation("elu", alpha=0.3)),
        (
            lambda x: keras.ops.leaky_relu(x, negative_slope=0.3),
            uk.Activation("leaky_relu", slope=0.3),
        ),
        (lambda x: keras.ops.celu(x, alpha=0.3), uk.Activation("celu", alpha=0.3)),
        (lambda x: keras.ops.gelu(x, approximate=True), uk.Activation("gelu")),
        (lambda x: keras.ops.gelu(x, approximate=False), uk.Activation("exact_gelu")),
    ],
)
def test_parameters_of_operations_are_read(operation, expected):
    source = keras.Input((2,))
    model = keras.Model(source, operation(source))
    assert uk.trace(model, _small()).maps == (expected,)


@pytest.mark.parametrize("shape", [(2,), (3, 3, 2)])
def test_rescaling_is_affine(shape):
    model = keras.Sequential([keras.Input(shape), layers.Rescaling([0.5, 2.0], offset=[1.0, 0.0])])
    x = np.random.default_rng(0).normal(size=(50, *shape)).astype(np.float32)
    traced = uk.trace(model, x)
    assert kinds(traced) == [("Affine", model.layers[0].name)]
    expected = (x * [0.5, 2] + [1, 0]).reshape(50, -1)
    np.testing.assert_allclose(traced.representations[1].values, expected, rtol=1e-6, atol=1e-6)


class Several(layers.Layer):
    """Gives a dictionary, a tuple, or nothing at all besides."""

    def __init__(self, form, **options):
        super().__init__(**options)
        self.form = form

    def call(self, x):
        first, second = x * 2.0, keras.ops.sum(x, axis=0)
        return {"first": first, "second": second} if self.form == "dict" else (first, second)


@pytest.mark.parametrize("form", ["dict", "tuple"])
def test_a_layer_that_gives_several(form):
    class Model(keras.Model):
        def __init__(self):
            super().__init__()
            self.split, self.out = Several(form, name="split"), layers.Dense(1, name="out")

        def call(self, x):
            made = self.split(x)
            return self.out(made["first" if form == "dict" else 0])

    model = Model()
    model(np.zeros((1, 2), np.float32))
    traced = uk.trace(model, rings())
    assert kinds(traced) == [("Opaque", "Several"), ("Affine", "out")]
    np.testing.assert_allclose(traced.representations[1].values, 2 * rings().x, rtol=1e-6)
    ends = keras.Sequential([keras.Input((2,)), layers.Dense(3, name="up")])

    class Ends(keras.Model):
        def call(self, x):
            return {"out": ends(x)}

    ends_model = Ends()
    ends_model(np.zeros((1, 2), np.float32))
    assert kinds(uk.trace(ends_model, rings())) == [("Affine", "up")]


class Measured(keras.Model):
    """Counts, and draws without a seed of its own."""

    def __init__(self):
        super().__init__()
        self.mean, self.out = keras.metrics.Mean(), layers.Dense(1)

    def call(self, x):
        self.mean.update_state(x)
        return self.out(x + keras.random.normal((1, 2)) * 0.0)


@pytest.mark.parametrize("drawn", [False, True])
def test_metrics_and_random_states_are_left_as_they_were(drawn):
    def draw():
        return [keras.ops.convert_to_numpy(keras.random.normal((2,))), np.random.random()]  # noqa: NPY002

    model = Measured()
    model(rings().x[:10])
    before = float(model.mean.result())
    after: list = []
    for traces in (False, True):
        keras.utils.set_random_seed(3)
        if drawn:
            draw()
        if traces:
            uk.trace(model, rings())
        after.append(draw())
    np.testing.assert_array_equal(after[0][0], after[1][0])
    assert after[0][1] == after[1][1]
    assert float(model.mean.result()) == before


def test_traces_and_calls_at_once():
    """Others' calls are not taken for the model's, and nothing stays patched."""
    calls = keras.Layer.__call__, keras.Operation.__call__
    models = [sequential() for _ in range(2)]
    results, errors = [], []
    stop = threading.Event()

    def tracing(model):
        try:
            results.append(kinds(uk.trace(model, one_network.DATA, batch_size=50)))
        except Exception as error:
            errors.append(error)

    def calling():
        other = sequential()
        while not stop.is_set():
            other(np.zeros((1, 2), np.float32))

    busy = threading.Thread(target=calling)
    busy.start()
    threads = [threading.Thread(target=tracing, args=(model,)) for model in models]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    stop.set()
    busy.join()
    assert not errors
    assert [[kind for kind, _ in each] for each in results] == [
        ["Affine", "Activation", "Affine", "Activation", "Affine", "Affine", "Activation"]
    ] * 2
    assert (keras.Layer.__call__, keras.Operation.__call__) == calls


def test_layers_of_a_keras_model():
    keras.utils.set_random_seed(0)
    source = keras.Input((2,))
    x = layers.Dense(4, name="lift")(source)
    for i in range(6):
        x = layers.Add(name=f"sum {i}")([x, layers.Dense(4, activation="tanh", name=f"d{i}")(x)])
    model = keras.Model(source, layers.Dense(1, activation="sigmoid", name="out")(x))
    data = rings(40)
    traced = uk.trace(model, data)
    assert [r.name for r in traced] == [
        *("input", "lift", *(f"sum {i}" for i in range(6))),
        *("logit", "probability"),
    ]
    inner = uk.trace(model, data, layers=["d2 pre-activation", "d4"])
    for name in ("d2", "d4"):
        part = keras.Model(source, model.get_layer(name).output)
        expected = keras.ops.convert_to_numpy(part(data.x))
        if name == "d2":
            assert np.allclose(np.tanh(inner[1].values), expected, atol=1e-5)
        else:
            assert np.allclose(inner["d4"].values, expected, atol=1e-5)


def inputs_of(n=300):
    rng = np.random.default_rng(0)
    return {
        "a": rng.normal(size=(n, 2)).astype(np.float32),
        "b": rng.normal(size=(n, 1)).astype(np.float32),
    }


def joined():
    a, b = keras.Input((2,), name="a"), keras.Input((1,), name="b")
    h = layers.Dense(4, activation="relu", name="h")(layers.Concatenate(name="both")([a, b]))
    return a, b, {"hidden": h, "logits": layers.Dense(1, name="out")(h)}


@pytest.mark.parametrize(
    "give",
    [lambda x: x, lambda x: (x["a"], x["b"]), lambda x: [x["a"], x["b"]]],
    ids=["by name", "tuple", "list"],
)
@pytest.mark.parametrize(
    "take",
    [lambda a, b: [a, b], lambda a, b: {"a": a, "b": b}, lambda a, b: {"first": a, "later": b}],
    ids=["list", "names", "other names"],
)
def test_several_inputs(give, take):
    a, b, outputs = joined()
    model, x = keras.Model(take(a, b), outputs), inputs_of()
    traced = uk.trace(model, (give(x), np.arange(300) % 2))
    parts = keras.Model([a, b], [model.get_layer(name).output for name in ("both", "h", "out")])
    expected = [keras.ops.convert_to_numpy(v) for v in parts([x["a"], x["b"]], training=False)]
    assert [r.name for r in traced.representations] == [
        *("input", "both", "h pre-activation", "h", "out")
    ]
    for name, values in zip(("both", "h", "out"), expected, strict=True):
        np.testing.assert_allclose(traced[name].values, values, atol=1e-6)
    assert "The model returns hidden, logits; its logits are followed." in note_texts(traced)


def test_several_inputs_of_a_model_of_ones_own():
    class OfOne(keras.Model):
        def __init__(self):
            super().__init__()
            self.a, self.b, self.out = layers.Dense(4), layers.Dense(4), layers.Dense(2)

        def call(self, inputs):
            return self.out(self.a(inputs["a"]) + self.b(inputs["b"]))

    class OfTwo(OfOne):
        def call(self, a, b):
            return super().call({"a": a, "b": b})

    x = inputs_of()
    for model, call in [(OfOne(), lambda m: m(x)), (OfTwo(), lambda m: m(x["a"], x["b"]))]:
        expected = keras.ops.convert_to_numpy(call(model))
        traced = uk.trace(model, (x, np.arange(300) % 2))
        np.testing.assert_allclose(traced.representations[-1].values, expected, atol=1e-6)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            lambda x: {"a": x["a"]},
            "The Keras model takes a, b; got a.\n"
            "Give arrays by these names: trace(model, ({'name': array, …}, labels)).",
        ),
        (
            lambda x: {"a": x["a"], "c": x["b"]},
            "The Keras model takes a, b; got a, c.\n"
            "Give arrays by these names: trace(model, ({'name': array, …}, labels)).",
        ),
        (
            lambda x: (x["a"], x["b"], x["b"]),
            "The Keras model takes a, b; got 3 in order.\n"
            "Give arrays by these names: trace(model, ({'name': array, …}, labels)).",
        ),
    ],
    ids=["one missing", "another name", "three"],
)
def test_other_inputs_are_refused(change, message):
    a, b, outputs = joined()
    with pytest.raises(UsageError) as caught:
        uk.trace(keras.Model([a, b], outputs), (change(inputs_of()), np.arange(300) % 2))
    assert str(caught.value) == message


def test_masks_are_not_on_the_way():
    rng = np.random.default_rng(0)
    words = rng.integers(1, 9, (60, 6)) * (np.arange(6) < rng.integers(1, 7, (60, 1)))
    source = keras.Input((6,))
    embedded = layers.Embedding(9, 8, mask_zero=True, name="words")(source)
    attended = layers.MultiHeadAttention(2, 4, name="attention")(embedded, embedded)
    normed = layers.LayerNormalization(name="norm")(layers.Add(name="sum")([embedded, attended]))
    read = layers.GRU(5, name="reader")(normed)
    model = keras.Model(source, layers.Dense(2, name="out")(read))
    traced = uk.trace(model, words, reduce="flatten")
    names = ["words", "attention", "sum", "norm", "reader", "out"]
    assert [r.name for r in traced.representations] == ["input", *names]
    parts = keras.Model(source, [model.get_layer(name).output for name in names])
    for name, values in zip(names, parts(words, training=False), strict=True):
        expected = keras.ops.convert_to_numpy(values).reshape(60, -1)
        np.testing.assert_allclose(traced[name].values, expected, atol=1e-6)
    assert note_texts(traced) == ("sum takes more than one input: only values are known there.",)


@pytest.mark.parametrize("dtype", ["mixed_float16", "mixed_bfloat16"])
def test_mixed_precision_is_affine_as_far_as_it_tells(dtype):
    class Other(layers.Dense):
        def call(self, x):
            return 1.1 * super().call(x)

    def of(first):
        return keras.Sequential(
            [
                keras.Input((2,)),
                first(6, activation="relu", dtype=dtype),
                layers.BatchNormalization(dtype=dtype),
                layers.Dense(5, dtype=dtype),
                layers.LeakyReLU(dtype=dtype),
                layers.Dense(1, activation="sigmoid"),
            ]
        )

    model = of(layers.Dense)
    model.layers[1].set_weights(
        [np.linspace(0.5, 2, 6), np.arange(6) / 6, np.arange(6) / 3 - 1, np.linspace(0.5, 2, 6)]
    )
    traced = uk.trace(model, rings())
    assert [kind for kind, _ in kinds(traced)] == [
        *("Affine", "Activation", "Affine", "Affine", "Activation", "Affine", "Activation")
    ]
    expected = keras.ops.convert_to_numpy(model(rings().x, training=False))
    np.testing.assert_allclose(traced.representations[-1].values, expected, atol=1e-6)
    # What is off by a tenth is off in any precision.
    assert next(kind for kind, _ in kinds(uk.trace(of(Other), rings()))) == "Opaque"


TEXTS = np.array(["good film", "bad film", "dull plot", "good good plot"] * 5)


def reader_of_texts():
    layers = keras.layers
    reader = layers.TextVectorization(max_tokens=12, output_sequence_length=5)
    reader.adapt(TEXTS)
    return keras.Sequential(
        [
            keras.Input((), dtype="string"),
            reader,
            layers.Embedding(12, 4, mask_zero=True, name="words"),
            layers.GlobalAveragePooling1D(name="pool"),
            layers.Dense(2, activation="softmax"),
        ]
    )


@pytest.mark.parametrize(
    "texts", [TEXTS, TEXTS.tolist(), TEXTS[:, None]], ids=["array", "list", "column"]
)
def test_texts_are_followed_from_the_numbers_that_the_model_makes_of_them(texts):
    model = reader_of_texts()
    reader, embedding = model.layers[:2]
    marks = [(len(la._inbound_nodes), len(la._outbound_nodes)) for la in model.layers]
    traced = uk.trace(model, (texts, np.arange(20) % 2))
    numbers = np.asarray(keras.ops.convert_to_numpy(reader(TEXTS)))
    np.testing.assert_array_equal(traced["input"].values, numbers)
    np.testing.assert_allclose(
        traced["words"].values,
        keras.ops.convert_to_numpy(embedding(numbers)).reshape(20, -1),
        atol=1e-6,
    )
    assert traced.representations[-1].n_units == 2
    if keras.backend.backend() == "tensorflow":
        output = keras.ops.convert_to_numpy(model(TEXTS))
        np.testing.assert_allclose(traced[-1].values, output, atol=1e-6)
    said = "The input is what text_vectorization"
    assert any(note.text.startswith(said) for note in traced.notes)
    assert marks == [(len(la._inbound_nodes), len(la._outbound_nodes)) for la in model.layers]


def test_tokens_that_a_model_masks_do_not_count():
    """The mean over them is what its own pooling makes."""
    ids = np.array([[1, 2, 3, 0, 0], [4, 5, 0, 0, 0], [1, 1, 1, 1, 1], [2, 0, 0, 0, 0]] * 5)
    layers = keras.layers
    model = keras.Sequential(
        [
            keras.Input((5,), dtype="int32"),
            layers.Embedding(9, 4, mask_zero=True, name="words"),
            layers.GlobalAveragePooling1D(name="pool"),
            layers.Dense(2),
        ]
    )
    traced = uk.trace(model, ids, reduce="mean")
    np.testing.assert_allclose(traced["words"].values, traced["pool"].values, atol=1e-6)
    assert any("those that the mask counts" in note.text for note in traced.notes)
    tokens = uk.trace(model, ids, points="tokens")
    assert tokens.n_points == (ids != 0).sum()


@pytest.mark.parametrize("order", ["swapped in order", "swapped by name"])
def test_inputs_of_another_shape_are_named(order):
    a, b = keras.Input((4,), name="a"), keras.Input((6,), name="b")
    joined = keras.layers.Concatenate()([a, b])
    model = keras.Model([a, b], keras.layers.Dense(2)(joined))
    narrow, wide = np.zeros((8, 4), np.float32), np.ones((8, 6), np.float32)
    inputs = [wide, narrow] if "order" in order else {"a": wide, "b": narrow}
    with pytest.raises(uk.UsageError) as caught:
        uk.trace(model, (inputs, np.arange(8) % 2))
    assert str(caught.value) == (
        "The Keras model takes a of shape 4; got 6. a and b look swapped.\n"
        "Give arrays by name: trace(model, ({'name': array, …}, labels)). It takes a 4, b 6."
    )
