"""PyTorch: torch.fx where it can trace the model, hooks on its modules where it cannot."""

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
    Route,
    forward_pass,
    wrong_features,
)
from unknot.adapters.torch import fx, hooks
from unknot.adapters.torch.attention import has_inner_layers, opened_attention
from unknot.adapters.torch.fx import copies, is_same
from unknot.adapters.torch.hooks import first_called
from unknot.adapters.torch.inputs import Inputs, as_inputs, check_inputs, may_turn
from unknot.adapters.torch.maps import to_numpy
from unknot.adapters.torch.state import untouched
from unknot.errors import UsageError
from unknot.traces.note import Note

TAKES_SEVERAL = True
#: Calls are cheap here: 4 MB of numbers stay in the cache until they are copied.
NUMBERS_IN_A_BATCH = 2**20


@contextmanager
def opened(model: Any, sample: Array, path: Route) -> Generator[Network]:
    """Any ``nn.Module``, a compiled one, or an exported program."""
    torch: Any = sys.modules["torch"]
    module = _unwrapped(model, torch)
    _check_built(module, torch)
    check_inputs(module, sample)
    with untouched(module) as restore:
        yield _network(module, sample, path, restore)


def _network(module: Any, sample: Array, path: Route, restore: Callable[[], bool]) -> Network:
    seen, turned = _of_layers(module, as_inputs(sample, module), path), False
    if seen is None:
        restore()
        with forward_pass("PyTorch", sample):
            inputs, output, turned = _call(module, sample, restore)
            seen = _followed(module, inputs, output, path, restore)
    chain, outputs, forward, how = seen
    changes_itself = restore()

    def write(batch: Array, known: Sequence[bool], places: Places) -> list[Array | None]:
        arrays: list[Array | None] = [None] * len(places)

        def take(i: int, tensor: Any) -> None:
            arrays[i] = _written(tensor, places[i])

        forward(as_inputs(batch, module, turned), take)
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
        takes_whole_numbers=turned and sample.dtype.kind == "f",
        numbers_in_a_batch=NUMBERS_IN_A_BATCH,
    )


def _call(
    module: Any, sample: Array, restore: Callable[[], bool]
) -> tuple[Inputs, list[Any] | None, bool]:
    """The sample as the model takes it, the model's output, and whether its numbers were turned.

    Whole numbers stay whole as long as the model can do with them (embeddings); a model that
    cannot is given floats, and one that takes no floats whole numbers, where there are no
    fractions. What the model raises is raised. The output is None for
    an exported program that insists on the number of points it was exported with: there the
    graph is the model.
    """
    inputs = as_inputs(sample, module)
    try:
        return inputs, copies(inputs.copied().given_to(module)), False
    except Exception as error:
        restore()
        if inputs.alone is not None and may_turn(sample):
            other = as_inputs(sample, module, turned=True)
            try:
                return other, copies(other.copied().given_to(module)), True
            except Exception:  # the first error says more
                restore()
        _check_width(module, sample, inputs, error)
        if hasattr(module, "graph") and type(module).__name__.startswith("GraphModule"):
            return inputs, None, False
        raise
    finally:
        restore()


def _check_width(module: Any, sample: Array, inputs: Inputs, error: Exception) -> None:
    """A wrong number of features is said in words, where a dense layer takes the points."""
    torch: Any = sys.modules["torch"]
    first = first_called(module, inputs)
    if (
        isinstance(first, torch.nn.Linear)
        and sample.ndim == 2
        and sample.shape[1] != first.in_features
    ):
        expected, got = (first.in_features,), sample.shape[1:]
        raise wrong_features("PyTorch", expected, got) from error


#: The chain, its outputs for the sample, the function that runs it, and how it was found.
Followed = tuple[Chain, list[Any], Callable[[Inputs, fx.Take], None], str]


def _of_layers(module: Any, inputs: Inputs, path: Route) -> Followed | None:
    """A model that only calls one layer after another, if it does so without an error."""
    if inputs.alone is None or has_inner_layers(module):
        return None
    try:
        graph = fx.plain_graph(module)
        return None if graph is None else _by_graph(module, graph, inputs, None, path)
    except UsageError:
        raise
    except Exception:
        return None  # said by the call of the model


def _by_graph(
    module: Any, graph: Any, inputs: Inputs, output: list[Any] | None, path: Route
) -> Followed:
    chain, outputs, forward = fx.follow_graph(module, graph, inputs.copied().alone, output, path)

    def of_batch(batch: Inputs, take: fx.Take) -> None:
        forward(batch.alone, take)

    return chain, outputs, of_batch, "Traced with torch.fx."


def _followed(
    module: Any,
    inputs: Inputs,
    output: list[Any] | None,
    path: Route,
    restore: Callable[[], bool],
) -> Followed:
    """The chain, by torch.fx if that sees what the model does, or else by hooks; and a note."""
    if inputs.alone is None:
        why = "torch.fx is asked for models of one input alone"
        return _by_hooks(module, inputs, output, path, restore, why)
    if has_inner_layers(module) and output is not None:
        why = "torch.fx does not look into PyTorch's own attention"
        return _by_hooks(module, inputs, output, path, restore, why)
    graph, reason = fx.try_trace(module)
    restore()
    why = f"torch.fx cannot trace it ({reason})"
    if graph is not None:
        try:
            return _by_graph(module, graph, inputs, output, path)
        except UsageError:
            raise
        except fx.NotSeenError as error:
            why = f"torch.fx does not see all it does ({error})"
            restore()
            if output is not None and not is_same(copies(inputs.copied().given_to(module)), output):
                why = "it gives other values at every call, so torch.fx cannot be checked"
        except Exception as error:
            if output is None:
                raise  # the graph is the model
            why = f"the graph of torch.fx does not run ({fx.first_line(error)})"
        restore()
    return _by_hooks(module, inputs, output, path, restore, why)


def _by_hooks(
    module: Any,
    inputs: Inputs,
    output: list[Any] | None,
    path: Route,
    restore: Callable[[], bool],
    why: str,
) -> Followed:
    """PyTorch's own attention is opened where the model's output stays what it is."""
    how = f"Seen by hooks on its modules, since {why}."
    if has_inner_layers(module) and output is not None:
        try:
            with opened_attention():
                again = copies(inputs.copied().given_to(module))
        except Exception:
            again = []
        restore()
        if is_same(again, output):
            return *hooks.follow_calls(module, inputs, path, opens=True), how
        how += " On the fast path its attention gives other values, so it is not opened."
    return *hooks.follow_calls(module, inputs, path), how


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
    if isinstance(module, torch.nn.RNNBase):
        kind = type(module).__name__
        raise UsageError(
            f"A bare {kind} gives its outputs and its states; unknot follows one array.\n"
            f"Trace a module whose forward(self, x) returns self.{kind.lower()}(x)[0]."
        )
    if any(tensor.is_meta for tensor in (*module.parameters(), *module.buffers())):
        raise UsageError(
            "The PyTorch model is on the device meta: its weights have shapes and no numbers.\n"
            "Load them first, as with load_state_dict(…, assign=True)."
        )
    lazy = torch.nn.parameter.UninitializedParameter
    if any(isinstance(p, lazy) for p in module.parameters()):
        raise UsageError(
            "The PyTorch model has lazy layers that were never built.\n"
            "Call it once on a batch before tracing it."
        )


def _written(tensor: Any, place: Array | None) -> Array:
    """A tensor's numbers, in their place if there is one: PyTorch copies with every thread."""
    if place is None or tensor.numel() != place.size:
        return to_numpy(tensor)  # a copy: what comes later may work in place
    torch: Any = sys.modules["torch"]
    torch.from_numpy(place).view(tensor.shape).copy_(tensor)
    return place
