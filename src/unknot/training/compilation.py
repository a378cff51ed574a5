"""The compiled programs of a training run, kept in memory and, by JAX, on disk."""

import os
import time
import warnings
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache, partial
from itertools import pairwise
from pathlib import Path
from typing import Any

import jax
import numpy as np
from jax.experimental.compilation_cache.compilation_cache import reset_cache

from unknot.training.network import Network, Parameters
from unknot.training.steps import (
    Recipe,
    evaluate,
    gather,
    n_batches,
    train,
)

#: Set to 0 to keep nothing on disk.
SWITCH = "UNKNOT_COMPILATION_CACHE"


@dataclass(frozen=True)
class Programs:
    """What training calls, compiled ahead of time for these shapes; see ``steps``.

    Attributes
    ----------
    start : parameters → optimiser state
    gather : x, y, order → x, y
    train : state, x, y, n_rows, start, stop → state, record
    evaluate : parameters, x, y, n_rows, start, stop → record, or None without validation rows
    """

    start: Any
    gather: Any
    train: Any
    evaluate: Any


def compiled_programs(
    recipe: Recipe, n_training: int, n_validation: int, label_type: Any
) -> tuple[Programs, float]:
    """Programs for a recipe and numbers of rows, and the seconds that it took to get them.

    Those of the last runs are kept in memory. The compiled code is kept on disk too (see
    `cache_folder`), which saves the compiler's time in the next process.
    """
    began = time.perf_counter()
    programs = _programs(recipe, n_training, n_validation, np.dtype(label_type).name)
    return programs, time.perf_counter() - began


@lru_cache(maxsize=32)
def _programs(recipe: Recipe, n_training: int, n_validation: int, label_type: str) -> Programs:
    network = recipe.network
    parameters = _parameter_shapes(network)
    optimiser_state = jax.eval_shape(recipe.optimiser.init, parameters)

    def rows(n: int, size: int) -> tuple[Any, Any]:
        n = n_batches(n, size) * size
        x = jax.ShapeDtypeStruct((n, network.sizes[0]), np.float32)
        return x, jax.ShapeDtypeStruct((n,), label_type)

    number = jax.ShapeDtypeStruct((), np.int32)
    span = (number, number, number)
    batched = rows(n_training, recipe.batch_size)
    order = jax.ShapeDtypeStruct(batched[1].shape, np.int32)
    with cache_on_disk():
        return Programs(
            start=_compiled(recipe.optimiser.init, parameters),
            gather=_compiled(gather, *rows(n_training, 1), order),
            train=_compiled(partial(train, recipe), (parameters, optimiser_state), *batched, *span),
            evaluate=_compiled(
                partial(evaluate, recipe),
                parameters,
                *rows(n_validation, recipe.rows_per_block(n_validation)),
                *span,
            )
            if n_validation
            else None,
        )


def _compiled(function: Any, *shapes: Any) -> Any:
    return jax.jit(function).lower(*shapes).compile()


def _parameter_shapes(network: Network) -> Parameters:
    if network.tiny:
        return jax.ShapeDtypeStruct((network.n_weights,), np.float32)
    return tuple(
        (
            jax.ShapeDtypeStruct((n_in, n_out), np.float32),
            jax.ShapeDtypeStruct((n_out,), np.float32),
        )
        for n_in, n_out in pairwise(network.sizes)
    )


def cache_folder() -> Path | None:
    """Where compiled code is kept: ``$XDG_CACHE_HOME/unknot/jax``, by default under ``~/.cache``.

    None when it is switched off (``UNKNOT_COMPILATION_CACHE=0``), when JAX has a cache of the
    user's own (``JAX_COMPILATION_CACHE_DIR``), or when the folder cannot be made or written.
    """
    if os.environ.get(SWITCH, "1").lower() in ("0", "off", "no", "false"):
        return None
    if jax.config.jax_compilation_cache_dir is not None:  # pyright: ignore[reportAttributeAccessIssue]
        return None
    try:
        home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
        folder = Path(home) / "unknot" / "jax"
        # Compiled code runs when it is loaded: nobody else may write it.
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except (OSError, RuntimeError):
        return None
    return folder if os.access(folder, os.R_OK | os.W_OK | os.X_OK) else None


@contextmanager
def cache_on_disk() -> Generator[None]:
    """Let JAX use our cache folder in the block; its settings are then as they were before."""
    folder = cache_folder()
    if folder is None:
        yield
        return
    ours = {
        "jax_compilation_cache_dir": str(folder),
        # JAX's defaults keep only what takes a second to compile; ours takes a fifth of that.
        "jax_persistent_cache_min_compile_time_secs": 0.02,
        "jax_persistent_cache_min_entry_size_bytes": -1,
    }
    before = {name: getattr(jax.config, name) for name in ours}
    reset_cache()
    try:
        for name, value in ours.items():
            jax.config.update(name, value)
        with warnings.catch_warnings():
            # A full disk or a damaged entry costs the time to compile, no more.
            warnings.filterwarnings("ignore", message=".*persistent compilation cache")
            yield
    finally:
        for name, value in before.items():
            jax.config.update(name, value)
        reset_cache()
