"""The Dataset: points, labels and what is known about them; fewer of its points."""

from dataclasses import dataclass, field, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from unknot.datasets.held_out import as_held_out, held_out_text
from unknot.datasets.identity import Identity, as_identity
from unknot.datasets.labels import counted, labelled_rows, unlabelled_text, visible
from unknot.datasets.outputs import Output
from unknot.errors import UsageError

Task = Literal["classification", "regression"]

#: Names of features or classes that ``repr`` shows.
MOST_NAMES = 6


def shortened(name: str, most: int = 40) -> str:
    """A name on one line, cut in the middle where it is long."""
    text = visible(name)
    return text if len(text) <= most else f"{text[: most // 2]}…{text[-most // 2 + 1 :]}"


def classes_text(class_names: tuple[str, ...], labels: NDArray[Any] | None = None) -> str:
    """``"2 classes (left, right)"``, or what a regression has instead."""
    gaps = "" if labels is None else unlabelled_text(labels)
    also = f", {gaps}" if gaps else ""
    if not class_names:
        return f"a number to predict{also}"
    names = ", ".join(shortened(name) for name in class_names[:MOST_NAMES])
    more = ", …" if len(class_names) > MOST_NAMES else ""
    return f"{len(class_names):,} class{'es' * (len(class_names) != 1)} ({names}{more}){also}"


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


@dataclass(frozen=True, eq=False, repr=False)
class Dataset:
    """Points with their labels.

    Attributes
    ----------
    x : (n_points, n_features) float32
    y : (n_points,) int64 or float32
        Class numbers ``0 … n_classes − 1`` for classification, −1 for a point without a label;
        the target for regression, NaN for a point without one.
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
    output : Output or None
        Which of several outputs `y` is; None where there is one.
    held_out : (n_points,) bool array, optional
        True for a point that is not to be trained on; ``fit`` obeys it. None where nobody said.
        Numbers of rows may be given as well.
    identity : Identity, optional
        Who each point is: its name, its text, its image and other columns. What `as_identity`
        takes may be given as well.
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
    output: Output | None = None
    held_out: NDArray[np.bool_] | None = None
    identity: Identity | None = None

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
        object.__setattr__(self, "held_out", as_held_out(self.held_out, self.n_points))
        object.__setattr__(self, "identity", as_identity(self.identity, self.n_points))

    def __repr__(self) -> str:
        features = ", ".join(shortened(name) for name in self.feature_names[:MOST_NAMES])
        more = ", …" if self.n_features > MOST_NAMES else ""
        best = "" if self.bayes_accuracy is None else f"\n  best possible {self.bayes_accuracy:.4f}"
        return (
            f"Dataset {shortened(self.name)!r}: {counted(self.n_points, 'point')}, "
            f"{counted(self.n_features, 'feature')} ({features}{more}), "
            f"{classes_text(self.class_names, self.y)}{held_out_text(self.held_out)}{best}"
        )

    def _repr_html_(self) -> str:
        from unknot.doors import preview

        return preview(self)

    @property
    def task(self) -> Task:
        """``"classification"`` when there are class names, otherwise ``"regression"``."""
        return "classification" if self.class_names else "regression"

    @property
    def n_points(self) -> int:
        """Rows of `x`."""
        return self.x.shape[0]

    @property
    def n_features(self) -> int:
        """Columns of `x`: the units of a network's input."""
        return self.x.shape[1]

    @property
    def n_classes(self) -> int:
        """Number of classes; 0 for regression."""
        return len(self.class_names)

    def take(self, rows: NDArray[np.integer]) -> "Dataset":
        """The data set of some of the points, in the order of `rows`."""
        held_out = None if self.held_out is None else self.held_out[rows]
        identity = None if self.identity is None else self.identity.take(rows)
        x, y = self.x[rows], self.y[rows]
        return replace(self, x=x, y=y, held_out=held_out, identity=identity)

    def labelled(self) -> "Dataset":
        """The data set of the points that have a label: of most data itself."""
        rows = labelled_rows(self.y)
        return self if len(rows) == self.n_points else self.take(rows)


def spread_rows(n: int, most: int) -> NDArray[np.int64]:
    """At most `most` of `n` row numbers, spread evenly, the first and the last among them."""
    return np.unique(np.linspace(0, n - 1, min(n, most)).round().astype(np.int64))


def thinned(data: Dataset, most: int) -> Dataset:
    """At most `most` of the points, spread evenly over the rows."""
    return data if data.n_points <= most else data.take(spread_rows(data.n_points, most))


def subsample(data: Dataset, n: int, seed: int) -> Dataset:
    """Draw `n` of the points; see ``some_rows``."""
    return data.take(some_rows(data, n, seed))


def some_rows(data: Dataset, n: int, seed: int) -> NDArray[np.int64]:
    """Draw `n` of the points without repetition, in their old order.

    Classes keep their shares, to rounding, but for two points (or all it has) that every class
    gets in any case.

    Parameters
    ----------
    data : Dataset
    n : int
        At most the number of points there are, at least two for each class.
    seed : int

    Returns
    -------
    (n,) int64
        Their rows.

    Raises
    ------
    UsageError
        When there are fewer than `n` points, or `n` is too small for the classes.
    """
    if n > data.n_points:
        raise UsageError(
            f"There are only {data.n_points:,} points; got n = {n:,}.\n"
            f"Give n of at most {data.n_points:,}, or leave it out for all."
        )
    # Points without a label are a group as any class.
    group = data.y.astype(np.int64) + 1 if data.class_names else np.zeros(data.n_points, np.int64)
    counts = np.bincount(group)
    least = np.minimum(counts, 2)
    if n < least.sum():
        raise UsageError(
            f"n must be at least {least.sum()}, two points for each class (or all it has); "
            f"got {n}.\n"
            "Give a larger n."
        )
    rng = np.random.default_rng(seed)
    wanted = _shares(counts, least, n)
    # A random order in which each class's rows stand together: its first ones are drawn.
    order = rng.permutation(data.n_points)
    order = order[np.argsort(group[order], kind="stable")]
    first = np.concatenate([[0], np.cumsum(counts)[:-1]])
    rank = np.arange(data.n_points) - np.repeat(first, counts)
    return np.sort(order[rank < np.repeat(wanted, counts)])


def _shares(counts: NDArray[np.int64], least: NDArray[np.int64], n: int) -> NDArray[np.int64]:
    """Points for each class, in proportion to `counts` but not fewer than `least`."""
    exact = counts * (n / counts.sum())
    shares = np.maximum(np.floor(exact).astype(np.int64), least)
    missing = n - int(shares.sum())
    if missing > 0:
        shares[np.argsort(shares - exact, kind="stable")[:missing]] += 1
    for _ in range(-missing):
        surplus = np.where(shares > least, shares - exact, -np.inf)
        shares[np.argmax(surplus)] -= 1
    return shares
