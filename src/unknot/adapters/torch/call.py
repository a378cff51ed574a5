"""The model itself on the sample: what any way of looking into it must reproduce."""

import sys
from collections.abc import Callable
from typing import Any

from unknot.adapters.network import Array
from unknot.adapters.torch.hooks import first_called
from unknot.errors import UsageError

#: How far two runs of the same operations may be apart, as a share of the output's size: fused
#: kernels add up in another order. Half precision in between is off by 2e-4 and more.
ROUNDING = 2e-5


def call(
    module: Any, sample: Array, as_tensor: Callable[[Array, bool], Any], restore: Callable[[], bool]
) -> tuple[Any, list[Any] | None, bool]:
    """The sample as the model takes it, the model's output, and whether numbers became floats.

    Whole numbers stay whole as long as the model can do with them (embeddings); a model that
    cannot is given floats. What the model raises is raised, with a note. The output is None for
    an exported program that insists on the number of points it was exported with: there the
    graph is the model.
    """
    x = as_tensor(sample, False)
    try:
        return x, leaves(module(x.clone())), False
    except Exception as error:
        restore()
        if not x.is_floating_point():
            floats = as_tensor(sample, True)
            try:
                return floats, leaves(module(floats.clone())), True
            except Exception:  # the first error says more
                restore()
        _check_width(module, sample, x, error)
        if hasattr(module, "graph") and type(module).__name__.startswith("GraphModule"):
            return x, None, False
        add_note(error, sample)
        raise
    finally:
        restore()


def add_note(error: Exception, sample: Array) -> None:
    """An error of the model's own says whose it is."""
    error.add_note(
        f"unknot: the PyTorch model raised this in its forward pass, for points of shape "
        f"{sample.shape}, dtype {sample.dtype}; the model is as it was before."
    )


def _check_width(module: Any, sample: Array, x: Any, error: Exception) -> None:
    """A wrong number of features is said in words, where a dense layer takes the points."""
    torch: Any = sys.modules["torch"]
    first = first_called(module, x)
    if (
        isinstance(first, torch.nn.Linear)
        and sample.ndim == 2
        and sample.shape[1] != first.in_features
    ):
        raise UsageError(
            f"The PyTorch model takes {first.in_features} features; the points have "
            f"{sample.shape[1]}.\nTrace the data it was trained on, or data with the same features."
        ) from error


def leaves(value: Any) -> list[Any]:
    """Copies of the tensors in an output."""
    torch: Any = sys.modules["torch"]
    if isinstance(value, torch.Tensor):
        return [value.detach().clone()]
    if isinstance(value, dict):
        value = list(value.values())  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
    if not isinstance(value, tuple | list):
        return []
    return [leaf for part in value for leaf in leaves(part)]  # pyright: ignore[reportUnknownVariableType]


def is_same(outputs: list[Any], expected: list[Any]) -> bool:
    """Whether two runs gave the same, up to rounding."""
    return len(outputs) == len(expected) and all(map(_is_close, outputs, expected))


def _is_close(output: Any, expected: Any) -> bool:
    torch: Any = sys.modules["torch"]
    if output.shape != expected.shape or output.dtype != expected.dtype:
        return False
    if torch.equal(output, expected):
        return True
    if not (output.is_floating_point() or output.is_complex()):
        return False
    rounding = max(ROUNDING, 4 * torch.finfo(output.dtype).eps)
    kind = torch.complex128 if output.is_complex() else torch.float64
    output, expected = (t.to(kind).reshape(len(t) if t.ndim else 1, -1) for t in (output, expected))
    if output.numel() == 0:
        return True
    rows = expected.abs().nan_to_num(posinf=0.0).amax(1, keepdim=True)
    allowed = rounding * (rows + rows.median())
    # Infinity minus itself is not a number: those must be equal.
    near = ((output - expected).abs() <= allowed) | (output == expected)
    return bool((near | (output.isnan() & expected.isnan())).all())
