"""Names that a newcomer understands, the same whatever the framework."""

import numpy as np
import pytest

from unknot import Activation, Affine, Opaque
from unknot.adapters.claims import Part
from unknot.adapters.naming import name_representations

MIX = np.float32([[1, 2], [3, 4]])


def dense(name):
    return Part(name, Affine(MIX, np.zeros(2, np.float32), name), 0, 2)


def scale(name):
    return Part(name, Affine(np.eye(2, dtype=np.float32), np.zeros(2, np.float32), name), 0, 2)


def activation(layer, map_, kind="function"):
    return Part(layer, map_, 0, 2, kind)


def test_only_a_dense_layer_has_a_pre_activation():
    parts = [
        *(dense("fc"), activation("layer 1", Activation("relu"), "ReLU")),
        *(scale("bn"), activation("relu_1", Activation("relu"), "relu")),
        *(Part("conv", Opaque("Conv2d"), 0, 2), activation("re_lu_7", Activation("relu"), "ReLU")),
        *(Part("norm", Opaque("LayerNorm"), 0, 2), activation("gate", Activation("tanh"))),
    ]
    assert name_representations(parts) == [
        *("input", "fc pre-activation", "fc", "bn", "relu", "conv", "relu (2)", "norm", "gate")
    ]


@pytest.mark.parametrize("name", ["GELU", "gelu", "Hardswish", "PReLU", "softplus", "hard_silu"])
def test_an_activation_with_another_formula_is_still_one(name):
    parts = [dense("fc"), activation("layer 1", Opaque(name), name), dense("out")]
    assert name_representations(parts) == ["input", "fc pre-activation", "fc", "out"]
    parts = [scale("bn"), activation("net.1", Opaque(name), name)]
    assert name_representations(parts) == ["input", "bn", name.lower()]


def test_what_gives_probabilities_is_called_so():
    parts = [scale("scaler"), Part("forest", Opaque("RandomForestClassifier"), 0, 2)]
    assert name_representations(parts) == ["input", "scaler", "forest"]
    assert name_representations(parts, True) == ["input", "scaler", "probability"]
    assert name_representations([dense("out"), activation("s", Activation("sigmoid"))]) == [
        *("input", "logit", "probability")
    ]
