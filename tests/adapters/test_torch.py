"""PyTorch: any module, functions inside forward, and the model left as it was."""

import copy
import random

import numpy as np
import pytest
import torch
from networks import cloud, rings
from torch import nn
from torch.nn import functional

import unknot as uk
from unknot import Activation, Affine, Opaque, UsageError


def kinds(traced):
    return [(type(m).__name__, m.name) for m in traced.maps]


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
        ("Opaque", "GELU"),
        ("Affine", "layer 8"),
        ("Activation", "sigmoid"),
    ]
    assert traced.notes == ("Traced with torch.fx.",)
    model.eval()
    with torch.no_grad():
        expected = torch.tensor(data.x)
        for k, upto in enumerate([1, 2, 3, 6, 8, 9, 10], start=1):
            values = model[:upto](expected).numpy()
            np.testing.assert_allclose(traced.representations[k].values, values, atol=1e-6)
    # The default gelu is the exact one, unknot's is the tanh formula.
    tanh = nn.Sequential(nn.GELU(approximate="tanh"))
    assert uk.trace(tanh, data).maps == (Activation("gelu"),)
    assert uk.trace(nn.Sequential(nn.LeakyReLU(0.2)), data).maps == (Opaque("LeakyReLU"),)
    assert uk.trace(nn.Sequential(nn.LeakyReLU()), data).maps == (Activation("leaky_relu"),)


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
    assert traced.notes == (
        "Traced with torch.fx.",
        "add takes more than one input: only values are known there.",
    )
    np.testing.assert_allclose(traced.maps[5].weight, model.weight.detach().numpy())
    np.testing.assert_allclose(traced.maps[5].bias, model.bias.detach().numpy())


def test_where_fx_cannot_trace_hooks_see():
    torch.manual_seed(0)
    traced = uk.trace(Untraceable(), rings())
    assert traced.notes == (
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
    assert traced.notes[1].startswith("The model ends in 3 values for 3 classes; if they are")


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
    assert traced.notes[1:3] == (
        "The model branches; its longest chain is shown, without ‘short’.",
        "mul takes more than one input: only values are known there.",
    )


def test_a_path_can_be_asked_for():
    traced = uk.trace(Branches(), rings(), path=["short"])
    assert [n for _, n in kinds(traced)] == ["short", "mul", "out"]
    assert traced.notes[1] == (
        "The model branches; the way asked for is shown, without ‘long.0’, ‘long.1’, ‘long.2’."
    )
    with pytest.raises(UsageError) as caught:
        uk.trace(Branches(), rings(), path=["shirt"])
    assert str(caught.value) == (
        "Unknown layer 'shirt'. Did you mean 'short'?\n"
        "Allowed: short, long.0, long.1, long.2, mul, out."
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
    assert traced.notes[1] == "Called more than once, with the same weights: turn."
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
    from unknot.adapters import torch_fx

    if not fx:
        monkeypatch.setattr(torch_fx, "try_trace", lambda module: (None, "asked to"))
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
            "The PyTorch model takes 2 inputs (input1, input2); unknot follows one.\n"
            "Trace a module of one input that fixes the others.",
        ),
        (
            Pair(),
            "The PyTorch model returns a dict of 2; unknot follows one array.\n"
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

    from unknot.adapters import torch_fx

    if not fx:
        monkeypatch.setattr(torch_fx, "try_trace", lambda module: (None, "asked to"))
    one_network.check(uk.trace(reference_modules(), one_network.DATA))


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
    assert "add takes more than one input: only values are known there." in traced.notes
