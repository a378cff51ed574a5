"""A JAX function as the list of operations that it is: the same for Flax, Equinox and bare JAX.

The function is traced to its jaxpr. Where everything passes through one array with one point a
row, the cloud can be seen; between two such places lies a map. An activation is therefore seen
although it is no module, and whatever it is written in.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from unknot.adapters.graph import SOURCE, Chain, Node, diagonal, main_chain
from unknot.adapters.jax_program import (
    SHAPES,
    Program,
    clouds_of,
    evaluate,
    origins,
    places_of,
    read,
    run_program,
    trace,
)
from unknot.adapters.network import Array
from unknot.adapters.recognise import activation_by_values, activation_named, agrees
from unknot.adapters.settling import flat
from unknot.maps import Affine, Map, Opaque
from unknot.representation import softmax

#: Points with which the structure is found: a prime, so that no layer is as wide by chance.
PROBE = 251
UNITWISE = {"add", "sub", "mul", "div", "neg"}


def follow(
    function: Callable[[Any], Any], sample: Array, names: dict[int, str], framework: str
) -> tuple[Chain, Callable[[Array], list[Array]]]:
    """The chain of places to show, and the function that gives their values.

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
    x = np.resize(sample, (PROBE, *sample.shape[1:])).astype(sample.dtype, copy=False)
    program = trace(function, x, framework)
    clouds = clouds_of(program, x)
    places = places_of(program, clouds)
    nodes, kept = _nodes(program, places, clouds, x, names)
    chain = main_chain(nodes, nodes[-1].key if nodes else SOURCE, None, framework)
    wanted = [key for key in chain.keys if key in kept]
    runners: dict[int, Any] = {}

    def forward(batch: Array) -> list[Array]:
        n = len(batch)
        size = min((m for m in runners if n <= m <= 4 * n), default=n)
        if size not in runners:
            runners[size] = _runner(function, batch, wanted, framework)
        padded = batch if size == n else np.resize(batch, (size, *batch.shape[1:]))
        return [np.asarray(value)[:n] for value in runners[size](padded)]

    return chain, forward


def _nodes(
    program: Program, places: list[int], clouds: dict[Any, Array], x: Array, names: dict[int, str]
) -> tuple[list[Node], set[int]]:
    nodes: list[Node] = []
    start, before, variable = 0, flat(x), program.input
    for j, place in enumerate(places):
        segment = program.equations[start : place + 1]
        kinds = _kinds(segment)
        following = places[j + 1] if j + 1 < len(places) else None
        if following is not None and _is_unitwise(kinds) and len(kinds - SHAPES) and nodes:
            rest = program.equations[place + 1 : following + 1]
            after_product = nodes[-1].kind == "dot_general"
            if _is_unitwise(_kinds(rest)) and not (after_product and kinds - SHAPES <= {"add"}):
                continue  # scale and shift in one map
        end = program.equations[place].outvars[0]
        run = _segment(program, segment, variable, end, clouds)
        maps, bias, kind = _classify(kinds, run, before, flat(clouds[end]), clouds, variable)
        name = _layer(program, segment, names) or f"{kind} {len(nodes) + 1}"
        maps = tuple(Affine(m.weight, m.bias, name) if isinstance(m, Affine) else m for m in maps)
        source = nodes[-1].key if nodes else SOURCE
        nodes.append(Node(place, name, kind, (source,), maps, bias))
        start, before, variable = place + 1, flat(clouds[end]), end
    ends: dict[Any, Array] = {SOURCE: flat(x)}
    ends |= {i: flat(clouds[program.equations[i].outvars[0]]) for i in places}
    nodes = _merged(nodes, ends)
    return nodes, {node.key for node in nodes if isinstance(node.key, int)}


def _merged(nodes: list[Node], ends: dict[Any, Array]) -> list[Node]:
    """Functions written in several operations, softmax among them, as one."""
    result: list[Node] = []
    while nodes:
        n, known = next(
            (
                (n, known)
                for n in (4, 3, 2)
                if len(nodes) >= n and any(isinstance(m, Opaque) for w in nodes[:n] for m in w.maps)
                for known in [_by_values(ends[nodes[0].inputs[0]], ends[nodes[n - 1].key])]
                if known is not None
            ),
            (1, None),
        )
        merged = nodes[n - 1]
        if known is not None:
            name, inputs = known.name, nodes[0].inputs
            merged = replace(merged, kind=name, name=name, inputs=inputs, maps=(known,), bias=None)
        result.append(merged)
        nodes = nodes[n:]
    return result


def _by_values(before: Array, after: Array) -> Map | None:
    """An activation, softmax or its logarithm, where the values tell."""
    if before.shape != after.shape:
        return None
    image = softmax(before)
    if before.shape[1] > 1 and agrees(Opaque("softmax"), before, image, after):
        return Opaque("softmax")
    with np.errstate(divide="ignore"):
        if before.shape[1] > 1 and np.allclose(np.log(image), after, atol=1e-4):
            return Opaque("log_softmax")
    return activation_by_values(before, after)


def _kinds(segment: list[Any]) -> set[str]:
    return {str(equation.primitive.name) for equation in segment}


def _is_unitwise(kinds: set[str]) -> bool:
    return kinds <= UNITWISE | SHAPES


def _segment(
    program: Program, segment: list[Any], start: Any, end: Any, clouds: dict[Any, Array]
) -> Callable[[Array], Array]:
    """The map between two places, for points (n, n_units) of the first."""
    shape = start.aval.shape

    def run(points: Array) -> Array:
        padded = np.zeros((PROBE, points.shape[1]), np.float32)
        padded[: len(points)] = points
        made = dict(program.constants)
        made[start] = padded.reshape(shape).astype(start.aval.dtype)
        for equation in segment:
            inputs = [read(made, atom) for atom in equation.invars]
            made |= dict(zip(equation.outvars, evaluate(equation, inputs), strict=True))
        return flat(np.asarray(made[end], np.float32))[: len(points)]

    return run


def _classify(
    kinds: set[str],
    run: Callable[[Array], Array],
    before: Array,
    after: Array,
    clouds: dict[Any, Array],
    variable: Any,
) -> tuple[tuple[Map, ...], Any, str]:
    """Maps, or a bias, and what to call it."""
    told = sorted(kinds - SHAPES)
    n_in = before.shape[1]
    if not told:
        return (), None, "reshape"
    if told == ["dot_general"] and len(variable.aval.shape) == 2:
        rows = np.eye(n_in, dtype=np.float32)
        weight = np.concatenate([run(rows[i : i + PROBE]) for i in range(0, n_in, PROBE)])
        return (Affine(weight, np.zeros(weight.shape[1], np.float32)),), None, "dot_general"
    if _is_unitwise(kinds) and before.shape == after.shape:
        ends = run(np.stack([np.zeros(n_in), np.ones(n_in)]).astype(np.float32))
        if set(told) <= {"add", "sub"} and np.allclose(ends[1] - ends[0], 1, atol=1e-6):
            return (), ends[0], "shift"
        return diagonal(ends[1] - ends[0], ends[0], "scale"), None, "scale"
    known = _by_values(before, after)
    if known is not None:
        return (known,), None, known.name
    name = told[0] if len(told) == 1 else "function"
    return (activation_named(name) or Opaque(name),), None, name


def _layer(program: Program, segment: list[Any], names: dict[int, str]) -> str | None:
    """The layer whose weights a segment uses."""
    for equation in segment:
        for atom in equation.invars:
            if hasattr(atom, "val") or atom not in program.constants:
                continue
            value = program.constants[atom]
            while id(value) not in names and id(value) in origins:
                value = origins[id(value)]
            if id(value) in names:
                return names[id(value)]
    return None


def _runner(
    function: Callable[[Any], Any], batch: Array, places: list[int], framework: str
) -> Callable[[Array], list[Any]]:
    # Operation by operation: compiling the whole takes longer than it saves on one pass.
    program = trace(function, batch, framework)
    ends = [program.equations[place].outvars[0] for place in places]

    def run(x: Any) -> list[Any]:
        made = run_program(program, x)
        return [made[end] for end in ends]

    return run


def layer_names(paths: Sequence[tuple[Sequence[Any], Any]]) -> dict[int, str]:
    """``layers.0`` of the weight ``.layers[0].weight``, by the ``id`` of the array."""
    found: dict[int, str] = {}
    for path, leaf in paths:
        parts = [
            str(getattr(key, "name", getattr(key, "key", getattr(key, "idx", key)))) for key in path
        ]
        parts = [part for part in parts if part != "value"]
        if hasattr(leaf, "shape") and parts:
            found[id(leaf)] = ".".join(parts[:-1]) or parts[-1]
    return found
