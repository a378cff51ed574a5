"""Which adapter a model belongs to, told by its class's bases without importing anything."""

import importlib
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from unknot.errors import UnknotError, UsageError


@dataclass(frozen=True)
class Framework:
    """One row of the table.

    Attributes
    ----------
    title : str
        What people call it.
    module : str
        The adapter: it has ``opened(model, sample, path)``, a context manager that gives a
        `Network`, where its models may need double precision ``takes_double(model)``, where
        their first steps may take words or gaps ``entered(model, x, memory)``, and where they may
        say that they predict numbers ``predicts_numbers(model)``.
    classes : tuple of (package, class)
        Bases of its models. The nearest base of a model wins: a Keras model on the PyTorch
        backend, which is a ``torch.nn.Module`` too, is a Keras model.
    runs_on_numpy : bool
        True when NumPy's threads are the only ones that compute.
    """

    title: str
    module: str
    classes: tuple[tuple[str, str], ...] = ()
    runs_on_numpy: bool = False


FRAMEWORKS = {
    "keras": Framework("Keras", "unknot.adapters.keras.model", (("keras", "Model"),)),
    "torch": Framework(
        "PyTorch",
        "unknot.adapters.torch.model",
        (("torch", "Module"), ("torch", "ExportedProgram"), ("skorch", "NeuralNet")),
    ),
    "flax": Framework("Flax NNX", "unknot.adapters.jax.flax", (("flax.nnx", "Module"),)),
    "equinox": Framework("Equinox", "unknot.adapters.jax.equinox", (("equinox", "Module"),)),
    "onnx": Framework("ONNX", "unknot.adapters.onnx.model", (("onnx", "ModelProto"),)),
    "sklearn": Framework(
        "scikit-learn",
        "unknot.adapters.sklearn",
        (("sklearn", "BaseEstimator"),),
        runs_on_numpy=True,
    ),
    "functions": Framework("a list of functions", "unknot.adapters.functions", runs_on_numpy=True),
}


def framework_of(model: Any) -> Framework:
    """The row of a model.

    Raises
    ------
    UsageError
        When no adapter covers it.
    """
    way_out = _way_out(model)
    if way_out is not None:
        raise UsageError(way_out)
    for base in type(model).__mro__:
        for framework in FRAMEWORKS.values():
            for package, name in framework.classes:
                if base.__name__ == name and f"{base.__module__}.".startswith(f"{package}."):
                    return framework
    if isinstance(model, list | tuple) and model and all(callable(part) for part in model):  # pyright: ignore[reportUnknownVariableType]
        return FRAMEWORKS["functions"]
    if callable(model):
        raise UsageError(
            "A bare function is traced in a list: trace([function], data).\nOne that takes its "
            "parameters as well: trace([lambda x: function(parameters, x)], data)."
        )
    titles = ", ".join(framework.title for framework in FRAMEWORKS.values())
    raise UsageError(
        f"Cannot trace {type(model).__name__}: unknot traces its own runs and models of "
        f"{titles}.\nAny other network: Trace.from_arrays([x0, x1, …], labels, maps=[…])."
    )


def _way_out(model: Any) -> str | None:
    """For what looks like a model and holds no weights: what to give instead."""
    if isinstance(model, type):
        return (
            f"Got the class {model.__name__}; unknot traces a model that was made of it.\n"
            f"Give {model.__name__}(…), trained or loaded."
        )
    for base in type(model).__mro__:
        name, module = base.__name__, f"{base.__module__}."
        if name == "Module" and module.startswith("flax.linen."):
            return (
                f"The Flax Linen module {type(model).__name__} holds no parameters.\n"
                "Give a function that does: trace([lambda x: module.apply(variables, x)], data)."
            )
        if "Transformed" in name and module.startswith("haiku."):
            return (
                "A Haiku model holds no parameters.\nGive a function that does: "
                "trace([lambda x: model.apply(params, None, x)], data)."
            )
    return None


def load_adapter(framework: Framework) -> ModuleType:
    """The adapter's module; its framework is in memory already, since the model is."""
    return importlib.import_module(framework.module)


def need(package: str, extra: str, purpose: str) -> Any:
    """A package that not everyone needs.

    Raises
    ------
    UnknotError
        When it is not installed: with the command that brings it.
    """
    try:
        return importlib.import_module(package)
    except ModuleNotFoundError as error:
        if error.name is None or error.name.partition(".")[0] != package.partition(".")[0]:
            raise
        raise UnknotError(
            f"{purpose} needs {package}, which is not installed.\n"
            f"Install it: pip install 'unknot[{extra}]'"
        ) from error
