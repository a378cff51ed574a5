"""The weights of a ``.keras`` file (HDF5): plain numbers that are in it, and no more."""

import math
import operator
import threading
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from unknot.adapters.extras import need

#: Numbers a model may have besides those in its file: counters, seeds, what is computed anew.
SPARE = 1_000_000
#: A second thread that restored what it found would leave the first one's function in place.
_alone = threading.RLock()


def count(file: Path) -> int:
    """How many numbers an HDF5 file holds, which may name other files or claim what it lacks.

    Raises
    ------
    ValueError
        When it is more than groups and plain arrays.
    """
    h5py = need("h5py", "keras", "Reading a .keras file")
    with h5py.File(file, "r") as opened:
        numbers, held = _count(h5py, opened, set())
    if held > file.stat().st_size:
        raise ValueError("its weights claim more bytes than there are")
    return numbers


def _count(h5py: Any, group: Any, seen: set[int]) -> tuple[int, int]:
    """Numbers and bytes in a group; whatever can be reached in two ways is refused."""
    numbers = held = 0
    for name in group:
        where = f"{group.name.rstrip('/')}/{name}"[:120]
        if not isinstance(group.get(name, getlink=True), h5py.HardLink):
            raise ValueError(f"its weights are a link to elsewhere ({where})")
        item = group[name]
        address = h5py.h5o.get_info(item.id).addr
        if address in seen:
            raise ValueError(f"its weights are linked in a circle ({where})")
        seen.add(address)
        if isinstance(item, h5py.Group):
            inner = _count(h5py, item, seen)
            numbers, held = numbers + inner[0], held + inner[1]
        elif _is_plain(h5py, item):
            numbers, held = numbers + int(item.size), held + int(item.nbytes)
        else:
            raise ValueError(f"its weights are not plain numbers in it ({where})")
    return numbers, held


def _is_plain(h5py: Any, item: Any) -> bool:
    """An array whose numbers are one after another in this very file."""
    if not isinstance(item, h5py.Dataset) or item.shape is None:
        return False
    made = item.id.get_create_plist()
    layout = made.get_layout() in (h5py.h5d.CONTIGUOUS, h5py.h5d.COMPACT)
    elsewhere = made.get_external_count() or made.get_nfilters()
    # bfloat16 and its like are two or one opaque bytes.
    number = item.dtype.kind in "biufc" or (item.dtype.kind == "V" and item.dtype.itemsize <= 2)
    return layout and not elsewhere and number and item.dtype.fields is None


@contextmanager
def at_most(keras: Any, numbers: int) -> Generator[None]:
    """While a model is made, its layers get no more weights than its file has numbers.

    Raises
    ------
    ValueError
        Before the memory is asked for.
    """
    with _alone:
        original, here, left = keras.Layer.add_weight, threading.get_ident(), numbers + SPARE

        def add_weight(layer: Any, shape: Any = None, *args: Any, **kwargs: Any) -> Any:
            nonlocal left
            if threading.get_ident() == here:
                sizes = shape if isinstance(shape, (tuple, list)) else [shape or 1]
                wanted = math.prod(map(operator.index, sizes))  # pyright: ignore[reportUnknownArgumentType]
                left -= max(wanted, 0)
                if left < 0:
                    raise ValueError(f"a layer asks for {wanted:,} weights, which are not in it")
            return original(layer, shape, *args, **kwargs)

        keras.Layer.add_weight = add_weight
        try:
            yield
        finally:
            keras.Layer.add_weight = original
