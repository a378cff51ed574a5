"""The planes that a page cannot work out itself: fitted to the classes, or another network's."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from unknot.motion.projection import Matrix, Projection, project
from unknot.motion.scene import ALIGNED, Scene, Stop
from unknot.views.page.container import Buffers
from unknot.views.page.excerpt import Excerpt
from unknot.views.page.values import frames


def plane_header(
    excerpt: Excerpt, buffers: Buffers, name: str, scene: Scene | None = None
) -> list[dict[str, str] | None] | None:
    """The planes that the page has no fit for, of each representation.

    They are those of the last checkpoint and hold for all, as in the film along the training.
    """
    views = _views(excerpt, scene)
    if not any(views):
        return None
    stored = [None] * len(views) if excerpt.carries_weights else frames(excerpt.last)
    return [
        {
            f"axes_{n}": buffers.add(f"{name}.planes.{k}.{n}", _stored(each.frame, directions))
            for n, each in view.items()
        }
        | {"name": next(iter(view.values())).axis_labels[0].removesuffix(", a")}
        if view
        else None
        for k, (view, directions) in enumerate(zip(views, stored, strict=True))
    ]


def _views(excerpt: Excerpt, scene: Scene | None) -> list[dict[int, Projection | Stop]]:
    """By number of axes, of each representation."""
    last = excerpt.last
    if scene is not None and scene.projection == ALIGNED:
        own = [not (stop.are_units or stop.are_corners) for stop in scene.stops]
        return [
            {scene.n_axes: stop} if is_own else {}
            for stop, is_own in zip(scene.stops, own, strict=True)
        ]
    # Of fewer classes no plane is fitted, and to look for the widest takes time.
    possible = [n for n in (2, 3) if last.n_points and last.n_classes > n + 1]
    return [
        {n: view for n in possible if (view := project(last, k, "auto", n)).is_logistic}
        for k in range(len(last.representations))
    ]


def _stored(frame: Matrix, directions: Matrix | None) -> Matrix:
    """A frame of all units in the directions that the page has of them."""
    return frame if directions is None else np.linalg.qr(directions.T @ frame)[0]


def share_corners(scenes: Sequence[Scene | None], headers: Sequence[dict[str, Any]]) -> None:
    """Classes stand in one order in networks along the same axes."""
    for scene, header in zip(scenes[1:], headers[1:], strict=True):
        if scene is not None and scene.projection == ALIGNED and header["corners"]:
            first = headers[0]["corners"] or header["corners"]
            header["corners"] |= {"order": first["order"]}
