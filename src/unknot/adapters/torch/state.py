"""A PyTorch model is left as it was: mode, attributes, parameters, buffers, random state."""

import random
import sys
import threading
from collections import deque
from collections.abc import Callable, Generator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from operator import is_
from typing import Any

import numpy as np

#: Modes and hooks belong to the model, so one trace at a time.
_LOCK = threading.RLock()
CONTAINERS = (dict, list, set, deque)
#: All but buffers are copied, against a forward pass that changes them, up to so many bytes.
MOST_COPIED = 256_000_000


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
        attributes = [_attributes_of(part) for part in parts]
        tensors = _tensors_of(parts, torch)
        seeds = random_states(torch)

        def restore() -> bool:
            changes = [one.restore() for one in attributes]
            changes += [one.restore(torch) for one in tensors]
            restore_random(seeds, torch)
            return any(changes)

        stack.callback(restore)
        stack.enter_context(torch.no_grad())
        if not any(one.tensor.is_inference() for one in tensors):
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


def random_states(torch: Any) -> tuple[Any, ...]:
    """The states of every random generator; of PyTorch's none where `torch` is None."""
    own: tuple[Any, Any] = (None, None)
    if torch is not None:
        is_used = torch.cuda.is_initialized()
        own = torch.get_rng_state(), torch.cuda.get_rng_state_all() if is_used else None
    return *own, random.getstate(), np.random.get_state()  # noqa: NPY002


def restore_random(states: tuple[Any, ...], torch: Any) -> None:
    """Set the generators to these states."""
    on_processor, on_device, python, numpy = states
    if torch is not None:
        torch.set_rng_state(on_processor)
        if on_device is not None:
            torch.cuda.set_rng_state_all(on_device)
    random.setstate(python)
    np.random.set_state(numpy)  # noqa: NPY002


@dataclass(frozen=True)
class AttributeCopy:
    """What a module's attributes were: ``self.h = …``, lists and counters go back to it.

    Attributes
    ----------
    containers : list of pairs
        The module's dictionary, each container in it that holds something, and a copy of each.
        The values themselves are not copied.
    empty : list
        The containers that hold nothing.
    """

    containers: list[tuple[Any, Any]]
    empty: list[Any]

    def restore(self) -> bool:
        """Put everything back; says whether something had changed."""
        changed = any(self.empty)
        for container, copy in self.containers:
            if not _is_same_container(container, copy):
                _fill(container, copy)
                changed = True
        for container in self.empty:
            container.clear()
        return changed


def _attributes_of(part: Any) -> AttributeCopy:
    attributes = part.__dict__
    inner = [value for value in attributes.values() if isinstance(value, CONTAINERS)]
    full = [attributes, *(container for container in inner if container)]
    empty = [container for container in inner if not container]
    return AttributeCopy([(container, _copied(container)) for container in full], empty)


def _copied(container: Any) -> Any:
    if isinstance(container, dict):
        return dict(container)  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]
    return set(container) if isinstance(container, set) else list(container)  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]


def _is_same_container(container: Any, copy: Any) -> bool:
    if len(container) != len(copy):
        return False
    if isinstance(copy, set):
        return container == copy
    if isinstance(copy, dict):
        return all(map(is_, container.values(), copy.values())) and list(container) == list(copy)  # pyright: ignore[reportUnknownArgumentType]
    return all(map(is_, container, copy))


def _fill(container: Any, copy: Any) -> None:
    container.clear()
    if isinstance(copy, list):
        container.extend(copy)
    else:
        container.update(copy)


@dataclass(frozen=True)
class TensorCopy:
    """What a parameter, a buffer or a plain tensor of a module was, also before ``.data = …``.

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

    def restore(self, torch: Any) -> bool:
        """Put the numbers back; says whether some had changed."""
        is_moved = _address(self.tensor) != _address(self.data)
        is_other = self.copy is not None and not _is_same_tensor(self.data, self.copy, torch)
        if is_moved or is_other:
            with torch.inference_mode(self.tensor.is_inference()), torch.no_grad():
                if is_moved:
                    self.tensor.data = self.data
                if is_other:
                    # No change that autograd counts: what was changed through .data was none.
                    self.tensor.data.copy_(self.copy)
        return is_moved or is_other


def _tensors_of(parts: list[Any], torch: Any) -> list[TensorCopy]:
    """Every tensor that these modules hold, once."""
    copies: dict[int, TensorCopy] = {}
    left = MOST_COPIED
    for tensor, is_buffer in _held_tensors(parts, torch):
        if id(tensor) in copies:
            continue
        size = tensor.numel() * tensor.element_size()
        is_copied = is_buffer or size <= left
        left -= size if is_copied else 0
        copy = tensor.detach().clone() if is_copied else None
        copies[id(tensor)] = TensorCopy(tensor, tensor.detach(), copy)
    return list(copies.values())


def _held_tensors(parts: list[Any], torch: Any) -> Generator[tuple[Any, bool]]:
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


def _address(tensor: Any) -> int:
    try:
        return tensor.data_ptr()
    except RuntimeError:
        return 0  # sparse, or of a kind without memory of its own


def _is_same_tensor(tensor: Any, copy: Any, torch: Any) -> bool:
    if torch.equal(tensor, copy):
        return True
    if not tensor.is_floating_point():
        return False
    return bool(((tensor == copy) | ((tensor != tensor) & (copy != copy))).all())
