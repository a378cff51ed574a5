"""What every data set in the table promises."""

import subprocess
import sys

import numpy as np
import pytest

from unknot import datasets
from unknot.datasets import Dataset, describe, generators, make

NAMES = list(generators)
REAL = {"digits", "iris", "wine", "breast_cancer", "diabetes"}


@pytest.fixture(params=NAMES)
def name(request: pytest.FixtureRequest) -> str:
    return request.param


def test_the_table_is_exposed_by_name(name: str) -> None:
    assert getattr(datasets, name) is generators[name]
    assert name in datasets.__all__


def test_shapes_types_and_labels(name: str) -> None:
    data = make(name, 120, seed=3)
    assert data.x.shape == (120, data.n_features) == (data.n_points, len(data.feature_names))
    assert data.x.dtype == np.float32
    assert data.x.flags.c_contiguous
    assert np.isfinite(data.x).all()
    assert data.name == name
    assert data.parameters["n"] == 120
    assert data.parameters["seed"] == 3
    if data.task == "classification":
        assert data.y.dtype == np.int64
        assert set(data.y.tolist()) == set(range(data.n_classes))
        assert np.bincount(data.y).min() >= 2
    else:
        assert data.y.dtype == np.float32
        assert name in REAL or (data.y.min() >= 0 and data.y.max() <= 1)


def test_class_names_are_in_the_order_that_reading_gives_them(name: str) -> None:
    names = make(name, seed=0).class_names
    assert tuple(datasets.labels.sort_names(names)) == names


def test_the_seed_decides(name: str) -> None:
    first, again, other = (make(name, 100, seed=seed) for seed in (1, 1, 2))
    assert np.array_equal(first.x, again.x)
    assert np.array_equal(first.y, again.y)
    assert not np.array_equal(first.x, other.x)


def test_parameters_make_it_again(name: str) -> None:
    data = make(name, 60, seed=5)
    own = {key: value for key, value in data.parameters.items() if key not in {"n", "seed"}}
    again = make(name, 60, seed=5, parameters={key: str(value) for key, value in own.items()})
    assert np.array_equal(data.x, again.x)
    assert again.parameters == data.parameters


def test_bayes_accuracy_is_between_chance_and_one(name: str) -> None:
    data = make(name)
    if name in REAL or data.task == "regression":
        assert data.bayes_accuracy is None
    else:
        assert data.bayes_accuracy is not None
        assert 1 / data.n_classes < data.bayes_accuracy <= 1


@pytest.mark.parametrize("name", [name for name in NAMES if name not in REAL])
def test_the_smallest_size_has_two_points_a_class(name: str) -> None:
    n = 2 * max(1, make(name).n_classes)
    data = make(name, n)
    assert data.n_points == n
    if data.n_classes:
        assert np.bincount(data.y).tolist() == [2] * data.n_classes


@pytest.mark.parametrize("name", [name for name in NAMES if name not in REAL])
def test_no_noise_keeps_the_classes_apart(name: str) -> None:
    parameters = {"noise": 0} if "noise" in make(name).parameters else {}
    data = make(name, 500, parameters=parameters)
    if data.task == "classification":
        assert data.bayes_accuracy == 1.0
        points = {tuple(point): int(label) for point, label in zip(data.x, data.y, strict=True)}
        assert all(
            points[tuple(point)] == label for point, label in zip(data.x, data.y, strict=True)
        )


def test_describe_has_a_row_for_each() -> None:
    rows = describe()
    assert [row.name for row in rows] == NAMES
    assert all(row.summary and "\n" not in row.summary for row in rows)
    circles = rows[NAMES.index("circles")]
    assert (circles.n_points, circles.n_features, circles.n_classes) == (2000, 2, 2)
    assert circles.parameters == {
        "noise": (0.1, "a number from 0 to 1,000"),
        "factor": (0.5, "a number from 0 to below 1"),
    }
    roll = rows[NAMES.index("swiss_roll")]
    assert roll.task == "regression"
    assert roll.parameters["classes"] == (None, "a whole number from 2 to 100 or none")


def test_importing_loads_nothing_heavy() -> None:
    code = (
        "import sys, unknot.datasets\n"
        "print([m for m in ('sklearn', 'scipy', 'polars', 'narwhals') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_real_sets_are_whole_without_n() -> None:
    sizes = {name: make(name).n_points for name in sorted(REAL)}
    of_classes = {"breast_cancer": 569, "digits": 1797, "iris": 150, "wine": 178}
    assert sizes == of_classes | {"diabetes": 442}
    assert isinstance(datasets.iris(), Dataset)
    cancer = datasets.breast_cancer()
    # Wolberg et al. 1995: 357 benign and 212 malignant.
    assert cancer.class_names == ("benign", "malignant")
    assert np.bincount(cancer.y).tolist() == [357, 212]
    # Efron et al. 2004: the progression has mean 152 and deviation 77.
    progression = datasets.diabetes().y
    assert (round(progression.mean()), round(progression.std())) == (152, 77)
    assert datasets.digits().class_names == tuple("0123456789")
