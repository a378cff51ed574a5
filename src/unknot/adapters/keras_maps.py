"""The maps of Keras's layers."""

import sys
from typing import Any

import numpy as np

from unknot.adapters.graph import diagonal
from unknot.adapters.recognise import activation_named
from unknot.maps import Affine, Map, Opaque

#: Layers that hand on what they get, in inference and as one row a point.
IDLE = {
    "ActivityRegularization",
    "AlphaDropout",
    "Dropout",
    "Flatten",
    "GaussianDropout",
    "GaussianNoise",
    "Identity",
    "InputLayer",
    "Reshape",
    "SpatialDropout1D",
    "SpatialDropout2D",
}


def layer_maps(kind: str, layer: Any) -> tuple[Map, ...]:
    """What a layer is taken to do; `kind` is the name of its class."""
    if kind in IDLE:
        return ()
    if kind == "Dense":
        kernel = _numpy(layer.kernel)
        bias = np.zeros(kernel.shape[1]) if layer.bias is None else _numpy(layer.bias)
        affine = Affine(kernel.astype(np.float32), bias.astype(np.float32), layer.name)
        return (affine, *activation(layer.activation))
    if kind == "Activation":
        return activation(layer.activation)
    if kind == "BatchNormalization":
        return _batch_norm(layer)
    if kind == "Normalization" and getattr(layer, "mean", None) is not None:
        scale = 1 / np.maximum(np.sqrt(_numpy(layer.variance)), 1e-7)
        mean = _numpy(layer.mean)
        if layer.invert:
            return diagonal(1 / scale, mean, layer.name)
        return diagonal(scale, -mean * scale, layer.name)
    if kind == "Softmax":
        return (Opaque("softmax"),)
    return (activation_named(kind) or Opaque(kind),)


def activation(function: Any) -> tuple[Map, ...]:
    """A known activation, nothing for a linear one, otherwise opaque."""
    if function is None:
        return ()
    name = getattr(function, "__name__", type(function).__name__)
    if name in ("linear", "identity"):
        return ()
    return (activation_named(name) or Opaque(name),)


def _batch_norm(layer: Any) -> tuple[Map, ...]:
    mean, variance = _numpy(layer.moving_mean), _numpy(layer.moving_variance)
    scale = 1 / np.sqrt(variance + layer.epsilon)
    if layer.gamma is not None:
        scale = scale * _numpy(layer.gamma)
    shift = 0.0 if layer.beta is None else _numpy(layer.beta)
    return diagonal(scale, shift - mean * scale, layer.name)


def _numpy(variable: Any) -> Any:
    keras: Any = sys.modules["keras"]
    return np.array(keras.ops.convert_to_numpy(variable), np.float64)
