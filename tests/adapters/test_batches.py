"""Rows go through a model by themselves, or all in one batch that was asked for."""

import numpy as np
import pytest
from networks import note_texts

import unknot as uk
from unknot import UsageError

torch = pytest.importorskip("torch")
nn = torch.nn


def points(n, *shape, seed=0):
    return np.random.default_rng(seed).normal(size=(n, *shape)).astype(np.float32)


def of_model(model, x):
    with torch.no_grad():
        return model.eval()(torch.tensor(x)).numpy().reshape(len(x), -1)


def batch_norm(n_features=8):
    torch.manual_seed(0)
    norm = nn.BatchNorm1d(4, track_running_stats=False)
    return nn.Sequential(nn.Linear(n_features, 4), norm, nn.Linear(4, 2))


class Recurrent(nn.Module):
    """Time first: the points of a batch are taken for moments of one sequence."""

    def __init__(self, batch_first=False):
        super().__init__()
        self.lstm, self.out = nn.LSTM(3, 4, batch_first=batch_first), nn.Linear(4, 2)

    def forward(self, x):
        return self.out(self.lstm(x)[0][:, -1])


class Neighbours(nn.Module):
    """A graph network: its rows are the nodes of one graph."""

    def __init__(self, adjacency, n_features=8):
        super().__init__()
        torch.manual_seed(0)
        self.a, self.b = nn.Linear(n_features, 6), nn.Linear(6, 2)
        self.adjacency = torch.tensor(adjacency)

    def forward(self, x):
        return self.b(torch.relu(self.adjacency @ self.a(x)))


def mixed(layer, n):
    return (
        f"What the PyTorch model makes of a row at {layer} depends on the other rows of its "
        f"batch.\nGive batch_size={n} to send all rows as one batch, or trace a model whose rows "
        "go through by themselves (batch_first=True, track_running_stats=True)."
    )


@pytest.mark.parametrize(
    ("model", "x", "message"),
    [
        (batch_norm(), points(600, 8), mixed("‘layer 1’ (BatchNorm1d)", 600)),
        (batch_norm(), points(20, 8), mixed("‘layer 1’ (BatchNorm1d)", 20)),
        (Recurrent(), points(300, 5, 3), mixed("‘lstm’ (LSTM)", 300)),
        (
            nn.TransformerEncoderLayer(4, 2, 8),
            points(300, 5, 4),
            mixed("‘self_attn.heads’ (attention)", 300),
        ),
    ],
    ids=["batch norm", "few rows", "causal", "attention"],
)
def test_rows_that_depend_on_each_other_are_refused(model, x, message):
    modes = [part.training for part in model.modules()]
    state = torch.get_rng_state()
    for batch_size in (None, len(x) - 1):
        with pytest.raises(UsageError) as caught:
            uk.trace(model, x, batch_size=batch_size)
        assert str(caught.value) == message
    assert [part.training for part in model.modules()] == modes
    assert not any(part._forward_hooks or part._forward_pre_hooks for part in model.modules())
    assert torch.equal(torch.get_rng_state(), state)


@pytest.mark.parametrize("n", [20, 600])
def test_all_rows_as_one_batch_are_what_the_model_makes_of_them(n):
    model, x = batch_norm(2), np.sort(points(n, 2), axis=0)
    traced = uk.trace(model, (x, np.arange(n) % 2), batch_size=n)
    np.testing.assert_allclose(traced.representations[-1].values, of_model(model, x), atol=1e-5)
    normed = of_model(model[:2], x)
    np.testing.assert_allclose(traced["layer 1"].values, normed, atol=1e-5)
    assert note_texts(traced)[1] == (
        f"All {n} rows went through the model as one batch: from ‘layer 1’ on, other rows beside "
        "a row give it other values."
    )
    # The lattice's points would be other rows.
    assert traced.lattice is None


def test_functions_that_take_the_mean_of_the_rows():
    x = points(300, 2)
    with pytest.raises(UsageError, match="list-of-functions model makes of a row at ‘function 1’"):
        uk.trace([lambda z: z - z.mean(0)], x)
    traced = uk.trace([lambda z: z - z.mean(0)], x, batch_size=300)
    np.testing.assert_allclose(traced.representations[1].values, x - x.mean(0), atol=1e-6)


def test_a_model_of_one_number_of_rows():
    n = 900
    neighbours = (np.random.default_rng(0).random((n, n)) < 0.01).astype(np.float32)
    model, x = Neighbours(neighbours), points(n, 8)
    with pytest.raises(UsageError) as caught:
        uk.trace(model, x)
    assert str(caught.value) == (
        "The PyTorch model takes all 900 rows at once; a sample of 251 of them does not go "
        "through.\nGive batch_size=900."
    )
    traced = uk.trace(model, x, batch_size=n)
    np.testing.assert_allclose(traced.representations[-1].values, of_model(model, x), atol=1e-5)
    assert note_texts(traced)[1].startswith("All 900 rows went through the model as one batch")


@pytest.mark.parametrize("n", [300, 310])
def test_a_model_of_a_fixed_batch_gets_full_ones(n):
    model, x = Neighbours(np.eye(100, dtype=np.float32), 2), points(n, 2)
    traced = uk.trace(model, (x, np.arange(n) % 2), batch_size=100)
    free = nn.Sequential(model.a, nn.ReLU(), model.b)
    np.testing.assert_allclose(traced.representations[-1].values, of_model(free, x), atol=1e-5)
    lattice = traced.lattice
    np.testing.assert_allclose(
        lattice.values[-1], of_model(free, lattice.values[0].astype(np.float32)), atol=1e-4
    )


def test_no_batch_is_larger_than_was_asked_for():
    sizes = []

    class Counting(nn.Linear):
        def forward(self, x):
            sizes.append(len(x))
            return super().forward(x)

    traced = uk.trace(nn.Sequential(Counting(2, 3), nn.ReLU()), points(100, 2), batch_size=7)
    assert max(sizes) == 7
    assert traced.n_points == 100
    assert [type(map_) for map_ in traced.maps] == [uk.Affine, uk.Activation]


def test_rows_with_noise_are_no_matter_of_the_batch():
    generator = np.random.default_rng(0)
    traced = uk.trace([lambda z: z + generator.normal(size=z.shape)], points(300, 3))
    assert traced.n_points == 300
