"""The operations of an exported program, rebuilt from what is known to be harmless.

PyTorch makes Python code of a program: names of values become names of variables, sizes are
evaluated, and the containers of inputs and outputs may name classes to import. So every text
has to be of the form that its place allows, and what unknot does not need is left out.

Sizes are arithmetic on whole numbers and symbols (``s0``, ``u1``) whose expansion stays small:
``9**9**9`` is a small text and an endless computation.
"""

import ast
import json
import math
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from unknot.adapters.files.archives import RefusedError, word

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


class _Extent(NamedTuple):
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


def _extent(node: ast.expr) -> _Extent:
    match node:
        case ast.Constant(value=bool()):
            extent = _Extent(1, 0, 1)
        case ast.Constant(value=int(value)):
            extent = _Extent(1, 0, value.bit_length())
        case ast.Name(id=name) if word(name, SYMBOL):
            extent = _Extent(1, 1, 1)
        case ast.UnaryOp(op=ast.USub() | ast.UAdd(), operand=inner):
            extent = _extent(inner)
        case ast.BinOp(left=left, op=ast.Add() | ast.Sub(), right=right):
            extent = _sum([_extent(left), _extent(right)])
        case ast.BinOp(left=left, op=ast.Mult(), right=right):
            extent = _product([_extent(left), _extent(right)])
        case ast.BinOp(left=left, op=ast.FloorDiv() | ast.Mod(), right=right):
            extent = _whole([_extent(left), _extent(right)])
        case ast.BinOp(left=base, op=ast.Pow(), right=exponent):
            extent = _power(base, exponent)
        case ast.Compare(left=left, comparators=[right]):
            extent = _sum([_extent(left), _extent(right)])
        case ast.Call(func=ast.Name(id=name), args=arguments, keywords=keywords):
            extent = _call(name, arguments, keywords)
        case _:
            raise ValueError(type(node).__name__)
    return _checked(extent)


def _checked(extent: _Extent) -> _Extent:
    if extent.terms > TERMS or extent.degree > DEGREE or extent.bits > BITS:
        raise ValueError("it expands too far")
    return extent


def _call(name: str, arguments: list[ast.expr], keywords: list[ast.keyword]) -> _Extent:
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


def _symbol(arguments: list[ast.expr], keywords: list[ast.keyword]) -> _Extent:
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
    return _Extent(1, 1, 1)


def _power(base: ast.expr, exponent: ast.expr) -> _Extent:
    match exponent:
        case ast.Constant(value=int(times)) if 0 <= times <= DEGREE:
            pass
        case ast.Call(
            func=ast.Name(id="Integer"), args=[ast.Constant(value=int(times))], keywords=[]
        ) if 0 <= times <= DEGREE:
            pass
        case _:
            raise ValueError("a power that is no small number")
    return _product([_extent(base)] * times) if times else _Extent(1, 0, 1)


def _sum(parts: Sequence[_Extent]) -> _Extent:
    return _Extent(
        sum(part.terms for part in parts),
        max(part.degree for part in parts),
        max(part.bits for part in parts) + len(parts),
    )


def _product(parts: Sequence[_Extent]) -> _Extent:
    return _Extent(
        math.prod(part.terms for part in parts),
        sum(part.degree for part in parts),
        sum(part.bits for part in parts),
    )


def _whole(parts: Sequence[_Extent]) -> _Extent:
    """Of what stays one term, whatever is in it; working it out takes the product of its parts."""
    return _checked(_product(parts))._replace(terms=1, degree=1)


#: A variable, a place in a module, and what may stand between quotes.
NAME = r"([A-Za-z_]\w{0,500})?"
PLACE = r"[\w.\- ]{0,500}"
TEXT = r"[\x20-\x7e\n]{0,10000}"
TARGET = (
    r"torch\.ops\.aten\.\w+\.\w+"
    r"|_operator\.(add|sub|mul|floordiv|truediv|mod|neg|pow|getitem|eq|ne|lt|le|gt|ge|and_|or_)"
    r"|torch\.sym_(max|min|int|float|not|ite)"
)
STACK = rf"{PLACE},{PLACE},{PLACE}(;{PLACE},{PLACE},{PLACE})*"
#: What a text under this key has to look like; a name, if it is not here.
FORMS = {
    "as_string": TEXT,
    "as_strings": TEXT,
    "parameter_name": PLACE,
    "buffer_name": PLACE,
    "tensor_constant_name": PLACE,
    "user_input_name": PLACE,
    "fqn": PLACE,
    "type": r"[a-z]{1,16}",
    "torch_version": r"[\w.+<=\-]{1,60}",
    "path_name": r"(weight|tensor)_\d{1,9}",
    "nn_module_stack": STACK,
    **dict.fromkeys(
        ("as_float", "as_floats", "as_float_lists", "real", "imag", "min_val", "max_val"),
        r"-?Infinity|NaN",
    ),
}
#: Left out: conditions (which are code), notes, and classes of tuples.
EMPTY: dict[str, Any] = {
    "guards_code": [],
    "treespec_namedtuple_fields": {},
    "custom_obj_values": {},
}
#: Graphs in graphs, objects, and functions by name.
FOREIGN = ("as_graph", "as_operator", "as_custom_obj", "custom_obj")
SYMBOLS = 100
CONTAINERS = ("builtins.tuple", "builtins.list", "builtins.dict")
#: Keys of dictionaries; of the inputs' PyTorch makes variables.
KEYS = {"in_spec": r"[A-Za-z_]\w{0,200}", "out_spec": r"[\w .:/\-]{1,200}"}


def rebuilt(value: Any, operations: set[str], key: str = "") -> Any:
    """A part of a program or of a list of weights.

    Parameters
    ----------
    value : JSON
    operations : set of str
        ATen's, by their names: ``aten::add.Tensor``.
    key : str
        What the part is called in what contains it.

    Raises
    ------
    RefusedError
        With a phrase that continues "the file …".
    """
    if key in EMPTY:
        return EMPTY[key]
    if isinstance(value, dict):
        return _rebuilt_dict(value, operations, key)  # pyright: ignore[reportUnknownArgumentType]
    if isinstance(value, list):
        return [rebuilt(inner, operations, key) for inner in value]  # pyright: ignore[reportUnknownVariableType]
    if isinstance(value, str):
        return _text(key, value, operations)
    if key == "use_pickle" and value:
        raise RefusedError("holds pickled objects")
    if isinstance(value, int) and abs(value) >= 1 << 63:
        raise RefusedError(f"has a size that is no number ({str(value)[:60]!r})")
    return value


def check_cost(program: dict[str, Any]) -> None:
    """PyTorch works out the sizes of all tensors when it loads a program.

    Raises
    ------
    RefusedError
    """
    symbols = program["range_constraints"]
    try:
        cost(program["graph_module"]["graph"]["tensor_values"].values())
    except ValueError as error:
        raise RefusedError("has sizes that take too long to work out") from error
    if len(symbols) > SYMBOLS:
        raise RefusedError(f"has {len(symbols)} sizes that vary, of {SYMBOLS} that are allowed")


def _rebuilt_dict(value: dict[str, Any], operations: set[str], key: str) -> dict[str, Any]:
    if key == "metadata":
        stack = value.get("nn_module_stack")
        return {"nn_module_stack": stack} if word(stack, STACK) else {}
    entry: dict[str, Any] = {}
    for name, inner in value.items():
        if name in FOREIGN:
            raise RefusedError(f"holds more than operations and tensors ({name})")
        if not word(name, SYMBOL if key == "range_constraints" else PLACE):
            raise RefusedError(f"has a name that is no identifier ({name[:60]!r})")
        entry[name] = rebuilt(inner, operations, name)
    return entry


def _text(key: str, value: str, operations: set[str]) -> str:
    if key == "target":
        _check_target(value, operations)
    elif key == "expr_str":
        try:
            text, _ = size(value)
            return text
        except ValueError as error:
            raise RefusedError(f"has a size that is no number ({value[:60]!r})") from error
    elif key in KEYS:
        try:
            return json.dumps([1, _containers(json.loads(value)[1], KEYS[key])])
        except (ValueError, TypeError, KeyError, IndexError, RecursionError) as error:
            raise RefusedError(f"takes or gives no plain containers ({value[:60]!r})") from error
    elif not word(value, FORMS.get(key, NAME)):
        if key == "path_name":
            raise RefusedError("holds pickled objects")
        raise RefusedError(f"has a name that is no identifier ({value[:60]!r})")
    return value


def _check_target(value: str, operations: set[str]) -> None:
    """An operation of ATen that PyTorch's dispatcher knows, and none that opens a file.

    TorchScript has more under the same name, ``aten::save`` among them.
    """
    known = word(value, TARGET)
    if known and value.startswith("torch.ops.aten."):
        name, overload = value.removeprefix("torch.ops.aten.").split(".")
        full = f"aten::{name}" if overload == "default" else f"aten::{name}.{overload}"
        known = full in operations and name != "from_file"
    if not known:
        raise RefusedError(f"calls {value[:80]!r}, which is no operation of ATen")


def _containers(value: dict[str, Any], form: str) -> dict[str, Any]:
    """How inputs or outputs are nested, in tuples, lists and dictionaries.

    PyTorch reads the context as JSON in which any class may be named, and imports it.
    """
    kind, context, children = value["type"], value["context"], value["children_spec"]
    if kind is None and not children:
        return {"type": None, "context": None, "children_spec": []}
    if kind not in CONTAINERS:
        raise ValueError(kind)
    keys = json.loads(context)
    is_named = kind == "builtins.dict"
    if is_named != isinstance(keys, list) or not all(word(name, form) for name in keys or []):
        raise ValueError(context)
    return {
        "type": kind,
        "context": json.dumps(keys if is_named else None),
        "children_spec": [_containers(child, form) for child in children],
    }
