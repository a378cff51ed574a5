"""Sheet: a matplotlib figure laid out in inches, from the upper left corner down."""

from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from unknot.draw import style
from unknot.draw.words import families, fit

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.ft2font import FT2Font
    from matplotlib.lines import Line2D
    from matplotlib.text import Text

#: Dots per inch for which points are counted into cells, and at which figures are saved.
DPI = 200
#: Empty border of every figure, in inches.
MARGIN = 0.12
#: The smallest text of any figure, in points.
SMALL = 7
HEADING_SIZE = 12
#: Letters are moved to whole pixels, which makes lines up to a tenth longer at 100 dots per inch.
_ROUNDING = 1.1
#: From one line of text to the next, in sizes.
LEADING = 1.4


class Sheet:
    """An empty white figure of `width` × `height` inches.

    Attributes
    ----------
    figure : matplotlib Figure
        Outside pyplot: no window, nothing global.
    """

    def __init__(self, width: float, height: float) -> None:
        self.width = width
        self.height = height
        self.figure = _empty_figure(width, height)

    def axes(self, left: float, top: float, width: float, height: float, **options: Any) -> "Axes":
        """Axes in a rectangle given in inches; `top` counts downwards."""
        box = (
            left / self.width,
            1 - (top + height) / self.height,
            width / self.width,
            height / self.height,
        )
        return self.figure.add_axes(box, **options)

    def text(self, x: float, y: float, text: str, size: float, **options: Any) -> "Text":
        """Text with its baseline `y` inches below the upper edge; ``$`` is a dollar."""
        settings: dict[str, Any] = {
            "color": style.INK,
            "family": list(families()),
            "parse_math": False,
            **options,
        }
        return self.figure.text(
            x,
            self.height - y,
            text,
            fontsize=size,
            transform=self.figure.dpi_scale_trans,
            **settings,
        )

    def line(self, x: list[float], y: list[float], **options: Any) -> "Line2D":
        """A line, or markers, at places given in inches."""
        from matplotlib.lines import Line2D

        settings: dict[str, Any] = {"color": style.MUTED, "linewidth": 1.0, **options}
        below = [self.height - value for value in y]
        artist = Line2D(x, below, transform=self.figure.dpi_scale_trans, **settings)
        self.figure.add_artist(artist)
        return artist

    def image(self, left: float, top: float, width: float, height: float, pixels: Any) -> "Axes":
        """A picture without a frame that fills a rectangle."""
        axes = self.axes(left, top, width, height)
        axes.set_axis_off()
        axes.imshow(pixels, aspect="auto", interpolation="bilinear")
        return axes


def line_height(size: float) -> float:
    """Inches from one line of text to the next."""
    return LEADING * size / 72


@lru_cache(maxsize=4096)
def text_width(text: str, size: float, weight: str = "normal") -> float:
    """Width of a line of text in inches."""
    font = _font(weight)
    font.set_size(size, 10 * DPI)
    font.set_text(text)
    return _ROUNDING * font.get_width_height()[0] / 64 / (10 * DPI)


def fit_width(text: str, size: float, inches: float, weight: str = "normal") -> str:
    """A name on one line, shortened with an ellipsis until it fits."""
    whole = line = fit(text, 200)
    most = len(whole)
    while text_width(line, size, weight) > inches and most > 1:
        most -= 1
        line = fit(whole, most)
    return line


def wrap(text: str, size: float, inches: float, most: int = 4) -> list[str]:
    """Words on lines that fit, at most so many; a word that is too long is shortened."""
    lines: list[str] = []
    if not text:
        return lines
    # Names are unlimited, lines are not: words past this can never be seen.
    for word in fit(text, 2_000).split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and text_width(longer, size) <= inches:
            lines[-1] = longer
        else:
            lines.append(fit_width(word, size, inches))
    if len(lines) > most:
        lines = [*lines[: most - 1], fit_width(f"{lines[most - 1]} …", size, inches)]
    return lines


def number(value: float) -> str:
    """Three digits and a true minus sign: ``"−0.123"``, ``"1,230"``, ``"1.2e+06"``."""
    if value == 0:
        return "0"
    text = f"{value:.3g}" if abs(value) < 1_000 or abs(value) >= 1e6 else f"{value:,.0f}"
    return text.replace("-", "−")


def spread(places: list[float], gap: float, low: float, high: float) -> NDArray[np.float64]:
    """Move labels as little as they must so that they lie `gap` apart between `low` and `high`.

    Parameters
    ----------
    places : list of float
        Where the labels want to be, in any order.

    Returns
    -------
    (n,) float64
        Where they shall be, in the same order. When there is too little room they lie closer.
    """
    n = len(places)
    order = np.argsort(places, kind="stable")
    step = min(gap, (high - low) / max(n - 1, 1))
    offsets = step * np.arange(n)
    # With the gaps taken out, places must only be non-decreasing: pool those that are not.
    wanted = np.asarray(places, dtype=np.float64)[order] - offsets
    blocks: list[list[float]] = []
    for value in wanted:
        blocks.append([float(value), 1.0])
        while len(blocks) > 1 and blocks[-2][0] > blocks[-1][0]:
            (b, m), (a, k) = blocks.pop(), blocks.pop()
            blocks.append([(a * k + b * m) / (k + m), k + m])
    pooled = np.repeat([b[0] for b in blocks], [int(b[1]) for b in blocks])
    result = np.empty(n)
    result[order] = np.clip(pooled, low, high - (offsets[-1] if n else 0.0)) + offsets
    return result


@cache
def _font(weight: str) -> "FT2Font":
    from matplotlib.font_manager import FontProperties, findfont, get_font

    return get_font(findfont(FontProperties(family=style.FONT, weight=weight)))


def _empty_figure(width: float, height: float) -> "Figure":
    from unknot.views.figures.picture import Picture

    return Picture(figsize=(width, height), dpi=DPI / 2, facecolor=style.BACKGROUND)
