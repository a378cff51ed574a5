"""PyTorch: any module, functions inside forward, and the model left as it was."""

import copy
import random
import threading
import time

import numpy as np
import pytest
import torch
from networks import cloud, note_texts, rings
from torch import nn
from torch.nn import functional

import unknot as uk
from unknot import Activation, Affine, Opaque, UsageError
from unknot.views.films.training_view import NetworkPath
from unknot.views.page import page_file, unpack_page


def kinds(traced):
    return [(type(m).__name__, m.name) for m in traced.maps]


def only_hooks(monkeypatch):
    from unknot.adapters.torch import fx as torch_fx

    monkeypatch.setattr(torch_fx, "plain_graph", lambda module: None)
    monkeypatch.setattr(torch_fx, "try_trace", lambda module: (None, "asked to"))


class Functions(nn.Module):
    """Activations that are called as functions, a skip connection, a bare weight."""

    def __init__(self):
        super().__init__()
        self.up = nn.Linear(2, 6)
        self.on = nn.Linear(6, 6)
        self.weight = nn.Parameter(torch.randn(6, 3))
        self.bias = nn.Parameter(torch.randn(3))
        self.out = nn.Linear(3, 1)

    def forward(self, x):
        h = functional.relu(self.up(x.view(x.size(0), -1)))
        h = torch.tanh(self.on(h)) + h
        h = h @ self.weight + self.bias
        return torch.sigmoid(self.out(functional.dropout(h, training=self.training)))


class Untraceable(Functions):
    def forward(self, x):
        if x.sum() > -1e30:
            h = functional.relu(self.up(x))
        return torch.sigmoid(self.out(torch.tanh(self.on(h)) @ self.weight + self.bias))


def test_a_sequential():
    torch.manual_seed(0)
    model = nn.Sequential(
        nn.Linear(2, 6),
        nn.BatchNorm1d(6),
        nn.ReLU(),
        nn.Dropout(0.5),
        nn.Flatten(),
        nn.Linear(6, 3),
        nn.Identity(),
        nn.GELU(),
        nn.Linear(3, 1),
        nn.Sigmoid(),
    )
    for _ in range(3):
        model(torch.randn(50, 2) * 3 + 1)
    data = rings()
    traced = uk.trace(model, data)
    assert kinds(traced) == [
        ("Affine", "layer 0"),
        ("Affine", "layer 1"),
        ("Activation", "relu"),
        ("Affine", "layer 5"),
        ("Activation", "exact_gelu"),
        ("Affine", "layer 8"),
        ("Activation", "sigmoid"),
    ]
    assert note_texts(traced) == ("Traced with torch.fx.",)
    model.eval()
    with torch.no_grad():
        expected = torch.tensor(data.x)
        for k, upto in enumerate([1, 2, 3, 6, 8, 9, 10], start=1):
            values = model[:upto](expected).numpy()
            np.testing.assert_allclose(traced.representations[k].values, values, atol=1e-6)
    tanh = nn.Sequential(nn.GELU(approximate="tanh"))
    assert uk.trace(tanh, data).maps == (Activation("gelu"),)


def test_functions_in_forward_are_seen():
    torch.manual_seed(0)
    model = Functions()
    traced = uk.trace(model, rings())
    assert kinds(traced) == [
        ("Affine", "up"),
        ("Activation", "relu"),
        ("Affine", "on"),
        ("Activation", "tanh"),
        ("Opaque", "add"),
        ("Affine", "matmul"),
        ("Affine", "out"),
        ("Activation", "sigmoid"),
    ]
    assert note_texts(traced) == (
        "Traced with torch.fx.",
        "add takes more than one input: only values are known there.",
    )
    np.testing.assert_allclose(traced.maps[5].weight, model.weight.detach().numpy())
    np.testing.assert_allclose(traced.maps[5].bias, model.bias.detach().numpy())


def test_where_fx_cannot_trace_hooks_see():
    torch.manual_seed(0)
    traced = uk.trace(Untraceable(), rings())
    assert note_texts(traced) == (
        "Seen by hooks on its modules, since torch.fx cannot trace it (symbolically traced "
        "variables cannot be used as inputs to control flow).",
    )
    # What happens between two modules is known by its values, where they tell.
    assert kinds(traced) == [
        ("Affine", "up"),
        ("Activation", "relu"),
        ("Affine", "on"),
        ("Opaque", "between layers"),
        ("Affine", "out"),
        ("Activation", "sigmoid"),
    ]
    assert traced.probabilities is not None


def test_an_exported_and_a_compiled_model():
    torch.manual_seed(0)
    model = Functions().eval()
    points = {0: torch.export.Dim("points")}
    exported = torch.export.export(model, (torch.zeros(4, 2),), dynamic_shapes=(points,))
    data = rings()
    plain = uk.trace(model, data)
    for other in (exported, torch._dynamo.eval_frame.OptimizedModule(model, lambda f: f)):
        traced = uk.trace(other, data)
        assert kinds(traced) == kinds(plain)
        for a, b in zip(traced.representations, plain.representations, strict=True):
            np.testing.assert_array_equal(a.values, b.values)


def test_convolutions_are_opaque_with_their_values_flattened():
    model = nn.Sequential(
        nn.Conv2d(1, 2, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(18, 3)
    )
    x = np.random.default_rng(0).normal(size=(30, 1, 8, 8)).astype(np.float32)
    traced = uk.trace(model, (x.astype(np.float64), np.arange(30) % 3))
    assert kinds(traced) == [
        ("Opaque", "Conv2d"),
        ("Activation", "relu"),
        ("Opaque", "MaxPool2d"),
        ("Affine", "layer 4"),
    ]
    assert [r.n_units for r in traced.representations] == [64, 72, 72, 18, 3]
    assert note_texts(traced)[1].startswith("The model ends in 3 values for 3 classes; if they are")


def test_recurrent_layers_and_their_tuples():
    class Recurrent(nn.Module):
        def __init__(self):
            super().__init__()
            self.lstm = nn.LSTM(1, 4, batch_first=True)
            self.out = nn.Linear(4, 1)

        def forward(self, x):
            values, _ = self.lstm(x[:, :, None])
            return self.out(values[:, -1])

    traced = uk.trace(Recurrent(), rings())
    assert ("Affine", "out") in kinds(traced)
    assert traced.representations[-1].n_units == 1


def test_a_dense_layer_along_time_is_not_taken_for_affine():
    x = np.random.default_rng(0).normal(size=(30, 5, 4)).astype(np.float32)
    traced = uk.trace(nn.Sequential(nn.Linear(4, 4)), x)
    assert traced.maps == (Opaque("Linear"),)


def test_a_subclass_with_another_formula_is_traced_through():
    class Scaled(nn.Linear):
        def forward(self, x):
            return 1.5 * super().forward(x)

    traced = uk.trace(nn.Sequential(Scaled(2, 3)), rings())
    assert kinds(traced) == [("Affine", "layer 0"), ("Affine", "mul")]
    np.testing.assert_array_equal(traced.maps[1].weight, 1.5 * np.eye(3))


class Branches(nn.Module):
    def __init__(self):
        super().__init__()
        self.short = nn.Linear(2, 4)
        self.long = nn.Sequential(nn.Linear(2, 4), nn.ReLU(), nn.Linear(4, 4))
        self.out = nn.Linear(4, 1)

    def forward(self, x):
        return self.out(self.short(x) * self.long(x))


def test_the_longest_chain_is_taken_and_said():
    traced = uk.trace(Branches(), rings())
    assert [n for _, n in kinds(traced)] == ["long.0", "relu", "long.2", "mul", "out"]
    assert note_texts(traced)[1:3] == (
        "The model branches; its longest chain is shown, without ‘short’.",
        "mul takes more than one input: only values are known there.",
    )


def test_a_path_can_be_asked_for():
    traced = uk.trace(Branches(), rings(), path=["short"])
    assert [n for _, n in kinds(traced)] == ["short", "mul", "out"]
    assert note_texts(traced)[1] == (
        "The model branches; the way asked for is shown, without ‘long.0’, ‘long.1’, ‘long.2’."
    )
    with pytest.raises(UsageError) as caught:
        uk.trace(Branches(), rings(), path=["shirt"])
    assert str(caught.value) == (
        "Unknown layer 'shirt'. Did you mean 'short'?\n"
        "Allowed: short, long.0, long.1, long.2, mul, out, long."
    )
    with pytest.raises(UsageError) as caught:
        uk.trace(Branches(), rings(), path=["out", "short"])
    assert str(caught.value) == (
        "No way through the PyTorch model passes out, short in this order.\n"
        "Name layers in the order in which the model calls them."
    )


def test_a_layer_called_twice():
    class Twice(nn.Module):
        def __init__(self):
            super().__init__()
            self.turn = nn.Linear(2, 2)

        def forward(self, x):
            return torch.tanh(self.turn(torch.tanh(self.turn(x))))

    traced = uk.trace(Twice(), rings())
    assert [r.name for r in traced.representations] == [
        "input",
        "turn pre-activation",
        "turn",
        "turn pre-activation (2)",
        "turn (2)",
    ]
    assert note_texts(traced)[1] == "Called more than once, with the same weights: turn."
    np.testing.assert_array_equal(traced.maps[0].weight, traced.maps[2].weight)


class Restless(nn.Module):
    """Changes all it can: a buffer, a parameter, the random state."""

    def __init__(self, fails):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(2, 4), nn.BatchNorm1d(4), nn.Dropout(), nn.Linear(4, 1))
        self.register_buffer("calls", torch.zeros(1))
        self.fails = fails

    def forward(self, x):
        self.calls += 1
        with torch.no_grad():
            self.net[0].weight.mul_(1.01)
        torch.rand(3)
        random.random()
        np.random.rand()  # noqa: NPY002
        if self.fails:
            raise RuntimeError("no")
        return self.net(x)


@pytest.mark.parametrize("fails", [False, True])
@pytest.mark.parametrize("fx", [False, True])
def test_the_model_is_left_as_it_was(fails, fx, monkeypatch):
    if not fx:
        only_hooks(monkeypatch)
    model = Restless(fails)
    model.net[1].eval()
    model.net[0].bias.requires_grad_(False)
    model.net[0].register_forward_hook(lambda *_: None)
    hooks = dict(model.net[0]._forward_hooks)
    model.net[3](torch.ones(1, 4)).sum().backward()
    before = copy.deepcopy(model.state_dict())
    tensors = [*model.parameters(), *model.buffers()]
    modes = [m.training for m in model.modules()]
    states = torch.get_rng_state(), random.getstate(), np.random.get_state()[1].tolist()  # noqa: NPY002
    if fails:
        with pytest.raises(RuntimeError) as caught:
            uk.trace(model, rings())
        assert caught.value.args == ("no",)
        assert caught.value.__notes__ == [
            "unknot: the PyTorch model raised this in its forward pass, for points of shape "
            "(251, 2), dtype float32; the model is as it was before."
        ]
    else:
        uk.trace(model, rings())
    for name, value in model.state_dict().items():
        assert torch.equal(value, before[name]), name
    now = [*model.parameters(), *model.buffers()]
    assert all(a is b for a, b in zip(tensors, now, strict=True))
    assert [m.training for m in model.modules()] == modes
    assert not model.net[0].bias.requires_grad
    assert model.net[3].weight.grad is not None
    assert dict(model.net[0]._forward_hooks) == hooks
    assert all(not m._forward_hooks for m in model.modules() if m is not model.net[0])
    assert torch.equal(torch.get_rng_state(), states[0])
    assert random.getstate() == states[1]
    assert np.random.get_state()[1].tolist() == states[2]  # noqa: NPY002


def test_double_precision_and_whole_numbers():
    data = rings()
    traced = uk.trace(nn.Linear(2, 3).double(), data)
    assert isinstance(traced.maps[0], Affine)
    tokens = np.arange(40).reshape(10, 4) % 7
    traced = uk.trace(nn.Sequential(nn.Embedding(7, 3), nn.Flatten(), nn.Linear(12, 2)), tokens)
    assert kinds(traced) == [("Opaque", "Embedding"), ("Affine", "layer 2")]
    assert traced.representations[0].n_units == 4


def test_skorch_and_lightning_through_their_modules():
    lightning = pytest.importorskip("lightning.pytorch")
    skorch = pytest.importorskip("skorch")

    class Lit(lightning.LightningModule):
        def __init__(self):
            super().__init__()
            self.net = nn.Sequential(nn.Linear(2, 4), nn.Tanh(), nn.Linear(4, 2))

        def forward(self, x):
            return self.net(x)

    data = cloud(40, 2, 2)
    traced = uk.trace(Lit(), data)
    assert [n for _, n in kinds(traced)] == ["net.0", "tanh", "net.2"]
    net = skorch.NeuralNetClassifier(Lit().net, max_epochs=1, verbose=0, train_split=None)
    net.initialize()
    traced = uk.trace(net, data, head="softmax")
    assert [n for _, n in kinds(traced)] == ["layer 0", "tanh", "layer 2", "softmax"]
    with pytest.raises(UsageError) as caught:
        uk.trace(skorch.NeuralNetClassifier(nn.Linear), data)
    assert str(caught.value) == (
        "The NeuralNetClassifier is not fitted yet.\n"
        "Call its fit(x, y) or initialize() before tracing it."
    )


class Pair(nn.Module):
    def __init__(self):
        super().__init__()
        self.a, self.b = nn.Linear(2, 2), nn.Linear(2, 3)

    def forward(self, x):
        return {"a": self.a(x), "b": self.b(x)}


@pytest.mark.parametrize(
    ("model", "message"),
    [
        (
            nn.Linear(3, 1),
            "The PyTorch model takes 3 features; the points have 2.\n"
            "Trace the data it was trained on, or data with the same features.",
        ),
        (
            nn.Bilinear(2, 2, 1),
            "The PyTorch model takes 2 inputs (input1, input2); got one array.\n"
            "Give all of them by name: trace(model, ({'name': array, …}, labels)).",
        ),
        (
            Pair(),
            "The PyTorch model returns a dict of 2 arrays (a, b); unknot follows one array.\n"
            "Say where to end with path=[…, 'layer'], or trace a model that returns one of them.",
        ),
        (
            nn.Sequential(nn.Identity()),
            "The PyTorch model hands its input on unchanged: there is no map to see.\n"
            "Give a model with one layer at least.",
        ),
    ],
    ids=lambda value: type(value).__name__,
)
def test_errors(model, message):
    with pytest.raises(UsageError) as caught:
        uk.trace(model, rings())
    assert str(caught.value) == message


def test_lazy_layers():
    model = nn.LazyLinear(2)
    with pytest.raises(UsageError) as caught:
        uk.trace(model, rings())
    assert str(caught.value) == (
        "The PyTorch model has lazy layers that were never built.\n"
        "Call it once on a batch before tracing it."
    )


def test_one_of_several_outputs():
    traced = uk.trace(Pair(), rings(), path=["b"])
    assert [n for _, n in kinds(traced)] == ["b"]


def reference_modules():
    import one_network

    layers = []
    functions = {"relu": nn.ReLU(), "tanh": nn.Tanh(), "sigmoid": nn.Sigmoid()}
    for weight, bias, function in zip(
        one_network.WEIGHTS, one_network.BIASES, one_network.FUNCTIONS, strict=True
    ):
        layer = nn.Linear(*weight.shape)
        layer.weight.data, layer.bias.data = torch.tensor(weight.T.copy()), torch.tensor(bias)
        layers += [layer, functions.get(function, nn.Identity())]
    return nn.Sequential(*layers)


@pytest.mark.parametrize("fx", [True, False])
def test_one_set_of_weights(fx, monkeypatch):
    import one_network

    if not fx:
        only_hooks(monkeypatch)
    one_network.check(uk.trace(reference_modules(), one_network.DATA))


def plane(n=300, n_features=2):
    return np.random.default_rng(0).normal(size=(n, n_features)).astype(np.float32)


def check(traced, model, x):
    """The trace ends where the model ends."""
    with torch.no_grad():
        expected = model(torch.tensor(x)).numpy().reshape(len(x), -1)
    np.testing.assert_allclose(traced.representations[-1].values, expected, atol=1e-6)


class Two(nn.Module):
    """Two dense layers, for whatever happens around them."""

    def __init__(self):
        super().__init__()
        torch.manual_seed(0)
        self.a, self.b = nn.Linear(2, 8), nn.Linear(8, 3)

    def forward(self, x):
        return self.b(functional.relu(self.a(x)))


class OtherForProxies(Two):
    def forward(self, x):
        if isinstance(x, torch.Tensor):
            x = (x - 1) * 3
        return super().forward(x)


class MixedPrecision(Two):
    def forward(self, x):
        with torch.autocast("cpu", dtype=torch.bfloat16):
            h = functional.relu(self.a(x))
        return self.b(h.float())


def test_what_torch_fx_does_not_see_is_seen_by_hooks():
    x = plane()
    hooks = "Seen by hooks on its modules, since torch.fx "
    unlike = f"{hooks}does not see all it does (torch.fx gives another output than the model)."
    for model in (OtherForProxies(), MixedPrecision()):
        traced = uk.trace(model, x)
        assert note_texts(traced) == (unlike,)
        assert kinds(traced)[-3:] == [("Affine", "a"), ("Activation", "relu"), ("Affine", "b")]
        check(traced, model, x)


def test_hooks_of_the_models_own_and_another_forward():
    x = plane()
    hooked = Two()
    hooked.register_forward_pre_hook(lambda module, args: (args[0] * 2,))
    traced = uk.trace(hooked, x)
    assert note_texts(traced) == (
        "Seen by hooks on its modules, since torch.fx cannot trace it (it has hooks of its own).",
    )
    check(traced, hooked, x)
    sequence = nn.Sequential(nn.Linear(2, 3), nn.ReLU())
    sequence.register_forward_hook(lambda module, args, output: output + 1)
    check(uk.trace(sequence, x), sequence, x)
    other = nn.Sequential(nn.Linear(2, 3), nn.ReLU())
    forward = other.forward
    other.forward = lambda z: forward(z * 3)
    traced = uk.trace(other, x)
    assert [n for _, n in kinds(traced)] == ["mul", "layer 0", "relu"]
    check(traced, other, x)
    nested = nn.Sequential(nn.Sequential(nn.Linear(2, 3)), nn.ReLU())
    nested[0].register_forward_hook(lambda module, args, output: -output)
    check(uk.trace(nested, x), nested, x)


def test_a_graph_that_does_not_run():
    class Empty(Two):
        def forward(self, x):
            h = self.a(x)
            # For a proxy the length is a function that fails.
            return self.b(h) if torch.is_tensor(h) else h.no_such_method()

    traced = uk.trace(Empty(), plane())
    assert note_texts(traced) == (
        "Seen by hooks on its modules, since the graph of torch.fx does not run "
        "('Tensor' object has no attribute 'no_such_method').",
    )
    check(traced, Empty(), plane())


def test_models_with_noise_are_followed():
    class Noisy(Two):
        def forward(self, x):
            h = functional.dropout(self.a(x), 0.5)
            return self.b(h + torch.randn_like(h))

    traced = uk.trace(Noisy(), plane())
    assert note_texts(traced)[0] == "Traced with torch.fx."
    assert [n for _, n in kinds(traced)] == ["a", "dropout", "add", "b"]


def test_a_model_that_no_two_calls_of_agree():
    class Generated(Two):
        def forward(self, x):
            return self.b(self.a(x) + torch.randn(8, generator=GENERATOR))

    traced = uk.trace(Generated(), plane())
    assert note_texts(traced) == (
        "Seen by hooks on its modules, since it gives other values at every call, so torch.fx "
        "cannot be checked.",
    )


GENERATOR = torch.Generator()


def test_rounding_is_no_other_output():
    from unknot.adapters.torch.fx import is_same

    torch.manual_seed(0)
    x = torch.randn(100, 5)
    assert is_same([x * (1 + 1e-6)], [x])
    assert not is_same([x.bfloat16().float()], [x])
    assert not is_same([x.half().float()], [x])
    assert not is_same([x, x], [x])
    assert not is_same([x.double()], [x])
    # One large value does not hide the others; what is not finite must be the same.
    x[0] = 1e6
    other = x.clone()
    other[1] += 1e-3
    assert not is_same([other], [x])
    x[2, 0] = torch.nan
    assert is_same([x.clone()], [x])
    assert not is_same([x.nan_to_num()], [x])


class WithOptions(Two):
    def forward(self, x, mask=None, *more, labels=None, **options):
        h = functional.relu(self.a(x))
        if mask is not None:
            h = h * mask
        for other in more:
            h = h + other
        out = self.b(h)
        return out if labels is None else (out, labels)


class OwnMask(Two):
    def forward(self, x, mask=None):
        h = self.a(x)
        if mask is None:
            mask = torch.ones_like(h)
        return self.b(h * mask)


def test_optional_arguments_have_their_defaults():
    x = plane()
    traced = uk.trace(WithOptions(), x)
    assert kinds(traced) == [("Affine", "a"), ("Activation", "relu"), ("Affine", "b")]
    assert note_texts(traced) == ("Traced with torch.fx.",)
    check(traced, WithOptions(), x)
    traced = uk.trace(OwnMask(), x)
    assert kinds(traced) == [("Affine", "a"), ("Opaque", "mul"), ("Affine", "b")]
    check(traced, OwnMask(), x)


class InPlace(Two):
    def forward(self, x):
        h = self.a(x)
        functional.relu_(h)
        h += 1
        h.mul_(2)
        return self.b(h)


@pytest.mark.parametrize("fx", [True, False])
def test_what_works_in_place_is_seen_as_it_was_before(fx, monkeypatch):
    if not fx:
        only_hooks(monkeypatch)
    x = plane()
    torch.manual_seed(0)
    model = nn.Sequential(
        nn.Linear(2, 8), nn.ReLU(inplace=True), nn.Linear(8, 1), nn.ReLU(inplace=True)
    )
    for batch_size in (None, 100):
        traced = uk.trace(model, x, batch_size=batch_size)
        assert kinds(traced) == [
            ("Affine", "layer 0"),
            ("Activation", "relu"),
            ("Affine", "layer 2"),
            ("Activation", "relu"),
        ]
        assert traced.representations[1].values.min() < 0
        for map_, before, after in zip(
            traced.maps, traced.representations, traced.representations[1:], strict=False
        ):
            np.testing.assert_allclose(map_(before.values), after.values, atol=1e-6)
        check(traced, model, x)
    model = InPlace()
    between = [("Activation", "relu"), ("Affine", "add"), ("Affine", "mul_")]
    for batch_size in (None, 100):
        traced = uk.trace(model, x, batch_size=batch_size)
        assert kinds(traced) == [
            ("Affine", "a"),
            *(between if fx else [("Opaque", "between layers")]),
            ("Affine", "b"),
        ]
        with torch.no_grad():
            before = model.a(torch.tensor(x)).numpy()
        np.testing.assert_allclose(traced.representations[1].values, before, atol=1e-6)
        np.testing.assert_allclose(
            traced.representations[-2].values, 2 * (1 + np.maximum(before, 0)), atol=1e-6
        )
        check(traced, model, x)


class InPlaceOnParts(Two):
    """What works in place on a view is not seen by the name of what it changes."""

    def forward(self, x):
        h = self.a(x)
        h[:, :4].mul_(2)
        return self.b(h)


class InPlaceAtTheEnd(Two):
    def forward(self, x):
        h = self.a(x.mul_(2))
        h.clamp_(0)
        return h


def test_in_place_on_parts_on_the_input_and_on_the_output():
    x = plane()
    kept = x.copy()
    traced = uk.trace(InPlaceOnParts(), x)
    assert note_texts(traced) == (
        "Seen by hooks on its modules, since torch.fx does not see all it does (it works in "
        "place on parts of what torch.fx follows).",
        "Functions between layers are not seen: what goes into b is shown as made from the layer "
        "called before.",
    )
    assert kinds(traced) == [("Affine", "a"), ("Opaque", "between layers"), ("Affine", "b")]
    check(traced, InPlaceOnParts(), x)
    for batch_size in (None, 100):
        traced = uk.trace(InPlaceAtTheEnd(), x, batch_size=batch_size)
        assert kinds(traced) == [("Affine", "mul_"), ("Affine", "a"), ("Opaque", "clamp_")]
        check(traced, InPlaceAtTheEnd(), x)
    np.testing.assert_array_equal(x, kept)
    np.testing.assert_array_equal(traced.representations[0].values, kept)


class Aux(Two):
    """A side branch that the output does not come through."""

    def __init__(self):
        super().__init__()
        self.aux, self.c = nn.Linear(8, 8), nn.Linear(2, 8)

    def forward(self, x):
        h = self.a(x)
        self.aux(h)
        return self.b(functional.relu(h))


class Joined(Aux):
    def forward(self, x):
        h = torch.cat([self.a(x), self.c(x)], 1)
        return self.b(torch.sin(h[:, :8]) + h[:, 8:])


def test_hooks_know_what_a_value_was_made_of(monkeypatch):
    only_hooks(monkeypatch)
    x = plane()
    traced = uk.trace(Aux(), x)
    assert kinds(traced) == [("Affine", "a"), ("Activation", "relu"), ("Affine", "b")]
    assert note_texts(traced)[1:] == ()
    traced = uk.trace(Joined(), x)
    assert kinds(traced) == [("Affine", "a"), ("Opaque", "between layers"), ("Affine", "b")]
    assert note_texts(traced)[1:] == (
        "The model branches; its longest chain is shown, without ‘c’.",
        "between layers takes more than one input: only values are known there.",
    )
    check(traced, Joined(), x)


class Positions(Two):
    """What is looked up is the same for all points: no layer on their way."""

    def __init__(self):
        super().__init__()
        self.positions = nn.Embedding(5, 8)

    def forward(self, x):
        h = self.a(x)
        constant = self.positions(torch.arange(5)).sum(0)
        return self.b(functional.relu(h) + constant)


def test_layers_of_constants_are_not_on_the_way(monkeypatch):
    only_hooks(monkeypatch)
    traced = uk.trace(Positions(), plane())
    assert kinds(traced) == [("Affine", "a"), ("Opaque", "between layers"), ("Affine", "b")]
    assert len(note_texts(traced)) == 1
    check(traced, Positions(), plane())


class ThroughNumPy(Aux):
    def forward(self, x):
        h = self.a(x)
        self.aux(h)
        h = torch.tensor(self.change(h.numpy()))
        return self.b(h)


def test_what_is_not_known_is_said(monkeypatch):
    x = plane()
    model = ThroughNumPy()
    model.change = lambda h: np.maximum(h, 0)
    traced = uk.trace(model, x)
    assert kinds(traced) == [("Affine", "a"), ("Activation", "relu"), ("Affine", "b")]
    assert note_texts(traced)[1:] == ()
    model.change = lambda h: h**2 + h
    traced = uk.trace(model, x)
    assert [n for _, n in kinds(traced)] == ["a", "aux", "between layers", "b"]
    assert note_texts(traced)[1:] == (
        "Functions between layers are not seen: what goes into b is shown as made from the layer "
        "called before.",
    )


class Spectrum(Two):
    def forward(self, x):
        return self.b(functional.relu(torch.fft.fft(self.a(x)).abs()))


class Causal(nn.Module):
    """Attention by hand: the future is infinitely unlikely."""

    def __init__(self):
        super().__init__()
        torch.manual_seed(0)
        self.inner, self.out = nn.Linear(3, 3), nn.Linear(12, 2)

    def forward(self, x):
        h = self.inner(x)
        scores = h @ h.transpose(1, 2)
        mask = torch.ones(4, 4).triu(1).bool()
        weights = scores.masked_fill(mask, -torch.inf).softmax(-1)
        return self.out((weights @ h).flatten(1))


class ModuleOfSpectrum(Two):
    def __init__(self):
        super().__init__()
        self.soft = nn.Softmax(-1)
        self.fft = Fourier()

    def forward(self, x):
        return self.b(self.fft(self.a(x)).abs())


class Fourier(nn.Module):
    def forward(self, x):
        return torch.fft.fft(x)


@pytest.mark.parametrize("fx", [True, False])
def test_complex_and_infinite_values_on_the_way_are_hidden(fx, monkeypatch, recwarn):
    if not fx:
        only_hooks(monkeypatch)
    x = plane()
    traced = uk.trace(ModuleOfSpectrum(), x)
    assert [n for _, n in kinds(traced)] == ["a", "abs" if fx else "between layers", "b"]
    check(traced, ModuleOfSpectrum(), x)
    check(uk.trace(Spectrum(), x), Spectrum(), x)
    words = np.random.default_rng(0).normal(size=(30, 4, 3)).astype(np.float32)
    traced = uk.trace(Causal(), words)
    assert len(traced.maps) > 2
    check(traced, Causal(), words)
    assert not [w for w in recwarn if "omplex" in str(w.message)]


@pytest.mark.parametrize("fx", [True, False])
@pytest.mark.parametrize(
    ("model", "message"),
    [
        (
            Fourier(),
            "The PyTorch model gives complex numbers; a representation is made of real ones.\n"
            "Trace a module that ends in .abs() or torch.view_as_real(…).",
        ),
        (
            nn.Sequential(nn.Flatten(0)),
            "The PyTorch model gives an array of shape (502,) for 251 points; unknot follows one "
            "row a point.\nTrace a module whose output has the points first.",
        ),
    ],
)
def test_outputs_that_cannot_be_shown(fx, model, message, monkeypatch):
    if not fx:
        only_hooks(monkeypatch)
    with pytest.raises(UsageError) as caught:
        uk.trace(model, plane())
    assert str(caught.value) == message


class Remembers(Two):
    """Sets attributes, appends to lists and counts in its forward pass."""

    def __init__(self):
        super().__init__()
        self.h, self.calls, self.kept, self.seen = None, 0, [1], {"n": 0}
        self.names, self.cache = set(), torch.zeros(2)

    def forward(self, x):
        self.h = self.a(x)
        self.calls += 1
        self.kept.append(self.h)
        self.seen["h"] = self.h
        self.names.add("h")
        self.new = self.h
        self.extra = nn.Linear(1, 1)
        self.cache += 1
        return self.b(functional.relu(self.h))


@pytest.mark.parametrize("fx", [True, False])
def test_attributes_are_as_they_were(fx, monkeypatch):
    if not fx:
        only_hooks(monkeypatch)
    model = Remembers()
    kept, seen, cache = model.kept, model.seen, model.cache
    traced = uk.trace(model, plane(), batch_size=100)
    assert [n for _, n in kinds(traced)] == ["a", "relu", "b"]
    assert (model.h, model.calls, model.kept, model.seen, model.names) == (
        None,
        0,
        [1],
        {"n": 0},
        set(),
    )
    assert model.kept is kept
    assert model.seen is seen
    assert model.cache is cache
    assert cache.tolist() == [0, 0]
    assert not hasattr(model, "new")
    assert not hasattr(model, "extra")
    assert not [name for name in vars(model) if name.startswith("_tensor_constant")]


class ThroughData(Two):
    def __init__(self, how):
        super().__init__()
        self.how = how

    def forward(self, x):
        self.how(self.a.weight)
        return super().forward(x)


def clamp(weight):
    weight.data.clamp_(-0.1, 0.1)


def replace(weight):
    weight.data = weight.data * 2


@pytest.mark.parametrize("how", [clamp, replace])
@pytest.mark.parametrize("fx", [True, False])
def test_changes_through_data_are_undone(how, fx, monkeypatch):
    if not fx:
        only_hooks(monkeypatch)
    model, x = ThroughData(how), plane()
    weight, place = model.a.weight.detach().clone(), model.a.weight.data_ptr()
    loss = model.a(torch.tensor(x)).sum()
    expected = copy.deepcopy(model)(torch.tensor(x)).detach().numpy()
    for batch_size in (None, 100):
        traced = uk.trace(model, x, batch_size=batch_size)
        np.testing.assert_allclose(traced.representations[-1].values, expected, atol=1e-6)
        assert torch.equal(model.a.weight, weight)
        assert model.a.weight.data_ptr() == place
    loss.backward()  # a pending graph is not disturbed


@pytest.mark.parametrize("fx", [True, False])
def test_models_made_in_inference_mode(fx, monkeypatch):
    if not fx:
        only_hooks(monkeypatch)
    x = plane()
    with torch.inference_mode():
        model = InPlace()
    traced = uk.trace(model, x)
    assert kinds(traced)[0] == ("Affine", "a")
    check(traced, model, x)
    ordinary = InPlace()
    with torch.inference_mode():
        traced = uk.trace(ordinary, x)
    assert len(traced.maps) == (5 if fx else 3)
    check(traced, ordinary, x)


def test_two_threads_trace_one_model():
    from concurrent.futures import ThreadPoolExecutor

    class Slow(Two):
        def forward(self, x):
            time.sleep(0.02)
            return super().forward(x)

    model, other, x = Slow().train(), Two(), plane()
    stop = threading.Event()
    failed = []

    def train():
        while not stop.is_set():
            try:
                other(torch.zeros(3, 2)).sum().backward()
            except Exception as error:
                failed.append(error)

    working = threading.Thread(target=train)
    working.start()
    try:
        with ThreadPoolExecutor(4) as pool:
            traces = list(pool.map(lambda _: uk.trace(model, x, batch_size=100), range(4)))
    finally:
        stop.set()
        working.join()
    assert failed == []
    assert all(part.training for part in model.modules())
    assert not model._forward_hooks
    assert not model.a._forward_hooks
    for traced in traces:
        assert note_texts(traced) == ("Traced with torch.fx.",)
        assert kinds(traced) == [("Affine", "a"), ("Activation", "relu"), ("Affine", "b")]


class Named(nn.Module):
    def __init__(self, recurrent):
        super().__init__()
        torch.manual_seed(0)
        self.memory, self.out = recurrent(1, 4, batch_first=True), nn.Linear(4, 1)

    def forward(self, x):
        values, _ = self.memory(x[:, :, None])
        return self.out(values[:, -1])


class LastState(Named):
    def forward(self, x):
        _, (state, _) = self.memory(x[:, :, None])
        return self.out(state[-1])


@pytest.mark.parametrize("fx", [True, False])
def test_recurrent_layers_have_their_names(fx, monkeypatch):
    if not fx:
        only_hooks(monkeypatch)
    x = plane(n_features=5)
    for kind in (nn.LSTM, nn.GRU):
        traced = uk.trace(Named(kind), x)
        assert ("Opaque", kind.__name__) in kinds(traced)
        assert "memory" in [r.name for r in traced.representations]
        check(traced, Named(kind), x)
    traced = uk.trace(LastState(nn.LSTM), x)
    check(traced, LastState(nn.LSTM), x)
    if fx:
        assert [r.name for r in traced.representations] == ["input", "getitem", "memory", "out"]


class LastStep(nn.Module):
    def __init__(self):
        super().__init__()
        self.memory, self.out = nn.LSTM(5, 4, batch_first=True), nn.Linear(8, 2)

    def forward(self, x):
        steps = self.memory(x[:, None].expand(-1, 3, -1))[0]
        return self.out(torch.cat([steps[:, -1], self.memory(x[:, None])[0][:, -1]], 1))


def test_what_is_taken_of_an_output_is_written_as_pytorch_does():
    traced = uk.trace(LastStep(), plane(n_features=5))
    names = [r.name for r in traced]
    assert names[-3:] == ["memory[0][:, -1]", "cat", "out"]
    # Of two calls of a layer one is on the way.
    (note,) = [n for n in note_texts(traced) if "branches" in n]
    assert "without" in note
    assert not any(f"‘{name}’" in note.replace(f"another call of ‘{name}’", "") for name in names)


class ByKeyword(Two):
    def forward(self, x):
        h = functional.relu(self.a(input=x))
        if h.sum() < 0:
            h = -h
        return self.b(input=h)


def test_layers_called_by_keyword_are_seen():
    traced = uk.trace(ByKeyword(), plane())
    assert kinds(traced) == [("Affine", "a"), ("Activation", "relu"), ("Affine", "b")]
    assert note_texts(traced)[0].startswith("Seen by hooks")


class Bare(nn.Module):
    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(2, 3))

    def forward(self, x):
        return x @ self.weight


def test_whole_numbers_become_floats_where_the_model_takes_no_others():
    x = np.array([[0, 0], [0, 1], [1, 0], [1, 1]] * 5)
    for model in (Two(), Bare(), nn.Sequential(nn.Linear(2, 3), nn.ReLU())):
        traced = uk.trace(model, x)
        assert isinstance(traced.maps[0], Affine)
        check(traced, model, x.astype(np.float32))
    images = np.arange(2 * 16).reshape(2, 1, 4, 4)
    traced = uk.trace(nn.Sequential(nn.Conv2d(1, 2, 3), nn.ReLU()), images)
    assert kinds(traced) == [("Opaque", "Conv2d"), ("Activation", "relu")]
    with pytest.raises(UsageError) as caught:
        uk.trace(nn.Linear(3, 1), x)
    assert str(caught.value) == (
        "The PyTorch model takes 3 features; the points have 2.\n"
        "Trace the data it was trained on, or data with the same features."
    )
    with pytest.raises(IndexError) as caught:
        uk.trace(nn.Sequential(nn.Embedding(2, 3), nn.Flatten()), 7 + x)
    assert str(caught.value) == "index out of range in self"


def test_floats_become_whole_where_the_model_takes_no_others():
    model = nn.Sequential(nn.Embedding(9, 4), nn.Flatten(), nn.Linear(8, 2))
    words = np.random.default_rng(0).integers(0, 9, (300, 2))
    traced = uk.trace(model, (words.astype(np.float32), np.arange(300) % 2))
    assert traced.lattice is None
    for start, end in zip(
        traced.representations, uk.trace(model, words).representations, strict=True
    ):
        np.testing.assert_array_equal(start.values, end.values)
    words = words.astype(np.float32)
    words[3, 0] = 0.5  # no row of the sample
    with pytest.raises(UsageError) as caught:
        uk.trace(model, words)
    assert str(caught.value) == (
        "The PyTorch model takes whole numbers; some points have fractions.\n"
        "Give whole numbers alone."
    )


def test_next_to_nothing_is_no_activation(monkeypatch):
    only_hooks(monkeypatch)

    class Tiny(Two):
        def forward(self, x):
            return self.b(1e-6 * self.a(x))

    traced = uk.trace(Tiny(), plane())
    assert kinds(traced)[1] == ("Opaque", "between layers")


class Learned(Two):
    """Positions that are looked up, a layer that is dead, and one that is not."""

    def __init__(self):
        super().__init__()
        self.place, self.deep, self.dead = nn.Embedding(1, 8), nn.Linear(8, 8), nn.Linear(2, 8)
        self.dead.bias.data.fill_(-99)

    def forward(self, x):
        places = (0 * x[:, 0]).long()
        constant = torch.tanh(self.deep(torch.tanh(self.place(places))))
        return self.b(torch.tanh(self.a(x)) + constant + torch.relu(self.dead(x)))


@pytest.mark.parametrize("fx", [True, False])
def test_what_is_the_same_for_all_points_is_on_the_way_only_if_all_is(fx, monkeypatch):
    if not fx:
        only_hooks(monkeypatch)
    x = plane()
    traced = uk.trace(Learned(), x)
    names = [r.name for r in traced.representations]
    assert names[1] in ("a", "a pre-activation")
    assert not {"place", "deep", "dead"} & set(names)
    check(traced, Learned(), x)
    dead = nn.Sequential(nn.Linear(2, 4), nn.ReLU(), nn.Linear(4, 2))
    dead[0].bias.data.fill_(-99)
    traced = uk.trace(dead, x)
    assert len(traced.maps) == 3
    check(traced, dead, x)


def test_only_a_dense_layer_that_takes_the_points_speaks_of_features():
    flat = plane(30, 36)
    model = nn.Sequential(nn.Conv2d(1, 4, 3), nn.ReLU(), nn.Flatten(), nn.Linear(64, 3))
    with pytest.raises(RuntimeError) as caught:
        uk.trace(model, flat)
    assert "conv2d" in str(caught.value)
    assert caught.value.__notes__ == [
        "unknot: the PyTorch model raised this in its forward pass, for points of shape (30, 36), "
        "dtype float32; the model is as it was before."
    ]
    tokens = nn.Sequential(nn.Embedding(9, 4), nn.Flatten(), nn.Linear(12, 2))
    with pytest.raises(RuntimeError):
        uk.trace(tokens, plane(30, 3))


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
@pytest.mark.parametrize("fx", [True, False])
def test_half_precision(dtype, fx, monkeypatch):
    if not fx:
        only_hooks(monkeypatch)
    torch.manual_seed(0)
    model = nn.Sequential(
        nn.Linear(2, 32),
        nn.Tanh(),
        nn.Linear(32, 32),
        nn.ELU(),
        nn.Linear(32, 16),
        nn.SiLU(),
        nn.Linear(16, 1),
        nn.Sigmoid(),
    )
    # Half the slope is no matter of precision.
    model[3].alpha = 0.5
    data = rings()
    # Large enough that the input, which is rounded before the first layer, shows it.
    traced = uk.trace(model.to(dtype), (10 * data.x, data.y))
    affine, named = "Affine", "Activation"
    assert [kind for kind, _ in kinds(traced)] == [
        *(affine, named, affine, named),
        *(affine, named, affine, named),
    ]
    assert traced.maps[3] == Activation("elu", alpha=0.5)
    assert traced.probabilities is not None


def test_compiled_layers_inside_are_run_as_they_are_written():
    def never(*_, **__):
        raise AssertionError("compiled")

    torch.manual_seed(0)
    inner = torch.compile(nn.Linear(2, 3), backend=never)
    model = nn.Sequential(inner, nn.ReLU())
    traced = uk.trace(model, plane())
    assert kinds(traced) == [("Affine", "layer 0"), ("Activation", "relu")]
    assert note_texts(traced)[0].startswith(
        "Seen by hooks on its modules, since torch.fx cannot trace"
    )
    whole = Two()
    whole.compile(backend=never)
    assert len(uk.trace(whole, plane()).maps) == 3


def test_what_the_hooks_see_between_layers_has_a_name():
    class Residual(nn.Module):
        def __init__(self):
            super().__init__()
            self.up, self.on, self.out = nn.Linear(2, 4), nn.Linear(4, 4), nn.Linear(4, 1)

        def forward(self, x):
            if x.sum() > 1e9:
                return x
            h = torch.cos(self.up(x))
            return self.out(h + self.on(h))

    traced = uk.trace(Residual(), rings())
    assert [r.name for r in traced.representations] == [
        *("input", "up", "after up", "on", "add", "out")
    ]
    assert "add takes more than one input: only values are known there." in note_texts(traced)


def test_slopes_that_no_point_shows_are_read():
    x = np.abs(plane()) + 0.1
    for layer, expected in (
        (nn.ELU(0.3), Activation("elu", alpha=0.3)),
        (nn.ELU(), Activation("elu")),
        (nn.LeakyReLU(0.2), Activation("leaky_relu", slope=0.2)),
        (nn.ReLU6(), Activation("relu6")),
    ):
        assert uk.trace(nn.Sequential(layer), x).maps == (expected,)


def slopes(n):
    """A PReLU of n slopes."""
    layer = nn.PReLU(n)
    with torch.no_grad():
        layer.weight.copy_(torch.linspace(-0.25, 0.75, n + 2)[1:-1])
    return layer


LAYERS = {
    "LeakyReLU": (nn.LeakyReLU(0.2), Activation("leaky_relu", slope=0.2)),
    "PReLU": (slopes(1), Activation("leaky_relu", slope=0.25)),
    "PReLU of units": (slopes(3), Activation("leaky_relu", slope=[0, 0.25, 0.5])),
    "ELU": (nn.ELU(2.0), Activation("elu", alpha=2)),
    "CELU": (nn.CELU(0.5), Activation("celu", alpha=0.5)),
    "SELU": (nn.SELU(), Activation("selu")),
    "GELU": (nn.GELU(), Activation("exact_gelu")),
    "GELU tanh": (nn.GELU(approximate="tanh"), Activation("gelu")),
    "ReLU6": (nn.ReLU6(), Activation("relu6")),
    "Hardtanh": (nn.Hardtanh(-2, 3), Activation("hard_tanh", low=-2, high=3)),
    "Hardtanh from 0": (nn.Hardtanh(0, 2), Activation("relu6", ceiling=2)),
    "Softplus": (nn.Softplus(beta=3), Activation("softplus", beta=3)),
    "SiLU": (nn.SiLU(), Activation("silu")),
    "Mish": (nn.Mish(), Activation("mish")),
}
CALLS = {
    "leaky_relu": (lambda z: functional.leaky_relu(z, 0.2), Activation("leaky_relu", slope=0.2)),
    "leaky_relu by name": (
        lambda z: functional.leaky_relu(z, negative_slope=0.1),
        Activation("leaky_relu", slope=0.1),
    ),
    "elu": (lambda z: functional.elu(z, 2.0), Activation("elu", alpha=2)),
    "celu": (lambda z: torch.celu(z, 0.5), Activation("celu", alpha=0.5)),
    "selu": (torch.selu, Activation("selu")),
    "relu6": (functional.relu6, Activation("relu6")),
    "hardtanh": (lambda z: functional.hardtanh(z, -2, 3), Activation("hard_tanh", low=-2, high=3)),
    "clamp": (lambda z: z.clamp(-2, 3), Activation("hard_tanh", low=-2, high=3)),
    "clamp by name": (lambda z: torch.clamp(z, min=0, max=2), Activation("relu6", ceiling=2)),
    "gelu": (functional.gelu, Activation("exact_gelu")),
    "gelu tanh": (lambda z: functional.gelu(z, approximate="tanh"), Activation("gelu")),
    "softplus": (lambda z: functional.softplus(z, beta=3), Activation("softplus", beta=3)),
    "mish": (functional.mish, Activation("mish")),
}


@pytest.mark.parametrize("name", LAYERS)
def test_activations_keep_their_parameters(name):
    layer, expected = LAYERS[name]
    torch.manual_seed(0)
    net = nn.Sequential(nn.Linear(2, 3), layer, nn.Linear(3, 1))
    traced = uk.trace(net, rings())
    (got,) = (map_ for map_ in traced.maps if not isinstance(map_, Affine))
    assert isinstance(got, Activation)
    assert (got.name, [key for key, _ in got.parameters]) == (
        expected.name,
        [key for key, _ in expected.parameters],
    )
    for (_, a), (_, b) in zip(got.parameters, expected.parameters, strict=True):
        np.testing.assert_allclose(a, b, atol=1e-7)
    assert traced.is_exact
    assert traced.lattice is not None


@pytest.mark.parametrize("name", CALLS)
def test_functions_keep_their_parameters(name):
    function, expected = CALLS[name]

    class Calls(Two):
        def forward(self, x):
            return self.b(function(self.a(x)))

    torch.manual_seed(0)
    traced = uk.trace(Calls(), rings())
    assert traced.maps[1] == expected
    exported = torch.export.export(Calls().eval(), (torch.zeros(4, 2),))
    traced = uk.trace(exported, rings(4))
    assert str(traced.maps[1]) == str(expected)


def test_slopes_are_told_by_values_where_nothing_else_speaks(monkeypatch):
    only_hooks(monkeypatch)

    class Calls(Two):
        def forward(self, x):
            return self.b(functional.leaky_relu(self.a(x), 0.2))

    torch.manual_seed(0)
    assert uk.trace(Calls(), rings()).maps[1] == Activation("leaky_relu", slope=0.2)


class LeakyReLU(nn.Module):
    """Of another slope than PyTorch's, in a class of one's own."""

    def forward(self, x):
        return torch.where(x > 0, x, 0.3 * x)


def test_values_speak_for_a_class_of_ones_own(monkeypatch):
    only_hooks(monkeypatch)  # torch.fx would look into it
    torch.manual_seed(0)
    net = nn.Sequential(nn.Linear(2, 4), LeakyReLU())
    assert uk.trace(net, rings()).maps[1] == Activation("leaky_relu", slope=0.3)
    x = np.abs(plane()) + 0.1  # its slope does not show
    assert uk.trace(nn.Sequential(LeakyReLU()), x).maps == (Opaque("LeakyReLU"),)


def test_learned_slopes_go_on_a_film_and_a_page():
    film = uk.Film(rings(), head="sigmoid")
    torch.manual_seed(0)
    net = nn.Sequential(nn.Linear(2, 3), nn.PReLU(3), nn.Linear(3, 1))
    for step in range(3):
        film.record(net, step=step)
        with torch.no_grad():
            net[1].weight += torch.tensor([0.1, 0.2, 0.3])
    run = film.run()
    slopes = [dict(list(c.model.maps())[1][1].parameters)["slope"] for c in run.checkpoints]
    np.testing.assert_allclose(slopes[0], 0.25)
    np.testing.assert_allclose(slopes[2], [0.45, 0.65, 0.85], atol=1e-6)
    half = NetworkPath(run).at(0.5)
    np.testing.assert_allclose(
        dict(list(half.maps())[1][1].parameters)["slope"], [0.3, 0.35, 0.4], atol=1e-6
    )
    header, buffers = unpack_page(page_file(run))
    (entry,) = header["runs"]
    assert entry["carrier"] == "weights"
    assert entry["maps"][1]["parameters"] == ["slope"]
    # 2 × 3 weights and 3 biases come first.
    np.testing.assert_allclose(buffers[entry["weights"]][2][9:12], slopes[2], atol=1e-6)


def test_bare_layers_and_weights_that_are_not_there():
    for model, message in [
        (
            nn.LSTM(2, 3),
            "A bare LSTM gives its outputs and its states; unknot follows one array.\n"
            "Trace a module whose forward(self, x) returns self.lstm(x)[0].",
        ),
        (
            nn.Linear(2, 3, device="meta"),
            "The PyTorch model is on the device meta: its weights have shapes and no numbers.\n"
            "Load them first, as with load_state_dict(…, assign=True).",
        ),
    ]:
        with pytest.raises(UsageError) as caught:
            uk.trace(model, plane())
        assert str(caught.value) == message
