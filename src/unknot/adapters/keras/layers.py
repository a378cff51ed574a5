"""What a layer of Keras's does, as maps.

A layer is what it is called only if it has Keras's own formula: a subclass with one of its own,
and a class that only bears the name, are opaque.
"""

import inspect
import sys
from collections.abc import Callable
from typing import Any

import numpy as np

from unknot.adapters.claims import known_name
from unknot.adapters.graph import diagonal
from unknot.adapters.parameters import activation_of
from unknot.network.maps import Affine, Map, Opaque, Softmax

#: Layers that hand on what they get, in inference and as one row a point.
IDLE = (
    *("ActivityRegularization", "AlphaDropout", "Dropout", "Flatten", "GaussianDropout"),
    *("GaussianNoise", "Identity", "InputLayer", "Reshape", "SpatialDropout1D", "SpatialDropout2D"),
)


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
    for base in type(layer).__mro__:
        if _is(layer, base.__name__, keras):
            known = activation_of("keras", base.__name__, _attributes(layer))
            return (known or _other(kind),)
    if not isinstance(layer, keras.Layer) and type(layer).__module__.startswith("keras."):
        return _operation(kind, layer)
    return (_other(kind),)


def _is(layer: Any, name: str, keras: Any) -> bool:
    """Whether a layer is one of Keras's own of this name, with the formula that it has there."""
    known = getattr(keras.layers, name, None)
    return known is not None and isinstance(layer, known) and type(layer).call is known.call


def _other(name: str) -> Opaque:
    """Opaque, also where the name alone would be taken for a function that unknot has."""
    bears = known_name(name) or name == "softmax"
    return Opaque(f"{name} (another)" if bears else name)


def _operation(kind: str, operation: Any) -> tuple[Map, ...]:
    """A function of ``keras.ops`` or ``keras.activations`` in a functional model."""
    if kind in ("Reshape", "Identity"):
        return ()
    if kind == "Softmax":
        return (Softmax(),)
    return (activation_of("keras", kind, _attributes(operation)) or _other(kind),)


def _activation(function: Any) -> tuple[Map, ...]:
    """A known activation, nothing for a linear one, otherwise opaque."""
    keras: Any = sys.modules["keras"]
    if function is None or function is keras.activations.linear:
        return ()
    if isinstance(function, keras.Layer):
        return layer_maps(function, ())
    name = getattr(function, "__name__", type(function).__name__)
    places = keras.activations, keras.ops
    if not any(function is getattr(place, name, None) for place in places):
        return (_other(name),)
    if name == "softmax":
        return (Softmax(),)
    usual = {key: p.default for key, p in inspect.signature(function).parameters.items()}
    return (activation_of("keras", name, usual.get) or _other(name),)


def _attributes(layer: Any) -> Callable[[str], Any]:
    """What a layer or an operation was made with; a variable as an array."""
    keras: Any = sys.modules["keras"]

    def attribute(name: str) -> Any:
        value = getattr(layer, name, None)
        return _numpy(value) if isinstance(value, keras.Variable) else value

    return attribute


def _dense(layer: Any, shape: tuple[int, ...]) -> tuple[Map, ...]:
    if getattr(layer, "quantization_mode", None):
        return (Opaque("Dense"),)
    kernel = _numpy(layer.kernel)
    bias = np.zeros(kernel.shape[1]) if layer.bias is None else _numpy(layer.bias)
    affine = Affine(kernel.astype(np.float32), bias.astype(np.float32), layer.name)
    return (affine, *_activation(layer.activation))


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
    scale, offset = (np.broadcast_to(_numpy(v), shape) for v in (layer.scale, layer.offset))
    return diagonal(scale, offset, layer.name)


def _numpy(variable: Any) -> Any:
    keras: Any = sys.modules["keras"]
    return np.array(keras.ops.convert_to_numpy(variable), np.float64)


_MAKERS: dict[str, Callable[[Any, tuple[int, ...]], tuple[Map, ...]]] = {
    "Dense": _dense,
    "Activation": lambda layer, shape: _activation(layer.activation),
    "BatchNormalization": _batch_norm,
    "Normalization": _normalization,
    "Rescaling": _rescaling,
    "Softmax": lambda layer, shape: (Softmax(),),
}
