"""Data sets from data frames, pandas' and polars'."""

import datetime

import numpy as np
import pandas
import polars
import pytest

from unknot.datasets import from_frame
from unknot.errors import UsageError

DATES = [datetime.date(2024, 1, 1), datetime.date(2024, 1, 2)]


@pytest.mark.parametrize("library", [pandas.DataFrame, polars.DataFrame, polars.LazyFrame])
def test_the_same_data_set_from_every_library(library) -> None:
    frame = library({"a": [1, 2, 3], "b": [0.5, 1.5, 2.5], "kind": ["y", "x", "y"]})
    data = from_frame(frame, label="kind", name="mine")
    assert data.x.dtype == np.float32
    assert data.x.tolist() == [[1, 0.5], [2, 1.5], [3, 2.5]]
    assert data.y.tolist() == [1, 0, 1]
    assert data.class_names == ("x", "y")
    assert data.feature_names == ("a", "b")
    assert data.parameters == {"label": "kind"}
    target = from_frame(frame, target="b", features=["a"])
    assert (target.task, target.y.tolist()) == ("regression", [0.5, 1.5, 2.5])
    assert target.feature_names == ("a",)


def test_columns_of_many_types() -> None:
    frame = polars.DataFrame(
        {
            "text": ["1", " 2.5 "],
            "truth": [True, False],
            "decimal": polars.Series(["1.5", "2.25"]).cast(polars.Decimal(10, 2)),
            "day": DATES,
        }
    )
    data = from_frame(frame, label="day")
    assert data.x.tolist() == [[1, 1, 1.5], [2.5, 0, 2.25]]
    assert data.class_names == ("2024-01-01", "2024-01-02")
    assert from_frame(frame.drop("day"), label="decimal").class_names == ("1.5", "2.25")


@pytest.mark.parametrize(
    "kind", [polars.Series(["lo", "hi"]).cast(polars.Enum(["lo", "mid", "hi"]))]
)
def test_declared_categories_keep_their_order(kind: polars.Series) -> None:
    data = from_frame(polars.DataFrame({"a": [1, 2], "kind": kind}), label="kind")
    assert (data.class_names, data.y.tolist()) == (("lo", "mid", "hi"), [0, 2])
    # What no row has is what filtering left of pandas' categories.
    ordered = pandas.Categorical(["lo", "hi"], categories=["lo", "mid", "hi"], ordered=True)
    data = from_frame(pandas.DataFrame({"a": [1, 2], "kind": ordered}), label="kind")
    assert (data.class_names, data.y.tolist()) == (("lo", "hi"), [0, 1])
    plain = pandas.Categorical(["lo", "hi"], categories=["lo", "mid", "hi"])
    data = from_frame(pandas.DataFrame({"a": [1, 2], "kind": plain}), label="kind")
    assert (data.class_names, data.y.tolist()) == (("hi", "lo"), [1, 0])


def test_pandas_columns_that_are_numbers() -> None:
    data = from_frame(pandas.DataFrame([[1, 2, "x"], [3, 4, "y"]]), label="2")
    assert data.feature_names == ("0", "1")


def test_columns_are_named_by_numbers_as_the_frame_names_them() -> None:
    frame = pandas.DataFrame([[1, 2, 5.5], [3, 4, 6.5]])
    assert from_frame(frame, label=0, features=[1, 2]).feature_names == ("1", "2")
    assert from_frame(frame, target=2).y.tolist() == [5.5, 6.5]
    with pytest.raises(UsageError) as caught:
        from_frame(frame, label=3)
    assert str(caught.value) == "There is no column '3'.\nColumns: 0, 1, 2."


def test_whole_labels_in_nullable_and_float_columns() -> None:
    frame = pandas.DataFrame({"a": [1, 2, 3], "i": pandas.array([7, 7, 10], dtype="Int64")})
    assert from_frame(frame, label="i").class_names == ("7", "10")
    frame = polars.DataFrame({"a": [1, 2, 3], "f": [2.0, 1.0, 2.0]})
    assert from_frame(frame, label="f").class_names == ("1", "2")


def pl(**columns: object) -> polars.DataFrame:
    return polars.DataFrame(columns)


AB = pl(a=[1, 2], b=[3, 4], kind=["x", "y"])
NAME_IT = (
    "Name the column of classes as label (--label), or the column of numbers to predict as "
    "target (--target); got {}.\nColumns: a, b, kind."
)
MISSING = (
    "Feature 'a' has 1 missing or infinite value in 2 rows (the first in row 2: nan).\n"
    "Remove or fill them first."
)
REMEDY = "Leave it out, turn it into numbers, or make it the label or part of the identity."
REFUSED = [
    (AB, {}, NAME_IT.format("neither")),
    (AB, {"label": "kind", "target": "a"}, NAME_IT.format("label='kind' and target='a'")),
    (
        AB,
        {"label": "kin"},
        "There is no column 'kin'. Did you mean 'kind'?\nColumns: a, b, kind.",
    ),
    (
        AB,
        {"label": "kind", "features": ["a", "c"]},
        "There is no column 'c'.\nColumns: a, b, kind.",
    ),
    (
        AB,
        {"label": "kind", "features": ["a", "kind"]},
        "Features must be different columns, 'kind' not among them; got a, kind.\n"
        "Name each feature once.",
    ),
    (
        AB,
        {"label": "kind", "features": []},
        "There are no features beside 'kind'.\nGive at least one column of numbers.",
    ),
    (
        AB.select("kind"),
        {"label": "kind"},
        "There are no features beside 'kind'.\nGive at least one column of numbers.",
    ),
    (AB, {"label": "a"}, f"Column 'kind' holds text: 'x' in row 1.\n{REMEDY}"),
    (
        pl(**{"b" * 5_000: ["x", "y"], "a": [1, 2]}),
        {"label": "a"},
        f"Column '{'b' * 58}… holds text: 'x' in row 1.\n{REMEDY}",
    ),
    (
        pl(id=["C1", "C2"], a=[1, None], day=DATES, kind=["x", "y"]),
        {"label": "kind"},
        "Columns 'id', 'day' do not hold numbers.\nLeave them out, turn them into numbers, or "
        "make them part of the identity (--identity id,day).",
    ),
    (
        pl(**{"a name": ["C1", "C2"]}, day=DATES, kind=["x", "y"]),
        {"label": "kind"},
        "Columns 'a name', 'day' do not hold numbers.\nLeave them out, turn them into numbers, "
        "or make them part of the identity.",
    ),
    (
        pl(a=["1", "n/a", "3"], kind=["x", "y", "x"]),
        {"label": "kind"},
        "Feature 'a' has 1 missing or infinite value in 3 rows (the first in row 2: nan).\n"
        "Remove or fill them first.",
    ),
    (
        pl(a=[1, None, 3], b=[None, 2, 3], c=[1, 2, 3], kind=["x", "y", "x"]),
        {"label": "kind"},
        "Features 'a', 'b' have missing or infinite values; 1 of 3 rows are complete.\n"
        "Remove the others, or fill their cells first.",
    ),
    (
        AB,
        {"target": "kind"},
        "Target column 'kind' holds text: 'x' in row 1.\nGive it as label if these are classes.",
    ),
    (
        pl(a=["1", "1,5"], kind=[1, 2]),
        {"label": "kind"},
        f"Column 'a' holds text: '1,5' in row 2.\n{REMEDY}",
    ),
    (
        pl(a=DATES, kind=[1, 2]),
        {"label": "kind"},
        f"Column 'a' holds date values, not numbers: 2024-01-01 in row 1.\n{REMEDY}",
    ),
    (
        pl(a=[[1], [2]], kind=[1, 2]),
        {"label": "kind"},
        f"Column 'a' holds list values, not numbers: [1] in row 1.\n{REMEDY}",
    ),
    (pl(a=[1, None], kind=[1, 2]), {"label": "kind"}, MISSING),
    (pl(a=[1.0, float("inf")], kind=[1, 2]), {"label": "kind"}, MISSING.replace("nan", "inf")),
    (pl(a=["1", ""], kind=[1, 2]), {"label": "kind"}, MISSING),
    (
        pandas.DataFrame({"a": pandas.array([1, None], dtype="Int64"), "kind": [1, 2]}),
        {"label": "kind"},
        MISSING,
    ),
    (
        pl(a=[1, 2, 3], kind=[None, None, None]),
        {"label": "kind"},
        "Label column 'kind' has 3 missing values in 3 rows: no label at all.\n"
        "Give labels to some, or the points alone.",
    ),
    (
        pandas.DataFrame({"a": [1, 2], "kind": [pandas.Timestamp(0), pandas.NaT]}),
        {"label": "kind"},
        "Label column 'kind' has one class only, 1970-01-01 00:00:00.\n"
        "Classification needs at least two.",
    ),
    (
        pl(a=[1, 2, 3], y=[1.0, np.inf, None]),
        {"target": "y"},
        "Target column 'y' has 1 missing or infinite value in 3 rows (the first in row 2: inf).\n"
        "Remove or fill them first.",
    ),
    (
        pandas.DataFrame([[1, 2, "x"], [3, 4, "y"]], columns=["a", "a", "kind"]),
        {"label": "kind"},
        "Column names appear twice: a.\nRename one of them.",
    ),
    (
        pl(a=range(3000), kind=range(3000)),
        {"label": "kind"},
        "Label column 'kind' has more than 1,000 different numbers in 3,000 rows, too many to be "
        "classes.\nTo predict such a number, name the column as target instead of label.",
    ),
    (
        AB.with_columns(
            kind=polars.col("kind").cast(polars.Enum(["x", "y", *map(str, range(999))]))
        ),
        {"label": "kind"},
        "Label column 'kind' declares 1,001 categories; at most 1,000 are allowed.\n"
        "Name the column of classes; one that says who a point is, is an identity.",
    ),
    (AB.head(1), {"label": "kind"}, "At least two points are needed; got 1.\nGive more rows."),
    (
        {"a": [1]},
        {"label": "a"},
        "from_frame needs a data frame (pandas, polars, PyArrow, …); got dict.\n"
        "For arrays use from_arrays.",
    ),
]


@pytest.mark.parametrize(("frame", "options", "message"), REFUSED)
def test_refused(frame, options: dict[str, object], message: str) -> None:
    with pytest.raises(UsageError) as caught:
        from_frame(frame, **options)  # pyright: ignore[reportArgumentType]
    assert str(caught.value) == message
