"""How faithful a view is: numbers about a representation and the plane in which it is shown."""

import warnings
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from unknot.projection import Matrix, spread_rows

#: Neighbours for trustworthiness and continuity.
NEIGHBOURS = 15
#: Points for the neighbour measures, whose cost grows with the square.
MAX_NEIGHBOUR_POINTS = 1_000
#: Points for the linear probes: on 10,000 held-out points an accuracy has a standard error of
#: 0.005 at most. Wide layers get fewer, so that the time stays bounded.
MAX_PROBE_POINTS = 20_000
MAX_PROBE_VALUES = 2_000_000


@dataclass(frozen=True)
class Readout:
    """What a picture of a wide representation hides.

    Attributes
    ----------
    variance_shown : float
        Share of the variance that lies in the shown axes, 0 to 1.
    probe_full, probe_shown : float or None
        Held-out accuracy of a linear probe on all units and on the shown axes. The gap is the
        best warning that classes overlap in the picture only. None for regression.
    trustworthiness, continuity : float or None
        Venna and Kaski (2001), k = 15: 1 when neighbours in the picture are neighbours in the
        layer, and the reverse. None when there are too few points.
    """

    variance_shown: float
    probe_full: float | None
    probe_shown: float | None
    trustworthiness: float | None
    continuity: float | None

    @property
    def misleads(self) -> bool:
        """True when the picture shows an overlap that is not there (probe gap over 0.02)."""
        if self.probe_full is None or self.probe_shown is None:
            return self.variance_shown < 0.5
        return self.probe_full - self.probe_shown > 0.02

    @property
    def caption(self) -> str:
        """One line: ``"93% of variance · probe 0.884 of 0.886"``."""
        parts = [f"{self.variance_shown:.0%} of variance shown"]
        if self.probe_full is not None and self.probe_shown is not None:
            parts.append(f"probe {self.probe_shown:.3f} here, {self.probe_full:.3f} in full")
        return " · ".join(parts)


def readout(
    values: NDArray[np.floating],
    shown: NDArray[np.floating],
    labels: NDArray[np.int64] | NDArray[np.float32],
) -> Readout:
    """Compare a representation with its picture.

    Parameters
    ----------
    values : (n_points, n_units) float array
    shown : (n_points, n_axes) float array
        The same rows, projected.
    labels : (n_points,) array
        Integers for classes; a float target has no probe.

    Returns
    -------
    Readout
        Probes use at most 20,000 points (fewer for wide layers), neighbour measures 1,000,
        spread evenly over the rows.
    """
    total = float(values.var(axis=0, dtype=np.float64).sum())
    variance = float(shown.var(axis=0, dtype=np.float64).sum()) / total if total > 0 else 1.0
    most = min(MAX_PROBE_POINTS, MAX_PROBE_VALUES // values.shape[1])
    rows = spread_rows(len(values), max(most, 1_000))
    near = spread_rows(len(values), MAX_NEIGHBOUR_POINTS)
    is_classes = labels.dtype.kind == "i" and len(np.unique(labels[rows])) > 1
    return Readout(
        variance_shown=min(variance, 1.0),
        probe_full=linear_probe(values[rows], labels[rows]) if is_classes else None,
        probe_shown=linear_probe(shown[rows], labels[rows]) if is_classes else None,
        trustworthiness=trustworthiness(values[near], shown[near]),
        continuity=trustworthiness(shown[near], values[near]),
    )


def linear_probe(values: NDArray[np.floating], labels: NDArray[np.generic]) -> float | None:
    """Held-out accuracy of logistic regression on standardised units (Alain and Bengio 2016).

    A random half of the rows (always the same) trains it, the other judges it. None when the
    training half lacks a class.
    """
    from sklearn.linear_model import LogisticRegression

    # In random order: data are often sorted, or alternate between classes.
    order = np.random.default_rng(0).permutation(len(labels))
    x, y = values[order].astype(np.float64), labels[order]
    if len(np.unique(y[::2])) < 2 or len(y) < 4:
        return None
    mean, scale = x[::2].mean(axis=0), x[::2].std(axis=0)
    # A unit whose spread is rounding must not be blown up to unit size.
    z = (x - mean) / np.maximum(scale, max(1e-5 * float(scale.max()), 1e-30))
    with warnings.catch_warnings():
        # Classes of one point, or a fit not quite converged: the held-out accuracy says enough.
        warnings.simplefilter("ignore")
        probe = LogisticRegression(C=100.0, max_iter=1_000).fit(z[::2], y[::2])
        return float(probe.score(z[1::2], y[1::2]))


def trustworthiness(
    full: NDArray[np.floating], shown: Matrix | NDArray[np.floating]
) -> float | None:
    """Venna and Kaski (2001) at k = 15; None with fewer than 2k + 2 points."""
    from sklearn.manifold import trustworthiness as score

    if len(full) < 2 * NEIGHBOURS + 2:
        return None
    return float(score(full, shown, n_neighbors=NEIGHBOURS))
