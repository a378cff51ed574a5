"""Models from files, as far as a file can be opened without running code that is in it."""

import importlib
import os
from pathlib import Path
from typing import Any

from unknot.adapters.frameworks import need
from unknot.errors import UsageError
from unknot.files import disk_file

#: Suffix → the module here whose ``load(library, path)`` reads such a file, the library, the extra
#: that brings it, and what the file is.
OPENERS = {
    ".keras": ("keras", "keras", "keras", "a .keras file"),
    ".onnx": ("onnx", "onnx", "onnx", "an ONNX file"),
    ".pt2": ("torch", "torch", "torch", "an exported program"),
    ".skops": ("skops", "skops.io", "skops", "a .skops file"),
}
EXPORT = "export the module: torch.export.save(torch.export.export(module, (x,)), 'model.pt2')"
#: Suffix → how to save such a model so that it can be opened.
REFUSED = {
    **dict.fromkeys((".h5", ".hdf5"), "save the model as .keras: model.save('model.keras')"),
    **dict.fromkeys(
        (".pkl", ".pickle", ".joblib"),
        "save the model with skops: skops.io.dump(model, 'model.skops')",
    ),
    **dict.fromkeys((".pt", ".pth", ".ckpt", ".bin"), EXPORT),
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
    disk_file(path, f"Give a model file: {', '.join(OPENERS)}.")
    module, package, extra, kind = OPENERS[suffix]
    library = need(package, extra, f"Reading {kind}")
    return importlib.import_module(f"unknot.adapters.files.{module}").load(library, path)
