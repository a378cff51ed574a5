"""What of a sequence or an image is a point: one vector of it, or each of its tokens.

A layer that gives a point several tokens, or several channels of pixels, is not yet a cloud. It
is flattened, or every point becomes one vector: the mean over its tokens, its first token, the
largest value of each channel. Or every token is a point of its own.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from unknot.adapters.claims import Values, flat
from unknot.adapters.network import Array, Network, Places, Step
from unknot.errors import UsageError
from unknot.network.maps import Opaque
from unknot.table import unknown
from unknot.traces.note import Note
from unknot.traces.selection import ModulePlace, choose, module_place

#: Ways to make one vector of many, by name.
NAMES = ("flatten", "mean", "max", "first", "last")
#: Those that commute with an affine map of each token.
LINEAR = ("mean", "first", "last")
#: Units beyond which the channels of an image are averaged when nothing is said.
MOST_PIXELS = 4_096
POINTS = ("rows", "tokens")
#: What inputs call the mask of the tokens that count.
MASKS = ("attention_mask",)

Mask = NDArray[np.bool_] | None
How = str | int | Callable[[Any], Any]


@dataclass(frozen=True)
class TensorLayout:
    """How the values of one point are laid out.

    Attributes
    ----------
    shape : tuple of int
        Of one point.
    is_image : bool
        Whether there are pixels with channels; otherwise tokens of some width, or one vector.
    channels_last : bool
    """

    shape: tuple[int, ...]
    is_image: bool
    channels_last: bool

    @property
    def n_places(self) -> int:
        """Tokens or pixels."""
        return prod(self.shape) // max(self.width, 1)

    @property
    def width(self) -> int:
        """Units of one of them."""
        if not self.is_image or self.channels_last:
            return self.shape[-1]
        return self.shape[0]

    def unfold(self, values: Array) -> Array:
        """(n_points, n_places, width)."""
        if self.is_image and not self.channels_last:
            values = np.moveaxis(values, 1, -1)
        return values.reshape(len(values), -1, self.width)


def layout_of(shape: Sequence[int], kind: str, channels_last: bool) -> TensorLayout:
    """Of two axes the last is the width of tokens, but in a torch-like layer of one dimension."""
    shape = tuple(map(int, shape))
    is_image = len(shape) > 2 or (len(shape) == 2 and "1d" in kind.lower())
    return TensorLayout(shape, is_image, channels_last and is_image)


@dataclass(frozen=True)
class Reduction:
    """One vector a point.

    Attributes
    ----------
    how : str, int or callable
    layout : TensorLayout
    """

    how: How
    layout: TensorLayout

    @property
    def is_whole(self) -> bool:
        """Whether nothing is reduced."""
        return self.how == "flatten" or len(self.layout.shape) < 2

    def __call__(self, values: Array, mask: Mask) -> Array:
        """(n_points, n_units) of what a layer gives."""
        if self.is_whole:
            return values
        if callable(self.how):
            return _checked(self.how(values), values)
        places = self.layout.unfold(values)
        if mask is None or mask.shape != places.shape[:2] or self.layout.is_image:
            return _reduced(places, self.how)
        return _reduced_where(places, self.how, mask)


def _checked(made: Any, values: Array) -> Array:
    array = np.asarray(made)
    if array.ndim != 2 or len(array) != len(values) or array.dtype.kind not in "biuf":
        raise UsageError(
            f"reduce made an array of shape {array.shape} of one of shape {values.shape}; a "
            f"representation has shape ({len(values)}, n_units).\nReturn one row a point, such as "
            "values.mean(axis=1)."
        )
    return array


def _reduced(places: Array, how: How) -> Array:
    if isinstance(how, int):
        return places[:, how]
    if how in ("first", "last"):
        return places[:, 0 if how == "first" else -1]
    return places.mean(axis=1) if how == "mean" else places.max(axis=1)


def _reduced_where(places: Array, how: How, mask: NDArray[np.bool_]) -> Array:
    """Of the tokens that count; a point without any has those that it has."""
    mask = mask | ~mask.any(axis=1, keepdims=True)
    if how == "mean":
        weights = mask[:, :, None] / mask.sum(axis=1)[:, None, None]
        return (places * weights.astype(places.dtype)).sum(axis=1)
    if how == "max":
        return np.where(mask[:, :, None], places, -np.inf).max(axis=1).astype(places.dtype)
    if how == "first":
        token = mask.argmax(axis=1)
    elif how == "last":
        token = mask.shape[1] - 1 - mask[:, ::-1].argmax(axis=1)
    else:
        return _reduced(places, how)
    return places[np.arange(len(places)), token]


def mask_of(batch: Array, network: Network) -> Mask:
    """(n_points, n_tokens): which tokens count, where the input says so."""
    for name in batch.dtype.names or ():
        if name in MASKS and batch[name].ndim == 2:
            return batch[name] != 0
    return None if network.token_mask is None else network.token_mask(batch)


def check_reduction(reduce: Any, points: Any = "rows") -> None:
    """UsageError for a reduction that unknot does not have."""
    if points not in POINTS:
        raise UsageError(unknown("kind of points", points, POINTS))
    if points == "tokens" and reduce is not None:
        raise UsageError(
            "reduce makes one row of a point's tokens; points='tokens' makes each a row.\n"
            "Give one of them."
        )
    for how in reduce.values() if isinstance(reduce, Mapping) else [reduce]:  # pyright: ignore[reportUnknownVariableType]
        is_number = isinstance(how, int | np.integer) and not isinstance(how, bool)
        if not (how is None or how in NAMES or is_number or callable(how)):
            raise UsageError(
                f"Unknown reduction {str(how)[:100]!r}.\nAllowed: {', '.join(NAMES)}, a token's "
                "number, a function of an array with one point a row, or a dictionary of layers."
            )


@dataclass(frozen=True)
class RowView:
    """A network whose steps give clouds, and how the input becomes one.

    Attributes
    ----------
    network : Network
        With what its steps make of the sample.
    entrance : callable
        (n_rows, n_features) of a batch of points.
    per_point : int
        Rows of a cloud for each point: its tokens, or 1.
    has_input : bool
        False where the input is no cloud of such rows.
    notes : tuple of Note
    """

    network: Network
    entrance: Callable[[Array], Values]
    per_point: int = 1
    has_input: bool = True
    notes: tuple[Note, ...] = ()


def as_rows_of(network: Network, sample: Array, outputs: Sequence[Array], reduce: Any) -> RowView:
    """Every point one row: sequences and images as asked for, or as is usual.

    Transformers show the mean over the tokens that count, other networks flatten; of images of
    more than 4,096 units the mean over the pixels of each channel is shown.
    """
    last = _channels_last(network.framework)
    layouts = [
        layout_of(output.shape[1:], step.kind, last)
        for step, output in zip(network.steps, outputs, strict=True)
    ]
    places = [module_place("input"), *(_place(step) for step in network.steps)]
    asked = _asked(places, reduce)
    reductions = [
        Reduction(asked.get(k, _usual(layout, step)), layout)
        for k, (layout, step) in enumerate(zip(layouts, network.steps, strict=True), 1)
    ]
    attends = any(step.attends for step in network.steps)
    first = _of_input(sample, asked.get(0), attends, last)
    if first.is_whole and all(reduction.is_whole for reduction in reductions):
        return RowView(replace(network, outputs=outputs), flat)
    for place, reduction in zip(places, [first, *reductions], strict=True):
        _check_number(place.name, reduction)
    befores = [first, *reductions[:-1]]
    steps = [
        _with_maps(step, before, own)
        for step, before, own in zip(network.steps, befores, reductions, strict=True)
    ]

    def forward(batch: Array, known: Sequence[bool], places: Places) -> list[Array | None]:
        mask = mask_of(batch, network)
        free = [p if r.is_whole else None for p, r in zip(places, reductions, strict=True)]
        made = network.forward(batch, known, free)
        return [
            None if output is None else reduction(output, mask)
            for output, reduction in zip(made, reductions, strict=True)
        ]

    mask = mask_of(sample, network)
    seen = [r(output, mask) for r, output in zip(reductions, outputs, strict=True)]
    return RowView(
        replace(network, steps=tuple(steps), forward=forward, outputs=seen),
        lambda batch: flat(batch if first.is_whole else first(batch, mask_of(batch, network))),
        notes=tuple(_notes(places, [first, *reductions], mask is not None)),
    )


def _channels_last(framework: str) -> bool:
    if framework == "Keras":
        import sys

        keras: Any = sys.modules["keras"]
        return keras.config.image_data_format() == "channels_last"
    return framework == "Flax NNX"


def _place(step: Step) -> ModulePlace:
    """A step's last place; its title is a name of it."""
    place = step.places[-1] if step.places else module_place(step.name)
    titles = (step.name, *(title for title in step.titles[-1:] if title))
    return replace(place, aliases=(*place.aliases, *titles))


def _asked(places: Sequence[ModulePlace], reduce: Any) -> dict[int, How]:
    """For the number of each representation what was asked for."""
    if reduce is None:
        return {}
    if not isinstance(reduce, Mapping):
        return {k: _how(reduce) for k in range(len(places))}
    asked: dict[int, How] = {}
    ends = {0, len(places) - 1}
    for layers, how in reduce.items():  # pyright: ignore[reportUnknownVariableType]
        chosen = choose(places, layers)
        named = {k for k in ends if layers in (places[k].name, *places[k].aliases)}
        asked |= {k: _how(how) for k in chosen if k not in ends or k in named}
    return asked


def _how(how: Any) -> How:
    return int(how) if isinstance(how, np.integer) else how


def _usual(layout: TensorLayout, step: Step) -> How:
    if layout.is_image:
        return "mean" if prod(layout.shape) > MOST_PIXELS and len(layout.shape) > 2 else "flatten"
    return "mean" if step.attends else "flatten"


def _of_input(sample: Array, asked: How | None, attends: bool, channels_last: bool) -> Reduction:
    """Images are shown whole unless something else is asked for."""
    shape = () if sample.dtype.names else sample.shape[1:]
    layout = layout_of(shape or (1,), "", channels_last)
    usual = "mean" if attends and not layout.is_image and sample.dtype.kind == "f" else "flatten"
    return Reduction(usual if asked is None else asked, layout)


def _check_number(name: str, reduction: Reduction) -> None:
    how, n = reduction.how, reduction.layout.n_places
    if isinstance(how, int) and not reduction.is_whole and not -n <= how < n:
        raise UsageError(
            f"Token {how} of {name!r} does not exist: it has {n} tokens or pixels.\n"
            f"Choose from 0 to {n - 1}, or count from the end."
        )


def _with_maps(step: Step, before: Reduction, own: Reduction) -> Step:
    """What is inside a layer is not seen, but where it commutes with the reduction."""
    is_linear = own.is_whole or isinstance(own.how, int) or own.how in LINEAR
    is_same = before.is_whole == own.is_whole and (own.is_whole or before.how == own.how)
    if len(step.maps) < 2 or (is_linear and is_same):
        return step
    return replace(
        step,
        maps=(Opaque(step.kind),),
        names=(),
        places=step.places[-1:],
        titles=step.titles[-1:],
    )


def _notes(
    places: Sequence[ModulePlace], reductions: Sequence[Reduction], has_mask: bool
) -> Sequence[Note]:
    names: dict[tuple[str, str], list[str]] = {}
    for place, reduction in zip(places, reductions, strict=True):
        if not reduction.is_whole:
            how = reduction.how
            word = f"number {how}" if isinstance(how, int) else how
            word = getattr(how, "__name__", "a function") if callable(how) else str(word)
            what = "pixels" if reduction.layout.is_image else "tokens"
            names.setdefault((word, what), []).append(
                place.aliases[-1] if place.aliases else place.name
            )
    return [
        Note(
            f"{listed_layers(layers)}: {_WORDS.get(word, word)} of each point's {what}"
            f"{', those that the mask counts' if has_mask and what == 'tokens' else ''}; "
            "reduce='flatten' keeps all of them."
        )
        for (word, what), layers in names.items()
    ]


_WORDS = {
    "mean": "the mean",
    "max": "the largest value, unit by unit,",
    "first": "the first",
    "last": "the last",
}


def listed_layers(names: Sequence[str]) -> str:
    """Three names, or the first, the last and how many."""
    if len(names) <= 3:
        return ", ".join(names)
    return f"{names[0]} to {names[-1]} ({len(names)} layers)"
