"""Where the graphics processor puts the points: where Python does, to a thousandth of the width.

Morph, camera and projections themselves are compared without a browser, and more closely: see
``tests/motion/golden.py``. Here each kind of shader is.
"""

from dataclasses import replace
from functools import cache, partial

import numpy as np
import pytest
from pages import last_moment, share_of_width

import unknot as uk
from unknot.network.activations import activations

pytestmark = pytest.mark.slow

TOLERANCE = 1e-3
#: Every activation, five to a network.
NAMES = [*activations, "relu6(ceiling=1)", "hard_tanh(low=-0.5,high=1)"]
CHAINS = [" ".join(NAMES[i : i + 5]) for i in range(0, len(NAMES), 5)]

#: Networks that are not written out in the shader, with widths that are no multiple of four: the
#: weights of the first fit into a uniform block, those of the second only into a texture.
WIDE = {"block": [33, 42], "texture": [121, 130]}


@cache
def run_of(name):
    if name == "circles":  # a readout, a logit, a probability
        data = uk.datasets.circles(600, noise=0.2, factor=0.5, seed=1)
        return uk.fit(data, hidden=[6], readout=2, epochs=2, seed=1)
    if name == "iris":  # scaled features, three classes, softmax
        return uk.fit(
            uk.datasets.iris(), hidden=[5, 4], activation="tanh", epochs=5, standardise=True, seed=1
        )
    if name in WIDE:
        data = uk.datasets.moons(400, noise=0.1, seed=1)
        hidden = WIDE[name]
        return uk.fit(data, hidden=hidden, activation="tanh", epochs=1, checkpoints=3, seed=1)
    # Square weights, of which about half mirror.
    data = uk.datasets.circles(500, noise=0.1, factor=0.5, seed=2)
    big = replace(data, x=3 * data.x)
    activations = name.split()
    return uk.fit(big, hidden=[4] * len(activations), activation=activations, epochs=1, seed=3)


def stored():
    """Every kind of map, its values stored: what comes first is opaque."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(400, 5)).astype(np.float32)
    weight = rng.normal(size=(6, 6)).astype(np.float32)
    weight[:, 0] *= np.sign(np.linalg.det(weight)) * -1  # it mirrors
    narrow = rng.normal(size=(6, 2)).astype(np.float32)
    maps = [
        uk.Opaque("attention"),
        uk.Affine(weight, rng.normal(size=6).astype(np.float32), "mirror"),
        uk.Activation("relu"),
        uk.Affine(narrow, rng.normal(size=2).astype(np.float32), "narrow"),
        uk.Activation("tanh"),
    ]
    clouds = [x, np.tanh(x @ rng.normal(size=(5, 6)).astype(np.float32))]
    for map_ in maps[1:]:
        clouds.append(map_(clouds[-1]))
    return uk.Trace.from_arrays(clouds, np.arange(400) % 3, maps=maps)


def slopes(n_units):
    """A slope for each unit, carried beside the weights."""
    rng = np.random.default_rng(0)
    maps = [
        uk.Affine(rng.normal(size=(2, n_units)), rng.normal(size=n_units), "up"),
        uk.Activation("leaky_relu", slope=rng.uniform(-1, 1, n_units)),
        uk.Affine(rng.normal(size=(n_units, 3)) / n_units, rng.normal(size=3), "down"),
        uk.Softmax(),
    ]
    clouds = [rng.normal(size=(400, 2))]
    for map_ in maps:
        clouds.append(map_(clouds[-1]))
    return uk.Trace.from_arrays(clouds, np.arange(400) % 3, maps=maps)


def opaque():
    rng = np.random.default_rng(1)
    x = rng.normal(size=(400, 5))
    weight, bias = rng.normal(size=(3, 3)), rng.normal(size=3)
    y = x[:, :3] ** 2 - x[:, 2:]
    arrays = [x, np.tanh(x @ rng.normal(size=(5, 7))), y, y @ weight + bias]
    maps = [uk.Opaque("attention"), uk.Opaque("pooling"), uk.Affine(weight, bias)]
    return uk.Trace.from_arrays(arrays, np.arange(400) % 3, maps=maps)


def moments(source, n, seed=0):
    """Random places in the network at random moments of the training."""
    rng = np.random.default_rng(seed)
    length = len(list(source.model.maps()))
    return [
        (float(rng.uniform(0, length)), float(rng.uniform(0, last_moment(source))))
        for _ in range(n)
    ]


@pytest.mark.parametrize("name", ["circles", "iris", *CHAINS, *WIDE])
def test_a_run_at_random_moments(open_page, name):
    run = run_of(name)
    page = open_page(run)
    assert page.page.evaluate("unknot.file.runs[0].header.carrier") == "weights"
    for i, (t, u) in enumerate(moments(run, 2 if name in WIDE else 6)):
        # Of wide layers the page has the covariance at checkpoints, and mixes them between.
        u = round(u) if name in WIDE else u
        apart = share_of_width(page, run, t, u, n_axes=2 + i % 2)
        assert apart < TOLERANCE, (t, u, apart)


@pytest.mark.parametrize(
    "make",
    [stored, opaque, partial(slopes, 5), partial(slopes, 37)],
    ids=["stored", "opaque", "slopes", "wide slopes"],
)
def test_stored_values(open_page, make):
    trace = make()
    page = open_page(trace)
    rng = np.random.default_rng(2)
    n_maps = len(trace.maps)
    for i, t in enumerate([*range(n_maps + 1), *(np.arange(n_maps) + rng.uniform(size=n_maps))]):
        apart = share_of_width(page, trace, float(t), 0, n_axes=2 + i % 2)
        assert apart < TOLERANCE, (t, apart)


def test_both_carriers_show_the_same(open_page, monkeypatch):
    run = run_of("circles")
    by_weights = open_page(run)
    monkeypatch.setattr("unknot.views.page.header.MOST_WORK", -1)
    by_values = open_page(run)
    assert by_values.page.evaluate("unknot.file.runs[0].header.carrier") == "values"
    for t in (0.0, 1.3, 2.9, 4.5):
        for page in (by_weights, by_values):
            apart = share_of_width(page, run, t, last_moment(run))
            assert apart < TOLERANCE, (t, apart)
