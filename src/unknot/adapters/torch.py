"""PyTorch: torch.fx where it can trace the model, hooks on its modules where it cannot."""

import sys
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from typing import Any

from unknot.adapters import torch_fx, torch_hooks
from unknot.adapters.network import Array, Network, Places
from unknot.adapters.torch_maps import to_numpy
from unknot.adapters.torch_state import untouched
from unknot.errors import UsageError

#: Calls are cheap here: 4 MB of numbers stay in the cache until they are copied.
NUMBERS_IN_A_BATCH = 2**20


@contextmanager
def opened(model: Any, sample: Array, path: list[str] | None) -> Generator[Network]:
    """Any ``nn.Module``, a compiled one, or an exported program."""
    torch: Any = sys.modules["torch"]
    module = _unwrapped(model, torch)
    _check_built(module, torch)
    with untouched(module):
        yield _network(module, sample, path, torch)


def _network(module: Any, sample: Array, path: list[str] | None, torch: Any) -> Network:
    x = as_tensor(sample, module)
    graph, reason = torch_fx.try_trace(module)
    try:
        if graph is not None:
            chain, outputs, forward = torch_fx.follow(module, graph, x, path)
            how = "Traced with torch.fx."
        else:
            chain, outputs, forward = torch_hooks.follow(module, x, path)
            how = f"Seen by hooks on its modules, since torch.fx cannot trace it ({reason})."
    except UsageError:
        raise
    except Exception as error:
        _check_width(module, sample, error, torch)
        error.add_note(
            f"unknot: the PyTorch model raised this in its forward pass, for points of shape "
            f"{sample.shape}, dtype {sample.dtype}; the model is as it was before."
        )
        raise

    def write(batch: Array, known: Sequence[bool], places: Places) -> list[Array | None]:
        taken: list[Array | None] = [None] * len(places)

        def take(i: int, tensor: Any) -> None:
            taken[i] = _written(tensor, places[i])

        forward(as_tensor(batch, module), take)
        return taken

    return Network(
        "PyTorch",
        chain.steps,
        write,
        notes=(how, *chain.notes),
        outputs=[to_numpy(value) for value in outputs],
        numbers_in_a_batch=NUMBERS_IN_A_BATCH,
    )


def _unwrapped(model: Any, torch: Any) -> Any:
    """The module in a compiled, data-parallel, exported or skorch wrapper."""
    if not isinstance(model, torch.nn.Module) and hasattr(model, "initialize"):
        if not hasattr(model, "module_"):
            raise UsageError(
                f"The {type(model).__name__} is not fitted yet.\n"
                "Call its fit(x, y) or initialize() before tracing it."
            )
        return model.module_
    if type(model).__name__ == "ExportedProgram":
        # Guards are code, and shapes are checked here anyway.
        return model.module(check_guards=False)
    if type(model).__name__ == "OptimizedModule":
        return model._orig_mod
    if type(model).__name__ in ("DataParallel", "DistributedDataParallel"):
        return model.module
    if isinstance(model, torch.jit.ScriptModule):
        raise UsageError(
            "A TorchScript module hides its layers.\n"
            "Give the nn.Module it was made from, or torch.export.export(module, (x,))."
        )
    return model


def _check_built(module: Any, torch: Any) -> None:
    lazy = torch.nn.parameter.UninitializedParameter
    if any(isinstance(p, lazy) for p in module.parameters()):
        raise UsageError(
            "The PyTorch model has lazy layers that were never built.\n"
            "Call it once on a batch before tracing it."
        )


def _check_width(module: Any, sample: Array, error: Exception, torch: Any) -> None:
    """A wrong number of features is said in words."""
    first = next((m for m in module.modules() if isinstance(m, torch.nn.Linear)), None)
    if first is not None and sample.ndim == 2 and sample.shape[1] != first.in_features:
        raise UsageError(
            f"The PyTorch model takes {first.in_features} features; the points have "
            f"{sample.shape[1]}.\nTrace the data it was trained on, or data with the same features."
        ) from error


def _written(tensor: Any, place: Array | None) -> Array:
    """A tensor's numbers, in their place if there is one: PyTorch copies with every thread."""
    if place is None or tensor.numel() != place.size:
        return to_numpy(tensor)  # a copy: what comes later may work in place
    torch: Any = sys.modules["torch"]
    torch.from_numpy(place).view(tensor.shape).copy_(tensor)
    return place


def as_tensor(batch: Array, module: Any) -> Any:
    """The batch where the model is, in the precision of its parameters."""
    torch: Any = sys.modules["torch"]
    tensor = torch.tensor(batch)
    first = next(module.parameters(), None)
    if first is None:
        return tensor
    tensor = tensor.to(first.device)
    if tensor.is_floating_point() and first.is_floating_point():
        return tensor.to(first.dtype)
    return tensor.long() if not tensor.is_floating_point() else tensor
