"""A PyTorch model that torch.fx cannot trace, seen by hooks on its modules.

What happens between two modules is seen by its result: where that is a known activation of what
came before, its values tell. What it was made of is known from the functions that were called.
"""

import sys
from collections.abc import Callable, Generator, Hashable
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from functools import cache, partial
from threading import get_ident
from typing import Any

from unknot.adapters.calls import (
    ASIDE,
    Call,
    Value,
    again,
    chain_of_calls,
    check_same,
    end_call,
    last_value,
)
from unknot.adapters.graph import Chain, Scope, layer_name, listed
from unknot.adapters.network import Route
from unknot.adapters.torch.attention import (
    CONTAINERS,
    as_output,
    opened_attention,
    watched_heads,
)
from unknot.adapters.torch.graph import tensors_in
from unknot.adapters.torch.inputs import Inputs
from unknot.adapters.torch.maps import check_output, module_maps, to_numpy, version
from unknot.network.maps import Opaque

#: PyTorch's modules that are open whatever happens.
LISTS = ("Sequential", "ModuleList", "ModuleDict")
ATTENTION = (Opaque("attention"),)
#: A tensor as it is now: what works in place makes another value of the same tensor.
TensorKey = tuple[int, int]
Origins = dict[Hashable, frozenset[Hashable]]


def key_of(tensor: Any) -> TensorKey:
    """Tells a value from others, as long as the tensor lives."""
    return id(tensor), version(tensor)


@contextmanager
def followed(origins: Origins, alive: list[Any]) -> Generator[None]:
    """Inside, whatever is made of values in `origins` gets there too, with what it was made of.

    Tensors are kept in `alive`, so that their identities are not given away.
    """
    with _mode_class()(origins, alive):
        yield


@cache
def _mode_class() -> Any:
    from torch.overrides import TorchFunctionMode

    class Following(TorchFunctionMode):
        """Sees every function of PyTorch that is called with Python."""

        def __init__(self, origins: Origins, alive: list[Any]) -> None:
            super().__init__()
            self.origins, self.alive = origins, alive

        def __torch_function__(
            self, func: Any, types: Any, args: Any = (), kwargs: Any = None
        ) -> Any:
            kwargs = kwargs or {}
            inputs = [(tensor, key_of(tensor)) for tensor in tensors_in((args, kwargs))]
            output = func(*args, **kwargs)
            made_of = frozenset[Hashable]().union(*(self.origins.get(key, ()) for _, key in inputs))
            if made_of:
                changed = [tensor for tensor, key in inputs if key_of(tensor) != key]
                for tensor in (*changed, *tensors_in(output)):
                    self.origins.setdefault(key_of(tensor), made_of)
                    self.alive.append(tensor)
            return output

    return Following


def follow_calls(
    module: Any, inputs: Inputs, path: Route, *, opens: bool = False
) -> tuple[Chain, list[Any], Callable[[Inputs, Callable[[int, Any], None]], None]]:
    """The chain to show, what the model made of `inputs` along it, and the function that runs it.

    PyTorch's own attention is looked into if it `opens`.
    """
    entrances = inputs.entrances()
    n = inputs.n_points
    origins: Origins = {key_of(x): frozenset([key_of(x)]) for x in entrances}
    sources = [_as_value(x, n) for x in entrances]
    for tensor in inputs.tensors.values():
        origins.setdefault(key_of(tensor), frozenset([ASIDE]))
    output, calls = watch(module, inputs, origins, opens=opens)
    is_tensor: Callable[[Any], bool] = sys.modules["torch"].is_tensor
    last, notes = last_value(
        output, calls, path, "PyTorch", is_tensor, lambda t: _as_value(t, n, origins)
    )
    check_output(last.tensor, n)
    chain, addresses = chain_of_calls(
        calls, sources, last, path, "PyTorch", to_numpy, is_part=inputs.alone is None
    )
    turned = [call.name for call in calls if call.output.is_turned and not call.is_end]
    if turned:
        notes = (
            *notes,
            f"In {listed(turned, 3)} the points are on the second axis (batch_first=False); here "
            "they come first.",
        )
    chain = replace(chain, notes=(*notes, *chain.notes))
    names = [call.name for call in calls]

    def forward(batch: Inputs, take: Callable[[int, Any], None]) -> None:
        output, now = watch(module, batch, opens=opens)
        check_same(names, [call.name for call in now], "PyTorch")
        as_value = partial(_as_value, n=batch.n_points)
        end, _ = last_value(output, now, path, "PyTorch", is_tensor, as_value)
        for i, tensor in enumerate(again(now, end, addresses)):
            take(i, tensor)

    return chain, again(calls, last, addresses), forward


def _as_value(tensor: Any, n: int, origins: Origins | None = None) -> Value:
    """A copy of a tensor as it is now, its points first: what comes later may work in place."""
    key = key_of(tensor)
    made_of = None if origins is None else tuple(origins.get(key, ()))
    now = tensor.detach().clone()
    # (tokens, points, units), as PyTorch's sequences are without batch_first=True.
    is_turned = now.ndim > 2 and len(now) != n == now.shape[1]
    return Value(key, now.transpose(0, 1) if is_turned else now, made_of, is_turned)


def first_called(module: Any, inputs: Inputs) -> Any:
    """The innermost module that takes the points first, or None, where the call may fail."""
    called: list[Any] = []

    def note(part: Any, args: Any) -> None:
        called.append(part)

    parts = [part for _, part in _layers_of(module)] or [module]
    handles = [part.register_forward_pre_hook(note) for part in parts]
    try:
        inputs.given_to(module)
    except Exception:  # it is known to fail
        pass
    finally:
        for handle in handles:
            handle.remove()
    return called[0] if called else None


def watch(
    module: Any, inputs: Inputs, origins: Origins | None = None, *, opens: bool = False
) -> tuple[Any, list[Call]]:
    """Call the model with every innermost module watched; hooks are gone afterwards.

    Where `origins` are given, what lies between the modules is followed and maps are proposed.
    """
    calls: list[Call] = []
    #: Tensors are kept alive, so that their identities are not given away.
    alive: list[Any] = []
    with ExitStack() as stack:
        heads: dict[int, Any] = {}
        if opens:
            stack.enter_context(opened_attention())
            heads = stack.enter_context(watched_heads(module))
        stack.enter_context(_hooks(module, inputs.n_points, calls, origins, alive, heads, opens))
        if origins is not None:
            stack.enter_context(followed(origins, alive))
        output = inputs.given_to(module)
    return output, calls


@contextmanager
def _hooks(
    module: Any,
    n: int,
    calls: list[Call],
    origins: Origins | None,
    alive: list[Any],
    heads: dict[int, Any],
    opens: bool,
) -> Generator[None]:
    begun: list[tuple[Value, ...]] = []
    scopes: list[Scope] = []
    thread = get_ident()

    def before(part: Any, args: Any, kwargs: Any) -> None:
        if get_ident() == thread:
            inputs = list(tensors_in((args, kwargs)))
            begun.append(tuple(_as_value(tensor, n, origins) for tensor in inputs))
            alive.extend(inputs)

    def after(name: str, part: Any, output: Any) -> None:
        if get_ident() != thread:
            return
        inputs, outputs = begun.pop(), list(tensors_in(output))
        if not inputs or not outputs:
            return
        alive.extend(outputs)
        inside = heads.pop(id(part), None)
        inside = None if inside is None else as_output(inside, outputs[0], part)
        if inside is None:
            kind, maps = type(part).__name__, () if origins is None else module_maps(part, name)
        else:
            # Its last layer's weights are used without a call of the layer.
            made = (_as_value(inside, n),)
            calls.append(
                Call(f"{name}.heads", "attention", ATTENTION, inputs, made[0], tuple(scopes))
            )
            alive.append(inside)
            kind, inputs = "Linear", made
            maps = () if origins is None else module_maps(part.out_proj, name)
        made = _as_value(outputs[0], n, origins)
        calls.append(Call(name, kind, maps, inputs, made, tuple(scopes)))
        if origins is not None:
            origins.update({value.key: frozenset([value.key]) for value in inputs if value.made_of})
            # The states of a recurrent layer were made with its output.
            origins.update({key_of(tensor): frozenset([key_of(outputs[0])]) for tensor in outputs})

    def enter(name: str, part: Any, args: Any) -> None:
        if get_ident() == thread:
            scopes.append(Scope((name, len(calls)), name, type(part).__name__))

    def leave(part: Any, args: Any, output: Any) -> None:
        if get_ident() == thread:
            for tensor in list(tensors_in(output))[:1]:
                alive.append(tensor)
                calls.append(end_call(scopes, _as_value(tensor, n, origins)))
                if origins is not None:
                    origins[key_of(tensor)] = frozenset([key_of(tensor)])
            scopes.pop()

    handles: list[Any] = []
    try:
        for name, part in containers_of(module, opens):
            handles.append(part.register_forward_pre_hook(partial(enter, name)))
            handles.append(part.register_forward_hook(leave))
        for name, part in _layers_of(module, opens):

            def hook(part: Any, args: Any, output: Any, name: str = name) -> None:
                after(name, part, output)

            handles.append(part.register_forward_pre_hook(before, with_kwargs=True))
            handles.append(part.register_forward_hook(hook))
        yield
    finally:
        for handle in handles:
            handle.remove()


def _layers_of(module: Any, opens: bool = False) -> Generator[tuple[str, Any]]:
    """Modules without parts, and PyTorch's own with parts (attention)."""
    own: set[int] = set()
    for name, part in module.named_modules():
        if id(part) in own or not name:
            continue
        children = list(part.modules())[1:]
        is_container = type(part).__name__ in (CONTAINERS if opens else LISTS)
        if not children or (type(part).__module__.startswith("torch.nn") and not is_container):
            own.update(id(child) for child in children)
            yield layer_name(name.replace("._orig_mod", "")), part


def containers_of(module: Any, opens: bool = False) -> Generator[tuple[str, Any]]:
    """The modules with parts that are looked into, the model itself aside."""
    leaves = [name for name, _ in _layers_of(module, opens)]
    for name, part in module.named_modules():
        place = layer_name(name.replace("._orig_mod", ""))
        is_inside = any(place == leaf or place.startswith(f"{leaf}.") for leaf in leaves)
        if name and not is_inside and list(part.children()):
            yield place, part
