"""Camera: the continuous frame, t ↦ C(t), that is carried by the maps."""

from collections.abc import Callable

import numpy as np

from unknot.datasets.dataset import spread_rows
from unknot.motion.along_map import LOOK, STRETCH, TURN, AlongActivation, AlongAffine, beat_progress
from unknot.motion.geodesic import geodesic
from unknot.motion.morph import Morph
from unknot.motion.projection import Projection
from unknot.motion.pull_back import aligned, pull_back
from unknot.motion.rotation import Matrix, pad_rows, polar

__all__ = ["Camera"]

Path = Callable[[float], Matrix]


class Camera:
    """What is shown at `t` is ``morph.at(t) @ camera.frame(t)``: a rigid view of the real cloud.

    Parameters
    ----------
    morph : Morph
    projections : sequence of Projection
        One a representation. Those that are not fixed are turned within their plane so that the
        view changes as little as it can.

    Attributes
    ----------
    frames : list of (max(n_units, n_axes), n_axes) float64
        The frame at each representation.
    residuals : dict of int to float
        Where a map has no weights, Procrustes stands in for it: the part of the cloud, 0 to 1,
        that a rotation, a scale and a shift could not carry over, by transition.
    """

    def __init__(self, morph: Morph, projections: list[Projection]) -> None:
        self.morph = morph
        self.projections = projections
        self.n_axes = projections[0].frame.shape[1]
        self.residuals: dict[int, float] = {}
        self.frames = [projections[0].frame]
        for k in range(morph.length):
            self.frames.append(self._next_frame(k))
        self._paths = [self._path(k) for k in range(morph.length)]

    def frame(self, t: float) -> Matrix:
        """The frame at `t`: orthonormal columns, at least as many rows as the cloud has columns.

        Further rows belong to axes along which the cloud has no extent.
        """
        k, s = self.morph.locate(t)
        return self.frames[k] if s == 0 else self._paths[k](s)

    def width(self, k: int) -> int:
        """Rows of the frame during transition `k`.

        More than there are axes, so that a frame can always be turned over.
        """
        return max(self.morph.transitions[k].width, self.n_axes + 1)

    def shows_turn(self, k: int) -> bool:
        """Whether a turn is seen: only when the axes are units before and after."""
        return self.projections[k].are_units and self.projections[k + 1].are_units

    def _next_frame(self, k: int) -> Matrix:
        """The target frame of representation k + 1, turned within its plane if it may be."""
        target = self.projections[k + 1]
        before = self.frames[k]
        transition = self.morph.transitions[k]
        if isinstance(transition, AlongAffine):
            n = max(len(before), len(target.frame))
            frame = aligned(transition, pad_rows(before, n), pad_rows(target.frame, n))
        elif isinstance(transition, AlongActivation):
            frame = target.frame @ polar(target.frame.T @ before)
        else:
            frame = target.frame @ self._procrustes(k, before, target.frame)
        return target.frame if target.is_fixed else frame[: len(target.frame)]

    def _procrustes(self, k: int, before: Matrix, after: Matrix) -> Matrix:
        """The turn within the next plane that takes its picture nearest to the one before."""
        rows = spread_rows(self.morph.trace.n_points, 2_000)
        pictures: list[Matrix] = []
        for cloud, frame in zip(self.morph.clouds[k : k + 2], (before, after), strict=True):
            picture = cloud[rows].astype(np.float64) @ frame[: cloud.shape[1]]
            picture -= picture.mean(axis=0)
            pictures.append(picture / max(float(np.linalg.norm(picture)), 1e-30))
        first, second = pictures
        overlap = np.linalg.svd(second.T @ first, compute_uv=False).sum()
        self.residuals[k] = float(max(1 - overlap**2, 0.0))
        return polar(second.T @ first)

    def _path(self, k: int) -> Path:
        n = self.width(k)
        before, after = pad_rows(self.frames[k], n), pad_rows(self.frames[k + 1], n)
        transition = self.morph.transitions[k]
        if not isinstance(transition, AlongAffine):
            return geodesic(before, after).at
        if self.shows_turn(k):
            look = geodesic(before, after)
            return lambda s: look.at(beat_progress(s, 0, LOOK))
        return _carried(transition, before, after)


def _carried(transition: AlongAffine, before: Matrix, after: Matrix) -> Path:
    """Look where the map will read, hold still for the stretch, and be carried by the turn."""
    seen_through = pull_back(transition, before, after)
    look = geodesic(before, seen_through)

    def path(s: float) -> Matrix:
        if s <= STRETCH:
            return look.at(beat_progress(s, 0, LOOK))
        if s >= TURN:
            return after
        size = transition.width
        turned = seen_through.copy()
        turned[:size] = transition.turn.power(-beat_progress(s, STRETCH, TURN), turned[:size])
        return turned

    return path
