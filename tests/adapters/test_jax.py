"""Flax NNX and Equinox: one adapter, since both are functions in JAX."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import one_network
import pytest
from flax import nnx
from networks import cloud, rings

import unknot as uk
from unknot import UsageError


def kinds(traced):
    return [(type(m).__name__, m.name) for m in traced.maps]


class Net(nnx.Module):
    """Activations are called between the layers; no module stands for them."""

    def __init__(self, rngs):
        sizes = one_network.WIDTHS
        self.up = nnx.Linear(sizes[0], sizes[1], rngs=rngs)
        self.on = nnx.Linear(sizes[1], sizes[2], rngs=rngs)
        self.drop = nnx.Dropout(0.5, rngs=rngs)
        self.readout = nnx.Linear(sizes[2], sizes[3], rngs=rngs)
        self.out = nnx.Linear(sizes[3], sizes[4], rngs=rngs)

    def __call__(self, x):
        x = self.drop(jnp.tanh(self.on(nnx.relu(self.up(x)))))
        return nnx.sigmoid(self.out(self.readout(x)))


def flax_network():
    model = Net(nnx.Rngs(0))
    layers = [model.up, model.on, model.readout, model.out]
    for layer, weight, bias in zip(layers, one_network.WEIGHTS, one_network.BIASES, strict=True):
        layer.kernel[...], layer.bias[...] = jnp.array(weight), jnp.array(bias)
    return model


def equinox_network():
    def dense(weight, bias):
        layer = eqx.nn.Linear(*weight.shape, key=jax.random.key(0))
        arrays = (jnp.array(weight.T), jnp.array(bias))
        return eqx.tree_at(lambda part: (part.weight, part.bias), layer, arrays)

    up, on, readout, out = map(dense, one_network.WEIGHTS, one_network.BIASES)
    parts = [up, jax.nn.relu, on, jnp.tanh, eqx.nn.Dropout(0.5), readout, out, jax.nn.sigmoid]
    return eqx.nn.Sequential(
        [part if isinstance(part, eqx.Module) else eqx.nn.Lambda(part) for part in parts]
    )


@pytest.mark.parametrize("make", [flax_network, equinox_network])
def test_one_set_of_weights(make):
    one_network.check(uk.trace(make(), one_network.DATA))


def test_names_are_places_in_the_model():
    traced = uk.trace(flax_network(), one_network.DATA)
    assert [m.name for m in traced.maps] == [
        *("up", "relu", "on", "tanh", "readout", "out", "sigmoid")
    ]
    traced = uk.trace(equinox_network(), one_network.DATA)
    assert [m.name for m in traced.maps][:3] == ["layers.0", "relu", "layers.2"]


@pytest.mark.parametrize(
    "function",
    [nnx.relu, nnx.tanh, nnx.sigmoid, nnx.gelu, nnx.silu, nnx.softplus, nnx.elu, jnp.sin],
    ids=lambda f: f.__name__,
)
def test_activations_are_told_whatever_they_are_written_in(function):
    model = nnx.Sequential(nnx.Linear(2, 5, rngs=nnx.Rngs(0)), function)
    name = {"sigmoid": "sigmoid"}.get(function.__name__, function.__name__)
    assert kinds(uk.trace(model, rings()))[1] == ("Activation", name)


@pytest.mark.parametrize(
    ("function", "expected"),
    [
        (lambda z: nnx.leaky_relu(z, 0.2), uk.Activation("leaky_relu", slope=0.2)),
        (lambda z: nnx.elu(z, 2.0), uk.Activation("elu", alpha=2)),
        (lambda z: nnx.celu(z, 0.5), uk.Activation("celu", alpha=0.5)),
        (nnx.selu, uk.Activation("selu")),
        (nnx.relu6, uk.Activation("relu6")),
        (nnx.hard_tanh, uk.Activation("hard_tanh")),
        (lambda z: jnp.clip(z, -2, 3), uk.Activation("hard_tanh", low=-2, high=3)),
        (lambda z: jnp.clip(z, 0, 2), uk.Activation("relu6", ceiling=2)),
        (lambda z: nnx.gelu(z, approximate=False), uk.Activation("exact_gelu")),
        (jax.nn.mish, uk.Activation("mish")),
        (
            lambda z: jnp.where(z > 0, z, z * jnp.array([0.1, 0.2, 0.3, -0.4, 0.5])),
            uk.Activation("leaky_relu", slope=np.float32([0.1, 0.2, 0.3, -0.4, 0.5])),
        ),
    ],
)
def test_parameters_are_told_by_values(function, expected):
    model = nnx.Sequential(nnx.Linear(2, 5, rngs=nnx.Rngs(0)), function)
    got = uk.trace(model, rings()).maps[1]
    assert isinstance(got, uk.Activation)
    assert got.name == expected.name
    for (_, a), (_, b) in zip(got.parameters, expected.parameters, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-6)


@pytest.mark.parametrize(("function", "name"), [(nnx.softmax, "softmax"), (nnx.log_softmax, "log")])
def test_softmax_and_its_logarithm(function, name):
    data = cloud(60, 4, 3)
    model = nnx.Sequential(nnx.Linear(4, 3, rngs=nnx.Rngs(0)), function)
    traced = uk.trace(model, data)
    assert kinds(traced)[1][1].startswith(name)
    np.testing.assert_allclose(traced.probabilities.sum(axis=1), 1, atol=1e-5)


def test_batch_normalisation_in_inference():
    class Normed(nnx.Module):
        def __init__(self, rngs):
            self.dense = nnx.Linear(2, 4, rngs=rngs)
            self.norm = nnx.BatchNorm(4, rngs=rngs)

        def __call__(self, x):
            return nnx.relu(self.norm(self.dense(x)))

    model = Normed(nnx.Rngs(0))
    model(jnp.array(rings().x) * 3 + 1)
    traced = uk.trace(model, rings())
    assert kinds(traced) == [("Affine", "dense"), ("Affine", "norm"), ("Activation", "relu")]
    model.eval()
    expected = np.asarray(model(jnp.array(rings().x)))
    np.testing.assert_allclose(traced.representations[-1].values, expected, atol=1e-5)


def test_what_lies_between_meeting_points_is_one_map():
    class Residual(nnx.Module):
        def __init__(self, rngs):
            self.up, self.on = nnx.Linear(2, 4, rngs=rngs), nnx.Linear(4, 4, rngs=rngs)

        def __call__(self, x):
            h = self.up(x)
            return h + nnx.relu(self.on(h))

    traced = uk.trace(Residual(nnx.Rngs(0)), rings())
    assert [kind for kind, _ in kinds(traced)] == ["Affine", "Opaque"]


def test_convolutions():
    class Images(nnx.Module):
        def __init__(self, rngs):
            self.conv = nnx.Conv(1, 2, (3, 3), rngs=rngs)
            self.out = nnx.Linear(128, 2, rngs=rngs)

        def __call__(self, x):
            return self.out(nnx.relu(self.conv(x)).reshape(len(x), -1))

    x = np.random.default_rng(0).normal(size=(20, 8, 8, 1)).astype(np.float32)
    traced = uk.trace(Images(nnx.Rngs(0)), x)
    assert kinds(traced)[0] == ("Opaque", "convolution")
    assert kinds(traced)[-1] == ("Affine", "out")


@pytest.mark.parametrize("fails", [False, True])
def test_the_flax_module_is_left_as_it_was(fails):
    class Restless(Net):
        def __call__(self, x):
            if fails:
                raise RuntimeError("no")
            return super().__call__(x)

    model = Restless(nnx.Rngs(0))
    _, state = nnx.split(model)
    before = [
        np.asarray(jax.random.key_data(v) if _is_key(v) else v) for v in jax.tree.leaves(state)
    ]
    if fails:
        with pytest.raises(RuntimeError) as caught:
            uk.trace(model, rings())
        assert "the model is as it was before" in caught.value.__notes__[-1]
    else:
        uk.trace(model, rings())
    _, state = nnx.split(model)
    after = [
        np.asarray(jax.random.key_data(v) if _is_key(v) else v) for v in jax.tree.leaves(state)
    ]
    for a, b in zip(before, after, strict=True):
        np.testing.assert_array_equal(a, b)
    assert model.drop.deterministic is False


def _is_key(value):
    return jnp.issubdtype(value.dtype, jax.dtypes.prng_key)


def wide_flax():
    return nnx.Linear(3, 1, rngs=nnx.Rngs(0))


def wide_equinox():
    return eqx.nn.Linear(3, 1, key=jax.random.key(0))


@pytest.mark.parametrize(("make", "name"), [(wide_flax, "Flax"), (wide_equinox, "Equinox")])
def test_errors(make, name):
    with pytest.raises(UsageError) as caught:
        uk.trace(make(), rings())
    assert str(caught.value) == (
        f"The {name} model takes 3 features; the points have 2.\n"
        "Trace the data it was trained on, or data with the same features."
    )
    with pytest.raises(UsageError) as caught:
        uk.trace(make(), rings(), path=["out"])
    assert str(caught.value) == (
        f"A way through a {name} model cannot be asked for: it is seen where all of its ways "
        "meet.\nLeave path= out."
    )


def test_several_outputs():
    class Two(nnx.Module):
        def __call__(self, x):
            return x, x + 1

    with pytest.raises(UsageError) as caught:
        uk.trace(Two(), rings())
    assert str(caught.value) == (
        "The Flax model returns 2 arrays (0, 1); unknot follows one.\n"
        "Trace a function that returns one of them: trace([lambda x: model(x)[0]], data)."
    )


def test_logits_among_several_outputs():
    class Named(nnx.Module):
        def __init__(self):
            self.a = nnx.Linear(2, 3, rngs=nnx.Rngs(0))

        def __call__(self, x):
            h = self.a(x)
            return {"hidden": h + 1, "logits": jnp.tanh(h)}

    model, data = Named(), rings()
    traced = uk.trace(model, data)
    np.testing.assert_allclose(
        traced.representations[-1].values, model(data.x)["logits"], atol=1e-6
    )


class OfBatch(nnx.Module):
    """Centres by the batch's own mean, as no inference mode turns off."""

    def __init__(self):
        self.a, self.b = nnx.Linear(2, 4, rngs=nnx.Rngs(0)), nnx.Linear(4, 3, rngs=nnx.Rngs(1))

    def __call__(self, x):
        h = self.a(x)
        return self.b(jnp.tanh(h - h.mean(0)))


@pytest.mark.parametrize("n", [100, 300])
def test_rows_that_depend_on_each_other(n):
    model, x = OfBatch(), points(n)
    with pytest.raises(UsageError, match=f"other rows of its batch.\nGive batch_size={n} "):
        uk.trace(model, x)
    traced = uk.trace(model, x, batch_size=n)
    np.testing.assert_allclose(traced.representations[-1].values, model(x), atol=1e-6)


def test_a_model_of_one_number_of_rows():
    class Neighbours(nnx.Module):
        def __init__(self):
            self.a = nnx.Linear(2, 3, rngs=nnx.Rngs(0))
            self.adjacency = nnx.Variable(jnp.eye(300) + jnp.eye(300, k=1))

        def __call__(self, x):
            return jnp.tanh(self.adjacency[...] @ self.a(x))

    model, x = Neighbours(), points(300)
    with pytest.raises(UsageError) as caught:
        uk.trace(model, x)
    assert str(caught.value) == (
        "The Flax model takes all 300 rows at once; a sample of 251 of them does not go "
        "through.\nGive batch_size=300."
    )
    traced = uk.trace(model, x, batch_size=300)
    np.testing.assert_allclose(traced.representations[-1].values, model(x), atol=1e-6)


def points(n, seed=0):
    return np.random.default_rng(seed).normal(size=(n, 2)).astype(np.float32)


def compilations(call):
    """What a call gives, and how many programs JAX compiled for it."""
    import jax.monitoring

    n = []

    def count(event, seconds, **_):
        if event.endswith("backend_compile_duration"):
            n.append(event)

    # It stays, and counts for nobody: old versions of JAX cannot take it back.
    jax.monitoring.register_event_duration_secs_listener(count)
    return call(), len(n)


@pytest.mark.parametrize("make", [flax_network, equinox_network])
def test_a_structure_is_compiled_once(make):
    # A film traces a network again and again; only its weights are others.
    x = points(5_000, seed=3)
    uk.trace(make(), x)
    later = jax.tree.map(lambda a: a * 1.5 if eqx.is_inexact_array(a) else a, make())
    traced, n = compilations(lambda: uk.trace(later, x))
    assert n == 0
    np.testing.assert_allclose(traced.maps[0].weight, 1.5 * one_network.WEIGHTS[0], rtol=1e-6)
    inside = jax.vmap(eqx.nn.inference_mode(later)) if make is equinox_network else later.eval
    expected = inside(x) if make is equinox_network else (inside() or later)(x)
    np.testing.assert_allclose(traced.representations[-1].values, expected, atol=1e-6)


slope = 0.2


def test_a_function_that_changed_is_not_mistaken_for_what_it_was():
    global slope
    model = eqx.nn.Lambda(lambda x: x * slope)
    for now in (0.2, 0.3):
        slope = now
        traced = uk.trace(model, points(3_000))
        np.testing.assert_allclose(traced.maps[0].weight, now * np.eye(2), rtol=1e-6)
        values = traced.representations[1].values
        np.testing.assert_allclose(values, points(3_000) * np.float32(now), rtol=1e-6)


def bent_again(z):
    """relu up to 3."""
    return jnp.maximum(z, 0) - jnp.maximum(z - 3, 0) / 2


@pytest.mark.parametrize("function", [bent_again, lambda z: jnp.clip(z, 0, None) % 3])
def test_what_is_an_activation_only_near_zero_is_not_taken_for_it(function):
    x = points(1_000) / 10
    x[7] = 600, -200  # not in the sample
    model = nnx.Sequential(nnx.Linear(2, 4, rngs=nnx.Rngs(0)), function)
    traced = uk.trace(model, x)
    assert isinstance(traced.maps[1], uk.Opaque)
    np.testing.assert_allclose(traced.representations[-1].values, model(x), atol=1e-6)


class Counting(nnx.Module):
    """Keeps something while it is called, and is compiled by its author."""

    def __init__(self, rngs):
        self.inner = nnx.Linear(2, 3, rngs=rngs)
        self.n = nnx.Variable(jnp.array(0))

    @nnx.jit
    def __call__(self, x):
        self.n[...] += 1
        return nnx.relu(self.inner(x))


def test_modules_that_keep_something_while_they_are_called():
    model = Counting(nnx.Rngs(0))
    x = points(600)
    traced = uk.trace(model, x)
    assert [m.name for m in traced.maps] == ["inner", "relu"]
    assert int(model.n[...]) == 0
    np.testing.assert_allclose(traced.representations[-1].values, model(x), atol=1e-6)


def test_recurrent_layers():
    layer = nnx.RNN(nnx.GRUCell(3, 5, rngs=nnx.Rngs(0)))
    x = np.random.default_rng(0).normal(size=(40, 6, 3)).astype(np.float32)
    traced = uk.trace(layer, x)
    np.testing.assert_allclose(
        traced.representations[-1].values, np.asarray(layer(x)).reshape(40, -1), atol=1e-6
    )


@pytest.mark.parametrize("n", [1, 251, 252, 2_009, 20_000])
def test_any_number_of_points_goes_through(n):
    model, x = equinox_network(), points(n, seed=5)
    traced = uk.trace(model, x)
    expected = jax.vmap(eqx.nn.inference_mode(model))(x)
    np.testing.assert_allclose(traced.representations[-1].values, expected, atol=1e-6)


def test_branches_on_values_are_told_apart_from_faults():
    class Branching(eqx.Module):
        def __call__(self, x):
            return x if x[0] > 0 else -x

    with pytest.raises(UsageError) as error:
        uk.trace(Branching(), points(100))
    assert str(error.value) == (
        "The Equinox model decides by the values of a point what to do with it, which JAX cannot "
        "compile.\nUse jax.numpy.where or jax.lax.cond in its place."
    )


def test_a_layer_norm_is_one_layer_and_operations_have_plain_names():
    class Model(nnx.Module):
        def __init__(self, rngs):
            self.conv = nnx.Conv(1, 2, (3, 3), rngs=rngs)
            self.dense = nnx.Linear(8, 4, rngs=rngs)
            self.norm = nnx.LayerNorm(4, rngs=rngs)

        def __call__(self, x):
            x = nnx.max_pool(nnx.relu(self.conv(x)), (2, 2), strides=(2, 2))
            return nnx.silu(self.norm(self.dense(x.reshape(len(x), -1))))

    images = np.random.default_rng(0).normal(size=(50, 4, 4, 1)).astype(np.float32)
    model = Model(nnx.Rngs(0))
    traced = uk.trace(model, images)
    assert [r.name for r in traced.representations] == [
        *("input", "conv", "relu", "max pooling", "dense", "norm", "silu")
    ]
    assert [m.name for m in traced.maps] == [
        *("convolution", "relu", "max pooling", "dense", "normalisation", "silu")
    ]
    np.testing.assert_allclose(traced.representations[-1].values, model(images), atol=1e-5)
