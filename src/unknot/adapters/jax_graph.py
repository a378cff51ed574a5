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
from unknot.adapters.network import Array
from unknot.adapters.recognise import activation_by_values, activation_named, agrees
from unknot.adapters.settling import flat
from unknot.errors import UsageError
from unknot.maps import Affine, Map, Opaque
from unknot.representation import softmax

#: Points with which the structure is found: a prime, so that no layer is as wide by chance.
PROBE = 251
#: Operations that only arrange.
SHAPES = {
    *("reshape", "transpose", "broadcast_in_dim", "squeeze", "expand_dims", "copy", "copy_p"),
    *("convert_element_type", "stop_gradient", "name"),
}
PRODUCTS = {"dot_general"}
UNITWISE = {"add", "sub", "mul", "div", "neg"}


@dataclass(frozen=True)
class Program:
    """A function for one number of points, without what does not lead to its output.

    Attributes
    ----------
    equations : list
        Those that depend on the points.
    constants : dict
        Values of the variables that do not.
    input, output : variables
    """

    equations: list[Any]
    constants: dict[Any, Any]
    input: Any
    output: Any


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
    clouds = _clouds(program, x)
    places = _places(program, clouds)
    nodes, kept = _nodes(program, places, clouds, x, names)
    chain = main_chain(nodes, nodes[-1].key if nodes else SOURCE, None, framework)
    wanted = [key for key in chain.keys if key in kept]
    compiled: dict[int, Any] = {}

    def forward(batch: Array) -> list[Array]:
        n = len(batch)
        size = min((m for m in compiled if n <= m <= 4 * n), default=n)
        if size not in compiled:
            compiled[size] = _compile(function, batch, wanted, framework)
        padded = batch if size == n else np.resize(batch, (size, *batch.shape[1:]))
        return [np.asarray(value)[:n] for value in compiled[size](padded)]

    return chain, forward


def trace(function: Callable[[Any], Any], x: Array, framework: str) -> Program:
    """The program of a function for as many points as there are in `x`."""
    jax: Any = sys.modules["jax"]
    closed = jax.make_jaxpr(function)(x)
    if len(closed.jaxpr.outvars) != 1:
        raise UsageError(
            f"The {framework} model returns {len(closed.jaxpr.outvars)} arrays; unknot follows one."
            "\nTrace a function that returns one of them: trace([lambda x: model(x)[0]], data)."
        )

    def opened(x: Any) -> Any:
        return _inlined(closed.jaxpr, closed.consts, [x])[0]

    flat_jaxpr = jax.make_jaxpr(opened)(x)
    return _program(flat_jaxpr.jaxpr, flat_jaxpr.consts)


def _inlined(jaxpr: Any, constants: Sequence[Any], arguments: Sequence[Any]) -> list[Any]:
    """Evaluate a jaxpr; functions in it that hold matrix products are opened."""
    made: dict[Any, Any] = dict(zip(jaxpr.constvars, constants, strict=True))
    made |= dict(zip(jaxpr.invars, arguments, strict=True))
    for equation in jaxpr.eqns:
        inputs = [_read(made, atom) for atom in equation.invars]
        inner = _inner(equation)
        if inner is not None and _has_product(inner.jaxpr):
            results = _inlined(inner.jaxpr, inner.consts, inputs)
        else:
            results = _evaluate(equation, inputs)
        made |= dict(zip(equation.outvars, results, strict=True))
    return [_read(made, atom) for atom in jaxpr.outvars]


def _evaluate(equation: Any, inputs: list[Any]) -> list[Any]:
    bound = equation.primitive.get_bind_params(equation.params)
    # Before JAX 0.10 it gave functions and parameters.
    functions, parameters = bound if isinstance(bound, tuple) else ((), bound)
    result = equation.primitive.bind(*functions, *inputs, **parameters)
    return list(result) if equation.primitive.multiple_results else [result]


def _read(made: dict[Any, Any], atom: Any) -> Any:
    return atom.val if hasattr(atom, "val") else made[atom]


def _inner(equation: Any) -> Any:
    """The function that an equation calls, if it calls one once."""
    if equation.primitive.name not in ("jit", "pjit", "closed_call", "custom_jvp_call"):
        return None
    return equation.params.get("jaxpr") or equation.params.get("call_jaxpr")


def _has_product(jaxpr: Any) -> bool:
    return any(
        equation.primitive.name in ("dot_general", "conv_general_dilated")
        or (inner is not None and _has_product(inner.jaxpr))
        for equation in jaxpr.eqns
        for inner in [_inner(equation)]
    )


def _program(jaxpr: Any, constants: Sequence[Any]) -> Program:
    made: dict[Any, Any] = dict(zip(jaxpr.constvars, constants, strict=True))
    (source,), (output,) = jaxpr.invars, jaxpr.outvars
    depends = {source}
    equations: list[Any] = []
    for equation in jaxpr.eqns:
        variables = [a for a in equation.invars if not hasattr(a, "val")]
        if any(a in depends for a in variables):
            depends.update(equation.outvars)
            equations.append(equation)
        else:
            inputs = [_read(made, atom) for atom in equation.invars]
            made |= dict(zip(equation.outvars, _evaluate(equation, inputs), strict=True))
            # A weight that was only arranged keeps its layer's name: see `_layer`.
            if len(variables) == 1 and equation.primitive.name in SHAPES:
                _origins[id(made[equation.outvars[0]])] = made[variables[0]]
    needed, kept = {output}, list[Any]()
    for equation in reversed(equations):
        if needed & set(equation.outvars):
            needed.update(a for a in equation.invars if not hasattr(a, "val"))
            kept.append(equation)
    return Program(kept[::-1], made, source, output)


#: What an arranged constant was made of; only to find names, so a stale entry does no harm.
_origins: dict[int, Any] = {}


def _run(program: Program, x: Any) -> dict[Any, Any]:
    made = dict(program.constants)
    made[program.input] = x
    for equation in program.equations:
        inputs = [_read(made, atom) for atom in equation.invars]
        made |= dict(zip(equation.outvars, _evaluate(equation, inputs), strict=True))
    return made


def _clouds(program: Program, x: Array) -> dict[Any, Array]:
    """Values of the variables that have one point a row."""
    made = _run(program, x)
    return {
        variable: np.asarray(made[variable])
        for equation in program.equations
        for variable in equation.outvars
        if variable in made and _is_cloud(made[variable], len(x))
    }


def _is_cloud(value: Any, n: int) -> bool:
    kind = np.dtype(value.dtype).kind if hasattr(value, "dtype") else "O"
    return getattr(value, "ndim", 0) >= 1 and value.shape[0] == n and kind in "fiuV"


def _places(program: Program, clouds: dict[Any, Array]) -> list[int]:
    """Numbers of the equations through whose output alone everything passes."""
    last_use: dict[Any, int] = {}
    for i, equation in enumerate(program.equations):
        for atom in equation.invars:
            if not hasattr(atom, "val"):
                last_use[atom] = i
    alive, places = last_use.get(program.input, 0), list[int]()
    for i, equation in enumerate(program.equations):
        if alive <= i and len(equation.outvars) == 1 and equation.outvars[0] in clouds:
            places.append(i)
        alive = max([alive, *(last_use.get(v, 0) for v in equation.outvars)])
    return places


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
            inputs = [_read(made, atom) for atom in equation.invars]
            made |= dict(zip(equation.outvars, _evaluate(equation, inputs), strict=True))
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
            while id(value) not in names and id(value) in _origins:
                value = _origins[id(value)]
            if id(value) in names:
                return names[id(value)]
    return None


def _compile(
    function: Callable[[Any], Any], batch: Array, places: list[int], framework: str
) -> Callable[[Array], list[Any]]:
    jax: Any = sys.modules["jax"]
    program = trace(function, batch, framework)
    ends = [program.equations[place].outvars[0] for place in places]

    def run(x: Any) -> list[Any]:
        made = _run(program, x)
        return [made[end] for end in ends]

    return jax.jit(run)


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
