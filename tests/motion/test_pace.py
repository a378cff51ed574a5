"""The pace of a morph: nothing teleports, whatever the scales of data and weights."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from unknot.motion.morph import Morph
from unknot.motion.pace import EVEN, FLOOR, MOST, slowed
from unknot.network.activations import activations
from unknot.network.factors import graded_svd
from unknot.network.maps import Activation, Affine, Opaque, Softmax
from unknot.traces.representation import Trace

SEEDS = st.integers(0, 2**32 - 1)
N_FRAMES = 48
#: What a frame may move by the even pace of its beat.
ALLOWED = 3


def scales(rng, size):
    return 10 ** rng.uniform(-8, 8, size)


def affine(rng, kind, x):
    """A map that reads the cloud x: a scaling, a mirror image, dense, short of rank, by row."""
    m = x.shape[1]
    spread = np.maximum(x.std(axis=0), 1e-12)
    if kind == "scaling":
        return np.diag(1 / spread), -x.mean(axis=0) / spread
    if kind == "mirror":
        return np.diag(rng.choice([-1, 1, -2, 0.5], m)), np.zeros(m)
    n = int(rng.integers(1, 7))
    rank = max(min(m, n) - 1, 1) if kind == "short" else min(m, n)
    weight = rng.normal(size=(m, rank)) @ rng.normal(size=(rank, n))
    if kind == "graded":
        weight /= spread[:, None]
    elif rng.random() < 0.3:
        weight *= scales(rng, n)
    return weight, rng.normal(size=n) * np.abs(x @ weight).max()


def random_map(rng, x):
    """A map and what it makes of the cloud x."""
    kinds = ("scaling", "mirror", "dense", "graded", "short", "activation", "softmax", "opaque")
    kind = str(rng.choice(kinds, p=(0.15, 0.1, 0.1, 0.15, 0.1, 0.25, 0.05, 0.1)))
    if kind == "opaque":
        after = rng.normal(size=(len(x), int(rng.integers(1, 7)))) * scales(rng, 1)
        return Opaque("opaque"), after.astype(x.dtype)
    if kind == "activation":
        map_ = Activation(str(rng.choice(list(activations))))
    elif kind == "softmax":
        map_ = Softmax()
    else:
        weight, bias = affine(rng, kind, x.astype(np.float64))
        map_ = Affine(weight.astype(x.dtype), bias.astype(x.dtype))
    with np.errstate(all="ignore"):
        return map_, map_(x)


def random_trace(rng):
    """Up to four maps, features and weights from 1e-8 to 1e8, far from the origin or around it."""
    x = rng.normal(size=(int(rng.integers(2, 40)), int(rng.integers(1, 7))))
    x = x * scales(rng, x.shape[1]) if rng.random() < 0.6 else x
    x = x + rng.normal(size=x.shape[1]) * np.abs(x).max(axis=0) * rng.choice([0, 1, 10])
    clouds, maps = [x.astype(rng.choice(["f4", "f8"]))], []
    for _ in range(int(rng.integers(1, 5))):
        map_, after = random_map(rng, clouds[-1])
        if np.isfinite(after).all() and np.abs(after).max() < 1e30:
            maps.append(map_)
            clouds.append(after)
    return Trace.from_arrays(clouds, np.zeros(len(x), int), maps=maps)


def radius(cloud):
    return float(np.sqrt(np.square(cloud - cloud.mean(axis=0)).sum(axis=1).mean()))


def frames(morph, k, beat):
    """The clouds of a beat, one a frame, all with the columns of the path."""
    width = morph.transitions[k].width
    times = np.linspace(beat.start, beat.stop, N_FRAMES + 1)
    clouds = [morph.at(k + float(s)).astype(np.float64) for s in times]
    return [np.pad(c, ((0, 0), (0, width - c.shape[1]))) for c in clouds]


def unevenness(clouds):
    """The largest step of a point by the cloud's radius at the time, over the mean of all steps.

    0 where nothing moves, and where what moves is known to rounding only.
    """
    radii = np.array([radius(c) for c in clouds])
    reach = [np.sqrt(np.square(clouds[i]).sum(axis=1).mean()) for i in (0, -1)]
    # An end whose radius is rounding is a point.
    real = [radii[i] for i, far in zip((0, -1), reach, strict=True) if radii[i] > 1e-6 * far]
    if not real:
        return 0
    radii = np.maximum(radii, FLOOR * min(real))
    steps = [np.linalg.norm(b - a, axis=1).max() for a, b in pairwise(clouds)]
    steps = np.array(steps) / radii[:-1]
    return steps.max() / steps.mean() if 1e-2 < steps.sum() < 1e5 else 0


@settings(deadline=None, max_examples=30)
@given(seed=SEEDS)
def test_no_frame_moves_more_than_three_times_what_an_even_pace_asks_for(seed):
    trace = random_trace(np.random.default_rng(seed))
    morph = Morph(trace)
    for k, transition in enumerate(morph.transitions):
        for beat in transition.beats:
            assert unevenness(frames(morph, k, beat)) <= ALLOWED, (k, trace.maps[k], beat.kind)


@pytest.mark.parametrize("sizes", [(3e6, 1, 1), (1e-8, 1e8, 1), (1, 1, 1e-6)])
def test_a_feature_that_is_scaled_keeps_its_spread_on_the_way(sizes):
    """Standardising is invertible: no feature goes through 0, and none is said to."""
    rng = np.random.default_rng(0)
    x = (rng.normal(size=(300, 3)) * sizes + np.array(sizes) / 2).astype("f")
    scaling = Affine(np.diag(1 / x.std(axis=0)), -x.mean(axis=0) / x.std(axis=0), "scaling")
    morph = Morph(Trace.from_arrays([x, scaling(x)], np.zeros(300, int), maps=[scaling]))
    for t in np.linspace(0, 1, 97):
        spread = morph.at(t)[:, :3].std(axis=0) / np.minimum(sizes, 1)
        assert spread.min() > 0.8, t
    said = morph.transitions[0].least_stretch
    assert "flat" not in said
    assert said.endswith("not mirrored (determinant positive)")


def test_a_stretch_and_its_inverse_are_one_path():
    rng = np.random.default_rng(1)
    x = rng.normal(size=(60, 4))
    u = np.linalg.qr(rng.normal(size=(4, 4)))[0]
    there = u @ np.diag([0.2, 0.7, 2, 3.5]) @ u.T
    y = x @ there
    maps = (Affine(there, np.zeros(4)), Affine(np.linalg.inv(there), np.zeros(4)))
    first, second = (
        Morph(Trace.from_arrays(ends, np.zeros(60, int), maps=[map_])).at
        for ends, map_ in zip(([x, y], [y, x]), maps, strict=True)
    )
    for share in (0.3, 0.37, 0.48):
        np.testing.assert_allclose(first(share), second(0.75 - share), atol=1e-9)
    half = np.linalg.eigvalsh(np.linalg.lstsq(x, first(0.375), rcond=None)[0])
    np.testing.assert_allclose(half, np.sqrt([0.2, 0.7, 2, 3.5]), rtol=1e-9)


def test_an_even_path_keeps_its_clock_and_an_uneven_one_is_slowed():
    nodes = np.linspace(0, 1, 101)
    assert slowed(nodes, np.diff(nodes)) is EVEN
    assert slowed(nodes, np.zeros(100)) is EVEN
    # e-folds of a radius that falls along 1 − s to a thousandth.
    middles = (nodes[1:] + nodes[:-1]) / 2
    change = np.diff(nodes) / (1.001 - middles)
    pace = slowed(nodes, change)
    speed = change / np.diff(pace.clock)
    assert speed.max() <= MOST * change.sum() * (1 + 1e-9)
    assert (np.diff(pace.clock) > 0).all()
    assert (pace.at(0), pace.at(1)) == (0, 1)


@settings(deadline=None, max_examples=40)
@given(seed=SEEDS, n_in=st.integers(1, 9), n_out=st.integers(1, 9))
def test_each_row_of_a_graded_decomposition_is_exact(seed, n_in, n_out):
    rng = np.random.default_rng(seed)
    weight = rng.normal(size=(n_in, n_out)) * scales(rng, (n_in, 1))
    u, sigma, v = graded_svd(weight)
    apart = np.linalg.norm(u * sigma @ v.T - weight, axis=1) / np.linalg.norm(weight, axis=1)
    # Of 9 columns: a few roundings of float64 each.
    assert apart.max() < 1e-12
    n = min(n_in, n_out)
    np.testing.assert_allclose(u.T @ u, np.eye(n), atol=1e-13)
    np.testing.assert_allclose(v.T @ v, np.eye(n), atol=1e-13)
    assert (np.diff(sigma) <= 0).all()
