"""Sizes in an exported program: PyTorch evaluates them as Python, so they are parsed first.

Allowed is arithmetic on whole numbers and symbols (``s0``, ``u1``) whose expansion stays small:
``9**9**9`` is a small text and an endless computation.
"""

import ast
import math
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from unknot.adapters.files.archives import word

SYMBOL = r"[su]\d{1,5}"
LENGTH, TERMS, DEGREE, BITS = 1000, 32, 12, 256
#: Of the smallest and the largest, which are compared each with each.
CHOICES = 8
QUOTIENTS = ("Mod", "PythonMod", "FloorDiv", "CeilDiv")
COMPARISONS = (
    *("Eq", "Ne", "Lt", "Le", "Gt", "Ge", "Equality", "Unequality", "And", "Or", "Not"),
    *("StrictLessThan", "LessThan", "StrictGreaterThan", "GreaterThan"),
)
#: Of one tensor, whose sizes PyTorch multiplies out, and of all of them.
TENSOR, PROGRAM = 16, 2_000


class Extent(NamedTuple):
    """How far an expression can expand: terms of a sum, their degree, digits of the numbers."""

    terms: int
    degree: int
    bits: int


@lru_cache(1000)
def size(text: str) -> tuple[str, int]:
    """The expression, written anew from what was understood of it, and its number of terms.

    Raises
    ------
    ValueError
        When it is anything but a small arithmetic expression.
    """
    if len(text) > LENGTH:
        raise ValueError("it is too long")
    try:
        parsed = ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, RecursionError, MemoryError) as error:
        raise ValueError("it is no expression") from error
    return ast.unparse(parsed), _extent(parsed).terms


def cost(tensors: Iterable[dict[str, Any]]) -> int:
    """How many terms the sizes of all tensors have, multiplied out, beyond the first of each.

    Raises
    ------
    ValueError
        When they are too many.
    """
    total = 0
    for tensor in tensors:
        texts = [one["as_expr"]["expr_str"] for one in tensor["sizes"] if "as_expr" in one]
        terms = math.prod(size(text)[1] for text in texts)
        total += terms - 1
        if terms > TENSOR or total > PROGRAM:
            raise ValueError("it expands too far")
    return total


def _extent(node: ast.expr) -> Extent:
    match node:
        case ast.Constant(value=bool()):
            found = Extent(1, 0, 1)
        case ast.Constant(value=int(value)):
            found = Extent(1, 0, value.bit_length())
        case ast.Name(id=name) if word(name, SYMBOL):
            found = Extent(1, 1, 1)
        case ast.UnaryOp(op=ast.USub() | ast.UAdd(), operand=inner):
            found = _extent(inner)
        case ast.BinOp(left=left, op=ast.Add() | ast.Sub(), right=right):
            found = _sum([_extent(left), _extent(right)])
        case ast.BinOp(left=left, op=ast.Mult(), right=right):
            found = _product([_extent(left), _extent(right)])
        case ast.BinOp(left=left, op=ast.FloorDiv() | ast.Mod(), right=right):
            found = _whole([_extent(left), _extent(right)])
        case ast.BinOp(left=base, op=ast.Pow(), right=exponent):
            found = _power(base, exponent)
        case ast.Compare(left=left, comparators=[right]):
            found = _sum([_extent(left), _extent(right)])
        case ast.Call(func=ast.Name(id=name), args=arguments, keywords=keywords):
            found = _call(name, arguments, keywords)
        case _:
            raise ValueError(type(node).__name__)
    return _checked(found)


def _checked(extent: Extent) -> Extent:
    if extent.terms > TERMS or extent.degree > DEGREE or extent.bits > BITS:
        raise ValueError("it expands too far")
    return extent


def _call(name: str, arguments: list[ast.expr], keywords: list[ast.keyword]) -> Extent:
    if name == "Symbol":
        return _symbol(arguments, keywords)
    if keywords or not arguments:
        raise ValueError(name)
    if name == "Pow" and len(arguments) == 2:
        return _power(*arguments)
    extents = [_extent(argument) for argument in arguments]
    if name == "Integer" and len(extents) == 1:
        return extents[0]
    if name == "Add" or name in COMPARISONS:
        return _sum(extents)
    if name == "Mul":
        return _product(extents)
    if (name in ("Max", "Min") and len(extents) <= CHOICES) or (
        name in QUOTIENTS and len(extents) == 2
    ):
        return _whole(extents)
    raise ValueError(name)


def _symbol(arguments: list[ast.expr], keywords: list[ast.keyword]) -> Extent:
    match arguments:
        case [ast.Constant(value=str(name))] if word(name, SYMBOL):
            pass
        case _:
            raise ValueError("Symbol")
    for keyword in keywords:
        about = keyword.arg in ("positive", "nonnegative", "integer")
        if not about or not isinstance(keyword.value, ast.Constant):
            raise ValueError("Symbol")
        if not isinstance(keyword.value.value, bool):
            raise ValueError("Symbol")
    return Extent(1, 1, 1)


def _power(base: ast.expr, exponent: ast.expr) -> Extent:
    match exponent:
        case ast.Constant(value=int(times)) if 0 <= times <= DEGREE:
            pass
        case ast.Call(
            func=ast.Name(id="Integer"), args=[ast.Constant(value=int(times))], keywords=[]
        ) if 0 <= times <= DEGREE:
            pass
        case _:
            raise ValueError("a power that is no small number")
    return _product([_extent(base)] * times) if times else Extent(1, 0, 1)


def _sum(parts: Sequence[Extent]) -> Extent:
    return Extent(
        sum(part.terms for part in parts),
        max(part.degree for part in parts),
        max(part.bits for part in parts) + len(parts),
    )


def _product(parts: Sequence[Extent]) -> Extent:
    return Extent(
        math.prod(part.terms for part in parts),
        sum(part.degree for part in parts),
        sum(part.bits for part in parts),
    )


def _whole(parts: Sequence[Extent]) -> Extent:
    """Of what stays one term, whatever is in it; working it out takes the product of its parts."""
    return _checked(_product(parts))._replace(terms=1, degree=1)
