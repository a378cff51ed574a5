"""The moments of a film, and the networks that they become."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from unknot.datasets.dataset import Dataset
from unknot.network.mlp import MLP
from unknot.record.layers import unified
from unknot.traces.recorded import Recorded, as_mlp
from unknot.traces.representation import Trace


@dataclass(frozen=True)
class Moment:
    """The network at one moment.

    Attributes
    ----------
    step : int
    epoch : float
    network : MLP or Recorded
        The weights where all maps are known, otherwise the values.
    names : tuple of str
        Of the representations.
    """

    step: int
    epoch: float
    network: MLP | Recorded
    names: tuple[str, ...]


def moment(step: int, epoch: float, traced: Trace) -> Moment:
    """What is kept of a trace."""
    names = tuple(r.name for r in traced.representations)
    return Moment(step, epoch, as_mlp(traced) or Recorded(traced), names)


def networks(moments: Sequence[Moment], data: Dataset) -> list[MLP | Recorded]:
    """The networks of all moments in one form, so that there is a way from each to the next."""
    models = [each.network for each in moments]
    if len({_form(each) for each in moments}) == 1:
        return models
    told = unified([_trace(each, data) for each in moments])
    perceptrons = [as_mlp(trace) for trace in told]
    if all(perceptrons):
        return [model for model in perceptrons if model is not None]
    return [Recorded(trace) for trace in told]


def _form(each: Moment) -> tuple[object, ...]:
    network = each.network
    kinds = tuple((type(map_), map_.name) for _, map_ in network.maps())
    return type(network), kinds, each.names


def _trace(each: Moment, data: Dataset) -> Trace:
    if isinstance(each.network, Recorded):
        return each.network.trace
    from unknot.traces.tracing import trace

    traced = trace(each.network, data, lattice=False)
    representations = tuple(
        replace(r, name=name) for r, name in zip(traced.representations, each.names, strict=True)
    )
    return replace(traced, representations=representations)
