"""A PyTorch model that torch.fx cannot trace, seen by hooks on its modules.

What happens between two modules is not seen, only its result: where that is a known activation of
what came before, its values tell.
"""

import sys
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

from unknot.adapters.calls import Call, Value, again, chain_of_calls, check_same
from unknot.adapters.graph import Chain, layer_name, several_outputs
from unknot.adapters.torch_fx import Forward, Take
from unknot.adapters.torch_maps import module_maps, to_numpy
from unknot.errors import UsageError


def follow(module: Any, x: Any, path: list[str] | None) -> tuple[Chain, list[Any], Forward]:
    """The chain to show, what the model made of `x` along it, and the function that runs it."""
    torch: Any = sys.modules["torch"]
    source = _as_value(x, copied=True)
    output, calls = watch(module, x, with_maps=True)
    if not isinstance(output, torch.Tensor):
        raise UsageError(several_outputs("PyTorch", output))
    last = _as_value(output)
    chain, places = chain_of_calls(calls, source, last, path, "PyTorch", to_numpy)
    names = [call.name for call in calls]

    def forward(batch: Any, take: Take) -> None:
        output, now = watch(module, batch)
        check_same(names, [call.name for call in now], "PyTorch")
        for i, tensor in enumerate(again(now, _as_value(output), places)):
            take(i, tensor)

    return chain, again(calls, last, places), forward


def _as_value(tensor: Any, copied: bool = False) -> Value:
    """A tensor as it is now: what works in place makes another value of the same tensor."""
    try:
        version = tensor._version
    except RuntimeError:
        version = 0  # made in inference mode, where nobody counts
    return Value((id(tensor), version), tensor.detach().clone() if copied else tensor)


def watch(module: Any, x: Any, with_maps: bool = False) -> tuple[Any, list[Call]]:
    """Call the model with every innermost module watched; hooks are gone afterwards."""
    calls: list[Call] = []
    with _hooks(module, calls, with_maps):
        output = module(x)
    return output, calls


@contextmanager
def _hooks(module: Any, calls: list[Call], with_maps: bool) -> Generator[None]:
    torch: Any = sys.modules["torch"]
    begun: list[Value | None] = []
    #: Tensors are kept alive, so that their identities are not given away.
    alive: list[Any] = []

    def before(part: Any, args: Any) -> None:
        given = args[0] if args else None
        is_tensor = isinstance(given, torch.Tensor)
        begun.append(_as_value(given, copied=True) if is_tensor else None)
        alive.append(given)

    def after(name: str, part: Any, output: Any) -> None:
        given = begun.pop()
        first: Any = output[0] if isinstance(output, tuple | list) and output else output
        if given is not None and isinstance(first, torch.Tensor):
            maps = module_maps(part, name) if with_maps else ()
            made = _as_value(first, copied=True)
            calls.append(Call(name, type(part).__name__, maps, (given,), made))
            alive.append(first)

    handles: list[Any] = []
    try:
        for name, part in _leaves(module):

            def hook(part: Any, args: Any, output: Any, name: str = name) -> None:
                after(name, part, output)

            handles.append(part.register_forward_pre_hook(before))
            handles.append(part.register_forward_hook(hook))
        yield
    finally:
        for handle in handles:
            handle.remove()


def _leaves(module: Any) -> Generator[tuple[str, Any]]:
    """Modules without parts, and PyTorch's own with parts (attention)."""
    own: set[int] = set()
    for name, part in module.named_modules():
        if id(part) in own or not name:
            continue
        children = list(part.modules())[1:]
        is_container = type(part).__name__ in ("Sequential", "ModuleList", "ModuleDict")
        if not children or (type(part).__module__.startswith("torch.nn") and not is_container):
            own.update(id(child) for child in children)
            yield layer_name(name), part
