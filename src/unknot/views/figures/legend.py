"""The head of a figure: what it shows, and what its colours and lines mean."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from unknot.datasets.labels import NO_TARGET, counted
from unknot.draw import style
from unknot.draw.colouring import Colouring
from unknot.draw.words import probe_caption
from unknot.motion.scene import Scene
from unknot.traces.representation import Trace
from unknot.views.figures.sheet import (
    HEADING_SIZE,
    MARGIN,
    Sheet,
    fit_width,
    line_height,
    number,
    text_width,
    wrap,
)

#: More classes than this are counted and not listed.
MOST_CLASSES = 24
SIZE = style.LABEL_SIZE
#: Inches between a mark and its text, and between entries.
PAD = 0.05
GAP = 0.18
SCALE_WIDTH = 1.2

Mark = Literal["disc", "ring", "line", "dashes", "thin", "scale", "none"]
_MARK_WIDTHS = {
    "disc": 0.09,
    "ring": 0.12,
    "line": 0.26,
    "dashes": 0.26,
    "thin": 0.26,
    "scale": SCALE_WIDTH,
    "none": -PAD,
}
#: Dashes of lines that mean the opposite of solid ones.
DASHES = (0, (2.2, 1.1))
_LINES: dict[str, dict[str, Any]] = {
    "line": {"linewidth": 1.8},
    "dashes": {"linewidth": 1.8, "linestyle": DASHES},
    "thin": {"linewidth": 0.8},
}


@dataclass(frozen=True)
class Key:
    """One entry: a mark and what it means."""

    text: str
    mark: Mark = "disc"
    colour: Any = style.INK

    @property
    def width(self) -> float:
        """In inches."""
        return _MARK_WIDTHS[self.mark] + PAD + text_width(self.text, SIZE)


@dataclass(frozen=True)
class Header:
    """Title, a line of facts, and the legend, wrapped to a width.

    Attributes
    ----------
    title : str
    facts : tuple of str
        Lines of small text under the title.
    rows : tuple of tuples of Key
    """

    title: str
    facts: tuple[str, ...]
    rows: tuple[tuple[Key, ...], ...]

    @property
    def height(self) -> float:
        """In inches, down to where the picture may begin."""
        return (
            line_height(HEADING_SIZE)
            + len(self.facts) * line_height(style.CAPTION_SIZE)
            + len(self.rows) * line_height(SIZE)
            + 0.08
        )

    def draw(self, sheet: Sheet, left: float = MARGIN, top: float = MARGIN) -> None:
        """Put it on a sheet, in inches from the upper left corner."""
        y = top + HEADING_SIZE / 72
        sheet.text(left, y, self.title, HEADING_SIZE, weight="bold")
        for fact in self.facts:
            y += line_height(style.CAPTION_SIZE)
            sheet.text(left, y, fact, style.CAPTION_SIZE, color=style.MUTED)
        for row in self.rows:
            y += line_height(SIZE) + (0.04 if row is self.rows[0] else 0)
            x = left
            for key in row:
                _draw_key(sheet, x, y, key)
                x += key.width + GAP


def header(title: str, facts: Sequence[str], keys: Sequence[Key], width: float) -> Header:
    """Cut and wrap so that everything fits in `width` inches."""
    rows: list[list[Key]] = []
    used = 0.0
    for key in keys:
        room = width - _MARK_WIDTHS[key.mark] - PAD
        short = Key(fit_width(key.text, SIZE, room), key.mark, key.colour)
        if not rows or used + short.width > width:
            rows.append([])
            used = 0.0
        rows[-1].append(short)
        used += short.width + GAP
    lines = [line for fact in facts for line in wrap(fact, style.CAPTION_SIZE, width)]
    return Header(
        fit_width(title, HEADING_SIZE, width, "bold"),
        tuple(lines),
        tuple(tuple(row) for row in rows),
    )


def colour_keys(colouring: Colouring, shown: Sequence[int] | None = None) -> list[Key]:
    """The classes, or the colour scale of a regression target."""
    names = colouring.class_names
    if not names:
        name = fit_width(colouring.target, SIZE, 2.5)
        low, high = number(colouring.low), number(colouring.high)
        ends = f"{low} to {high}" if colouring.low < colouring.high else f"{low} everywhere"
        keys = [Key(f"{name} {ends}", "scale", style.CONTINUOUS)]
        grey = [Key(NO_TARGET, "disc", style.UNLABELLED)] if colouring.note else []
        return [*keys, *grey]
    listed = list(range(len(names)))[:MOST_CLASSES]
    # A single entry that says "1 more" takes the room of the class itself.
    if len(names) <= MOST_CLASSES + 1:
        listed = list(range(len(names)))
    keys = [
        Key(fit_width(names[c], SIZE, 2.5), "disc", tuple(colouring.palette[c])) for c in listed
    ]
    if len(names) > len(listed):
        keys.append(Key(f"… {len(names) - len(listed):,} more classes", "none"))
    return [*keys, Key(colouring.note, "none", style.MUTED)] if colouring.note else keys


def line_keys(traces: Sequence[Trace]) -> list[Key]:
    """The decision boundary and the grid, where any of the traces has them."""
    keys: list[Key] = []
    lattices = [trace.lattice for trace in traces if trace.lattice]
    if any(len(lattice.offsets) - 1 > lattice.n_grid_lines for lattice in lattices):
        keys.append(Key("decision boundary", "line", style.BOUNDARY))
    if lattices:
        keys.append(Key("grid of the input plane", "thin", style.MUTED))
    return keys


def trace_facts(trace: Trace) -> str:
    """``"1,000 points · held out 88.7 % (training 89.1 %) · best possible 89.0 %"``.

    As far as it is known; the best possible only beside an accuracy of points held out. Of a
    number to predict R² and the error.
    """
    return " · ".join([counted(trace.n_points, "point"), *trace.reached])


def _draw_key(sheet: Sheet, x: float, y: float, key: Key) -> None:
    middle = y - 0.36 * SIZE / 72
    width = _MARK_WIDTHS[key.mark]
    if key.mark in ("disc", "ring"):
        dot: dict[str, Any] = {"marker": "o", "markersize": 6, "linestyle": "none"}
        if key.mark == "ring":
            dot |= {"markersize": 7, "markerfacecolor": "white", "markeredgewidth": 1.6}
        sheet.line([x + width / 2], [middle], color=key.colour, **dot)
    elif key.mark in _LINES:
        sheet.line([x, x + width], [middle, middle], color=key.colour, **_LINES[key.mark])
    elif key.mark == "scale":
        sheet.image(x, y - SIZE / 72, width, SIZE / 72, _scale(key.colour)[None])
    sheet.text(x + width + PAD, y, key.text, SIZE)


def _scale(colour: Any) -> Any:
    """(64, 3): the colours of a colormap of that name, or of residuals."""
    if colour == style.RESIDUALS:
        return style.residual_colours(64)
    from matplotlib import colormaps

    return colormaps[colour](np.linspace(0, 1, 64))[:, :3]


def shared_title(names: list[str], n: int) -> str:
    """``"moons: 3 traces"`` when all are of moons: what the names have before a comma."""
    begin = {name.partition(",")[0] for name in names}
    return f"{begin.pop()}: {n} traces" if len(begin) == 1 else f"{n} traces"


def has_shading(trace: Trace) -> bool:
    """Whether some plane is shown whole and the network decides from there on."""
    return any(
        r.n_units == 2
        and not trace.holds_probabilities(k)
        and trace.class_probabilities(r.values[:1], k) is not None
        for k, r in enumerate(trace.representations)
    )


def has_probe(scene: Scene, k: int) -> bool:
    """Whether the caption of a panel tells of a linear probe."""
    readout = scene.readout(k)
    return bool(probe_caption(scene, k)) if readout is None else readout.probe_full is not None
