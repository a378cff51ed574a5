"""Along the map: the paths of the honest morph.

An affine map stretches along the cloud's own directions, turns, and shifts, one after the other;
an activation bends each unit by itself. Both only pass through clouds that the map itself, partly
done, would make.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from unknot.motion.rotation import Rotation, carrying_rotation, complement, pad_rows
from unknot.motion.transitions import Beat, LinearParts, Matrix, Parts, Straight, padded_identity
from unknot.network.maps import Affine
from unknot.traces.note import HEAVY, Note

#: The beats of an affine map share its time equally. Nothing moves during *look*: it belongs to
#: the camera.
LOOK, STRETCH, TURN, SHIFT = 0.25, 0.5, 0.75, 1.0


@dataclass(frozen=True)
class AlongActivation(LinearParts):
    """``(1 − s) z + s σ(z)``, unit by unit."""

    k: int
    n_units: int

    @property
    def width(self) -> int:
        """An activation adds no units, so nothing is padded."""
        return self.n_units

    @property
    def beats(self) -> tuple[Beat, ...]:
        """One beat: all units bend together, from beginning to end."""
        return (Beat("activation", 0.0, 1.0),)

    @property
    def is_interpolated(self) -> bool:
        """False: at every instant each unit is a function of itself alone, as in the map."""
        return False

    def parts(self, s: float) -> Parts:
        """``1 − s`` of the cloud before and ``s`` of the one after, (n_points, n_units) both."""
        identity = np.eye(self.n_units)
        return Parts(
            ((self.k, (1 - s) * identity), (self.k + 1, s * identity)), np.zeros(self.n_units)
        )


@dataclass(frozen=True)
class AlongSoftmax(Straight):
    """``(1 − s) z + s softmax(z)``: straight, since softmax mixes the units."""

    @property
    def beats(self) -> tuple[Beat, ...]:
        """One beat, which has the map's name and not that of an interpolation."""
        return (Beat("softmax", 0.0, 1.0),)

    @property
    def is_interpolated(self) -> bool:
        """False: softmax is known, and the formula is that of an activation."""
        return False


@dataclass(frozen=True)
class AlongAffine(LinearParts):
    """``x ↦ x W + b`` as a stretch ``P = U Σ Uᵀ``, a turn ``R = U Vᵀ`` and a shift ``b``.

    With ``W = U Σ Vᵀ`` this is the polar decomposition ``W = P R``. Where the map adds axes
    (n_in < n_out) the input has no extent along them, and they keep scale 1; where it kills
    directions, only those are squashed. The turn moves everything else as little as it can.

    Attributes
    ----------
    k : int
    map : Affine
    """

    k: int
    map: Affine

    @property
    def is_interpolated(self) -> bool:
        """False: stretch, turn and shift together are the map."""
        return False

    @property
    def beats(self) -> tuple[Beat, ...]:
        """Four beats; during *look* nothing but the camera moves."""
        return (
            Beat("look", 0.0, LOOK),
            Beat("stretch", LOOK, STRETCH),
            Beat("turn", STRETCH, TURN),
            Beat("shift", TURN, SHIFT),
        )

    @cached_property
    def _svd(self) -> tuple[Matrix, Matrix, Matrix]:
        """U (n_in, r), Σ (r,) and V (n_out, r), r the numerical rank of the weight."""
        weight = self.map.weight.astype(np.float64)
        u, sigma, vt = np.linalg.svd(weight, full_matrices=False)
        precision = np.finfo(self.map.weight.dtype).eps * max(weight.shape)
        r = int((sigma > precision * sigma.max(initial=0)).sum())
        return u[:, :r], sigma[:r], vt[:r].T

    @property
    def source(self) -> Matrix:
        """U: the directions that the map reads, (n_in, rank), strongest first."""
        return self._svd[0]

    @property
    def scales(self) -> Matrix:
        """Σ: how much it stretches each, (rank,)."""
        return self._svd[1]

    @property
    def target(self) -> Matrix:
        """V: where it sends them, (n_out, rank)."""
        return self._svd[2]

    @cached_property
    def _turn(self) -> tuple[Rotation, bool]:
        n = max(self.map.weight.shape)
        return carrying_rotation(pad_rows(self.source, n), pad_rows(self.target, n))

    @property
    def turn(self) -> Rotation:
        """R, in the space of `width` axes; what the map neither reads nor makes moves least."""
        return self._turn[0]

    @property
    def is_turned_over(self) -> bool:
        """True when the map mirrors, so that the cloud is turned over through an extra axis."""
        return self._turn[1]

    @property
    def width(self) -> int:
        """max(n_in, n_out), and one more when no axis is left through which to turn over."""
        return len(self.turn.basis)

    @property
    def notes(self) -> tuple[Note, ...]:
        """Of a map that mirrors, which no turn within its own axes does."""
        if not self.is_turned_over:
            return ()
        text = (
            f"{self.map.name} mirrors the cloud (its determinant is negative): it is turned over "
            "through an extra axis, like a card."
        )
        return (Note(text, weight=HEAVY),)

    @property
    def least_stretch(self) -> str:
        """What becomes of the direction that is stretched least, and whether the map mirrors."""
        n_in, n_out = self.map.weight.shape
        n_lost = n_in - len(self.scales)
        flat = f"{n_lost} of {n_in} directions {'is' if n_lost == 1 else 'are'} pressed flat"
        if len(self.scales) < min(n_in, n_out):
            zero = ", determinant zero" if n_in == n_out else ""
            return f"{flat} (smallest singular value 0{zero})"
        least = f"×{self.scales[-1]:.2g} (smallest singular value)"
        if n_lost:
            return f"{flat}; least stretch of the others {least}"
        mirrored = "mirrored (determinant negative)"
        if not self.is_turned_over:
            mirrored = "not mirrored (determinant positive)"
        return f"least stretch {least}" + (f", {mirrored}" if n_in == n_out else "")

    def stretched(self, amount: float) -> Matrix:
        """(n_in, n_in): ``(1 − amount) I + amount P``."""
        u = self.source
        killed = complement(u)
        along = (1 - amount) + amount * self.scales
        # Built from its eigenvectors, so that no direction is squashed by rounding.
        return (u * along) @ u.T + (1 - amount) * killed @ killed.T

    def parts(self, s: float) -> Parts:
        """One matrix, (n_in, width), of the cloud before, and what is added of the bias.

        Once the turn is over the matrix is the weight itself, free of its factors' rounding.
        """
        n_in, n_out = self.map.weight.shape
        lift = padded_identity(n_in, self.width)
        offset = np.zeros(self.width)
        if s >= TURN:
            matrix = padded_identity(n_out, self.width)
            matrix = self.map.weight.astype(np.float64) @ matrix
            offset[:n_out] = self.map.bias * beat_progress(s, TURN, SHIFT)
        else:
            matrix = self.stretched(beat_progress(s, LOOK, STRETCH)) @ lift
            if s > STRETCH:
                matrix = matrix @ self.turn.power(beat_progress(s, STRETCH, TURN))
        return Parts(((self.k, matrix),), offset)


def beat_progress(s: float, start: float, stop: float) -> float:
    """How much of a beat is done at `s`, 0 to 1."""
    return min(max((s - start) / (stop - start), 0.0), 1.0)
