"""A Keras model is left as it was: variables, states of metrics, random states."""

import random
import sys
from collections.abc import Generator
from contextlib import contextmanager, nullcontext
from typing import Any

import numpy as np

#: Variables are copied, against a forward pass that changes them, up to so many bytes.
MOST_COPIED = 256_000_000


@contextmanager
def untouched(model: Any) -> Generator[None]:
    """Everything is as it was, also when the block raises."""
    keras: Any = sys.modules["keras"]
    torch: Any = sys.modules["torch"] if keras.config.backend() == "torch" else None
    kept = [(v, np.array(keras.ops.convert_to_numpy(v))) for v in _variables(model)]
    generator = _global_generator()
    seeds = random.getstate(), np.random.get_state()  # noqa: NPY002
    drawn = (None, None) if torch is None else _torch_states(torch)
    try:
        with nullcontext() if torch is None else torch.no_grad():
            yield
    finally:
        for variable, value in kept:
            if not np.array_equal(keras.ops.convert_to_numpy(variable), value, equal_nan=True):
                variable.assign(value)
        if generator is None and _global_generator() is not None:
            _forget_generator()
        random.setstate(seeds[0])
        np.random.set_state(seeds[1])  # noqa: NPY002
        if torch is not None:
            torch.set_rng_state(drawn[0])
            if drawn[1] is not None:
                torch.cuda.set_rng_state_all(drawn[1])


def _torch_states(torch: Any) -> tuple[Any, Any]:
    on_device = torch.cuda.get_rng_state_all() if torch.cuda.is_initialized() else None
    return torch.get_rng_state(), on_device


def _variables(model: Any) -> list[Any]:
    size = sum(4 * int(np.prod(v.shape)) for v in model.variables)
    own = model.variables if size <= MOST_COPIED else model.non_trainable_variables
    generator = _global_generator()
    return [*own, *model.metrics_variables, *([] if generator is None else [generator.state])]


def _global_generator() -> Any:
    """Keras's own, of ``keras.random`` without a seed; None before its first use."""
    return _state().get_global_attribute("global_seed_generator")


def _forget_generator() -> None:
    # It comes back with the seed that it had: that is drawn from Python's generator.
    _state().set_global_attribute("global_seed_generator", None)


def _state() -> Any:
    return sys.modules["keras.src.backend.common.global_state"]
