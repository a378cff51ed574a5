"""The activation that a framework's own layer is, by its name there and what it was made with."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from unknot.network.formulas import Alias, aliases_of
from unknot.network.maps import Activation


def activation_of(framework: str, kind: str, attribute: Callable[[str], Any]) -> Activation | None:
    """The activation that a framework's own module, layer or function is.

    Parameters
    ----------
    framework : str
        Of `FRAMEWORKS`.
    kind : str
        What it is called there.
    attribute : callable
        Gives its attributes and arguments; None for one that is not there.
    """
    for entry, alias in aliases_of(kind, framework):
        read = {ours: _number(attribute(theirs)) for ours, theirs in alias.parameters.items()}
        if _holds(alias, attribute) and all(value is not None for value in read.values()):
            return Activation(entry.name, **read)
    return None


def _holds(alias: Alias, attribute: Callable[[str], Any]) -> bool:
    return all(_is_among(attribute(name), allowed) for name, allowed in alias.where.items())


def _is_among(value: Any, allowed: Sequence[Any]) -> bool:
    try:
        return any(value is each or bool(value == each) for each in allowed)
    except (TypeError, ValueError, RuntimeError):
        return False  # an array of several


def _number(value: Any) -> Any:
    """A number, or one a unit; None for what is neither."""
    try:
        numbers = np.asarray(value, np.float64)
    except (TypeError, ValueError):
        return None
    is_fitting = numbers.size and numbers.size == max(numbers.shape, default=1)
    return shortest(np.squeeze(numbers)) if is_fitting and np.isfinite(numbers).all() else None


def shortest(numbers: NDArray[np.float64]) -> NDArray[np.float64]:
    """A slope of 0.2 that was kept in single precision is 0.2, not 0.20000000298."""
    single = numbers.astype(np.float32)
    short = np.array([float(str(number)) for number in single.ravel()]).reshape(single.shape)
    return np.where(single == numbers, short, numbers)
