"""The Dataset: points, labels and what is known about them."""

from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from unknot.errors import UsageError

Task = Literal["classification", "regression"]


@dataclass(frozen=True)
class Architecture:
    """A network that suits some data: what ``fit`` trains when none is named.

    Attributes
    ----------
    hidden : tuple of int
        Width of each hidden layer.
    activation : str
        Of all hidden layers.
    """

    hidden: tuple[int, ...]
    activation: str = "relu"


@dataclass(frozen=True)
class Dataset:
    """Points with their labels.

    Attributes
    ----------
    x : (n_points, n_features) float32
    y : (n_points,) int64 or float32
        Class numbers ``0 … n_classes − 1`` for classification, the target for regression.
    class_names : tuple of str
        One name a class; empty for regression.
    feature_names : tuple of str
        One name a column of `x`.
    name : str
        What the data set is called in titles and reports.
    parameters : dict
        What it was made with (``n``, ``seed``, ``noise``, …): enough to make it again, or the
        file and column it came from. JSON values only.
    bayes_accuracy : float or None
        Accuracy of the best possible classifier, where it can be computed.
    betti : tuple of tuple of int, or None
        Betti numbers of each class (pieces, holes, voids …), where they are known.
    architecture : Architecture or None
        The network that suits the data, where the generator knows one.
    """

    x: NDArray[np.float32]
    y: NDArray[np.int64] | NDArray[np.float32]
    class_names: tuple[str, ...]
    feature_names: tuple[str, ...]
    name: str = "data"
    parameters: dict[str, Any] = field(default_factory=dict[str, Any])
    bayes_accuracy: float | None = None
    betti: tuple[tuple[int, ...], ...] | None = None
    architecture: Architecture | None = None

    def __post_init__(self) -> None:
        if self.x.ndim != 2 or self.y.shape != (len(self.x),):
            raise UsageError(
                f"A data set needs x of shape (n_points, n_features) and y of shape (n_points,); "
                f"got {self.x.shape} and {self.y.shape}."
            )
        if len(self.feature_names) != self.x.shape[1]:
            raise UsageError(
                f"Got {len(self.feature_names)} feature names for {self.x.shape[1]} features."
            )

    @property
    def task(self) -> Task:
        """``"classification"`` when there are class names, otherwise ``"regression"``."""
        return "classification" if self.class_names else "regression"

    @property
    def n_points(self) -> int:
        return self.x.shape[0]

    @property
    def n_features(self) -> int:
        return self.x.shape[1]

    @property
    def n_classes(self) -> int:
        """Number of classes; 0 for regression."""
        return len(self.class_names)
