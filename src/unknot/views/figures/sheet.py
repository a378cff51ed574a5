"""Sheet: a matplotlib figure laid out in inches, from the upper left corner down."""

import io
from collections.abc import Sequence
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any, cast

import numpy as np
from numpy.typing import NDArray

from unknot.draw import style
from unknot.draw.axes import Axes
from unknot.draw.words import families, one_line
from unknot.errors import UsageError

if TYPE_CHECKING:
    from matplotlib.axes import Axes as WholeAxes
    from matplotlib.figure import Figure, SubFigure
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
    """A white rectangle of `width` × `height` inches, on a figure of its own or on another.

    Parameters
    ----------
    width, height : float
        What is drawn needs so many inches.
    figure : matplotlib Figure or SubFigure, optional
        Where to draw, from the upper left corner down. A Figure that is too low is made higher.

    Attributes
    ----------
    figure : matplotlib Figure
        What the sheet is on. One of its own is outside pyplot: no window, nothing global.

    Raises
    ------
    UsageError
        When a SubFigure is too low.
    """

    def __init__(
        self, width: float, height: float, figure: "Figure | SubFigure | None" = None
    ) -> None:
        self.width, self.height = width, height
        self._is_own = figure is None
        if figure is None:
            figure = empty_figure(width, height)
        elif inches_of(figure)[1] < height - 1e-6:
            _make_higher(figure, width, height)
        self._place = figure
        self._inches = inches_of(figure)

    @property
    def figure(self) -> "Figure":
        """The whole figure, also when the sheet is on a part of it."""
        return root_of(self._place)

    def axes(self, left: float, top: float, width: float, height: float, **options: Any) -> Axes:
        """Axes in a rectangle given in inches; `top` counts downwards."""
        whole_width, whole_height = self._inches
        box = (
            left / whole_width,
            1 - (top + height) / whole_height,
            width / whole_width,
            height / whole_height,
        )
        axes: WholeAxes = cast("Any", self._place).add_axes(box, **options)
        return axes

    def text(self, x: float, y: float, text: str, size: float, **options: Any) -> "Text":
        """Text with its baseline `y` inches below the upper edge; ``$`` is a dollar."""
        settings: dict[str, Any] = {
            "color": style.INK,
            "family": list(families()),
            "parse_math": False,
            **options,
        }
        ((left,), (below,)), transform = self._placed([x], [y])
        place = cast("Any", self._place)
        return place.text(left, below, text, fontsize=size, transform=transform, **settings)

    def lines(self, lines: Sequence[str], top: float, size: float = SMALL, **options: Any) -> None:
        """Lines of grey text, one below the other from `top` inches on."""
        for i, line in enumerate(lines):
            y = top + (i + 0.6) * line_height(size)
            self.text(MARGIN, y, line, size, **{"color": style.MUTED, **options})

    def line(self, x: list[float], y: list[float], **options: Any) -> "Line2D":
        """A line, or markers, at places given in inches."""
        from matplotlib.lines import Line2D

        settings: dict[str, Any] = {"color": style.MUTED, "linewidth": 1.0, **options}
        places, transform = self._placed(x, y)
        artist = Line2D(*places, transform=transform, **settings)
        self._place.add_artist(artist)
        return artist

    def image(self, left: float, top: float, width: float, height: float, pixels: Any) -> Axes:
        """A picture without a frame that fills a rectangle."""
        axes = self.axes(left, top, width, height)
        axes.set_axis_off()
        axes.imshow(pixels, aspect="auto", interpolation="bilinear")
        return axes

    def _placed(
        self, x: Sequence[float], y: Sequence[float]
    ) -> tuple[tuple[list[float], list[float]], Any]:
        """Places given in inches from the upper left corner, and what takes them to pixels.

        On a figure of its own they are inches from below; elsewhere shares, which stay beside the
        axes when the figure changes its size.
        """
        width, height = self._inches
        if self._is_own:
            return (list(x), [self.height - each for each in y]), self.figure.dpi_scale_trans
        shares = [each / width for each in x], [1 - each / height for each in y]
        return shares, self._place.transSubfigure


def inches_of(place: "Figure | SubFigure | Axes") -> tuple[float, float]:
    """Width and height of a figure, a part of one, or axes."""
    box = place.bbox
    dpi = root_of(place).dpi
    return float(box.width) / dpi, float(box.height) / dpi


def root_of(place: "Figure | SubFigure | Axes") -> "Figure":
    """The whole figure that a part of one, or axes, belong to."""
    root = place.get_figure(root=True)
    assert root is not None
    return root


def _make_higher(place: "Figure | SubFigure", width: float, height: float) -> None:
    from matplotlib.figure import Figure

    have = inches_of(place)
    if not isinstance(place, Figure):
        raise UsageError(
            f"The figure needs {width:.2f} × {height:.2f} inches; the SubFigure has "
            f"{have[0]:.2f} × {have[1]:.2f}.\nMake its figure higher, or give it a larger share."
        )
    place.set_size_inches(have[0], height)


def line_height(size: float) -> float:
    """Inches from one line of text to the next."""
    return LEADING * size / 72


@lru_cache(maxsize=4096)
def text_width(text: str, size: float, weight: str = "normal") -> float:
    """Width of a line of text in inches."""
    font = _font(weight, families())
    font.set_size(size, 10 * DPI)
    font.set_text(text)
    return _ROUNDING * font.get_width_height()[0] / 64 / (10 * DPI)


def fit_width(text: str, size: float, inches: float, weight: str = "normal") -> str:
    """A name on one line, one_line with an ellipsis until it fits."""
    whole = one_line(text, 200)
    if text_width(whole, size, weight) <= inches:
        return whole
    fits, most = 1, len(whole)
    while most - fits > 1:
        middle = (fits + most) // 2
        if text_width(one_line(whole, middle), size, weight) <= inches:
            fits = middle
        else:
            most = middle
    return one_line(whole, fits)


def wrap(text: str, size: float, inches: float, most: int = 4) -> list[str]:
    """Words on lines that fit, at most so many; a word that is too long is one_line."""
    lines: list[str] = []
    if not text:
        return lines
    # Names are unlimited, lines are not: words past this can never be seen.
    for word in one_line(text, 2_000).split():
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
def _font(weight: str, names: tuple[str, ...]) -> "FT2Font":
    from matplotlib import font_manager

    fonts = cast("Any", font_manager)
    each = [fonts.FontProperties(family=name, weight=weight) for name in names]
    return fonts.get_font([fonts.findfont(properties) for properties in each])


@cache
def _picture() -> "type[Figure]":
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    class Picture(Figure):
        """A figure outside pyplot that notebooks show by themselves: no window, nothing global."""

        def __init__(self, **options: Any) -> None:
            cast("Any", super()).__init__(**options)
            FigureCanvasAgg(self)

        def _repr_png_(self) -> bytes:
            buffer = io.BytesIO()
            cast("Any", self).savefig(buffer, format="png")
            return buffer.getvalue()

    return Picture


def empty_figure(width: float, height: float) -> "Figure":
    """A white figure of so many inches."""
    return _picture()(figsize=(width, height), dpi=DPI / 2, facecolor=style.BACKGROUND)


def words(size: float, **options: Any) -> dict[str, Any]:
    """How text in axes looks: the size in points, grey, any letters, and ``$`` is a dollar."""
    look: dict[str, Any] = {"fontsize": size, "color": style.MUTED, "family": list(families())}
    return {**look, "parse_math": False, **options}


def tick_style(
    size: float = style.CAPTION_SIZE, length: float = 2.5, **options: Any
) -> dict[str, Any]:
    """How ticks and their numbers look, for ``tick_params``."""
    letters = {"labelsize": size, "labelfontfamily": list(families())}
    return {"colors": style.MUTED, **letters, "length": length, "width": 0.6, **options}


def open_frame(axes: Axes) -> None:
    """Axes of curves: no line above and on the right, grey ones below and on the left."""
    axes.spines[["top", "right"]].set_visible(False)
    axes.spines[["left", "bottom"]].set(color=style.GRID, linewidth=0.8)
    axes.set_axisbelow(True)
    axes.tick_params(which="both", **tick_style())
