"""A JAX function as the list of operations that it is: the same for Flax, Equinox and bare JAX.

The function is traced to its jaxpr. Where everything passes through one array with one point a
row, the cloud can be seen; between two such places lies a map. An activation is therefore seen
although it is no module, and whatever it is written in.
"""

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from unknot.adapters.graph import SOURCE, Chain, Node, diagonal, main_chain
from unknot.adapters.jax_merging import by_values, is_rest, merged
from unknot.adapters.jax_names import kind_of
from unknot.adapters.jax_program import (
    SHAPES,
    Equation,
    Program,
    Variable,
    compute,
    evaluate,
    places_of,
    trace,
)
from unknot.adapters.network import Array
from unknot.adapters.settling import flat
from unknot.maps import Affine, Map, Opaque

#: Points with which the structure is found: a prime, so that no layer is as wide by chance.
PROBE = 251
#: Activations are recognised on values up to sinh of this, 27.
WIDEST = 4.0
UNITWISE = {"add", "sub", "mul", "div", "neg"}
#: Compiling takes longer than sending points through a program of another size: several times
#: through the probe's, or filled up to so many times their number.
MOST_PROBES, MOST_PADDED = 8, 16


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


def follow(
    function: Callable[[Any], Any], sample: Array, names: dict[int, str], framework: str
) -> tuple[Chain, list[Array], Callable[[Array], list[Array]]]:
    """The chain of places to show, their values, and the function that gives them.

    Parameters
    ----------
    function : callable
        Of a batch of points.
    sample : (n, …) array
    names : dict
        The layer of each weight, by the weight's ``id``.
    framework : str
        For messages.
    """
    n = len(sample)
    x = _padded(sample, PROBE)
    program, constants = trace(function, x, framework)
    segments = _segments(program)
    clouds = _clouds(program, constants, x, segments)
    layers = _layers(program, constants, names)
    nodes = _nodes(program, constants, segments, clouds, layers)
    chain = main_chain(nodes, nodes[-1].key if nodes else SOURCE, None, framework)
    ends = {segment.place: segment.end for segment in segments}
    outputs = [clouds[ends[place]][:n] for place in chain.keys]
    seen = [segment.place for segment in segments]
    forward = _forward(function, program, constants, seen, framework)
    wanted = [seen.index(place) for place in chain.keys]

    def along_chain(batch: Array) -> list[Array]:
        values = forward(batch)
        return [values[i] for i in wanted]

    return chain, outputs, along_chain


def _padded(x: Array, size: int) -> Array:
    """As many rows as the program takes."""
    return x if len(x) == size else np.resize(x, (size, *x.shape[1:])).astype(x.dtype, copy=False)


def _forward(
    function: Callable[[Any], Any],
    program: Program,
    constants: list[Any],
    places: Sequence[int],
    framework: str,
) -> Callable[[Array], list[Array]]:
    """The function that gives the values of these places, in programs of few sizes."""

    def forward(batch: Array) -> list[Array]:
        n = len(batch)
        size = min((m for m in program.sizes if n <= m <= MOST_PADDED * n), default=n)
        if n <= PROBE or (size == n and n <= MOST_PROBES * PROBE):
            pieces = [call(program, batch[i : i + PROBE], PROBE) for i in range(0, n, PROBE)]
            return [np.concatenate(values) for values in zip(*pieces, strict=True)]
        if size not in program.sizes:
            program.sizes[size] = trace(function, _padded(batch, size), framework)[0]
        return call(program.sizes[size], batch, size)

    def call(sized: Program, batch: Array, size: int) -> list[Array]:
        wanted = [sized.equations[place].outputs[0] for place in places]
        values = compute(sized, constants, _padded(batch, size), wanted)
        return [np.asarray(value)[: len(batch)] for value in values]

    return forward


def _segments(program: Program) -> list[Segment]:
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


def _clouds(
    program: Program, constants: list[Any], x: Array, segments: list[Segment]
) -> dict[Variable, Array]:
    """Values of the points at the end of every segment."""
    ends = [segment.end for segment in segments]
    values = compute(program, constants, x, ends)
    return {program.input: x} | {
        end: np.asarray(value) for end, value in zip(ends, values, strict=True)
    }


def _nodes(
    program: Program,
    constants: list[Any],
    segments: list[Segment],
    clouds: dict[Variable, Array],
    layers: dict[Variable, str],
) -> list[Node]:
    nodes: list[Node] = []
    probes = _probes(program, constants, segments)
    for segment, probe in zip(segments, probes, strict=True):
        maps, bias, kind = _classify(segment, probe)
        is_told = any(not isinstance(m, Affine) for m in maps)
        name = _layer(segment, layers) or (kind if is_told else f"{kind} {len(nodes) + 1}")
        maps = tuple(Affine(m.weight, m.bias, name) if isinstance(m, Affine) else m for m in maps)
        source = nodes[-1].key if nodes else SOURCE
        node = Node(segment.place, name, kind, (source,), maps, bias)
        if nodes and is_rest(nodes[-1], node):
            node = replace(nodes.pop(), key=node.key)
        nodes.append(node)
    ends: dict[Any, Array] = {SOURCE: flat(clouds[program.input])}
    ends |= {segment.place: flat(clouds[segment.end]) for segment in segments}
    return merged(nodes, ends)


def _probes(program: Program, constants: list[Any], segments: list[Segment]) -> list[Array | None]:
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


def _points(segment: Segment) -> Array | None:
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
    points, shape = _points(segment), segment.start.aval.shape
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


def _classify(segment: Segment, probe: Array | None) -> tuple[tuple[Map, ...], Any, str]:
    """Maps, or a bias, and what to call it."""
    if not segment.told:
        return (), None, "reshape"
    if segment.is_product and probe is not None:
        return (Affine(probe, np.zeros(probe.shape[1], np.float32)),), None, "dot_general"
    if segment.is_unitwise and probe is not None:
        bias, scale = probe[0], probe[1] - probe[0]
        if set(segment.told) <= {"add", "sub"} and np.allclose(scale, 1, atol=1e-6):
            return (), bias, "shift"
        return diagonal(scale, bias, "scale"), None, "scale"
    points = _points(segment)
    known = None if points is None or probe is None else by_values(points, probe)
    if known is not None:
        return (known,), None, known.name
    name = kind_of(segment.kinds, segment.told)
    return (Opaque(name),), None, name


def _layers(program: Program, constants: list[Any], names: dict[int, str]) -> dict[Variable, str]:
    """The layer of every weight, also of one that was only arranged."""
    layers = {
        variable: names[id(value)]
        for variable, value in zip(program.constants, constants, strict=True)
        if id(value) in names
    }
    for equation in program.arrangements:
        if len(equation.variables) == 1 and equation.name in SHAPES:
            (source,) = equation.variables
            if source in layers:
                layers[equation.outputs[0]] = layers[source]
    return layers


def _layer(segment: Segment, layers: dict[Variable, str]) -> str | None:
    """The layer whose weights a segment uses."""
    used = (variable for equation in segment.equations for variable in equation.variables)
    return next((layers[variable] for variable in used if variable in layers), None)
