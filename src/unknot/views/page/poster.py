"""What a page shows before its script has drawn anything: its title, and some of its points.

A browser paints it while it still unpacks the data and prepares the graphics processor.
"""

import html
import re
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from unknot.datasets.dataset import spread_rows
from unknot.motion.extent import Extent, extent_of, own_scales
from unknot.views.page.values import STEPS

#: Points of the picture, and its side in units of its own.
MOST_POINTS = 1_500
SIDE = 1_000


def poster(header: Mapping[str, Any], buffers: Mapping[str, NDArray[Any]]) -> str:
    """HTML: the title, what is shown, and the input of a network of two features."""
    title, description = (html.escape(str(header[key])[:400]) for key in ("title", "description"))
    runs = header["runs"]
    # Where one trains, the address may name other data: their picture is not known here.
    is_known = len(runs) == 1 and header["n_axes"] == 2 and not header.get("playground")
    picture = cloud(runs[0], buffers) if is_known else ""
    # Shares are written as everywhere on the page.
    sentence = re.sub(r"(?<=\d) %", "%", description)
    return f'<div class="first"><h1>{title}</h1><p>{sentence}</p>{picture}</div>'


def cloud(run: Mapping[str, Any], buffers: Mapping[str, NDArray[Any]]) -> str:
    """An SVG of the input, in the box in which the viewer shows it; empty where it has no plane.

    Only classes have colours here: of a number to predict nothing is drawn.
    """
    inputs = run.get("inputs")
    colours: list[str] = run["class_colours"]
    if inputs is None or len(inputs["low"]) != 2 or not colours or not run["n_points"]:
        return ""
    low, high = np.asarray(inputs["low"]), np.asarray(inputs["high"])
    values = low + (high - low) * (buffers[inputs["buffer"]] / STEPS)
    scales = own_scales(values)
    places = _places(values, extent_of(values, scales))
    rows = spread_rows(len(places), MOST_POINTS)
    classes = buffers[run["labels"]][rows]
    paths = [
        f'<path stroke="{html.escape(colour)}" d="{_dots(places[rows][classes == i])}"/>'
        for i, colour in enumerate(colours)
    ]
    return f'<svg viewBox="0 0 {SIDE} {SIDE}" aria-hidden="true">{"".join(paths)}</svg>'


def _places(values: NDArray[np.float64], box: Extent) -> NDArray[np.int64]:
    """(n_points, 2) in the picture: right and down."""
    within = (values - box.centre) * box.factors / box.radius
    return np.rint(SIDE / 2 * (1 + within * [1, -1])).astype(np.int64)


def _dots(places: NDArray[np.int64]) -> str:
    """Lines without a length, whose round ends are dots."""
    return "".join(f"M{x} {y}h0" for x, y in places.tolist())
