"""The compiled programs that train and judge a stack of networks."""

import threading
from collections import defaultdict
from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import lru_cache, partial
from itertools import pairwise
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax
from jax import lax

from unknot.training.compilation import cache_on_disk
from unknot.training.losses import losses
from unknot.training.network import Network
from unknot.training.optimisers import optimisers, warm_up_cosine
from unknot.width.stack import Stack, forward

#: Most values that a layer of the whole stack makes in one block of points that are judged.
BLOCK_VALUES = 2**20


@dataclass(frozen=True)
class Recipe:
    """Networks of one shape and how they are trained.

    Attributes
    ----------
    network : Network
    optimizer : str
    learning_rate : float
        The peak: it rises to it and falls to 0 along a cosine (Loshchilov and Hutter 2017).
    steps : int
    batch_size : int
    """

    network: Network
    optimizer: str
    learning_rate: float
    steps: int
    batch_size: int

    @property
    def optimiser(self) -> optax.GradientTransformation:
        return optimisers[self.optimizer](warm_up_cosine(self.learning_rate, self.steps))

    def n_epochs(self, n_points: int) -> int:
        """Whole passes over the points."""
        return self.steps * self.batch_size // n_points


@dataclass(frozen=True)
class Programs:
    """Compiled for a recipe, a number of networks and numbers of points.

    Attributes
    ----------
    start : stack → optimiser state
    train : state, x, y, start, stop → state
        The state is (stack, optimiser state, sums): sums (2, n_networks, n_epochs) of the losses
        and the accuracies of each epoch's batches.
    judge : stack, x, y → loss, number correct, each (n_networks,); for training points
    judge_others : the same for judging points
    """

    start: Any
    train: Any
    judge: Any
    judge_others: Any


_locks: defaultdict[Any, threading.Lock] = defaultdict(threading.Lock)


def compiled(recipe: Recipe, n_networks: int, points: Any) -> Programs:
    """Programs for these points; each is compiled once a process, whatever the threads do."""
    key = (recipe, n_networks, points.x.shape, points.judging_x.shape, points.y.dtype.name)
    with _locks[key]:
        return _compiled(*key)


@lru_cache(maxsize=128)
def _compiled(
    recipe: Recipe,
    n_networks: int,
    training: tuple[int, int],
    judging: tuple[int, int],
    label_type: str,
) -> Programs:
    sizes = recipe.network.sizes
    number = jax.ShapeDtypeStruct((), np.int32)
    stack = [
        (
            jax.ShapeDtypeStruct((n_networks, n_out, n_in), np.float32),
            jax.ShapeDtypeStruct((n_networks, n_out), np.float32),
        )
        for n_in, n_out in pairwise(sizes)
    ]

    def rows(shape: tuple[int, int], extra: int = 0) -> tuple[Any, Any]:
        n_features, n_points = shape
        x = jax.ShapeDtypeStruct((n_features, n_points + extra), np.float32)
        return x, jax.ShapeDtypeStruct((n_points + extra,), label_type)

    sums = jax.ShapeDtypeStruct((2, n_networks, recipe.n_epochs(training[1]) + 1), np.float32)
    state = jax.eval_shape(jax.vmap(recipe.optimiser.init), stack)
    with shared_cache():
        return Programs(
            start=_built(jax.vmap(recipe.optimiser.init), stack),
            train=_built(
                partial(_train, recipe, training[1]),
                (stack, state, sums),
                *rows(training, recipe.batch_size),
                number,
                number,
            ),
            judge=_built(
                partial(_judge, recipe, training[1]), stack, *rows(training, recipe.batch_size)
            ),
            judge_others=_built(partial(_judge, recipe, judging[1]), stack, *rows(judging)),
        )


def _built(function: Any, *shapes: Any) -> Any:
    return jax.jit(function).lower(*shapes).compile()


def _train(
    recipe: Recipe, n_points: int, state: Any, x: jax.Array, y: jax.Array, start: Any, stop: Any
) -> Any:
    """Steps `start` to `stop`, all networks on the same batch; `x` repeats its first batch."""
    size, optimiser = recipe.batch_size, recipe.optimiser
    gradient_of = jax.grad(partial(_mean_loss, recipe.network), has_aux=True)

    def one(layers: Stack, memory: Any, rows: jax.Array, labels: jax.Array) -> Any:
        gradient, seen = gradient_of(layers, rows, labels)
        updates, memory = optimiser.update(gradient, memory, layers)
        return optax.apply_updates(layers, updates), memory, seen

    def step(i: jax.Array, carry: Any) -> Any:
        stack, memory, sums = carry
        at = (i * size) % n_points
        rows = lax.dynamic_slice_in_dim(x, at, size, axis=1)
        labels = lax.dynamic_slice_in_dim(y, at, size)
        stack, memory, seen = jax.vmap(one, in_axes=(0, 0, None, None))(stack, memory, rows, labels)
        epoch = (i * size) // n_points
        return stack, memory, sums.at[:, :, epoch].add(jnp.stack(seen))

    return lax.fori_loop(start, stop, step, state)


def _mean_loss(network: Network, layers: Stack, x: jax.Array, y: jax.Array) -> Any:
    loss, correct = losses[network.output](forward(network, layers, x), y)
    return loss.mean(), (loss.mean(), correct.mean())


def _judge(recipe: Recipe, n_points: int, stack: Stack, x: jax.Array, y: jax.Array) -> Any:
    """Sums over the first `n_points` points of loss and of correctness, (n_networks,) each."""
    network = recipe.network
    n_networks = stack[0][1].shape[0]
    size = min(n_points, max(1, BLOCK_VALUES // (n_networks * max(network.sizes))))

    def one(layers: Stack, rows: jax.Array, labels: jax.Array, weight: jax.Array) -> Any:
        loss, correct = losses[network.output](forward(network, layers, rows), labels)
        return (loss * weight).sum(), (correct * weight).sum()

    def block(i: jax.Array, sums: Any) -> Any:
        # The last block begins earlier than the one before ends; what it repeats has no weight.
        at = jnp.minimum(i * size, n_points - size)
        rows = lax.dynamic_slice_in_dim(x, at, size, axis=1)
        labels = lax.dynamic_slice_in_dim(y, at, size)
        weight = (at + jnp.arange(size) >= i * size).astype(jnp.float32)
        added = jax.vmap(one, in_axes=(0, None, None, None))(stack, rows, labels, weight)
        return sums[0] + added[0], sums[1] + added[1]

    zero = jnp.zeros(n_networks, jnp.float32)
    return lax.fori_loop(0, -(-n_points // size), block, (zero, zero))


_cache_lock = threading.Lock()
_cache_users = 0
_cache_context = ExitStack()


@contextmanager
def shared_cache() -> Generator[None]:
    """``cache_on_disk`` for several threads at once: entered by the first, left by the last."""
    global _cache_users
    with _cache_lock:
        if _cache_users == 0:
            _cache_context.enter_context(cache_on_disk())
        _cache_users += 1
    try:
        yield
    finally:
        with _cache_lock:
            _cache_users -= 1
            if _cache_users == 0:
                _cache_context.close()
