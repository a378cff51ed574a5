"""What a Keras configuration would make: only Keras's own parts of networks.

A configuration names classes and functions, and Keras imports and calls them. Here each has to
be a public layer, initializer, loss, … of the installed Keras; all else is refused, whatever
that version of Keras would do with it.
"""

import importlib
import inspect
from typing import Any

from unknot.adapters.files.archives import word

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


class RefusedError(Exception):
    """Says what a configuration has that unknot does not let Keras make."""


def check(keras: Any, value: Any, depth: int = 0) -> None:
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
            check(keras, inner, depth + 1)
    if not isinstance(value, dict):
        return
    entry: dict[str, Any] = value  # pyright: ignore[reportUnknownVariableType]
    if "class_name" in entry:
        _check_entry(keras, entry)
    for name in ("vocabulary", "idf_weights"):
        if isinstance(entry.get(name), str):
            raise RefusedError(f"reads another file ({entry[name][:80]})")
    for inner in entry.values():
        check(keras, inner, depth + 1)


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
    found = [_public(keras, place, name) for place in places]
    return name not in LOOKUPS and any(inspect.isfunction(function) for function in found)


def _is_class(keras: Any, module: str, name: str) -> bool:
    if module == "keras":
        module = "keras.models" if name in MODELS else "keras.dtype_policies"
    if module not in CLASSES:
        return False
    # Operations have no public name: Keras looks them up where they are defined.
    found = (
        getattr(importlib.import_module(module), name, None)
        if ".src." in module
        else _public(keras, module, name)
    )
    if "models" in module and name not in MODELS:
        return False
    kind = _public(keras, *CLASSES[module].rsplit(".", 1))
    return inspect.isclass(found) and issubclass(found, kind) and found.__name__ not in CODE


def _public(keras: Any, module: str, name: str) -> Any:
    """What Keras exports under a name, or None."""
    found = keras
    for part in (*module.split(".")[1:], name):
        found = getattr(found, part, None)
    return found
