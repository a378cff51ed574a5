"""Morph: the continuous cloud, t ↦ points."""

from copy import copy
from functools import cached_property
from weakref import WeakKeyDictionary

import numpy as np

from unknot.doors import as_trace
from unknot.errors import UsageError
from unknot.motion.kinds import kinds
from unknot.motion.transitions import Clouds, Transition
from unknot.traces.representation import Trace, Values
from unknot.traces.run import Run

__all__ = ["Morph", "kinds"]

#: Of a trace: its transitions by their kind. Strip, film and space share what they work out.
_transitions: WeakKeyDictionary[Trace, dict[object, tuple[Transition, ...]]] = WeakKeyDictionary()


class Morph:
    """The cloud on its way through the network.

    Parameters
    ----------
    trace : Trace, or a Run or Scene, which holds one
    kind : str
        ``"honest"`` moves along the maps; ``"linear"``, ``"spline"`` and ``"pchip"`` interpolate
        and are labelled so in every view.

    Examples
    --------
    ``Morph(trace).at(1.5)`` is the cloud half-way between representations 1 and 2.
    """

    def __init__(self, trace: Trace | Run, kind: str = "honest") -> None:
        make = kinds[kind]
        trace = as_trace(trace)
        self.trace = trace
        self.kind = kind
        known = _transitions.setdefault(trace, {})
        if make not in known:
            known[make] = tuple(make(trace, k) for k in range(len(trace.maps)))
        self.transitions: tuple[Transition, ...] = known[make]

    def __repr__(self) -> str:
        return f"Morph ({self.kind}, t = 0 to {self.length}) of\n{self.trace!r}"

    def _repr_html_(self) -> str:
        from unknot.doors import preview

        return preview(self)

    def of(self, trace: Trace) -> "Morph":
        """The same way for other points of the same network."""
        other = copy(self)
        other.trace = trace
        other.__dict__["clouds"] = tuple(r.values for r in trace.representations)
        return other

    @property
    def length(self) -> int:
        """The last `t`: the number of maps."""
        return len(self.transitions)

    @cached_property
    def clouds(self) -> Clouds:
        """The points of every representation, (n_points, n_units) each."""
        return tuple(r.values for r in self.trace.representations)

    def at(self, t: float) -> Values:
        """The cloud at `t`, row for row the points of the trace.

        Parameters
        ----------
        t : float
            0 to `length`. At a whole number it is that representation; between, both ends are
            padded with zeros to the width of the path, the larger of the two (one more where a
            mirror image is turned over).

        Returns
        -------
        (n_points, width) float array

        Raises
        ------
        UsageError
            When `t` lies outside.
        """
        k, s = self.locate(t)
        if s == 0:
            return self.clouds[k]
        return self.transitions[k].whole(self.clouds, s)

    def locate(self, t: float) -> tuple[int, float]:
        """The transition `k` in which `t` lies and how far along, ``0 ≤ s < 1``.

        The end is ``(length, 0.0)``.
        """
        if not 0 <= t <= self.length:
            raise UsageError(
                f"t = {t:g} lies outside the network.\n"
                f"Choose 0 (the input) to {self.length} ({self.trace.representations[-1].name})."
            )
        k = int(np.floor(t))
        return k, float(t - k)
