"""The compiled programs of a training, kept in memory and, by JAX, on disk."""

import os
import threading
import time
import warnings
from collections import defaultdict
from collections.abc import Generator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path
from typing import Any, cast

import jax
import numpy as np
from jax.experimental.compilation_cache.compilation_cache import reset_cache
from numpy.typing import NDArray

from unknot.training.interrupt import Pace
from unknot.training.programs import (
    Recipe,
    Record,
    State,
    evaluate,
    gather,
    n_batches,
    train,
)

#: Set to 0 to keep nothing on disk.
SWITCH = "UNKNOT_COMPILATION_CACHE"
#: Seconds to compile from which a program is kept. JAX keeps only what takes a second; ours takes a
#: fifth of that.
WORTH_KEEPING = 0.02

#: Rows (n_rows, n_features) and labels (n_rows,).
Rows = tuple[Any, Any]


@dataclass(frozen=True)
class Programs:
    """What training calls, compiled ahead of time for these shapes; see ``programs``.

    Attributes
    ----------
    recipe : Recipe
    start : weights → optimiser state
    gather : x, y, order → x, y
    train : state, x, y, start, stop → state, record
    evaluate : dict of int to function
        Number of rows → (weights, x, y, start, stop → record).
    """

    recipe: Recipe
    start: Any
    gather: Any
    train: Any
    evaluate: dict[int, Any]

    def steps(
        self, state: State, rows: Rows, ends: Sequence[int], pace: Pace
    ) -> Generator[tuple[int, int, State, NDArray[np.float32]]]:
        """Train from step 0 to ``ends[-1]``, in short calls; each of `ends` is the end of one.

        Yields
        ------
        start, stop, state, sums
            The steps of a call, the state after them, and each step's sums of losses and of
            correct rows, (2, stop − start, n_networks). After Ctrl-C there are no more.
        """
        for start, stop in pace.spans(ends):
            state, record = self.train(state, *rows, start, stop)
            # Only when the numbers are here is the call over, and its time known.
            yield start, stop, state, _on_host(record, stop - start)

    def sums(self, weights: Any, rows: Rows, pace: Pace) -> NDArray[np.float64] | None:
        """Sums (2, n_networks) of losses and of correct rows; None when it was interrupted."""
        n_rows, n_networks = len(rows[1]), weights.shape[0]
        n_blocks = n_batches(n_rows, self.recipe.rows_per_block(n_networks, n_rows))
        of_blocks, stop = np.empty((2, n_blocks, n_networks), np.float32), 0
        for start, stop in pace.spans([n_blocks]):
            record = self.evaluate[n_rows](weights, *rows, start, stop)
            of_blocks[:, start:stop] = _on_host(record, stop - start)
        # Added up at the end: the pace decides how long a call is, never the order of a sum.
        return of_blocks.sum(axis=1, dtype=np.float64) if stop == n_blocks else None


def _on_host(record: Record, n: int) -> NDArray[np.float32]:
    return np.stack([np.asarray(sums)[:n] for sums in record])


_locks: defaultdict[Any, threading.Lock] = defaultdict(threading.Lock)


def compiled_programs(
    recipe: Recipe, n_networks: int, n_training: int, evaluated: Sequence[int], label_type: Any
) -> tuple[Programs, float]:
    """Programs for a recipe and numbers of rows, and the seconds that it took to get them.

    Those of the last runs are kept in memory, and each is compiled once whatever the threads do.
    The compiled code is kept on disk too (see `cache_folder`), which saves the compiler's time in
    the next process.

    Parameters
    ----------
    recipe : Recipe
    n_networks, n_training : int
    evaluated : sequence of int
        Numbers of rows that are evaluated at once.
    label_type : dtype
    """
    began = time.perf_counter()
    key = (recipe, n_networks, n_training, tuple(evaluated), np.dtype(label_type).name)
    with _locks[key]:
        programs = _programs(*key)
    return programs, time.perf_counter() - began


@lru_cache(maxsize=128)
def _programs(
    recipe: Recipe, n_networks: int, n_training: int, evaluated: tuple[int, ...], label_type: str
) -> Programs:
    weights = jax.ShapeDtypeStruct((n_networks, recipe.network.n_weights), np.float32)
    number = jax.ShapeDtypeStruct((), np.int32)

    def rows(n: int) -> Rows:
        x = jax.ShapeDtypeStruct((n, recipe.network.sizes[0]), np.float32)
        return x, jax.ShapeDtypeStruct((n,), label_type)

    training, span = rows(n_training), (number, number)
    order = jax.ShapeDtypeStruct((n_training,), np.int32)
    state = (weights, cast("Any", jax).eval_shape(recipe.start, weights))
    with cache_on_disk():
        return Programs(
            recipe=recipe,
            start=_compiled(recipe.start, weights),
            gather=None if recipe.wraps else _compiled(gather, *training, order),
            train=_compiled(partial(train, recipe), state, *training, *span),
            evaluate={
                n: _compiled(partial(evaluate, recipe), weights, *rows(n), *span) for n in evaluated
            },
        )


def _compiled(function: Any, *shapes: Any) -> Any:
    return cast("Any", jax).jit(function).lower(*shapes).compile()


def cache_folder() -> Path | None:
    """Where compiled code is kept: ``$XDG_CACHE_HOME/unknot/jax``, by default under ``~/.cache``.

    None when it is switched off (``UNKNOT_COMPILATION_CACHE=0``), when JAX has a cache of the
    user's own (``JAX_COMPILATION_CACHE_DIR``), or when the folder cannot be made or written.
    """
    if os.environ.get(SWITCH, "1").lower() in ("0", "off", "no", "false"):
        return None
    if cast("Any", jax.config).jax_compilation_cache_dir is not None:
        return None
    try:
        home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
        folder = Path(home) / "unknot" / "jax"
        # Compiled code runs when it is loaded: nobody else may write it.
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except (OSError, RuntimeError):
        return None
    return folder if os.access(folder, os.R_OK | os.W_OK | os.X_OK) else None


_cache_lock = threading.Lock()
_cache_users = 0
_cache_context = ExitStack()


@contextmanager
def cache_on_disk() -> Generator[None]:
    """Let JAX use our cache folder in the block: entered by the first thread, left by the last."""
    global _cache_users
    with _cache_lock:
        if _cache_users == 0:
            _cache_context.enter_context(_settings_of_cache())
        _cache_users += 1
    try:
        yield
    finally:
        with _cache_lock:
            _cache_users -= 1
            if _cache_users == 0:
                _cache_context.close()


@contextmanager
def _settings_of_cache() -> Generator[None]:
    """JAX's settings for our cache folder; at the end they are as they were before."""
    folder = cache_folder()
    if folder is None:
        yield
        return
    ours = {
        "jax_compilation_cache_dir": str(folder),
        "jax_persistent_cache_min_compile_time_secs": WORTH_KEEPING,
        "jax_persistent_cache_min_entry_size_bytes": -1,
    }
    config = cast("Any", jax.config)
    before = {name: getattr(config, name) for name in ours}
    reset_cache()
    try:
        for name, value in ours.items():
            config.update(name, value)
        with warnings.catch_warnings():
            # A full disk or a damaged entry costs the time to compile, no more.
            warnings.filterwarnings("ignore", message=".*persistent compilation cache")
            yield
    finally:
        for name, value in before.items():
            config.update(name, value)
        reset_cache()
