"""What a file of unknot's own must hold: its header entry by entry, its arrays by shape and type.

A schema is a JSON value with rules in the places of values: a list of one is a list of any
length, a dict has these keys (those that end in ``?`` may be missing) and may have more.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from unknot.datasets.labels import UNLABELLED
from unknot.errors import short

#: Lists in lists: what a header of unknot's own may have, and more than it has.
DEEPEST = 16
#: Axes of an array: more are damage, whatever they would hold.
MOST_AXES = 8
#: Beyond this a whole number is no longer exact as a float, in Python as on the page.
LARGEST = 2**53


class DamagedError(ValueError):
    """A file does not hold what it should; the text says where."""


@dataclass(frozen=True)
class Rule:
    """What one value of a header must be.

    Attributes
    ----------
    words : str
        As in "expected a finite number".
    holds : callable
    """

    words: str
    holds: Callable[[Any], bool]


def one_of(*allowed: str) -> Rule:
    """Text that is one of these."""
    return Rule(" or ".join(allowed), lambda value: isinstance(value, str) and value in allowed)


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_number(value: Any) -> bool:
    return (_is_whole(value) or isinstance(value, float)) and abs(value) <= 1e300


#: Half of a character, as in a file name of another encoding, is none that others can write.
TEXT = Rule(
    "text",
    lambda value: isinstance(value, str) and not any("\ud800" <= c <= "\udfff" for c in value),
)
TRUTH = Rule("true or false", lambda value: isinstance(value, bool))
NUMBER = Rule("a finite number", _is_number)
COUNT = Rule("a whole number of 0 or more", lambda v: _is_whole(v) and 0 <= v <= LARGEST)
MOMENT = Rule("a finite number of 0 or more", lambda v: _is_number(v) and v >= 0)
SHARE = Rule(
    "a number from 0 to 1, or null", lambda v: v is None or (_is_number(v) and 0 <= v <= 1)
)
#: NaN is written as null.
METRIC = Rule("a finite number or null", lambda v: v is None or _is_number(v))
#: JSON values of the user's own.
FREE = Rule("named values", lambda value: isinstance(value, dict))


@dataclass(frozen=True)
class OrNull:
    """A schema, or null."""

    schema: Any


def check_header(value: Any, schema: Any, place: str = "") -> None:
    """Hold a value of a header against its schema.

    Raises
    ------
    DamagedError
        For the first value that does not fit.
    """
    if isinstance(schema, OrNull):
        if value is not None:
            check_header(value, schema.schema, place)
    elif isinstance(schema, dict):
        _check_dict(value, cast("dict[str, Any]", schema), place)
    elif isinstance(schema, list):
        if not isinstance(value, list):
            raise DamagedError(f"{place} is {short(value)}; expected a list.")
        for i, each in enumerate(cast("list[Any]", value)):
            check_header(each, schema[0], f"{place}[{i}]")
    elif not schema.holds(value):
        raise DamagedError(f"{place} is {short(value)}; expected {schema.words}.")


def _check_dict(value: Any, schema: dict[str, Any], place: str) -> None:
    if not isinstance(value, dict):
        raise DamagedError(f"{place or 'the header'} is {short(value)}; expected named values.")
    for key, inner in schema.items():
        name = key.removesuffix("?")
        if name in value:
            check_header(value[name], inner, f"{place}.{name}" if place else name)
        elif name == key:
            raise DamagedError(f"{place + '.' if place else ''}{name} is missing.")


def check_depth(value: Any) -> None:
    """Lists and dicts nest no deeper than any header of ours, and no number is infinite."""
    layer = [value]
    for _ in range(DEEPEST):
        inner: list[Any] = []
        for each in layer:
            if isinstance(each, dict):
                inner += each.values()
            elif isinstance(each, list):
                inner += each
            elif isinstance(each, float) and not math.isfinite(each):
                raise DamagedError("the header holds a number that is not finite.")
        if not inner:
            return
        layer = inner
    raise DamagedError(f"the header nests deeper than {DEEPEST} levels.")


#: Types of numbers in a safetensors file, by what they may stand for.
FLOATS = ("F16", "F32", "F64")
INTEGERS = ("I8", "I16", "I32", "I64", "U8", "U16", "U32")


@dataclass(frozen=True)
class Expected:
    """An array of a file.

    Attributes
    ----------
    shape : tuple of int or None
        None for a length that nothing else tells.
    types : tuple of str
        Of safetensors.
    """

    shape: tuple[int | None, ...]
    types: tuple[str, ...] = FLOATS


@dataclass(frozen=True)
class Listed:
    """What a file says of an array, before any of it is read."""

    shape: tuple[int, ...]
    type: str


Listing = Mapping[str, Listed]


def check_listing(listing: Listing, expected: Mapping[str, Expected]) -> None:
    """Every array is there, of the right shape and type.

    Raises
    ------
    DamagedError
        For the first that is not.
    """
    for name, array in expected.items():
        own = listed_entry(listing, name)
        if own.type not in array.types:
            raise DamagedError(
                f"the array {name} is of type {own.type}; expected {', '.join(array.types)}."
            )
        fits = len(own.shape) == len(array.shape) and all(
            b is None or a == b for a, b in zip(own.shape, array.shape, strict=True)
        )
        if not fits:
            lengths = ", ".join("any" if n is None else str(n) for n in array.shape)
            raise DamagedError(
                f"the array {name} has shape {short(list(own.shape))}; expected [{lengths}]."
            )


def listed_entry(listing: Listing, name: str) -> Listed:
    """What the file says of an array.

    Raises
    ------
    DamagedError
        When it is not there, or has more axes than any.
    """
    own = listing.get(name)
    if own is None:
        raise DamagedError(f"the array {name} is missing.")
    if len(own.shape) > MOST_AXES:
        raise DamagedError(f"the array {name} has {len(own.shape)} axes; at most {MOST_AXES}.")
    return own


def length(listing: Listing, name: str, n_axes: int = 1) -> int:
    """The length of an array along its first axis."""
    own = listed_entry(listing, name)
    if len(own.shape) != n_axes:
        raise DamagedError(f"the array {name} has {len(own.shape)} axes; expected {n_axes}.")
    return own.shape[0]


def check_finite(name: str, array: NDArray[Any]) -> None:
    """No value is NaN or infinite.

    Raises
    ------
    DamagedError
    """
    if not np.isfinite(array).all():
        raise DamagedError(f"the array {name} holds NaN or infinity.")


def check_labels(name: str, labels: NDArray[Any], n_classes: int) -> None:
    """Class numbers of classes that there are, or targets where there are none.

    A point without a label has the class `UNLABELLED`, or NaN for a target.

    Raises
    ------
    DamagedError
    """
    if not n_classes:
        if np.isinf(labels).any():
            raise DamagedError(f"the array {name} holds infinity.")
    elif labels.dtype.kind not in "iu":
        raise DamagedError(f"{name} are {labels.dtype}, though there are {n_classes} classes.")
    elif len(labels) and (labels.min() < UNLABELLED or labels.max() >= n_classes):
        outside = labels.min() if labels.min() < UNLABELLED else labels.max()
        raise DamagedError(f"{name} hold class {outside}; there are {n_classes} classes.")
