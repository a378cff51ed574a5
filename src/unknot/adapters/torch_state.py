"""A PyTorch model is left as it was: mode, parameters, buffers, random state."""

import random
import sys
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

import numpy as np

#: Parameters are copied, against a forward pass that changes them, up to so many bytes.
MOST_COPIED = 256_000_000


@contextmanager
def untouched(module: Any) -> Generator[None]:
    """Inference mode inside; outside, everything is as it was, also when the block raises."""
    torch: Any = sys.modules["torch"]
    modes = [(part, part.training) for part in module.modules()]
    tensors = _tensors(module)
    kept = _keep_random(torch)
    try:
        # Not module.eval(): a subclass may do more there than change the mode.
        for part, _ in modes:
            part.training = False
        with torch.no_grad():
            yield
    finally:
        for part, mode in modes:
            part.training = mode
        _restore(tensors, torch)
        _restore_random(kept, torch)


def _tensors(module: Any) -> list[tuple[dict[str, Any], str, Any, int, Any]]:
    """Every parameter and buffer: where it hangs, itself, its version, and a copy."""
    found: list[tuple[dict[str, Any], str, Any, int, Any]] = []
    left = MOST_COPIED
    for part in module.modules():
        for place in (part._buffers, part._parameters):
            for name, tensor in place.items():
                if tensor is None:
                    continue
                size = tensor.numel() * tensor.element_size()
                copied = place is part._buffers or size <= left
                left -= size if copied else 0
                found.append(
                    (place, name, tensor, tensor._version, tensor.detach().clone())
                    if copied
                    else (place, name, tensor, tensor._version, None)
                )
    return found


def _restore(tensors: list[tuple[dict[str, Any], str, Any, int, Any]], torch: Any) -> None:
    with torch.no_grad():
        for place, name, tensor, version, copy in tensors:
            if place.get(name) is not tensor:
                place[name] = tensor
            if tensor._version != version and copy is not None:
                tensor.copy_(copy)


def _keep_random(torch: Any) -> tuple[Any, ...]:
    on_device = torch.cuda.get_rng_state_all() if torch.cuda.is_initialized() else None
    return torch.get_rng_state(), on_device, random.getstate(), np.random.get_state()  # noqa: NPY002


def _restore_random(kept: tuple[Any, ...], torch: Any) -> None:
    on_processor, on_device, python, numpy = kept
    torch.set_rng_state(on_processor)
    if on_device is not None:
        torch.cuda.set_rng_state_all(on_device)
    random.setstate(python)
    np.random.set_state(numpy)  # noqa: NPY002
