"""What makes a trace sound: shapes that fit, finite values, labels with names."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from unknot.errors import UsageError
from unknot.network.maps import Activation, Affine, Map

Values = NDArray[np.floating]


def as_values(name: str, array: ArrayLike) -> Values:
    values = np.asarray(array)
    if values.dtype.kind not in "biuf":
        raise UsageError(
            f"Representation {name!r} must hold real numbers; got dtype {values.dtype}."
        )
    _check_shape(name, values)
    return values if values.dtype.name in ("float32", "float64") else values.astype(np.float32)


def as_labels(
    labels: ArrayLike, class_names: Sequence[str] | None
) -> tuple[NDArray[np.int64] | NDArray[np.float32], tuple[str, ...]]:
    """Class numbers with their names, or a regression target without."""
    y = np.asarray(labels)
    if y.ndim != 1 or y.dtype.kind not in "biuf":
        raise UsageError(
            f"Labels must be numbers of shape (n_points,); got shape {y.shape}, dtype {y.dtype}."
        )
    if y.dtype.kind == "f" and not np.all(y == np.round(y)):
        return y.astype(np.float32), ()
    y = y.astype(np.int64)
    names = tuple(class_names or (str(c) for c in range(int(y.max(initial=0)) + 1)))
    if y.size and (y.min() < 0 or y.max() >= len(names)):
        raise UsageError(
            f"Class numbers must lie in 0 … {len(names) - 1}, one a class name; "
            f"got {y.min()} … {y.max()}."
        )
    return y, names


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
        raise UsageError(
            f"Representation {name!r} has NaN or infinity in {bad} of "
            f"{n_points} rows.\nDrop those rows or find out why the network makes them."
        )


def surely_finite(values: Values) -> bool:
    """One pass at the speed of memory: a sum of squares is finite unless a value is not, or it
    overflows, and then a closer look is needed."""
    if not values.flags.c_contiguous or values.dtype.kind != "f":
        return False
    flat = values.reshape(-1)
    with np.errstate(over="ignore", invalid="ignore"):
        return bool(np.isfinite(np.dot(flat, flat)))


def check_map(k: int, map_: Map, n_in: int, n_out: int) -> None:
    """A map leads from n_in units to n_out."""
    if isinstance(map_, Affine):
        shape = (n_in, n_out)
        if map_.weight.shape != shape or map_.bias.shape != shape[1:]:
            raise UsageError(
                f"Map {k} ({map_.name!r}) must have a weight of shape {shape} and a bias of shape "
                f"{shape[1:]}; got {map_.weight.shape} and {map_.bias.shape}."
            )
    elif isinstance(map_, Activation) and n_in != n_out:
        raise UsageError(
            f"Map {k} ({map_.name!r}) acts unit by unit, but {n_in} units become {n_out}."
        )
