"""Film: so many frames of one size, drawn one after the other."""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]

#: Frames from which the colours of a palette are taken.
SAMPLES = 12


class Draw(Protocol):
    """Draws the moment at so many seconds and gives its pixels, (height, width, 4).

    The pixels may be drawn over at the next call.
    """

    def __call__(self, seconds: float) -> Pixels: ...


@dataclass(frozen=True)
class Film:
    """What an encoder needs to know.

    Attributes
    ----------
    draw : function of seconds
    width, height : int
        In pixels, both even.
    fps : float
        Frames a second.
    n_frames : int
    advance : function or None
        Called after each frame.
    """

    draw: Draw
    width: int
    height: int
    fps: float
    n_frames: int
    advance: "Advance | None" = None

    @property
    def rate(self) -> Fraction:
        """Frames a second as a ratio of small numbers: 23.976 is 2997/125."""
        return Fraction(self.fps).limit_denominator(500)

    def frames(self) -> Iterator[Pixels]:
        """Every frame in order, each at the middle of its time."""
        for i in range(self.n_frames):
            yield self.draw((i + 0.5) / self.fps)
            if self.advance is not None:
                self.advance()

    def samples(self) -> Iterator[Pixels]:
        """A few frames from all over the film."""
        n = min(SAMPLES, self.n_frames)
        for i in range(n):
            yield self.draw((i + 0.5) / n * self.n_frames / self.fps)

    def durations(self, tick: Fraction) -> list[int]:
        """How long each frame stands, in ticks of so many seconds.

        Rounded so that every frame begins within half a tick of its time: the film has the
        length that was asked for, not the sum of its rounding errors.
        """
        starts = [round(i / self.rate / tick) for i in range(self.n_frames + 1)]
        return [after - before for before, after in pairwise(starts)]


class Advance(Protocol):
    """Called after each frame: moves a progress bar."""

    def __call__(self) -> None: ...
