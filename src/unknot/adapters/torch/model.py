"""PyTorch: torch.fx where it can trace the model, hooks on its modules where it cannot."""

import inspect
import sys
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from typing import Any

from unknot.adapters.graph import Chain
from unknot.adapters.network import (
    SINGLE_PRECISION,
    Array,
    Network,
    Places,
    forward_pass,
    several_inputs,
    wrong_features,
)
from unknot.adapters.torch import fx, hooks
from unknot.adapters.torch.fx import copies, is_same
from unknot.adapters.torch.hooks import first_called
from unknot.adapters.torch.maps import to_numpy
from unknot.adapters.torch.state import untouched
from unknot.errors import UsageError
from unknot.traces.note import Note

#: Calls are cheap here: 4 MB of numbers stay in the cache until they are copied.
NUMBERS_IN_A_BATCH = 2**20


@contextmanager
def opened(model: Any, sample: Array, path: list[str] | None) -> Generator[Network]:
    """Any ``nn.Module``, a compiled one, or an exported program."""
    torch: Any = sys.modules["torch"]
    module = _unwrapped(model, torch)
    _check_built(module, torch)
    _check_inputs(module)
    with untouched(module) as restore:
        yield _network(module, sample, path, restore)


def _network(
    module: Any, sample: Array, path: list[str] | None, restore: Callable[[], bool]
) -> Network:
    seen, as_floats = _of_layers(module, _as_tensor(sample, module, False), path), False
    if seen is None:
        restore()
        with forward_pass("PyTorch", sample):
            x, output, as_floats = _call(module, sample, restore)
            seen = _followed(module, x, output, path, restore)
    chain, outputs, forward, how = seen
    changes_itself = restore()

    def write(batch: Array, known: Sequence[bool], places: Places) -> list[Array | None]:
        arrays: list[Array | None] = [None] * len(places)

        def take(i: int, tensor: Any) -> None:
            arrays[i] = _written(tensor, places[i])

        forward(_as_tensor(batch, module, as_floats), take)
        if changes_itself:
            restore()
        return arrays

    return Network(
        "PyTorch",
        chain.steps,
        write,
        notes=(Note(how, "maker"), *chain.notes),
        outputs=[to_numpy(value) for value in outputs],
        roundoff=_roundoff(outputs),
        numbers_in_a_batch=NUMBERS_IN_A_BATCH,
    )


def _call(
    module: Any, sample: Array, restore: Callable[[], bool]
) -> tuple[Any, list[Any] | None, bool]:
    """The sample as the model takes it, the model's output, and whether numbers became floats.

    Whole numbers stay whole as long as the model can do with them (embeddings); a model that
    cannot is given floats. What the model raises is raised. The output is None for
    an exported program that insists on the number of points it was exported with: there the
    graph is the model.
    """
    x = _as_tensor(sample, module, False)
    try:
        return x, copies(module(x.clone())), False
    except Exception as error:
        restore()
        if not x.is_floating_point():
            floats = _as_tensor(sample, module, True)
            try:
                return floats, copies(module(floats.clone())), True
            except Exception:  # the first error says more
                restore()
        _check_width(module, sample, x, error)
        if hasattr(module, "graph") and type(module).__name__.startswith("GraphModule"):
            return x, None, False
        raise
    finally:
        restore()


def _check_width(module: Any, sample: Array, x: Any, error: Exception) -> None:
    """A wrong number of features is said in words, where a dense layer takes the points."""
    torch: Any = sys.modules["torch"]
    first = first_called(module, x)
    if (
        isinstance(first, torch.nn.Linear)
        and sample.ndim == 2
        and sample.shape[1] != first.in_features
    ):
        expected, got = (first.in_features,), sample.shape[1:]
        raise wrong_features("PyTorch", expected, got) from error


#: The chain, its outputs for the sample, the function that runs it, and how it was found.
Followed = tuple[Chain, list[Any], fx.Forward, str]


def _of_layers(module: Any, x: Any, path: list[str] | None) -> Followed | None:
    """A model that only calls one layer after another, if it does so without an error."""
    try:
        graph = fx.plain_graph(module)
        if graph is None:
            return None
        return *fx.follow_graph(module, graph, x, None, path), "Traced with torch.fx."
    except UsageError:
        raise
    except Exception:
        return None  # said by the call of the model


def _followed(
    module: Any,
    x: Any,
    output: list[Any] | None,
    path: list[str] | None,
    restore: Callable[[], bool],
) -> Followed:
    """The chain, by torch.fx if that sees what the model does, or else by hooks; and a note."""
    graph, reason = fx.try_trace(module)
    restore()
    why = f"torch.fx cannot trace it ({reason})"
    if graph is not None:
        try:
            followed = fx.follow_graph(module, graph, x.clone(), output, path)
            return *followed, "Traced with torch.fx."
        except UsageError:
            raise
        except fx.NotSeenError as error:
            why = f"torch.fx does not see all it does ({error})"
            restore()
            if output is not None and not is_same(copies(module(x.clone())), output):
                why = "it gives other values at every call, so torch.fx cannot be checked"
        except Exception as error:
            if output is None:
                raise  # the graph is the model
            why = f"the graph of torch.fx does not run ({fx.first_line(error)})"
        restore()
    return *hooks.follow_calls(module, x, path), f"Seen by hooks on its modules, since {why}."


def _roundoff(outputs: list[Any]) -> float:
    """Of the lowest precision in use."""
    torch: Any = sys.modules["torch"]
    dtypes = {output.dtype for output in outputs if output.is_floating_point()}
    least = {"high": 2.0**-11, "medium": 2.0**-8}.get(torch.get_float32_matmul_precision(), 0.0)
    return max(SINGLE_PRECISION, least, *(torch.finfo(dtype).eps / 2 for dtype in dtypes))


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


def _check_inputs(module: Any) -> None:
    """One input; others must have a default."""
    try:
        parameters = inspect.signature(module.forward).parameters.values()
    except (TypeError, ValueError):
        return
    stars = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
    inputs = [p for p in parameters if p.kind is not inspect.Parameter.VAR_KEYWORD]
    needed = [p for p in inputs if p.default is p.empty and p.kind not in stars]
    if len(needed) > 1 or not inputs:
        raise several_inputs("PyTorch", [p.name for p in needed], "Trace a module")


def _written(tensor: Any, place: Array | None) -> Array:
    """A tensor's numbers, in their place if there is one: PyTorch copies with every thread."""
    if place is None or tensor.numel() != place.size:
        return to_numpy(tensor)  # a copy: what comes later may work in place
    torch: Any = sys.modules["torch"]
    torch.from_numpy(place).view(tensor.shape).copy_(tensor)
    return place


def _as_tensor(batch: Array, module: Any, as_floats: bool) -> Any:
    """The batch where the model is, in the precision of its parameters."""
    torch: Any = sys.modules["torch"]
    tensor = torch.tensor(batch)
    first = next(module.parameters(), None)
    if as_floats:
        tensor = tensor.float()
    if not tensor.is_floating_point():
        tensor = tensor.long()
    elif first is not None and first.is_floating_point():
        tensor = tensor.to(first.dtype)
    return tensor if first is None else tensor.to(first.device)
