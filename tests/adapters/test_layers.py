"""Which layers of a model a trace keeps: levels, names, patterns, numbers and functions."""

import re

import numpy as np
import pytest
from networks import note_texts, rings

import unknot as uk
from unknot import Activation, Affine, Opaque, UsageError
from unknot.adapters.graph import Node
from unknot.adapters.nesting import SOURCE, Scope, blocks_of, nesting, stream

torch = pytest.importorskip("torch")
nn = torch.nn


class Block(nn.Module):
    """A residual block."""

    def __init__(self, width):
        super().__init__()
        self.up, self.down = nn.Linear(width, 2 * width), nn.Linear(2 * width, width)

    def forward(self, x):
        return x + self.down(torch.relu(self.up(x)))


class Residual(nn.Module):
    """A row of residual blocks, which torch.fx can trace unless it is `branching`."""

    def __init__(self, n=8, width=4, branching=False):
        super().__init__()
        torch.manual_seed(0)
        self.lift, self.head = nn.Linear(2, width), nn.Linear(width, 2)
        self.blocks = nn.ModuleList([Block(width) for _ in range(n)])
        self.branching = branching

    def forward(self, x):
        if self.branching and x.sum() > 1e30:
            x = 2 * x
        x = self.lift(x)
        for block in self.blocks:
            x = block(x)
        return self.head(x)


def traced_of(*arguments, **options):
    """A trace without the thousands of extra points of a lattice."""
    return uk.trace(*arguments, lattice=False, **options)


def names(traced):
    return [r.name for r in traced]


def by_hooks(model, place, x):
    """What a module hands on, seen by a hook of PyTorch's."""
    seen = []
    handle = model.get_submodule(place).register_forward_hook(lambda m, i, o: seen.append(o))
    try:
        with torch.no_grad():
            model(torch.tensor(x))
    finally:
        handle.remove()
    return seen[0].numpy().reshape(len(x), -1)


@pytest.mark.parametrize("branching", [False, True])
def test_of_many_representations_the_blocks_are_shown(branching):
    model, data = Residual(branching=branching), rings(60)
    traced = traced_of(model, data)
    assert names(traced) == ["input", "lift", *(f"blocks.{i}" for i in range(8)), "head"]
    kinds = [type(m) for m in traced.maps]
    # A block that is seen from outside is not its branch; what is one map stays one.
    assert kinds == [Affine, *[Opaque] * 8, Affine]
    assert {m.name for m in traced.maps[1:9]} == {"Block"}
    for place in ("lift", "blocks.0", "blocks.7", "head"):
        assert np.allclose(traced[place].values, by_hooks(model, place, data.x), atol=1e-5)
    assert (
        "Shown are 11 of 35 representations: what lies between the model's blocks. "
        "All of them: layers='all'; some: layers=['lift', 'blocks.0']."
    ) in note_texts(traced)
    # Nothing is left out of a branch that nobody sees.
    assert not any("branches" in text for text in note_texts(traced))
    assert not any(m._forward_hooks or m._forward_pre_hooks for m in model.modules())


def test_twelve_are_shown_and_thirteen_are_not():
    small, large = Residual(2), Residual(3)
    assert len(traced_of(small, rings(40))) == len(traced_of(small, rings(40), layers="all")) == 11
    assert len(traced_of(large, rings(40), layers="all")) == 15
    assert names(traced_of(large, rings(40)))[2:5] == ["blocks.0", "blocks.1", "blocks.2"]


def test_the_places_of_all_representations_are_known():
    traced = traced_of(Residual(2), rings(40), layers="all")
    inside = [r.name for r in traced if r.place and r.place.on_branch]
    assert inside == [
        *("blocks.0.up pre-activation", "blocks.0.up", "blocks.0.down"),
        *("blocks.1.up pre-activation", "blocks.1.up", "blocks.1.down"),
    ]
    assert traced["add"].place.aliases[0] == "blocks.0"


@pytest.mark.parametrize("branching", [False, True])
@pytest.mark.parametrize(
    ("layers", "expected"),
    [
        ("blocks.3", ["blocks.3"]),
        ("blocks.[1-3]", ["blocks.1", "blocks.2", "blocks.3"]),
        (r"blocks\.(0|7)", ["blocks.0", "blocks.7"]),
        (re.compile(r"s\.4$"), ["blocks.4"]),
        (lambda name: name.endswith(".5"), ["blocks.5"]),
        (["blocks.6", 1], ["lift", "blocks.6"]),
        ("blocks.2.*", ["blocks.2.up pre-activation", "blocks.2.up", "blocks.2.down"]),
        ("*.2.down", ["blocks.2.down"]),
        ("blocks.1.up", ["blocks.1.up"]),
    ],
)
def test_layers_are_asked_for(layers, expected, branching):
    traced = traced_of(Residual(branching=branching), rings(40), layers=layers)
    assert names(traced) == ["input", *expected, "head"]


def test_what_one_map_does_stays_that_map():
    model, data = Residual(), rings(40)
    traced = traced_of(model, data, layers="blocks.2.*")
    assert [type(m) for m in traced.maps] == [Opaque, Activation, Affine, Opaque]
    assert traced.maps[0].name == "10 layers"
    whole = traced_of(model, data, layers="all")
    for representation in traced:
        assert np.array_equal(representation.values, whole[representation.name].values)


def test_an_unknown_layer_names_the_nearest():
    with pytest.raises(UsageError) as caught:
        traced_of(Residual(20), rings(40), layers="block.17")
    text = str(caught.value)
    assert text.startswith("Unknown layer 'block.17'. Did you mean 'blocks.17'?\nNearest of ")
    assert len(text) < 300
    for wrong in (True, [], 2.5):
        with pytest.raises(UsageError, match="Allowed: a level"):
            traced_of(Residual(2), rings(40), layers=wrong)
    with pytest.raises(UsageError, match="Layer 99 does not exist"):
        traced_of(Residual(2), rings(40), layers=99)


def test_a_layer_beside_the_way_is_gone_through():
    class Branches(nn.Module):
        def __init__(self):
            super().__init__()
            self.short = nn.Linear(2, 3)
            self.long = nn.Sequential(nn.Linear(2, 3), nn.ReLU(), nn.Linear(3, 3))
            self.out = nn.Linear(3, 1)

        def forward(self, x):
            return self.out(self.short(x) * self.long(x))

    model, data = Branches(), rings(40)
    traced = traced_of(model, data, layers="short")
    assert names(traced) == ["input", "short", "out"]
    assert np.allclose(traced["short"].values, by_hooks(model, "short", data.x), atol=1e-6)
    assert names(traced_of(model, data, layers="blocks")) == ["input", "mul", "out"]


@pytest.mark.parametrize("name", ["blocks.2", "add_2", "blocks.2.up pre-activation", "blocks.2.up"])
def test_a_path_takes_every_name_that_is_shown(name):
    traced = traced_of(Residual(3), rings(40), path=[name], layers="all")
    assert "blocks.2.up" in names(traced)


def test_a_container_of_blocks_is_opened_and_rows_of_them_are_not():
    def blocks(model, data):
        return names(traced_of(model, data, layers="blocks"))[1:-1]

    torch.manual_seed(0)
    body = nn.Sequential(nn.Linear(2, 4), *(Block(4) for _ in range(3)))
    assert blocks(nn.Sequential(body, nn.Linear(4, 1)), rings(40)) == ["0.0", "0.1", "0.2", "0.3"]

    class Stages(nn.Module):
        def __init__(self):
            super().__init__()
            self.lift = nn.Linear(2, 4)
            self.one = nn.Sequential(Block(4), Block(4))
            self.two = nn.Sequential(Block(4), Block(4))
            self.head = nn.Linear(4, 1)

        def forward(self, x):
            return self.head(self.two(self.one(self.lift(x))))

    assert blocks(Stages(), rings(40)) == ["lift", "one", "two"]


def test_a_residual_stream_without_blocks_is_seen_at_its_sums():
    class Loop(nn.Module):
        def __init__(self):
            super().__init__()
            self.lift, self.head = nn.Linear(2, 4), nn.Linear(4, 2)
            self.rows = nn.ModuleList([nn.Linear(4, 4) for _ in range(6)])

        def forward(self, x):
            x = self.lift(x)
            for row in self.rows:
                x = x + torch.tanh(row(x))
            return self.head(x)

    traced = traced_of(Loop(), rings(40))
    assert names(traced) == ["input", "lift", "add", *(f"add_{i}" for i in range(1, 6)), "head"]


def test_the_stream_is_what_every_way_passes():
    def node(key, *inputs):
        return Node(key, key, "layer", inputs)

    nodes = [node("a", SOURCE), node("b", "a"), node("c", "b"), node("d", "a", "c"), node("e", "d")]
    assert stream(nodes, "e") == {"a", "d", "e"}
    assert stream([node("a", SOURCE), node("b", SOURCE, "a")], "b") == {"b"}


def test_blocks_of_a_nesting():
    def node(i, *scopes):
        path = tuple(Scope(name, name, kind) for name, kind in scopes)
        return Node(i, str(i), "Linear", (), scopes=path)

    encoder = ("encoder", "Encoder")
    layers = [node(i, encoder, (f"layer.{i}", "Layer"), (f"layer.{i}.a", "A")) for i in range(3)]
    nodes = [node(10), *layers, node(11, ("head", "Head"))]
    assert blocks_of(nesting(nodes)) == {"head", "layer.0", "layer.1", "layer.2"}


def test_layers_of_a_list_of_functions_and_of_a_perceptron():
    functions = [np.tanh, np.sin, np.cos, np.arctan]
    traced = traced_of(functions, rings(40), layers=[2])
    assert names(traced) == ["input", "sin", "arctan"]
    assert np.allclose(traced["sin"].values, np.sin(np.tanh(rings(40).x)), atol=1e-6)

    from sklearn.neural_network import MLPClassifier

    data = rings(60)
    model = MLPClassifier((3, 4, 5), max_iter=400, tol=1e-2, random_state=0).fit(data.x, data.y)
    traced = traced_of(model, data, layers=["hidden 2 pre-activation", "hidden 3"])
    assert names(traced) == ["input", "hidden 2 pre-activation", "hidden 3", "probability"]
    values = np.maximum(data.x @ model.coefs_[0] + model.intercepts_[0], 0)
    assert np.allclose(traced[1].values, values @ model.coefs_[1] + model.intercepts_[1], atol=1e-5)
    assert np.allclose(traced.probabilities, model.predict_proba(data.x), atol=1e-5)


def test_layers_of_a_run_and_of_a_trace(tmp_path):
    run = uk.fit(rings(80), hidden=[3, 3], epochs=1, progress=False)
    traced = uk.trace(run, layers=["hidden 1", "hidden 2"])
    assert names(traced) == ["input", "hidden 1", "hidden 2", "probability"]
    assert [m.name for m in traced.maps] == ["2 layers", "2 layers", "2 layers"]
    assert len(traced.lattice.values) == 4
    whole = traced_of(Residual(2), rings(40), layers="all")
    path = tmp_path / "t.safetensors"
    whole.save(path)
    again = uk.trace(uk.load(path), layers="blocks")
    assert names(again) == ["input", "lift", "blocks.0", "blocks.1", "head"]
    assert np.array_equal(again.maps[0].weight, whole.maps[0].weight)
    assert isinstance(again.maps[1], Opaque)
