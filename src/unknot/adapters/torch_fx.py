"""A PyTorch model as torch.fx sees it: every module and every function that forward calls."""

import importlib
import sys
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from unknot.adapters.graph import (
    SOURCE,
    Chain,
    Node,
    layer_name,
    main_chain,
    several_outputs,
)
from unknot.adapters.torch_maps import function_maps, module_maps, plain
from unknot.errors import UsageError
from unknot.maps import Affine, Map, Opaque

#: Is given the number of a step and its output, while that is what the step made of it.
Take = Callable[[int, Any], None]
Forward = Callable[[Any, Take], None]


def try_trace(module: Any) -> tuple[Any, str]:
    """The graph, or None and the reason."""
    fx = _fx()
    if isinstance(module, fx.GraphModule):
        return module.graph, ""
    try:
        return fx.Tracer().trace(module), ""
    except Exception as error:
        lines = str(error).strip().splitlines()
        return None, lines[0][:150] if lines else type(error).__name__


def follow(
    module: Any, graph: Any, x: Any, path: list[str] | None
) -> tuple[Chain, list[Any], Forward]:
    """The chain to show, what the model made of `x` along it, and the function that runs it."""
    torch: Any = sys.modules["torch"]
    source = _source(graph)
    values: dict[Any, Any] = {}

    def keep(node: Any, value: Any) -> None:
        # A copy: what comes later may work in place.
        values[node] = value.clone() if isinstance(value, torch.Tensor) else value

    run(module, source, _plan(graph.nodes), x, keep)
    nodes = _nodes(module, graph, source, values)
    chain = main_chain(nodes, _output(graph, values, nodes, path), path, "PyTorch")
    numbers = {key: i for i, key in enumerate(chain.keys)}
    nodes_in_order = list(graph.nodes)
    last = max((nodes_in_order.index(key) for key in chain.keys), default=-1)
    plan = _plan(nodes_in_order[: last + 1])

    def forward(batch: Any, take: Take) -> None:
        def on_the_way(node: Any, value: Any) -> None:
            if node in numbers:
                take(numbers[node], value)

        run(module, source, plan, batch, on_the_way)

    return chain, [values[key] for key in chain.keys], forward


def _fx() -> Any:
    """torch.fx, a part of a package that is in memory."""
    return importlib.import_module("torch.fx")


def _source(graph: Any) -> Any:
    """The one input; others must have a default."""
    inputs = [node for node in graph.nodes if node.op == "placeholder"]
    needed = [node for node in inputs if not node.args]
    if len(needed) > 1 or not inputs:
        names = ", ".join(node.name for node in needed) or "none"
        raise UsageError(
            f"The PyTorch model takes {len(needed)} inputs ({names}); unknot follows one.\n"
            "Trace a module of one input that fixes the others."
        )
    return (needed or inputs)[0]


def _plan(nodes: Any) -> list[tuple[Any, bool, list[Any]]]:
    """Every operation, whether nodes stand plainly among its arguments, and what it uses last."""
    fx = _fx()
    last: dict[Any, Any] = {}
    for node in nodes:
        for other in (node, *node.all_input_nodes):
            last[other] = node
    plain = (fx.Node, int, float, str, bool, type(None))
    return [
        (
            node,
            not node.kwargs and all(isinstance(argument, plain) for argument in node.args),
            [other for other in (node, *node.all_input_nodes) if last[other] is node],
        )
        for node in nodes
        if node.op != "output"
    ]


def run(
    module: Any,
    source: Any,
    plan: list[tuple[Any, bool, list[Any]]],
    x: Any,
    take: Callable[[Any, Any], None],
) -> None:
    """Give the value of every node to `take`; nothing is kept longer than it is needed."""
    fx = _fx()
    made: dict[Any, Any] = {}

    def load(argument: Any) -> Any:
        return fx.node.map_arg(argument, made.__getitem__)

    for node, is_plain, used in plan:
        if is_plain:
            args = [made[a] if isinstance(a, fx.Node) else a for a in node.args]
            kwargs: Any = {}
        else:
            args, kwargs = load(node.args), load(node.kwargs)
        if node.op == "placeholder":
            value = x if node is source else (args[0] if args else None)
        elif node.op == "get_attr":
            value = attribute(module, node.target)
        elif node.op == "call_function":
            value = node.target(*args, **kwargs)
        elif node.op == "call_method":
            value = getattr(args[0], node.target)(*args[1:], **kwargs)
        else:
            value = attribute(module, node.target)(*args, **kwargs)
        made[node] = value
        take(node, value)
        for other in used:
            del made[other]


def attribute(module: Any, target: str) -> Any:
    """``"net.0.weight"`` of a module."""
    for name in target.split("."):
        module = getattr(module, name)
    return module


def _nodes(module: Any, graph: Any, source: Any, values: dict[Any, Any]) -> list[Node]:
    """Every node that depends on the points; numbers such as a batch size do not count."""
    torch: Any = sys.modules["torch"]
    keys: dict[Any, Any] = {source: SOURCE}
    nodes: list[Node] = []
    n = len(values[source])
    for node in graph.nodes:
        inputs = [other for other in node.all_input_nodes if other in keys]
        if not inputs or node.op == "output" or not _holds_tensor(values[node], torch):
            continue
        value = values[node]
        is_cloud = isinstance(value, torch.Tensor) and value.ndim > 0 and len(value) == n
        kind, maps = _kind(node), (Opaque(_kind(node)),)
        if is_cloud:
            kind, maps = _described(module, node, inputs, values)
        named = tuple(keys[other] for other in inputs)
        keys[node] = node
        nodes.append(_only_bias(Node(node, _name(node), kind, named, maps, is_hidden=not is_cloud)))
    return nodes


def _only_bias(node: Node) -> Node:
    """A node that adds constants, said so that a product before it can take them in."""
    map_ = node.maps[0] if len(node.maps) == 1 and plain(node.kind) in ("add", "sub") else None
    if isinstance(map_, Affine) and np.array_equal(map_.weight, np.eye(len(map_.bias))):
        return replace(node, maps=(), bias=map_.bias)
    return node


def _described(
    module: Any, node: Any, inputs: list[Any], values: dict[Any, Any]
) -> tuple[str, tuple[Map, ...]]:
    torch: Any = sys.modules["torch"]
    name = _name(node)
    if node.op == "call_module":
        part = attribute(module, node.target)
        return type(part).__name__, module_maps(part, name)
    input_, kind = values[inputs[0]], _kind(node)
    if not isinstance(input_, torch.Tensor):
        return kind, (Opaque(kind),)
    constants = [
        values[other]
        for other in node.all_input_nodes
        if other not in inputs and isinstance(values[other], torch.Tensor)
    ]
    call = _of_one(node, inputs[0], values) if len(inputs) == 1 else None
    return kind, function_maps(kind, name, call, constants, values[node], input_)


def _of_one(node: Any, input_: Any, values: dict[Any, Any]) -> Callable[[Any], Any]:
    """A function node as a function of its cloud alone."""
    fx = _fx()

    def call(x: Any) -> Any:
        made = {**values, input_: x}

        def load(argument: Any) -> Any:
            return fx.node.map_arg(argument, made.__getitem__)

        args, kwargs = load(node.args), load(node.kwargs)
        if node.op == "call_method":
            return getattr(args[0], node.target)(*args[1:], **kwargs)
        return node.target(*args, **kwargs)

    return call


def _kind(node: Any) -> str:
    target = node.target
    if isinstance(target, str):
        return target
    return str(getattr(target, "__name__", target)).removeprefix("aten.").partition(".")[0]


def _name(node: Any) -> str:
    """The module's place in the model; of a function of weights, the place of the weights."""
    if node.op == "call_module":
        return layer_name(str(node.target))
    for other in node.all_input_nodes:
        if other.op == "get_attr" and str(other.target).endswith(".weight"):
            return layer_name(str(other.target).removesuffix(".weight"))
    return str(node.name)


def _holds_tensor(value: Any, torch: Any) -> bool:
    if isinstance(value, torch.Tensor):
        return True
    if isinstance(value, dict):
        value = list(value.values())  # pyright: ignore[reportUnknownVariableType]
    return isinstance(value, tuple | list) and any(_holds_tensor(v, torch) for v in value)  # pyright: ignore[reportUnknownVariableType]


def _output(graph: Any, values: dict[Any, Any], nodes: list[Node], path: list[str] | None) -> Any:
    torch: Any = sys.modules["torch"]
    given = next(node for node in graph.nodes if node.op == "output").args[0]
    if isinstance(given, _fx().Node) and isinstance(values.get(given), torch.Tensor):
        return SOURCE if given.op == "placeholder" else given
    if isinstance(given, tuple | list) and len(given) == 1:  # pyright: ignore[reportUnknownArgumentType]
        return given[0]
    if path:
        found = [node.key for node in nodes if node.name == path[-1]]
        if found:
            return found[-1]
    what = given if isinstance(given, tuple | list | dict) else values.get(given)
    raise UsageError(several_outputs("PyTorch", what))
