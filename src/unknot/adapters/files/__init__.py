"""Models from files, as far as a file can be opened without running code that is in it."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from unknot.adapters.extras import need
from unknot.errors import UsageError

#: Suffix → how to save such a model so that it can be opened.
REFUSED = {
    ".h5": "save the model as .keras: model.save('model.keras')",
    ".hdf5": "save the model as .keras: model.save('model.keras')",
    ".pkl": "save the model with skops: skops.io.dump(model, 'model.skops')",
    ".pickle": "save the model with skops: skops.io.dump(model, 'model.skops')",
    ".joblib": "save the model with skops: skops.io.dump(model, 'model.skops')",
    ".pt": "export the module: torch.export.save(torch.export.export(module, (x,)), 'model.pt2')",
    ".pth": "export the module: torch.export.save(torch.export.export(module, (x,)), 'model.pt2')",
    ".ckpt": "export the module: torch.export.save(torch.export.export(module, (x,)), 'model.pt2')",
    ".bin": "export the module: torch.export.save(torch.export.export(module, (x,)), 'model.pt2')",
}


def open_model(path: str | os.PathLike[str]) -> Any:
    """The model in a ``.keras``, ``.onnx``, ``.pt2`` or ``.skops`` file.

    Raises
    ------
    UsageError
        When the file is missing, damaged, of another type, or would run code.
    UnknotError
        When the package that reads it is not installed.
    """
    path = Path(path)
    suffix = path.suffix.lower()
    if suffix in REFUSED:
        raise UsageError(
            f"Loading {path.name} can run code that is in it, so unknot does not.\n"
            f"Instead {REFUSED[suffix]}."
        )
    if suffix not in OPENERS:
        raise UsageError(
            f"{path.name} is not a model file that unknot reads: "
            f"{suffix or 'it has no suffix'}.\nAllowed: {', '.join(OPENERS)}."
        )
    if not path.is_file():
        what = "is a folder" if path.is_dir() else "does not exist"
        raise UsageError(f"{path} {what}.\nGive a model file: {', '.join(OPENERS)}.")
    return OPENERS[suffix](path)


def _onnx(path: Path) -> Any:
    from unknot.adapters.files.onnx import load

    return load(need("onnx", "onnx", "Reading an ONNX file"), path)


def _keras(path: Path) -> Any:
    from unknot.adapters.files.keras import load

    return load(need("keras", "keras", "Reading a .keras file"), path)


def _exported(path: Path) -> Any:
    from unknot.adapters.files.torch import load

    return load(need("torch", "torch", "Reading an exported program"), path)


def _skops(path: Path) -> Any:
    from unknot.adapters.files.skops import load

    return load(need("skops.io", "skops", "Reading a .skops file"), path)


OPENERS: dict[str, Callable[[Path], Any]] = {
    ".keras": _keras,
    ".onnx": _onnx,
    ".pt2": _exported,
    ".skops": _skops,
}
