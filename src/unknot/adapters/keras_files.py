"""What a ``.keras`` file would make, read before Keras makes it."""

import json
from collections.abc import Generator
from pathlib import Path
from typing import Any

from unknot.adapters.model_files import damaged, hostile, open_archive

PYTHON = "Load it in Python, if you trust it, and trace the model: unknot.trace(model, data)."


def check_archive(path: Path) -> None:
    """Only classes of Keras's own, and no code.

    Raises
    ------
    UsageError
    """
    with open_archive(path, ".keras file") as archive:
        try:
            config = json.loads(archive.read("config.json"))
        except (KeyError, ValueError) as error:
            raise damaged(path, error, ".keras file") from error
    for entry in _entries(config):
        name = str(entry.get("class_name"))
        if name in ("Lambda", "__lambda__"):
            raise hostile(
                path,
                "has a Lambda layer, which is Python code",
                "Use a keras.layers.Layer of your own instead, and trace the model in Python.",
            )
        module = entry.get("module")
        own = module is None or str(module).partition(".")[0] in ("keras", "builtins")
        if not own or (module == "builtins" and name not in ("function", "dict", "list", "tuple")):
            raise hostile(path, f"needs the code of {str(module)[:80]} ({name[:80]})", PYTHON)


def _entries(value: Any) -> Generator[dict[str, Any]]:
    """Everything in a configuration that names a class."""
    if isinstance(value, dict):
        if "class_name" in value:
            yield value
        for inner in value.values():  # pyright: ignore[reportUnknownVariableType]
            yield from _entries(inner)
    elif isinstance(value, list):
        for inner in value:  # pyright: ignore[reportUnknownVariableType]
            yield from _entries(inner)
