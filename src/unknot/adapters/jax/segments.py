"""Segments of a program: what lies between two places where everything is one cloud."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

import numpy as np

from unknot.adapters.claims import flat
from unknot.adapters.jax.program import Equation, Program, Variable, run_equations
from unknot.adapters.network import Array

#: Operations that only arrange.
SHAPES = {
    *("reshape", "transpose", "broadcast_in_dim", "squeeze", "expand_dims", "copy", "copy_p"),
    *("convert_element_type", "stop_gradient", "name"),
}
#: Points with which the structure is found: a prime, so that no layer is as wide by chance.
PROBE = 251
#: Activations are recognised on values up to sinh of this, 27.
WIDEST = 4.0
UNITWISE = {"add", "sub", "mul", "div", "neg"}


def _is_cloud(variable: Variable, n: int) -> bool:
    """Whether it has one point a row, in numbers that can be shown."""
    shape = getattr(variable.aval, "shape", ())
    try:
        kind = np.dtype(variable.aval.dtype).kind
    except TypeError:  # random keys
        return False
    return len(shape) >= 1 and shape[0] == n and kind in "fiuV"


def places_of(program: Program, n: int) -> list[int]:
    """Numbers of the equations through whose output alone everything passes."""
    last_use: dict[Any, int] = {}
    for i, equation in enumerate(program.equations):
        last_use |= dict.fromkeys(equation.variables, i)
    alive, places = last_use.get(program.input, 0), list[int]()
    for i, equation in enumerate(program.equations):
        if alive <= i and len(equation.outputs) == 1 and _is_cloud(equation.outputs[0], n):
            places.append(i)
        alive = max([alive, *(last_use.get(v, 0) for v in equation.outputs)])
    return places


@dataclass(frozen=True)
class Segment:
    """What happens between two places: the equations after one, and up to the other.

    Attributes
    ----------
    place : int
        The number of its last equation.
    start : Variable
    equations : sequence of Equation
    """

    place: int
    start: Variable
    equations: Sequence[Equation]

    @property
    def end(self) -> Variable:
        """What its last equation makes: the cloud at the later of the two places."""
        return self.equations[-1].outputs[0]

    @property
    def kinds(self) -> set[str]:
        """Names of the operations."""
        return {equation.name for equation in self.equations}

    @property
    def operations(self) -> list[str]:
        """The operations that do not only arrange."""
        return sorted(self.kinds - SHAPES)

    @property
    def is_unitwise(self) -> bool:
        """Whether it is arithmetic number by number and changes of shape, and nothing else."""
        return self.kinds <= UNITWISE | SHAPES

    @property
    def is_product(self) -> bool:
        """Whether it works out nothing but matrix products of rows (n_points, n_units)."""
        return self.operations == ["dot_general"] and len(self.start.aval.shape) == 2


def segments_of(program: Program) -> list[Segment]:
    """What lies between the places where everything passes through one cloud."""
    places, equations = places_of(program, program.n_points), program.equations
    segments: list[Segment] = []
    first, start = 0, program.input
    for place, following in zip_longest(places, places[1:]):
        segment = Segment(place, start, equations[first : place + 1])
        if following is not None and segments and segment.is_unitwise and segment.operations:
            rest = Segment(following, segment.end, equations[place + 1 : following + 1])
            after_product = "dot_general" in segments[-1].kinds
            if rest.is_unitwise and not (after_product and segment.kinds - SHAPES <= {"add"}):
                continue  # scale and shift in one map
        segments.append(segment)
        first, start = place + 1, segment.end
    return segments


def probe(program: Program, constants: list[Any], segments: list[Segment]) -> list[Array | None]:
    """What every segment makes of its points. One compiled function gives all."""
    jax: Any = sys.modules["jax"]
    if "probes" not in program.compiled:

        def run(constants: Sequence[Any]) -> list[Any]:
            known = dict(zip(program.constants, constants, strict=True))
            run_equations(program.arrangements, known)
            return [_images(segment, known) for segment in segments]

        program.compiled["probes"] = jax.jit(run)
    images = program.compiled["probes"](list(constants))
    return [
        np.concatenate([flat(np.asarray(i, np.float32)) for i in one]) if one else None
        for one in images
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
    if not segment.operations or segment.end.aval.shape != shape:
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
    n = shape[0]
    for i in range(0, len(points), n):
        rows = points[i : i + n]
        filled = np.zeros((n, points.shape[1]), np.float32)
        filled[: len(rows)] = rows
        made = {**known, segment.start: filled.reshape(shape).astype(segment.start.aval.dtype)}
        run_equations(segment.equations, made)
        images.append(made[segment.end][: len(rows)])
    return images
