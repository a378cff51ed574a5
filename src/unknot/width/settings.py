"""The arguments of ``minimum_width`` and ``sweep``, each checked by itself."""

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from unknot.datasets.dataset import Dataset
from unknot.errors import UsageError, real_number, whole_number
from unknot.network.optimisers import optimisers

if TYPE_CHECKING:
    from unknot.training.programs import Recipe

MAX_WIDTH = 512
MAX_DEPTH = 20
MAX_RESTARTS = 1_000_000
MAX_STEPS = 1_000_000
MAX_BATCH = 65_536


@dataclass(frozen=True)
class Budget:
    """How each network is trained, and how often anew.

    Attributes
    ----------
    readout : int or None
    optimizer : str
    learning_rate : float or None
        None for the usual one.
    steps, batch_size : int
    seed : int
    """

    readout: int | None
    optimizer: str
    learning_rate: float | None
    steps: int
    batch_size: int
    seed: int

    def recipe(
        self, data: Dataset, hidden: tuple[int, ...], activation: str, n_training: int
    ) -> "Recipe":
        """How networks with these hidden layers are trained on this many points."""
        from unknot.training.network import Layout, output_of
        from unknot.training.programs import Recipe

        network = Layout.of(
            n_features=data.n_features,
            hidden=hidden,
            readout=self.readout,
            activation=(activation,) * len(hidden),
            output=output_of(data),
        )
        return Recipe(
            network=network,
            optimizer=self.optimizer,
            learning_rate=self.learning_rate
            or optimisers[self.optimizer].peak / math.sqrt(len(hidden)),
            steps=self.steps,
            batch_size=min(self.batch_size, n_training),
            wraps=True,
        )

    def as_json(self) -> dict[str, Any]:
        """What two results files must agree on."""
        return dict(self.__dict__)


def checked_budget(
    *,
    readout: int | None,
    optimizer: str,
    learning_rate: float | None,
    steps: int,
    batch_size: int,
    seed: int,
) -> Budget:
    """A budget, or UsageError for an argument that makes no sense."""
    from unknot.training.settings import checked_rate

    highest = optimisers[str(optimizer)].peak
    if learning_rate is not None:
        learning_rate = checked_rate(learning_rate, highest)
    return Budget(
        readout=None if readout is None else whole_number(readout, "readout width", 1, MAX_WIDTH),
        optimizer=str(optimizer),
        learning_rate=learning_rate,
        steps=whole_number(steps, "number of steps", 10, MAX_STEPS),
        batch_size=whole_number(batch_size, "batch size", 1, MAX_BATCH),
        seed=whole_number(seed, "seed", 0, 2**63 - 1),
    )


#: The accuracy that may be missing, where the points can tell so little.
TOLERANCE = 0.005


def checked_tolerance(value: object) -> float:
    """A tolerance as a float in (0, 0.5)."""
    number = real_number(value)
    if not 0 < number < 0.5:
        raise UsageError(
            f"Got {value!r:.60} as tolerance; allowed: above 0, below 0.5.\n"
            "It is the accuracy that may be missing to the ceiling; the usual one is 0.005."
        )
    return number


def checked_data(data: Dataset) -> None:
    """UsageError for data in which no width can be looked for."""
    from unknot.training.settings import check_data

    if data.task == "regression":
        raise UsageError(
            "The minimum width is that of a classifier; these data have a number to predict.\n"
            "Choose a label with classes, or cut the number into classes."
        )
    if data.n_points < data.n_classes:
        raise UsageError(
            f"Got {data.n_points:,} points of {data.n_classes:,} classes: fewer points than "
            "classes.\nGive more points, or join classes."
        )
    check_data(data)
