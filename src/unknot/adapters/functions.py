"""A list of functions, called one after another: the adapter for everything else."""

from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any

import numpy as np

from unknot.adapters.calls import only, parts_of
from unknot.adapters.claims import activation_by_values, activation_named, flat, known_name
from unknot.adapters.inputs import by_name, in_order, is_several
from unknot.adapters.levels import along
from unknot.adapters.network import Array, Network, Places, Route, Step
from unknot.errors import UsageError
from unknot.network.maps import Activation, Affine, Map, Opaque, Softmax

Function = Callable[[Any], Any]
TAKES_SEVERAL = True
#: unknot's own maps are functions, too.
OWN = (Affine, Activation, Softmax)


@contextmanager
def opened(model: Sequence[Function], sample: Array, path: Route) -> Generator[Network]:
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
        n_features=first.shape[0] if isinstance(first, Affine) else None,
    )
    yield along(network, path)


def _steps(model: Sequence[Function], sample: Array) -> Generator[Step]:
    before, given = sample, _as_given(sample)
    for i, function in enumerate(model):
        name = _name(function, i)
        try:
            after: Any = as_array(function(given), name)
        except UsageError:
            raise
        except Exception:
            # It fails again where the model is run, and is told there.
            after = None
        map_ = _map(function, name, before, after)
        is_told = isinstance(function, OWN) or isinstance(map_, Opaque)
        yield Step(name, name, (map_,), is_guess=not is_told)
        before = given = sample if after is None else after


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
    values = _as_given(batch)
    for i, function in enumerate(model):
        values = as_array(function(values), _name(function, i))
        yield values


def _as_given(batch: Array) -> Any:
    """A batch as the first function gets it: of several inputs a dictionary or a tuple."""
    if not is_several(batch):
        return batch
    inputs = by_name(batch)
    return tuple(inputs.values()) if in_order(batch) else inputs


def as_array(values: Any, name: str) -> Array:
    """The one array that a function or a layer gave, or its logits.

    Raises
    ------
    UsageError
        When it gave several, or something else.
    """
    if parts_of(values) is None:
        return np.asarray(values)
    one, places = only(values, lambda part: hasattr(part, "shape"))
    if one is None:
        what = f" of {len(places)} ({', '.join(places)})" if places else " without arrays"
        raise UsageError(
            f"{name!r} returns a {type(values).__name__}{what}; unknot follows one array.\n"
            "Return one of them, or wrap it in a function that does."
        )
    return np.asarray(one)


def _name(function: Function, i: int) -> str:
    if isinstance(function, OWN):
        return function.name
    inner = function.func if isinstance(function, partial) else function
    name = getattr(inner, "__name__", type(inner).__name__)
    return f"function {i + 1}" if name == "<lambda>" else name
