"""The plane in which straight cuts tell the classes apart best: logistic regression of low rank.

A multinomial logistic regression whose weights have no more directions than a view has axes
(the reduced-rank regression of Anderson 1984, Yee and Hastie 2003): scores = x A B + c with A of
2 or 3 columns. All that the classifier sees of the layer is the span of A, which is the view.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from unknot.motion.corners import corner_places, means_by_class, round_tour
from unknot.motion.rotation import Matrix

Classes = NDArray[np.int64]

#: Penalty on the squared weights, beside the mean cross-entropy of a cloud of mean square 1: the
#: plane then lies where the cloud has extent, and small classes of points do not make it.
PENALTY = 3e-4
#: Steps of L-BFGS from each start, and from the best of them on.
FIRST_STEPS, STEPS = 20, 100
#: Rows × (classes + a quarter of the units) of all steps together from which there are fewer.
MOST_PRODUCTS, FEWEST_STEPS = 30_000_000, 15
#: Orders of the classes around the polygon that are drawn, beside the short tour.
RANDOM_ORDERS = 2
#: How far a start stretches the cloud: scores of about this size.
STRETCH = 3.0


@dataclass(frozen=True)
class _Loss:
    """Mean cross-entropy with a ridge on both factors, and its gradient.

    Attributes
    ----------
    x : (n_rows, n_units) float32
        Centred, of mean square 1. Half as many bytes take half as long.
    classes : (n_rows,) int64
        From 0 on, each of them there.
    n_classes, rank : int
    """

    x: NDArray[np.float32]
    classes: Classes
    n_classes: int
    rank: int

    def packed(self, a: Matrix, b: Matrix) -> Matrix:
        """The factors of a start as one vector, with offsets of 0."""
        return np.concatenate([a.ravel(), b.ravel(), np.zeros(self.n_classes)])

    def factors(self, vector: Any) -> tuple[Any, Any, Any]:
        """A (n_units, rank), B (rank, n_classes) and the offsets."""
        ends = np.cumsum([self.x.shape[1] * self.rank, self.rank * self.n_classes])
        a, b, c = np.split(vector, ends)
        return a.reshape(-1, self.rank), b.reshape(self.rank, -1), c

    def __call__(self, vector: Matrix) -> tuple[float, Matrix]:
        """The loss and its gradient."""
        a, b, c = self.factors(vector.astype(np.float32))
        rows = np.arange(len(self.x))
        seen = self.x @ a
        scores = seen @ b + c
        scores -= scores.max(axis=1, keepdims=True)
        own = scores[rows, self.classes].sum(dtype=np.float64)
        shares = np.exp(scores, out=scores)
        sums = shares.sum(axis=1, keepdims=True)
        loss = float(np.log(sums).sum(dtype=np.float64) - own) / len(rows)
        shares /= sums
        shares[rows, self.classes] -= 1
        shares /= np.float32(len(rows))
        penalty = np.float32(PENALTY)
        slopes = [
            self.x.T @ (shares @ b.T) + penalty * a,
            seen.T @ shares + penalty * b,
            shares.sum(axis=0),
        ]
        ridge = PENALTY / 2 * float((a**2).sum() + (b**2).sum())
        slope = np.concatenate([each.ravel() for each in slopes])
        return loss + ridge, slope.astype(np.float64)

    def lowered(self, vector: Matrix, steps: int) -> tuple[float, Matrix]:
        """After some steps of L-BFGS (Liu and Nocedal 1989): the loss, and where it is."""
        from scipy.optimize import minimize

        found = cast("Any", minimize)(
            self, vector, jac=True, method="L-BFGS-B", options={"maxiter": steps}
        )
        return float(found.fun), found.x


def logistic_plane(values: Matrix, classes: Classes, rank: int, start: Matrix) -> Matrix:
    """The span of A, widest direction first.

    Parameters
    ----------
    values : (n_rows, n_units) float64
    classes : (n_rows,) int64
        Of any numbers.
    rank : int
        Columns: at most one fewer than there are classes.
    start : (n_units, rank) float64
        Orthonormal columns to begin at, beside the corners.

    Returns
    -------
    (n_units, rank) float64
        Orthonormal columns.
    """
    n_classes, own = _numbered(classes)
    x = values - values.mean(axis=0)
    x /= max(float(np.sqrt((x**2).sum(axis=1).mean())), 1e-30)
    loss = _Loss(x.astype(np.float32), own, n_classes, rank)
    products = len(x) * (n_classes + x.shape[1] / 4)
    most = max(int(MOST_PRODUCTS / products), FEWEST_STEPS)
    with _one_thread():
        starts = [loss.packed(a, b) for a, b in _starts(loss, start)]
        first = [loss.lowered(each, min(FIRST_STEPS, most)) for each in starts]
        # Of equally good ones the first: a start is better in the last digits by chance.
        best = min(first, key=lambda each: round(each[0], 6))
        a = loss.factors(loss.lowered(best[1], min(STEPS, most))[1])[0]
    frame = np.linalg.qr(a)[0]
    return frame @ np.linalg.svd(x @ frame, full_matrices=False)[2].T


def _numbered(classes: Classes) -> tuple[int, Classes]:
    distinct, own = np.unique(classes, return_inverse=True)
    return len(distinct), own.astype(np.int64)


def _starts(loss: _Loss, start: Matrix) -> Iterator[tuple[Matrix, Matrix]]:
    """The plane that is given, and classes at the corners of a polygon in some orders."""
    means, _ = means_by_class(loss.x, loss.classes, loss.n_classes)
    seen = loss.x @ start
    first = start * STRETCH / np.maximum(seen.std(axis=0), 1e-9)
    pulls = (means @ first).T
    yield first, STRETCH * pulls / max(float(np.abs(pulls).max()), 1e-30)
    if loss.rank < 2:
        return
    places = corner_places(loss.n_classes, loss.rank) * np.sqrt(loss.n_classes)
    rng = np.random.default_rng(0)
    orders = [rng.permutation(loss.n_classes) for _ in range(RANDOM_ORDERS)]
    d = loss.x.shape[1]
    x = loss.x.astype(np.float64)
    inner = x.T @ x / len(x) + 1e-3 / d * np.eye(d)
    for order in (round_tour(means), *orders):
        corners = np.empty_like(places)
        corners[order] = places
        # Least squares: where each point would be pulled to its class's corner.
        pulled: Matrix = x.T @ corners[loss.classes] / len(x)
        yield STRETCH * np.linalg.solve(inner, pulled), STRETCH * corners.T


def read_by_cuts(values: Matrix, classes: Classes, judged: Matrix, true: Classes) -> float:
    """The share of other points that logistic regression in a plane gets right.

    Parameters
    ----------
    values, judged : (n, n_axes) float64
        Of the points that it is fitted to, and of the others.
    classes, true : (n,) int64
    """
    spread = np.maximum(values.std(axis=0), 1e-30)
    middle = values.mean(axis=0)
    n_classes, own = _numbered(classes)
    n_axes = values.shape[1]
    x: NDArray[np.float32] = ((values - middle) / spread).astype(np.float32)
    loss = _Loss(x, own, n_classes, n_axes)
    pulls = STRETCH * means_by_class(loss.x, own, n_classes)[0].T
    with _one_thread():
        a, b, c = loss.factors(loss.lowered(loss.packed(np.eye(n_axes), pulls), FIRST_STEPS)[1])
    scores: NDArray[np.float64] = ((judged - middle) / spread) @ a @ b + c
    best: Classes = np.unique(classes)[np.argmax(scores, axis=1)]
    return float((best == true).mean())


def _one_thread() -> Any:
    """Products this small wait for each other on several threads."""
    from unknot.measures.probe import thread_pools

    return thread_pools().limit(limits=1, user_api="blas")
