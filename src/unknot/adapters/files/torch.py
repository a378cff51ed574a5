"""An exported program (``.pt2``), taken apart and put together again before PyTorch reads it.

Loading one can run code: objects may be pickled, libraries compiled, an operation may be any
function that the package reaches, names and sizes become code. Of a file, only entries of known
names are taken; lists and operations are rebuilt (`torch_program`), weights are plain numbers.
"""

import json
import math
import re
import tempfile
import zipfile
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import IO, Any

from unknot.adapters.files.archives import (
    RefusedError,
    damaged,
    entries,
    hostile,
    packed,
    reading,
    replaced,
    text,
    tree,
)
from unknot.adapters.files.torch_program import check_cost, rebuilt

KIND = "exported program"
INSTEAD = "Load it in Python, if you trust it, and trace the model: unknot.trace(program, data)."
PROGRAM = "models/model.json"
WEIGHTS, CONSTANTS = (
    "data/weights/model_weights_config.json",
    "data/constants/model_constants_config.json",
)
NUMBERS = re.compile(r"data/(weights/weight|constants/tensor)_\d{1,9}")
#: Taken: the above. Passed over: what PyTorch can do without, and files that a user added.
SPARE = re.compile(
    r"archive_format|byteorder|version|\.data/(version|serialization_id)|\.format_version"
    r"|\.storage_alignment|data/sample_inputs/model\.pt|extra/.+"
)
#: Bytes of a number by its type's number in the file.
BYTES = {
    **dict.fromkeys((1, 2, 12, 29, 30, 31, 32, 33), 1),
    **dict.fromkeys((3, 6, 13, 28), 2),
    **dict.fromkeys((4, 7, 9, 34), 4),
    **dict.fromkeys((5, 8, 10, 35), 8),
    11: 16,
}
IN_MEMORY = 64 << 20


def load(torch: Any, path: Path) -> Any:
    """The program.

    Raises
    ------
    UsageError
        When the file is not whole, or would do more than PyTorch's own operations on numbers.
    """
    operations = set(torch._C._dispatch_get_all_op_names())
    with tempfile.SpooledTemporaryFile(max_size=IN_MEMORY) as fresh, reading(path, KIND):
        try:
            _rebuild(path, fresh, operations)
        except RefusedError as refused:
            raise hostile(path, str(refused), INSTEAD) from refused
        fresh.seek(0)
        with tensors_only(torch):
            program = torch.export.load(fresh)
        # What PyTorch finds wrong only when the program is used.
        program.module(check_guards=False)
        return program


def _rebuild(path: Path, fresh: IO[bytes], operations: set[str]) -> None:
    """Write what is harmless in a file to a new one."""
    with zipfile.ZipFile(path) as archive:
        files = _files(path, entries(archive, path, KIND))
        if not {PROGRAM, WEIGHTS, CONSTANTS} <= files.keys():
            old = any(re.fullmatch(r"data/(weights|constants)/model\.pt", name) for name in files)
            lacks = "its weights are in PyTorch's older format" if old else "it has no program"
            raise damaged(path, lacks, KIND)
        contents = {
            "archive_format": b"pt2",
            ".data/version": b"6\n",
            "data/sample_inputs/model.pt": b"",
        }
        version = (
            text(archive, files["archive_version"], 100) if "archive_version" in files else b"0"
        )
        contents["archive_version"] = str(int(version)).encode()
        for name in (PROGRAM, WEIGHTS, CONSTANTS):
            content = rebuilt(tree(archive, files[name]), operations)
            if name == PROGRAM:
                check_cost(content)
            else:
                _check_numbers(content["config"], files, name.rpartition("/")[0])
            contents[name] = json.dumps(content).encode()
        copies = {name: info for name, info in files.items() if NUMBERS.fullmatch(name)}
        packed(
            fresh,
            {f"model/{name}": content for name, content in contents.items()},
            archive,
            {f"model/{name}": info for name, info in copies.items()},
        )


def _files(path: Path, everything: dict[str, zipfile.ZipInfo]) -> dict[str, zipfile.ZipInfo]:
    """By the names that they have in the archive's one folder, all of them known."""
    files: dict[str, zipfile.ZipInfo] = {}
    roots = {name.partition("/")[0] for name in everything}
    for full, info in everything.items():
        name = full.partition("/")[2]
        if "aotinductor" in name or name.endswith((".so", ".py", ".dll", ".dylib")):
            raise hostile(path, f"holds compiled code ({full[:80]})", INSTEAD)
        known = name in (PROGRAM, WEIGHTS, CONSTANTS, "archive_version")
        old = name in ("data/weights/model.pt", "data/constants/model.pt")
        if len(roots) > 1 or not (known or old or NUMBERS.fullmatch(name) or SPARE.fullmatch(name)):
            raise hostile(path, f"holds what is no part of one program ({full[:80]})", INSTEAD)
        files[name] = info
    return files


def _check_numbers(config: dict[str, Any], files: dict[str, zipfile.ZipInfo], folder: str) -> None:
    """Every tensor has to lie within the bytes that are there: PyTorch would make what lacks."""
    for name, entry in config.items():
        about = entry["tensor_meta"]
        sizes = [int(size["as_int"]) for size in about["sizes"]]
        strides = [int(stride["as_int"]) for stride in about["strides"]]
        first = int(about["storage_offset"]["as_int"])
        if min(sizes + strides + [first]) < 0 or len(sizes) != len(strides):
            raise ValueError(f"{name[:80]} has no shape")
        last = first + sum((n - 1) * s for n, s in zip(sizes, strides, strict=True))
        needed = (last + 1) * BYTES[about["dtype"]] if math.prod(sizes) else 0
        if needed > files[f"{folder}/{entry['path_name']}"].file_size:
            raise ValueError(f"{name[:80]} has fewer numbers than its shape")


def tensors_only(torch: Any) -> AbstractContextManager[None]:
    """``torch.load`` reads tensors only: PyTorch would fall back to full pickles by itself.

    Nothing that was rebuilt has a pickle in it; this is the second lock.
    """

    def forced(original: Any) -> Callable[..., Any]:
        return lambda *args, **options: original(*args, **{**options, "weights_only": True})

    return replaced(torch, "load", forced)
