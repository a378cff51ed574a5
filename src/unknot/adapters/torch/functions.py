"""Which values of a run a tensor was made of, by the functions that are called between modules."""

import sys
from collections.abc import Generator, Hashable
from contextlib import contextmanager
from functools import cache
from typing import Any

from unknot.adapters.torch.maps import version

#: A tensor as it is now: what works in place makes another value of the same tensor.
Key = tuple[int, int]
Sources = dict[Hashable, frozenset[Hashable]]


def key_of(tensor: Any) -> Key:
    """Tells a value from others, as long as the tensor lives."""
    return id(tensor), version(tensor)


def tensors_in(value: Any) -> Generator[Any]:
    """The tensors in arguments or outputs; tuples, lists and dictionaries are opened."""
    torch: Any = sys.modules["torch"]
    if isinstance(value, torch.Tensor):
        yield value
    elif isinstance(value, dict):
        for part in value.values():  # pyright: ignore[reportUnknownVariableType]
            yield from tensors_in(part)
    elif isinstance(value, tuple | list):
        for part in value:  # pyright: ignore[reportUnknownVariableType]
            yield from tensors_in(part)


@contextmanager
def followed(sources: Sources, alive: list[Any]) -> Generator[None]:
    """Inside, whatever is made of values in `sources` gets there too, with what it was made of.

    Tensors are kept in `alive`, so that their identities are not given away.
    """
    with _mode_class()(sources, alive):
        yield


@cache
def _mode_class() -> Any:
    from torch.overrides import TorchFunctionMode

    class Following(TorchFunctionMode):
        """Sees every function of PyTorch that is called with Python."""

        def __init__(self, sources: Sources, alive: list[Any]) -> None:
            super().__init__()
            self.sources, self.alive = sources, alive

        def __torch_function__(
            self, func: Any, types: Any, args: Any = (), kwargs: Any = None
        ) -> Any:
            kwargs = kwargs or {}
            given = [(tensor, key_of(tensor)) for tensor in tensors_in((args, kwargs))]
            output = func(*args, **kwargs)
            made_of = frozenset[Hashable]().union(*(self.sources.get(key, ()) for _, key in given))
            if made_of:
                changed = [tensor for tensor, key in given if key_of(tensor) != key]
                for tensor in (*changed, *tensors_in(output)):
                    self.sources.setdefault(key_of(tensor), made_of)
                    self.alive.append(tensor)
            return output

    return Following
