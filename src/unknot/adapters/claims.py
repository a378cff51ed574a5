"""What a map is: known activations by name or by their values, and a check of every claim.

An adapter only proposes. A claim that does not reproduce what the model did with a sample of the
points is dropped, so a subclass that overrides a layer or a layer applied along time never passes
for the map that it resembles.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from unknot.adapters.network import SINGLE_PRECISION, Array, Step
from unknot.adapters.parameters import shortest
from unknot.network.activations import activations
from unknot.network.formulas import ActivationFunction, aliases_of
from unknot.network.maps import Activation, Affine, Map, Opaque, Softmax, is_known
from unknot.traces.selection import ModulePlace

#: Of one activation of a value of size 1: 32 units of roundoff in single precision, with a fast
#: exponential; fewer in lower ones, where the function is worked out in single precision.
ACTIVATION_TOLERANCE = 2e-6
#: The unit roundoff of double precision.
DOUBLE_PRECISION = 2.0**-53
#: What of the spread of a unit nobody sees.
UNSEEN = 1e-5
#: Values that differ by less, as a share of their size and 1, are rounding to a formula.
SMALLEST = 100 * ACTIVATION_TOLERANCE
#: Functions are the same when they are on these.
WIDE = np.sinh(np.linspace(-4, 4, 101))


def known_name(name: str) -> bool:
    """Whether a name may be an activation's: ``"LeakyReLU"``, ``"swish"``."""
    return any(True for _ in aliases_of(_word(name)))


def activation_named(name: str, before: Array, after: Array) -> Activation | None:
    """The activation of this name that turns one cloud into the other.

    Only values speak for its parameters, so they must show all that there is to its formula.
    """
    entries = dict.fromkeys(entry for entry, _ in aliases_of(_word(name)))
    fitting = _fitting(list(entries), before, after)
    plain = (map_ for map_ in fitting if not map_.parameters or shows_parameters(map_, before))
    return next(plain, None)


def _word(name: str) -> str:
    return name.lower().replace("_", "").removesuffix("activation")


def activation_by_values(before: Array, after: Array) -> Activation | None:
    """The known activation that turns one cloud into the other, if just one does."""
    spread = float(np.ptp(after)) if after.size else 0.0
    if not spread > SMALLEST * (1 + float(np.abs(after).max(initial=0))):
        return None
    entries = [activations[name] for name in activations if name != "linear"]
    fitting = [map_ for map_ in _fitting(entries, before, after) if shows_parameters(map_, before)]
    # Small values alone cannot tell tanh from sin: then it is not known.
    images = [map_(WIDE[:, None]) for map_ in fitting if map_.n_units is None]
    if len(images) < len(fitting):
        return fitting[0] if len(fitting) == 1 else None
    is_one = all(np.allclose(image, images[0], 1e-5, 1e-6) for image in images)
    return fitting[0] if fitting and is_one else None


def may_be_activation(before: Array, after: Array) -> bool:
    """Whether a few rows do not speak against it."""
    return any(True for _ in _fitting([activations[name] for name in activations], before, after))


def _fitting(
    entries: Sequence[ActivationFunction], before: Array, after: Array
) -> Iterator[Activation]:
    if before.shape != after.shape or before.ndim != 2 or before.size == 0:
        return
    for entry in entries:
        variants = _variants(entry, before, after)
        fitting = next((map_ for map_ in variants if _does(map_, before, after)), None)
        if fitting is not None:
            yield fitting


def _does(map_: Activation, before: Array, after: Array) -> bool:
    with np.errstate(all="ignore"):
        return agrees(map_, before, map_(before), after)


def _variants(entry: ActivationFunction, before: Array, after: Array) -> Iterator[Activation]:
    """With its usual parameters, and with those that the values suggest."""
    yield Activation(entry.name)
    if not entry.estimates:
        return
    with np.errstate(all="ignore"):
        z, values = (np.asarray(cloud, np.float64) for cloud in (before, after))
        estimates = {
            key: np.array(read(z, values), np.float64) for key, read in entry.estimates.items()
        }
    estimates = {key: _as_one_number(numbers) for key, numbers in estimates.items()}
    if not all(np.isfinite(numbers).all() for numbers in estimates.values()):
        return
    map_ = Activation(entry.name, **estimates)
    with np.errstate(all="ignore"):
        image = map_(np.broadcast_to(WIDE[:, None], (len(WIDE), map_.n_units or 1)))
    # A leaky relu of slope 0 is a relu, and |z| is known by another name.
    if map_.n_units is None and map_.monotone == "no":
        return
    others = [WIDE[:, None], activations["relu"](WIDE[:, None])]
    if np.isfinite(image).all() and not any(np.allclose(image, other) for other in others):
        yield map_


def _as_one_number(numbers: NDArray[np.float64]) -> NDArray[np.float64]:
    """Of all units one number, where it is one up to rounding."""
    if numbers.ndim == 0:
        return shortest(numbers)
    finite = numbers[np.isfinite(numbers)]
    if finite.size and np.ptp(finite) <= 4 * ACTIVATION_TOLERANCE * (1 + abs(np.median(finite))):
        return np.array(float(f"{np.median(finite):.7g}"))
    return numbers


def shows_parameters(map_: Activation, before: Array) -> bool:
    """Whether the values reach all pieces of its formula, and so show its parameters."""
    if map_.n_units is not None and not (before < 0).any(axis=0).all():
        return False
    for knot in map_.knots:
        # By more than the rounding of a bound that was itself read off the values.
        margin = ACTIVATION_TOLERANCE * (1 + np.abs(knot))
        is_ceiling = bool(np.all(np.asarray(knot) > 0))
        if not (before > knot + margin if is_ceiling else before < knot - margin).any():
            return False
    return True


def apply(
    map_: Map, values: NDArray[np.floating], place: NDArray[np.floating] | None = None
) -> NDArray[np.floating] | None:
    """The image of a cloud, or None where the map is not known or does not fit.

    An affine image is written to `place`, where one of the same precision is given.
    """
    if isinstance(map_, Affine):
        if map_.shape[0] != values.shape[1]:
            return None
        is_same = place is not None and place.dtype == np.result_type(values, map_.numbers)
        if place is None or not is_same or map_.scale is not None:
            return map_(values)
        np.matmul(values, map_.weight, out=place)
        place += map_.bias
        return place
    if isinstance(map_, Opaque):
        return None
    if isinstance(map_, Activation) and map_.n_units not in (None, values.shape[1]):
        return None
    with np.errstate(over="ignore", invalid="ignore"):
        return map_(values)


def agrees(
    map_: Map,
    before: NDArray[np.floating],
    predicted: NDArray[np.floating],
    seen: Array,
    roundoff: float = SINGLE_PRECISION,
) -> bool:
    """Whether a map's image of a cloud is what the model made of it, up to rounding.

    A sum of n products is off by at most n units of roundoff times the sum of their amounts
    (Higham, *Accuracy and Stability of Numerical Algorithms*, 2002, section 3.1); both sides are.
    """
    if predicted.shape != seen.shape:
        return False
    allowed: NDArray[np.floating] | float
    lower = 4 * max(roundoff - SINGLE_PRECISION, 0)
    if isinstance(map_, Affine):
        n_terms = map_.shape[0] + 2
        allowed = Affine(np.abs(map_.numbers), np.abs(map_.bias))(np.abs(before))
        is_double = predicted.dtype == seen.dtype == map_.numbers.dtype == np.float64
        unit = DOUBLE_PRECISION if is_double else SINGLE_PRECISION
        allowed = (2 * n_terms * unit + lower) * allowed + 1e-6
    elif isinstance(map_, Softmax):
        allowed = 1e-4 + lower  # the error of a probability is that of its logits
    else:
        allowed = (ACTIVATION_TOLERANCE + lower) * (1 + np.abs(predicted))
    with np.errstate(invalid="ignore"):
        return bool(np.all(np.abs(predicted - seen.astype(predicted.dtype)) <= allowed))


Values = NDArray[np.floating]


@dataclass(frozen=True)
class Part:
    """One map of the trace.

    Attributes
    ----------
    name : str
        Of the layer.
    map : Map
    step : int or None
        The step whose output is the map's image; None where it is worked out by the map, because
        the model keeps it to itself (the pre-activation inside a dense layer).
    n_units : int
        Of the image.
    kind : str
        What the step is, should the map turn out to be wrong.
    is_guess : bool
        As for `Step`.
    place : ModulePlace or None
        Where in the model it leads, where that is known.
    title : str
        What the image is called, where that was chosen; otherwise names follow from all parts.
    is_shown : bool
        False for one that is only worked with.
    """

    name: str
    map: Map
    step: int | None
    n_units: int
    kind: str = "function"
    is_guess: bool = False
    place: ModulePlace | None = None
    title: str = ""
    is_shown: bool = True


def flat(values: Array) -> Values:
    """(n_points, n_units), as numbers that maps can take; of records all fields side by side."""
    fields = getattr(values, "dtype", np.dtype(float)).names
    if fields:
        return np.concatenate([flat(values[name]) for name in fields], axis=1)
    rows = np.asarray(values).reshape(len(values), -1)
    return rows if rows.dtype.name in ("float32", "float64") else rows.astype(np.float32)


def settle(
    steps: Sequence[Step],
    x: Values,
    outputs: Sequence[Array],
    roundoff: float = SINGLE_PRECISION,
) -> tuple[list[Part], list[bool]]:
    """Check every step on a sample.

    Parameters
    ----------
    steps : sequence of Step
    x : (n, n_features) float array
        The sample.
    outputs : sequence of (n, …) arrays
        What the model made of it, one a step.
    roundoff : float
        As for `Network`.

    Returns
    -------
    parts : list of Part
        Layers that only hand on have vanished.
    known : list of bool
        For each step: whether all its maps reproduce what the model did.
    """
    parts: list[Part] = []
    known: list[bool] = []
    before = flat(x)
    for i, (step, output) in enumerate(zip(steps, outputs, strict=True)):
        after = flat(output)
        own = _parts(i, step, before, after, roundoff)
        parts += _placed(own, step)
        known.append(all(is_known(part.map) for part in own))
        before = after
    return parts, known


def _placed(parts: list[Part], step: Step) -> list[Part]:
    """The parts of a step with what was chosen of them; of other parts than claimed the last."""
    n = len(parts)
    places = step.places if len(step.places) == n else (None,) * (n - 1) + step.places[-1:]
    places = places if len(places) == n else (None,) * n
    if not step.titles:
        return [replace(part, place=place) for part, place in zip(parts, places, strict=True)]
    titles = step.titles if len(step.titles) == n else ("",) * (n - 1) + step.titles[-1:]
    return [
        replace(part, place=place, title=title, is_shown=bool(title))
        for part, place, title in zip(parts, places, titles, strict=True)
    ]


def _parts(i: int, step: Step, before: Values, after: Values, roundoff: float) -> list[Part]:
    maps = list(step.maps)
    if len(maps) == 1 and isinstance(maps[0], Opaque):
        maps = [activation_named(maps[0].name, before, after) or maps[0]]
    maps = [map_ for map_ in maps if not _is_identity(map_)]
    names = step.names if len(step.names) == len(maps) else (step.name,) * len(maps)
    if not maps and before.shape == after.shape and np.array_equal(before, after):
        return []
    values, images = before, list[Values]()
    for k, map_ in enumerate(maps):
        maps[k] = map_ = _in_single(map_, values)
        image = apply(map_, values)
        if image is None:
            break
        images.append(image)
        values = image
    n_last = after.shape[1]
    if maps and len(images) == len(maps) and _is_right(maps, before, images, after, roundoff):
        widths = [*(image.shape[1] for image in images[:-1]), n_last]
        return [
            Part(name, map_, i if last else None, width, step.kind, step.is_guess)
            for name, map_, width, last in zip(names, maps, widths, _last(maps), strict=True)
        ]
    if len(maps) == 2 and len(images) >= 1 and isinstance(maps[0], Affine):
        # A dense layer with a function that is not one of unknot's.
        tail = maps[1] if isinstance(maps[1], Opaque) else Opaque(step.kind)
        return [
            Part(names[0], maps[0], None, images[0].shape[1]),
            Part(names[1], _unsure(tail), i, n_last),
        ]
    return [Part(step.name, _unsure(Opaque(step.kind)), i, n_last)]


def _in_single(map_: Map, values: Values) -> Map:
    """An affine map in single precision, where that shows nowhere in its image of the values.

    It does where numbers far from zero come close to it, such as years that are centred.
    """
    if not isinstance(map_, Affine) or map_.shape[0] != values.shape[1]:
        return map_
    if np.float64 not in (map_.numbers.dtype, map_.bias.dtype):
        return map_
    exact = map_(values.astype(np.float64))
    with np.errstate(over="ignore", invalid="ignore"):
        single = Affine(map_.numbers.astype(np.float32), map_.bias.astype(np.float32), map_.name)
        off = np.abs(single(values) - exact).max(axis=0, initial=0)
    spread = exact.std(axis=0) if len(exact) else np.zeros(exact.shape[1])
    size = np.abs(exact).max(axis=0, initial=0)
    # A constant unit has no spread but the rounding of doubles.
    allowed = np.where(spread > 1e-12 * size, UNSEEN * spread, 1e-6 * size)
    if (off <= allowed).all():
        return single
    return Affine(map_.numbers.astype(np.float64), map_.bias.astype(np.float64), map_.name)


def _is_right(
    maps: list[Map], before: Values, images: list[Values], after: Values, roundoff: float
) -> bool:
    """The last image against the model's; rounding of the maps before it carries over."""
    if len(maps) == 1:
        return agrees(maps[0], before, images[0], after, roundoff)
    if images[-1].shape != after.shape:
        return False
    size = 1 + max(float(np.abs(image).max(initial=0)) for image in images)
    # The two formulas of gelu differ by 5e-4 at most, and must not pass for each other.
    allowed = 2e-5 + 4 * max(roundoff - SINGLE_PRECISION, 0)
    return bool(np.all(np.abs(images[-1] - after) <= allowed * size))


def _unsure(map_: Opaque) -> Opaque:
    """What only claims to be a softmax over the units is renamed."""
    return Opaque("softmax (other axis)") if map_.name == "softmax" else map_


def _is_identity(map_: Map) -> bool:
    return map_ == Activation("linear")


def _last(maps: list[Map]) -> list[bool]:
    return [k == len(maps) - 1 for k in range(len(maps))]
