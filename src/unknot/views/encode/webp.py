"""Animated WebP, through Pillow."""

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

from PIL import Image

from unknot.views.encode.film import Film, Pixels

#: The format's clock.
TICK = Fraction(1, 1000)


def write_webp(path: Path, film: Film) -> None:
    """A WebP that repeats for ever."""
    reel = _Reel(film)
    # A file that Pillow opens stays open when Ctrl-C comes.
    with path.open("wb") as file:
        reel.save(
            file,
            format="WEBP",
            save_all=True,
            duration=film.durations(TICK),
            loop=0,
            quality=82,
            method=1,
        )


class _Reel(Image.Image):
    """A film as Pillow sees one: an image of many frames, each drawn when it is asked for."""

    def __init__(self, film: Film) -> None:
        super().__init__()
        self.n_frames = film.n_frames
        self._frames: Iterator[Pixels] = film.frames()
        self._at = -1
        first = Image.new("RGB", (film.width, film.height))
        self._show(first)

    def seek(self, frame: int) -> None:
        if frame > self._at:
            self._show(Image.fromarray(next(self._frames)[..., :3]))
            self._at = frame

    def tell(self) -> int:
        return max(self._at, 0)

    def _show(self, picture: Any) -> None:
        self._im, self._mode, self._size = picture.im, picture.mode, picture.size
