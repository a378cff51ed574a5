"""The chosen network of a width beside the ceiling, on the points that judge."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from unknot.datasets.dataset import Dataset
from unknot.network.mlp import MLP
from unknot.width.batch import Outcome, best_model, best_outcome
from unknot.width.metrics import (
    Metric,
    Values,
    class_means,
    class_shares,
    constant_values,
    difference,
    log_probabilities,
    row_values,
    score_of,
)
from unknot.width.points import Split, more_points
from unknot.width.result import Ceiling
from unknot.width.verdict import CLEAR, Judged, standard_error

if TYPE_CHECKING:
    from unknot.training.programs import Recipe

#: Fresh points that a close case is given more of at a time, and how often.
MORE, TURNS = 1_000_000, 8


class Judge:
    """Compares one network after another with the ceiling.

    Parameters
    ----------
    data : Dataset
    points : Split
    ceiling : Ceiling
    tolerance : float
    metric : {"accuracy", "balanced_accuracy", "log_loss"}

    Attributes
    ----------
    majority_share : float
        Of the judging points.
    constant, constant_loss : float
        Score of the answer that is the same for all points, and its loss on the training points.
    is_learnable : bool
        Whether the ceiling, or a network judged so far, clearly does better than that.
    """

    def __init__(
        self, data: Dataset, points: Split, ceiling: Ceiling, tolerance: float, metric: Metric
    ) -> None:
        self.data, self.points = data, points
        self._ceiling, self._tolerance = ceiling, tolerance
        self._metric: Metric = metric
        y = points.judging_y
        self.majority_share = float(class_shares(y, data.n_classes).max())
        # The one that suits these points best: one chosen on others may fall short by chance.
        self._constant = constant_values(metric, y, y, data.n_classes)
        self.constant = score_of(metric, self._constant, y, data.n_classes)
        shares = class_shares(points.y, data.n_classes)
        self.constant_loss = -float((shares * np.log(np.where(shares > 0, shares, 1))).sum())
        if ceiling.values is None:
            error = standard_error(self.constant, len(y))
            self.is_learnable = ceiling.accuracy > self.constant + CLEAR * error
        else:
            self.is_learnable = self._beats(ceiling.values)

    def __call__(self, recipe: "Recipe", outcomes: Sequence[Outcome]) -> Judged:
        """The best network of these batches."""
        points, metric = self.points, self._metric
        model = best_model(recipe, outcomes)
        logarithms = log_probabilities(model, points.judging_x)
        values = row_values(metric, logarithms, points.judging_y)
        self.is_learnable = self.is_learnable or self._beats(values)
        hits = row_values("accuracy", logarithms, points.judging_y)
        means = class_means(hits, points.judging_y, self.data.n_classes)
        recalls = {
            name: float(mean)
            for name, mean in zip(self.data.class_names, means, strict=True)
            if np.isfinite(mean)
        }
        theirs = self._ceiling.values
        if theirs is not None:
            n = len(theirs)
            y = points.judging_y[:n]
            return Judged(
                *difference(metric, values[:n], theirs, y, self.data.n_classes), n, recalls
            )
        winner = best_outcome(outcomes)
        return self._beside_bayes(model, winner.accuracies[winner.best], recalls)

    def _beside_bayes(self, model: MLP, accuracy: float, recalls: dict[str, float]) -> Judged:
        """Below a ceiling that is known; close cases get more points where points are free."""
        ceiling, n = self._ceiling.accuracy, self.points.n_judging
        threshold = min(max(ceiling - self._tolerance, 0.0), 1.0)
        right, turns = accuracy * n, 0 if len(self.points.held_out_rows) else TURNS
        for turn in range(turns):
            if abs(ceiling - right / n - self._tolerance) >= CLEAR * standard_error(threshold, n):
                break
            x, y = more_points(self.data, self.points, MORE, turn)
            right += float(row_values("accuracy", log_probabilities(model, x), y).sum())
            n += MORE
        return Judged(ceiling - right / n, standard_error(threshold, n), n, recalls)

    def _beats(self, values: Values) -> bool:
        """Whether a model clearly does better than the constant answer."""
        n = len(values)
        gain, error = difference(
            self._metric,
            self._constant[:n],
            values,
            self.points.judging_y[:n],
            self.data.n_classes,
        )
        return gain > CLEAR * error
