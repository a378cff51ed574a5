"""Two public things never share a name."""

import ast
from collections import defaultdict
from pathlib import Path

SOURCE = Path(__file__).parent.parent / "src" / "unknot"
#: What a table's rows must be called: each is looked up in its own module.
CONTRACTS = ("adapters",), {"opened", "load", "takes_double", "predicts_numbers"}
#: A function with one of these is a row of a table, known by its name there; a command has the
#: name of the verb that it calls; overloads are one function.
ROWS = {"add", "generator", "activation", "measure_of", "command", "overload"}


def decorators(node):
    for decorator in node.decorator_list:
        call = decorator.func if isinstance(decorator, ast.Call) else decorator
        yield call.attr if isinstance(call, ast.Attribute) else getattr(call, "id", "")


def public_names(tree, folder=""):
    """Classes and functions of a module that others may import."""
    folders, names = CONTRACTS
    for node in tree.body:
        if not isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        is_row = not ROWS.isdisjoint(decorators(node))
        is_contract = folder in folders and node.name in names
        if not (node.name.startswith("_") or is_row or is_contract):
            yield node.name


def shared_names(files):
    """Name → where it is defined, for names that are defined more than once."""
    places = defaultdict(list)
    for path, text in files:
        for name in public_names(ast.parse(text), path.parts[0]):
            places[name].append(str(path))
    return {name: modules for name, modules in places.items() if len(modules) > 1}


def test_two_public_things_never_share_a_name():
    files = [(p.relative_to(SOURCE), p.read_text("utf-8")) for p in sorted(SOURCE.rglob("*.py"))]
    assert len(files) > 100
    assert shared_names(files) == {}


def test_a_shared_name_is_seen():
    text = "class Place: ...\ndef trace(): ...\ndef _own(): ...\n@kinds.add\ndef linear(): ...\n"
    files = [(Path("motion/a.py"), text), (Path("measures/b.py"), text)]
    assert set(shared_names(files)) == {"Place", "trace"}
    contract = "def opened(): ..."
    assert not shared_names([(Path(f"adapters/{name}.py"), contract) for name in "ab"])
    assert shared_names([(Path(f"motion/{name}.py"), contract) for name in "ab"])
