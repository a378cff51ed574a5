"""Representation and Trace: the clouds inside a network, and the maps that join them."""

import os
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from unknot.datasets.dataset import classes_text, shortened
from unknot.datasets.held_out import as_held_out, held_out_text
from unknot.datasets.identity import Identity, as_identity
from unknot.datasets.labels import counted
from unknot.datasets.point_labels import read_labels
from unknot.errors import UsageError
from unknot.network.chain import last_cloud
from unknot.network.maps import Activation, Map, Opaque, Softmax, architecture_text, is_known
from unknot.traces.accuracy import Accuracies, accuracies
from unknot.traces.goodness import Goodness, goodness
from unknot.traces.lattice import Lattice
from unknot.traces.note import Note, as_note
from unknot.traces.selection import ModulePlace, layer_index
from unknot.traces.trace_checks import (
    Values,
    as_probabilities,
    as_values,
    check_map,
    check_values,
    unit_names,
)

#: Representations that ``repr`` names.
MOST_PLACES = 12


@dataclass(frozen=True, eq=False, repr=False)
class Representation:
    """The cloud at one place in the network.

    Attributes
    ----------
    name : str
        ``"input"``, ``"hidden 1 pre-activation"``, ``"hidden 1"``, ``"readout"``, ``"logit"``, …
    values : (n_points, n_units) float array
    unit_names : tuple of str
        One name a unit: the features' own for the input, ``"unit 1"``, ``"unit 2"``, … elsewhere.
    is_checked : bool
        True where all values were seen to be finite when they were made.
    place : ModulePlace or None
        Where it is in the model, in the stream or inside a branch, where that is known.
    """

    name: str
    values: Values
    unit_names: tuple[str, ...]
    is_checked: bool = field(default=False, repr=False, compare=False)
    place: ModulePlace | None = None

    @property
    def n_units(self) -> int:
        """Columns of `values`."""
        return self.values.shape[1]

    def __repr__(self) -> str:
        rows = f"{len(self.values):,} points"
        return f"Representation {self.name!r}: {rows}, {counted(self.n_units, 'unit')}"


@dataclass(frozen=True, eq=False, repr=False)
class Trace:
    """What a network does to a cloud of points: ``L + 1`` representations joined by ``L`` maps.

    ``trace["hidden 1"]`` and ``trace[2]`` are representations, ``len(trace)`` is how many there
    are.

    Attributes
    ----------
    representations : tuple of Representation
        The input is the first. Row `i` is the same point in all of them.
    maps : tuple of Affine, Activation, Softmax or Opaque
        ``maps[k]`` turns ``representations[k]`` into ``representations[k + 1]``.
    labels : (n_points,) int64 or float32
        Class numbers, −1 for a point without a label, or the target for regression.
    class_names : tuple of str
        Empty for regression.
    probabilities : (n_points, n_classes) float array or None
        The network's output for the same points, where it has one.
    lattice : Lattice or None
        For a 2-feature input whose maps are known.
    name : str
        For titles.
    bayes_accuracy : float or None
    notes : tuple of Note
        What must be known, a sentence each; text alone becomes a note for readers.
    identity : Identity, optional
        Who each point is: names (of a token its text), texts, images, other columns.
    colour : str
        Which of several outputs the labels are; empty where there is one. The network's units are
        then no classes of it.
    held_out : (n_points,) bool array, optional
        True for a point that was not trained on; None where nobody knows.
    """

    representations: tuple[Representation, ...]
    maps: tuple[Map, ...]
    labels: NDArray[np.int64] | NDArray[np.float32]
    class_names: tuple[str, ...] = ()
    probabilities: Values | None = None
    lattice: Lattice | None = None
    name: str = "data"
    bayes_accuracy: float | None = None
    notes: tuple[Note, ...] = ()
    identity: Identity | None = None
    colour: str = ""
    held_out: NDArray[np.bool_] | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "held_out", as_held_out(self.held_out, len(self.labels)))
        object.__setattr__(self, "identity", as_identity(self.identity, len(self.labels)))
        object.__setattr__(self, "notes", tuple(as_note(note) for note in self.notes))
        if not self.representations:
            raise UsageError("A trace needs at least one representation; got none.")
        if len(self.maps) != len(self.representations) - 1:
            n, m = len(self.representations), len(self.maps)
            raise UsageError(f"{n} representations are joined by {n - 1} maps; got {m}.")
        for representation in self.representations:
            if not representation.is_checked:
                check_values(representation.name, representation.values, len(self.labels))
        for k, map_ in enumerate(self.maps):
            check_map(k, map_, self.representations[k].n_units, self.representations[k + 1].n_units)

    def __len__(self) -> int:
        return len(self.representations)

    def __getitem__(self, layer: int | str) -> Representation:
        return self.representations[self.index(layer)]

    def index(self, layer: int | str) -> int:
        """The number of a representation given by its number (negative: from the end) or name."""
        return layer_index([r.name for r in self.representations], layer)

    def __iter__(self) -> Iterator[Representation]:
        return iter(self.representations)

    def __repr__(self) -> str:
        head = f"Trace of {shortened(self.name)!r}: {counted(self.n_points, 'point')}"
        head += ", " + classes_text(self.class_names, self.labels) + held_out_text(self.held_out)
        places = [f"{shortened(r.name)} ({r.n_units})" for r in self.representations]
        if len(places) > MOST_PLACES:
            left_out = f"… {len(places) - MOST_PLACES + 1} more …"
            places = [*places[: MOST_PLACES // 2], left_out, *places[1 - MOST_PLACES // 2 :]]
        text = f"{head}\n" + textwrap.indent(textwrap.fill(" → ".join(places), 94), "  ")
        reached = "; ".join(self.reached)
        return f"{text}\n  {reached}" if reached else text

    def _repr_html_(self) -> str:
        from unknot.doors import preview

        return preview(self)

    @property
    def n_points(self) -> int:
        """Rows of every representation; the lattice's points are not counted."""
        return len(self.labels)

    @property
    def point_names(self) -> tuple[str, ...]:
        """What each point is called; empty where they have no names."""
        return () if self.identity is None else self.identity.names

    @property
    def n_classes(self) -> int:
        """Number of classes; 0 for regression."""
        return len(self.class_names)

    @property
    def accuracy(self) -> float | None:
        """Share classified correctly of the points held out, or else of all; None: not known."""
        return self.accuracies.headline

    @property
    def accuracies(self) -> Accuracies:
        """The same of points held out and of points trained on, apart."""
        return accuracies(self.probabilities, self.labels, self.n_classes, self.held_out)

    @property
    def predictions(self) -> Values | None:
        """(n_points,) numbers that the network predicts; None of classes.

        Of several outputs those of the one that colours.
        """
        last = self.representations[-1]
        unit = self.colour_unit if self.colour else 0 if last.n_units == 1 else None
        return None if self.n_classes or unit is None or not self.maps else last.values[:, unit]

    @property
    def goodness(self) -> Goodness:
        """How near a number to predict is met, of points held out and of points trained on."""
        return goodness(self.labels, self.predictions, self.held_out)

    @property
    def reached(self) -> list[str]:
        """What the network comes to, for people: accuracies, or R² and error; empty: unknown."""
        if self.n_classes:
            return self.accuracies.beside(self.bayes_accuracy)
        return self.goodness.facts

    def take(self, rows: NDArray[np.integer]) -> "Trace":
        """The trace of some of the points, in the order of `rows`."""
        beside = {"probabilities": self.probabilities, "held_out": self.held_out}
        return replace(
            self,
            representations=tuple(replace(r, values=r.values[rows]) for r in self),
            labels=self.labels[rows],
            identity=None if self.identity is None else self.identity.take(rows),
            **{name: None if each is None else each[rows] for name, each in beside.items()},
        )

    @property
    def architecture(self) -> str:
        """Units and what acts on them: ``"2 → 6 relu → 2 linear → 1 sigmoid"``."""
        return architecture_text([r.n_units for r in self], self.maps)

    @cached_property
    def is_exact(self) -> bool:
        """True when every map can be evaluated anywhere (none is Opaque)."""
        return all(is_known(map_) for map_ in self.maps)

    def propagate(self, values: Values, start: int = 0) -> Iterator[Values]:
        """Send any points of representation `start` through the rest of the network.

        Parameters
        ----------
        values : (n, n_units of representation `start`) float array
        start : int

        Yields
        ------
        (n, n_units) float array
            Their place in representations ``start``, ``start + 1``, … ``L``.

        Raises
        ------
        UsageError
            When a map on the way is opaque.
        """
        yield values
        for map_ in self.maps[start:]:
            if isinstance(map_, Opaque):
                raise UsageError(f"The map {map_.name!r} is opaque: only its values are known.")
            values = map_(values)
            yield values

    def class_probabilities(self, values: Values, start: int = 0) -> Values | None:
        """The rest of the network as a classifier of representation `start`.

        Returns
        -------
        (n, n_classes) float array, or None
            None for regression, without a probability output, and where a map is opaque.
        """
        maps = [map_ for map_ in self.maps[start:] if is_known(map_)]
        if not self.n_classes or len(maps) < len(self.maps) - start:
            return None
        output = last_cloud(maps, values)
        made = as_probabilities(output, self.maps, self.n_classes)
        return self.colour_probabilities(output) if self.colour else made

    @property
    def colour_unit(self) -> int | None:
        """The unit of the last representation that is the output which colours, if one is."""
        names = self.representations[-1].unit_names
        return names.index(self.colour) if self.colour in names else None

    @property
    def label_unit(self) -> int | None:
        """Where each label has an output of its own: that of the second of the two classes."""
        ends = [f"{self.colour} = {name}" for name in ("1", "true")]
        return self.colour_unit if self.n_classes == 2 and self.class_names[1] in ends else None

    def colour_probabilities(self, output: Values) -> Values | None:
        """Of an output with a sigmoid a label: (n, 2) probabilities of the label that colours."""
        unit = self.label_unit
        return None if unit is None else as_probabilities(output[:, [unit]], self.maps, 2)

    def holds_probabilities(self, k: int) -> bool:
        """Whether the units of representation `k` are the probabilities of the classes."""
        last = self.maps[-1] if self.maps else None
        return (
            k == len(self.maps)
            and isinstance(last, Softmax)
            and self.representations[k].n_units == self.n_classes
            and not self.colour
        )

    def unit_titles(self, k: int) -> tuple[str, ...]:
        """What the units of representation `k` are called: probabilities by their class."""
        representation, last = self.representations[k], self.maps[-1] if self.maps else None
        if self.holds_probabilities(k):
            return tuple(f"P({name})" for name in self.class_names)
        is_sigmoid = isinstance(last, Activation) and last.name == "sigmoid"
        is_output = k == len(self.maps) and is_sigmoid
        if is_output and self.colour_unit is not None:
            return tuple(f"P({name})" for name in representation.unit_names)
        if is_output and (representation.n_units, self.n_classes) == (1, 2):
            return (f"P({self.class_names[1]})",)
        return representation.unit_names

    @classmethod
    def from_arrays(
        cls,
        representations: Sequence[ArrayLike],
        labels: ArrayLike,
        *,
        maps: Sequence[Map] | None = None,
        names: Sequence[str] | None = None,
        class_names: Sequence[str] | None = None,
        feature_names: Sequence[str] | None = None,
        probabilities: ArrayLike | None = None,
        name: str = "data",
        held_out: ArrayLike | None = None,
        identity: Any = None,
    ) -> "Trace":
        """A trace from plain arrays: the door for every network that has no adapter.

        Parameters
        ----------
        representations : sequence of (n_points, n_units) arrays
            The input first. Row `i` is the same point in all of them.
        labels : (n_points,) array
            Numbers that are whole are class numbers, from 0; classes may be text, in one column
            or one-hot too. Other numbers are a regression target.
        maps : sequence of Affine, Activation, Softmax or Opaque, optional
            One fewer than representations. Left out: all opaque, so views interpolate and say so.
        names, class_names, feature_names : sequences of str, optional
        probabilities : (n_points, n_classes) array, optional
        name : str
            For titles.
        held_out : (n_points,) array of truths, or numbers of rows, optional
            Points that were not trained on.
        identity : mapping, data frame, sequence of str or array of images, optional
            Who each point is, as for ``datasets.from_arrays``.

        Raises
        ------
        UsageError
            When shapes do not fit together, or values are not finite.
        """
        layers = (f"layer {k}" if k else "input" for k in range(len(representations)))
        titles = list(layers if names is None else names)
        if len(titles) != len(representations):
            raise UsageError(f"Got {len(titles)} names for {len(representations)} representations.")
        arrays = [as_values(*pair) for pair in zip(titles, representations, strict=True)]
        known = read_labels(
            labels,
            len(arrays[0]) if arrays else np.size(labels),
            points=representations[0] if arrays else None,
            class_names=class_names,
            beside_outputs=True,
        )
        joined = maps if maps is not None else [Opaque("unknown")] * (len(arrays) - 1)
        return cls(
            representations=tuple(
                Representation(
                    title, array, unit_names(array.shape[1], None if k else feature_names)
                )
                for k, (title, array) in enumerate(zip(titles, arrays, strict=True))
            ),
            maps=tuple(joined),
            labels=known.y,
            class_names=known.class_names,
            probabilities=None if probabilities is None else np.asarray(probabilities),
            name=name,
            held_out=as_held_out(held_out, len(known.y)),
            identity=identity,
        )

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the trace to a safetensors file, whole or not at all. Read it with ``load``."""
        from unknot.traces.storage import save

        return save(self, path)
