"""PyTorch's own transformers are opened, also where a fast path skips their layers."""

import numpy as np
import pytest
from networks import note_texts

import unknot as uk

torch = pytest.importorskip("torch")
nn = torch.nn

SEEN_BY_HOOKS = (
    "Seen by hooks on its modules, since torch.fx does not look into PyTorch's own attention."
)


def words(n=100, tokens=5):
    return np.random.default_rng(0).normal(size=(n, tokens, 8)).astype(np.float32)


class Encoder(nn.Module):
    def __init__(self, **options):
        super().__init__()
        torch.manual_seed(0)
        layer = nn.TransformerEncoderLayer(8, 2, 16, batch_first=True, **options)
        self.encoder = nn.TransformerEncoder(layer, 3, enable_nested_tensor=not options)
        self.out = nn.Linear(8, 2)

    def forward(self, x):
        return self.out(self.encoder(x).mean(1))


class Padded(Encoder):
    """Tokens of zeros are none; `careful` leaves them out of the mean."""

    def __init__(self, careful):
        super().__init__()
        self.careful = careful

    def forward(self, x):
        mask = x.abs().sum(-1) == 0
        h = self.encoder(x, src_key_padding_mask=mask)
        return self.out((h * ~mask[..., None]).sum(1) if self.careful else h.mean(1))


def by_hooks(model, x):
    """What every module makes, on the way that calls them all."""
    seen = {}

    def keep(name):
        def hook(part, args, output):
            seen[name] = (output[0] if isinstance(output, tuple) else output).flatten(1).numpy()

        return hook

    handles = [m.register_forward_hook(keep(name)) for name, m in model.named_modules()]
    with torch.no_grad():
        model(torch.tensor(x))
    for handle in handles:
        handle.remove()
    return seen


def output_of(model, x):
    with torch.no_grad():
        return model(torch.tensor(x)).numpy()


@pytest.mark.parametrize(
    "options",
    [{}, {"norm_first": True, "activation": "gelu"}, {"activation": torch.tanh}, {"bias": False}],
    ids=["post-norm", "pre-norm", "a function", "no bias"],
)
def test_every_layer_of_an_encoder_is_seen(options):
    model, x = Encoder(**options).eval(), words()
    traced = uk.trace(model, x, layers="all", reduce="flatten")
    assert note_texts(traced)[0] == SEEN_BY_HOOKS
    np.testing.assert_allclose(traced.representations[-1].values, output_of(model, x), atol=2e-6)
    torch.backends.mha.set_fastpath_enabled(False)
    try:
        seen = by_hooks(model, x)
    finally:
        torch.backends.mha.set_fastpath_enabled(True)
    for i in range(3):
        for part in ("self_attn", "linear1", "linear2", "norm1", "norm2"):
            name = f"encoder.layers.{i}.{part}"
            np.testing.assert_allclose(traced[name].values, seen[name], atol=1e-6)
    # Between the heads and attention's output is its last layer.
    attention = model.encoder.layers[1].self_attn
    heads = traced["encoder.layers.1.self_attn.heads"].values.reshape(-1, 8)
    made = attention.out_proj(torch.tensor(heads)).detach().numpy().reshape(len(x), -1)
    np.testing.assert_allclose(traced["encoder.layers.1.self_attn"].values, made, atol=1e-5)
    residuals = [r for r in traced.representations if r.name.startswith("add")]
    assert len(residuals) == 6


class TokensFirst(nn.Module):
    """The same layers for (tokens, points, units), which is PyTorch's default."""

    def __init__(self, like):
        super().__init__()
        layer = nn.TransformerEncoderLayer(8, 2, 16)
        self.encoder, self.out = nn.TransformerEncoder(layer, 3), nn.Linear(8, 2)
        self.load_state_dict(like.state_dict())

    def forward(self, x):
        return self.out(self.encoder(x.transpose(0, 1)).mean(0))


@pytest.mark.filterwarnings("ignore:enable_nested_tensor is True")
@pytest.mark.parametrize("points", ["rows", "tokens"])
def test_tokens_first_are_seen_as_points_first_are(points):
    like = Encoder().eval()
    model, x = TokensFirst(like).eval(), words()
    options = {"layers": "all", "points": points}
    traced, usual = uk.trace(model, x, **options), uk.trace(like, x, **options)
    shown = {r.name: r.values for r in usual}
    names = [r.name for r in traced if r.name in shown]
    # Where the usual way has a mean of its own, this one has it too.
    assert {f"encoder.layers.{i}.norm2" for i in range(3)} <= set(names)
    for name in names:
        np.testing.assert_allclose(traced[name].values, shown[name], atol=2e-6)
    (note,) = [n for n in note_texts(traced) if "batch_first=False" in n]
    assert note.startswith("In encoder.layers.0.self_attn.heads, encoder.layers.0.self_attn, ")


def test_the_fast_path_is_as_it_was():
    model = Encoder()
    linear = nn.functional.linear
    for enabled in (True, False):
        torch.backends.mha.set_fastpath_enabled(enabled)
        try:
            uk.trace(model, words())
            assert torch.backends.mha.get_fastpath_enabled() is enabled
            with pytest.raises((AssertionError, RuntimeError)):
                uk.trace(model, words()[..., :5])
            assert torch.backends.mha.get_fastpath_enabled() is enabled
        finally:
            torch.backends.mha.set_fastpath_enabled(True)
    assert nn.functional.linear is linear
    assert model.training
    assert not any(part._forward_hooks or part._forward_pre_hooks for part in model.modules())


@pytest.mark.filterwarnings("ignore:The PyTorch API of nested tensors")
def test_where_the_fast_path_gives_other_values_they_are_shown():
    x = words()
    x[::3, 3:] = 0
    careful, careless = Padded(True).eval(), Padded(False).eval()
    traced = uk.trace(careful, x, layers="all", reduce="flatten")
    assert "encoder.layers.2.norm2" in [r.name for r in traced.representations]
    np.testing.assert_allclose(traced.representations[-1].values, output_of(careful, x), atol=2e-6)
    traced = uk.trace(careless, x)
    np.testing.assert_allclose(traced.representations[-1].values, output_of(careless, x), atol=2e-6)
    assert note_texts(traced)[0] == (
        f"{SEEN_BY_HOOKS} On the fast path its attention gives other values, so it is not opened."
    )
    assert "encoder" in [r.name for r in traced.representations]


class Block(nn.Module):
    """A block of a vision transformer, as people write them."""

    def __init__(self):
        super().__init__()
        self.norm1, self.norm2 = nn.LayerNorm(8), nn.LayerNorm(8)
        self.attention = nn.MultiheadAttention(8, 2, batch_first=True)
        self.mlp = nn.Sequential(nn.Linear(8, 16), nn.GELU(), nn.Linear(16, 8))

    def forward(self, x):
        h = self.norm1(x)
        x = x + self.attention(h, h, h, need_weights=False)[0]
        return x + self.mlp(self.norm2(x))


def test_attention_in_ones_own_blocks():
    torch.manual_seed(0)
    model = nn.Sequential(Block(), Block(), nn.Flatten(), nn.Linear(40, 2)).eval()
    x = words()
    traced = uk.trace(model, x, layers="all", reduce="flatten")
    seen = by_hooks(model, x)
    assert [r.name for r in traced.representations][:9] == [
        *("input", "0.norm1", "0.attention.heads", "0.attention", "add", "0.norm2", "0.mlp.0"),
        *("exact_gelu", "0.mlp.2"),
    ]
    for name in ("0.norm1", "0.attention", "0.mlp.0", "1.attention", "1.mlp.2"):
        np.testing.assert_allclose(traced[name].values, seen[name], atol=1e-6)
    np.testing.assert_allclose(traced.representations[-1].values, seen[""], atol=1e-6)


def test_tokens_first_and_points_second():
    class TokensFirst(nn.Module):
        def __init__(self):
            super().__init__()
            torch.manual_seed(0)
            self.attention, self.out = nn.MultiheadAttention(8, 2), nn.Linear(8, 2)

        def forward(self, x):
            x = x.transpose(0, 1)
            h, _ = self.attention(x, x, x)
            return self.out(h.transpose(0, 1).flatten(1).view(len(h[0]), 5, 8)[:, 0])

    model, x = TokensFirst().eval(), words()
    traced = uk.trace(model, x)
    np.testing.assert_allclose(traced.representations[-1].values, output_of(model, x), atol=1e-6)
