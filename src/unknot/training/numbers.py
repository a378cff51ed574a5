"""Single numbers among the arguments of ``fit``, checked."""

import math
import operator
from collections.abc import Sequence
from typing import Any, SupportsFloat, cast

import numpy as np

from unknot.errors import UsageError


def whole_number(value: object, what: str, low: int, high: int = 10**9) -> int:
    """`value` as an int from `low` to `high`; floats, text and booleans are refused."""
    try:
        if isinstance(value, (bool, np.bool_)):
            raise TypeError
        number = operator.index(cast(Any, value))
    except TypeError:
        number = None
    if number is None or not low <= number <= high:
        raise UsageError(
            f"Got {short(value)} as {what}; allowed: a whole number, {low} to {high:,}."
        )
    return number


def as_sequence(value: object, what: str, example: str) -> Sequence[object]:
    """`value` as a sequence; a single whole number stands for a sequence of one."""
    if isinstance(value, np.ndarray):
        return cast(list[object], np.atleast_1d(value).tolist())
    if isinstance(value, Sequence) and not isinstance(value, (str, bytes)):
        return cast(Sequence[object], value)
    if isinstance(value, (int, np.integer)):
        return [value]
    raise UsageError(f"Got {short(value)} as {what}; allowed: a list, for example {example}.")


def learning_rate_number(value: object, default: float) -> float:
    """`value` as a float that is positive and finite in float32 too, in which it will be used."""
    rate = _float(value)
    with np.errstate(over="ignore", under="ignore"):
        single = np.float32(rate)
    if not (single > 0 and np.isfinite(single)):
        raise UsageError(
            f"Got {short(value)} as learning rate; allowed: a finite number above 0.\n"
            f"This optimiser's usual one is {default}."
        )
    return rate


def decay_number(value: object) -> float:
    """`value` as a weight decay: a finite float from 0 to 1."""
    number = _float(value)
    if not 0 <= number <= 1:
        raise UsageError(
            f"Got {short(value)} as weight decay; allowed: a number from 0 to 1.\n"
            "The usual one is 0.01; 0 is plain Adam."
        )
    return number


def share(value: object) -> float:
    """`value` as a float in [0, 1)."""
    number = _float(value)
    if not 0 <= number < 1:
        raise UsageError(
            f"Got {short(value)} as validation; allowed: the share of rows to hold out, "
            "from 0 to below 1.\nThe usual one is 0.2; 0 trains on everything."
        )
    return number


def _float(value: object) -> float:
    if isinstance(value, (bool, np.bool_, str, bytes)):
        return math.nan
    try:
        return float(cast(SupportsFloat, value))
    except (TypeError, ValueError, OverflowError):
        return math.nan


def short(value: object) -> str:
    """`value` as an error tells it, on one line and cut."""
    if isinstance(value, int) and value.bit_length() > 64:
        return "a number of more than 19 digits"
    text = f"{value:,}" if type(value) is int else repr(value)
    return text if len(text) <= 60 else text[:59] + "…"
