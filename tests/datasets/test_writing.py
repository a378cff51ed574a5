"""What is written is read back the same, whole or not at all."""

from pathlib import Path
from typing import Any

import numpy as np
import polars
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from unknot import datasets
from unknot.datasets import answer_column, from_arrays, from_file, generators, write
from unknot.datasets.dataset import Dataset
from unknot.datasets.labels import numbers_without_nan, sort_names
from unknot.errors import UnknotError, UsageError

SUFFIXES = ["csv", "tsv", "parquet", "npz"]


def back(data: Dataset, path: Path) -> Dataset:
    assert write(data, path) == path
    name = "y" if path.suffix == ".npz" else answer_column(data)
    return from_file(path, **{"label" if data.class_names else "target": name})  # pyright: ignore


def same(first: Dataset, second: Dataset) -> None:
    assert first.x.dtype == second.x.dtype
    assert np.array_equal(first.x, second.x)
    assert first.y.dtype == second.y.dtype
    assert np.array_equal(first.y, second.y)
    assert first.class_names == second.class_names
    assert first.feature_names == second.feature_names


@pytest.mark.slow
@pytest.mark.parametrize("names", [{"feature_names": ["\ud800"]}, {"y": ["a", "b\udfff"]}])
def test_a_name_that_no_table_can_hold_is_refused(tmp_path: Path, names: dict[str, Any]) -> None:
    data = from_arrays(np.zeros((2, 1)), **({"y": ["a", "b"]} | names))
    for suffix in (".csv", ".tsv", ".parquet"):
        with pytest.raises(UsageError, match="holds half of a character, which no table can hold"):
            write(data, tmp_path / f"a{suffix}")
    assert not list(tmp_path.iterdir())
    same(data, back(data, tmp_path / "a.npz"))


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("name", list(generators))
def test_every_data_set_comes_back(name: str, suffix: str, tmp_path: Path) -> None:
    data = datasets.make(name, 60, seed=2)
    same(back(data, tmp_path / f"t.{suffix}"), data)


# One line of what text files keep: no control characters and no blanks at the ends, which
# reading takes away; numbers as names are spelled plainly.
names = st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=6) | st.integers(
    -99, 99
).map(str)
tricky = st.sampled_from(['say "x"', "a,b", "two\nlines", "1;2", "true", "NaN", "nan", "#1", "é"])


@st.composite
def many_data_sets(draw: st.DrawFn, classes: bool) -> Dataset:
    features = draw(st.lists(names | tricky, min_size=1, max_size=4, unique=True))
    n = draw(st.integers(2, 20))
    value = st.floats(width=32, allow_nan=False, allow_infinity=False)
    x = [[draw(value) for _ in features] for _ in range(n)]
    if not classes:
        y = draw(st.lists(value, min_size=n, max_size=n))
        return from_arrays(x, y, feature_names=features, task="regression")
    listed = draw(st.lists(names | tricky, min_size=2, max_size=min(n, 5), unique=True))
    # Refused: see the test below.
    assume(numbers_without_nan(listed) == listed)
    rest = draw(
        st.lists(
            st.integers(0, len(listed) - 1), min_size=n - len(listed), max_size=n - len(listed)
        )
    )
    return from_arrays(
        x, [*range(len(listed)), *rest], feature_names=features, class_names=sort_names(listed)
    )


@pytest.mark.slow
@pytest.mark.parametrize("suffix", ["csv", "tsv", "npz"])
@settings(deadline=None, max_examples=60)
@given(data=many_data_sets(classes=True))
def test_any_classes_come_back(tmp_path_factory, suffix: str, data: Dataset) -> None:
    same(back(data, tmp_path_factory.mktemp("w") / f"t.{suffix}"), data)


@pytest.mark.parametrize("suffix", ["csv", "npz"])
@settings(deadline=None, max_examples=40)
@given(data=many_data_sets(classes=False))
def test_any_target_comes_back(tmp_path_factory, suffix: str, data: Dataset) -> None:
    same(back(data, tmp_path_factory.mktemp("w") / f"t.{suffix}"), data)


@pytest.mark.slow
@settings(deadline=None, max_examples=12)  # each reads Parquet in a process of its own
@given(data=st.booleans().flatmap(lambda classes: many_data_sets(classes=classes)))
def test_any_parquet_comes_back(tmp_path_factory, data: Dataset) -> None:
    same(back(data, tmp_path_factory.mktemp("w") / "t.parquet"), data)


def test_a_class_that_would_be_read_as_missing_is_refused(tmp_path: Path) -> None:
    data = from_arrays([[1.0], [2.0]], [0, 1], class_names=["0", "NAN"])
    same(back(data, tmp_path / "t.npz"), data)
    for suffix in ("csv", "tsv", "parquet"):
        with pytest.raises(UsageError) as caught:
            write(data, tmp_path / f"t.{suffix}")
        assert str(caught.value) == (
            "A table's class 'NAN' among classes that are numbers is a missing one.\n"
            "Write an .npz file, or give the class another name."
        )


@pytest.mark.parametrize("suffix", ["parquet", "npz"])
def test_files_with_types_keep_the_order_of_the_classes(suffix: str, tmp_path: Path) -> None:
    data = from_arrays([[1.0], [2.0]], [2, 0], class_names=["small", "medium", "large"])
    same(back(data, tmp_path / f"t.{suffix}"), data)


def test_text_files_sort_the_classes(tmp_path: Path) -> None:
    data = from_arrays([[1.0], [2.0]], [1, 0], class_names=["small", "large"])
    read = back(data, tmp_path / "t.csv")
    assert (read.class_names, read.y.tolist()) == (("large", "small"), [0, 1])


def test_a_feature_may_be_called_label(tmp_path: Path) -> None:
    data = from_arrays([[1.0, 2], [2, 3]], [0, 1], feature_names=["label", "label_"])
    assert answer_column(data) == "label__"
    same(back(data, tmp_path / "t.csv"), data)


def test_text_is_plain_and_short(tmp_path: Path) -> None:
    data = from_arrays(np.float32([[0.1, 1e-30], [-2, 3]]), ["a", "b"])
    assert write(data, tmp_path / "t.csv").read_text() == "x1,x2,label\n0.1,1e-30,a\n-2.0,3.0,b\n"


def test_the_same_data_set_is_the_same_bytes(tmp_path: Path) -> None:
    for suffix in SUFFIXES:
        first = write(datasets.moons(50), tmp_path / f"a.{suffix}").read_bytes()
        assert write(datasets.moons(50), tmp_path / f"b.{suffix}").read_bytes() == first


def test_an_unknown_suffix(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name, what in (("t.xlsx", ".xlsx"), ("t", "a file without a suffix")):
        with pytest.raises(UsageError) as caught:
            write(datasets.moons(10), name)
        assert str(caught.value) == (
            f"Cannot write {name}: {what} is not a supported type.\n"
            "Allowed: .csv, .tsv, .parquet, .npz."
        )
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "error",
    [
        OSError(28, "No space left on device"),
        polars.exceptions.ComputeError("underlying IO error: No space left on device"),
    ],
)
@pytest.mark.parametrize("suffix", ["csv", "tsv", "parquet"])
def test_a_failure_leaves_the_old_file(
    suffix: str, error: Exception, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(datasets.moons(10), tmp_path / f"t.{suffix}")
    before = path.read_bytes()

    def full(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(polars.DataFrame, "write_csv", full)
    monkeypatch.setattr(polars.DataFrame, "write_parquet", full)
    with pytest.raises(UnknotError) as caught:
        write(datasets.circles(10), path)
    assert str(caught.value) == (
        f"Cannot write {path}: No space left on device.\n"
        "Choose a folder that exists or can be made, that you may write to and that has room."
    )
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]
