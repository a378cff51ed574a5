"""PyTorch's own transformers and attention, which hide their layers from hooks.

In inference they take a fast path that calls no layer, and attention applies its last layer's
weights without calling the layer. Here the fast path is left, and that last step is watched.
"""

import sys
from collections.abc import Generator
from contextlib import contextmanager
from threading import get_ident
from typing import Any

#: PyTorch's modules that only call other modules, and add.
CONTAINERS = {
    *("Sequential", "ModuleList", "ModuleDict", "Transformer", "TransformerEncoder"),
    *("TransformerDecoder", "TransformerEncoderLayer", "TransformerDecoderLayer"),
}


def has_inner_layers(module: Any) -> bool:
    """Whether there is something in it that only this file opens."""
    return any(
        is_attention(part) or (is_own(part) and type(part).__name__.startswith("Transformer"))
        for part in module.modules()
    )


def is_own(part: Any) -> bool:
    """Whether a module is PyTorch's."""
    return type(part).__module__.startswith("torch.nn.")


def is_attention(part: Any) -> bool:
    """Whether it is PyTorch's attention, or one that changes nothing of what that does."""
    attention = sys.modules["torch"].nn.MultiheadAttention
    return isinstance(part, attention) and type(part).forward is attention.forward


@contextmanager
def opened_attention() -> Generator[None]:
    """Inside, transformers call their layers one by one."""
    mha: Any = sys.modules["torch"].backends.mha
    was_enabled = mha.get_fastpath_enabled()
    mha.set_fastpath_enabled(False)
    try:
        yield
    finally:
        mha.set_fastpath_enabled(was_enabled)


@contextmanager
def watched_heads(module: Any) -> Generator[dict[int, Any]]:
    """Inside, what the heads of every attention made of its values, by the module's ``id``.

    Its function looks ``linear`` up when it is called, and calls it with the last layer's weight.
    """
    functional: Any = sys.modules["torch"].nn.functional
    original, thread = functional.linear, get_ident()
    heads: dict[int, Any] = {}
    owners = {id(part.out_proj.weight): id(part) for part in module.modules() if is_attention(part)}

    def linear(*args: Any, **kwargs: Any) -> Any:
        if len(args) > 1 and id(args[1]) in owners and get_ident() == thread:
            heads[owners[id(args[1])]] = args[0]
        return original(*args, **kwargs)

    functional.linear = linear
    try:
        yield heads
    finally:
        functional.linear = original


def as_output(heads: Any, output: Any, part: Any) -> Any:
    """What the heads made, (tokens · points, width), in the order of the attention's output."""
    if output.ndim != 3 or heads.numel() % (output.shape[0] * output.shape[1]):
        return None
    first, second = output.shape[:2]
    if part.batch_first:
        return heads.reshape(second, first, -1).transpose(0, 1)
    return heads.reshape(first, second, -1)
