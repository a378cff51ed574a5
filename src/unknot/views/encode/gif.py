"""GIF89a with one palette, written frame by frame; Pillow compresses each frame."""

import struct
from fractions import Fraction
from pathlib import Path

from PIL import GifImagePlugin, Image

from unknot.views.encode.film import Film
from unknot.views.encode.palette import palette_of, patches

#: The format's clock.
TICK = Fraction(1, 100)


def write_gif(path: Path, film: Film) -> None:
    """A GIF that repeats for ever."""
    palette = palette_of(film)
    with path.open("wb") as file:
        # 256 colours for all frames (0xF7), then the extension that makes it repeat.
        file.write(b"GIF89a" + struct.pack("<HHBBB", film.width, film.height, 0xF7, 0, 0))
        file.write(palette.flat)
        file.write(b"\x21\xff\x0bNETSCAPE2.0\x03\x01\x00\x00\x00")
        for patch, ticks in zip(patches(film, palette), film.durations(TICK), strict=True):
            file.write(b"\x21\xf9\x04\x04" + struct.pack("<HBB", ticks, 0, 0))
            image = Image.fromarray(patch.indices, mode=None)
            file.writelines(GifImagePlugin.getdata(image, (patch.left, patch.top)))
        file.write(b";")
