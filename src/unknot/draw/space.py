"""Three axes on a flat picture: where the eye stands, and the box that it looks at."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from unknot.draw.plane import Points, tick_label, ticks

#: What narrow pictures leave out of an axis' name.
LONG = "widest view, "


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


#: Round numbers along an axis, about.
TICKS = 4
#: The least height of the box, as a share of its width: a flat sheet floats a little.
LEAST_HEIGHT = 0.3
#: Rows from which the height of the cloud is taken.
ROWS = 2_000
#: Room for the labels around the box.
MARGIN = 1.2


@dataclass(frozen=True)
class Label:
    """A few words at a place of the picture.

    Attributes
    ----------
    x, y : float
        In the plane of the picture.
    text : str
    is_title : bool
        True for the name of an axis, False for a number.
    across : float
        The part of the words to the left of the place: 0 when they start there.
    """

    x: float
    y: float
    text: str
    is_title: bool = False
    across: float = 0.5


@dataclass(frozen=True)
class Box:
    """The part of 3-space that a view shows: a square ground and a height.

    Attributes
    ----------
    low, high : (3,) float64
        Opposite corners.
    """

    low: NDArray[np.float64]
    high: NDArray[np.float64]

    @classmethod
    def around(
        cls, points: Points, centre: NDArray[np.float64], radius: float, lift: float, room: float
    ) -> "Box":
        """The box of a cloud (n, 3) inside a cube: as wide as the cube, as high as the cloud.

        `lift`, 0 to 1, makes room above it for columns of a height of `room` radii.
        """
        rows = points[:: max(len(points) // ROWS, 1), 2].astype(np.float64)
        low, high = np.quantile(rows, [0.001, 0.999]) if len(rows) else (centre[2], centre[2])
        half = max(float(high - low) / 2 * 1.12, LEAST_HEIGHT * radius * (1 - lift))
        middle = (low + high) / 2
        low, high = middle - half, middle + half + lift * room * radius
        return cls(
            np.array([*(centre[:2] - radius), max(low, centre[2] - radius)]),
            np.array([*(centre[:2] + radius), min(high, centre[2] + radius)]),
        )

    @property
    def corners(self) -> NDArray[np.float64]:
        """(8, 3)."""
        choose = np.array(np.meshgrid([0, 1], [0, 1], [0, 1])).reshape(3, 8).T
        return np.where(choose, self.high, self.low)

    @property
    def centre(self) -> NDArray[np.float64]:
        """(3,): what an eye looks at, so that it lies at (0, 0) of the picture."""
        return (self.low + self.high) / 2

    @property
    def radius(self) -> float:
        """Half its width, whatever its height: an eye's distance is counted in it."""
        return float(self.high[0] - self.low[0]) / 2

    def frame(self, eye: Eye) -> tuple[tuple[float, float], tuple[float, float]]:
        """Centre and half the sides of what the eye must see, in the plane of the picture."""
        seen, _ = eye.see(self.corners, self.centre, self.radius)
        low, high = seen.min(axis=0), seen.max(axis=0)
        (x, y), (half_width, half_height) = (low + high) / 2, (high - low) / 2 * MARGIN
        return (float(x), float(y)), (float(half_width), float(half_height))


def ground(
    box: Box, eye: Eye, names: tuple[str, ...], n_numbered: int = 3
) -> tuple[list[Points], tuple[Label, ...]]:
    """A line of the ground at every round number, one upright edge, and their labels.

    Numbers and names stand at the sides of the ground nearer to the eye.

    Parameters
    ----------
    box : Box
    eye : Eye
    names : tuple of str
        One an axis; empty ones are left out.
    n_numbered : int
        Axes that have numbers: the first only, for a cloud on a line.

    Returns
    -------
    lines : list of (n, 2) float64 arrays
    labels : tuple of Label
    """
    low, high = box.low, box.high
    marks = [ticks(float(low[i]), float(high[i]), TICKS) for i in (0, 1)]
    step = marks[0][1] - marks[0][0] if len(marks[0]) > 1 else 1.0
    first, last = np.ceil(low[2] / step), np.floor(high[2] / step)
    marks.append([float(i * step) for i in np.arange(float(first), float(last) + 1)])
    left = _left_corner(box, eye)
    lines = [np.array([(x, low[1], low[2]), (x, high[1], low[2])]) for x in marks[0]]
    lines += [np.array([(low[0], y, low[2]), (high[0], y, low[2])]) for y in marks[1]]
    sides = [(low[0], low[1]), (high[0], low[1]), (high[0], high[1]), (low[0], high[1])]
    lines.append(np.array([(*side, low[2]) for side in [*sides, sides[0]]]))
    lines.append(np.array([(*left, low[2]), (*left, high[2])]))
    places = _side_labels(box, eye, marks[:n_numbered] + [[]] * (3 - n_numbered), names, step)
    beside = left - eye.axes[:2, 0] * 0.1 * box.radius
    upright = [z for z in marks[2] if z > low[2] + 1e-9] if n_numbered == 3 else []
    places += [((*beside, z), tick_label(z, step), False) for z in upright]
    places.append(((*left, high[2] + 0.12 * box.radius), names[2], True))
    seen, _ = eye.see(np.array([place for place, _, _ in places]), box.centre, box.radius)
    middle, _ = eye.see(box.centre[None], box.centre, box.radius)
    labels = tuple(
        Label(float(x), float(y), text, is_title, _across(float(x - middle[0, 0]), box.radius))
        for (x, y), (_, text, is_title) in zip(seen, places, strict=True)
        if text
    )
    return eye.see_lines(lines, box.centre, box.radius), labels


def _across(aside: float, radius: float) -> float:
    """Words at the left end where they are, those at the right start there, others between."""
    return float(np.clip(0.5 - 0.7 * aside / radius, 0, 1))


def _left_corner(box: Box, eye: Eye) -> NDArray[np.float64]:
    """The outermost corner of the ground to the left: nothing stands before it."""
    corners = box.corners[:, :2]
    return corners[(corners @ eye.axes[:2, 0]).argmin()]


def _side_labels(
    box: Box, eye: Eye, marks: list[list[float]], names: tuple[str, ...], step: float
) -> list[tuple[tuple[float, ...], str, bool]]:
    """Numbers and names along the two sides of the ground that face the eye."""
    front = np.where(eye.axes[:2, 2] < 0, box.low[:2], box.high[:2])
    places: list[tuple[tuple[float, ...], str, bool]] = []
    for axis in (0, 1):
        other = 1 - axis
        outward = float(np.sign(front[other] - box.centre[other])) * box.radius
        for along, text, is_title in [
            *((mark, tick_label(mark, step), False) for mark in marks[axis]),
            (float(box.centre[axis]), names[axis], True),
        ]:
            aside = float(front[other]) + outward * (0.28 if is_title else 0.1)
            place = (along, aside) if axis == 0 else (aside, along)
            places.append(((*place, float(box.low[2])), text, is_title))
    return places
