"""Every sentence of a beat, held to the cloud by a computation of its own."""

import re

import numpy as np
import pytest
import scipy.linalg
from hypothesis import given, settings
from hypothesis import strategies as st

from unknot.motion.scene import Scene
from unknot.network.activations import activations
from unknot.network.maps import Affine, Softmax, as_activation
from unknot.traces.representation import Trace

SEEDS = st.integers(0, 2**32 - 1)
#: What is too little to be called a change: a share of the cloud's radius.
LITTLE = 2e-3
PARAMETERS = (
    *("leaky_relu(slope=0.2)", "leaky_relu(slope=-0.3)", "leaky_relu(slope=[0.1, 0.5, 1])"),
    *("elu(alpha=2)", "celu(alpha=0.4)", "softplus(beta=3)", "relu6(ceiling=1.5)"),
    "hard_tanh(low=-2, high=3)",
)


def radius(x):
    return np.sqrt(np.square(x - x.mean(axis=0)).sum(axis=1).mean())


def number(text):
    return float(text.replace("−", "-"))


def rank(x):
    """In how many directions a cloud spreads."""
    return rank_along(x, np.eye(x.shape[1]))


def rises(z, y):
    """Whether y does not fall with z, unit by unit."""
    order = np.argsort(z, axis=0)
    y = np.take_along_axis(y, order, axis=0)
    return (np.diff(y, axis=0) >= -1e-6 * (1 + np.abs(y[1:]))).all()


def negative_become_0(z, y):
    rows = (z < 0).any(axis=1)
    return rows.any() and (y[z < 0] == 0).all() and (y[rows].min(axis=1) == 0).all()


def above_become(z, y, ceiling):
    high = z > number(ceiling)
    return high.any() and np.allclose(y[high], number(ceiling), rtol=0.05)


def multiplied(z, y, slope):
    low = z < 0
    return low.any() and np.allclose(y[low], number(slope) * z[low], rtol=0.06)


def squeezed_into(z, y, low, high):
    return (number(low) <= y).all() and (y <= number(high)).all() and rises(z, z - y)


def waved(z, y):
    return np.abs(z).max() > np.pi / 2 and np.abs(y).max() <= 1


def in_turned_order(z, y, start):
    low = z < number(start)
    return low.any() and rises(-z[low][:, None], y[low][:, None])


def cut_off(z, y, side, end):
    out = z < number(end) if side == "below" else z > number(end)
    return out.any() and np.allclose(y[out], number(end), rtol=0.05)


#: Text → whether it is true of a cloud before and after the activation.
OF_ACTIVATIONS = {
    r"nothing changes": lambda z, y: (z == y).all(),
    r"each unit is bent by itself": lambda z, y: (z != y).any(),
    r"negative values become 0: points land on faces of the positive orthant": negative_become_0,
    r"negative values become 0": negative_become_0,
    r"values above (\S+) become \1": above_become,
    r"negative values are multiplied by each unit's own slope": lambda z, y: (z < 0).any(),
    r"negative values are multiplied by (\S+)": multiplied,
    r"space creases where a value is 0": lambda z, y: (
        (z.min(axis=0) < 0) & (z.max(axis=0) > 0)
    ).any(),
    r"values are squeezed smoothly into (\S+) … (\S+)": squeezed_into,
    r"negative values are drawn towards 0": lambda z, y: (
        (z < 0).any() and (np.abs(y[z < 0]) < np.abs(z[z < 0])).all()
    ),
    r"from (\S+) down in turned order": in_turned_order,
    r"small positive ones shrink": lambda z, y: (
        ((z > 0) & (z < 2)).any() and (y <= z)[(z > 0) & (z < 2)].all()
    ),
    r"all values grow": lambda z, y: (y >= z - 1e-9).all(),
    r"the lower the more": lambda z, y: rises(z, z - y),
    r"and none stays negative": lambda z, y: (y >= 0).all(),
    r"negative values are bent": lambda z, y: (y != z)[z < 0].any(),
    r"to between 0 and (\S+)": lambda z, y, end: (
        (y[z < 0] <= 0).all() and (y[z < 0] >= number(end) - 0.05).all()
    ),
    r"positive ones grow by a twentieth": lambda z, y: (
        (z > 0).any() and np.allclose(y[z > 0] / z[z > 0], 1.05, atol=0.01)
    ),
    r"values are wrapped into waves": waved,
    r"values are squeezed smoothly": lambda z, y: rises(z, z - y),
    r"none is far enough out to be wrapped": lambda z, y: np.abs(z).max() <= np.pi / 2 + 1e-6,
    r"values (below|above) (\S+) are cut off": cut_off,
}


def is_true_of_activation(sentence, z, y):
    moved = np.linalg.norm(y - z, axis=1).max()
    size = max(radius(z), radius(y))
    if sentence == "no point moves by more than 0.2% of the cloud's radius":
        return 0 < moved <= LITTLE * size * (1 + 1e-6)
    if sentence != "nothing changes" and moved <= LITTLE * size * (1 - 1e-6):
        return False
    for part in sentence.split(", "):
        found = [(m, holds) for t, holds in OF_ACTIVATIONS.items() if (m := re.fullmatch(t, part))]
        assert found, f"no test knows of {part!r}"
        match, holds = found[0]
        if not holds(z, y, *match.groups()):
            return False
    return True


def is_true_of_stretch(sentence, x, weight):
    lost = scipy.linalg.null_space(weight.T, rcond=1e-6)
    pressed = rank_along(x, lost)
    flat = re.search(r"; (\d+) directions? pressed flat$", sentence)
    if (
        pressed != (int(flat[1]) if flat else 0)
        and sentence != "everything is squashed to one point"
    ):
        return False
    if sentence in ("everything is squashed to one point", "all points are one already"):
        return rank(x @ weight) == 0 and (rank(x) > 0) == sentence.startswith("everything")
    u, sigma, _ = np.linalg.svd(weight, full_matrices=False)
    u, sigma = u[:, sigma > 1e-6 * sigma[0]], sigma[sigma > 1e-6 * sigma[0]]
    met = [s for s, d in zip(sigma, u.T, strict=True) if rank_along(x, d[:, None])]
    if sentence.startswith("no direction is stretched"):
        return np.allclose(met, 1, atol=LITTLE)
    said = [number(f) for f in re.findall(r"×([^\s;]+)", sentence)]
    return np.allclose(
        [met[-1], met[0]], [said[-1] if len(said) == 1 else said[0], said[-1]], rtol=0.06
    )


def rank_along(x, directions):
    """Of a cloud in some orthonormal directions, by the rounding of what its units are there."""
    if not directions.size:
        return 0
    seen = (x - x.mean(axis=0)) @ directions
    turned = directions @ np.linalg.svd(seen, full_matrices=False)[2].T
    turned = np.where(np.abs(turned) > 1e-14, turned, 0)
    reach = np.sqrt(np.square(x).mean(axis=0) @ np.square(turned))
    return int((((x - x.mean(axis=0)) @ turned).std(axis=0) > 1e-6 * reach).sum())


def is_true_of_turn(sentence, x, weight):
    n = max(weight.shape)
    square = np.pad(weight, ((0, n - len(weight)), (0, n - weight.shape[1])))
    points = np.pad(x, ((0, 0), (0, n - x.shape[1])))
    stretch = scipy.linalg.polar(square, side="left")[1]
    moved = np.linalg.norm(points @ square - points @ stretch, axis=1).max()
    size = radius(points @ square)
    if sentence == "no turn: every direction stays":
        return moved <= 1e-9 * max(np.abs(x).max(), 1) * np.abs(weight).max()
    if sentence.startswith("no point moves"):
        return moved <= LITTLE * size * 1.001
    if moved <= LITTLE * size * 0.999:
        return False
    if sentence.startswith("turned over like a card"):
        return rank(x @ weight) == np.linalg.matrix_rank(weight, 1e-6)
    return ("into the space of" in sentence) == (weight.shape[1] > len(weight))


def is_true_of_shift(sentence, bias, y):
    if sentence == "no shift: the bias is 0":
        return not bias.any()
    moved = np.linalg.norm(bias)
    if sentence.startswith("no point moves"):
        return moved <= LITTLE * radius(y) * 1.001
    return (
        sentence == "all points move the same way (the bias)" and moved > LITTLE * radius(y) * 0.999
    )


def random_cloud(rng, n_units):
    """Around the origin or away from it, of one sign, flat, tiny, on a line, in one point."""
    x = rng.normal(size=(int(rng.integers(2, 30)), n_units)) * rng.choice([1e-3, 0.3, 1, 1, 5])
    kind = rng.choice(["usual", "far", "positive", "negative", "flat", "line", "point"])
    if kind == "far":
        x = x + 5 * rng.normal(size=n_units)
    if kind in ("positive", "negative"):
        x = np.abs(x) * (1 if kind == "positive" else -1)
    if kind == "flat":
        x[:, rng.integers(n_units)] = rng.choice([0, 2])
    if kind == "line":
        x = x[:, :1] * rng.normal(size=n_units)
    return np.repeat(x[:1], len(x), axis=0) if kind == "point" else x


def random_affine(rng, m):
    n = int(rng.integers(1, 6))
    square = {
        "identity": np.eye(m),
        "permutation": np.eye(m)[rng.permutation(m)],
        "diagonal": np.diag(rng.choice([-2, -1, 0, 0.5, 1, 1.0005], m)),
        "rotation": np.linalg.qr(rng.normal(size=(m, m)))[0],
        "zero": np.zeros((m, m)),
    }
    kind = str(rng.choice([*square, "dense", "short"]))
    short = rng.normal(size=(m, 1)) @ rng.normal(size=(1, n))
    weight = square.get(kind, short if kind == "short" else rng.normal(size=(m, n)))
    bias = rng.normal(size=weight.shape[1]) * rng.choice([0, 1e-5, 1])
    return Affine(weight.astype(np.float64), bias)


def scene_of(x, map_):
    return Scene(Trace.from_arrays([x, map_(x)], np.zeros(len(x), int), maps=[map_]))


@pytest.mark.parametrize("text", [*activations, *PARAMETERS])
@settings(deadline=None, max_examples=12)
@given(seed=SEEDS)
def test_what_is_said_of_an_activation_is_true(text, seed):
    x = random_cloud(np.random.default_rng(seed), 3)
    map_ = as_activation(text)
    sentence = scene_of(x, map_).beats[0].sentence
    assert is_true_of_activation(sentence, x, map_(x)), sentence


@settings(deadline=None, max_examples=40)
@given(seed=SEEDS, m=st.integers(1, 5))
def test_what_is_said_of_an_affine_map_is_true(seed, m):
    rng = np.random.default_rng(seed)
    x, map_ = random_cloud(rng, m), random_affine(rng, m)
    scene = scene_of(x, map_)
    look, stretch, turn, shift = (beat.sentence for beat in scene.beats)
    assert look.startswith("only the view turns") == scene.beats[0].is_visible
    assert look.endswith("; the points stand still")
    np.testing.assert_allclose(scene.morph.at(0.2)[:, :m], x, atol=1e-12)
    weight = map_.weight
    assert is_true_of_stretch(stretch, x, weight), stretch
    assert is_true_of_turn(turn, x, weight), turn
    assert is_true_of_shift(shift, map_.bias, map_(x)), shift
    said = " ".join(note.text for note in scene.transition_notes(0))
    assert ("determinant negative" in said or "determinant is negative" in said) <= (
        "determinant zero" not in said and "determinant positive" not in said
    )
    n_in, n_out = weight.shape
    negative = n_in == n_out and np.linalg.det(weight) < -1e-9
    assert ("determinant negative" in said) == negative, said


def test_what_is_true_of_softmax_and_of_a_diagonal_with_a_zero():
    x = np.random.default_rng(0).normal(size=(30, 3))
    assert scene_of(x, Softmax()).beats[0].sentence.startswith("softmax turns scores")
    notes = scene_of(x, Affine(np.diag([1.0, -2.0, 0.0]), np.zeros(3), "dense")).transition_notes(0)
    assert [note.text for note in notes[:2]] == [
        "dense mirrors the 2 directions that it keeps: the cloud is turned over through a further "
        "one, like a card.",
        "1 of 3 directions is pressed flat (smallest singular value 0, determinant zero)",
    ]


def test_nothing_is_said_of_a_movement_that_is_rounding():
    x = np.random.default_rng(1).normal(size=(500, 4)).astype("f")
    swap = Affine(np.eye(4, dtype="f")[[1, 0, 3, 2]], np.zeros(4, "f"))
    assert "agree" not in " ".join(n.text for n in scene_of(x, swap).transition_notes(0))
    dense = Affine(np.diag([1, 2, 3, 0.5]).astype("f"), np.zeros(4, "f"))
    assert "agree" in " ".join(n.text for n in scene_of(x, dense).transition_notes(0))
