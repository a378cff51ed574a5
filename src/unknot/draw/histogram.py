"""A cloud on a line has no second direction: its classes are shown as columns above it."""

import numpy as np
from numpy.typing import NDArray

from unknot.draw.window import Points
from unknot.motion.scene import Scene

#: Cells along the diameter of the extent.
CELLS = 100
#: Height of the tallest column, in radii of the extent: on a flat picture and in a 3-D view.
HEIGHT, HEIGHT_3D = 1.3, 0.75


def is_on_a_line(scene: Scene, t: float) -> bool:
    """Whether all points lie on the first axis at `t`."""
    k = int(np.floor(t))
    return all(stop.n_shown == 1 for stop in scene.stops[k : k + 2 if t > k else k + 1])


def histogram(
    positions: NDArray[np.floating],
    group: NDArray[np.int64],
    n_groups: int,
    low: float,
    high: float,
) -> NDArray[np.int64]:
    """How many points of each group lie in each of ``CELLS`` cells, (n_groups, CELLS)."""
    place = np.clip((positions - low) * (CELLS / (high - low)) + 1, 0, CELLS + 1.5)
    index = place.astype(np.int64) + group * (CELLS + 2)
    counts = np.bincount(index, minlength=n_groups * (CELLS + 2))
    return counts.reshape(n_groups, CELLS + 2)[:, 1:-1]


def outlines(counts: NDArray[np.int64], low: float, high: float, height: float) -> list[Points]:
    """The columns of each group as one closed shape on the zero line, (n, 2) each.

    All groups share one scale: the tallest column of all has the given height.
    """
    edges = np.repeat(np.linspace(low, high, counts.shape[1] + 1), 2)
    unit = height / max(int(counts.max(initial=0)), 1)
    shapes: list[Points] = []
    for row in counts:
        tops = np.concatenate([[0.0], np.repeat(row * unit, 2), [0.0]])
        shapes.append(np.stack([edges, tops], axis=1))
    return shapes
