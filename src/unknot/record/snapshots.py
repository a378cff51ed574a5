"""Snapshots of a network while it is trained, and the networks of a film that they become.

What is a network's map at a place, when not every moment shows it? A relu whose inputs are all
positive at some moment looks like other maps there, and a layer that changes nothing at a
moment is not seen at all. The layers are the same ones all the time.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from unknot.adapters.claims import agrees
from unknot.datasets.dataset import Dataset
from unknot.network.maps import Activation, Affine, Map, Opaque, Softmax
from unknot.network.mlp import MLP
from unknot.traces.recorded import Recorded, perceptron_of
from unknot.traces.representation import Representation, Trace
from unknot.traces.trace_checks import as_probabilities


@dataclass(frozen=True)
class Layer:
    """One map at one moment, with its widths."""

    map: Map
    n_in: int
    n_out: int


def map_layers(trace: Trace) -> tuple[Layer, ...]:
    """Every map with its widths."""
    widths = [r.n_units for r in trace.representations]
    return tuple(Layer(m, *pair) for m, pair in zip(trace.maps, pairwise(widths), strict=True))


def _aligned(
    a: Sequence[Layer], b: Sequence[Layer], inserted: bool = True
) -> list[tuple[Layer | None, Layer | None]] | None:
    """The layers of two moments side by side, with None where one of them is not seen.

    Parameters
    ----------
    a, b : sequences of Layer
    inserted : bool
        Whether `b` may have layers that `a` has not.

    Returns
    -------
    list of pairs, or None
        None for other layers: widths or names of dense layers differ.
    """
    n, m = len(a), len(b)
    cost = np.full((n + 1, m + 1), np.inf)
    cost[0, 0] = 0
    for i in range(n + 1):
        for j in range(m + 1):
            if i:
                cost[i, j] = min(cost[i, j], cost[i - 1, j] + _gap(a[i - 1]))
            if j and inserted:
                cost[i, j] = min(cost[i, j], cost[i, j - 1] + _gap(b[j - 1]))
            if i and j:
                cost[i, j] = min(cost[i, j], cost[i - 1, j - 1] + _change(a[i - 1], b[j - 1]))
    if not np.isfinite(cost[n, m]):
        return None
    pairs: list[tuple[Layer | None, Layer | None]] = []
    i, j = n, m
    while i or j:
        if i and j and cost[i, j] == cost[i - 1, j - 1] + _change(a[i - 1], b[j - 1]):
            i, j = i - 1, j - 1
            pairs.append((a[i], b[j]))
        elif i and cost[i, j] == cost[i - 1, j] + _gap(a[i - 1]):
            i -= 1
            pairs.append((a[i], None))
        else:
            j -= 1
            pairs.append((None, b[j]))
    return pairs[::-1]


def _gap(layer: Layer) -> float:
    """A layer may be unseen where it may have changed nothing."""
    unseen = layer.n_in == layer.n_out and not isinstance(layer.map, Affine)
    return 1.0 if unseen else np.inf


def _change(a: Layer, b: Layer) -> float:
    if (a.n_in, a.n_out) != (b.n_in, b.n_out):
        return np.inf
    if isinstance(a.map, Affine) and isinstance(b.map, Affine):
        return 0.0 if a.map.name == b.map.name else np.inf
    return 0.0 if a.map == b.map or _is_same_function(a.map, b.map) else 1.0


def _is_same_function(a: Map, b: Map) -> bool:
    """Learned slopes are others at every moment."""
    return isinstance(a, Activation) and isinstance(b, Activation) and a.name == b.name


def merged(a: Sequence[Layer], b: Sequence[Layer]) -> tuple[Layer, ...] | None:
    """All layers that were seen at one of two moments, or None for other layers."""
    pairs = _aligned(a, b)
    return None if pairs is None else tuple(first or second for first, second in pairs)  # pyright: ignore[reportReturnType]


def unified(traces: Sequence[Trace]) -> list[Trace]:
    """Traces of one network at several moments, with the same maps and names at all of them."""
    layers = map_layers(traces[0])
    for trace in traces[1:]:
        union = merged(layers, map_layers(trace))
        assert union is not None
        layers = union
    stretched = [_stretched(trace, layers) for trace in traces]
    maps = [_common([t.maps[k] for t in stretched], stretched, k) for k in range(len(layers))]
    names = _names(traces, stretched, maps)
    return [_with_maps(trace, maps, names) for trace in stretched]


def _stretched(trace: Trace, layers: Sequence[Layer]) -> Trace:
    """A layer that was not seen made what it got."""
    pairs = _aligned(layers, map_layers(trace), inserted=False) or []
    representations = [trace.representations[0]]
    maps: list[Map] = []
    seen = iter(trace.representations[1:])
    for layer, own in pairs:
        before = representations[-1]
        if own is None:
            assert layer is not None
            representations.append(replace(before, name=f"{before.name} again"))
            is_kept = isinstance(layer.map, Activation | Softmax)
            maps.append(layer.map if is_kept else Opaque(layer.map.name))
        else:
            representations.append(next(seen))
            maps.append(own.map)
    return replace(trace, representations=tuple(representations), maps=tuple(maps), lattice=None)


def _common(maps: Sequence[Map], traces: Sequence[Trace], k: int) -> Map | None:
    """The map at a place, or None for each moment's own dense layer or learned slopes."""
    if all(isinstance(map_, Affine) or _is_same_function(map_, maps[0]) for map_ in maps):
        return None if len(set(maps)) > 1 or isinstance(maps[0], Affine) else maps[0]
    for map_ in dict.fromkeys(m for m in maps if isinstance(m, Activation | Softmax)):
        if all(_does(map_, trace, k) for trace in traces):
            return map_
    opaque = [map_ for map_ in maps if isinstance(map_, Opaque)]
    return opaque[0] if opaque else Opaque("changing")


def _does(map_: Activation | Softmax, trace: Trace, k: int) -> bool:
    before, after = (trace.representations[i].values for i in (k, k + 1))
    return agrees(map_, before, map_(before), after)


def _names(
    traces: Sequence[Trace], stretched: Sequence[Trace], maps: Sequence[Map | None]
) -> list[str]:
    """Every representation's name, as the moment has it that shows most of the maps."""

    def n_shown(k: int) -> tuple[bool, int]:
        same = sum(a is None or a == b for a, b in zip(maps, stretched[k].maps, strict=True))
        return len(traces[k].maps) == len(maps), same

    best = stretched[max(range(len(stretched)), key=n_shown)]
    names: list[str] = []
    for representation in best.representations:
        name = representation.name
        names.append(name if name not in names else f"{name} ({names.count(name) + 1})")
    return names


def _with_maps(trace: Trace, common: Sequence[Map | None], names: Sequence[str]) -> Trace:
    pairs = zip(trace.maps, common, strict=True)
    maps = tuple(own if map_ is None else map_ for own, map_ in pairs)
    probabilities = trace.probabilities
    if probabilities is None and not trace.colour:
        output = trace.representations[-1].values
        probabilities = as_probabilities(output, maps, trace.n_classes)
    representations = tuple(
        Representation(name, r.values, r.unit_names)
        for name, r in zip(names, trace.representations, strict=True)
    )
    return replace(trace, representations=representations, maps=maps, probabilities=probabilities)


@dataclass(frozen=True)
class Snapshot:
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


def snapshot(step: int, epoch: float, traced: Trace) -> Snapshot:
    """What a film keeps of a trace."""
    names = tuple(r.name for r in traced.representations)
    # Who the points are is the same at every moment: the film's data say it.
    recorded = Recorded(replace(traced, identity=None))
    return Snapshot(step, epoch, perceptron_of(traced) or recorded, names)


def networks(snapshots: Sequence[Snapshot], data: Dataset) -> list[MLP | Recorded]:
    """The networks of all moments in one form, so that there is a way from each to the next."""
    if len({_form(each) for each in snapshots}) == 1:
        return [each.network for each in snapshots]
    traces = unified([_trace(each, data) for each in snapshots])
    perceptrons = [perceptron_of(trace) for trace in traces]
    if all(perceptrons):
        return [model for model in perceptrons if model is not None]
    return [Recorded(trace) for trace in traces]


def _form(each: Snapshot) -> tuple[object, ...]:
    network = each.network
    kinds = tuple((type(map_), map_.name) for _, map_ in network.maps())
    return type(network), kinds, each.names


def _trace(each: Snapshot, data: Dataset) -> Trace:
    if isinstance(each.network, Recorded):
        return each.network.trace
    from unknot.traces.tracing import trace

    traced = trace(each.network, data, lattice=False)
    representations = tuple(
        replace(r, name=name) for r, name in zip(traced.representations, each.names, strict=True)
    )
    return replace(traced, representations=representations)
