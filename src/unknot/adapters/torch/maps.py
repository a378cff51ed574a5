"""The maps of PyTorch's modules and functions."""

import math
import sys
from collections.abc import Callable, Mapping, Sequence
from inspect import isfunction, signature
from typing import Any

import numpy as np

from unknot.adapters.claims import known_name
from unknot.adapters.graph import diagonal
from unknot.adapters.parameters import activation_of
from unknot.errors import UsageError
from unknot.network.maps import Affine, Map, Opaque, Softmax

#: Modules and functions that hand on what they get, in inference and as one row a point.
IDLE = {
    *("alphadropout", "clone", "contiguous", "detach", "dropout", "dropout1d", "dropout2d"),
    *("featurealphadropout", "flatten", "float", "identity", "reshape", "squeeze", "to", "type"),
    *("unflatten", "unsqueeze", "view"),
}
#: Functions of one cloud and constants that act unit by unit, as ``x * scale + bias``.
UNITWISE = {"add", "batchnorm", "div", "mul", "neg", "rsub", "sub", "truediv"}


def operation_name(name: str) -> str:
    """``"aten.relu_.default"`` and ``"ReLU"`` → ``"relu"``."""
    return name.removeprefix("aten.").partition(".")[0].replace("_", "").lower()


def module_maps(module: Any, name: str) -> tuple[Map, ...]:
    """What a module is taken to do."""
    torch: Any = sys.modules["torch"]
    kind = type(module).__name__
    if isinstance(module, torch.nn.Linear):
        return (affine(module.weight.T, module.bias, name),)
    batch_norms = (torch.nn.BatchNorm1d, torch.nn.BatchNorm2d, torch.nn.BatchNorm3d)
    if isinstance(module, batch_norms) and module.running_var is not None:
        return _batch_norm(module, name)
    # A class of one's own may have any formula: only values speak for it.
    is_own = type(module).__module__.startswith("torch.nn.")
    return known_maps(kind, _attributes(module) if is_own else None)


def known_maps(kind: str, attribute: Callable[[str], Any] | None) -> tuple[Map, ...]:
    """Idle layers, activations and softmax; anything else is opaque.

    `attribute` gives the parameters of what is PyTorch's own.
    """
    if operation_name(kind) in IDLE:
        return ()
    if operation_name(kind) in ("softmax", "logsoftmax"):
        return (Softmax() if operation_name(kind) == "softmax" else Opaque("log_softmax"),)
    known = None if attribute is None else activation_of("torch", operation_name(kind), attribute)
    return (
        known or Opaque(kind if attribute is None or not known_name(kind) else f"{kind} (another)"),
    )


def _attributes(module: Any) -> Callable[[str], Any]:
    """What a module was made with; a tensor as an array."""

    def attribute(name: str) -> Any:
        value = getattr(module, name, None)
        return to_numpy(value) if hasattr(value, "detach") else value

    return attribute


def arguments_of(
    target: Any, positional: Sequence[Any], named: Mapping[str, Any]
) -> Callable[[str], Any] | None:
    """The arguments of a call of one of PyTorch's functions or methods, by name.

    None where the function is not PyTorch's.
    """
    torch: Any = sys.modules["torch"]
    schema = getattr(target, "_schema", None)
    name = target if isinstance(target, str) else getattr(target, "__name__", "")
    module = "torch" if isinstance(target, str) else str(getattr(target, "__module__", "torch"))
    if schema is None and module.partition(".")[0] not in ("torch", "_operator", "None"):
        return None
    names: list[str] = []
    if schema is None and not isinstance(target, str) and isfunction(target):
        names = list(signature(target).parameters)
    elif schema is None:
        operation = getattr(torch.ops.aten, name.rstrip("_"), None)
        schema = getattr(getattr(operation, "default", None), "_schema", None)
    if schema is not None:
        names = [argument.name for argument in schema.arguments]
    values = {**_defaults(target, schema), **dict(zip(names, positional, strict=False)), **named}

    def attribute(name: str) -> Any:
        value = values.get(name)
        return to_numpy(value) if hasattr(value, "detach") else value

    return attribute


def _defaults(target: Any, schema: Any) -> dict[str, Any]:
    if schema is not None:
        return {a.name: a.default_value for a in schema.arguments if a.has_default_value()}
    if not isfunction(target):
        return {}
    parameters = signature(target).parameters.values()
    return {p.name: p.default for p in parameters if p.default is not p.empty}


def affine(weight: Any, bias: Any, name: str) -> Affine:
    """``x @ weight + bias`` from tensors."""
    matrix = to_numpy(weight)
    shift = np.zeros(matrix.shape[1], np.float32) if bias is None else to_numpy(bias)
    return Affine(np.ascontiguousarray(matrix), shift, name)


def to_numpy(tensor: Any) -> Any:
    """A single-precision array of its own: the model may go on training. Complex stays complex."""
    if tensor.is_complex():
        return np.array(tensor.detach().cpu().numpy())
    return np.array(tensor.detach().float().cpu().numpy(), np.float32)


def version(tensor: Any) -> int:
    """How often something worked in place on a tensor; of inference tensors nobody counts it."""
    return 0 if tensor.is_inference() else tensor._version


def is_cloud(value: Any, n: int) -> bool:
    """Whether a value is an array of real numbers with one point a row."""
    torch: Any = sys.modules["torch"]
    is_tensor = isinstance(value, torch.Tensor)
    return is_tensor and value.ndim > 0 and len(value) == n and not value.is_complex()


def is_finite(value: Any) -> bool:
    """Whether no number is infinite or missing."""
    if not value.is_floating_point():
        return True
    # A sum takes a fifth of the time; that of finite numbers may be infinite, no other way round.
    return math.isfinite(value.sum()) or bool(value.isfinite().all())


def check_output(value: Any, n: int) -> None:
    """The model's output must be something that can be shown.

    Raises
    ------
    UsageError
    """
    if value.is_complex():
        raise UsageError(
            "The PyTorch model gives complex numbers; a representation is made of real ones.\n"
            "Trace a module that ends in .abs() or torch.view_as_real(…)."
        )
    if not is_cloud(value, n):
        raise UsageError(
            f"The PyTorch model gives an array of shape {tuple(value.shape)} for {n} points; "
            "unknot follows one row a point.\nTrace a module whose output has the points first."
        )


def _batch_norm(module: Any, name: str) -> tuple[Map, ...]:
    variance = module.running_var.detach().double().cpu().numpy()
    mean = module.running_mean.detach().double().cpu().numpy()
    scale = 1 / np.sqrt(variance + module.eps)
    if module.weight is not None:
        scale = scale * module.weight.detach().double().cpu().numpy()
    shift = 0.0 if module.bias is None else module.bias.detach().double().cpu().numpy()
    return diagonal(scale, shift - mean * scale, name)


def function_maps(
    function: str,
    name: str,
    call: Callable[[Any], Any] | None,
    constants: list[Any],
    value: Any,
    input_: Any,
    attribute: Callable[[str], Any] | None,
) -> tuple[Map, ...]:
    """What a function is taken to do.

    Parameters
    ----------
    function : str
        Its own name.
    name : str
        What the layer is called.
    call : callable or None
        The function of its first cloud alone, everything else as constants.
    constants : list
        Its other arguments that are tensors.
    value, input_ : tensor
        What it made of what, on the sample.
    attribute : callable or None
        As for `known_maps`.
    """
    kind = operation_name(function)
    weights = [c for c in constants if c.ndim == 2]
    if kind == "linear" and weights:
        bias = next((c for c in constants if c.ndim == 1), None)
        return (affine(weights[0].T, bias, name),)
    if kind in ("matmul", "mm") and weights:
        return (affine(weights[0], None, name),)
    if kind == "addmm" and weights:
        return (affine(weights[0], next((c for c in constants if c.ndim == 1), None), name),)
    if kind in UNITWISE and call is not None and value.ndim == 2:
        return _unitwise(call, name, input_) or (Opaque(function),)
    return known_maps(function, attribute)


def _unitwise(call: Callable[[Any], Any], name: str, input_: Any) -> tuple[Map, ...]:
    """Scale and bias of a function that has them, by what it makes of 0 and 1."""
    torch: Any = sys.modules["torch"]
    n_units = input_.shape[1]
    ends = torch.tensor([[0.0], [1.0]], dtype=input_.dtype, device=input_.device)
    try:
        # A copy: the function may work in place.
        at = call(ends.expand(2, n_units).clone()).double().cpu().numpy()
    except Exception:
        return ()
    return diagonal(at[1] - at[0], at[0], name)
