"""Words as pictures, made once and stamped as often as a film needs them."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from matplotlib.backends.backend_agg import RendererAgg
from matplotlib.font_manager import FontProperties
from numpy.typing import NDArray

from unknot.draw.words import families


@dataclass(frozen=True)
class Sprite:
    """The ink of one line of text.

    Attributes
    ----------
    ink : (height, n_columns) float32
        0 where there is none, 1 where it covers.
    width : float
        How far the text reaches, in pixels.
    ascent : int
        Rows above the base line.
    """

    ink: NDArray[np.float32]
    width: float
    ascent: int


@lru_cache(maxsize=2_000)
def sprite(text: str, size: float, *, bold: bool = False) -> Sprite:
    """One line of text, `size` pixels high. The text must have passed ``words.fit``."""
    font = FontProperties(family=list(families()), weight="bold" if bold else "normal", size=size)
    # At 72 dots an inch a point is a pixel.
    width, height, descent = RendererAgg(1, 1, 72).get_text_width_height_descent(text, font, False)
    pad = 2
    columns, rows = int(np.ceil(width)) + 2 * pad, int(np.ceil(height)) + 2 * pad
    renderer = RendererAgg(columns, rows, 72)
    context = renderer.new_gc()
    below = int(np.ceil(descent)) + pad
    renderer.draw_text(context, pad, rows - below, text, font, 0, False)
    ink = np.asarray(renderer.buffer_rgba())[..., 3].astype(np.float32)
    ink /= 255
    # Cut the padding on the left, so that the text starts where it is put.
    return Sprite(ink[:, pad:], float(width), rows - below)


def turned(upright: Sprite) -> Sprite:
    """The same words from bottom to top; the base line is where they start, at the bottom."""
    ink = upright.ink.T[::-1]
    return Sprite(ink, float(ink.shape[1]), len(ink))
