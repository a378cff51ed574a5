"""Models from files, as far as a file can be opened without running code that is in it."""

import os
import zipfile
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
#: Parts of scikit-learn's perceptron that skops does not know.
TRUSTED = {
    f"sklearn.neural_network._stochastic_optimizers.{name}"
    for name in ("AdamOptimizer", "SGDOptimizer")
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


def damaged(path: Path, error: object, kind: str) -> UsageError:
    """For a file that its own library cannot read."""
    lines = str(error).strip().splitlines() or [type(error).__name__]
    return UsageError(
        f"{path.name} is not a whole {kind}: {lines[0][:200]}\n"
        "It is damaged, or made by another version; save the model again."
    )


def hostile(path: Path, what: str, instead: str) -> UsageError:
    """For a file that would run code."""
    return UsageError(f"{path.name} {what}, so unknot does not load it.\n{instead}")


def _onnx(path: Path) -> Any:
    onnx = need("onnx", "onnx", "Reading an ONNX file")
    try:
        model = onnx.load(path, load_external_data=False)
    except Exception as error:
        raise damaged(path, error, "ONNX file") from error
    if not model.graph.node:
        raise damaged(path, "it has no operations", "ONNX file")
    folder = path.parent.resolve()
    for tensor in model.graph.initializer:
        for entry in tensor.external_data:
            place = (folder / entry.value).resolve()
            if entry.key == "location" and not place.is_relative_to(folder):
                raise hostile(
                    path,
                    f"takes weights from outside its folder ({entry.value[:100]})",
                    "Save it with its weights inside: onnx.save_model(model, path).",
                )
    try:
        onnx.load_external_data_for_model(model, str(folder))
    except Exception as error:
        raise damaged(path, error, "ONNX file") from error
    return model


def _keras(path: Path) -> Any:
    from unknot.adapters.keras_files import check_archive

    check_archive(path)
    keras = need("keras", "keras", "Reading a .keras file")
    try:
        return keras.saving.load_model(path, safe_mode=True)
    except Exception as error:
        raise damaged(path, error, ".keras file") from error


def _exported(path: Path) -> Any:
    from unknot.adapters.torch_files import check_archive, safe_loading

    check_archive(path)
    torch = need("torch", "torch", "Reading an exported program")
    try:
        with safe_loading(torch):
            program = torch.export.load(path)
    except Exception as error:
        raise damaged(path, error, "exported program") from error
    # Conditions on shapes are Python code in the file; unknot checks shapes itself.
    program._guards_code = []
    return program


def _skops(path: Path) -> Any:
    skops = need("skops.io", "skops", "Reading a .skops file")
    try:
        strangers = set(skops.get_untrusted_types(file=path)) - TRUSTED
    except Exception as error:
        raise damaged(path, error, ".skops file") from error
    if strangers:
        raise hostile(
            path,
            f"holds types that are not scikit-learn's ({', '.join(sorted(strangers))[:150]})",
            "If you trust it, load it in Python with skops.io.load and trace the model.",
        )
    try:
        return skops.load(path, trusted=sorted(TRUSTED))
    except Exception as error:
        raise damaged(path, error, ".skops file") from error


def open_archive(path: Path, kind: str) -> zipfile.ZipFile:
    """A zip file, checked to be whole."""
    try:
        return zipfile.ZipFile(path)
    except (OSError, zipfile.BadZipFile) as error:
        raise damaged(path, error, kind) from error


OPENERS: dict[str, Callable[[Path], Any]] = {
    ".keras": _keras,
    ".onnx": _onnx,
    ".pt2": _exported,
    ".skops": _skops,
}
