"""Canvas: a picture in memory to draw on many times a second.

Matplotlib's own rasteriser (Agg) draws lines, shapes and letters, without the figure around it:
redrawing a whole figure takes longer than everything else in a film together. Words are pictures
too, made once and stamped as often as a film needs them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from matplotlib.backends.backend_agg import RendererAgg
from matplotlib.font_manager import FontProperties
from matplotlib.path import Path
from matplotlib.transforms import Affine2D, Bbox
from numpy.typing import NDArray
from PIL import Image

from unknot.draw.plane import Points, Window
from unknot.draw.style import Rgb, rgb
from unknot.draw.words import families

#: Agg takes sizes and line widths in points: at 72 dots an inch a point is a pixel.
DOTS_PER_INCH = 72
#: Places within a pixel, along each axis, at which a disc is drawn beforehand.
PHASES = 8


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


def _font(size: float, bold: bool) -> FontProperties:
    return FontProperties(family=list(families()), weight="bold" if bold else "normal", size=size)


@lru_cache(maxsize=10_000)
def text_size(text: str, size: float, *, bold: bool = False) -> tuple[float, float, float]:
    """Width, height and descent of one line of text in pixels: to draw it takes far longer."""
    # At 72 dots an inch a point is a pixel.
    renderer = RendererAgg(1, 1, DOTS_PER_INCH)
    return renderer.get_text_width_height_descent(text, _font(size, bold), False)


@lru_cache(maxsize=2_000)
def sprite(text: str, size: float, *, bold: bool = False) -> Sprite:
    """One line of text, `size` pixels high. The text must have passed ``words.fit``."""
    font = _font(size, bold)
    width, height, descent = text_size(text, size, bold=bold)
    pad = 2
    columns, rows = int(np.ceil(width)) + 2 * pad, int(np.ceil(height)) + 2 * pad
    renderer = RendererAgg(columns, rows, DOTS_PER_INCH)
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


@dataclass(frozen=True)
class Region:
    """A rectangle of a canvas, in pixels from the upper left corner."""

    left: int
    top: int
    width: int
    height: int

    @property
    def right(self) -> int:
        """The first column of pixels beyond it."""
        return self.left + self.width

    @property
    def bottom(self) -> int:
        """The first row of pixels below it."""
        return self.top + self.height

    def showing(self, window: Window) -> Affine2D:
        """What takes the coordinates of a window to pixels of the canvas in this region."""
        x, y = window.low[0], window.high[1]
        place = Affine2D().translate(-x, -y).scale(1 / window.scale, -1 / window.scale)
        return place.translate(self.left, self.top)


class Canvas:
    """A white picture. Places are pixels from the upper left corner, y downwards.

    Parameters
    ----------
    width, height : int

    Attributes
    ----------
    pixels : (height, width, 4) uint8
        Red, green, blue and 255. It is drawn on in place.
    """

    def __init__(self, width: int, height: int) -> None:
        self.width, self.height = width, height
        # Any: matplotlib's annotations of its drawing methods are narrower than what they take.
        self._renderer: Any = RendererAgg(width, height, DOTS_PER_INCH)
        self.pixels: NDArray[np.uint8] = np.asarray(self._renderer.buffer_rgba())
        self.pixels[...] = 255
        # The same memory as Pillow sees it.
        size, flat = (width, height), self.pixels.reshape(-1)
        self._image: Any = Image.frombuffer("RGBA", size, flat, "raw", "RGBA", 0, 1)
        self._turned_up = Affine2D().scale(1, -1).translate(0, height)

    def view(self, region: Region) -> NDArray[np.uint8]:
        """The pixels of a region, (height, width, 4), to read and to write."""
        return self.pixels[region.top : region.bottom, region.left : region.right]

    def clear(self, region: Region) -> None:
        """Make a region white."""
        self.view(region)[...] = 255

    def lines(
        self,
        lines: Sequence[Points],
        colour: Rgb | str,
        width: float,
        *,
        alpha: float = 1.0,
        transform: Any = None,
        clip: Region | None = None,
        dashes: tuple[float, ...] | None = None,
    ) -> None:
        """Lines of shape (n, 2) each, in pixels or in what `transform` takes to pixels.

        All of them are one stroke: where they cross they do not add up.
        """
        if not lines or alpha <= 0:
            return
        stroke = _joined(lines)
        context = self._context(colour, alpha, clip)
        context.set_linewidth(width)
        context.set_dashes(0, dashes)
        self._renderer.draw_path(context, stroke, self._place(transform))

    def shape(
        self,
        outline: Points,
        colour: Rgb | str,
        *,
        alpha: float = 1.0,
        transform: Any = None,
        clip: Region | None = None,
    ) -> None:
        """A filled shape with an outline of shape (n, 2)."""
        if alpha <= 0:
            return
        context = self._context(colour, alpha, clip)
        context.set_linewidth(0)
        fill = (*_rgb(colour), alpha)
        self._renderer.draw_path(context, Path(outline), self._place(transform), fill)

    def discs(
        self, places: Points, colours: Rgb, radius: float, *, alpha: float, clip: Region
    ) -> None:
        """Discs at places (n, 2) in pixels with colours (n, 3), the last in front."""
        masks, reach = disc_masks(radius, alpha)
        fine = np.floor(places * PHASES).astype(np.int64)
        low = fine // PHASES - reach
        high = low + masks[0].width
        first, last = (clip.left, clip.top), (clip.right, clip.bottom)
        is_seen = ((high > first) & (low < last)).all(axis=1)
        is_whole = ((low >= first) & (high <= last)).all(axis=1)
        phase = fine[:, 0] % PHASES + fine[:, 1] % PHASES * PHASES
        inks = np.full((len(places), 4), 255, np.uint8)
        inks[:, :3] = np.rint(colours * 255)
        # One number each, red lowest; the public method checks for as long as this one draws.
        paste = self._image.im.paste
        for ink, corner, which, whole in zip(
            inks.view("<u4")[is_seen, 0].tolist(),
            low[is_seen].tolist(),
            phase[is_seen].tolist(),
            is_whole[is_seen].tolist(),
            strict=True,
        ):
            (x, y), mask = corner, masks[which]
            if whole:
                paste(ink, (x, y, x + mask.width, y + mask.height), mask.im)
            else:
                _paste_part(paste, ink, x, y, mask, clip)

    def disc(self, x: float, y: float, radius: float, colour: Rgb | str) -> None:
        """One disc."""
        angles = np.linspace(0, 2 * np.pi, 25)
        outline = np.stack([x + radius * np.cos(angles), y + radius * np.sin(angles)], axis=1)
        self.shape(outline, colour)

    def words(
        self,
        sprite: Sprite,
        x: float,
        y: float,
        colour: Rgb | str,
        *,
        across: float = 0.0,
        alpha: float = 1.0,
    ) -> None:
        """Letters with their base line at `y`; `across` 0 starts them at `x`, 1 ends them there."""
        left = round(x - across * sprite.width)
        top = round(y) - sprite.ascent
        ink = sprite.ink
        rows = slice(max(-top, 0), max(min(self.height - top, len(ink)), 0))
        columns = slice(max(-left, 0), max(min(self.width - left, ink.shape[1]), 0))
        ink = ink[rows, columns, None] * np.float32(alpha)
        if not ink.size:
            return
        part = self.pixels[
            top + rows.start : top + rows.stop, left + columns.start : left + columns.stop, :3
        ]
        target = np.array(_rgb(colour), dtype=np.float32) * 255
        part[...] = np.rint(part + (target - part) * ink)

    def _place(self, transform: Any) -> Any:
        return self._turned_up if transform is None else transform + self._turned_up

    def _context(self, colour: Rgb | str, alpha: float, clip: Region | None) -> Any:
        context = self._renderer.new_gc()
        context.set_foreground((*_rgb(colour), alpha), isRGBA=True)
        context.set_alpha(alpha)
        context.set_snap(False)
        if clip is not None:
            low, high = self.height - clip.bottom, self.height - clip.top
            context.set_clip_rectangle(Bbox([[clip.left, low], [clip.right, high]]))
        return context


@lru_cache(maxsize=64)
def disc_masks(radius: float, alpha: float) -> tuple[list[Any], int]:
    """One disc at every place within a pixel, as Agg draws it.

    Returns
    -------
    masks : list of PIL.Image.Image
        Its ink; row by row of `PHASES` × `PHASES` places.
    reach : int
        Pixels to the left of the place, and above it.
    """
    reach = int(np.ceil(radius)) + 1
    side = 2 * reach + 1
    circle = Path.unit_circle().transformed(Affine2D().scale(radius))
    masks: list[Any] = []
    for y, x in np.ndindex(PHASES, PHASES):
        renderer: Any = RendererAgg(side, side, DOTS_PER_INCH)
        context = renderer.new_gc()
        context.set_linewidth(0)
        right, down = (reach + (phase + 0.5) / PHASES for phase in (x, y))
        place = Affine2D().translate(right, side - down)
        renderer.draw_path(context, circle, place, (0.0, 0.0, 0.0, alpha))
        masks.append(Image.fromarray(np.asarray(renderer.buffer_rgba())[..., 3].copy()))
    return masks, reach


def _paste_part(paste: Any, ink: int, x: int, y: int, mask: Any, clip: Region) -> None:
    """What of a mask at a place lies inside a region."""
    left, top = max(x, clip.left), max(y, clip.top)
    right, bottom = min(x + mask.width, clip.right), min(y + mask.height, clip.bottom)
    part = mask.crop((left - x, top - y, right - x, bottom - y))
    paste(ink, (left, top, right, bottom), part.im)


def _joined(lines: Sequence[Points]) -> Path:
    """Many lines as one path."""
    if len(lines) == 1:
        return Path(lines[0])
    vertices = np.concatenate(lines)
    codes = np.full(len(vertices), Path.LINETO, dtype=Path.code_type)
    starts = np.cumsum([0, *(len(line) for line in lines[:-1])])
    codes[starts] = Path.MOVETO
    stroke = Path(vertices, codes)
    # Corners of less than a ninth of a pixel are not seen, and straight lines have many.
    stroke.should_simplify = True
    return stroke


def _rgb(colour: Rgb | str) -> tuple[float, float, float]:
    red, green, blue = rgb(colour) if isinstance(colour, str) else colour
    return float(red), float(green), float(blue)
