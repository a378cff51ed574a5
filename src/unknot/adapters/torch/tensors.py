"""Tensors that a forward pass changes are put back, also those changed through ``.data``."""

from collections.abc import Generator
from dataclasses import dataclass
from typing import Any

from unknot.adapters.torch.attributes import CONTAINERS

#: All but buffers are copied, against a forward pass that changes them, up to so many bytes.
MOST_COPIED = 256_000_000


@dataclass(frozen=True)
class Kept:
    """A parameter, a buffer or a plain tensor of a module.

    Attributes
    ----------
    tensor : tensor
    data : tensor
        The same numbers at the same place: ``tensor.data = …`` moves them elsewhere.
    copy : tensor or None
        None where there are too many to copy.
    """

    tensor: Any
    data: Any
    copy: Any


def keep_tensors(parts: list[Any], torch: Any) -> list[Kept]:
    """Every tensor that these modules hold, once."""
    found: dict[int, Kept] = {}
    left = MOST_COPIED
    for tensor, is_buffer in _tensors(parts, torch):
        if id(tensor) in found:
            continue
        size = tensor.numel() * tensor.element_size()
        is_copied = is_buffer or size <= left
        left -= size if is_copied else 0
        copy = tensor.detach().clone() if is_copied else None
        found[id(tensor)] = Kept(tensor, tensor.detach(), copy)
    return list(found.values())


def restore_tensors(kept: list[Kept], torch: Any) -> bool:
    """Put the numbers back; says whether some had changed."""
    changed = False
    for one in kept:
        is_moved = _place(one.tensor) != _place(one.data)
        is_other = one.copy is not None and not _is_same(one.data, one.copy, torch)
        if is_moved or is_other:
            changed = True
            with torch.inference_mode(one.tensor.is_inference()), torch.no_grad():
                if is_moved:
                    one.tensor.data = one.data
                if is_other:
                    # No change that autograd counts: what was changed through .data was none.
                    one.tensor.data.copy_(one.copy)
    return changed


def _tensors(parts: list[Any], torch: Any) -> Generator[tuple[Any, bool]]:
    """With whether it is a buffer, which is what a forward pass changes first of all."""
    for part in parts:
        for buffer in part._buffers.values():
            if buffer is not None:
                yield buffer, True
    for part in parts:
        for value in part.__dict__.values():
            values: Any = (value,)
            if isinstance(value, CONTAINERS):
                values = value.values() if isinstance(value, dict) else value  # pyright: ignore[reportUnknownVariableType]
            for one in values:
                if isinstance(one, torch.Tensor):
                    yield one, False


def _place(tensor: Any) -> int:
    try:
        return tensor.data_ptr()
    except RuntimeError:
        return 0  # sparse, or of a kind without memory of its own


def _is_same(tensor: Any, copy: Any, torch: Any) -> bool:
    if torch.equal(tensor, copy):
        return True
    if not tensor.is_floating_point():
        return False
    return bool(((tensor == copy) | ((tensor != tensor) & (copy != copy))).all())
