"""Training steps and evaluation of n ≥ 1 networks of one shape: what XLA compiles.

Pure functions of arrays. Weights are (n_networks, n_weights): all networks see the same batches.
Both functions run from batch `start` up to batch `stop`, and both numbers are arguments of the
compiled program: a call may be as short or as long as one likes without compiling anew.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, cast

import jax
import jax.numpy as jnp
import optax
from jax import lax

from unknot.network.optimisers import optimisers
from unknot.table import Table
from unknot.training.interrupt import MAX_BATCHES
from unknot.training.network import Form, Layout, forward, unpack

#: Most values that a layer of all networks makes in one block of an evaluation, most rows of one.
MAX_BLOCK_VALUES, MAX_BLOCK_ROWS = 2**20, 8_192

# JAX gives no types to shapes, to element types and to what a loop carries.
_arange: Callable[[int], jax.Array] = cast("Any", jnp).arange
_ones: Callable[[int, Any], jax.Array] = cast("Any", jnp).ones
_zeros: Callable[[tuple[int, ...], Any], jax.Array] = cast("Any", jnp).zeros
_gradient: Callable[..., Callable[..., Any]] = cast("Any", jax).grad
_loop: Callable[..., Any] = cast("Any", lax).fori_loop

Loss = Callable[[jax.Array, jax.Array], tuple[jax.Array, jax.Array]]

#: Keyed by ``MLP.output``. Each takes outputs (n_rows, n_outputs) before the output function
#: and labels (n_rows,), and gives loss (n_rows,) and correct (n_rows,) bool.
losses: Table[Loss] = Table("output")

#: Weights (n_networks, n_weights) and the optimiser's own state, its first axis the networks.
State = tuple[Any, Any]
#: Sums over the rows of each batch from `start` on: loss, number correct. Each
#: (MAX_BATCHES or fewer, n_networks).
Record = tuple[jax.Array, jax.Array]


@losses.add
def sigmoid(outputs: jax.Array, y: jax.Array) -> tuple[jax.Array, jax.Array]:
    """Binary cross-entropy of one logit z: log(1 + eᶻ) − y z, safe from overflow of eᶻ."""
    z = outputs[:, 0]
    loss = jnp.maximum(z, 0) - z * y + jnp.log1p(jnp.exp(-jnp.abs(z)))
    return loss, (z > 0) == (y > 0.5)


@losses.add
def softmax(outputs: jax.Array, y: jax.Array) -> tuple[jax.Array, jax.Array]:
    """Cross-entropy of one logit a class: log Σ eᶻ − z[y]."""
    # A comparison picks z[y]: the gradient of an indexing would be a scatter, which is slow.
    picked = jnp.where(y[:, None] == _arange(outputs.shape[1]), outputs, 0).sum(1)
    return jax.nn.logsumexp(outputs, axis=1) - picked, jnp.argmax(outputs, axis=1) == y


@losses.add
def linear(outputs: jax.Array, y: jax.Array) -> tuple[jax.Array, jax.Array]:
    """Squared error of one output; no row is called correct."""
    return (outputs[:, 0] - y) ** 2, _zeros(y.shape, bool)


#: Share of the steps in which a scheduled rate rises to its peak.
WARM_UP = 0.05


def warm_up_cosine(peak: float, steps: int) -> Any:
    """A rate that rises to its peak and falls to 0 along a cosine (Loshchilov and Hutter 2017)."""
    return optax.warmup_cosine_decay_schedule(
        init_value=peak / 10,
        peak_value=peak,
        warmup_steps=max(1, int(WARM_UP * steps)),
        decay_steps=max(2, steps),
    )


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
        At most the number of rows.
    steps : int or None
        Length of the schedule in which the rate rises and falls to 0; None keeps it constant.
    weight_decay : float or None
        For an optimiser that has one.
    wraps : bool
        Whether a batch that reaches the last row goes on at the first, for `steps` steps in all.
        Otherwise a call is within one epoch, whose last batch may be short.
    form : {"rows", "units", "fused"} or None
        How layers are multiplied; None for the fastest.
    """

    network: Layout
    optimizer: str
    learning_rate: float
    batch_size: int
    steps: int | None = None
    weight_decay: float | None = None
    wraps: bool = False
    form: Form | None = None

    @property
    def optimiser(self) -> optax.GradientTransformation:
        """Of optax, with the recipe's schedule and weight decay in it."""
        rate: Any = self.learning_rate
        if self.steps is not None:
            rate = warm_up_cosine(self.learning_rate, self.steps)
        decay = {} if self.weight_decay is None else {"weight_decay": self.weight_decay}
        return optimisers[self.optimizer](rate, **decay)

    def start(self, weights: Any) -> Any:
        """The optimiser's state before the first step."""
        return jax.vmap(self.optimiser.init)(weights)

    def rows_per_block(self, n_networks: int, n_rows: int) -> int:
        """Rows that an evaluation takes at once."""
        widest = n_networks * max(self.network.sizes)
        return max(1, min(n_rows, MAX_BLOCK_ROWS, MAX_BLOCK_VALUES // widest))


def n_batches(n_rows: int, batch_size: int) -> int:
    """Number of batches; the last one may be short."""
    return -(-n_rows // batch_size)


def gather(x: jax.Array, y: jax.Array, order: jax.Array) -> tuple[jax.Array, jax.Array]:
    """Rows and labels in a new order: one gather an epoch is cheaper than one a step."""
    return x.at[order].get(mode="clip"), y.at[order].get(mode="clip")


def train(
    recipe: Recipe, state: State, x: jax.Array, y: jax.Array, start: Any, stop: Any
) -> tuple[State, Record]:
    """Optimiser steps on batches `start` to `stop` (exclusive).

    Parameters
    ----------
    recipe : Recipe
    state : State
    x : (n_rows, n_features)
    y : (n_rows,)
    start, stop : int
        At most `MAX_BATCHES` apart.

    Returns
    -------
    state, record
        The record's entry ``i`` belongs to batch ``start + i``.
    """
    size, optimiser, n_rows = recipe.batch_size, recipe.optimiser, x.shape[0]
    n_networks = state[0].shape[0]
    form = recipe.form or recipe.network.fastest_form(n_networks, size)
    gradient_of = _gradient(partial(mean_loss, recipe.network, form), has_aux=True)
    length = n_batches(n_rows, size)
    if recipe.wraps:
        assert recipe.steps is not None
        length = recipe.steps
        x, y = (jnp.concatenate([part, part[:size]]) for part in (x, y))

    def one(weights: Any, memory: Any, *batch: Any) -> Any:
        gradient, sums = gradient_of(weights, *batch)
        updates, memory = optimiser.update(gradient, memory, weights)
        return optax.apply_updates(weights, updates), memory, sums

    def step(i: jax.Array, carry: tuple[State, Record]) -> tuple[State, Record]:
        (weights, memory), record = carry
        if recipe.wraps:
            at = (i * size) % n_rows
            batch = *_rows(x, y, at, size), _ones(size, x.dtype)
        else:
            batch = _batch(x, y, i, size, n_rows)
        weights, memory, sums = jax.vmap(one, in_axes=(0, 0, None, None, None))(
            weights, memory, *batch
        )
        return (weights, memory), _noted(record, i - start, sums)

    record = _empty_record(length, n_networks, x.dtype)
    return _loop(start, stop, step, (state, record))


def evaluate(
    recipe: Recipe, weights: Any, x: jax.Array, y: jax.Array, start: Any, stop: Any
) -> Record:
    """Loss and number correct of blocks `start` to `stop`; arguments as for `train`.

    A block has ``recipe.rows_per_block(n_networks, n_rows)`` rows, the last perhaps fewer.
    """
    n_networks, n_rows = weights.shape[0], x.shape[0]
    size = recipe.rows_per_block(n_networks, n_rows)
    form = "units" if n_networks > 1 else "rows"

    def one(weights: Any, rows: jax.Array, labels: jax.Array, counts: jax.Array) -> Any:
        outputs = forward(recipe.network, unpack(recipe.network, weights), rows, form)
        return _sums(recipe.network, outputs, labels, counts)

    def block(i: jax.Array, record: Record) -> Record:
        batch = _batch(x, y, i, size, n_rows)
        return _noted(
            record, i - start, jax.vmap(one, in_axes=(0, None, None, None))(weights, *batch)
        )

    record = _empty_record(n_batches(n_rows, size), n_networks, x.dtype)
    return _loop(start, stop, block, record)


def _rows(x: Any, y: Any, at: Any, size: int) -> tuple[Any, Any]:
    return lax.dynamic_slice_in_dim(x, at, size), lax.dynamic_slice_in_dim(y, at, size)


def _batch(x: Any, y: Any, i: Any, size: int, n_rows: int) -> tuple[Any, Any, Any]:
    """Rows, labels and counts of batch `i`: 1 for its own rows, 0 for those it only repeats."""
    # A short last batch begins before the one before it ends, so that all are of one size.
    at = jnp.minimum(i * size, n_rows - size)
    return *_rows(x, y, at, size), (at + _arange(size) >= i * size).astype(x.dtype)


def mean_loss(
    network: Layout, form: Form, weights: Any, x: jax.Array, y: jax.Array, counts: jax.Array
) -> tuple[jax.Array, tuple[jax.Array, jax.Array]]:
    """Mean loss of the rows that count (what is minimised), with the sums that are recorded."""
    outputs = forward(network, unpack(network, weights), x, form)
    loss, correct = _sums(network, outputs, y, counts)
    return loss / counts.sum(), (loss, correct)


def _sums(
    network: Layout, outputs: jax.Array, y: jax.Array, counts: jax.Array
) -> tuple[jax.Array, jax.Array]:
    loss, correct = losses[network.output](outputs, y)
    return (loss * counts).sum(), (correct * counts).sum()


def _empty_record(n_batches: int, n_networks: int, dtype: Any) -> Record:
    shape = (min(n_batches, MAX_BATCHES), n_networks)
    # Two arrays, not one with two columns: each is then filled by the fusion that makes its value.
    return _zeros(shape, dtype), _zeros(shape, dtype)


def _noted(record: Record, at: Any, sums: tuple[jax.Array, jax.Array]) -> Record:
    loss, correct = record
    return loss.at[at].set(sums[0]), correct.at[at].set(sums[1])
