"""A PyTorch model as torch.fx sees it: every module and every function that forward calls."""

import importlib
import sys
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from threading import get_ident
from typing import Any

from unknot.adapters.graph import Chain, main_chain
from unknot.adapters.network import Route
from unknot.adapters.torch.graph import (
    CONSTANT,
    NotSeenError,
    attribute,
    nodes_of,
    on_sample,
    plan_of,
    run,
    tensors_in,
)

#: Is given the number of a step and its output, while that is what the step made of it.
Take = Callable[[int, Any], None]
Forward = Callable[[Any, Take], None]

#: How far two runs of the same operations may be apart, as a share of the output's size: fused
#: kernels add up in another order. Half precision in between is off by 2e-4 and more.
ROUNDING = 2e-5


def try_trace(module: Any) -> tuple[Any, str]:
    """The graph, or None and the reason."""
    fx: Any = importlib.import_module("torch.fx")  # a part of a package that is in memory
    if isinstance(module, fx.GraphModule):
        return module.graph, ""
    tracer = _tracer_class()()
    if _is_hooked(module, tracer):
        return None, "it has hooks of its own"
    try:
        graph = tracer.trace(module)
    except Exception as error:
        return None, first_line(error)
    for node in graph.nodes:
        if node.op == "get_attr":
            # What is no attribute of the model was made one for the time of tracing.
            node.meta[CONSTANT] = attribute(module, node.target)
    return graph, ""


def plain_graph(module: Any) -> Any:
    """Of a Sequential of PyTorch's own layers, which needs no tracing; None for all else."""
    fx: Any = importlib.import_module("torch.fx")
    tracer, graph = _tracer_class()(), fx.Graph()
    if not _is_sequence(module) or _is_hooked(module, tracer) or _has_global_hooks():
        return None
    x = graph.placeholder("x")

    def call(part: Any, place: str, x: Any) -> Any:
        for name, child in part._modules.items():
            if _is_sequence(child):
                x = call(child, f"{place}{name}.", x)
            elif x is not None:
                is_layer = tracer.is_leaf_module(child, name)
                x = graph.call_module(f"{place}{name}", (x,)) if is_layer else None
                if x is not None:
                    parents = place.removesuffix(".").split(".") if place else []
                    names = [".".join(parents[: i + 1]) for i in range(len(parents))]
                    x.meta["nn_module_stack"] = {each: (each, "Sequential") for each in names}
        return x

    x = call(module, "", x)
    if x is not None:
        graph.output(x)
    return None if x is None else graph


def _is_sequence(module: Any) -> bool:
    torch: Any = sys.modules["torch"]
    return type(module) is torch.nn.Sequential and "forward" not in module.__dict__


def _has_global_hooks() -> bool:
    hooks: Any = sys.modules["torch.nn.modules.module"]
    return bool(hooks._global_forward_hooks or hooks._global_forward_pre_hooks)


def first_line(error: Exception) -> str:
    """Of an error's message."""
    lines = str(error).strip().splitlines()
    return lines[0][:150] if lines else type(error).__name__


@cache
def _tracer_class() -> Any:
    fx: Any = sys.modules["torch.fx"]

    class OneInput(fx.Tracer):
        """Traces a call with one input: other arguments have their defaults, not proxies.

        Modules that other threads call meanwhile are called as ever.
        """

        def __init__(self) -> None:
            super().__init__()
            self.thread = get_ident()

        def create_args_for_root(
            self, root_fn: Any, is_module: bool, concrete_args: Any = None
        ) -> tuple[Any, list[Any]]:
            def called(x: Any) -> Any:
                return self.root.forward(x)

            return called, [self.create_proxy("placeholder", "x", (), {})]

        def call_module(self, m: Any, forward: Any, args: Any, kwargs: Any) -> Any:
            if get_ident() != self.thread:
                return forward(*args, **kwargs)
            return super().call_module(m, forward, args, kwargs)

        def getattr(self, attr: str, attr_val: Any, parameter_proxy_cache: Any) -> Any:
            if get_ident() != self.thread:
                return attr_val
            return super().getattr(attr, attr_val, parameter_proxy_cache)

    return OneInput


def _is_hooked(module: Any, tracer: Any) -> bool:
    """Whether tracing would miss hooks, or give them what is no tensor."""
    return any(
        (part._forward_hooks or part._forward_pre_hooks)
        and (part is module or not tracer.is_leaf_module(part, name))
        for name, part in module.named_modules()
    )


def follow_graph(
    module: Any, graph: Any, x: Any, expected: list[Any] | None, path: Route
) -> tuple[Chain, list[Any], Forward]:
    """The chain to show, what the model made of `x` along it, and the function that runs it.

    Parameters
    ----------
    module, graph, x, path
    expected : list of tensors or None
        What the model itself gives for `x`, where that is known.

    Raises
    ------
    NotSeenError
        When the graph does not do what the model does.
    """
    seen = on_sample(module, graph, x)
    if expected is not None and not is_same(copies(seen.output), expected):
        raise NotSeenError("torch.fx gives another output than the model")
    nodes, end, notes = nodes_of(module, graph, seen, path)
    chain = main_chain(nodes, end, path, "PyTorch")
    chain = replace(chain, notes=(*notes, *chain.notes))
    numbers = {key: i for i, key in enumerate(chain.keys)}
    in_order = list(graph.nodes)
    last = max((in_order.index(key) for key in chain.keys), default=-1)
    plan = plan_of(in_order[: last + 1])

    def forward(batch: Any, take: Take) -> None:
        def on_the_way(node: Any, value: Any) -> None:
            if node in numbers:
                take(numbers[node], value)

        run(module, seen.source, plan, batch, on_the_way)

    return chain, [seen.values[key] for key in chain.keys], forward


def copies(output: Any) -> list[Any]:
    """Of the tensors in an output."""
    return [tensor.detach().clone() for tensor in tensors_in(output)]


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
