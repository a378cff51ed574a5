"""One network at several moments: what is its map at a place, when not every moment tells?

A relu whose inputs are all positive at some moment cannot be told from others there, and a layer
that changes nothing at a moment is not seen at all. The layers are the same ones all the time.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from unknot.adapters.recognise import agrees
from unknot.network.maps import Activation, Affine, Map, Opaque, Softmax
from unknot.traces.representation import Representation, Trace, as_probabilities


@dataclass(frozen=True)
class Layer:
    """One map at one moment, with its widths."""

    map: Map
    n_in: int
    n_out: int


def layers_of(trace: Trace) -> tuple[Layer, ...]:
    """Every map with its widths."""
    widths = [r.n_units for r in trace.representations]
    return tuple(Layer(m, *pair) for m, pair in zip(trace.maps, pairwise(widths), strict=True))


def aligned(
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
    pairs = aligned(a, b)
    return None if pairs is None else tuple(first or second for first, second in pairs)  # pyright: ignore[reportReturnType]


def unified(traces: Sequence[Trace]) -> list[Trace]:
    """Traces of one network at several moments, with the same maps and names at all of them."""
    layers: tuple[Layer, ...] = ()
    for k, trace in enumerate(traces):
        found = merged(layers, layers_of(trace)) if k else layers_of(trace)
        assert found is not None
        layers = found
    whole = [_stretched(trace, layers) for trace in traces]
    maps = [_common([t.maps[k] for t in whole], whole, k) for k in range(len(layers))]
    names = _names(traces, whole, maps)
    return [_told(trace, maps, names) for trace in whole]


def _stretched(trace: Trace, layers: Sequence[Layer]) -> Trace:
    """A layer that was not seen made what it got."""
    pairs = aligned(layers, layers_of(trace), inserted=False) or []
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
    traces: Sequence[Trace], whole: Sequence[Trace], maps: Sequence[Map | None]
) -> list[str]:
    """Of the moment that tells most of the maps."""

    def told(k: int) -> tuple[bool, int]:
        same = sum(a is None or a == b for a, b in zip(maps, whole[k].maps, strict=True))
        return len(traces[k].maps) == len(maps), same

    best = whole[max(range(len(whole)), key=told)]
    names: list[str] = []
    for representation in best.representations:
        name = representation.name
        names.append(name if name not in names else f"{name} ({names.count(name) + 1})")
    return names


def _told(trace: Trace, maps: Sequence[Map | None], names: Sequence[str]) -> Trace:
    told = tuple(own if map_ is None else map_ for own, map_ in zip(trace.maps, maps, strict=True))
    output = trace.representations[-1].values
    p = trace.probabilities
    return replace(
        trace,
        representations=tuple(
            Representation(name, r.values, r.unit_names)
            for name, r in zip(names, trace.representations, strict=True)
        ),
        maps=told,
        probabilities=as_probabilities(output, told, trace.n_classes) if p is None else p,
    )
