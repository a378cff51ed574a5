"""A PyTorch model that torch.fx cannot trace, seen by hooks on its modules.

What happens between two modules is not seen, only its result: where that is a known activation of
what came before, its values tell.
"""

import sys
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from unknot.adapters.calls import Call, again, chain_of_calls, check_same
from unknot.adapters.graph import Chain, layer_name, several_outputs
from unknot.adapters.network import Array
from unknot.adapters.torch_maps import module_maps
from unknot.errors import UsageError

Forward = Callable[[Any], Sequence[Array]]


@dataclass(frozen=True)
class Seen:
    """One call of a module: which, with what, giving what."""

    name: str
    module: Any
    input: Any
    output: Any


def follow(module: Any, x: Any, path: list[str] | None) -> tuple[Chain, Forward]:
    """The chain to show, and the function that runs it."""
    output, seen = watch(module, x)
    torch: Any = sys.modules["torch"]
    if not isinstance(output, torch.Tensor):
        raise UsageError(several_outputs("PyTorch", output))
    calls = _calls(seen)
    chain, places = chain_of_calls(calls, x, output, path, "PyTorch", to_numpy)
    names = [s.name for s in seen]

    def forward(batch: Any) -> Sequence[Array]:
        last, seen = watch(module, batch)
        check_same(names, [s.name for s in seen], "PyTorch")
        return [to_numpy(value) for value in again(_calls(seen, False), last, places)]

    return chain, forward


def _calls(seen: list[Seen], with_maps: bool = True) -> list[Call]:
    return [
        Call(
            s.name,
            type(s.module).__name__,
            module_maps(s.module, s.name) if with_maps else (),
            (s.input,),
            s.output,
        )
        for s in seen
    ]


def to_numpy(tensor: Any) -> Array:
    """In single precision, where the processor can read it."""
    return tensor.detach().float().cpu().numpy()


def watch(module: Any, x: Any) -> tuple[Any, list[Seen]]:
    """Call the model with every innermost module watched; hooks are gone afterwards."""
    torch: Any = sys.modules["torch"]
    seen: list[Seen] = []
    with _hooks(module, seen):
        output = module(x)
    kept = [s for s in seen if isinstance(s.input, torch.Tensor)]
    return output, kept


@contextmanager
def _hooks(module: Any, seen: list[Seen]) -> Generator[None]:
    torch: Any = sys.modules["torch"]
    handles: list[Any] = []
    try:
        for name, part in _leaves(module):

            def hook(part: Any, args: Any, output: Any, name: str = name) -> None:
                given = args[0] if args else None
                if isinstance(output, tuple | list) and output:
                    output = output[0]  # pyright: ignore[reportUnknownVariableType]
                if isinstance(output, torch.Tensor):
                    seen.append(Seen(name, part, given, output))

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
