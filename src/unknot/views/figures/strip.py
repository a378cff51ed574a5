"""The strip: one panel a representation, in the order of the network."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from unknot.draw import style
from unknot.draw.colouring import Colouring, trace_colouring
from unknot.draw.notes import picture_notes
from unknot.draw.words import probe_caption
from unknot.errors import UsageError
from unknot.motion.scene import Scene
from unknot.network.maps import Affine, Opaque
from unknot.traces.representation import Trace
from unknot.views.figures.architecture import architecture
from unknot.views.figures.legend import Header, colour_keys, header, line_keys, trace_facts
from unknot.views.figures.route import ABOVE, draw_route
from unknot.views.figures.sheet import MARGIN, SMALL, Sheet, line_height, wrap
from unknot.views.figures.source import Source, asked
from unknot.views.figures.space import is_abbreviated
from unknot.views.figures.stop_panel import LEFT, RIGHT, depth, draw_stop, panel_height
from unknot.views.figures.table import figures

if TYPE_CHECKING:
    from matplotlib.figure import Figure

#: Side of a panel in inches: as a rule, at least, and at most.
SIDE, LEAST_SIDE, LARGEST_SIDE = 1.95, 1.4, 3.5
#: Panels in a row when no size is asked for: text stays readable when it is printed 7 inches wide.
MOST_COLUMNS = 3
#: Traces in one figure.
MOST_TRACES = 12
#: Inches that hold titles and legends.
LEAST_WIDTH = 5.5


@dataclass(frozen=True)
class Block:
    """The rows of panels of one trace.

    Attributes
    ----------
    scene : Scene
    colouring : Colouring
    columns : int
    side : float
        Of a panel, in inches.
    head : Header or None
        Which network this is, where there are several.
    """

    scene: Scene
    colouring: Colouring
    columns: int
    side: float
    head: Header | None

    @property
    def rows(self) -> list[range]:
        """The representations of each row."""
        n = len(self.scene.stops)
        return [range(k, min(k + self.columns, n)) for k in range(0, n, self.columns)]

    @property
    def height(self) -> float:
        """In inches."""
        return self._head_height + sum(map(self._row_height, self.rows))

    @property
    def _head_height(self) -> float:
        return self.head.height if self.head else 0.0

    @cached_property
    def _panel_height(self) -> float:
        return panel_height(self.scene, self.side, self.colouring)

    def _row_height(self, stops: range) -> float:
        return ABOVE + self._panel_height + depth(self.scene, stops, self.side)

    def draw(self, sheet: Sheet, top: float) -> None:
        """Put it on a sheet, `top` inches below its upper edge."""
        if self.head:
            self.head.draw(sheet, top=top)
        top += self._head_height
        for stops in self.rows:
            lefts = [MARGIN + LEFT + i * (LEFT + self.side + RIGHT) for i in range(len(stops))]
            centres = [left + self.side / 2 for left in lefts]
            draw_route(sheet, self.scene, stops, centres, top)
            for k, left in zip(stops, lefts, strict=True):
                sides = (self.side, self._panel_height)
                draw_stop(sheet, self.scene, k, left, top + ABOVE, sides, self.colouring)
            top += self._row_height(stops)


@figures.add
def strip(
    source: Source,
    *,
    size: float | None = None,
    n_axes: int = 2,
    projection: str = "following",
    units: Sequence[int] | None = None,
    scale: str = "animated",
    seed: int = 0,
) -> "Figure":
    """One panel a representation, joined by the names of the maps between them."""
    options = {"n_axes": n_axes, "projection": projection, "scale": scale, "seed": seed}
    return strips([source], size=size, units=units, **options)


def strips(sources: Sequence[Source], *, size: float | None = None, **options: Any) -> "Figure":
    """Strips of several traces, one below the other.

    Raises
    ------
    UsageError
        When there is none, or too many.
    """
    if not 1 <= len(sources) <= MOST_TRACES:
        raise UsageError(f"A strip shows 1 to {MOST_TRACES} traces; got {len(sources)}.")
    scenes = [source.scene(**asked(options)) for source in sources]
    columns, side = _columns(max(len(scene.stops) for scene in scenes), size)
    width = size or max(2 * MARGIN + columns * (LEFT + side + RIGHT), LEAST_WIDTH)
    head, blocks = _layout(scenes, columns, side, width - 2 * MARGIN)
    foot = wrap(_foot(scenes), SMALL, width - 2 * MARGIN, most=8)
    bottom = MARGIN + head.height + sum(block.height for block in blocks)
    sheet = Sheet(width, bottom + len(foot) * line_height(SMALL) + MARGIN)
    head.draw(sheet)
    top = MARGIN + head.height
    for block in blocks:
        block.draw(sheet, top)
        top += block.height
    for i, line in enumerate(foot):
        y = bottom + (i + 0.6) * line_height(SMALL)
        sheet.text(MARGIN, y, line, SMALL, color=style.MUTED)
    return sheet.figure


def _columns(longest: int, size: float | None) -> tuple[int, float]:
    """Panels in a row, all rows as equally long as can be, and the side of a panel."""
    room = LEFT + RIGHT
    most = MOST_COLUMNS
    if size is not None:
        most = max(1, int((size - 2 * MARGIN) / (LEAST_SIDE + room)))
    rows = -(-longest // most)
    columns = -(-longest // rows)
    if size is None:
        return columns, SIDE
    return columns, min((size - 2 * MARGIN) / columns - room, LARGEST_SIDE)


def _layout(
    scenes: Sequence[Scene], columns: int, side: float, width: float
) -> tuple[Header, list[Block]]:
    """The head of the figure, and a block for each trace with its own head if there are more."""
    colourings = [trace_colouring(scene.trace) for scene in scenes]
    keys = [colour_keys(colouring) for colouring in colourings]
    names = list(dict.fromkeys(scene.trace.name for scene in scenes))
    is_shared = all(other == keys[0] for other in keys)
    if len(scenes) == 1:
        trace = scenes[0].trace
        facts = [architecture(trace), trace_facts(trace)]
        head = header(
            trace.name, facts, [*keys[0], *line_keys([scene.trace for scene in scenes])], width
        )
        return head, [Block(scenes[0], colourings[0], columns, side, None)]
    title = _shared_title(names, len(scenes))
    head = header(
        title,
        [],
        [*(keys[0] if is_shared else []), *line_keys([scene.trace for scene in scenes])],
        width,
    )
    blocks: list[Block] = []
    for scene, colouring, own in zip(scenes, colourings, keys, strict=True):
        about = architecture(scene.trace)
        facts = [trace_facts(scene.trace)]
        if len(names) > 1:
            about, facts = scene.trace.name, [about, *facts]
        block_head = header(about, facts, [] if is_shared else own, width)
        blocks.append(Block(scene, colouring, columns, side, block_head))
    return head, blocks


def _shared_title(names: list[str], n: int) -> str:
    """``"moons: 3 traces"`` when all are of moons: what the names have before a comma."""
    begin = {name.partition(",")[0] for name in names}
    return f"{begin.pop()}: {n} traces" if len(begin) == 1 else f"{n} traces"


def _foot(scenes: Sequence[Scene]) -> str:
    traces = [scene.trace for scene in scenes]
    maps = [map_ for trace in traces for map_ in trace.maps]
    is_fixed = all(scene.scale == "fixed" for scene in scenes)
    parts = ["All panels have one scale." if is_fixed else "Each panel has its own scale."]
    if any(scene.n_axes == 2 and _has_shading(scene.trace) for scene in scenes):
        parts.append("Shading: how sure the rest of the network is there.")
    if any(is_abbreviated(scene) for scene in scenes):
        parts.append("a, b, c: directions of the principal 3-space.")
    if any(isinstance(map_, Affine) for map_ in maps):
        parts.append("σ min: smallest singular value of a layer's weights.")
    if any(isinstance(map_, Affine) and map_.determinant_sign == -1 for map_ in maps):
        parts.append("Mirrored: their determinant is negative.")
    if any(isinstance(map_, Opaque) and map_.name != "softmax" for map_ in maps):
        parts.append("Dashed: a map of which only the values are known.")
    if any(_has_probe(scene, stop.k) for scene in scenes for stop in scene.stops):
        parts.append("Probe: held-out accuracy of a linear classifier.")
    notes = dict.fromkeys(note for trace in traces for note in picture_notes(trace))
    return " ".join([*parts, *notes])


def _has_probe(scene: Scene, k: int) -> bool:
    readout = scene.readout(k)
    return bool(probe_caption(scene, k)) if readout is None else readout.probe_full is not None


def _has_shading(trace: Trace) -> bool:
    """Whether some plane is shown whole and the network decides from there on."""
    return any(
        r.n_units == 2
        and not trace.holds_probabilities(k)
        and trace.class_probabilities(r.values[:1], k) is not None
        for k, r in enumerate(trace.representations)
    )
