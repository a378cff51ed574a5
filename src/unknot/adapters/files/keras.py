"""A ``.keras`` file, taken apart, checked and put together again before Keras reads it.

A configuration names classes and functions, and Keras imports and calls them. Here each has to
be a public layer, initializer, loss, … of the installed Keras; all else is refused, whatever
that version of Keras would do with it. Weights (HDF5) are plain numbers in the file, and no more.
"""

import importlib
import inspect
import json
import math
import operator
import re
import tempfile
import zipfile
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from unknot.adapters.files.archives import (
    RefusedError,
    damaged,
    entries,
    hostile,
    packed,
    reading,
    replaced,
    tree,
    word,
)
from unknot.adapters.frameworks import need

KIND = ".keras file"
PYTHON = "Load it in Python, if you trust it, and trace the model: unknot.trace(model, data)."
LAYER = "Use a keras.layers.Layer of your own instead, and trace the model in Python."
CONFIG, WEIGHTS, ABOUT = "config.json", "model.weights.h5", "metadata.json"
#: Tables of preprocessing layers, by names that stay in their folder.
ASSET = re.compile(r"assets/(\w[\w.\-]*/)*\w[\w.\-]*", re.ASCII)
#: Layers that hold code, or run a program of another framework from a file.
CODE = ("Lambda", "TorchModuleWrapper", "TFSMLayer", "JaxLayer", "FlaxLayer")
#: Modules of Keras, and what their classes have to be.
CLASSES = {
    "keras.layers": "keras.Layer",
    "keras.models": "keras.Model",
    "keras.src.models.functional": "keras.Model",
    "keras.src.models.sequential": "keras.Model",
    "keras.initializers": "keras.initializers.Initializer",
    "keras.regularizers": "keras.regularizers.Regularizer",
    "keras.constraints": "keras.constraints.Constraint",
    "keras.dtype_policies": "keras.DTypePolicy",
    "keras.losses": "keras.Loss",
    "keras.optimizers": "keras.Optimizer",
    "keras.optimizers.schedules": "keras.optimizers.schedules.LearningRateSchedule",
    **{
        f"keras.src.ops.{name}": "keras.Operation"
        for name in ("core", "einops", "image", "linalg", "math", "nn", "numpy")
    },
}
MODELS = ("Sequential", "Functional", "Model")
#: Where the functions of a configuration are, `builtins` being Keras's word for any of them.
FUNCTIONS = ("activations", "initializers", "losses", "constraints", "regularizers", "ops")
#: Not of a network, though they stand beside its functions.
LOOKUPS = ("get", "serialize", "deserialize")
#: Values, not classes.
VALUES = ("__keras_tensor__", "__tensor__", "__numpy__", "__slice__", "__ellipsis__", "__bytes__")
DTYPE = r"bool|bfloat16|string|(u?int|float|complex)\d{1,3}"
DEPTH = 200
#: Numbers a model may have besides those in its file: counters, seeds, what is computed anew.
SPARE = 1_000_000


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
        with _at_most(keras, numbers):
            try:
                return keras.saving.load_model(fresh, safe_mode=True)
            except Exception as error:
                # It names the file that the user gave.
                raise damaged(path, str(error).replace(str(fresh), path.name), KIND) from error


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
        _check(keras, config)
        if WEIGHTS not in files:
            raise damaged(path, f"{WEIGHTS} is not in it", KIND)
        about = tree(archive, files[ABOUT]) if ABOUT in files else {}
        contents = {ABOUT: json.dumps(about).encode(), CONFIG: json.dumps(config).encode()}
        copies = {name: info for name, info in files.items() if name not in contents}
        packed(fresh, contents, archive, copies)
    weights = fresh.with_name(WEIGHTS)
    with zipfile.ZipFile(fresh) as archive:
        archive.extract(WEIGHTS, weights.parent)
    numbers = _count(weights)
    weights.unlink()
    return numbers


def _check(keras: Any, value: Any, depth: int = 0) -> None:
    """Go through a configuration.

    Raises
    ------
    RefusedError
        With a phrase that continues "the file …".
    """
    if depth > DEPTH:
        raise ValueError("it is nested too deeply")
    if isinstance(value, list):
        for inner in value:  # pyright: ignore[reportUnknownVariableType]
            _check(keras, inner, depth + 1)
    if not isinstance(value, dict):
        return
    entry: dict[str, Any] = value  # pyright: ignore[reportUnknownVariableType]
    if "class_name" in entry:
        _check_entry(keras, entry)
    for name in ("vocabulary", "idf_weights"):
        if isinstance(entry.get(name), str):
            raise RefusedError(f"reads another file ({entry[name][:80]})")
    for inner in entry.values():
        _check(keras, inner, depth + 1)


def _check_entry(keras: Any, entry: dict[str, Any]) -> None:
    name, module = str(entry["class_name"]), entry.get("module")
    last = name.rpartition(".")[2]
    if last in (*CODE, "__lambda__"):
        what = "Lambda" if last == "__lambda__" else last
        raise RefusedError(f"has a {what} layer, which is Python code")
    if name in VALUES and module is None:
        inner = entry.get("config") or {}
        if not word(inner.get("dtype", "float32"), DTYPE):
            raise RefusedError(f"needs the code of {str(inner['dtype'])[:80]} ({name})")
        return
    function = name == "function"
    called = entry.get("config") if function else name
    registered = entry.get("registered_name")
    plain = word(called, r"\w{1,80}") and word(module, r"[\w.]{1,80}")
    if not plain or registered not in (None, name, called):
        raise RefusedError(_needs(module, called if registered in (None, name) else registered))
    assert isinstance(called, str)
    if not (_is_function if function else _is_class)(keras, str(module), called):
        raise RefusedError(_needs(module, called))


def _needs(module: object, name: object) -> str:
    return f"needs the code of {str(module)[:80]} ({str(name)[:80]})"


def _is_function(keras: Any, module: str, name: str) -> bool:
    places = [f"keras.{place}" for place in FUNCTIONS]
    if module != "builtins":
        places = [place for place in places if place == module]
    functions = [_public(keras, place, name) for place in places]
    return name not in LOOKUPS and any(map(inspect.isfunction, functions))


def _is_class(keras: Any, module: str, name: str) -> bool:
    if module == "keras":
        module = "keras.models" if name in MODELS else "keras.dtype_policies"
    if module not in CLASSES:
        return False
    # Operations have no public name: Keras looks them up where they are defined.
    if ".src." in module:
        part = getattr(importlib.import_module(module), name, None)
    else:
        part = _public(keras, module, name)
    if "models" in module and name not in MODELS:
        return False
    kind = _public(keras, *CLASSES[module].rsplit(".", 1))
    return inspect.isclass(part) and issubclass(part, kind) and part.__name__ not in CODE


def _public(keras: Any, module: str, name: str) -> Any:
    """What Keras exports under a name, or None."""
    value = keras
    for part in (*module.split(".")[1:], name):
        value = getattr(value, part, None)
    return value


def _count(file: Path) -> int:
    """How many numbers an HDF5 file holds, which may name other files or claim what it lacks.

    Raises
    ------
    ValueError
        When it is more than groups and plain arrays.
    """
    h5py = need("h5py", "keras", "Reading a .keras file")
    with h5py.File(file, "r") as opened:
        numbers, n_bytes = _count_in(h5py, opened, set())
    if n_bytes > file.stat().st_size:
        raise ValueError("its weights claim more bytes than there are")
    return numbers


def _count_in(h5py: Any, group: Any, seen: set[int]) -> tuple[int, int]:
    """Numbers and bytes in a group; whatever can be reached in two ways is refused."""
    numbers = n_bytes = 0
    for name in group:
        where = f"{group.name.rstrip('/')}/{name}"[:120]
        if not isinstance(group.get(name, getlink=True), h5py.HardLink):
            raise ValueError(f"its weights are a link to elsewhere ({where})")
        item = group[name]
        address = h5py.h5o.get_info(item.id).addr
        if address in seen:
            raise ValueError(f"its weights are linked in a circle ({where})")
        seen.add(address)
        if isinstance(item, h5py.Group):
            inner = _count_in(h5py, item, seen)
            numbers, n_bytes = numbers + inner[0], n_bytes + inner[1]
        elif _is_plain(h5py, item):
            numbers, n_bytes = numbers + int(item.size), n_bytes + int(item.nbytes)
        else:
            raise ValueError(f"its weights are not plain numbers in it ({where})")
    return numbers, n_bytes


def _is_plain(h5py: Any, item: Any) -> bool:
    """An array whose numbers are one after another in this very file."""
    if not isinstance(item, h5py.Dataset) or item.shape is None:
        return False
    creation = item.id.get_create_plist()
    layout = creation.get_layout() in (h5py.h5d.CONTIGUOUS, h5py.h5d.COMPACT)
    elsewhere = creation.get_external_count() or creation.get_nfilters()
    # bfloat16 and its like are two or one opaque bytes.
    number = item.dtype.kind in "biufc" or (item.dtype.kind == "V" and item.dtype.itemsize <= 2)
    return layout and not elsewhere and number and item.dtype.fields is None


def _at_most(keras: Any, numbers: int) -> AbstractContextManager[None]:
    """While a model is made, its layers get no more weights than its file has numbers.

    What asks for more raises a ValueError, before the memory is asked for.
    """
    left = numbers + SPARE

    def bounded(original: Any) -> Callable[..., Any]:
        def add_weight(layer: Any, shape: Any = None, *args: Any, **kwargs: Any) -> Any:
            nonlocal left
            sizes = shape if isinstance(shape, (tuple, list)) else [shape or 1]
            size = math.prod(map(operator.index, sizes))  # pyright: ignore[reportUnknownArgumentType]
            left -= max(size, 0)
            if left < 0:
                raise ValueError(f"a layer asks for {size:,} weights, which are not in it")
            return original(layer, shape, *args, **kwargs)

        return add_weight

    return replaced(keras.Layer, "add_weight", bounded)
