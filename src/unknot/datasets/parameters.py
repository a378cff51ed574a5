"""The parameters of a data set, read from its function's signature, converted and checked.

A bound stands in the annotation, ``noise: Annotated[float, Within(0, 1000)] = 0.1``, so that
the library, ``-p noise=0.1`` on the command line and the printed list all hold to it.
"""

import inspect
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, get_args, get_origin, get_type_hints

import numpy as np

from unknot.datasets.dataset import Dataset
from unknot.errors import UsageError
from unknot.table import unknown

MAX_POINTS = 10_000_000
MAX_VALUES = 250_000_000


@dataclass(frozen=True)
class Within:
    """Bounds of a parameter: ``low ≤ value ≤ high``, or ``value < high`` when `below` is set."""

    low: float
    high: float
    below: bool = False

    def __contains__(self, value: float) -> bool:
        return self.low <= value and (value < self.high if self.below else value <= self.high)

    def __str__(self) -> str:
        return f"from {self.low:,.10g} to {'below ' if self.below else ''}{self.high:,.10g}"


Noise = Annotated[float, Within(0, 1000)]
"""Standard deviation of the Gaussian noise on every coordinate."""
Points = Annotated[int, Within(1, MAX_POINTS)]
Seed = Annotated[int, Within(0, 2**32 - 1)]
Dimension = Annotated[int, Within(1, 1000)]


@dataclass(frozen=True)
class Parameter:
    """One parameter of a data set.

    Attributes
    ----------
    name : str
    kind : type
        ``int`` or ``float``.
    default : int, float or None
    bounds : Within
    optional : bool
        Whether None is a value.
    """

    name: str
    kind: type
    default: float | None
    bounds: Within
    optional: bool

    @property
    def allowed(self) -> str:
        """What may be given, in words."""
        noun = "a whole number" if self.kind is int else "a number"
        return f"{noun} {self.bounds}{' or none' if self.optional else ''}"

    def read(self, owner: str, value: object) -> float | None:
        """Turn a number or its text into a checked value.

        Parameters
        ----------
        owner : str
            The data set, for the message.
        value : object

        Raises
        ------
        UsageError
            When the value is of another type or out of bounds.
        """
        if self.optional and (value is None or str(value).lower() == "none"):
            return None
        number = _number(value)
        if number is not None and number in self.bounds and self.kind(number) == number:
            return self.kind(number)
        got = repr(value) if isinstance(value, str) else str(value)
        default = "none" if self.default is None else f"{self.default:,.10g}"
        raise UsageError(
            f"{owner}: {self.name} must be {self.allowed}; got {got[:60]}.\n"
            f"Leave it out for the default, {default}."
        )


def _number(value: object) -> float | None:
    number: float
    if isinstance(value, str):
        try:
            number = float(value)
        except ValueError:
            return None
    elif isinstance(value, int | float | np.integer | np.floating) and not isinstance(value, bool):
        number = value.item() if isinstance(value, np.generic) else value
    else:
        return None
    return number if math.isfinite(number) else None


def parameters_of(function: Callable[..., Dataset]) -> dict[str, Parameter]:
    """Every parameter of a data-set function by name, ``n`` and ``seed`` included."""
    hints = get_type_hints(function, include_extras=True)
    parameters: dict[str, Parameter] = {}
    for name, parameter in inspect.signature(function).parameters.items():
        hint, bounds = hints[name], Within(-math.inf, math.inf)
        if get_origin(hint) is Annotated:
            hint, bounds = get_args(hint)
        kinds = get_args(hint) or (hint,)
        parameters[name] = Parameter(name, kinds[0], parameter.default, bounds, len(kinds) > 1)
    return parameters


def check_arguments(
    function: Callable[..., Dataset], arguments: Mapping[str, object]
) -> dict[str, float | None]:
    """All arguments of one call: what was given, converted and checked, and the defaults.

    Raises
    ------
    UsageError
        For a name that the function does not have, or a value that it does not take.
    """
    owner, parameters = function.__name__, parameters_of(function)
    for name in arguments:
        if name not in parameters:
            raise UsageError(unknown(f"parameter of {owner}", name, parameters))
    return {
        name: parameter.read(owner, arguments[name]) if name in arguments else parameter.default
        for name, parameter in parameters.items()
    }


def check_points(n: int, n_classes: int, n_features: int = 2) -> None:
    """Refuse fewer than two points a class and arrays that no ordinary machine holds.

    Raises
    ------
    UsageError
    """
    if n < 2 * n_classes:
        raise UsageError(
            f"n must be at least {2 * n_classes}, two points for each of {n_classes} classes; "
            f"got {n}.\nGive a larger n."
        )
    if n * n_features > MAX_VALUES:
        raise UsageError(
            f"{n:,} points with {n_features:,} features are too many: at most {MAX_VALUES:,} "
            f"numbers in all.\nGive n of at most {MAX_VALUES // n_features:,}."
        )


def as_arguments(names: list[str], args: tuple[Any, ...], kwargs: dict[str, Any]) -> dict[str, Any]:
    """Positional and keyword arguments of a Python call as one mapping; ``n`` may be positional.

    Raises
    ------
    UsageError
        For more than one positional argument, or ``n`` given twice.
    """
    if len(args) > 1 or (args and names[0] in kwargs):
        raise UsageError(
            f"Only {names[0]} may stand without its name, once; got {len(args)} unnamed "
            f"arguments.\nName the others: {', '.join(names[1:])}."
        )
    return {**dict(zip(names, args, strict=False)), **kwargs}
