"""A ``.keras`` file, taken apart, checked and put together again before Keras reads it."""

import json
import re
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from unknot.adapters.files.archives import damaged, entries, hostile, packed, reading, tree
from unknot.adapters.files.keras_config import RefusedError, check
from unknot.adapters.files.keras_weights import at_most, count

KIND = ".keras file"
PYTHON = "Load it in Python, if you trust it, and trace the model: unknot.trace(model, data)."
LAYER = "Use a keras.layers.Layer of your own instead, and trace the model in Python."
CONFIG, WEIGHTS, ABOUT = "config.json", "model.weights.h5", "metadata.json"
#: Tables of preprocessing layers, by names that stay in their folder.
ASSET = re.compile(r"assets/(\w[\w.\-]*/)*\w[\w.\-]*", re.ASCII)


def load(keras: Any, path: Path) -> Any:
    """The model.

    Raises
    ------
    UsageError
        When the file is not whole, or would make more than Keras's own layers.
    """
    with reading(path, KIND), tempfile.TemporaryDirectory(prefix="unknot-") as folder:
        fresh = Path(folder) / "model.keras"
        try:
            numbers = _rebuild(keras, path, fresh)
        except RefusedError as refused:
            instead = LAYER if " layer, which is " in str(refused) else PYTHON
            raise hostile(path, str(refused), instead) from refused
        with at_most(keras, numbers):
            return _named(lambda: keras.saving.load_model(fresh, safe_mode=True), fresh, path)


def _rebuild(keras: Any, path: Path, fresh: Path) -> int:
    """Write what was checked to a new file; the number of weights in it."""
    with zipfile.ZipFile(path) as archive:
        files = entries(archive, path, KIND)
        for name in files:
            if name not in (CONFIG, WEIGHTS, ABOUT) and not ASSET.fullmatch(name):
                raise hostile(path, f"holds what is no part of a model ({name[:80]})", PYTHON)
        if CONFIG not in files:
            raise damaged(path, f"{CONFIG} is not in it", KIND)
        config = tree(archive, files[CONFIG])
        # Metrics are of no use to a trace, and often a function of the user's own.
        compiled = config.get("compile_config")
        if compiled and isinstance(compiled, dict):
            compiled |= {"metrics": None, "weighted_metrics": None}
        check(keras, config)
        if WEIGHTS not in files:
            raise damaged(path, f"{WEIGHTS} is not in it", KIND)
        about = tree(archive, files[ABOUT]) if ABOUT in files else {}
        made = {
            ABOUT: json.dumps(about).encode(),
            CONFIG: json.dumps(config).encode(),
        }
        kept = {name: info for name, info in files.items() if name not in made}
        packed(fresh, made, archive, kept)
    weights = fresh.with_name(WEIGHTS)
    with zipfile.ZipFile(fresh) as archive:
        archive.extract(WEIGHTS, weights.parent)
    numbers = count(weights)
    weights.unlink()
    return numbers


def _named(load: Callable[[], Any], fresh: Path, path: Path) -> Any:
    """An error of Keras's names the file that the user gave."""
    try:
        return load()
    except Exception as error:
        raise damaged(path, str(error).replace(str(fresh), path.name), KIND) from error
