"""One record an optimiser. optax does the work, once one is made; here are the constants."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from inspect import signature
from typing import TYPE_CHECKING, Any

from unknot.table import Table

if TYPE_CHECKING:
    from optax import GradientTransformation

#: AdamW's usual weight decay.
WEIGHT_DECAY = 0.01


@dataclass(frozen=True)
class Optimiser:
    """A row of the table.

    Attributes
    ----------
    name : str
    make : callable
        ``(learning_rate=…) -> optax.GradientTransformation``, with ``weight_decay=…`` where it
        has one. The default rate is the constant one of ``fit(epochs=…)``.
    peak : float
        The peak of a rate that rises and falls, measured on networks of one hidden layer of up to
        4 units; ten times the constant rate where none has been measured.
    """

    name: str
    make: "Callable[..., GradientTransformation]"
    peak: float

    def __call__(self, learning_rate: Any, **decay: Any) -> "GradientTransformation":
        """As optax takes it; the rate is a number or a schedule."""
        return self.make(learning_rate, **decay)

    @property
    def __name__(self) -> str:
        return self.name

    @cached_property
    def learning_rate(self) -> float:
        """The constant rate when none is given."""
        return _default_rate(self.make)

    @cached_property
    def has_weight_decay(self) -> bool:
        """Whether it takes a weight decay."""
        return "weight_decay" in signature(self.make).parameters


optimisers: Table[Optimiser] = Table("optimiser")


def optimiser(*, peak: float | None = None) -> Callable[[Callable[..., Any]], Optimiser]:
    """Add a function to the table; see `Optimiser` for the arguments."""

    def add(make: Callable[..., Any]) -> Optimiser:
        highest = 10 * _default_rate(make) if peak is None else peak
        return optimisers.add(Optimiser(make.__name__, make, highest))

    return add


def _default_rate(make: Callable[..., Any]) -> float:
    return float(signature(make).parameters["learning_rate"].default)


@optimiser(peak=0.02)
def rmsprop(learning_rate: float = 0.001) -> "GradientTransformation":
    """RMSprop as Keras 3 has it (the notebook's): v ← 0.9 v + 0.1 g², w ← w − η g / √(v + 10⁻⁷).

    Tieleman and Hinton (2012). The small constant stands inside the root, v starts at 0.
    """
    import optax

    return optax.rmsprop(learning_rate, decay=0.9, eps=1e-7, eps_in_sqrt=True, initial_scale=0.0)


@optimiser(peak=0.1)
def adam(learning_rate: float = 0.001) -> "GradientTransformation":
    """Adam, Kingma and Ba (2015), algorithm 1, with their constants 0.9, 0.999 and 10⁻⁸."""
    import optax

    return optax.adam(learning_rate, b1=0.9, b2=0.999, eps=1e-8)


@optimiser(peak=0.3)
def sgd(learning_rate: float = 0.01) -> "GradientTransformation":
    """Gradient descent with momentum: m ← 0.9 m + g, w ← w − η m."""
    import optax

    return optax.sgd(learning_rate, momentum=0.9)


@optimiser(peak=0.1)
def adamw(
    learning_rate: float = 0.001, weight_decay: float = WEIGHT_DECAY
) -> "GradientTransformation":
    """Adam with decoupled weight decay on weights and biases, Loshchilov and Hutter (2019)."""
    import optax

    return optax.adamw(learning_rate, b1=0.9, b2=0.999, eps=1e-8, weight_decay=weight_decay)
