"""Measured data: the small classics that scikit-learn carries with it."""

from collections.abc import Callable
from typing import Annotated, Any, cast

import numpy as np

from unknot.datasets.dataset import Architecture, Dataset, subsample
from unknot.datasets.generators import generator
from unknot.datasets.identity import as_identity
from unknot.datasets.parameters import MAX_POINTS, Seed, Within

Rows = Annotated[int | None, Within(1, MAX_POINTS)]


@generator
def digits(n: Rows = None, *, seed: Seed = 0) -> Dataset:
    """Handwritten digits as 8 × 8 grey values from 0 to 16 (1,797 points).

    Parameters
    ----------
    n : int, optional
        Number of points, drawn so that the classes keep their shares; all when left out.
    seed : int
        Which points are drawn.
    """
    from sklearn.datasets import load_digits

    return _bundled(load_digits, (32,), n, seed, _drawn)


@generator
def iris(n: Rows = None, *, seed: Seed = 0) -> Dataset:
    """Sepals and petals of three species of iris, in centimetres (150 points).

    Parameters
    ----------
    n : int, optional
        Number of points, drawn so that the classes keep their shares; all when left out.
    seed : int
        Which points are drawn.
    """
    from sklearn.datasets import load_iris

    return _bundled(load_iris, (8,), n, seed)


@generator
def wine(n: Rows = None, *, seed: Seed = 0) -> Dataset:
    """Chemical analyses of wines from three growers (178 points).

    Parameters
    ----------
    n : int, optional
        Number of points, drawn so that the classes keep their shares; all when left out.
    seed : int
        Which points are drawn.
    """
    from sklearn.datasets import load_wine

    return _bundled(load_wine, (8,), n, seed)


@generator
def breast_cancer(n: Rows = None, *, seed: Seed = 0) -> Dataset:
    """Cell nuclei of breast tumours, benign or malignant (569 points).

    Parameters
    ----------
    n : int, optional
        Number of points, drawn so that the classes keep their shares; all when left out.
    seed : int
        Which points are drawn.
    """
    from sklearn.datasets import load_breast_cancer

    return _bundled(load_breast_cancer, (8,), n, seed)


@generator
def diabetes(n: Rows = None, *, seed: Seed = 0) -> Dataset:
    """Patients and the progression of their diabetes a year later, a number (442 points).

    Age in years, sex, body mass index, mean blood pressure and six blood serum measurements, not
    scaled; the progression goes from 25 to 346 (Efron, Hastie, Johnstone and Tibshirani, *Least
    angle regression*, 2004).

    Parameters
    ----------
    n : int, optional
        Number of points that are drawn; all when left out.
    seed : int
        Which points are drawn.
    """
    from sklearn.datasets import load_diabetes

    bunch = cast("Any", load_diabetes(scaled=False))
    data = Dataset(
        x=bunch.data.astype(np.float32),
        y=bunch.target.astype(np.float32),
        class_names=(),
        feature_names=tuple(str(name) for name in bunch.feature_names),
        architecture=Architecture((8,)),
    )
    return data if n is None else subsample(data, n, seed)


def _drawn(bunch: Any) -> dict[str, Any]:
    """Digits as they are on paper: dark ink."""
    return {"image": np.rint((16 - bunch.images) * 255 / 16).astype(np.uint8)}


def _bundled(
    load: Callable[[], Any],
    hidden: tuple[int, ...],
    n: int | None,
    seed: int,
    identity: Callable[[Any], dict[str, Any]] | None = None,
) -> Dataset:
    bunch = load()
    names = [str(name) for name in bunch.target_names]
    ordered = sorted(names)
    y = np.array([ordered.index(name) for name in names], dtype=np.int64)[bunch.target]
    data = Dataset(
        x=bunch.data.astype(np.float32),
        y=y,
        class_names=tuple(ordered),
        feature_names=tuple(str(name) for name in bunch.feature_names),
        architecture=Architecture(hidden),
        identity=None if identity is None else as_identity(identity(bunch), len(y)),
    )
    return data if n is None else subsample(data, n, seed)
