"""The nodes of a torch.fx graph, told by what they did to the sample."""

import sys
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from unknot.adapters.graph import SOURCE, Node, layer_name, several_outputs
from unknot.adapters.torch.maps import (
    arguments_of,
    check_output,
    function_maps,
    is_cloud,
    is_finite,
    module_maps,
    plain,
)
from unknot.adapters.torch.run import Seen, attribute
from unknot.errors import UsageError
from unknot.network.maps import Affine, Map, Opaque


def nodes_of(module: Any, graph: Any, seen: Seen, path: list[str] | None) -> tuple[list[Node], Any]:
    """Every node that depends on the points, and the key of the output.

    Numbers such as a batch size do not count.
    """
    values, n = seen.values, len(seen.values[seen.source])
    #: What a node's value is by now: another's, where that worked in place.
    latest: dict[Any, Any] = {seen.source: seen.source}
    nodes: list[Node] = []
    for node in graph.nodes:
        inputs = [other for other in node.all_input_nodes if other in latest]
        if not inputs or node.op == "output" or not _holds_tensor(values[node]):
            continue
        if plain(_kind(node)).endswith("like"):
            continue  # has the shape of the points and nothing else of them
        kind, maps = _kind(node), (Opaque(_kind(node)),)
        is_hidden, maker = not is_cloud(values[node], n), _maker(node, values, n)
        if not is_hidden:
            kind, maps = _described(module, node, maker, inputs, latest, values)
        keys = tuple(SOURCE if latest[o] is seen.source else latest[o] for o in inputs)
        latest[node] = node
        latest.update(dict.fromkeys(seen.changed.get(node, ()), node))
        named = Node(node, _name(maker), kind, keys, maps, is_hidden=is_hidden)
        nodes.append(_only_bias(named))
    end = _output(graph, seen, nodes, latest, path)
    if end is not SOURCE:
        check_output(values[end], n)
    nodes = [
        replace(node, is_hidden=True)
        if not node.is_hidden and node.key is not end and not is_finite(values[node.key])
        else node
        for node in nodes
    ]
    return nodes, end


def _only_bias(node: Node) -> Node:
    """A node that adds constants, said so that a product before it can take them in."""
    map_ = node.maps[0] if len(node.maps) == 1 and plain(node.kind) in ("add", "sub") else None
    if isinstance(map_, Affine) and np.array_equal(map_.weight, np.eye(len(map_.bias))):
        return replace(node, maps=(), bias=map_.bias)
    return node


def _described(
    module: Any,
    node: Any,
    maker: Any,
    inputs: list[Any],
    latest: dict[Any, Any],
    values: dict[Any, Any],
) -> tuple[str, tuple[Map, ...]]:
    """What a node is and is taken to do."""
    torch: Any = sys.modules["torch"]
    name, kind = _name(maker), _kind(node)
    if maker.op == "call_module":
        part = attribute(module, maker.target)
        kind = type(part).__name__
        return kind, module_maps(part, name) if maker is node else (Opaque(kind),)
    input_ = values[latest[inputs[0]]]
    if not isinstance(input_, torch.Tensor) or input_.is_complex():
        return kind, (Opaque(kind),)
    constants = [
        values[other]
        for other in node.all_input_nodes
        if other not in inputs and isinstance(values[other], torch.Tensor)
    ]
    call = _of_one(node, inputs[0], values) if len(inputs) == 1 else None
    fx: Any = sys.modules["torch.fx"]
    given, named = fx.node.map_arg((node.args, dict(node.kwargs)), values.__getitem__)
    is_first = node.args[:1] == (inputs[0],)
    arguments = arguments_of(node.target, given, named) if is_first else None
    return kind, function_maps(kind, name, call, constants, values[node], input_, arguments)


def _of_one(node: Any, input_: Any, values: dict[Any, Any]) -> Callable[[Any], Any]:
    """A function node as a function of its cloud alone."""
    fx: Any = sys.modules["torch.fx"]

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


def _maker(node: Any, values: dict[Any, Any], n: int) -> Any:
    """The module that gave several values (a recurrent layer and its states), for one of them."""
    maker = node
    while maker.op == "call_function" and _kind(maker) == "getitem":
        maker = maker.args[0]
        if is_cloud(values[maker], n):
            return node
    return maker if maker.op == "call_module" else node


def _name(node: Any) -> str:
    """The module's place in the model; of a function of weights, the place of the weights."""
    if node.op == "call_module":
        return layer_name(str(node.target))
    for other in node.all_input_nodes:
        if other.op == "get_attr" and str(other.target).endswith(".weight"):
            return layer_name(str(other.target).removesuffix(".weight"))
    return str(node.name)


def _holds_tensor(value: Any) -> bool:
    torch: Any = sys.modules["torch"]
    if isinstance(value, torch.Tensor):
        return True
    if isinstance(value, dict):
        value = list(value.values())  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
    return isinstance(value, tuple | list) and any(_holds_tensor(v) for v in value)  # pyright: ignore[reportUnknownVariableType]


def _output(
    graph: Any, seen: Seen, nodes: list[Node], latest: dict[Any, Any], path: list[str] | None
) -> Any:
    """The key of the one output, or of the layer that was asked for."""
    given = next(node for node in graph.nodes if node.op == "output").args[0]
    if isinstance(given, tuple | list) and len(given) == 1:  # pyright: ignore[reportUnknownArgumentType]
        given = given[0]  # pyright: ignore[reportUnknownVariableType]
    torch: Any = sys.modules["torch"]
    fx: Any = sys.modules["torch.fx"]
    if isinstance(given, fx.Node) and isinstance(seen.values.get(given), torch.Tensor):
        given = latest.get(given, given)
        return SOURCE if given.op == "placeholder" else given
    found = [node.key for node in nodes if path and node.name == path[-1]]
    if found:
        return found[-1]
    raise UsageError(several_outputs("PyTorch", seen.output))
