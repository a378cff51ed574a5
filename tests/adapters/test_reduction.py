"""Tokens and pixels as points: one vector of each point, or every token."""

import numpy as np
import pytest
from networks import note_texts, rings

import unknot as uk
from unknot import Affine, UsageError

torch = pytest.importorskip("torch")
nn = torch.nn

TOKENS, WIDTH, POINTS = 5, 6, 30


class Attention(nn.Module):
    def __init__(self):
        super().__init__()
        self.values = nn.Linear(WIDTH, WIDTH)

    def forward(self, x):
        return torch.softmax(x @ x.transpose(1, 2), -1) @ self.values(x)


class Reader(nn.Module):
    """Token vectors in, class scores out."""

    def __init__(self):
        super().__init__()
        torch.manual_seed(0)
        self.attention, self.after = Attention(), nn.Linear(WIDTH, WIDTH)
        self.norm, self.head = nn.LayerNorm(WIDTH), nn.Linear(WIDTH, 2)

    def forward(self, x):
        return self.head(self.norm(self.after(self.attention(x))).mean(1))


class Masked(nn.Module):
    """Token numbers and a mask in."""

    def __init__(self):
        super().__init__()
        torch.manual_seed(0)
        self.embedding = nn.Embedding(40, WIDTH)
        self.attention, self.head = Attention(), nn.Linear(WIDTH, 2)

    def forward(self, input_ids, attention_mask):
        mask = attention_mask[..., None].to(torch.float32)
        x = self.attention(self.embedding(input_ids) * mask)
        return self.head((x * mask).sum(1) / mask.sum(1))


def sequences(seed=0):
    x = np.random.default_rng(seed).normal(size=(POINTS, TOKENS, WIDTH)).astype(np.float32)
    return x, np.arange(POINTS) % 2


def masked(seed=0):
    rng = np.random.default_rng(seed)
    mask = (np.arange(TOKENS) < rng.integers(1, TOKENS + 1, (POINTS, 1))).astype(np.int64)
    return {"input_ids": rng.integers(0, 40, (POINTS, TOKENS)), "attention_mask": mask}


def inside(model, place, *inputs):
    seen = []
    handle = model.get_submodule(place).register_forward_hook(lambda m, i, o: seen.append(o))
    with torch.no_grad():
        model(*(torch.tensor(x) for x in inputs))
    handle.remove()
    return seen[0].numpy()


def test_a_transformer_shows_the_mean_of_its_tokens_and_says_so():
    model, (x, y) = Reader(), sequences()
    traced = uk.trace(model, (x, y), layers=["attention", "after", "norm"])
    assert [r.n_units for r in traced] == [WIDTH, WIDTH, WIDTH, WIDTH, 2]
    for place in ("attention", "after", "norm"):
        expected = inside(model, place, x).mean(1)
        assert np.allclose(traced[place].values, expected, atol=1e-6)
    # The mean commutes with a dense layer on each token: its map is known and kept.
    after = traced.maps[1]
    assert isinstance(after, Affine)
    assert np.allclose(after.weight, model.after.weight.detach().T)
    assert any(
        "the mean of each point's tokens; reduce='flatten'" in text for text in note_texts(traced)
    )


@pytest.mark.parametrize(
    ("reduce", "expected"),
    [
        ("flatten", lambda v: v.reshape(POINTS, -1)),
        ("mean", lambda v: v.mean(1)),
        ("max", lambda v: v.max(1)),
        ("first", lambda v: v[:, 0]),
        ("last", lambda v: v[:, -1]),
        (2, lambda v: v[:, 2]),
        (-2, lambda v: v[:, -2]),
        (lambda v: v.std(axis=1), lambda v: v.std(1)),
    ],
)
def test_reductions(reduce, expected):
    model, (x, y) = Reader(), sequences()
    traced = uk.trace(model, (x, y), layers=["attention", "norm"], reduce=reduce)
    assert np.allclose(traced["input"].values, expected(x), atol=1e-6)
    for place in ("attention", "norm"):
        assert np.allclose(traced[place].values, expected(inside(model, place, x)), atol=1e-6)


def test_a_reduction_for_each_layer():
    model, (x, y) = Reader(), sequences()
    traced = uk.trace(model, (x, y), layers=["attention", "norm"], reduce={"nor*": "first"})
    assert np.allclose(traced["norm"].values, inside(model, "norm", x)[:, 0], atol=1e-6)
    assert np.allclose(traced["attention"].values, inside(model, "attention", x).mean(1), atol=1e-6)
    with pytest.raises(UsageError, match="Unknown layer 'nonsense'"):
        uk.trace(model, (x, y), reduce={"nonsense": "first"})


def test_the_mask_counts():
    model, x = Masked(), masked()
    ids, mask = x["input_ids"], x["attention_mask"]
    values = inside(model, "attention", ids, mask)
    rows = [v[m > 0] for v, m in zip(values, mask, strict=True)]
    ways = {None: lambda v: v.mean(0), "max": lambda v: v.max(0)}
    ways |= {"first": lambda v: v[0], "last": lambda v: v[-1]}
    for reduce, make in ways.items():
        traced = uk.trace(model, (x, np.arange(POINTS) % 2), layers="attention", reduce=reduce)
        expected = [make(v) for v in rows]
        assert np.allclose(traced["attention"].values, expected, atol=1e-5), reduce


def test_pixels_are_averaged_beyond_4096_units():
    torch.manual_seed(0)
    model = nn.Sequential(nn.Conv2d(1, 5, 3, padding=1), nn.ReLU(), nn.Conv2d(5, 2, 3, stride=2))
    model = nn.Sequential(*model, nn.Flatten(), nn.Linear(2 * 14 * 14, 2)).eval()
    x = np.random.default_rng(0).normal(size=(20, 1, 29, 29)).astype(np.float32)
    traced = uk.trace(model, (x, np.arange(20) % 2))
    assert [r.n_units for r in traced] == [841, 5, 5, 392, 2]
    assert np.allclose(traced[1].values, inside(model, "0", x).mean((2, 3)), atol=1e-5)
    assert np.allclose(traced[3].values, inside(model, "2", x).reshape(20, -1), atol=1e-5)


def test_tokens_are_points():
    model, (x, y) = Reader(), sequences()
    traced = uk.trace(model, (x, y), layers=["attention", "after"], points="tokens")
    assert [r.name for r in traced] == ["input", "attention", "after"]
    assert traced.n_points == POINTS * TOKENS
    assert traced.probabilities is None
    assert np.array_equal(traced.labels, np.repeat(y, TOKENS))
    expected = inside(model, "after", x).reshape(-1, WIDTH)
    assert np.allclose(traced["after"].values, expected, atol=1e-6)
    assert isinstance(traced.maps[1], Affine)
    assert traced.point_names[:2] == ("row 1, token 1", "row 1, token 2")


def test_tokens_have_labels_and_texts_of_their_own(tmp_path):
    x = masked()
    labels = np.where(x["attention_mask"] > 0, x["input_ids"] % 3, -100)
    labels[0, 0] = -100
    words = [[f"w{number}" for number in row] for row in x["input_ids"]]
    traced = uk.trace(Masked(), ({**x, "tokens": words}, labels), points="tokens", layers="all")
    kept = (labels != -100).reshape(-1)
    assert traced.n_points == kept.sum() == x["attention_mask"].sum() - 1
    assert np.array_equal(traced.labels, labels.reshape(-1)[kept])
    assert traced.point_names == tuple(np.array(words).reshape(-1)[kept])
    traced.save(tmp_path / "t.safetensors")
    assert uk.load(tmp_path / "t.safetensors").point_names == traced.point_names


def test_what_makes_no_sense_is_refused():
    model, data = Reader(), sequences()
    for arguments, words in (
        ({"reduce": "median"}, "Unknown reduction 'median'.\nAllowed: flatten, mean"),
        ({"reduce": 9}, "Token 9 of 'input' does not exist: it has 5 tokens or pixels."),
        ({"reduce": lambda v: v}, "reduce made an array of shape"),
        ({"points": "words"}, "Unknown kind of points 'words'"),
        ({"points": "tokens", "reduce": "mean"}, "Give one of them."),
    ):
        with pytest.raises(UsageError) as caught:
            uk.trace(model, data, **arguments)
        assert words in str(caught.value)
        assert len(str(caught.value)) < 400
    with pytest.raises(UsageError, match="needs layers of shape"):
        uk.trace(nn.Linear(2, 2), np.zeros((9, 2), np.float32), points="tokens")
    run = uk.fit(rings(40), hidden=[2], epochs=1, progress=False)
    with pytest.raises(UsageError, match="reduce has no meaning"):
        uk.trace(run, reduce="mean")
    with pytest.raises(UsageError, match="A film shows one point a row"):
        uk.Film(data, points="tokens")
