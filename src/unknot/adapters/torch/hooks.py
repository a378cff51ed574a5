"""A PyTorch model that torch.fx cannot trace, seen by hooks on its modules.

What happens between two modules is seen by its result: where that is a known activation of what
came before, its values tell. What it was made of is known from the functions that were called.
"""

import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager, nullcontext
from threading import get_ident
from typing import Any

from unknot.adapters.calls import Call, Value, again, chain_of_calls, check_same
from unknot.adapters.graph import Chain, layer_name, several_outputs
from unknot.adapters.torch.functions import Sources, followed, key_of, tensors_in
from unknot.adapters.torch.maps import check_output, module_maps, to_numpy
from unknot.errors import UsageError


def follow(
    module: Any, x: Any, path: list[str] | None
) -> tuple[Chain, list[Any], Callable[[Any, Callable[[int, Any], None]], None]]:
    """The chain to show, what the model made of `x` along it, and the function that runs it."""
    sources: Sources = {key_of(x): frozenset([key_of(x)])}
    source = _as_value(x)
    output, calls = watch(module, x, sources)
    last = _end(output, calls, path, sources)
    check_output(last.tensor, len(x))
    chain, places = chain_of_calls(calls, source, last, path, "PyTorch", to_numpy)
    names = [call.name for call in calls]

    def forward(batch: Any, take: Callable[[int, Any], None]) -> None:
        output, now = watch(module, batch)
        check_same(names, [call.name for call in now], "PyTorch")
        for i, tensor in enumerate(again(now, _end(output, now, path), places)):
            take(i, tensor)

    return chain, again(calls, last, places), forward


def _end(output: Any, calls: list[Call], path: list[str] | None, sources: Any = None) -> Value:
    """The one output, or that of the layer that was asked for."""
    torch: Any = sys.modules["torch"]
    if isinstance(output, tuple | list) and len(output) == 1:  # pyright: ignore[reportUnknownArgumentType]
        output = output[0]  # pyright: ignore[reportUnknownVariableType]
    if isinstance(output, torch.Tensor):
        return _as_value(output, sources)
    ends = [call.output for call in calls if path and call.name == path[-1]]
    if not ends:
        raise UsageError(several_outputs("PyTorch", output))
    return ends[-1]


def _as_value(tensor: Any, sources: Sources | None = None) -> Value:
    """A copy of a tensor as it is now: what comes later may work in place."""
    key = key_of(tensor)
    made_of = None if sources is None else tuple(sources.get(key, ()))
    return Value(key, tensor.detach().clone(), made_of)


def first_called(module: Any, x: Any) -> Any:
    """The innermost module that takes the points first, or None, where the call may fail."""
    called: list[Any] = []

    def note(part: Any, args: Any) -> None:
        called.append(part)

    parts = [part for _, part in leaves_of(module)] or [module]
    handles = [part.register_forward_pre_hook(note) for part in parts]
    try:
        module(x)
    except Exception:  # it is known to fail
        pass
    finally:
        for handle in handles:
            handle.remove()
    return called[0] if called else None


def watch(module: Any, x: Any, sources: Sources | None = None) -> tuple[Any, list[Call]]:
    """Call the model with every innermost module watched; hooks are gone afterwards.

    Where `sources` are given, what lies between the modules is followed and maps are proposed.
    """
    calls: list[Call] = []
    #: Tensors are kept alive, so that their identities are not given away.
    alive: list[Any] = []
    following = nullcontext() if sources is None else followed(sources, alive)
    with _hooks(module, calls, sources, alive), following:
        output = module(x)
    return output, calls


@contextmanager
def _hooks(
    module: Any, calls: list[Call], sources: Sources | None, alive: list[Any]
) -> Generator[None]:
    begun: list[tuple[Value, ...]] = []
    thread = get_ident()

    def before(part: Any, args: Any, kwargs: Any) -> None:
        if get_ident() == thread:
            given = list(tensors_in((args, kwargs)))
            begun.append(tuple(_as_value(tensor, sources) for tensor in given))
            alive.extend(given)

    def after(name: str, part: Any, output: Any) -> None:
        if get_ident() != thread:
            return
        given, made = begun.pop(), list(tensors_in(output))
        if not given or not made:
            return
        alive.extend(made)
        maps = () if sources is None else module_maps(part, name)
        calls.append(Call(name, type(part).__name__, maps, given, _as_value(made[0], sources)))
        if sources is not None:
            sources.update({value.key: frozenset([value.key]) for value in given if value.made_of})
            # The states of a recurrent layer were made with its output.
            sources.update({key_of(tensor): frozenset([key_of(made[0])]) for tensor in made})

    handles: list[Any] = []
    try:
        for name, part in leaves_of(module):

            def hook(part: Any, args: Any, output: Any, name: str = name) -> None:
                after(name, part, output)

            handles.append(part.register_forward_pre_hook(before, with_kwargs=True))
            handles.append(part.register_forward_hook(hook))
        yield
    finally:
        for handle in handles:
            handle.remove()


def leaves_of(module: Any) -> Generator[tuple[str, Any]]:
    """Modules without parts, and PyTorch's own with parts (attention)."""
    own: set[int] = set()
    for name, part in module.named_modules():
        if id(part) in own or not name:
            continue
        children = list(part.modules())[1:]
        is_container = type(part).__name__ in ("Sequential", "ModuleList", "ModuleDict")
        if not children or (type(part).__module__.startswith("torch.nn") and not is_container):
            own.update(id(child) for child in children)
            yield layer_name(name.replace("._orig_mod", "")), part
