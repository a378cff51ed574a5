"""From an adapter's proposals to maps that were seen to be right, on a sample of the points."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from unknot.adapters.network import SINGLE_PRECISION, Array, Step
from unknot.adapters.recognise import activation_named, agrees, apply
from unknot.network.maps import Activation, Affine, Map, Opaque, is_known

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
    """

    name: str
    map: Map
    step: int | None
    n_units: int
    kind: str = "function"
    is_guess: bool = False


def flat(values: Array) -> Values:
    """(n_points, n_units), as numbers that maps can take."""
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
        found = _parts(i, step, before, after, roundoff)
        parts += found
        known.append(all(is_known(part.map) for part in found))
        before = after
    return parts, known


def _parts(i: int, step: Step, before: Values, after: Values, roundoff: float) -> list[Part]:
    maps = list(step.maps)
    if len(maps) == 1 and isinstance(maps[0], Opaque):
        maps = [activation_named(maps[0].name, before, after) or maps[0]]
    maps = [map_ for map_ in maps if not _is_identity(map_)]
    names = step.names if len(step.names) == len(maps) else (step.name,) * len(maps)
    if not maps and before.shape == after.shape and np.array_equal(before, after):
        return []
    values, images = before, list[Values]()
    for map_ in maps:
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
