"""A chain of maps: points go through all of it some rows at a time."""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from unknot.network.maps import Affine, KnownMap

Values = NDArray[np.floating]

#: Numbers of the widest cloud that are made at once where not all are: so many stay in a core's
#: cache, and the next rows find the memory of the last ones.
BLOCK = 1 << 17
#: Numbers of the widest cloud up to which all rows go at once.
SMALL = 8 * BLOCK


def blocks(
    maps: Sequence[KnownMap], values: Values, most: int | None = None
) -> Iterator[tuple[slice, list[Values]]]:
    """Rows and their clouds before the first map and after each, (n, n_units) each.

    Parameters
    ----------
    maps : sequence of maps
    values : (n_points, n_units) float array
        Before the first of them.
    most : int, optional
        Rows at once, at most. Fewer go where a map is wide.
    """
    n, widest = len(values), max(widths(maps, values.shape[1]))
    at_once = n if n * widest <= SMALL else max(BLOCK // widest, 1)
    at_once = max(at_once if most is None else min(at_once, most), 1)
    for start in range(0, max(n, 1), at_once):
        rows = slice(start, start + at_once)
        clouds = [values[rows]]
        for map_ in maps:
            clouds.append(map_(clouds[-1]))
        yield rows, clouds


def last_cloud(maps: Sequence[KnownMap], values: Values) -> Values:
    """The cloud after the last map; those on the way are not kept."""
    parts = [clouds[-1] for _, clouds in blocks(maps, values)]
    return parts[0] if len(parts) == 1 else np.concatenate(parts)


def widths(maps: Sequence[KnownMap], n_units: int) -> list[int]:
    """Units before the first map and after each."""
    every = [n_units]
    for map_ in maps:
        every.append(len(map_.bias) if isinstance(map_, Affine) else every[-1])
    return every
