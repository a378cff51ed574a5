"""Keras 3 on any backend: Sequential, Functional and subclassed models.

The model is called once more, and every layer is watched while it is: nothing is asked of the
model that a subclassed one would not have.
"""

import sys
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from typing import Any

import numpy as np

from unknot.adapters.calls import Call, Value, again, chain_of_calls, check_same
from unknot.adapters.graph import several_outputs
from unknot.adapters.keras_maps import layer_maps
from unknot.adapters.network import Array, Network, Places
from unknot.errors import UsageError

#: Variables are copied, against a forward pass that changes them, up to so many bytes.
MOST_COPIED = 256_000_000


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

    with untouched(model):
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
    return replace(call, maps=layer_maps(call.kind, layer))


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


def as_value(tensor: Any) -> Value:
    """Nothing in Keras works in place: a tensor is told by its identity."""
    return Value(id(tensor), tensor)


def to_numpy(tensor: Any) -> Array:
    """In single precision."""
    keras: Any = sys.modules["keras"]
    array: Array = np.asarray(keras.ops.convert_to_numpy(tensor))
    return array.astype(np.float32) if array.dtype.kind == "V" else array


@contextmanager
def untouched(model: Any) -> Generator[None]:
    """Variables are as they were, also when the block raises."""
    keras: Any = sys.modules["keras"]
    size = sum(4 * int(np.prod(v.shape)) for v in model.variables)
    watched = model.variables if size <= MOST_COPIED else model.non_trainable_variables
    kept = [(v, np.array(keras.ops.convert_to_numpy(v))) for v in watched]
    torch: Any = sys.modules["torch"] if keras.config.backend() == "torch" else None
    try:
        with nullcontext() if torch is None else torch.no_grad():
            yield
    finally:
        for variable, value in kept:
            if not np.array_equal(keras.ops.convert_to_numpy(variable), value, equal_nan=True):
                variable.assign(value)


def watch(model: Any, x: Any) -> tuple[Any, list[Call]]:
    """Call the model in inference mode; every layer that is no container of layers is seen.

    The layer itself stands in the place of the maps.
    """
    calls: list[Call] = []
    with _watched(calls):
        output = model(x, training=False)
    return output, calls


@contextmanager
def _watched(calls: list[Call]) -> Generator[None]:
    """Calls are seen at the class, so that no layer is changed."""
    keras: Any = sys.modules["keras"]
    inside: list[Any] = []

    def seeing(original: Callable[..., Any]) -> Callable[..., Any]:
        def call(self: Any, *args: Any, **kwargs: Any) -> Any:
            if inside or _is_container(self, keras):
                return original(self, *args, **kwargs)
            inside.append(self)
            try:
                output = original(self, *args, **kwargs)
            finally:
                inside.pop()
            inputs = tuple(as_value(t) for t in _tensors([*args, *kwargs.values()], keras))
            if inputs:
                first: Any = output[0] if isinstance(output, tuple | list) and output else output  # pyright: ignore[reportUnknownVariableType]
                calls.append(Call(self.name, type(self).__name__, (self,), inputs, as_value(first)))
            return output

        return call

    kept = keras.Layer.__call__, keras.Operation.__call__
    try:
        keras.Layer.__call__, keras.Operation.__call__ = map(seeing, kept)
        yield
    finally:
        keras.Layer.__call__, keras.Operation.__call__ = kept


def _is_container(layer: Any, keras: Any) -> bool:
    if isinstance(layer, keras.Model):
        return True
    own = type(layer).__module__.partition(".")[0] == "keras"
    return not own and bool(getattr(layer, "_layers", ()))


def _tensors(values: Any, keras: Any) -> Generator[Any]:
    """The tensors in arguments, lists opened."""
    for value in values:
        if isinstance(value, tuple | list):
            yield from _tensors(value, keras)
        elif isinstance(value, dict):
            yield from _tensors(value.values(), keras)  # pyright: ignore[reportUnknownMemberType]
        elif not isinstance(value, str) and keras.ops.is_tensor(value):
            yield value
