"""Which adapter a model belongs to, found along its class's bases without importing anything."""

import importlib
from types import ModuleType
from typing import Any

from unknot.errors import UsageError

#: (package, class) anywhere along ``type(model).__mro__`` → adapter. The nearest base wins, so a
#: Keras model on the PyTorch backend, which is a ``torch.nn.Module`` too, is a Keras model.
CLASSES: dict[tuple[str, str], str] = {
    ("keras", "Model"): "keras",
    ("flax.nnx", "Module"): "flax",
    ("equinox", "Module"): "equinox",
    ("onnx", "ModelProto"): "onnx",
    ("sklearn", "BaseEstimator"): "sklearn",
    ("skorch", "NeuralNet"): "torch",
    ("torch", "Module"): "torch",
    ("torch", "ExportedProgram"): "torch",
}

#: What people call them.
FRAMEWORKS = {
    "keras": "Keras",
    "torch": "PyTorch",
    "flax": "Flax NNX",
    "equinox": "Equinox",
    "onnx": "ONNX",
    "sklearn": "scikit-learn",
    "functions": "a list of functions",
}


def find(model: object) -> str | None:
    """The name of the adapter for a model, or None."""
    for base in type(model).__mro__:
        for (package, kind), name in CLASSES.items():
            if base.__name__ == kind and f"{base.__module__}.".startswith(f"{package}."):
                return name
    if isinstance(model, list | tuple) and model and all(callable(part) for part in model):  # pyright: ignore[reportUnknownVariableType]
        return "functions"
    return None


def load_adapter(name: str) -> ModuleType:
    """The adapter's module; its framework is in memory already, since the model is."""
    return importlib.import_module(f"unknot.adapters.{name}")


def refuse(model: Any) -> UsageError:
    """What to say of something that no adapter covers."""
    known = ", ".join(FRAMEWORKS.values())
    return UsageError(
        f"Cannot trace a {type(model).__name__}: unknot traces its own runs and models of "
        f"{known}.\nAny other network: Trace.from_arrays([x0, x1, …], labels, maps=[…])."
    )
