"""The kinds of morph by name: a function from the trace and `k` to the k-th transition."""

from collections.abc import Callable

from unknot.motion.along_map import AlongActivation, AlongAffine, AlongSoftmax
from unknot.motion.pace import straight_pace
from unknot.motion.transitions import Pchip, Spline, Straight, Transition
from unknot.network.maps import Activation, Affine, Softmax
from unknot.table import Table
from unknot.traces.representation import Trace

kinds: Table[Callable[[Trace, int], Transition]] = Table("kind of morph")


@kinds.add
def honest(trace: Trace, k: int) -> Transition:
    """Along the maps: stretch, turn, shift; bend unit by unit; else straight, at an even pace."""
    map_ = trace.maps[k]
    before, after = trace.representations[k].values, trace.representations[k + 1].values
    if isinstance(map_, Affine):
        return AlongAffine(k, map_, before, after)
    known = AlongSoftmax if isinstance(map_, Softmax) else Straight
    make = AlongActivation if isinstance(map_, Activation) else known
    return make(k, before.shape[1], after.shape[1], straight_pace(before, after))


@kinds.add
def linear(trace: Trace, k: int) -> Transition:
    """Straight from each point to where it goes."""
    return Straight(k, trace.representations[k].n_units, trace.representations[k + 1].n_units)


@kinds.add
def spline(trace: Trace, k: int) -> Transition:
    """A cubic spline through all representations."""
    return Spline(k, _widths(trace))


@kinds.add
def pchip(trace: Trace, k: int) -> Transition:
    """Piecewise cubic through all representations, without overshoot."""
    return Pchip(k, _widths(trace))


def _widths(trace: Trace) -> tuple[int, ...]:
    return tuple(r.n_units for r in trace.representations)
