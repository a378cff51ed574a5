"""Keras 3 on any backend: Sequential, Functional and subclassed models.

The model is called once more, and every layer is watched while it is: nothing is asked of the
model that a subclassed one would not have.
"""

import sys
import threading
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import numpy as np

from unknot.adapters.calls import Call, Value, again, chain_of_calls, check_same
from unknot.adapters.graph import several_outputs
from unknot.adapters.keras.calls import as_value, watch
from unknot.adapters.keras.maps import layer_maps
from unknot.adapters.keras.state import untouched
from unknot.adapters.network import Array, Network, Places
from unknot.adapters.recognise import apply
from unknot.adapters.settling import flat
from unknot.errors import UsageError
from unknot.network.maps import Affine, Map, Opaque

#: Two traces at once would take each other's calls for their own.
LOCK = threading.RLock()


@contextmanager
def opened(model: Any, sample: Array, path: list[str] | None) -> Generator[Network]:
    """Any built ``keras.Model``."""
    _check(model)
    shape = _input_shape(model)
    if shape is not None and int(np.prod(shape)) != int(np.prod(sample.shape[1:])):
        raise UsageError(
            f"The Keras model takes {' × '.join(map(str, shape))} features; the points have "
            f"{' × '.join(map(str, sample.shape[1:]))}.\n"
            "Trace the data it was trained on, or data with the same features."
        )

    with LOCK, untouched(model):
        yield _network(model, sample, shape, path)


def _network(
    model: Any, sample: Array, shape: tuple[int, ...] | None, path: list[str] | None
) -> Network:
    def watched(batch: Array) -> tuple[Value, Any, list[Call]]:
        x = _tensor(batch if shape is None else batch.reshape(-1, *shape))
        return as_value(x), *watch(model, x)

    try:
        x, output, calls = watched(sample)
    except Exception as error:
        error.add_note(
            f"unknot: the Keras model raised this in its forward pass, for points of shape "
            f"{sample.shape}, dtype {sample.dtype}; the model is as it was before."
        )
        raise
    last = as_value(_one_output(output, calls, path))
    calls = [_with_maps(call) for call in calls]
    chain, found = chain_of_calls(calls, x, last, path, "Keras", to_numpy)
    names = [call.name for call in calls]

    def forward(batch: Array, known: Sequence[bool], places: Places) -> list[Array]:
        _, output, now = watched(batch)
        check_same(names, [call.name for call in now], "Keras")
        return [to_numpy(tensor) for tensor in again(now, as_value(output), found)]

    return Network(
        "Keras",
        chain.steps,
        forward,
        notes=chain.notes,
        head=_head(model),
        outputs=[to_numpy(tensor) for tensor in again(calls, last, found)],
    )


def _with_maps(call: Call) -> Call:
    layer: Any = call.maps[0]
    maps = layer_maps(layer, tuple(call.inputs[0].tensor.shape[1:]))
    if len(maps) == 2 and not _adds_up(maps[0], layer, call):
        maps = (Opaque(call.kind),)
    return replace(call, maps=maps)


def _adds_up(map_: Map, layer: Any, call: Call) -> bool:
    """Whether the layer's own activation makes its output of a dense map's image.

    Nobody sees what is between the two, so this is all that tells that the map is right.
    """
    before, seen = (flat(to_numpy(value.tensor)) for value in (call.inputs[0], call.output))
    image = apply(map_, before)
    if image is None or not isinstance(map_, Affine):
        return False
    made = layer.activation(_tensor(image.astype(np.float32).reshape(call.output.tensor.shape)))
    terms = np.abs(before) @ np.abs(map_.weight) + np.abs(map_.bias)
    spread = np.abs(seen - seen.mean(axis=0)).max(initial=0)
    # Rounding of single precision, and of accelerators that multiply with ten bits.
    allowed = 1e-5 * terms.max(initial=0) + 2e-3 * spread + 1e-6
    return bool(np.all(np.abs(flat(to_numpy(made)) - seen) <= allowed))


def _check(model: Any) -> None:
    if not model.built:
        raise UsageError(
            "The Keras model was never built.\nCall it once on a batch, or model.build((None, "
            "n_features)), before tracing it."
        )
    inputs = getattr(model, "inputs", None)
    if inputs is not None and len(inputs) > 1:
        names = ", ".join(tensor.name for tensor in inputs)
        raise UsageError(
            f"The Keras model takes {len(inputs)} inputs ({names}); unknot follows one.\n"
            "Trace a model of one input that fixes the others."
        )


def _input_shape(model: Any) -> tuple[int, ...] | None:
    """Of one point, where the model says."""
    inputs = getattr(model, "inputs", None)
    if not inputs:
        return None
    shape = tuple(inputs[0].shape)[1:]
    return None if any(n is None for n in shape) else shape


def _one_output(output: Any, calls: list[Call], path: list[str] | None) -> Any:
    if isinstance(output, dict) and len(output) == 1:  # pyright: ignore[reportUnknownArgumentType]
        output = list(output.values())  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType, reportUnknownMemberType]
    if isinstance(output, tuple | list) and len(output) == 1:  # pyright: ignore[reportUnknownArgumentType]
        return output[0]  # pyright: ignore[reportUnknownVariableType]
    if not isinstance(output, tuple | list | dict):
        return output
    ends = [call.output.tensor for call in calls if path and call.name == path[-1]]
    if not ends:
        raise UsageError(several_outputs("Keras", output))
    return ends[-1]


def _head(model: Any) -> str | None:
    """What a loss with ``from_logits`` says of the output."""
    loss = getattr(model, "loss", None)
    if not getattr(loss, "from_logits", False):
        return None
    return "sigmoid" if "Binary" in type(loss).__name__ else "softmax"


def _tensor(batch: Array) -> Any:
    keras: Any = sys.modules["keras"]
    return keras.ops.convert_to_tensor(batch)


def to_numpy(tensor: Any) -> Array:
    """In single precision."""
    keras: Any = sys.modules["keras"]
    array: Array = np.asarray(keras.ops.convert_to_numpy(tensor))
    return array.astype(np.float32) if array.dtype.kind == "V" else array
