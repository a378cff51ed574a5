"""APNG with one palette, written frame by frame (PNG specification, third edition, 2025)."""

import struct
import zlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from unknot.views.encode.film import Film
from unknot.views.encode.palette import palette_of, patches

#: zlib's level: a step slower would gain a twentieth in size.
LEVEL = 6


def write_apng(path: Path, film: Film) -> None:
    """An animated PNG that repeats for ever; its first frame is what other programs show."""
    palette = palette_of(film)
    rate = film.rate
    # A frame stands for a ratio of two 16-bit numbers.
    delay = struct.pack(">HHBB", rate.denominator, rate.numerator, 0, 0)
    numbers = iter(range(2 * film.n_frames))
    with path.open("wb") as file:
        file.write(b"\x89PNG\r\n\x1a\n")
        # Eight bits a pixel, by palette.
        file.write(_chunk(b"IHDR", struct.pack(">IIBBBBB", film.width, film.height, 8, 3, 0, 0, 0)))
        file.write(_chunk(b"acTL", struct.pack(">II", film.n_frames, 0)))
        file.write(_chunk(b"PLTE", palette.flat[: 3 * len(palette.colours)]))
        for i, patch in enumerate(patches(film, palette)):
            height, width = patch.indices.shape
            place = struct.pack(">IIII", width, height, patch.left, patch.top)
            file.write(_chunk(b"fcTL", struct.pack(">I", next(numbers)) + place + delay))
            file.write(_data(patch.indices, None if i == 0 else numbers))
        file.write(_chunk(b"IEND", b""))


def _data(indices: NDArray[np.uint8], numbers: Iterator[int] | None) -> bytes:
    """The pixels of the first frame, or of a later one, which carries a number."""
    # Each row begins with its filter: none, as is best for palettes.
    rows = np.pad(indices, ((0, 0), (1, 0)))
    data = zlib.compress(rows.tobytes(), LEVEL)
    if numbers is None:
        return _chunk(b"IDAT", data)
    return _chunk(b"fdAT", struct.pack(">I", next(numbers)) + data)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
