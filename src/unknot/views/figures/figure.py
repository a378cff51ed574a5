"""figure: the table of what can be drawn, and what all figures have in common.

To add one, write a function ``(source, *, size=None, …, figure=None) -> matplotlib Figure`` in a
file of this folder and decorate it with ``@figures.add``: the library, the command line's choices
and the contract test pick it up.
"""

import io
import os
import re
from collections.abc import Callable, Sequence
from inspect import signature
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast, overload

import numpy as np
from numpy.typing import NDArray

from unknot.datasets.labels import labelled_rows
from unknot.doors import as_scene
from unknot.draw import style
from unknot.draw.axes import Axes
from unknot.draw.words import probe_caption
from unknot.errors import UsageError
from unknot.files import check_suffix, whole_file
from unknot.motion.projection import check_unit
from unknot.motion.scene import Scene
from unknot.network.maps import Activation, Affine
from unknot.progress import progress_bar
from unknot.table import Table
from unknot.traces.representation import Representation, Trace
from unknot.traces.run import Run
from unknot.views.figures.sheet import inches_of
from unknot.width.result import Atlas, MinimumWidth

if TYPE_CHECKING:
    import polars
    from matplotlib.figure import Figure, SubFigure

F = TypeVar("F", bound=Callable[..., "Figure"])

#: What most figures draw.
Drawable = Trace | Run | Scene

#: Which points judge a network: the choices of ``points=``, and what they are called.
JUDGED = {"all": "all points", "held out": "points held out", "training": "points trained on"}

#: Inches.
SIZE_RANGE = (3.0, 60.0)
SUFFIXES = (".pdf", ".png", ".svg")
DPI_RANGE = (30, 1_200)
#: Agg, which draws the pixels, has 16 bits for a coordinate.
MAX_PIXELS = 2**16 - 1
#: Seconds after which a progress bar appears.
PATIENCE = 2.0

#: Nothing that changes from day to day or with matplotlib's version is written into the file.
_METADATA: dict[str, dict[str, Any]] = {
    ".svg": {"Date": None, "Creator": "unknot"},
    ".pdf": {"CreationDate": None, "Creator": "unknot", "Producer": "unknot"},
}
#: Text stays text in SVG and PDF, so that it can be searched, read aloud and edited.
_SETTINGS: Any = {"svg.hashsalt": "unknot", "svg.fonttype": "none", "pdf.fonttype": 42}


class Figures(Table[Callable[..., "Figure"]]):
    """Name → function that draws it."""

    def named(self, name: str) -> Callable[[F], F]:
        """Add a function under another name than its own; use as a decorator."""

        def add(function: F) -> F:
            self._entries[name] = function
            return function

        return add

    def sort(self) -> None:
        """Put them in the order of their names, whatever was imported first."""
        self._entries = dict(sorted(self._entries.items()))


figures = Figures("figure")


def figure(
    source: "Drawable | Sequence[Drawable] | MinimumWidth | Atlas | polars.DataFrame",
    what: str | None = None,
    **arguments: Any,
) -> "Figure":
    """Draw a still picture.

    Parameters
    ----------
    source : Trace, Run, Scene or Film, a sequence of them, a MinimumWidth, an Atlas, or its or a
        sweep's table
        A run is traced after its last step, with the points it was trained on.
    what : str, optional
        A name from the table ``unknot.figures.figures``, each a function of its own in
        ``unknot.figures``. Left out: ``"strip"``, of a search ``"accuracy"``, of a sweep's table
        ``"sweep"``.
    **arguments
        Those of the figure, as in ``unknot.figures``: ``size`` (inches), ``layer``, ``units``, …

    Returns
    -------
    matplotlib.figure.Figure
        Made without pyplot: no window opens, nothing global changes. Save it with `save_figure`.

    Raises
    ------
    UsageError
        When there is no such figure, it has no such argument, or it needs something that the
        source does not hold.
    """
    what = _usual(source) if what is None else what
    if Path(str(what)).suffix:
        raise UsageError(
            f"figure makes a picture and writes no file; got {os.fspath(what)!r}.\n"
            f"Save it: unknot.save_figure(unknot.figure(…), {os.fspath(what)!r})."
        )
    draw = figures[what]
    allowed = list(signature(draw).parameters)[1:]
    for name in arguments:
        if name not in allowed:
            others = [each for each in figures if name in signature(figures[each]).parameters]
            raise UsageError(
                f"The figure {what!r} takes no {name}; "
                + (f"these do: {', '.join(others)}." if others else "no figure does.")
                + f"\nArguments of {what!r}: {', '.join(allowed)}."
            )
    return draw(source, **arguments)


def _usual(source: Any) -> str:
    """What is drawn when nothing is said."""
    if isinstance(source, MinimumWidth):
        return "accuracy"
    if isinstance(source, Atlas):
        return "atlas"
    # A data frame of any library has both.
    is_table = hasattr(source, "get_column") and hasattr(source, "columns")
    if is_table and "promised_by" in source.columns:
        return "atlas"
    return "sweep" if is_table else "strip"


@overload
def width_for(
    size: float | None,
    usual: float,
    figure: "Figure | SubFigure | None",
    ax: Axes | None = None,
) -> float: ...
@overload
def width_for(
    size: float | None, usual: None, figure: "Figure | SubFigure | None", ax: None = None
) -> float | None: ...
def width_for(
    size: Any,
    usual: float | None,
    figure: "Figure | SubFigure | None",
    ax: Axes | None = None,
) -> float | None:
    """Inches that a figure is wide: what was asked for, those of where it is drawn, or the usual.

    Raises
    ------
    UsageError
        When two of these say how wide it is, or for a width out of range.
    """
    places = {"size": size, "figure": figure, "ax": ax}
    chosen = [name for name, place in places.items() if place is not None]
    if len(chosen) > 1:
        raise UsageError(
            f"{' and '.join(chosen)} both say where the figure is drawn.\nGive one of them."
        )
    if ax is not None:
        return inches_of(ax)[0]
    low, high = SIZE_RANGE
    if figure is not None:
        size = inches_of(figure)[0]
        if size < low:
            raise UsageError(f"A figure is {low:g} inches wide at least; this one has {size:.2f}.")
        return min(size, high)
    if size is None:
        return usual
    is_number = isinstance(size, int | float | np.integer | np.floating)
    if isinstance(size, bool) or not is_number or not low <= size <= high:
        raise UsageError(
            f"The size of a figure is its width in inches, {low:g} to {high:g}; got {size!r}."
        )
    return float(cast("float", size))


def last_hidden(trace: Trace, least: int = 2) -> int:
    """The last hidden layer with at least `least` units; failing that, the widest representation.

    A hidden layer is what an activation makes, the output's own aside; where maps are opaque,
    any representation between the input and the output.
    """
    n = len(trace.representations)
    known = [
        k + 1 for k, map_ in enumerate(trace.maps) if isinstance(map_, Activation) and k + 1 < n - 1
    ]
    between = [k for k in range(1, n - 1) if not isinstance(trace.maps[k - 1], Affine)]
    for candidates in (known, between):
        wide = [k for k in candidates if trace.representations[k].n_units >= least]
        if wide:
            return wide[-1]
    return int(np.argmax([r.n_units for r in trace.representations]))


def judged_rows(trace: Trace, points: str | None) -> tuple[NDArray[np.int64], str]:
    """Labelled rows that judge the network, and which of `JUDGED` those are.

    Left out: the points held out, where it is known which those are and one has a label.

    Raises
    ------
    UsageError
        For another choice, and where nobody knows which points were held out.
    """
    if points is not None and points not in JUDGED:
        raise UsageError(f"points is one of {', '.join(JUDGED)}; got {points!r}.")
    labelled, held_out = labelled_rows(trace.labels), trace.held_out
    if points == "all" or (points is None and held_out is None):
        return labelled, "all"
    if held_out is None:
        raise UsageError(
            f"It is not known which points are {points}.\n"
            "Give held_out=, or points='all' for every point."
        )
    which = points or ("held out" if held_out[labelled].any() else "training")
    return labelled[held_out[labelled] == (which == "held out")], which


def check_units(
    representation: Representation, units: Any, fewest: int, most: int
) -> tuple[int, ...]:
    """Units that were asked for, checked against a representation."""
    n = representation.n_units
    try:
        chosen = tuple(int(u) for u in units)
    except (TypeError, ValueError):
        raise UsageError(f"Units are indices from 0, such as [0, 2, 5]; got {units!r}.") from None
    allowed = str(fewest) if fewest == most else f"{fewest} to {most}"
    if not fewest <= len(chosen) <= most or len(set(chosen)) < len(chosen):
        numbers = ", ".join(str(unit + 1) for unit in chosen) or "none"
        raise UsageError(f"Give {allowed} different units; got units {numbers}.")
    for unit in chosen:
        check_unit(unit, n, representation.name)
    return chosen


def scenes_of(sources: Sequence[Any], options: dict[str, Any]) -> list[Scene]:
    """The scenes with what their captions say, under a progress bar where that takes long."""
    scenes: list[Scene] = []
    for source in sources:
        scene = as_scene(source, **options)
        with progress_bar(
            True, len(scene.stops), "drawing", transient=True, after=PATIENCE
        ) as show:
            for stop in scene.stops:
                _ = scene.readout(stop.k), probe_caption(scene, stop.k)
                show()
        scenes.append(scene)
    return scenes


def chosen_options(options: dict[str, Any]) -> dict[str, Any]:
    """Only those options of a scene that differ from its defaults: a Scene has its own."""
    parameters = signature(Scene).parameters
    return {name: value for name, value in options.items() if value != parameters[name].default}


def save_figure(
    figure: "Figure", path: str | os.PathLike[str], dpi: float = 200, *, small: bool = False
) -> Path:
    """Write a figure to a PNG, SVG or PDF file, by its suffix, whole or not at all.

    Parameters
    ----------
    figure : matplotlib Figure
    path : path-like
        ``.png``, ``.svg`` or ``.pdf``.
    dpi : float
        Pixels per inch of a PNG, 30 to 1,200.
    small : bool
        A PNG with 256 colours: a third of the bytes, for the web.

    Returns
    -------
    Path
        `path`.

    Raises
    ------
    UsageError
        When the suffix or `dpi` is not allowed.
    UnknotError
        When the file cannot be written.
    """
    suffix = check_suffix(path, SUFFIXES)
    low, high = DPI_RANGE
    most = min(high, int(MAX_PIXELS / max(figure.get_size_inches())))
    if not low <= dpi <= most:
        raise UsageError(f"A figure of this size has {low} to {most} dots per inch; got {dpi:g}.")
    import matplotlib as mpl

    with cast("Any", mpl).rc_context(_SETTINGS), whole_file(path) as temporary:
        if suffix == ".png":
            save_pixels(figure, temporary, dpi, small)
        else:
            cast("Any", figure).savefig(
                temporary, format=suffix[1:], dpi=dpi, metadata=_METADATA[suffix]
            )
        if suffix == ".svg":
            _name_fallback_fonts(temporary)
    return Path(path)


def save_pixels(figure: "Figure", path: Path | io.BytesIO, dpi: float, small: bool) -> None:
    """Figures are opaque: three colours a pixel, or the 256 colours that matter most."""
    from PIL import Image

    buffer = io.BytesIO()
    cast("Any", figure).savefig(buffer, format="rgba", dpi=dpi)
    width, height = (int(inches * dpi) for inches in figure.get_size_inches())
    image = Image.frombuffer("RGBA", (width, height), buffer.getvalue()).convert("RGB")
    if small:
        image = image.quantize(256, Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    image.save(path, "PNG", dpi=(dpi, dpi), optimize=small)


def _name_fallback_fonts(path: Path) -> None:
    """Verdana has nearly the same widths where the font of the figures is not installed."""
    text = path.read_text(encoding="utf-8")
    font = re.escape(f"'{style.FONT}'")
    text = re.sub(rf"(style=\"[^\"<>]*{font})", r"\1, Verdana, sans-serif", text)
    path.write_text(text, encoding="utf-8", newline="\n")
