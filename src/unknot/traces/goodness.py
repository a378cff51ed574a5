"""How near a number to predict is met: R² and error, of points held out and trained on apart."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from unknot.datasets.labels import labelled_rows


@dataclass(frozen=True)
class Fit:
    """How near predictions come to their targets, on some points.

    Attributes
    ----------
    r2 : float or None
        Coefficient of determination; see `determination`.
    rmse : float
        Root of the mean squared error, in units of the target.
    """

    r2: float | None
    rmse: float


@dataclass(frozen=True)
class Goodness:
    """Goodness of fit: what `Accuracies` are for classes.

    Attributes
    ----------
    held_out, training : Fit or None
        None where there are no such points.
    overall : Fit or None
        Of all points, where nobody knows which were held out; None elsewhere.
    """

    held_out: Fit | None = None
    training: Fit | None = None
    overall: Fit | None = None

    @property
    def headline(self) -> Fit | None:
        """Of the points held out; where there are none, of those there are."""
        return self.held_out or self.training or self.overall

    @property
    def facts(self) -> list[str]:
        """``["held out R² 0.482 (training 0.537)", "RMSE 54.3 (51.8)"]``, as far as known."""
        first = self.headline
        if first is None:
            return []
        also = self.training if self.held_out is not None else None
        beside = "" if also is None else f" (training {r2_number(also.r2)})"
        error = f"RMSE {_three(first.rmse)}" + ("" if also is None else f" ({_three(also.rmse)})")
        if self.held_out is not None:
            return [f"held out {r2_text(first.r2)}{beside}", error]
        if self.training is not None:
            return [f"training {r2_text(first.r2)}, nothing held out", error]
        return [f"{r2_text(first.r2)} (held out or not: unknown)", error]


def _three(error: float) -> str:
    """Three digits, zeros at the end too: ``"0.140"``, ``"12,346"``."""
    return f"{error:,.0f}" if 1_000 <= error < 1e6 else f"{error:#.3g}".removesuffix(".")


def r2_text(r2: float | None, decimals: int = 3) -> str:
    """``"R² 0.482"``; below 0 the mean of the target is nearer to it than the prediction."""
    return f"R² {r2_number(r2, decimals)}"


def r2_number(r2: float | None, decimals: int = 3) -> str:
    """The same without its name."""
    if r2 is None:
        return "undefined"
    return f"{r2:.{decimals}f}" if r2 >= 0 else "below 0"


def determination(target: NDArray[Any], predicted: NDArray[Any]) -> float | None:
    """R² = 1 − Σ (y − ŷ)² / Σ (y − ȳ)², with ȳ the mean of these very targets.

    1 where all are met, 0 for predicting the mean, below 0 for worse. None where it is undefined:
    of fewer than two points, and of targets that do not differ.

    Parameters
    ----------
    target, predicted : (n_points,) arrays
    """
    y, p = target.astype(np.float64), predicted.astype(np.float64)
    if len(y) < 2 or y.min() == y.max():
        return None
    return 1 - float(np.sum((y - p) ** 2) / np.sum((y - y.mean()) ** 2))


def goodness(
    target: NDArray[Any], predicted: NDArray[Any] | None, held_out: NDArray[np.bool_] | None
) -> Goodness:
    """Judge predictions by the targets.

    Parameters
    ----------
    target : (n_points,) float array
        Points without a target, NaN, do not count.
    predicted : (n_points,) float array or None
        Without them nothing is known.
    held_out : (n_points,) bool array or None
        None where it is not known.
    """
    if predicted is None:
        return Goodness()
    rows = labelled_rows(target)
    y, p = target[rows], predicted[rows]
    if held_out is None:
        return Goodness(overall=_fit(y, p))
    judges = held_out[rows]
    return Goodness(_fit(y[judges], p[judges]), _fit(y[~judges], p[~judges]))


def _fit(y: NDArray[Any], p: NDArray[Any]) -> Fit | None:
    if not len(y):
        return None
    residual = y.astype(np.float64) - p.astype(np.float64)
    return Fit(determination(y, p), float(np.sqrt(np.mean(residual**2))))
