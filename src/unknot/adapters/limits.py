"""What a caller may ask of time and memory."""

import operator
from typing import Any

from unknot.errors import UsageError


def as_rows(batch_size: Any) -> int | None:
    """Rows sent through a model at once.

    Raises
    ------
    UsageError
        For what is no whole number, or less than 1.
    """
    rows = _whole(batch_size)
    if batch_size is not None and (rows is None or rows < 1):
        raise UsageError(
            f"batch_size is a whole number of rows, 1 or more; got {batch_size!r:.100}.\n"
            "Leave it out for as many as the model is quickest with."
        )
    return rows


def as_bytes(memory: Any) -> int | None:
    """Bytes of clouds to keep in memory.

    Raises
    ------
    UsageError
        For what is no whole number, or less than 0.
    """
    size = _whole(memory)
    if memory is not None and (size is None or size < 0):
        raise UsageError(
            f"memory is a whole number of bytes, 0 or more; got {memory!r:.100}.\n"
            "Write one gigabyte as 1_000_000_000, or leave it out for two."
        )
    return size


def _whole(value: Any) -> int | None:
    """Of any type that is a whole number, as NumPy's are."""
    if isinstance(value, bool):
        return None
    try:
        return operator.index(value)
    except TypeError:
        return None
