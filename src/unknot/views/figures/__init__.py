"""figure: still pictures of what a network does to its data, as matplotlib figures.

``figures`` is the table of what can be drawn. To add one, write a function
``(source, *, size, …) -> matplotlib Figure`` in a file of its own, decorate it with
``@figures.add`` and import it below; the command line's choices and the tests pick it up.
"""

import inspect
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from unknot.errors import UsageError
from unknot.motion.scene import Scene
from unknot.traces.representation import Trace
from unknot.traces.run import Run
from unknot.views.figures.saving import check_suffix, save_figure
from unknot.views.figures.source import Source
from unknot.views.figures.table import figures
from unknot.width.result import MinimumWidth

from unknot.views.figures import strip, pairs, three_d, training, diagram, regions  # isort: skip
from unknot.views.figures import depth, heatmap, cka, barcodes, persistence  # isort: skip

if TYPE_CHECKING:
    from typing import TypeGuard

    import polars
    from matplotlib.figure import Figure

    #: One thing to draw.
    Drawable = Trace | Run | Scene | MinimumWidth | polars.DataFrame

__all__ = ["check_suffix", "figure", "figures", "save_figure"]

#: Each adds itself to the table.
_FIGURES = (strip, pairs, three_d, training, diagram, regions)
_MEASURED = (depth, heatmap, cka, barcodes, persistence)

#: Of the options; a figure that does not take one minds only other values.
_DEFAULTS: dict[str, Any] = {
    "size": None,
    "n_axes": 2,
    "projection": "following",
    "units": None,
    "layer": None,
    "scale": "animated",
    "measures": None,
    "seed": 0,
}

#: Inches.
SIZE_RANGE = (3.0, 60.0)


def figure(
    source: "Drawable | Sequence[Trace | Run | Scene]",
    *,
    what: str = "strip",
    size: float | None = None,
    n_axes: int = 2,
    projection: str = "following",
    units: Sequence[int] | None = None,
    layer: int | str | None = None,
    scale: str = "animated",
    measures: Sequence[str] | None = None,
    seed: int = 0,
) -> "Figure":
    """Draw a still picture.

    Parameters
    ----------
    source : Trace, Run or Scene, a sequence of them, a MinimumWidth, or a sweep's table
        A run is traced after its last step, with the points it was trained on. Several can be
        drawn by ``"strip"``, one below the other. Of a search for the minimum width there are
        ``"accuracy"`` (the default) and ``"regions"``; the table of a sweep is drawn as a map.
    what : str
        - ``"strip"``: one panel a representation, in the order of the network.
        - ``"pairs"``: every pair of a layer's units, and how each unit is distributed.
        - ``"3d"``: three units of a layer, or its 3-D projection.
        - ``"training"``: loss and accuracy by epoch; needs a Run.
        - ``"diagram"``: the network with its weights and biases.
        - ``"regions"``: the decision in the plane of a 2-feature input, with the data.
        - ``"depth"``: measures at every representation.
        - ``"heatmap"``: measures at every representation and checkpoint; needs a Run.
        - ``"cka"``: how alike every two representations are, and, of a Run, every two epochs.
        - ``"barcodes"``: when pieces and holes of each class appear and vanish in one layer.
        - ``"persistence"``: the same as persistence diagrams, of every layer.
    size : float, optional
        Width in inches; the height follows.
    n_axes : int
        2 or 3; for ``"strip"``.
    projection : str
        A key of ``projections``; for ``"strip"`` and ``"3d"``.
    units : sequence of int, optional
        Which units to show; for ``"strip"``, ``"pairs"`` and ``"3d"``.
    layer : int or str, optional
        Which representation, by number or name; for ``"pairs"`` and ``"3d"`` (the last hidden
        layer when left out), ``"barcodes"`` (the input) and ``"persistence"`` (all).
    scale : str
        ``"animated"`` (each panel has its own scale) or ``"fixed"`` (one for all); for
        ``"strip"``.
    measures : sequence of str, optional
        Names from the table of measures; for ``"depth"`` and ``"heatmap"``.
    seed : int
        For the random projection, and for the points and halves that measures draw.

    Returns
    -------
    matplotlib.figure.Figure
        Made without pyplot: no window opens, nothing global changes. Save it with
        `save_figure`.

    Raises
    ------
    UsageError
        When there is no such figure, it does not take an option, or it needs something that the
        source does not hold.
    """
    options: dict[str, Any] = {
        "size": size,
        "n_axes": n_axes,
        "projection": projection,
        "units": units,
        "layer": layer,
        "scale": scale,
        "measures": measures,
        "seed": seed,
    }
    # What was left at its default was not asked for.
    options = {name: value for name, value in options.items() if value != _DEFAULTS[name]}
    if isinstance(source, MinimumWidth):
        from unknot.views.width import width_figure

        return width_figure(source, "accuracy" if what == "strip" else what, options)
    if _is_table(source):
        from unknot.views.width import sweep_map

        return sweep_map(source, **{k: v for k, v in options.items() if k == "size"})
    draw = figures[what]
    _check_options(what, draw, options)
    if isinstance(source, Sequence):
        if what != "strip":
            raise UsageError(f"The figure {what!r} shows one trace; got {len(source)}.")
        return strip.strips([Source.of(each) for each in source], **options)
    return draw(Source.of(source), **options)


def _is_table(source: Any) -> "TypeGuard[polars.DataFrame]":
    """Whether it is a data frame, without importing what makes one."""
    return hasattr(source, "get_column") and hasattr(source, "columns")


def _check_options(what: str, draw: Any, options: dict[str, Any]) -> None:
    allowed = list(inspect.signature(draw).parameters)[1:]
    for name in options:
        if name not in allowed:
            raise UsageError(
                f"The figure {what!r} takes no {name!r}.\nAllowed: {', '.join(allowed)}."
            )
    low, high = SIZE_RANGE
    size = options.get("size", low)
    if not (isinstance(size, int | float) and low <= size <= high):
        raise UsageError(
            f"The size of a figure is its width in inches, {low:g} to {high:g}; got {size!r}."
        )
