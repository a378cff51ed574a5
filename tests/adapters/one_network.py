"""One set of weights, what NumPy makes of it, and what every framework's trace must be."""

from itertools import pairwise

import numpy as np

from unknot import Activation, Affine, Morph
from unknot.datasets.dataset import Dataset

rng = np.random.default_rng(4)
WIDTHS = [2, 6, 5, 2, 1]
WEIGHTS = [
    (rng.normal(size=(n_in, n_out)) / np.sqrt(n_in)).astype(np.float32)
    for n_in, n_out in pairwise(WIDTHS)
]
BIASES = [rng.normal(size=n).astype(np.float32) / 2 for n in WIDTHS[1:]]
#: relu, tanh, a linear readout, and a sigmoid at the end.
FUNCTIONS = ["relu", "tanh", None, "sigmoid"]
X = rng.normal(size=(500, 2)).astype(np.float32)
DATA = Dataset(X, np.arange(500) % 2, ("0", "1"), ("x", "y"))


def reference():
    """Every pre- and post-activation, in double precision."""
    clouds, maps, values = [X], [], X.astype(np.float64)
    formulas = {
        "relu": lambda z: np.maximum(z, 0),
        "tanh": np.tanh,
        "sigmoid": lambda z: 1 / (1 + np.exp(-z)),
    }
    for weight, bias, function in zip(WEIGHTS, BIASES, FUNCTIONS, strict=True):
        values = values @ weight + bias
        clouds.append(values)
        maps.append(Affine(weight, bias))
        if function is not None:
            values = formulas[function](values)
            clouds.append(values)
            maps.append(Activation(function))
    return clouds, maps


def check(traced):
    """Same clouds, same kinds, same weights, same film."""
    clouds, maps = reference()
    assert len(traced.representations) == len(clouds)
    for representation, expected in zip(traced.representations, clouds, strict=True):
        np.testing.assert_allclose(representation.values, expected, rtol=1e-5, atol=1e-5)
    for map_, expected in zip(traced.maps, maps, strict=True):
        assert type(map_) is type(expected)
        if isinstance(expected, Affine):
            np.testing.assert_allclose(map_.weight, expected.weight, rtol=1e-6, atol=1e-7)
            np.testing.assert_allclose(map_.bias, expected.bias, rtol=1e-6, atol=1e-7)
        else:
            assert map_ == expected
    np.testing.assert_allclose(traced.probabilities[:, 1], clouds[-1][:, 0], atol=1e-5)
    film = Morph(traced)
    same = Morph(type(traced).from_arrays(clouds, traced.labels, maps=maps))
    for t in np.linspace(0, len(maps), 15):
        np.testing.assert_allclose(film.at(float(t)), same.at(float(t)), atol=1e-4)
    assert [r.name for r in traced.representations][-2:] == ["logit", "probability"]
    assert traced.lattice is not None
