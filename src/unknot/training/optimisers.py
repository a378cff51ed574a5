"""Optimisers by name. optax does the work; here are the constants.

A function's default learning rate is the one that ``fit`` uses when none is given.
"""

from collections.abc import Callable
from inspect import signature
from typing import Any

import optax

from unknot.table import Table

#: AdamW's usual weight decay.
WEIGHT_DECAY = 0.01

optimisers: Table[Callable[..., optax.GradientTransformation]] = Table("optimiser")


@optimisers.add
def rmsprop(learning_rate: float = 0.001) -> optax.GradientTransformation:
    """RMSprop as Keras 3 has it (the notebook's): v ← 0.9 v + 0.1 g², w ← w − η g / √(v + 10⁻⁷).

    Tieleman and Hinton (2012). The small constant stands inside the root, v starts at 0.
    """
    return optax.rmsprop(learning_rate, decay=0.9, eps=1e-7, eps_in_sqrt=True, initial_scale=0.0)


@optimisers.add
def adam(learning_rate: float = 0.001) -> optax.GradientTransformation:
    """Adam, Kingma and Ba (2015), algorithm 1, with their constants 0.9, 0.999 and 10⁻⁸."""
    return optax.adam(learning_rate, b1=0.9, b2=0.999, eps=1e-8)


@optimisers.add
def sgd(learning_rate: float = 0.01) -> optax.GradientTransformation:
    """Gradient descent with momentum: m ← 0.9 m + g, w ← w − η m."""
    return optax.sgd(learning_rate, momentum=0.9)


@optimisers.add
def adamw(
    learning_rate: float = 0.001, weight_decay: float = WEIGHT_DECAY
) -> optax.GradientTransformation:
    """Adam with decoupled weight decay on weights and biases, Loshchilov and Hutter (2019)."""
    return optax.adamw(learning_rate, b1=0.9, b2=0.999, eps=1e-8, weight_decay=weight_decay)


def has_weight_decay(optimizer: str) -> bool:
    """Whether an optimiser takes a weight decay."""
    return "weight_decay" in signature(optimisers[optimizer]).parameters


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


def default_learning_rate(optimizer: str) -> float:
    """The learning rate that an optimiser has when none is given."""
    rate: float = signature(optimisers[optimizer]).parameters["learning_rate"].default
    return rate
