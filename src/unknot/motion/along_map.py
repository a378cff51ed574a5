"""Along the map: the paths of the honest morph.

An affine map stretches along the cloud's own directions, turns, and shifts, one after the other;
an activation bends each unit by itself. Both only pass through clouds that the map itself, partly
done, would make.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from unknot.motion.directions import principal_directions
from unknot.motion.pace import EVEN, Tempo, stretch_pace
from unknot.motion.projection import rows_for
from unknot.motion.rotation import Rotation, carrying_rotation, pad_rows
from unknot.motion.transitions import (
    Beat,
    LinearParts,
    Matrix,
    Parts,
    Straight,
    n_columns,
    seen_axes,
)
from unknot.network.factors import Factors, factors, graded_svd
from unknot.network.maps import Affine
from unknot.traces.note import HEAVY, Note
from unknot.traces.representation import Values

#: The beats of an affine map share its time equally. Nothing moves during *look*: it belongs to
#: the camera.
LOOK, STRETCH, TURN, SHIFT = 0.25, 0.5, 0.75, 1.0
#: Directions in which a wide map is followed.
DIRECTIONS = 64


@dataclass(frozen=True)
class AlongActivation(Straight):
    """``(1 − s) z + s σ(z)``, unit by unit, s by the pace."""

    @property
    def beats(self) -> tuple[Beat, ...]:
        """One beat: all units bend together, from beginning to end."""
        return (Beat("activation", 0.0, 1.0),)

    @property
    def is_interpolated(self) -> bool:
        """False: at every instant each unit is a function of itself alone, as in the map."""
        return False


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

    Half-way through the stretch every direction has changed by half its factor, σ^½: each changes
    by equal shares in equal times, and the inverse map is the film run backwards. Directions that
    are killed go straight to 0, as ``1 − s``. Where even that is too fast, the pace slows it down.

    Of a map with more than 512 units on both sides that would take as many products as the cube
    of its units. It is followed in the leading directions V of the cloud that it makes:
    ``W V Vᵀ`` takes the place of W, and shows the same of the cloud in every plane within V. What
    it does elsewhere comes with the shift, straight.

    Attributes
    ----------
    k : int
    map : Affine
    before : (n_points, n_in) array, optional
        The cloud before the map. Without it all directions count as equally filled.
    made : (n_points, n_out) array, optional
        The cloud after the map; needed where it is wide.
    """

    k: int
    map: Affine
    before: Values | None = None
    made: Values | None = None

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
    def factors(self) -> Factors:
        """U (n_in, r), Σ (r,) and V (n_out, r), r the rank of the map on this cloud."""
        into = self.leading
        if into is None:
            return self.map.factors(self.before)
        sent = graded_svd(self._sent(into))
        return factors(sent, self.before, self.map.precision).sent_on(into)

    @cached_property
    def leading(self) -> Matrix | None:
        """(n_out, n_directions): where a wide map is followed; None for all directions."""
        if self.made is None or not self.map.is_wide:
            return None
        rows = rows_for(*self.made.shape)
        return principal_directions(self.made[rows], DIRECTIONS)[0]

    def _sent(self, frame: Matrix | None) -> Matrix:
        """The weight as a frame of the space after it sees it, (n_in, n_axes)."""
        if frame is None:
            return self.map.weight.astype(np.float64)
        if self.map.is_wide:
            # In its own precision: a copy of a wide weight takes gigabytes.
            return self.map.before(frame.astype(self.map.bias.dtype)).astype(np.float64)
        return self.map.weight.astype(np.float64) @ frame

    @property
    def source(self) -> Matrix:
        """U: the directions that the map reads, (n_in, rank), strongest first."""
        return self.factors.source

    @property
    def scales(self) -> Matrix:
        """Σ: how much it stretches each, (rank,)."""
        return self.factors.scales

    @property
    def target(self) -> Matrix:
        """V: where it sends them, (n_out, rank)."""
        return self.factors.target

    @cached_property
    def _turn(self) -> tuple[Rotation, bool]:
        n = max(self.map.shape)
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

    @cached_property
    def pace(self) -> Tempo:
        """Of the stretch: slower where the cloud changes fast."""
        if self.before is None:
            return EVEN
        return stretch_pace(self.before, self.source, self.scales)

    @property
    def notes(self) -> tuple[Note, ...]:
        """That it mirrors, which no turn within its axes does; how far a wide one is followed."""
        notes: list[Note] = []
        if self.is_turned_over:
            notes.append(Note(self._mirror_text, weight=HEAVY))
        if self.leading is not None and self.made is not None:
            share = share_of_variance(self.made, self.leading)
            text = (
                f"{self.map.name} is followed in the {self.leading.shape[1]} leading directions of "
                f"what it makes ({share:.0%} of the variance); the rest moves straight."
            )
            notes.append(Note(text))
        return tuple(notes)

    @property
    def _mirror_text(self) -> str:
        n, rank = max(self.map.shape), self.factors.rank
        if self.factors.determinant_sign == -1:
            what = "the cloud" if self.factors.is_spanned else "its space"
            return (
                f"{self.map.name} mirrors {what} (its determinant is negative): it is turned "
                "over through an extra axis, like a card."
            )
        kept = "the direction" if rank == 1 else f"the {rank} directions"
        axis = "a further one" if rank < n else "an extra axis"
        return (
            f"{self.map.name} mirrors {kept} that it keeps: the cloud is turned over through "
            f"{axis}, like a card."
        )

    @property
    def least_stretch(self) -> str:
        """What becomes of the direction that is stretched least, and whether the map mirrors."""
        n_in, n_out = self.map.shape
        own = self.factors
        n_lost, pressed = n_in - own.rank, own.n_pressed
        flat = f"{pressed} of {n_in} directions {'is' if pressed == 1 else 'are'} pressed flat"
        if own.is_singular:
            zero = f"smallest singular value 0{', determinant zero' if n_in == n_out else ''}"
            empty = "the direction that is" if n_lost == 1 else f"the {n_lost} directions that are"
            return f"{flat if pressed else f'{empty} lost held nothing of the cloud'} ({zero})"
        least = f"×{two_digits(self.scales[-1])} (smallest singular value)"
        if pressed:
            return f"{flat}; least stretch of the others {least}"
        signs = {1: "not mirrored (determinant positive)", -1: "mirrored (determinant negative)"}
        sign = own.determinant_sign
        return f"least stretch {least}{f', {signs[sign]}' if sign else ''}"

    def stretched(self, amount: float, frame: Matrix | None = None) -> Matrix:
        """``P ** amount``, (n_in, n_in), or that times a matrix of n_in rows.

        What P kills goes straight to 0 instead: ``1 − amount``.
        """
        u = self.source
        frame = np.eye(len(u)) if frame is None else frame
        along = u.T @ frame
        stretched = u @ ((self.scales**amount)[:, None] * along)
        # The rest is taken apart, so that no direction is squashed by rounding.
        return stretched if self.is_whole else stretched + (1 - amount) * (frame - u @ along)

    @property
    def is_whole(self) -> bool:
        """Whether every direction before the map is kept."""
        return len(self.scales) == len(self.source)

    def parts(self, s: float, frame: Matrix | None = None) -> Parts:
        """One matrix, (n_in, width), of the cloud before, and what is added of the bias.

        Once the turn is over the matrix is the weight itself, free of its factors' rounding.
        """
        n_in, n_out = self.map.shape
        offset = np.zeros(n_columns(self.width, frame))
        if s >= TURN:
            done = beat_progress(s, TURN, SHIFT)
            after = seen_axes(n_out, self.width, frame)
            matrix = self._sent(after)
            if self.leading is not None:
                followed = self.source @ (self.scales[:, None] * (self.target.T @ after))
                matrix = done * matrix + (1 - done) * followed
            offset += done * (self.map.bias.astype(np.float64) @ after)
        else:
            if s > STRETCH:
                frame = self.turn.power(beat_progress(s, STRETCH, TURN), frame)
            lift = seen_axes(n_in, self.width, frame)
            matrix = self.stretched(self.pace.at(beat_progress(s, LOOK, STRETCH)), lift)
        return Parts(((self.k, matrix),), offset)


def two_digits(value: float) -> str:
    """Two significant digits, with a true minus sign."""
    return f"{value:.2g}".replace("-", "−")


def share_of_variance(values: Values, frame: Matrix) -> float:
    """The share of a cloud's variance along orthonormal columns, 0 to 1."""
    some = values[rows_for(*values.shape)].astype(np.float64)
    total = float(some.var(axis=0).sum())
    return min(float((some @ frame).var(axis=0).sum()) / total, 1.0) if total > 0 else 1.0


def beat_progress(s: float, start: float, stop: float) -> float:
    """How much of a beat is done at `s`, 0 to 1."""
    return min(max((s - start) / (stop - start), 0.0), 1.0)
