"""A torch.fx graph is run operation by operation."""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from unknot.adapters.torch.maps import version
from unknot.errors import UsageError

#: Every operation, whether nodes stand plainly among its arguments, and what it uses last.
Plan = list[tuple[Any, bool, list[Any]]]

#: Under this name a node of the graph has the tensor that tracing came upon.
CONSTANT = "unknot constant"


class NotSeenError(Exception):
    """torch.fx can trace the model and does not see what it does; says why."""


@dataclass(frozen=True)
class Seen:
    """What a graph did to the sample.

    Attributes
    ----------
    source : node
        The input.
    values : dict
        What every node made, before something else worked in place.
    changed : dict
        For nodes that worked in place: the nodes whose values are now this one's.
    output
        Of the whole graph.
    """

    source: Any
    values: dict[Any, Any]
    changed: dict[Any, list[Any]]
    output: Any


def source_of(graph: Any) -> Any:
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


def plan_of(nodes: Any) -> Plan:
    """Every operation, whether nodes stand plainly among its arguments, and what it uses last."""
    fx: Any = sys.modules["torch.fx"]
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
    plan: Plan,
    x: Any,
    take: Callable[[Any, Any], None],
) -> dict[Any, Any]:
    """Give the value of every node to `take`; what nothing uses any more is not kept.

    Gives what is left: the values that the output is made of.
    """
    fx: Any = sys.modules["torch.fx"]
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
            constant = node.meta.get(CONSTANT)
            value = attribute(module, node.target) if constant is None else constant
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
    return made


def attribute(module: Any, target: str) -> Any:
    """``"net.0.weight"`` of a module."""
    for name in target.split("."):
        module = getattr(module, name)
    return module


def on_sample(module: Any, graph: Any, x: Any) -> Seen:
    """Run a graph and keep everything.

    Raises
    ------
    NotSeenError
        When what works in place changes a value that is used later by another name.
    """
    torch: Any = sys.modules["torch"]
    fx: Any = sys.modules["torch.fx"]
    nodes = list(graph.nodes)
    order = {node: i for i, node in enumerate(nodes)}
    values: dict[Any, Any] = {}
    changed: dict[Any, list[Any]] = {}
    tensors: dict[Any, Any] = {}
    versions: dict[Any, int] = {}

    def take(node: Any, value: Any) -> None:
        if any(
            versions.get(o, 0) != version(tensors[o]) for o in node.all_input_nodes if o in tensors
        ):
            moved = [o for o in tensors if versions[o] != version(tensors[o])]
            versions.update({o: version(tensors[o]) for o in moved})
            # Nobody asks any more for what was the last to use it.
            moved = [o for o in moved if any(order[user] > order[node] for user in o.users)]
            if not all(_is_at(tensors[o], value) for o in moved):
                raise NotSeenError("it works in place on parts of what torch.fx follows")
            changed[node] = moved
        if isinstance(value, torch.Tensor):
            tensors[node], versions[node] = value, version(value)
            value = value.clone()
        values[node] = value

    source = source_of(graph)
    made = run(module, source, plan_of(nodes), x, take)
    given = next(node for node in nodes if node.op == "output").args[0]
    return Seen(source, values, changed, fx.node.map_arg(given, made.__getitem__))


def _is_at(tensor: Any, value: Any) -> bool:
    """Whether two tensors are the same numbers at the same place."""
    return tensor is value or (
        hasattr(value, "data_ptr")
        and tensor.numel() == value.numel()
        and tensor.data_ptr() == value.data_ptr()
        and tensor.is_contiguous()
        and value.is_contiguous()
    )
