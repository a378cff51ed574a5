"""A JAX function as a program: its jaxpr, opened, without what its output does not need.

Programs are kept by what they do, not by their model: one that is traced again, as in a film of its
training, is compiled once.
"""

import sys
from collections import OrderedDict
from collections.abc import Callable, Generator, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from unknot.adapters.network import Array
from unknot.errors import UsageError

#: Operations that call one function once.
CALLS = ("jit", "pjit", "closed_call", "custom_jvp_call")
#: Parameters that say how to differentiate: another function each time, and never needed here.
DERIVATIVES = ("jvp_jaxpr_fun", "fwd_jaxpr_thunk", "bwd", "out_trees")
#: Programs that are kept, with their compiled code.
MOST_PROGRAMS = 16


@dataclass(frozen=True, eq=False)
class Variable:
    """A value in a program, known by its identity."""

    aval: Any


@dataclass(frozen=True, eq=False)
class Literal:
    """A value that is part of the program."""

    val: Any


@dataclass(frozen=True, eq=False)
class Equation:
    """One operation: `inputs` are variables, or literals with a ``val``."""

    primitive: Any
    params: dict[str, Any]
    inputs: tuple[Any, ...]
    outputs: tuple[Variable, ...]

    @property
    def name(self) -> str:
        """Of the operation, as JAX has it: ``"dot_general"``, ``"add"``."""
        return str(self.primitive.name)

    @property
    def variables(self) -> list[Variable]:
        """Those of its inputs that are no literals."""
        return [atom for atom in self.inputs if isinstance(atom, Variable)]


@dataclass(frozen=True, eq=False)
class Program:
    """A function for one number of points.

    Attributes
    ----------
    constants : tuple of Variable
        Weights and other arrays of the function's, whose values come with each call.
    arrangements, equations : tuple of Equation
        Those that do not depend on the points, and those that do, without what is not needed.
    input, output : Variable
    compiled : dict
        Functions that were compiled, by the variables that they give.
    sizes : dict
        The same function for other numbers of points.
    """

    constants: tuple[Variable, ...]
    arrangements: tuple[Equation, ...]
    equations: tuple[Equation, ...]
    input: Variable
    output: Variable
    compiled: dict[Hashable, Any] = field(default_factory=dict[Hashable, Any])
    sizes: dict[int, "Program"] = field(default_factory=dict[int, "Program"])

    @property
    def n_points(self) -> int:
        """Rows that it takes."""
        return int(self.input.aval.shape[0])


_programs: OrderedDict[Hashable, Program] = OrderedDict()


def traced(function: Callable[[Any], Any], x: Array, framework: str) -> tuple[Program, list[Any]]:
    """The program of a function for as many points as there are in `x`, and its constants.

    A function that does what an earlier one did, with other weights perhaps, is the same program.
    """
    jax: Any = sys.modules["jax"]

    def of_points(points: Any) -> Any:  # JAX would print the whole model to name it
        return function(points)

    closed, output = jax.make_jaxpr(of_points, return_shape=True)(x)
    place = _place_of_output(output, framework)
    key = _signature(closed.jaxpr), place
    program = _programs.pop(key, None) or _program(closed.jaxpr, place)
    _programs[key] = program
    while len(_programs) > MOST_PROGRAMS:
        _programs.popitem(last=False)
    return program, list(closed.consts)


def output_path(path: Sequence[Any]) -> str:
    """``layers.0.weight`` of JAX's path to a leaf of a tree."""
    keys = [getattr(k, "name", getattr(k, "key", getattr(k, "idx", k))) for k in path]
    return ".".join(str(key) for key in keys if key != "value")


def _place_of_output(output: Any, framework: str) -> int:
    """The number of the one array that a function gives, or of its logits."""
    tree: Any = sys.modules["jax"].tree_util
    names = [output_path(path) for path, _ in tree.tree_flatten_with_path(output)[0]]
    logits = [i for i, name in enumerate(names) if name.rpartition(".")[2] == "logits"]
    if len(names) != 1 and len(logits) != 1:
        raise UsageError(
            f"The {framework} model returns {len(names)} arrays ({', '.join(names[:8])}); unknot "
            "follows one.\nTrace a function that returns one of them: "
            "trace([lambda x: model(x)[0]], data)."
        )
    return 0 if len(names) == 1 else logits[0]


def compute(
    program: Program, constants: Sequence[Any], x: Array, wanted: Sequence[Variable]
) -> list[Any]:
    """The values of these variables, from compiled code."""
    jax: Any = sys.modules["jax"]
    key = tuple(wanted)
    if key not in program.compiled:

        def run(constants: Sequence[Any], x: Any) -> list[Any]:
            made = dict(zip(program.constants, constants, strict=True))
            made[program.input] = x
            run_equations((*program.arrangements, *program.equations), made)
            return [made[variable] for variable in wanted]

        program.compiled[key] = jax.jit(run)
    return list(program.compiled[key](list(constants), x))


def run_equations(equations: Sequence[Equation], made: dict[Any, Any]) -> None:
    """Work out equations in order; `made` holds what they need and takes what they give."""
    for equation in equations:
        inputs = [atom.val if hasattr(atom, "val") else made[atom] for atom in equation.inputs]
        bound = equation.primitive.get_bind_params(equation.params)
        # Before JAX 0.10 it gave functions and parameters.
        functions, parameters = bound if isinstance(bound, tuple) else ((), bound)
        result = equation.primitive.bind(*functions, *inputs, **parameters)
        results = result if equation.primitive.multiple_results else [result]
        made |= dict(zip(equation.outputs, results, strict=True))


def _program(jaxpr: Any, place: int) -> Program:
    variables: dict[Any, Any] = {}
    constants = tuple(_new(variables, v) for v in jaxpr.constvars)
    (source,) = (_new(variables, v) for v in jaxpr.invars)
    everything = list(_opened(jaxpr, variables))
    output = _read(variables, jaxpr.outvars[place])
    depends, needed = {source}, {output}
    for equation in everything:
        if not depends.isdisjoint(equation.variables):
            depends.update(equation.outputs)
    used: list[Equation] = []
    for equation in reversed(everything):
        if not needed.isdisjoint(equation.outputs):
            needed.update(equation.variables)
            used.append(equation)
    used.reverse()
    return Program(
        constants,
        tuple(e for e in used if depends.isdisjoint(e.outputs)),
        tuple(e for e in used if not depends.isdisjoint(e.outputs)),
        source,
        output,
    )


def _new(variables: dict[Any, Any], old: Any) -> Variable:
    variables[old] = Variable(old.aval)
    return variables[old]


def _read(variables: Mapping[Any, Any], atom: Any) -> Any:
    return atom if hasattr(atom, "val") else variables[atom]


def _opened(jaxpr: Any, variables: dict[Any, Any]) -> Generator[Equation]:
    """The equations of a jaxpr; functions in it that hold matrix products are opened."""
    for equation in jaxpr.eqns:
        inputs = tuple(_read(variables, atom) for atom in equation.invars)
        inner = _inner(equation)
        if inner is not None and _has_product(inner.jaxpr):
            inside: dict[Any, Any] = dict(zip(inner.jaxpr.invars, inputs, strict=True))
            inside |= dict(zip(inner.jaxpr.constvars, map(Literal, inner.consts), strict=True))
            yield from _opened(inner.jaxpr, inside)
            for outer, atom in zip(equation.outvars, inner.jaxpr.outvars, strict=True):
                variables[outer] = _read(inside, atom)
        else:
            outputs = tuple(_new(variables, v) for v in equation.outvars)
            yield Equation(equation.primitive, equation.params, inputs, outputs)


def _inner(equation: Any) -> Any:
    """The function that an equation calls, if it calls one once."""
    if equation.primitive.name not in CALLS:
        return None
    return equation.params.get("jaxpr") or equation.params.get("call_jaxpr")


def _has_product(jaxpr: Any) -> bool:
    return any(
        equation.primitive.name in ("dot_general", "conv_general_dilated")
        or (inner is not None and _has_product(inner.jaxpr))
        for equation in jaxpr.eqns
        for inner in [_inner(equation)]
    )


def _signature(jaxpr: Any) -> Hashable:
    """Equal for two jaxprs only if they do the same."""
    numbers: dict[Any, int] = {}

    def of_atom(atom: Any) -> Hashable:
        if hasattr(atom, "val"):
            return ("literal", str(atom.aval), np.asarray(atom.val).tobytes())
        return numbers.setdefault(atom, len(numbers))

    def of_variable(variable: Any) -> Hashable:
        return numbers.setdefault(variable, len(numbers)), str(variable.aval)

    def of_equation(equation: Any) -> Hashable:
        return (
            equation.primitive,
            tuple(of_atom(atom) for atom in equation.invars),
            tuple(
                (name, _of_parameter(value))
                for name, value in sorted(equation.params.items())
                if name not in DERIVATIVES
            ),
            tuple(of_variable(variable) for variable in equation.outvars),
        )

    return (
        tuple(of_variable(v) for v in (*jaxpr.constvars, *jaxpr.invars)),
        tuple(of_equation(equation) for equation in jaxpr.eqns),
        tuple(of_atom(atom) for atom in jaxpr.outvars),
    )


def _of_parameter(value: Any) -> Hashable:
    if hasattr(value, "jaxpr"):  # a closed one
        return _signature(value.jaxpr), tuple(id(constant) for constant in value.consts)
    if hasattr(value, "eqns"):
        return _signature(value)
    if isinstance(value, list | tuple):
        return tuple(_of_parameter(part) for part in value)  # pyright: ignore[reportUnknownVariableType]
    try:
        hash(value)
    except TypeError:
        # Nothing is known of it: never the same as another.
        return object()
    return value
