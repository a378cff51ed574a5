"""Accuracies, of points held out and of points trained on apart, and how they are said."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from unknot.datasets.labels import labelled_rows


@dataclass(frozen=True)
class Accuracies:
    """Shares of labelled points whose most probable class is theirs.

    Attributes
    ----------
    held_out, training : float or None
        None where there are no such points.
    overall : float or None
        Of all points, where nobody knows which were held out; None elsewhere.
    """

    held_out: float | None = None
    training: float | None = None
    overall: float | None = None

    @property
    def headline(self) -> float | None:
        """Of the points held out; where there are none, of those there are."""
        known = (self.held_out, self.training, self.overall)
        return next((share for share in known if share is not None), None)

    @property
    def text(self) -> str:
        """``"held out 96.7 % (training 99.9 %)"``; empty where no accuracy is known."""
        if self.held_out is not None:
            also = "" if self.training is None else f" (training {percent(self.training)})"
            return f"held out {percent(self.held_out)}{also}"
        if self.training is not None:
            return f"training {percent(self.training)}, nothing held out"
        if self.overall is not None:
            return f"accuracy {percent(self.overall)} (held out or not: unknown)"
        return ""

    def beside(self, best: float | None) -> list[str]:
        """The text and, beside an accuracy of points held out alone, the best possible."""
        if self.held_out is not None and best is not None:
            return [self.text, f"best possible {percent(best)}"]
        return [self.text] if self.text else []


def comparable(best: float | None, held_out: NDArray[np.bool_] | None) -> float | None:
    """The best possible accuracy where there are points held out to compare with it, else None.

    On points that were trained on, a network may come out above it.
    """
    return best if held_out is not None and bool(held_out.any()) else None


def percent(share: float) -> str:
    """``"96.7 %"``."""
    return f"{100 * share:.1f} %"


def accuracies(
    probabilities: NDArray[np.floating] | None,
    labels: NDArray[Any],
    n_classes: int,
    held_out: NDArray[np.bool_] | None,
) -> Accuracies:
    """Judge probabilities by the labels.

    Parameters
    ----------
    probabilities : (n_points, n_classes) float array or None
        Without them, and of other classes, nothing is known.
    labels : (n_points,) int64
        Points without a label do not count.
    n_classes : int
    held_out : (n_points,) bool array or None
        None where it is not known.
    """
    p = probabilities
    if p is None or not len(p) or p.shape != (len(labels), n_classes):
        return Accuracies()
    rows = labelled_rows(labels)
    is_right: NDArray[np.bool_] = p[rows].argmax(axis=1) == labels[rows]
    if held_out is None:
        return Accuracies(overall=_share(is_right))
    judges = held_out[rows]
    return Accuracies(_share(is_right[judges]), _share(is_right[~judges]))


def _share(is_right: NDArray[np.bool_]) -> float | None:
    return float(is_right.mean()) if len(is_right) else None
