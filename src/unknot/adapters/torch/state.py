"""A PyTorch model is left as it was: mode, attributes, parameters, buffers, random state."""

import random
import sys
import threading
from collections.abc import Callable, Generator
from contextlib import ExitStack, contextmanager
from typing import Any

import numpy as np

from unknot.adapters.torch.attributes import keep_attributes, restore_attributes
from unknot.adapters.torch.tensors import keep_tensors, restore_tensors

#: Modes and hooks belong to the model, so one trace at a time.
_LOCK = threading.RLock()


@contextmanager
def untouched(module: Any) -> Generator[Callable[[], bool]]:
    """Inference mode inside; outside, everything is as it was, also when the block raises.

    Gives a function that makes everything inside as it was at the beginning, and says whether the
    model had changed itself.
    """
    torch: Any = sys.modules["torch"]
    with _LOCK, ExitStack() as stack:
        parts = list(module.modules())
        stack.callback(_set_modes, [(part, part.training) for part in parts])
        # Not module.eval(): a subclass may do more there than change the mode.
        _set_modes([(part, False) for part in parts])
        attributes = keep_attributes(parts)
        tensors = keep_tensors(parts, torch)
        states = _keep_random(torch)

        def restore() -> bool:
            changed = restore_attributes(attributes)
            changed |= restore_tensors(tensors, torch)
            _restore_random(states, torch)
            return changed

        stack.callback(restore)
        stack.enter_context(torch.no_grad())
        if not any(kept.tensor.is_inference() for kept in tensors):
            # In inference mode nobody counts what is done in place.
            stack.enter_context(torch.inference_mode(False))
            stack.enter_context(torch.no_grad())
        stack.enter_context(_eager(parts, torch))
        yield restore


def _set_modes(modes: list[tuple[Any, bool]]) -> None:
    for part, mode in modes:
        part.training = mode


@contextmanager
def _eager(parts: list[Any], torch: Any) -> Generator[None]:
    """Compiled modules run as they are written: nothing is compiled for a look."""
    is_compiled = any(
        type(part).__name__ == "OptimizedModule"
        or getattr(part, "_compiled_call_impl", None) is not None
        for part in parts
    )
    if not is_compiled:
        yield
        return
    with torch.compiler.set_stance("force_eager"):
        yield


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
