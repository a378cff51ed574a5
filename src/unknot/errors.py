"""The two errors that unknot raises on purpose, and the checks of numbers that raise one.

Every message says what was got, what is allowed and what to do next, in one to three lines.
The command line turns the errors into exit codes.
"""

import math
import operator
from collections.abc import Sequence
from typing import Any, SupportsFloat, cast


class UnknotError(Exception):
    """The work itself failed (exit code 1): training diverged, say, or a disk is full."""


class UsageError(UnknotError, ValueError):
    """The call was wrong (exit code 2): an unknown name, a bad value, a file that is not one."""


def whole_number(value: object, what: str, low: int, high: int = 10**9, *, remedy: str = "") -> int:
    """`value` as an int from `low` to `high`; floats, text and booleans are refused.

    `remedy` is what to do next, where that is more than to give such a number.
    """
    number = None
    # NumPy's whole numbers have an index; its booleans have none, Python's do.
    if hasattr(value, "__index__") and not isinstance(value, bool):
        try:
            number = operator.index(cast(Any, value))
        except TypeError:
            # An array of several.
            number = None
    if number is None or not low <= number <= high:
        raise UsageError(
            f"Got {short(value)} as {what}; allowed: a whole number, {low} to {high:,}."
            + (f"\n{remedy}" if remedy else "")
        )
    return number


def real_number(value: object) -> float:
    """`value` as a float; NaN for text, booleans and whatever is no number."""
    if isinstance(value, (bool, str, bytes)) or "bool" in str(getattr(value, "dtype", "")):
        return math.nan
    try:
        return float(cast(SupportsFloat, value))
    except (TypeError, ValueError, OverflowError):
        return math.nan


def as_sequence(value: object, what: str, example: str) -> Sequence[object]:
    """`value` as a sequence; a single whole number stands for a sequence of one."""
    if hasattr(value, "tolist"):
        # A NumPy array or number.
        value = cast(Any, value).tolist()
    if isinstance(value, Sequence) and not isinstance(value, (str, bytes)):
        return cast(Sequence[object], value)
    if isinstance(value, int):
        return [value]
    raise UsageError(f"Got {short(value)} as {what}; allowed: a list, for example {example}.")


def short(value: object) -> str:
    """`value` as an error tells it, on one line and cut."""
    if isinstance(value, int) and value.bit_length() > 64:
        return "a number of more than 19 digits"
    text = f"{value:,}" if type(value) is int else repr(value)
    return text if len(text) <= 60 else text[:59] + "…"
