"""What makes a trace sound: shapes that fit, finite values, an output that means what it says."""

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

from unknot.datasets.point_labels import plain_array
from unknot.errors import UsageError
from unknot.network.maps import Activation, Affine, Map, Softmax

Values = NDArray[np.floating]


class NotFiniteError(UsageError):
    """A cloud holds NaN or infinity."""


def as_values(name: str, array: ArrayLike) -> Values:
    """(n_points, n_units) numbers: float32 and float64 stay such, all others become float32.

    Raises
    ------
    UsageError
        When they are no real numbers, or not of that shape.
    """
    values = plain_array(array, f"Representation {name!r}")
    if values.dtype.kind not in "biuf":
        raise UsageError(
            f"Representation {name!r} must hold real numbers; got dtype {values.dtype}."
        )
    _check_shape(name, values)
    return values if values.dtype.name in ("float32", "float64") else values.astype(np.float32)


def _check_shape(name: str, values: Values) -> None:
    if values.ndim != 2 or values.shape[1] < 1:
        raise UsageError(
            f"Representation {name!r} must have shape (n_points, n_units); got {values.shape}."
        )


def check_values(name: str, values: Values, n_points: int) -> None:
    """A cloud has the right shape, a row for every label, and finite values."""
    _check_shape(name, values)
    if len(values) != n_points:
        raise UsageError(
            f"Representation {name!r} has {len(values)} rows for "
            f"{n_points} labels; every representation holds the same points."
        )
    if not surely_finite(values) and not np.isfinite(values).all():
        bad = int((~np.isfinite(values)).any(axis=1).sum())
        raise NotFiniteError(
            f"Representation {name!r} has NaN or infinity in {bad} of "
            f"{n_points} rows.\nDrop those rows or find out why the network makes them."
        )


def surely_finite(values: Values) -> bool:
    """Whether one pass at the speed of memory shows that every value is finite.

    A sum of squares is finite unless a value is not, or it overflows: then a closer look is needed.
    """
    if not values.flags.c_contiguous or values.dtype.kind != "f":
        return False
    flat = values.reshape(-1)
    with np.errstate(over="ignore", invalid="ignore"):
        return bool(np.isfinite(np.dot(flat, flat)))


def check_map(k: int, map_: Map, n_in: int, n_out: int) -> None:
    """A map leads from n_in units to n_out."""
    if isinstance(map_, Affine):
        shape = (n_in, n_out)
        if map_.shape != shape or map_.bias.shape != shape[1:]:
            raise UsageError(
                f"Map {k} ({map_.name!r}) must have a weight of shape {shape} and a bias of shape "
                f"{shape[1:]}; got {map_.shape} and {map_.bias.shape}."
            )
    elif isinstance(map_, Activation) and n_in != n_out:
        raise UsageError(
            f"Map {k} ({map_.name!r}) acts unit by unit, but {n_in} units become {n_out}."
        )
    elif isinstance(map_, Activation) and map_.n_units not in (None, n_in):
        raise UsageError(
            f"Map {k} ({map_.name!r}) has parameters for {map_.n_units} units; there are {n_in}."
        )
    elif isinstance(map_, Softmax) and n_in != n_out:
        raise UsageError(f"Map {k} (softmax) keeps the units, but {n_in} become {n_out}.")


def as_probabilities(output: Values, maps: tuple[Map, ...], n_classes: int) -> Values | None:
    """Class probabilities of a network's output, where its last map says that they are."""
    last = maps[-1] if maps else None
    if isinstance(last, Activation) and last.name == "sigmoid" and output.shape[1] == 1:
        return np.hstack([1 - output, output]) if n_classes == 2 else None
    if isinstance(last, Softmax) and output.shape[1] == n_classes:
        return output
    return None


def unit_names(n_units: int, names: Sequence[str] | None = None) -> tuple[str, ...]:
    """The names, or ``unit 1``, ``unit 2``, … where there are none."""
    if names is None:
        return _numbered_units(n_units)
    if len(names) != n_units:
        raise UsageError(f"Got {len(names)} names for {n_units} units.")
    return tuple(names)


@lru_cache(maxsize=32)
def _numbered_units(n_units: int) -> tuple[str, ...]:
    """Once a width: a film along the training traces a network for every frame."""
    return tuple(f"unit {i + 1}" for i in range(n_units))
