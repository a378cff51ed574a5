"""A program in segments: what happens between the places where everything is one cloud."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from unknot.adapters.jax.program import (
    SHAPES,
    Equation,
    Program,
    Variable,
    evaluate,
    places_of,
)
from unknot.adapters.network import Array
from unknot.adapters.settling import flat

#: Points with which the structure is found: a prime, so that no layer is as wide by chance.
PROBE = 251
#: Activations are recognised on values up to sinh of this, 27.
WIDEST = 4.0
UNITWISE = {"add", "sub", "mul", "div", "neg"}


@dataclass(frozen=True)
class Segment:
    """What happens between two places.

    Attributes
    ----------
    place : int
        The number of its last equation.
    equations : sequence of Equation
    start, end : Variable
    kinds : set of str
        Names of the operations.
    """

    place: int
    equations: Sequence[Equation]
    start: Variable
    end: Variable
    kinds: set[str]

    @property
    def told(self) -> list[str]:
        """The operations that do not only arrange."""
        return sorted(self.kinds - SHAPES)

    @property
    def is_unitwise(self) -> bool:
        return self.kinds <= UNITWISE | SHAPES

    @property
    def is_product(self) -> bool:
        return self.told == ["dot_general"] and len(self.start.aval.shape) == 2


def segments_of(program: Program) -> list[Segment]:
    """What lies between the places where everything passes through one cloud."""
    places = places_of(program, PROBE)
    found: list[Segment] = []
    start, variable = 0, program.input
    for j, place in enumerate(places):
        segment = _segment(program, start, place, variable)
        following = places[j + 1] if j + 1 < len(places) else None
        if following is not None and found and segment.is_unitwise and segment.told:
            rest = _segment(program, place + 1, following, segment.end)
            after_product = "dot_general" in found[-1].kinds
            if rest.is_unitwise and not (after_product and segment.kinds - SHAPES <= {"add"}):
                continue  # scale and shift in one map
        found.append(segment)
        start, variable = place + 1, segment.end
    return found


def _segment(program: Program, start: int, place: int, variable: Variable) -> Segment:
    equations = program.equations[start : place + 1]
    kinds = {equation.name for equation in equations}
    return Segment(place, equations, variable, equations[-1].outputs[0], kinds)


def probe(program: Program, constants: list[Any], segments: list[Segment]) -> list[Array | None]:
    """What every segment makes of its points. One compiled function gives all."""
    jax: Any = sys.modules["jax"]
    if "probes" not in program.compiled:

        def run(constants: Sequence[Any]) -> list[Any]:
            known = dict(zip(program.constants, constants, strict=True))
            evaluate(program.arrangements, known)
            return [_images(segment, known) for segment in segments]

        program.compiled["probes"] = jax.jit(run)
    found = program.compiled["probes"](list(constants))
    return [
        np.concatenate([flat(np.asarray(image, np.float32)) for image in images])
        if images
        else None
        for images in found
    ]


def points_of(segment: Segment) -> Array | None:
    """The points that tell what a segment does, whatever the data are.

    The unit vectors of a product give its weight, 0 and 1 of unitwise operations bias and scale,
    and a wide range of values the name of an activation.
    """
    shape = segment.start.aval.shape
    n_in = int(np.prod(shape[1:]))
    if segment.is_product:
        return np.eye(n_in, dtype=np.float32)
    if not segment.told or segment.end.aval.shape != shape:
        return None
    if segment.is_unitwise:
        return np.stack([np.zeros(n_in), np.ones(n_in)]).astype(np.float32)
    values = np.sinh(np.linspace(-WIDEST, WIDEST, PROBE))
    # A prime number of rows: every stride goes through all values.
    order = np.outer(np.arange(PROBE), np.arange(n_in) % (PROBE - 1) + 1) % PROBE
    return values[order].astype(np.float32)


def _images(segment: Segment, known: dict[Variable, Any]) -> list[Any]:
    """Of its points, as many at once as the program takes."""
    points, shape = points_of(segment), segment.start.aval.shape
    images: list[Any] = []
    if points is None:
        return images
    for i in range(0, len(points), PROBE):
        rows = points[i : i + PROBE]
        filled = np.zeros((PROBE, points.shape[1]), np.float32)
        filled[: len(rows)] = rows
        made = {**known, segment.start: filled.reshape(shape).astype(segment.start.aval.dtype)}
        evaluate(segment.equations, made)
        images.append(made[segment.end][: len(rows)])
    return images
