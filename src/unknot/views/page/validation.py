"""Whether a page file is what docs/page_file.md says: the same questions as the viewer asks."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from unknot.errors import UnknotError
from unknot.network.formulas import FUNCTIONS

Header = Mapping[str, Any]
Arrays = Mapping[str, NDArray[Any]]

_KINDS = ("affine", "activation", "softmax", "opaque")
#: What the viewer knows to do in a formula → number of arguments.
_OPERATIONS = {**dict.fromkeys(("+", "-", "*", "/", ">", ">="), 2), **FUNCTIONS}


def check_page_file(header: Header, buffers: Arrays) -> None:
    """Say what is wrong with a page file.

    Parameters
    ----------
    header : mapping
    buffers : mapping of str to array
        As `unpack` gives them.

    Raises
    ------
    UnknotError
        When it cannot be shown.
    """
    runs = header.get("runs")
    if not isinstance(runs, list) or not runs:
        raise UnknotError("The page file holds no runs.\nMake the page again.")
    for i, run in enumerate(runs):  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
        try:
            problem = _problem(run, buffers)
        except (KeyError, TypeError, IndexError, AttributeError) as error:
            problem = f"its header is not complete ({type(error).__name__}: {error})"
        if problem is not None:
            raise UnknotError(f"Run {i + 1} of the page file cannot be shown: {problem}.")


def _problem(run: Header, buffers: Arrays) -> str | None:
    representations, maps = run["representations"], run["maps"]
    n_points = run["n_points"]
    if not isinstance(n_points, int) or n_points < 0:
        return "its number of points is not a number"
    if len(representations) != len(maps) + 1:
        return f"{len(representations)} representations are not joined by {len(maps)} maps"
    if not run["checkpoints"]:
        return "it has no checkpoint"
    if len(run["class_colours"]) < len(run["class_names"]):
        return "a class has no colour"
    for k, map_ in enumerate(maps):
        ends = representations[k]["n_units"], representations[k + 1]["n_units"]
        if (map_["n_in"], map_["n_out"]) != ends:
            return f"map {k + 1} does not lead from one representation to the next"
        if map_["kind"] not in _KINDS:
            return f"map {k + 1} is of no known kind"
        if map_["kind"] == "activation" and not _is_formula(map_["formula"], map_["parameters"]):
            return f"the formula of its activation {str(map_['name'])[:40]} is not understood"
    if run["labels"] is not None and buffers[run["labels"]].shape != (n_points,):
        return "it has not one label a point"
    if not _is_range(run.get("target")):
        return "the ends of its target are not two numbers"
    if not _are_curves(run.get("measures") or {}, len(run["checkpoints"]), len(representations)):
        return "its linear probe has not one number a representation"
    return {"weights": _weights, "values": _values}.get(run["carrier"], _neither)(run, buffers)


def _is_formula(tree: Any, parameters: Sequence[str]) -> bool:
    if isinstance(tree, str):
        return tree == "z" or tree in parameters
    if not isinstance(tree, list):
        return _is_number(tree)
    operation, *arguments = tree or [None]  # pyright: ignore[reportUnknownVariableType]
    n_arguments = _OPERATIONS.get(operation) if isinstance(operation, str) else None
    return len(arguments) == n_arguments and all(_is_formula(a, parameters) for a in arguments)  # pyright: ignore[reportUnknownArgumentType]


def _is_range(target: Header | None) -> bool:
    """A regression's target; older files have none."""
    return target is None or (_is_number(target["low"]) and _is_number(target["high"]))


def _are_curves(measures: Header, n_checkpoints: int, n_representations: int) -> bool:
    if "linear_probe" not in measures:
        return True
    curves = measures["linear_probe"]
    return (
        _is_number(measures["chance"])
        and isinstance(curves, list)
        and len(curves) == n_checkpoints  # pyright: ignore[reportUnknownArgumentType]
        and all(
            curve is None
            or (
                len(curve) == n_representations
                and all(value is None or _is_number(value) for value in curve)
            )
            for curve in curves  # pyright: ignore[reportUnknownVariableType]
        )
    )


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and bool(np.isfinite(value))


def _neither(run: Header, buffers: Arrays) -> str:
    return "it carries neither weights nor values"


def _weights(run: Header, buffers: Arrays) -> str | None:
    if not _is_quantised(run["inputs"], run["n_points"], run["representations"][0], buffers):
        return "its inputs have not one value a feature and point"
    n = sum(_n_numbers(map_) for map_ in run["maps"])
    if buffers[run["weights"]].shape != (len(run["checkpoints"]), n):
        return "it has not one weight a connection"
    if not np.isfinite(buffers[run["weights"]]).all():
        return "a weight is not a finite number"
    return None


def _n_numbers(map_: Header) -> int:
    if map_["kind"] == "affine":
        return (map_["n_in"] + 1) * map_["n_out"]
    return len(map_.get("parameters", ())) * map_["n_out"]


def _values(run: Header, buffers: Arrays) -> str | None:
    if not _has_lines(run.get("lattice"), run["representations"], buffers):
        return "its lattice has not one place a point and representation"
    if len(run["values"]) != len(run["checkpoints"]):
        return "it has not one set of values a checkpoint"
    for clouds in run["values"]:
        for stored, representation in zip(clouds, run["representations"], strict=False):
            if not _is_quantised(stored, run["n_points"], representation, buffers):
                return "its values have not one number a unit and point"
        if len(clouds) != len(run["representations"]):
            return "a representation has no values"
    return None


def _has_lines(lattice: Header | None, representations: Sequence[Header], buffers: Arrays) -> bool:
    """Stored lines of a lattice; older files have none."""
    if lattice is None:
        return True
    offsets = buffers[lattice["offsets"]]
    n_lines = len(offsets) - 1
    return (
        0 <= lattice["n_grid_lines"] <= n_lines
        and offsets[0] == 0
        and bool((np.diff(offsets) > 0).all())
        and len(lattice["values"]) == len(representations)
        and all(
            _is_quantised(stored, int(offsets[-1]), of, buffers)
            for stored, of in zip(lattice["values"], representations, strict=True)
        )
    )


def _is_quantised(stored: Header, n_points: int, of: Header, buffers: Arrays) -> bool:
    n = of["shown_units"]
    bounds: Sequence[float] = [*stored["low"], *stored["high"]]
    return (
        len(stored["low"]) == len(stored["high"]) == n
        and buffers[stored["buffer"]].shape == (n_points, n)
        and bool(np.isfinite(bounds).all())
    )
