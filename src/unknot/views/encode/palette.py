"""256 colours for a whole film: a palette of its own for each frame would make it flicker."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from unknot.views.encode.film import Film, Pixels

#: Bits of each of red, green and blue that choose a colour of the palette.
BITS = 6


@dataclass(frozen=True)
class Palette:
    """Colours and, for every colour there is, the nearest of them.

    Attributes
    ----------
    colours : (n_colours, 3) uint8
        At most 256.
    nearest : (2^18,) uint8
        By the upper six bits of red, green and blue.
    """

    colours: NDArray[np.uint8]
    nearest: NDArray[np.uint8]

    def indices(self, pixels: Pixels) -> NDArray[np.uint8]:
        """(height, width) of a frame (height, width, 4)."""
        key = pixels[..., 0].astype(np.int32) >> (8 - BITS)
        for channel in (1, 2):
            key <<= BITS
            key |= pixels[..., channel] >> (8 - BITS)
        return self.nearest[key]

    @property
    def flat(self) -> bytes:
        """768 bytes: red, green and blue of 256 colours, the rest black."""
        return self.colours.tobytes().ljust(768, b"\0")


def palette_of(film: Film) -> Palette:
    """The colours of a few frames from all over the film."""
    # Every second pixel in either direction, shifted from frame to frame, shows all there is.
    parts = [
        frame[i % 2 :: 2, i // 2 % 2 :: 2, :3].copy() for i, frame in enumerate(film.samples())
    ]
    rows = min(len(part) for part in parts)
    columns = min(part.shape[1] for part in parts)
    mosaic = np.concatenate([part[:rows, :columns] for part in parts])
    # White covers most of every frame: count it, and every other colour, by its root.
    colours, counts = np.unique(mosaic.reshape(-1, 3), axis=0, return_counts=True)
    weighted = np.repeat(colours, np.ceil(np.sqrt(counts)).astype(np.int64), axis=0)
    image = Image.fromarray(weighted[None])
    chosen = image.quantize(255, Image.Quantize.MEDIANCUT, kmeans=1).getpalette() or [0, 0, 0]
    found = np.array(chosen, dtype=np.uint8).reshape(-1, 3)
    return _with_lookup(np.unique(np.concatenate([[[255, 255, 255]], found]), axis=0))


def _with_lookup(colours: NDArray[np.integer]) -> Palette:
    from scipy.spatial import KDTree

    levels = (np.arange(1 << BITS) * 255 / ((1 << BITS) - 1)).round()
    every = np.stack(np.meshgrid(levels, levels, levels, indexing="ij"), axis=-1).reshape(-1, 3)
    _, nearest = KDTree(colours).query(every)
    return Palette(colours.astype(np.uint8), np.asarray(nearest).astype(np.uint8))


@dataclass(frozen=True)
class Patch:
    """The part of a frame that differs from the frame before.

    Attributes
    ----------
    left, top : int
    indices : (height, width) uint8
        One pixel at least.
    """

    left: int
    top: int
    indices: NDArray[np.uint8]


def patches(film: Film, palette: Palette) -> Iterator[Patch]:
    """Every frame as what changed since the one before; the first is whole."""
    before: NDArray[np.uint8] | None = None
    for pixels in film.frames():
        indices = palette.indices(pixels)
        if before is None:
            yield Patch(0, 0, indices)
        else:
            changed = indices != before
            rows, columns = np.flatnonzero(changed.any(axis=1)), np.flatnonzero(changed.any(axis=0))
            top, bottom = (int(rows[0]), int(rows[-1]) + 1) if len(rows) else (0, 1)
            left, right = (int(columns[0]), int(columns[-1]) + 1) if len(columns) else (0, 1)
            yield Patch(left, top, indices[top:bottom, left:right])
        before = indices
