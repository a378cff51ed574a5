"""Every call of a Keras layer is seen while the model is called."""

import sys
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Any

from unknot.adapters.calls import Call, Value


def watch(model: Any, x: Any) -> tuple[Any, list[Call]]:
    """Call the model in inference mode; every layer that is no container of layers is seen.

    The layer itself stands in the place of the maps.
    """
    calls: list[Call] = []
    with _watched(calls):
        output = model(x, training=False)
    return output, calls


def as_value(tensor: Any) -> Value:
    """Nothing in Keras works in place: a tensor is told by its identity."""
    return Value(id(tensor), tensor)


@contextmanager
def _watched(calls: list[Call]) -> Generator[None]:
    """Calls are seen at the class, so that no layer is changed."""
    keras: Any = sys.modules["keras"]
    inside: list[Any] = []
    thread = threading.get_ident()

    def seeing(original: Callable[..., Any]) -> Callable[..., Any]:
        def call(self: Any, *args: Any, **kwargs: Any) -> Any:
            # Another thread may be at another model meanwhile.
            if threading.get_ident() != thread or inside or _is_container(self, keras):
                return original(self, *args, **kwargs)
            inside.append(self)
            try:
                output = original(self, *args, **kwargs)
            finally:
                inside.pop()
            calls.extend(_calls(self, [*args, *kwargs.values()], output, keras))
            return output

        return call

    kept = keras.Layer.__call__, keras.Operation.__call__
    try:
        keras.Layer.__call__, keras.Operation.__call__ = map(seeing, kept)
        yield
    finally:
        keras.Layer.__call__, keras.Operation.__call__ = kept


def _calls(layer: Any, given: list[Any], made: Any, keras: Any) -> Generator[Call]:
    """One for each tensor that a layer made; the first is its output, and comes last."""
    inputs = tuple(as_value(tensor) for tensor in _tensors(given, keras))
    outputs = list({id(tensor): tensor for tensor in _tensors([made], keras)}.values())
    if not inputs:
        return
    for k, tensor in reversed(list(enumerate(outputs, 1))):
        name = layer.name if k == 1 else f"{layer.name} output {k}"
        yield Call(name, type(layer).__name__, (layer,), inputs, as_value(tensor))


def _is_container(layer: Any, keras: Any) -> bool:
    if isinstance(layer, keras.Model):
        return True
    own = type(layer).__module__.partition(".")[0] == "keras"
    return not own and bool(getattr(layer, "_layers", ()))


def _tensors(values: Any, keras: Any) -> Generator[Any]:
    """The tensors among values, lists and dictionaries opened."""
    for value in values:
        if isinstance(value, tuple | list):
            yield from _tensors(value, keras)
        elif isinstance(value, dict):
            yield from _tensors(value.values(), keras)  # pyright: ignore[reportUnknownMemberType]
        elif not isinstance(value, str) and keras.ops.is_tensor(value):
            yield value
