"""Keras 3 on any backend: Sequential, Functional and subclassed models.

The model is called once more, and every layer is watched while it is: nothing is asked of the
model that a subclassed one would not have. `layers` tells the map of each.
"""

import inspect
import sys
import threading
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from functools import partial
from typing import Any, cast

import numpy as np

from unknot.adapters.calls import (
    Call,
    Value,
    again,
    chain_of_calls,
    check_same,
    end_call,
    last_value,
    leaves_of,
)
from unknot.adapters.claims import apply, flat
from unknot.adapters.graph import Scope
from unknot.adapters.inputs import (
    GIVE_ALL,
    by_name,
    check_names,
    check_shapes,
    is_several,
    ways,
)
from unknot.adapters.keras.layers import layer_maps
from unknot.adapters.keras.text import behind_words
from unknot.adapters.network import (
    SINGLE_PRECISION,
    Array,
    Network,
    Places,
    Route,
    forward_pass,
    several_inputs,
    wrong_features,
)
from unknot.adapters.torch.state import random_states, restore_random
from unknot.errors import UsageError
from unknot.network.maps import Affine, Map, Opaque

#: Units of roundoff below single precision.
ROUNDOFF = {"float16": 2.0**-11, "bfloat16": 2.0**-8}
TAKES_SEVERAL = True
#: What measures how far numbers are from numbers, by its names without underscores.
LOSSES_OF_NUMBERS = {
    *("meansquarederror", "mse", "meanabsoluteerror", "mae", "huber", "logcosh", "poisson"),
    *("meanabsolutepercentageerror", "mape", "meansquaredlogarithmicerror", "msle"),
}
#: Layers that say which tokens of the points count.
MASKERS = ("Embedding", "Masking")
#: Two traces at once would take each other's calls for their own.
LOCK = threading.RLock()
#: Variables are copied, against a forward pass that changes them, up to so many bytes.
MOST_COPIED = 256_000_000

#: How `trace` lets points that are words in.
entered = behind_words


@contextmanager
def opened(model: Any, sample: Array, path: Route) -> Generator[Network]:
    """Any built ``keras.Model``."""
    _check(model, sample)
    shape = None if is_several(sample) else _input_shape(model)
    if shape is not None and int(np.prod(shape)) != int(np.prod(sample.shape[1:])):
        raise wrong_features("Keras", shape, sample.shape[1:])
    with LOCK, _untouched(model):
        yield _network(model, sample, shape, path)


def _network(model: Any, sample: Array, shape: tuple[int, ...] | None, path: Route) -> Network:
    def watched(batch: Array) -> tuple[list[Value], Any, list[Call]]:
        if not is_several(batch):
            x = _tensor(batch if shape is None else batch.reshape(-1, *shape))
            return [as_value(x)], *_watch(model, x)
        inputs = {name: _tensor(array) for name, array in by_name(batch).items()}
        which = ways(batch)
        sources = [as_value(inputs[name]) for name in inputs if name in which]
        return sources, *_watch(model, _as_taken(model, inputs))

    with forward_pass("Keras", sample):
        sources, output, calls = watched(sample)
    last, notes = last_value(output, calls, path, "Keras", _is_tensor, as_value)
    mask = _token_mask(calls, sample, shape)
    calls = [_with_maps(call) for call in calls]
    chain, addresses = chain_of_calls(
        calls, sources, last, path, "Keras", _to_numpy, is_part=is_several(sample)
    )
    names = [call.name for call in calls]
    tensors = again(calls, last, addresses)

    def forward(batch: Array, known: Sequence[bool], places: Places) -> list[Array]:
        _, output, now = watched(batch)
        check_same(names, [call.name for call in now], "Keras")
        end, _ = last_value(output, now, path, "Keras", _is_tensor, as_value)
        return [_to_numpy(tensor) for tensor in again(now, end, addresses)]

    return Network(
        "Keras",
        chain.steps,
        forward,
        notes=(*notes, *chain.notes),
        head=_head(model),
        outputs=[_to_numpy(tensor) for tensor in tensors],
        roundoff=max(SINGLE_PRECISION, _roundoff(tensors) if tensors else 0.0),
        token_mask=mask,
    )


def _token_mask(
    calls: Sequence[Call], sample: Array, shape: tuple[int, ...] | None
) -> Callable[[Array], Array] | None:
    """What the first layer says that makes a mask of the points, as with ``mask_zero``."""
    fields = by_name(sample) if is_several(sample) else {None: sample}
    for call in calls:
        layer = cast("Any", None if call.is_end else call.maps[0])
        if type(layer).__name__ not in MASKERS or not type(layer).__module__.startswith("keras."):
            continue
        made = layer.compute_mask(call.inputs[0].tensor, None)
        if made is None or len(made.shape) != 2:
            continue
        # An input comes in as another tensor where its type is changed.
        taken = flat(_to_numpy(call.inputs[0].tensor))
        for name, own in fields.items():
            if np.array_equal(flat(own), taken):
                return partial(_mask_of, layer, name, shape)
    return None


def _mask_of(layer: Any, name: str | None, shape: tuple[int, ...] | None, batch: Array) -> Array:
    own = batch if name is None else batch[name]
    own = own if name is not None or shape is None else own.reshape(-1, *shape)
    return _to_numpy(layer.compute_mask(_tensor(own), None))


def _with_maps(call: Call) -> Call:
    if call.is_end:
        return call
    layer: Any = call.maps[0]
    maps = layer_maps(layer, tuple(call.inputs[0].tensor.shape[1:]))
    if len(maps) == 2 and not _adds_up(maps[0], layer, call):
        maps = (Opaque(call.kind),)
    return replace(call, maps=maps)


def _adds_up(map_: Map, layer: Any, call: Call) -> bool:
    """Whether the layer's own activation makes its output of a dense map's image.

    Nobody sees what is between the two, so this is all that tells that the map is right.
    """
    before, after = (flat(_to_numpy(value.tensor)) for value in (call.inputs[0], call.output))
    image = apply(map_, before)
    if image is None or not isinstance(map_, Affine):
        return False
    activated = layer.activation(
        _tensor(image.astype(np.float32).reshape(call.output.tensor.shape))
    )
    terms = Affine(np.abs(map_.numbers), np.abs(map_.bias))(np.abs(before))
    spread = np.abs(after - after.mean(axis=0)).max(initial=0)
    # Rounding of single precision, and of accelerators that multiply with ten bits.
    lower = 8 * max(_roundoff([call.output.tensor]) - SINGLE_PRECISION, 0)
    allowed = (1e-5 + lower) * terms.max(initial=0) + 2e-3 * spread + 1e-6
    return bool(np.all(np.abs(flat(_to_numpy(activated)) - after) <= allowed))


def _check(model: Any, sample: Array) -> None:
    if not model.built:
        raise UsageError(
            "The Keras model was never built.\nCall it once on a batch, or model.build((None, "
            "n_features)), before tracing it."
        )
    names = [tensor.name for tensor in getattr(model, "inputs", None) or ()]
    if len(names) > 1 and not is_several(sample):
        raise several_inputs("Keras", names, GIVE_ALL)
    if names and is_several(sample):
        check_names("Keras", names, sample)
        check_shapes(
            "Keras", {tensor.name: tuple(tensor.shape[1:]) for tensor in model.inputs}, sample
        )


def _as_taken(model: Any, inputs: dict[str, Any]) -> Any:
    """Several inputs in the structure that the model was made with."""
    in_turn, is_named = list(inputs.values()), not all(name.isdigit() for name in inputs)
    structure = getattr(model, "_inputs_struct", None)
    if structure is None:
        return inputs if is_named else in_turn
    if is_named:
        in_turn = [inputs[tensor.name] for tensor in model.inputs]
    return sys.modules["keras"].tree.pack_sequence_as(structure, in_turn)


def _called(model: Any, x: Any) -> Any:
    """A model of one's own may have an argument for each input."""
    if isinstance(x, dict) and getattr(model, "_inputs_struct", None) is None:
        arguments = inspect.signature(model.call).parameters
        if len(x) > 1 and all(name in arguments for name in x):  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]
            return model(**x, training=False)
    return model(x, training=False)


def _input_shape(model: Any) -> tuple[int, ...] | None:
    """Of one point, where the model says."""
    inputs = getattr(model, "inputs", None)
    if not inputs:
        return None
    shape = tuple(inputs[0].shape)[1:]
    return None if any(n is None for n in shape) else shape


def _is_tensor(value: Any) -> bool:
    return not isinstance(value, str) and bool(sys.modules["keras"].ops.is_tensor(value))


def _roundoff(tensors: Sequence[Any]) -> float:
    """Of the lowest precision among these."""
    dtype: Callable[[Any], str] = sys.modules["keras"].backend.standardize_dtype
    return max(ROUNDOFF.get(dtype(tensor.dtype), SINGLE_PRECISION) for tensor in tensors)


def _head(model: Any) -> str | None:
    """What a loss with ``from_logits`` says of the output."""
    loss = getattr(model, "loss", None)
    if not getattr(loss, "from_logits", False):
        return None
    return "sigmoid" if "Binary" in type(loss).__name__ else "softmax"


def predicts_numbers(model: Any) -> bool:
    """Whether its loss is one of numbers, and its output one number a point."""
    loss, shape = getattr(model, "loss", None), getattr(model, "output_shape", None)
    name = loss if isinstance(loss, str) else getattr(loss, "name", getattr(loss, "__name__", ""))
    is_of_numbers = str(name).replace("_", "").lower().removesuffix("loss") in LOSSES_OF_NUMBERS
    return is_of_numbers and isinstance(shape, tuple) and shape[1:] == (1,)


def _tensor(batch: Array) -> Any:
    keras: Any = sys.modules["keras"]
    return keras.ops.convert_to_tensor(batch)


def _to_numpy(tensor: Any) -> Array:
    """In single precision."""
    keras: Any = sys.modules["keras"]
    array: Array = np.asarray(keras.ops.convert_to_numpy(tensor))
    return array.astype(np.float32) if array.dtype.kind == "V" else array


def _watch(model: Any, x: Any) -> tuple[Any, list[Call]]:
    """Call the model in inference mode; every layer that is no container of layers is seen.

    The layer itself stands in the place of the maps.
    """
    calls: list[Call] = []
    with _watched(calls):
        output = _called(model, x)
    return output, calls


def as_value(tensor: Any) -> Value:
    """Nothing in Keras works in place: a tensor is told by its identity."""
    return Value(id(tensor), tensor)


@contextmanager
def _watched(calls: list[Call]) -> Generator[None]:
    """Calls are seen at the class, so that no layer is changed."""
    keras: Any = sys.modules["keras"]
    inside: list[Any] = []
    #: The model itself is the first.
    scopes: list[Scope] = []
    thread = threading.get_ident()

    def within(layer: Any, original: Callable[..., Any], args: Any, kwargs: Any) -> Any:
        scopes.append(Scope((layer.name, len(calls)), layer.name, type(layer).__name__))
        try:
            output = original(layer, *args, **kwargs)
            tensor = next(_tensors(output, keras), None)
            if len(scopes) > 1 and tensor is not None:
                calls.append(end_call(scopes[1:], as_value(tensor)))
        finally:
            scopes.pop()
        return output

    def seeing(original: Callable[..., Any]) -> Callable[..., Any]:
        def call(self: Any, *args: Any, **kwargs: Any) -> Any:
            # Another thread may be at another model meanwhile.
            if threading.get_ident() != thread or inside:
                return original(self, *args, **kwargs)
            if _is_container(self, keras):
                return within(self, original, args, kwargs)
            inside.append(self)
            try:
                output = original(self, *args, **kwargs)
            finally:
                inside.pop()
            made = _calls(self, [*args, *kwargs.values()], output, keras)
            calls.extend(replace(each, scopes=tuple(scopes[1:])) for each in made)
            return output

        return call

    originals = keras.Layer.__call__, keras.Operation.__call__
    try:
        keras.Layer.__call__, keras.Operation.__call__ = map(seeing, originals)
        yield
    finally:
        keras.Layer.__call__, keras.Operation.__call__ = originals


def _calls(layer: Any, arguments: list[Any], output: Any, keras: Any) -> Generator[Call]:
    """One for each tensor that a layer made; the first is its output, and comes last."""
    inputs = tuple(as_value(tensor) for tensor in _tensors(arguments, keras))
    outputs = list({id(tensor): tensor for tensor in _tensors(output, keras)}.values())
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
    return (leaf for leaf in leaves_of(values) if _is_tensor(leaf))


@contextmanager
def _untouched(model: Any) -> Generator[None]:
    """Variables, metrics and random states are as they were, also when the block raises."""
    keras: Any = sys.modules["keras"]
    torch: Any = sys.modules["torch"] if keras.config.backend() == "torch" else None
    copies = [(v, np.array(keras.ops.convert_to_numpy(v))) for v in _variables(model)]
    generator = _global_generator()
    seeds = random_states(torch)
    try:
        with nullcontext() if torch is None else torch.no_grad():
            yield
    finally:
        for variable, value in copies:
            if not np.array_equal(keras.ops.convert_to_numpy(variable), value, equal_nan=True):
                variable.assign(value)
        if generator is None and _global_generator() is not None:
            # It comes back with the seed that it had: that is drawn from Python's generator.
            _state().set_global_attribute("global_seed_generator", None)
        restore_random(seeds, torch)


def _variables(model: Any) -> list[Any]:
    size = sum(4 * int(np.prod(v.shape)) for v in model.variables)
    own = model.variables if size <= MOST_COPIED else model.non_trainable_variables
    generator = _global_generator()
    return [*own, *model.metrics_variables, *([] if generator is None else [generator.state])]


def _global_generator() -> Any:
    """Keras's own, of ``keras.random`` without a seed; None before its first use."""
    return _state().get_global_attribute("global_seed_generator")


def _state() -> Any:
    return sys.modules["keras.src.backend.common.global_state"]
