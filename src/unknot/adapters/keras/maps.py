"""The maps of Keras's layers.

A layer is what it is called only if it has Keras's own formula: a subclass with one of its own,
and a class that only bears the name, are opaque.
"""

import math
import sys
from collections.abc import Callable
from typing import Any

import numpy as np

from unknot.adapters.graph import MOST_DIAGONAL, diagonal
from unknot.adapters.recognise import activation_named
from unknot.network.maps import Activation, Affine, Map, Opaque

#: Layers that hand on what they get, in inference and as one row a point.
IDLE = (
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
)
#: Functions without parameters that unknot has too, where Keras's formula is the same.
SAME = ("relu", "tanh", "sigmoid", "silu", "softplus", "elu", "sin")


def layer_maps(layer: Any, shape: tuple[int, ...]) -> tuple[Map, ...]:
    """What a layer is taken to do.

    Parameters
    ----------
    layer : keras.Layer or keras.Operation
    shape : tuple of int
        Of one point that it gets.
    """
    keras: Any = sys.modules["keras"]
    kind = type(layer).__name__
    if any(_is(layer, name, keras) for name in IDLE):
        return ()
    for name, maker in _MAKERS.items():
        if _is(layer, name, keras):
            return maker(layer, shape)
    if not isinstance(layer, keras.Layer) and type(layer).__module__.startswith("keras."):
        return _operation(kind, layer)
    return (_other(kind),)


def _is(layer: Any, name: str, keras: Any) -> bool:
    """Whether a layer is one of Keras's own of this name, with the formula that it has there."""
    known = getattr(keras.layers, name, None)
    return known is not None and isinstance(layer, known) and type(layer).call is known.call


def _other(name: str) -> Opaque:
    """Opaque, also where the name alone would be taken for a function that unknot has."""
    bears = activation_named(name) is not None or name == "softmax"
    return Opaque(f"{name} (another)" if bears else name)


def _operation(kind: str, operation: Any) -> tuple[Map, ...]:
    """A function of ``keras.ops`` or ``keras.activations`` in a functional model."""
    if kind in ("Reshape", "Identity"):
        return ()
    if kind in ("Relu", "Tanh", "Sigmoid", "Silu", "Softplus", "Sin"):
        return (Activation(kind.lower()),)
    if kind == "Elu":
        return _elu(operation.alpha)
    if kind in ("LeakyRelu", "LeakyReLU"):
        return _leaky_relu(operation.negative_slope)
    if kind == "Gelu":
        return (Activation("gelu") if operation.approximate else Opaque("exact gelu"),)
    return (Opaque("softmax") if kind == "Softmax" else _other(kind),)


def activation(function: Any) -> tuple[Map, ...]:
    """A known activation, nothing for a linear one, otherwise opaque."""
    keras: Any = sys.modules["keras"]
    if function is None or function is keras.activations.linear:
        return ()
    if isinstance(function, keras.Layer):
        return layer_maps(function, ())
    places = keras.activations, keras.ops
    for name in SAME:
        if any(function is getattr(place, name, None) for place in places):
            return (Activation(name),)
    if function is keras.activations.softmax:
        return (Opaque("softmax"),)
    if function is keras.activations.gelu:
        return (Opaque("exact gelu"),)
    return (_other(getattr(function, "__name__", type(function).__name__)),)


def _dense(layer: Any, shape: tuple[int, ...]) -> tuple[Map, ...]:
    if getattr(layer, "quantization_mode", None):
        return (Opaque("Dense"),)
    kernel = _numpy(layer.kernel)
    bias = np.zeros(kernel.shape[1]) if layer.bias is None else _numpy(layer.bias)
    affine = Affine(kernel.astype(np.float32), bias.astype(np.float32), layer.name)
    return (affine, *activation(layer.activation))


def _relu(layer: Any, shape: tuple[int, ...]) -> tuple[Map, ...]:
    if layer.max_value is not None or layer.threshold:
        return (_other("ReLU"),)
    return _leaky_relu(layer.negative_slope) if layer.negative_slope else (Activation("relu"),)


def _leaky_relu(slope: float) -> tuple[Map, ...]:
    is_usual = math.isclose(slope, 0.01, rel_tol=1e-6)
    return (Activation("leaky_relu") if is_usual else _other("LeakyReLU"),)


def _elu(alpha: float) -> tuple[Map, ...]:
    return (Activation("elu") if alpha == 1 else _other("ELU"),)


def _batch_norm(layer: Any, shape: tuple[int, ...]) -> tuple[Map, ...]:
    mean, variance = _numpy(layer.moving_mean), _numpy(layer.moving_variance)
    scale = 1 / np.sqrt(variance + layer.epsilon)
    if layer.gamma is not None:
        scale = scale * _numpy(layer.gamma)
    shift = 0.0 if layer.beta is None else _numpy(layer.beta)
    return diagonal(scale, shift - mean * scale, layer.name)


def _normalization(layer: Any, shape: tuple[int, ...]) -> tuple[Map, ...]:
    if getattr(layer, "mean", None) is None:
        return (Opaque("Normalization"),)
    scale = 1 / np.maximum(np.sqrt(_numpy(layer.variance)), 1e-7)
    mean = _numpy(layer.mean)
    if layer.invert:
        return diagonal(1 / scale, mean, layer.name)
    return diagonal(scale, -mean * scale, layer.name)


def _rescaling(layer: Any, shape: tuple[int, ...]) -> tuple[Map, ...]:
    if math.prod(shape) > MOST_DIAGONAL:
        return (Opaque("Rescaling"),)
    scale, offset = (np.broadcast_to(_numpy(v), shape) for v in (layer.scale, layer.offset))
    return diagonal(scale, offset, layer.name)


def _numpy(variable: Any) -> Any:
    keras: Any = sys.modules["keras"]
    return np.array(keras.ops.convert_to_numpy(variable), np.float64)


_MAKERS: dict[str, Callable[[Any, tuple[int, ...]], tuple[Map, ...]]] = {
    "Dense": _dense,
    "Activation": lambda layer, shape: activation(layer.activation),
    "BatchNormalization": _batch_norm,
    "Normalization": _normalization,
    "Rescaling": _rescaling,
    "ReLU": _relu,
    "LeakyReLU": lambda layer, shape: _leaky_relu(layer.negative_slope),
    "ELU": lambda layer, shape: _elu(layer.alpha),
    "Softmax": lambda layer, shape: (Opaque("softmax"),),
}
