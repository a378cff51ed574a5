"""A network of another framework at one moment of its training, as the clouds that it makes."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from unknot.datasets.dataset import Dataset, spread_rows
from unknot.errors import UsageError
from unknot.network.maps import Activation, Affine, Map, Softmax
from unknot.network.mlp import MLP, Dense, Output
from unknot.traces.representation import Trace


@dataclass(frozen=True)
class Recorded:
    """What a network made of some points.

    Attributes
    ----------
    trace : Trace
        Of the points of the film.
    """

    trace: Trace

    def maps(self) -> Iterator[tuple[str, Map]]:
        """Every map in order, with the name of the representation that it makes."""
        names = [r.name for r in self.trace.representations[1:]]
        yield from zip(names, self.trace.maps, strict=True)

    @property
    def architecture(self) -> str:
        """Units and what acts on them: ``"64 → 72 Conv2d → 3 softmax"``."""
        return self.trace.architecture

    def between(self, other: "Recorded", s: float) -> "Recorded":
        """Values on the straight way to another moment, of which `s` is done."""
        pairs = zip(self.trace.representations, other.trace.representations, strict=True)
        # The input is the same at every moment, to the last bit.
        clouds = tuple(
            replace(a, values=_between(a.values, b.values, s)) if k else a
            for k, (a, b) in enumerate(pairs)
        )
        maps = tuple(
            map_between(a, b, s) for a, b in zip(self.trace.maps, other.trace.maps, strict=True)
        )
        ends = self.trace.probabilities, other.trace.probabilities
        probabilities = None
        if ends[0] is not None and ends[1] is not None:
            probabilities = _between(ends[0], ends[1], s)
        return Recorded(
            replace(self.trace, representations=clouds, maps=maps, probabilities=probabilities)
        )

    def of(self, data: Dataset) -> Trace:
        """The trace of the film's points, or of some of them.

        Raises
        ------
        UsageError
            For other points: what the network makes of them was not recorded.
        """
        x = self.trace.representations[0].values
        n = len(x)
        # Views thin points out by rows that are spread evenly.
        rows = spread_rows(n, data.n_points)
        if len(rows) != data.n_points or not np.array_equal(x[rows], data.x):
            raise UsageError(
                f"What this network makes of its {n:,} points was recorded; of others it is not "
                "known.\nTrace the model itself, or record a film of those points."
            )
        return replace(self.trace.take(rows), lattice=None)


def map_between(a: Map, b: Map, s: float) -> Map:
    """A map on the straight way to the same layer's at another moment."""
    if isinstance(a, Affine) and isinstance(b, Affine):
        both_diagonal = a.scale is not None and b.scale is not None
        weights = (a.numbers, b.numbers) if both_diagonal else (a.weight, b.weight)
        return Affine(_between(*weights, s), _between(a.bias, b.bias, s), a.name)
    if isinstance(a, Activation) and isinstance(b, Activation):
        return a.between(b, s)
    return a


def _between(a: NDArray[np.floating], b: NDArray[np.floating], s: float) -> NDArray[np.floating]:
    return ((1 - s) * a + s * b).astype(a.dtype)


def perceptron_of(trace: Trace) -> MLP | None:
    """The network as a perceptron of unknot's own, when its maps are those of one."""
    layers: list[Dense] = []
    maps = list(trace.maps)
    output: Output = "linear"
    last = maps[-1] if maps else None
    if last == Activation("sigmoid") and trace.n_classes == 2:
        maps, output = maps[:-1], "sigmoid"
    elif isinstance(last, Softmax):
        maps, output = maps[:-1], "softmax"
    for map_ in maps:
        if isinstance(map_, Affine):
            weight, bias = map_.weight.astype(np.float32), map_.bias.astype(np.float32)
            layers.append(Dense(weight, bias, "linear", map_.name))
        elif isinstance(map_, Activation) and layers and layers[-1].activation == "linear":
            layers[-1] = replace(layers[-1], activation=str(map_))
        else:
            return None
    ends_in_logits = output == "linear" or (layers and layers[-1].activation == "linear")
    fits = output != "sigmoid" or (layers and len(layers[-1].bias) == 1)
    if not layers or not ends_in_logits or not fits:
        return None
    return MLP(tuple(layers), output)
