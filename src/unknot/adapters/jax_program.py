"""A JAX function as a program: its jaxpr, opened, without what its output does not need."""

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from unknot.adapters.network import Array
from unknot.errors import UsageError

#: Operations that only arrange.
SHAPES = {
    *("reshape", "transpose", "broadcast_in_dim", "squeeze", "expand_dims", "copy", "copy_p"),
    *("convert_element_type", "stop_gradient", "name"),
}


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
        inputs = [read(made, atom) for atom in equation.invars]
        inner = _inner(equation)
        if inner is not None and _has_product(inner.jaxpr):
            results = _inlined(inner.jaxpr, inner.consts, inputs)
        else:
            results = evaluate(equation, inputs)
        made |= dict(zip(equation.outvars, results, strict=True))
    return [read(made, atom) for atom in jaxpr.outvars]


def evaluate(equation: Any, inputs: list[Any]) -> list[Any]:
    bound = equation.primitive.get_bind_params(equation.params)
    # Before JAX 0.10 it gave functions and parameters.
    functions, parameters = bound if isinstance(bound, tuple) else ((), bound)
    result = equation.primitive.bind(*functions, *inputs, **parameters)
    return list(result) if equation.primitive.multiple_results else [result]


def read(made: dict[Any, Any], atom: Any) -> Any:
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
            inputs = [read(made, atom) for atom in equation.invars]
            made |= dict(zip(equation.outvars, evaluate(equation, inputs), strict=True))
            # A weight that was only arranged keeps its layer's name: see `_layer`.
            if len(variables) == 1 and equation.primitive.name in SHAPES:
                origins[id(made[equation.outvars[0]])] = made[variables[0]]
    needed, kept = {output}, list[Any]()
    for equation in reversed(equations):
        if needed & set(equation.outvars):
            needed.update(a for a in equation.invars if not hasattr(a, "val"))
            kept.append(equation)
    return Program(kept[::-1], made, source, output)


#: What an arranged constant was made of; only to find names, so a stale entry does no harm.
origins: dict[int, Any] = {}


def run_program(program: Program, x: Any) -> dict[Any, Any]:
    made = dict(program.constants)
    made[program.input] = x
    for equation in program.equations:
        inputs = [read(made, atom) for atom in equation.invars]
        made |= dict(zip(equation.outvars, evaluate(equation, inputs), strict=True))
    return made


def clouds_of(program: Program, x: Array) -> dict[Any, Array]:
    """Values of the variables that have one point a row."""
    made = run_program(program, x)
    return {
        variable: np.asarray(made[variable])
        for equation in program.equations
        for variable in equation.outvars
        if variable in made and _is_cloud(made[variable], len(x))
    }


def _is_cloud(value: Any, n: int) -> bool:
    kind = np.dtype(value.dtype).kind if hasattr(value, "dtype") else "O"
    return getattr(value, "ndim", 0) >= 1 and value.shape[0] == n and kind in "fiuV"


def places_of(program: Program, clouds: dict[Any, Array]) -> list[int]:
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
