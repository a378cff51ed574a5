"""Training steps and evaluation as pure functions of arrays: what XLA compiles.

Both run from batch `start` up to batch `stop`, and both numbers are arguments of the compiled
program: a call may be as short or as long as one likes without compiling anew. Both work under
``jax.vmap``, for many networks at once.
"""

from dataclasses import dataclass
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax
from jax import lax

from unknot.training.losses import losses
from unknot.training.network import Network, Parameters, forward, unpack
from unknot.training.optimisers import optimisers, warm_up_cosine

#: Most batches in one call: the length of the record that a call fills.
MAX_BATCHES = 16_384
#: Most values that a layer makes in one block of an evaluation.
MAX_BLOCK_VALUES = 2**21

#: Parameters and the optimiser's own state.
State = tuple[Parameters, Any]
#: Sums over the rows of each batch from `start` on: loss, number correct. (MAX_BATCHES,) or less.
Record = tuple[jax.Array, jax.Array]


@dataclass(frozen=True)
class Recipe:
    """A network and how it is trained: all that a compiled program depends on besides shapes.

    Attributes
    ----------
    network : Network
    optimizer : str
    learning_rate : float
        Constant, or the peak of a schedule.
    batch_size : int
    steps : int or None
        Length of the schedule in which the rate rises and falls to 0; None keeps it constant.
    weight_decay : float or None
        For an optimiser that has one.
    """

    network: Network
    optimizer: str
    learning_rate: float
    batch_size: int
    steps: int | None = None
    weight_decay: float | None = None

    @property
    def optimiser(self) -> optax.GradientTransformation:
        rate: Any = self.learning_rate
        if self.steps is not None:
            rate = warm_up_cosine(self.learning_rate, self.steps)
        decay = {} if self.weight_decay is None else {"weight_decay": self.weight_decay}
        return optimisers[self.optimizer](rate, **decay)

    def rows_per_block(self, n_rows: int) -> int:
        """Rows that an evaluation takes at once."""
        return max(1, min(n_rows, 8192, MAX_BLOCK_VALUES // max(self.network.sizes)))


def n_batches(n_rows: int, batch_size: int) -> int:
    """Number of batches; the last one may be short."""
    return -(-n_rows // batch_size)


def padded_order(order: np.ndarray[Any, Any], batch_size: int) -> np.ndarray[Any, Any]:
    """Row numbers, filled up to whole batches with rows that `train` and `evaluate` then mask."""
    missing = n_batches(len(order), batch_size) * batch_size - len(order)
    return np.concatenate([order, order[:missing]]).astype(np.int32)


def gather(x: jax.Array, y: jax.Array, order: jax.Array) -> tuple[jax.Array, jax.Array]:
    """Rows and labels in a new order: one gather an epoch is cheaper than one a step."""
    return x.at[order].get(mode="clip"), y.at[order].get(mode="clip")


def train(
    recipe: Recipe,
    state: State,
    x: jax.Array,
    y: jax.Array,
    n_rows: Any,
    start: Any,
    stop: Any,
) -> tuple[State, Record]:
    """Optimiser steps on batches `start` to `stop` (exclusive).

    Parameters
    ----------
    recipe : Recipe
    state : State
    x : (n_batches · batch_size, n_features)
    y : (n_batches · batch_size,)
    n_rows : int
        How many rows are real; those after them fill the last batch and have no weight.
    start, stop : int
        At most `MAX_BATCHES` apart.

    Returns
    -------
    state, record
        The record's entry ``i`` belongs to batch ``start + i``.
    """
    size = recipe.batch_size
    optimiser = recipe.optimiser

    gradient_of = jax.grad(partial(mean_loss, recipe.network), has_aux=True)

    def step(i: jax.Array, carry: tuple[State, Record]) -> tuple[State, Record]:
        (parameters, optimiser_state), record = carry
        gradient, sums = gradient_of(parameters, *_batch(x, y, n_rows, i, size))
        updates, optimiser_state = optimiser.update(gradient, optimiser_state, parameters)
        parameters = optax.apply_updates(parameters, updates)
        return (parameters, optimiser_state), _noted(record, i - start, sums)

    return lax.fori_loop(start, stop, step, (state, _empty_record(x.shape[0] // size, x.dtype)))


def evaluate(
    recipe: Recipe,
    parameters: Parameters,
    x: jax.Array,
    y: jax.Array,
    n_rows: Any,
    start: Any,
    stop: Any,
) -> Record:
    """Loss and number correct of blocks `start` to `stop`; arguments as for `train`.

    A block has ``recipe.rows_per_block(n_rows)`` rows; `x` and `y` are whole blocks.
    """
    size = recipe.rows_per_block(x.shape[0])
    layers = unpack(recipe.network, parameters)

    def block(i: jax.Array, record: Record) -> Record:
        rows, labels, weight = _batch(x, y, n_rows, i, size)
        outputs = forward(recipe.network, layers, rows, tiny=False)
        return _noted(record, i - start, _sums(recipe.network, outputs, labels, weight))

    return lax.fori_loop(start, stop, block, _empty_record(x.shape[0] // size, x.dtype))


def _batch(x: Any, y: Any, n_rows: Any, i: Any, size: int) -> tuple[Any, Any, Any]:
    """Rows, labels and weights (1 for a real row, 0 for filling) of batch `i`."""
    rows = lax.dynamic_slice_in_dim(x, i * size, size)
    labels = lax.dynamic_slice_in_dim(y, i * size, size)
    return rows, labels, (i * size + jnp.arange(size) < n_rows).astype(x.dtype)


def mean_loss(
    network: Network, parameters: Parameters, x: jax.Array, y: jax.Array, weight: jax.Array
) -> tuple[jax.Array, tuple[jax.Array, jax.Array]]:
    """Mean loss of the rows of weight 1 (what is minimised), with the sums that are recorded."""
    outputs = forward(network, unpack(network, parameters), x, tiny=network.tiny)
    loss, correct = _sums(network, outputs, y, weight)
    return loss / weight.sum(), (loss, correct)


def _sums(
    network: Network, outputs: jax.Array, y: jax.Array, weight: jax.Array
) -> tuple[jax.Array, jax.Array]:
    loss, correct = losses[network.output](outputs, y)
    return (loss * weight).sum(), (correct * weight).sum()


def _empty_record(n_batches: int, dtype: Any) -> Record:
    length = min(n_batches, MAX_BATCHES)
    # Two arrays, not one with two columns: each is then filled by the fusion that makes its value.
    return jnp.zeros(length, dtype), jnp.zeros(length, dtype)


def _noted(record: Record, at: Any, sums: tuple[jax.Array, jax.Array]) -> Record:
    loss, correct = record
    return loss.at[at].set(sums[0]), correct.at[at].set(sums[1])
