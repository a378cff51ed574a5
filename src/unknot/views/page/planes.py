"""The planes that a page cannot work out itself: fitted to the classes, or another network's."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from unknot.motion.align import Alignment
from unknot.motion.projection import Matrix, Projection, project
from unknot.motion.scene import ALIGNED, Scene, Stop
from unknot.views.page.container import Buffers
from unknot.views.page.excerpt import Excerpt
from unknot.views.page.values import frames


def plane_header(
    excerpt: Excerpt, buffers: Buffers, name: str, aligned: Sequence[Scene] = ()
) -> list[dict[str, Any] | None] | None:
    """The planes that the page has no fit for, of each representation.

    They are those of the last checkpoint and hold for all, as in the film along the training.
    `aligned` are the scenes of an alignment, by number of axes.
    """
    n = len(excerpt.last.representations)
    stored = [None] * n if excerpt.carries_weights else frames(excerpt.last)
    views = _views(excerpt, aligned, stored)
    if not any(views):
        return None
    return [
        {
            f"axes_{n}": buffers.add(f"{name}.planes.{k}.{n}", _stored(each.frame, directions))
            for n, each in view.items()
        }
        | {f"labels_{n}": list(e.axis_labels) for n, e in view.items() if aligned or _is_held(e)}
        | {"name": next(iter(view.values())).axis_labels[0].removesuffix(", a")}
        if view
        else None
        for k, (view, directions) in enumerate(zip(views, stored, strict=True))
    ]


def _views(
    excerpt: Excerpt, aligned: Sequence[Scene], stored: Sequence[Matrix | None]
) -> list[dict[int, Projection | Stop]]:
    """By number of axes, of each representation.

    Of classes so many that not all units are stored, the corners are one of them.
    """
    last = excerpt.last
    if aligned:
        return [
            {
                scene.n_axes: stop
                for scene, stop in zip(aligned, stops, strict=True)
                if not (stop.are_units or stop.are_corners)
            }
            for stops in zip(*(scene.stops for scene in aligned), strict=True)
        ]
    # Of fewer classes no plane is fitted, and to look for the widest takes time.
    has_target = last.labels.dtype.kind != "i"
    possible = [n for n in (2, 3) if last.n_points and (has_target or last.n_classes > n + 1)]
    found: list[dict[int, Projection | Stop]] = []
    for k, directions in enumerate(stored):
        auto = {n: project(last, k, "auto", n) for n in possible}
        is_cut = directions is not None
        found.append({n: v for n, v in auto.items() if v.is_fitted or (is_cut and v.are_corners)})
    return found


def _is_held(view: Projection | Stop) -> bool:
    """Whether its axes mean something by themselves."""
    return isinstance(view, Projection) and view.is_fixed


def _stored(frame: Matrix, directions: Matrix | None) -> Matrix:
    """A frame of all units in the directions that the page has, or the one nearest to it there."""
    if directions is None:
        return frame
    left, _, right = np.linalg.svd(directions.T @ frame, full_matrices=False)
    return left @ right


def aligned_scenes(source: Any, shown: Sequence[Any]) -> list[Sequence[Scene]]:
    """For each network that was turned to the first one its scenes in 2 and in 3 axes."""
    if isinstance(source, Alignment):
        return [(), *zip(*(source.seen(n)[1:] for n in (2, 3)), strict=True)]
    is_turned = [isinstance(each, Scene) and each.projection == ALIGNED for each in shown]
    return [[each] if turned else [] for each, turned in zip(shown, is_turned, strict=True)]


def share_corners(aligned: Sequence[Any], headers: Sequence[dict[str, Any]]) -> None:
    """Classes stand in one order in networks along the same axes."""
    for scenes, header in zip(aligned[1:], headers[1:], strict=True):
        if scenes and header["corners"]:
            first = headers[0]["corners"] or header["corners"]
            header["corners"] |= {"order": first["order"]}
