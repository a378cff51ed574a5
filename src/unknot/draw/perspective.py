"""Three axes on a flat picture: where the eye stands, and what it sees."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from unknot.draw.window import Points


@dataclass(frozen=True)
class Eye:
    """A place from which to look at a box.

    Attributes
    ----------
    azimuth : float
        Degrees around the upright third axis; 0 looks from the first axis.
    elevation : float
        Degrees above the ground.
    distance : float
        From the centre, in radii of the box; ``inf`` for an orthographic view.
    """

    azimuth: float = -60.0
    elevation: float = 22.0
    distance: float = 7.0

    @cached_property
    def axes(self) -> NDArray[np.float64]:
        """(3, 3): columns point right, up and towards the eye; orthonormal."""
        a, e = np.radians(self.azimuth), np.radians(self.elevation)
        right = [-np.sin(a), np.cos(a), 0.0]
        up = [-np.sin(e) * np.cos(a), -np.sin(e) * np.sin(a), np.cos(e)]
        towards = [np.cos(e) * np.cos(a), np.cos(e) * np.sin(a), np.sin(e)]
        return np.array([right, up, towards]).T

    def see(
        self, points: Points, centre: NDArray[np.float64], radius: float
    ) -> tuple[Points, Points]:
        """Points as the eye sees them.

        Parameters
        ----------
        points : (n, 3) float array
        centre : (3,) float64
            What the eye looks at: it comes to lie at (0, 0).
        radius : float
            Of the box around it.

        Returns
        -------
        seen : (n, 2) float array
            Right and up. At the depth of the centre lengths are what they are.
        depth : (n,) float array
            Towards the eye.
        """
        # One row an axis: what follows then runs over contiguous numbers.
        turned = self.axes.T.astype(points.dtype) @ points.T
        for row, offset in zip(turned, centre @ self.axes, strict=True):
            row -= points.dtype.type(offset)
        depth = turned[2]
        if np.isfinite(self.distance):
            away = points.dtype.type(self.distance * radius)
            # What lies behind the eye is kept in front of it: far outliers, outside the picture.
            nearness = away / np.maximum(away - depth, away / 5)
            turned[0] *= nearness
            turned[1] *= nearness
        return turned[:2].T, depth

    def see_lines(
        self, lines: list[Points], centre: NDArray[np.float64], radius: float
    ) -> list[Points]:
        """Lines of shape (n, 3) as the eye sees them, (n, 2) each."""
        if not lines:
            return []
        seen, _ = self.see(np.concatenate(lines), centre, radius)
        return np.split(seen, np.cumsum([len(line) for line in lines])[:-1])
