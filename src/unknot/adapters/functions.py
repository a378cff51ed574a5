"""A list of functions, called one after another: the adapter for everything else."""

from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any

from unknot.adapters.claims import activation_by_values, activation_named, flat, known_name
from unknot.adapters.levels import along
from unknot.adapters.network import Array, Network, Places, Step
from unknot.errors import UsageError
from unknot.network.maps import Activation, Affine, Map, Opaque, Softmax

Function = Callable[[Any], Any]
#: unknot's own maps are functions, too.
OWN = (Affine, Activation, Softmax)


@contextmanager
def opened(model: Sequence[Function], sample: Array, path: list[str] | None) -> Generator[Network]:
    """Each function is a step. unknot's own maps among them keep their weights."""
    if path:
        raise UsageError(
            "A list of functions has one path: leave path= out and shorten the list instead."
        )
    first = model[0]
    network = Network(
        "list-of-functions",
        tuple(_steps(model, sample)),
        partial(_forward, model),
        n_features=first.weight.shape[0] if isinstance(first, Affine) else None,
    )
    yield along(network, path)


def _steps(model: Sequence[Function], sample: Array) -> Generator[Step]:
    before = sample
    for i, function in enumerate(model):
        name = _name(function, i)
        try:
            after: Any = as_array(function(before), name)
        except UsageError:
            raise
        except Exception:
            # It fails again where the model is run, and is told there.
            after = None
        map_ = _map(function, name, before, after)
        is_told = isinstance(function, OWN) or isinstance(map_, Opaque)
        yield Step(name, name, (map_,), is_guess=not is_told)
        before = sample if after is None else after


def _map(function: Function, name: str, before: Array, after: Any) -> Map:
    if isinstance(function, OWN):
        return function
    if after is None:
        return Opaque(name)
    if name == "softmax":
        return Softmax()
    clouds = flat(before), flat(after)
    named = activation_named(name, *clouds)
    if named is not None or known_name(name):
        return named or Opaque(name)
    return activation_by_values(*clouds) or Opaque(name)


def _forward(
    model: Sequence[Function], batch: Array, known: Sequence[bool], places: Places
) -> Generator[Array | None]:
    values = batch
    for i, function in enumerate(model):
        values = as_array(function(values), _name(function, i))
        yield values


def as_array(values: Any, name: str) -> Array:
    """One array of what a function or a layer gave.

    Raises
    ------
    UsageError
        When it gave several, or something else.
    """
    import numpy as np

    if isinstance(values, tuple | list | dict):
        raise UsageError(
            f"{name!r} returns a {type(values).__name__} of {len(values)}; unknot follows one "  # pyright: ignore[reportUnknownArgumentType]
            "array.\nReturn one of them, or wrap it in a function that does."
        )
    return np.asarray(values)


def _name(function: Function, i: int) -> str:
    if isinstance(function, OWN):
        return function.name
    inner = function.func if isinstance(function, partial) else function
    name = getattr(inner, "__name__", type(inner).__name__)
    return f"function {i + 1}" if name == "<lambda>" else name
