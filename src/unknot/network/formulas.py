"""What a record of an activation is, and the formula in it: one formula, four languages.

A formula is a Python function of `z` and of `of`, the functions it may use: ``of.where(z > 0, z,
0.2 * z)``. Given NumPy's or JAX's it works out values; given expressions it writes itself down
as a *tree* of JSON values, which the page evaluates and turns into GLSL
(``viewer/src/network/activations.ts``). Allowed are ``+ - * /``, whole powers, comparisons with
``of.where``, and the names in `FUNCTIONS`: what is added here is added there.
"""

import inspect
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property, partialmethod
from types import SimpleNamespace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from scipy.special import erf, expit

from unknot.table import Table

#: Name → number of arguments. ``relu`` is max(z, 0) with the derivative 0 at 0.
FUNCTIONS = {
    **dict.fromkeys(("abs", "erf", "exp", "expm1", "log1p", "relu", "sigmoid", "sin"), 1),
    **dict.fromkeys(("softplus", "tanh"), 1),
    **dict.fromkeys(("maximum", "minimum"), 2),
    "where": 3,
}

#: A number, ``"z"``, the name of a parameter, or a list: an operation and its arguments.
Tree = float | str | list[Any]

Array = NDArray[np.floating]


def _relu(z: Array) -> Array:
    # Half the time of np.maximum, whose loop for one number is not vectorised.
    return np.clip(z, 0, np.inf)


def _softplus(z: Array) -> Array:
    return np.maximum(z, 0) + np.log1p(np.exp(-np.abs(z)))


numpy_functions = SimpleNamespace(
    abs=np.abs,
    erf=erf,
    exp=np.exp,
    expm1=np.expm1,
    log1p=np.log1p,
    maximum=np.maximum,
    minimum=np.minimum,
    relu=_relu,
    sigmoid=expit,
    sin=np.sin,
    softplus=_softplus,
    tanh=np.tanh,
    where=np.where,
)


@cache
def jax_functions() -> SimpleNamespace:
    """JAX's, with its own derivatives where a formula has a corner."""
    import jax
    import jax.numpy as jnp

    own = {name: getattr(jax.nn, name) for name in ("relu", "sigmoid", "softplus")}
    own["erf"] = jax.lax.erf
    return SimpleNamespace(
        **{name: own[name] if name in own else getattr(jnp, name) for name in FUNCTIONS}
    )


class Expression:
    """What a formula does to its arguments, written down.

    Attributes
    ----------
    tree : Tree
    """

    #: NumPy's numbers leave the arithmetic to it.
    __array_ufunc__ = None

    def __init__(self, tree: Tree) -> None:
        self.tree = tree

    def _with(self, operation: str, other: Any) -> "Expression":
        return expression(operation, self, other)

    def _after(self, operation: str, other: Any) -> "Expression":
        return expression(operation, other, self)

    __add__, __radd__ = partialmethod(_with, "+"), partialmethod(_after, "+")
    __sub__, __rsub__ = partialmethod(_with, "-"), partialmethod(_after, "-")
    __mul__, __rmul__ = partialmethod(_with, "*"), partialmethod(_after, "*")
    __truediv__, __rtruediv__ = partialmethod(_with, "/"), partialmethod(_after, "/")
    __gt__, __ge__ = partialmethod(_with, ">"), partialmethod(_with, ">=")
    __lt__, __le__ = partialmethod(_after, ">"), partialmethod(_after, ">=")

    def __neg__(self) -> "Expression":
        return expression("-", 0, self)

    def __pow__(self, exponent: int) -> "Expression":
        product = self
        for _ in range(exponent - 1):
            product = product * self
        return product

    def __bool__(self) -> bool:
        raise TypeError("a formula is for every z at once: write of.where(…) for if")


def expression(operation: str, *arguments: Any) -> Expression:
    """An operation on expressions and numbers."""
    trees = [tree_of(each) for each in arguments]
    if operation in ("*", "/") and trees[1] == 1:
        return Expression(trees[0])
    if operation == "*" and trees[0] == 1:
        return Expression(trees[1])
    return Expression([operation, *trees])


def tree_of(value: Any) -> Tree:
    """The tree of an expression; a number as it is.

    Raises
    ------
    TypeError
        For anything else: the page could not work it out.
    """
    if isinstance(value, Expression):
        return value.tree
    number = float(value)
    if not math.isfinite(number):
        raise TypeError(f"a formula has finite numbers; got {number}")
    return int(number) if number.is_integer() else number


def _function(name: str, n_arguments: int) -> Any:
    def write(*arguments: Any) -> Expression:
        if len(arguments) != n_arguments:
            raise TypeError(f"of.{name} takes {n_arguments} arguments; got {len(arguments)}")
        return expression(name, *arguments)

    return write


expression_functions = SimpleNamespace(
    **{name: _function(name, n) for name, n in FUNCTIONS.items()}
)


#: One number for all units, or one a unit.
Parameter = float | tuple[float, ...]
Monotone = Literal["strictly", "weakly", "no"]
#: A fact that depends on the parameters.
OfParameters = Callable[[Any], Any] | Callable[[Any, Any], Any]
FRAMEWORKS = ("torch", "keras", "jax", "sklearn", "onnx")


@dataclass(frozen=True)
class Alias:
    """What a framework calls an activation.

    Attributes
    ----------
    name : str
        Of the module, layer, function or operator; capitals and ``_`` do not matter.
    parameters : dict
        Our parameter → the framework's attribute.
    where : dict
        Attribute → the values that it must have; None stands for one that is not there.
    """

    name: str
    parameters: Mapping[str, str] = field(default_factory=dict[str, str])
    where: Mapping[str, tuple[Any, ...]] = field(default_factory=dict[str, tuple[Any, ...]])


#: Open intervals of a unit's values; an end is a number, or one a unit.
Intervals = tuple[tuple[Any, Any], ...]


@dataclass(frozen=True)
class Clause:
    """A part of an activation's sentence, and of which values it tells.

    Attributes
    ----------
    text : str
        ``{slope}`` stands for a parameter.
    where : tuple of (low, high), or a function of the parameters
        It is said where a value lies inside one of these.
    is_both : bool
        It is said only where one unit has values inside each of them.
    """

    text: str
    where: Intervals | OfParameters
    is_both: bool = False

    def holds(self, z: Array, where: Intervals) -> bool:
        """Whether it can be said of a cloud before the activation, (n_points, n_units)."""
        inside = [np.any((z > low) & (z < high), axis=0) for low, high in where]
        if not inside:
            return False
        return bool((np.all if self.is_both else np.any)(inside, axis=0).any())


def clause(text: str, *where: tuple[Any, Any], is_both: bool = False) -> Clause:
    """A clause of intervals that hang on no parameter."""
    return Clause(text, where, is_both)


def alias(
    name: str, where: Mapping[str, tuple[Any, ...]] | None = None, **parameters: str
) -> Alias:
    """An alias; parameters as ``slope="negative_slope"``."""
    return Alias(name, parameters, where or {})


#: Intervals of values.
ANY, NEGATIVE, POSITIVE = (-math.inf, math.inf), (-math.inf, 0.0), (0.0, math.inf)


@dataclass(frozen=True, eq=False)
class ActivationFunction:
    """An entry of the table.

    Attributes
    ----------
    name : str
    formula : callable
        ``(z, of, **parameters)``; see ``formulas``.
    defaults : dict
        Its parameters, with the values that they have unless others are given.
    clauses : tuple of Clause
        What it does, for people. Of a cloud those are said that hold for it.
    otherwise : str
        What is said of a cloud that it changes although no clause holds.
    bounds, knots, monotone
        Values, or functions of the parameters: between which numbers its values lie; where its
        formula changes (nowhere for a smooth one); whether it only rises.
    is_piecewise_linear : bool
    estimates : dict
        Parameter → ``(z, values) -> numbers``: what it is by the values, one for all units or
        one a unit.
    aliases : dict
        Framework → names, in the order in which they are tried.
    """

    name: str
    formula: Callable[..., Any]
    clauses: tuple[Clause, ...]
    otherwise: str
    bounds: tuple[float, float] | OfParameters
    knots: tuple[float, ...] | OfParameters
    monotone: Monotone | OfParameters
    is_piecewise_linear: bool
    estimates: Mapping[str, Callable[[Array, Array], Array]]
    aliases: Mapping[str, tuple[Alias, ...]]

    @property
    def __name__(self) -> str:
        return self.name

    @property
    def sentence(self) -> str:
        """All clauses."""
        return JOINT.join(each.text for each in self.clauses)

    @cached_property
    def defaults(self) -> dict[str, float]:
        """Parameter → its usual value."""
        parameters = inspect.signature(self.formula).parameters.values()
        return {p.name: float(p.default) for p in parameters if p.default is not p.empty}

    def __call__(self, z: Array, **parameters: Any) -> Array:
        """The image of some values by NumPy, in their precision."""
        return self.formula(z, numpy_functions, **(self.defaults | parameters))

    def jax(self, z: Any, **parameters: Any) -> Any:
        """The same by JAX."""
        return self.formula(z, jax_functions(), **(self.defaults | parameters))

    def tree(self, **parameters: Any) -> Tree:
        """The formula as JSON values; a parameter that is an `Expression` stays a name."""
        made = self.formula(Expression("z"), expression_functions, **(self.defaults | parameters))
        return tree_of(made)

    def fact(self, what: Any, **parameters: Any) -> Any:
        """A value, or what a function says of the parameters."""
        return what(**(self.defaults | parameters)) if callable(what) else what


activations: Table[ActivationFunction] = Table("activation")


#: Between the clauses of a sentence.
JOINT = ", "


def activation(
    *said: str | Clause,
    otherwise: str = "each unit is bent by itself",
    bounds: tuple[float, float] | OfParameters = (-math.inf, math.inf),
    knots: tuple[float, ...] | OfParameters = (),
    monotone: Monotone | OfParameters = "strictly",
    is_piecewise_linear: bool = False,
    estimates: Mapping[str, Callable[[Array, Array], Array]] | None = None,
    **aliases: Sequence[str | Alias],
) -> Callable[[Callable[..., Any]], ActivationFunction]:
    """Add a formula to the table; see `ActivationFunction` for the arguments.

    `said` are the clauses of its sentence; text alone is said wherever it changes anything.
    `aliases` are by framework; a bare string is a name without parameters.
    """

    def add(formula: Callable[..., Any]) -> ActivationFunction:
        entry = ActivationFunction(
            name=formula.__name__.rstrip("_"),
            formula=formula,
            clauses=tuple(clause(s, ANY) if isinstance(s, str) else s for s in said),
            otherwise=otherwise,
            bounds=bounds,
            knots=knots,
            monotone=monotone,
            is_piecewise_linear=is_piecewise_linear,
            estimates=estimates or {},
            aliases={
                framework: tuple(Alias(n) if isinstance(n, str) else n for n in names)
                for framework, names in aliases.items()
            },
        )
        entry.tree()  # a formula that the page could not work out is an error here
        return activations.add(entry)

    return add


def plain(name: str) -> str:
    """``"LeakyReLU"``, ``"leaky_relu_"`` → ``"leakyrelu"``."""
    return name.replace("_", "").lower()


def aliases_of(
    name: str, framework: str | None = None
) -> Iterator[tuple[ActivationFunction, Alias]]:
    """The records that go by a framework's name, in the order of the table.

    Without a framework: by a name of any, or by their own.
    """
    for entry in map(activations.__getitem__, activations):
        frameworks = FRAMEWORKS if framework is None else (framework,)
        known = [a for each in frameworks for a in entry.aliases.get(each, ())]
        if framework is None:
            known.append(Alias(entry.name))
        yield from ((entry, each) for each in known if plain(each.name) == plain(name))
