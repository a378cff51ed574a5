"""Tokens as points: which of them count, what they are called, and their labels."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from unknot.adapters.claims import Values, flat
from unknot.adapters.network import Array, Network, Places, Step
from unknot.adapters.points import Points
from unknot.adapters.reduction import RowView, layout_of, listed_layers, mask_of
from unknot.datasets.identity import NAME, Identity
from unknot.datasets.point_labels import plain_array, read_labels
from unknot.errors import UsageError
from unknot.network.maps import Opaque
from unknot.traces.note import Note

#: The label of a token that has none, by custom of training loops.
IGNORED = -100
#: What inputs call the numbers of tokens.
NUMBERS = ("input_ids", "tokens", "ids")


@dataclass(frozen=True)
class Rows:
    """The rows of a trace: points, or tokens of them.

    Attributes
    ----------
    values : (n_rows, n_features) float array
        The input, as far as it is a cloud of such rows.
    has_input : bool
    labels : (n_rows,) array
    class_names : tuple of str
    kept : (n_all,) bool array or None
        Which rows of a cloud are shown; None for all.
    held_out : (n_rows,) bool array or None
        As their points were; None where nobody knows.
    identity : Identity or None
        Of tokens their texts, and what is known of their points.
    """

    values: Values
    has_input: bool
    labels: Any
    class_names: tuple[str, ...]
    kept: NDArray[np.bool_] | None = None
    held_out: NDArray[np.bool_] | None = None
    identity: Identity | None = None

    def of(self, values: Values) -> Values:
        """The rows of a cloud that are shown."""
        return values if self.kept is None or self.kept.all() else values[self.kept]

    def among(self, class_names: Sequence[str]) -> "Rows":
        """The same rows and labels among more classes, of which some have no rows."""
        if tuple(class_names) == self.class_names:
            return self
        places = np.array([class_names.index(name) for name in self.class_names])
        labels = np.where(self.labels < 0, self.labels, places[self.labels])
        return replace(self, labels=labels, class_names=tuple(class_names))


def as_tokens(network: Network, sample: Array, outputs: Sequence[Array]) -> RowView:
    """Every token a row; layers without tokens are left out.

    Raises
    ------
    UsageError
        When no layer has tokens.
    """
    kinds = [step.kind for step in network.steps]
    layouts = [layout_of(o.shape[1:], kind, False) for o, kind in zip(outputs, kinds, strict=True)]
    counts = [lay.shape[0] for lay in layouts if len(lay.shape) == 2 and not lay.is_image]
    mask = mask_of(sample, network)
    n = mask.shape[1] if mask is not None else (counts or [0])[0]
    kept = [
        i
        for i, lay in enumerate(layouts)
        if len(lay.shape) == 2 and not lay.is_image and lay.shape[0] == n
    ]
    if not kept:
        shapes = ", ".join(dict.fromkeys(str(output.shape[1:]) for output in outputs[:5]))
        raise UsageError(
            "points='tokens' needs layers of shape (n_points, n_tokens, width); of one point this "
            f"model's have {shapes}.\nLeave it out: every row is a point."
        )
    has_input = sample.dtype.kind == "f" and sample.ndim == 3 and sample.shape[1] == n
    steps: list[Step] = []
    before = -1
    for i in kept:
        step = network.steps[i]
        if i - before > 1 or (not steps and not has_input):
            kind = step.kind if i - before == 1 else f"{i - before} layers"
            step = replace(
                step,
                maps=(Opaque(kind),),
                names=(),
                places=step.places[-1:],
                titles=step.titles[-1:],
            )
        steps.append(step)
        before = i

    def rows(values: Array) -> Array:
        return values.reshape(-1, values.shape[-1])

    def forward(batch: Array, known: Sequence[bool], places: Places) -> list[Array | None]:
        nowhere = list[Array | None]([None] * len(network.steps))
        made = list(network.forward(batch, [False] * len(nowhere), nowhere))
        return [None if made[i] is None else rows(np.asarray(made[i])) for i in kept]

    def entrance(batch: Array) -> Values:
        return flat(rows(batch)) if has_input else np.zeros((len(batch) * n, 1), np.float32)

    left_out = [step.name for i, step in enumerate(network.steps) if i not in kept]
    text = f"Every token is a point: {n} of each row"
    text += ", those that the mask counts" if mask is not None else ""
    text += (
        f"; layers without tokens are left out ({listed_layers(left_out)})." if left_out else "."
    )
    is_whole = kept[-1] == len(network.steps) - 1
    rest = {} if is_whole else {"head": "none", "gives_probabilities": False, "classes": None}
    return RowView(
        replace(
            network,
            steps=tuple(steps),
            forward=forward,
            outputs=[rows(np.asarray(outputs[i])) for i in kept],
            **rest,
        ),
        entrance,
        n,
        has_input,
        (Note(text),),
    )


def without_token_labels(source: Any) -> tuple[Any, Any]:
    """Points alone, and labels of shape (n_points, n_tokens) that were beside them, or None."""
    if not (isinstance(source, tuple) and len(source) == 2):  # pyright: ignore[reportUnknownArgumentType]
        return source, None
    x, labels = source  # pyright: ignore[reportUnknownVariableType]
    array = plain_array(labels, "labels")
    shapes = [np.shape(part) for part in (x.values() if isinstance(x, Mapping) else [x])]  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
    is_per_token = array.ndim == 2 and any(shape[:2] == array.shape for shape in shapes)
    return (x, array) if is_per_token else (source, None)


def words_of(source: Any) -> tuple[Any, tuple[tuple[str, ...], ...] | None]:
    """The source without the texts of its tokens, and those: a tokenizer's, or under "tokens"."""
    x, *labels = source if isinstance(source, tuple) else (source,)  # pyright: ignore[reportUnknownVariableType]
    if not isinstance(x, Mapping):
        return source, None
    words = x.get("tokens")  # pyright: ignore[reportUnknownVariableType, reportUnknownMemberType]
    if words is not None and _is_text(words):
        rest = {name: part for name, part in x.items() if name != "tokens"}  # pyright: ignore[reportUnknownVariableType]
        return (rest, *labels) if labels else rest, tuple(tuple(map(str, row)) for row in words)  # pyright: ignore[reportUnknownVariableType]
    by_row = getattr(x, "tokens", None)
    if callable(by_row) and getattr(x, "encodings", None):
        n = len(x.encodings)  # pyright: ignore
        return source, tuple(tuple(map(str, by_row(i))) for i in range(n))  # pyright: ignore
    return source, None


def _is_text(words: Any) -> bool:
    first = next(iter(words), None)
    return isinstance(next(iter(first), None) if first is not None else None, str)


def token_rows(view: RowView, given: Points, labels: Any) -> Rows:
    """The rows that a view shows of the points, with labels of tokens or those of their points."""
    data = given.data
    if view.per_point == 1:
        values = given.cloud if view.entrance is flat else view.entrance(given.x)
        about: dict[str, Any] = {"held_out": data.held_out, "identity": data.identity}
        return Rows(values, True, data.y, data.class_names, **about)
    n = view.per_point
    mask = mask_of(given.x, view.network)
    kept = np.ones(len(given.x) * n, np.bool_) if mask is None else mask.reshape(-1)
    if labels is not None:
        kept = kept & (labels.reshape(-1) != IGNORED)
        known = read_labels(labels.reshape(-1)[kept], int(kept.sum()))
        y, class_names = known.y, known.class_names
    else:
        y, class_names = np.repeat(data.y, n)[kept], data.class_names
    values = view.entrance(given.x)[kept]
    held_out = None if data.held_out is None else np.repeat(data.held_out, n)[kept]
    points = np.repeat(np.arange(len(given.x)), n)[kept]
    names, of_points = _names(given, n, kept), data.identity
    identity = of_points.of_tokens(points, names) if of_points else Identity({NAME: names})
    return Rows(values, view.has_input, y, class_names, kept, held_out, identity)


def _names(given: Points, n: int, kept: NDArray[np.bool_]) -> tuple[str, ...]:
    """The text of each token where it is known, or else its number, or else its place."""
    words = given.words or _numbers(given.x, n)
    names: list[str] = []
    for i in range(len(given.x)):
        own = words[i] if words is not None else []
        names += [str(own[j]) if j < len(own) else f"row {i + 1}, token {j + 1}" for j in range(n)]
    return tuple(name for name, is_kept in zip(names, kept.tolist(), strict=True) if is_kept)


def _numbers(x: Array, n: int) -> list[list[str]] | None:
    fields = [x[name] for name in x.dtype.names if name in NUMBERS] if x.dtype.names else [x]
    for field in fields:
        if field.ndim == 2 and field.shape[1] == n and field.dtype.kind in "iu":
            return [[f"token {number}" for number in row] for row in field.tolist()]
    return None
