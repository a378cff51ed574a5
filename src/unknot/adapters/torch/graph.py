"""A torch.fx graph, run operation by operation; what its nodes did to the sample tells them."""

import sys
from collections.abc import Callable, Generator
from dataclasses import dataclass, replace
from typing import Any

from unknot.adapters.calls import leaves_of, logits_note, only
from unknot.adapters.graph import SOURCE, Node, Scope, is_aside, layer_name
from unknot.adapters.inputs import GIVE_ALL
from unknot.adapters.network import Route, several_inputs, several_outputs
from unknot.adapters.torch.maps import (
    arguments_of,
    check_output,
    function_maps,
    is_cloud,
    is_finite,
    module_maps,
    operation_name,
    to_numpy,
    version,
)
from unknot.network.maps import Affine, Map, Opaque

#: Every operation, whether nodes stand plainly among its arguments, and what it uses last.
Plan = list[tuple[Any, bool, list[Any]]]

#: Functions whose result is the dense layer's, whatever the module does with it.
PRODUCTS = ("linear", "addmm", "matmul", "mm")
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


def tensors_in(value: Any) -> Generator[Any]:
    """The tensors in arguments or outputs."""
    torch: Any = sys.modules["torch"]
    return (leaf for leaf in leaves_of(value) if isinstance(leaf, torch.Tensor))


def source_of(graph: Any) -> Any:
    """The one input; others must have a default."""
    inputs = [node for node in graph.nodes if node.op == "placeholder"]
    needed = [node for node in inputs if not node.args]
    if len(needed) > 1 or not inputs:
        raise several_inputs("PyTorch", [node.name for node in needed], GIVE_ALL)
    return (needed or inputs)[0]


def plan_of(nodes: Any) -> Plan:
    """Every operation, whether nodes stand plainly among its arguments, and what it uses last."""
    fx: Any = sys.modules["torch.fx"]
    last: dict[Any, Any] = {}
    for node in nodes:
        for other in (node, *node.all_input_nodes):
            last[other] = node
    simple = (fx.Node, int, float, str, bool, type(None))
    return [
        (
            node,
            not node.kwargs and all(isinstance(argument, simple) for argument in node.args),
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
    end = next(node for node in nodes if node.op == "output").args[0]
    return Seen(source, values, changed, fx.node.map_arg(end, made.__getitem__))


def _is_at(tensor: Any, value: Any) -> bool:
    """Whether two tensors are the same numbers at the same place."""
    return tensor is value or (
        hasattr(value, "data_ptr")
        and tensor.numel() == value.numel()
        and tensor.data_ptr() == value.data_ptr()
        and tensor.is_contiguous()
        and value.is_contiguous()
    )


def nodes_of(
    module: Any, graph: Any, seen: Seen, path: Route
) -> tuple[list[Node], Any, tuple[str, ...]]:
    """Every node that depends on the points, the key of the output, and a note on which it is.

    Numbers such as a batch size do not count.
    """
    values, n = seen.values, len(seen.values[seen.source])
    #: What a node's value is by now: another's, where that worked in place.
    latest: dict[Any, Any] = {seen.source: seen.source}
    nodes: list[Node] = []
    for node in graph.nodes:
        inputs = [other for other in node.all_input_nodes if other in latest]
        if not inputs or node.op == "output" or not list(tensors_in(values[node])):
            continue
        if operation_name(_kind(node)).endswith("like"):
            continue  # has the shape of the points and nothing else of them
        kind, maps = _kind(node), (Opaque(_kind(node)),)
        is_hidden, maker = not is_cloud(values[node], n), _maker(node, values, n)
        if not is_hidden:
            kind, maps = _described(module, node, maker, inputs, latest, values)
        keys = tuple(SOURCE if latest[o] is seen.source else latest[o] for o in inputs)
        latest[node] = node
        latest.update(dict.fromkeys(seen.changed.get(node, ()), node))
        named = Node(
            node,
            _name(maker),
            kind,
            keys,
            maps,
            is_hidden=is_hidden,
            is_aside=_is_aside(values[node], [values[latest[other]] for other in inputs], n),
            scopes=_scopes(node),
            is_module=maker.op == "call_module",
            shape=None if is_hidden else tuple(values[node].shape[1:]),
        )
        nodes.append(_only_bias(named))
    end, notes = _output(graph, seen, nodes, latest, path)
    if end is not SOURCE:
        check_output(values[end], n)
    nodes = [
        replace(node, is_hidden=True)
        if not node.is_hidden and node.key is not end and not is_finite(values[node.key])
        else node
        for node in nodes
    ]
    return nodes, end, notes


def _is_aside(value: Any, sources: list[Any], n: int) -> bool:
    def cloud(tensor: Any) -> Any:
        return to_numpy(tensor) if is_cloud(tensor, n) else None

    if not hasattr(value, "dtype"):
        return False
    return is_aside(value.dtype, cloud(value), map(cloud, sources))


def _scopes(node: Any) -> tuple[Scope, ...]:
    """The modules with parts that a node is inside of, the outermost first."""
    stack = node.meta.get("nn_module_stack") or {}
    scopes: list[Scope] = []
    for key, entry in stack.items():
        place, kind = entry
        name = str(place).removeprefix("L['self'].")
        if name and not (node.op == "call_module" and name == node.target):
            word = kind if isinstance(kind, str) else getattr(kind, "__name__", str(kind))
            scopes.append(Scope(key, layer_name(name), word.rpartition(".")[2]))
    return tuple(scopes)


def _only_bias(node: Node) -> Node:
    """A node that adds constants, said so that a product before it can take them in."""
    map_ = (
        node.maps[0]
        if len(node.maps) == 1 and operation_name(node.kind) in ("add", "sub")
        else None
    )
    if isinstance(map_, Affine) and map_.scale is not None and (map_.scale == 1).all():
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
    positional, named = fx.node.map_arg((node.args, dict(node.kwargs)), values.__getitem__)
    is_first = node.args[:1] == (inputs[0],)
    arguments = arguments_of(node.target, positional, named) if is_first else None
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
            place = str(other.target).removesuffix(".weight")
            is_inner = _kind(node) not in PRODUCTS and any(
                place in user.meta.get("nn_module_stack", ()) for user in node.users
            )
            # What a module makes in the middle is not what the module makes.
            return f"{place}.{_kind(node)}" if is_inner else layer_name(place)
    return _part_name(node) or str(node.name)


def _part_name(node: Any) -> str | None:
    """``"lstm[0][:, -1]"``: what is taken of a module's output; None of anything else."""
    maker, written = node, ""
    while maker.op == "call_function" and _kind(maker) == "getitem":
        maker, index = maker.args[:2]
        parts: Any = index if isinstance(index, tuple) else (index,)
        written = f"[{', '.join(map(_as_index, parts))}]{written}"
    is_part = written and maker.op == "call_module"
    return f"{layer_name(str(maker.target))}{written}" if is_part else None


def _as_index(part: Any) -> str:
    if not isinstance(part, slice):
        return "..." if part is ... else str(part)
    ends = ["" if end is None else str(end) for end in (part.start, part.stop, part.step)]
    return ":".join(ends if ends[2] else ends[:2])


def _output(
    graph: Any, seen: Seen, nodes: list[Node], latest: dict[Any, Any], path: Route
) -> tuple[Any, tuple[str, ...]]:
    """The key of the one output, or of the layer that was asked for; and a note on which."""
    torch: Any = sys.modules["torch"]
    fx: Any = sys.modules["torch.fx"]

    def is_tensor(part: Any) -> bool:
        return isinstance(part, fx.Node) and isinstance(seen.values.get(part), torch.Tensor)

    output = next(node for node in graph.nodes if node.op == "output").args[0]
    end, names = only(output, is_tensor)
    if end is not None:
        end = latest.get(end, end)
        return SOURCE if end.op == "placeholder" else end, logits_note(names)
    ends = [node.key for node in nodes if path and node.name == path[-1]]
    if ends:
        return ends[-1], ()
    one, names = only(seen.output, torch.is_tensor)
    if one is not None:
        raise NotSeenError("it makes a container that torch.fx does not open")
    raise several_outputs("PyTorch", seen.output, names)
