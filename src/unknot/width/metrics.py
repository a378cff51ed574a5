"""What a width is judged by: one score of a network, and the difference of two on the same rows.

A score is larger for a better network, so the log loss counts negatively. Two models are compared
row by row: where both are right or both are wrong, nothing is learnt about their difference.
"""

from functools import partial
from typing import TYPE_CHECKING, Any, Literal, cast, get_args

import numpy as np
from numpy.typing import NDArray

from unknot.errors import UsageError
from unknot.network.maps import as_activation
from unknot.network.mlp import MLP, log_probabilities_of
from unknot.table import unknown

if TYPE_CHECKING:
    from unknot.datasets.dataset import Dataset
    from unknot.training.network import Layout

Metric = Literal["accuracy", "balanced_accuracy", "log_loss"]
METRICS: tuple[Metric, ...] = get_args(Metric)
#: What a score is called where people read it.
SHOWN: dict[Metric, str] = {
    "accuracy": "accuracy",
    "balanced_accuracy": "balanced accuracy",
    "log_loss": "minus log loss",
}
#: A class with a smaller share of the points is rare: accuracy would forget it.
RARE = 0.05
#: Rows that a network is given at once.
BLOCK = 100_000
#: Log probability of what a model held for impossible, or could not say.
LEAST = -30.0

Values = NDArray[np.float64]
Labels = NDArray[Any]


def checked_metric(metric: object, data: "Dataset") -> Metric:
    """A metric by its name; where none is named, balanced accuracy if a class is rare."""
    if metric is None:
        return "balanced_accuracy" if smallest_share(data) < RARE else "accuracy"
    for name in METRICS:
        if metric == name:
            return name
    raise UsageError(unknown("metric", metric, METRICS))


def class_shares(y: Labels, n_classes: int) -> Values:
    """(n_classes,) share of each class among the labels."""
    return np.bincount(y.astype(np.int64), minlength=n_classes) / len(y)


def smallest_share(data: "Dataset") -> float:
    """Share of the smallest class among the points."""
    return float(class_shares(data.y, data.n_classes).min())


def log_probabilities(mlp: MLP, x: NDArray[np.float32]) -> Values:
    """(n_rows, n_classes) of a network without scaling, for rows that are scaled already."""
    parts: list[Values] = []
    for start in range(0, len(x), BLOCK):
        h: Any = x[start : start + BLOCK]
        for layer in mlp.layers:
            h = as_activation(layer.activation)(h @ layer.weight + layer.bias)
        parts.append(np.nan_to_num(log_probabilities_of(h), nan=LEAST, neginf=LEAST))
    return np.concatenate(parts)


def row_values(metric: Metric, logarithms: Values, y: Labels) -> Values:
    """(n_rows,) what each row adds to the score: right or wrong, or its log probability."""
    y = y.astype(np.int64)
    if metric == "log_loss":
        return np.maximum(logarithms[np.arange(len(y)), y], LEAST)
    return (logarithms.argmax(axis=1) == y).astype(np.float64)


def class_means(values: Values, y: Labels, n_classes: int) -> Values:
    """(n_classes,) mean over the rows of each class; NaN for a class without rows."""
    y = y.astype(np.int64)
    counts = np.bincount(y, minlength=n_classes)
    with np.errstate(invalid="ignore"):
        return np.bincount(y, values, minlength=n_classes) / counts


def score_of(metric: Metric, values: Values, y: Labels, n_classes: int) -> float:
    """The score of a model from its values by row."""
    if metric != "balanced_accuracy":
        return float(values.mean())
    return float(np.nanmean(class_means(values, y, n_classes)))


def difference(
    metric: Metric, ours: Values, theirs: Values, y: Labels, n_classes: int
) -> tuple[float, float]:
    """How much higher `theirs` scores than `ours` on the same rows, and its standard error.

    Of right and wrong answers the error is that of McNemar's table with half a count added to
    each of its four cells (Agresti and Min 2005), so that few rows, all answered alike, are not
    taken for certainty; for the balanced accuracy it is taken class by class.
    """
    gain = theirs - ours
    if metric == "log_loss":
        return float(gain.mean()), float(gain.std()) / len(gain) ** 0.5
    groups = [y.astype(np.int64) == k for k in range(n_classes)]
    if metric == "accuracy":
        groups = [np.ones(len(y), bool)]
    parts = [_proportions(gain[rows]) for rows in groups if rows.any()]
    means, variances = np.array(parts).T
    return float(means.mean()), float(variances.sum()) ** 0.5 / len(parts)


def _proportions(gain: Values) -> tuple[float, float]:
    """Mean of what is −1, 0 or 1, and its variance with half a count added to each cell."""
    n, discordant, total = len(gain) + 2, float(np.abs(gain).sum()) + 1, float(gain.sum())
    return total / len(gain), (discordant - total**2 / n) / n**2


def constant_values(metric: Metric, training: Labels, y: Labels, n_classes: int) -> Values:
    """(n_rows,) values of the answer that is the same for every row, best on the training rows."""
    shares = class_shares(training, n_classes)
    logarithms = np.log(np.maximum(shares, np.exp(LEAST)))
    return row_values(metric, np.broadcast_to(logarithms, (len(y), n_classes)), y)


def balanced_accuracies(
    network: "Layout", weights: Any, x: Any, y: Labels, n_classes: int
) -> tuple[float, ...]:
    """Of many networks, one a row of `weights`."""
    import jax

    from unknot.training.network import forward, unpack
    from unknot.training.programs import losses

    def right(x: Any, y: Any, flat: Any) -> Any:
        outputs = forward(network, unpack(network, flat), x, "units")
        return losses[network.output](outputs, y)[1]

    def all_right(weights: Any, x: Any, y: Any) -> Any:
        return cast("Any", jax).lax.map(partial(right, x, y), weights)

    # The rows are arguments: as constants of the program they would take the compiler minutes.
    hits = np.asarray(cast("Any", jax).jit(all_right)(weights, x, y))
    host = np.asarray(y)
    return tuple(
        score_of("balanced_accuracy", row.astype(np.float64), host, n_classes) for row in hits
    )
