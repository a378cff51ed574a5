"""What an exported program (``.pt2``) would do, read before PyTorch loads it.

Loading one can run code: objects may be pickled, libraries compiled, an operation may be any
function that the package reaches, and sizes are expressions that are evaluated. All of these
are recognised in the archive; none is needed by a network of PyTorch's own operations.
"""

import json
import re
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from unknot.adapters.model_files import damaged, hostile, open_archive

#: Operations of ATen, and arithmetic on sizes.
TARGET = re.compile(
    r"torch\.ops\.aten\.(?!from_file)\w+\.\w+"
    r"|_operator\.(add|sub|mul|floordiv|truediv|mod|neg|pow|getitem|eq|ne|lt|le|gt|ge)"
    r"|torch\.sym_(max|min|int|float|not|ite)"
)
#: A size: symbols, numbers and arithmetic.
NAMES = "Symbol|positive|nonnegative|integer|True|False|Integer|Add|Mul|Pow|Max|Min|Mod|FloorDiv"
SIZE = re.compile(rf"([\s()+\-*/,=<>]|\d+|\b({NAMES}|PythonMod|CeilDiv)\b|'?\b[su]\d+\b'?)*")
INSTEAD = "Load it in Python, if you trust it, and trace the model: unknot.trace(program, data)."


def check_archive(path: Path) -> None:
    """Only plain tensors, ATen's operations, and sizes.

    Raises
    ------
    UsageError
    """
    with open_archive(path, "exported program") as archive:
        names = archive.namelist()
        if not any(re.fullmatch(r"[^/]+/models/[^/]+\.json", name) for name in names):
            raise damaged(path, "no exported program is in it", "exported program")
        for name in names:
            if "aotinductor" in name or name.endswith((".so", ".py", ".dll", ".dylib")):
                raise hostile(path, f"holds compiled code ({name[:80]})", INSTEAD)
            if name.endswith(".json"):
                try:
                    content = json.loads(archive.read(name))
                except ValueError as error:
                    raise damaged(path, error, "exported program") from error
                _check(path, content)


def _check(path: Path, content: Any) -> None:
    for key, value in _entries(content):
        if key == "target" and isinstance(value, str) and not TARGET.fullmatch(value):
            raise hostile(path, f"calls {value[:80]!r}, which is no operation of ATen", INSTEAD)
        if key == "expr_str" and not SIZE.fullmatch(str(value)):
            raise hostile(path, f"has a size that is no number ({str(value)[:60]!r})", INSTEAD)
        pickled = key == "use_pickle" and value
        if pickled or (key == "path_name" and not re.fullmatch(r"(weight|tensor)_\d+", str(value))):
            raise hostile(path, "holds pickled objects", INSTEAD)


def _entries(value: Any) -> Generator[tuple[str, Any]]:
    if isinstance(value, dict):
        for key, inner in value.items():  # pyright: ignore[reportUnknownVariableType]
            yield str(key), inner  # pyright: ignore[reportUnknownArgumentType]
            yield from _entries(inner)
    elif isinstance(value, list):
        for inner in value:  # pyright: ignore[reportUnknownVariableType]
            yield from _entries(inner)


@contextmanager
def safe_loading(torch: Any) -> Generator[None]:
    """``torch.load`` reads tensors only: PyTorch would fall back to full pickles by itself."""
    original = torch.load

    def load(*args: Any, **kwargs: Any) -> Any:
        return original(*args, **{**kwargs, "weights_only": True})

    torch.load = load
    try:
        yield
    finally:
        torch.load = original
