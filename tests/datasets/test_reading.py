"""Files: what is read, and the whole text of every refusal."""

import os
import pickle
from pathlib import Path

import numpy as np
import polars
import pytest

from unknot import datasets
from unknot.datasets import from_file, resolve
from unknot.datasets.dataset import Dataset
from unknot.errors import UsageError


@pytest.fixture(autouse=True)
def in_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Messages then name files without their folder."""
    monkeypatch.chdir(tmp_path)


def read(content: str | bytes, name: str = "t.csv", **options: str) -> Dataset:
    data = content if isinstance(content, bytes) else content.encode()
    Path(name).write_bytes(data)
    return from_file(name, **(options or {"label": "kind"}))  # pyright: ignore[reportArgumentType]


PLAIN = [[1.0, 2.5], [3.0, -4.0]]


@pytest.mark.parametrize(
    ("content", "name"),
    [
        ("a,b,kind\n1,2.5,x\n3,-4,y\n", "t.csv"),
        ("a,b,kind\n1,2.5,x\n3,-4,y", "no_last_line_end.csv"),
        ("a,b,kind\r\n1,2.5,x\r\n3,-4,y\r\n", "windows.CSV"),
        (b"\xef\xbb\xbfa,b,kind\n1,2.5,x\n3,-4,y\n", "bom.csv"),
        ("a, b, kind\n1, 2.5, x\n3, -4, y\n", "spaces.csv"),
        ("a\tb\tkind\n1\t2.5\tx\n3\t-4\ty\n", "t.tsv"),
        ("a|b|kind\n1|2.5|x\n3|-4|y\n", "bars.txt"),
        ("a;b;kind\n1;2.5;x\n3;-4;y\n", "semicolons.csv"),
        ("a;b;kind\n1,0;2,5;x\n3;-4;y\n", "decimal_commas.csv"),
        ('"a","b","kind"\n"1","2.5","x"\n"3","-4","y"\n', "quoted.csv"),
        ("a,b,kind\n1,2.5,x\n\n3,-4,y\n\n\n", "blank_lines.csv"),
    ],
)
def test_the_same_table_in_many_forms(content: str | bytes, name: str) -> None:
    data = read(content, name)
    assert data.x.tolist() == PLAIN
    assert data.y.tolist() == [0, 1]
    assert data.class_names == ("x", "y")
    assert data.feature_names == ("a", "b")
    assert data.name == Path(name).stem
    assert data.parameters == {"file": name, "label": "kind", "target": None}


@pytest.mark.parametrize(
    ("labels", "names"),
    [
        ("1.0 2.0 10.0", ("1", "2", "10")),
        ("01 10 02", ("01", "02", "10")),
        ("true false true", ("false", "true")),
        ("0.5 -1 3", ("-1", "0.5", "3")),
        ("b10 b9 b9", ("b9", "b10")),
        ("NaT NA <NA>", ("<NA>", "NA", "NaT")),
        ("nan null x", ("nan", "null", "x")),
    ],
)
def test_label_columns(labels: str, names: tuple[str, ...]) -> None:
    rows = "".join(f"1,{label}\n" for label in labels.split())
    assert read(f"a,kind\n{rows}").class_names == names


def test_nan_among_numbers_is_a_missing_one() -> None:
    data = read("a,kind\n1,0\n2,nan\n3,1\n")
    assert (data.class_names, data.y.tolist()) == (("0", "1"), [0, -1, 1])


def test_quoted_names_may_hold_anything() -> None:
    data = read('"a,1","b\n2",kind\n1,2,"x\ny"\n3,4,"say ""z"", z"\n')
    assert data.feature_names == ("a,1", "b\n2")
    assert data.class_names == ('say "z", z', "x\ny")


def test_targets_and_chosen_features() -> None:
    data = read("a,b,word,y\n1,2,q,0.5\n3,4,r,1.5\n", target="y", features=["b"])  # pyright: ignore
    assert (data.x.tolist(), data.y.tolist(), data.class_names) == ([[2], [4]], [0.5, 1.5], ())
    assert data.parameters["features"] == ["b"]


def test_parquet() -> None:
    polars.DataFrame({"a": [1, 3], "b": [2.5, -4], "kind": ["x", "y"]}).write_parquet("t.parquet")
    data = from_file("t.parquet", label="kind")
    assert (data.x.tolist(), data.class_names) == (PLAIN, ("x", "y"))


def npz(**arrays: object) -> Path:
    np.savez("t.npz", **arrays)  # pyright: ignore[reportArgumentType]
    return Path("t.npz")


def test_npz() -> None:
    assert from_file(npz(x=PLAIN, y=[3, 1])).class_names == ("1", "3")
    assert from_file(npz(x=PLAIN, y=[0.5, 1])).task == "regression"
    named = npz(x=PLAIN, y=[1, 0], class_names=["b", "a"], feature_names=["u", "v"])
    data = from_file(named, features=["v"])
    assert (data.class_names, data.feature_names) == (("b", "a"), ("v",))
    assert (data.x.tolist(), data.y.tolist()) == ([[2.5], [-4]], [1, 0])
    other = npz(x=PLAIN, answer=[2.0, 1.0])
    assert from_file(other, label="answer").class_names == ("1", "2")
    assert from_file(other, target="answer").y.tolist() == [2, 1]


def test_n_takes_a_seeded_share_of_every_class() -> None:
    rows = "".join(f"{i},{'xxxy'[i % 4]}\n" for i in range(400))
    Path("t.csv").write_text(f"a,kind\n{rows}")
    parts = [from_file("t.csv", label="kind", n=100, seed=seed) for seed in (1, 1, 2)]
    assert all(np.bincount(part.y).tolist() == [75, 25] for part in parts)
    assert np.array_equal(parts[0].x, parts[1].x)
    assert not np.array_equal(parts[0].x, parts[2].x)
    assert (parts[0].parameters["n"], parts[0].parameters["seed"]) == (100, 1)


def test_n_of_a_regression_file() -> None:
    rows = "".join(f"{i},{i / 7}\n" for i in range(50))
    Path("t.csv").write_text(f"a,y\n{rows}")
    part = from_file("t.csv", target="y", n=20, seed=3)
    assert len(set(part.x[:, 0].tolist())) == 20
    assert np.allclose(part.y, part.x[:, 0] / 7)


def test_resolve_takes_names_and_files() -> None:
    assert resolve("circles", n=50, parameters={"noise": "0.3"}).parameters["noise"] == 0.3
    Path("circles.csv").write_text("a,kind\n1,x\n2,y\n")
    Path("circles").mkdir()
    assert resolve("circles").name == "circles"
    assert resolve("circles.csv", label="kind").n_points == 2
    assert resolve(Path.cwd() / "circles.csv", label="kind").n_points == 2


HEADER = "The first line must hold the names of the columns"
RAGGED = "Give every line as many, and quote text that holds ','."
TABLES = [
    ("", f"t.csv is empty or starts with an empty line.\n{HEADER}."),
    (" \n", f"t.csv is empty or starts with an empty line.\n{HEADER}."),
    ("a,kind\n", "t.csv has a first line with names but no rows.\nAdd rows of values."),
    ("a,kind\n,\n", "t.csv has a first line with names but no rows.\nAdd rows of values."),
    (
        "a,b,kind\n1,2,x\n3,y\n",
        f"t.csv, line 3: 2 values where the first line names 3 columns.\n{RAGGED}",
    ),
    (
        "a,b,kind\n1,2,x\n\n1,2,3,y\n",
        f"t.csv, line 4: 4 values where the first line names 3 columns.\n{RAGGED}",
    ),
    (
        'a,kind\n1,"x\n2,y\n',
        "Cannot read t.csv as a table: a quotation mark is never closed.\n"
        f"{HEADER}, every other line one point.",
    ),
    (
        "a,kind\r1,x\r2,y\r",
        f"Cannot read t.csv as a table: unusual line ends.\n{HEADER}, every other line one point.",
    ),
    (
        "a,a,kind\n1,2,x\n",
        "t.csv: column names appear twice: a.\n"
        "Rename one of them; the first line must hold names, not values.",
    ),
    (
        ",a,kind\n0,2,x\n",
        "t.csv: column 1 has no name.\n"
        "Name it in the first line or remove it (pandas: to_csv(…, index=False)).",
    ),
    (
        b"a,kind\n1,x\n2,\xe9\n",
        "t.csv is not UTF-8 text: line 3 cannot be read.\n"
        "Save it as UTF-8 (in a spreadsheet: CSV UTF-8).",
    ),
    (
        "a,kind\n1,x\n".encode("utf-16"),
        "t.csv is not UTF-8 text: line 1 cannot be read.\n"
        "Save it as UTF-8 (in a spreadsheet: CSV UTF-8).",
    ),
    (
        "a,b,kind\n1,2,x\n3,oops,y\n",
        "Column 'b' holds text: 'oops' in row 2.\n"
        "Leave it out, turn it into numbers, or make it the label or part of the identity.",
    ),
    (
        "a,kind\n1,x\nNaN,y\n-inf,y\n",
        "Feature 'a' has 2 missing or infinite values in 3 rows (the first in row 2: nan).\n"
        "Remove or fill them first.",
    ),
    (
        "a,kind\n1,x\n,y\n",
        "Feature 'a' has 1 missing or infinite value in 2 rows (the first in row 2: nan).\n"
        "Remove or fill them first.",
    ),
    (
        "a,kind\n1,x\n1e39,y\n",
        "Feature 'a' has 1 value too large for single precision in 2 rows "
        "(the first in row 2): 1e+39.\nScale it to below 3e38.",
    ),
    (
        'a,kind\n1,\n2,\n3,""\n',
        "Label column 'kind' has 3 missing values in 3 rows: no label at all.\n"
        "Give labels to some, or the points alone.",
    ),
    (
        "a,kind\n1,x\n2,x\n",
        "Label column 'kind' has one class only, x.\nClassification needs at least two.",
    ),
    ("a,kind\n1,x\n", "At least two points are needed; got 1.\nGive more rows."),
    (
        "kind\nx\ny\n",
        "There are no features beside 'kind'.\nGive at least one column of numbers.",
    ),
    (
        "a,kin\n1,x\n2,y\n",
        "There is no column 'kind'. Did you mean 'kin'?\nColumns: a, kin.",
    ),
    (
        "1.5,-2,x\n0.5,3,y\n",
        "There is no column 'kind'.\nColumns: 1.5, -2, x. If these are values, add a first line of "
        "names.",
    ),
    (
        "sep=;\na;kind\n1;x\n2;y\n",
        "t.csv: the first line, sep=, is for a spreadsheet.\n"
        "Remove it: the first line must hold the names of the columns.",
    ),
    (
        "a,kind\n" + "".join(f"{i},{i}\n" for i in range(2000)),
        "Label column 'kind' has more than 1,000 different numbers in 2,000 rows, too many to be "
        "classes.\nTo predict such a number, name the column as target instead of label.",
    ),
    (
        "a,kind\n" + "".join(f"{i},name {i}\n" for i in range(60)),
        "Label column 'kind' has 60 different texts in 60 rows, too many to be classes.\n"
        "Name the column of classes; one that says who a point is, is an identity.",
    ),
    (
        "a,kind\n" + "".join(f"{i},name {i}\n" for i in range(2000)),
        "Label column 'kind' has more than 1,000 different texts in 2,000 rows, too many to be "
        "classes.\nName the column of classes; one that says who a point is, is an identity.",
    ),
]


@pytest.mark.parametrize(("content", "message"), TABLES, ids=[text[:60] for _, text in TABLES])
def test_refused_tables(content: str | bytes, message: str) -> None:
    with pytest.raises(UsageError) as caught:
        read(content)
    assert str(caught.value) == message


def test_a_table_needs_a_label_or_a_target() -> None:
    Path("t.csv").write_text("a,kind\n1,x\n2,y\n")
    with pytest.raises(UsageError) as caught:
        from_file("t.csv")
    assert str(caught.value) == (
        "Name the column of classes as label (--label), or the column of numbers to predict as "
        "target (--target); got neither.\nColumns: a, kind."
    )


PICKLED = (
    "t.npz holds pickled Python objects, which unknot never loads.\n"
    "Save plain arrays: numpy.savez(path, x=…, y=…)."
)
SAVE_IT = "Write it with numpy.savez(path, x=…, y=…)."
ARCHIVES = [
    ({"x": np.array([{1: 2}, {}], dtype=object), "y": [0, 1]}, {}, PICKLED),
    (pickle.dumps({"x": 1}), {}, PICKLED),
    (b"not an archive", {}, PICKLED),
    (b"PK\x03\x04 half an archive", {}, f"Cannot read t.npz as an NPZ archive.\n{SAVE_IT}"),
    (b"", {}, f"Cannot read t.npz as an NPZ archive.\n{SAVE_IT}"),
    ({"x": PLAIN, "z": [0, 1]}, {}, f"t.npz has no array 'y'; it has x, z.\n{SAVE_IT}"),
    ({"y": [0, 1]}, {}, f"t.npz has no array 'x'; it has y.\n{SAVE_IT}"),
    (
        {"x": PLAIN, "y": np.array([0, 2**31, 2**31], np.uint32).view("U1")},
        {},
        f"Cannot read t.npz as an NPZ archive.\n{SAVE_IT}",
    ),
    (
        {"x": PLAIN, "y": [0, 1, 1]},
        {},
        "There are 2 points and 3 labels.\nGive one label a point, in the same order.",
    ),
    (
        {"x": PLAIN, "y": [0, 1]},
        {"label": "y", "target": "y"},
        "Give label or target, not both; got 'y' and 'y'.\nAn NPZ file needs at most one.",
    ),
]


@pytest.mark.parametrize(("content", "options", "message"), ARCHIVES)
def test_refused_archives(
    content: bytes | dict[str, object], options: dict[str, str], message: str
) -> None:
    if isinstance(content, bytes):
        Path("t.npz").write_bytes(content)
    else:
        npz(**content)
    with pytest.raises(UsageError) as caught:
        from_file("t.npz", **options)  # pyright: ignore[reportArgumentType]
    assert str(caught.value) == message


def test_reading_an_archive_runs_no_code() -> None:
    class Trap:
        def __reduce__(self) -> tuple[object, tuple[str]]:
            return os.mkdir, ("sprung",)

    Path("t.npz").write_bytes(pickle.dumps(Trap()))
    with pytest.raises(UsageError):
        from_file("t.npz")
    npz(x=np.array([Trap()], dtype=object), y=[0])
    with pytest.raises(UsageError):
        from_file("t.npz")
    assert not Path("sprung").exists()


@pytest.mark.parametrize("content", [b"", b"PAR1", b"rubbish" * 50, b"PAR1" + b"\0" * 90 + b"PAR1"])
def test_refused_parquet(content: bytes) -> None:
    Path("t.parquet").write_bytes(content)
    with pytest.raises(UsageError) as caught:
        from_file("t.parquet", label="kind")
    assert str(caught.value) == (
        "Cannot read t.parquet as Parquet: it is damaged or something else.\n"
        "Write it again, for example with polars: frame.write_parquet(path)."
    )


PLACES = [
    (
        lambda: resolve("circels"),
        "Unknown data set 'circels'. Did you mean 'circles'?\n"
        f"Allowed: {', '.join(datasets.generators)}.\n"
        "A file of your own ends in .csv, .tsv, .txt, .parquet, .npz.",
    ),
    (
        lambda: resolve("pionts.csv"),
        "There is no file pionts.csv. Did you mean points.csv?\nCheck the name and the folder.",
    ),
    (
        lambda: resolve("nowhere/points"),
        "There is no file nowhere/points.\nCheck the name and the folder.",
    ),
    (lambda: resolve("folder"), "folder is a folder.\nName a file in it."),
    (
        lambda: resolve("points.xlsx"),
        "Cannot read points.xlsx: .xlsx is not a supported type.\n"
        "Allowed: .csv, .tsv, .txt, .parquet, .npz.",
    ),
    (
        lambda: resolve("./points"),
        "Cannot read points: a file without a suffix is not a supported type.\n"
        "Allowed: .csv, .tsv, .txt, .parquet, .npz.",
    ),
    (
        lambda: resolve("points.csv", label="kind", parameters={"noise": "1"}),
        "Parameters are for built-in data sets; got noise=1 with the file points.csv.\n"
        "Leave them out.",
    ),
    (
        lambda: resolve("circles", label="kind"),
        "circles is a built-in data set and has its own labels; got label='kind'.\n"
        "Leave that out; for a file of this name give ./circles.",
    ),
    (
        lambda: resolve("points.csv", label="kind", n=3),
        "There are only 2 points; got n = 3.\nGive n of at most 2, or leave it out for all.",
    ),
    (
        lambda: resolve("points.csv", label="kind", n=1),
        "n must be at least 2, two points for each class (or all it has); got 1.\nGive a larger n.",
    ),
    (
        lambda: resolve("circles", parameters={"factor": "2"}),
        "circles: factor must be a number from 0 to below 1; got '2'.\n"
        "Leave it out for the default, 0.5.",
    ),
]


@pytest.mark.parametrize(("call", "message"), PLACES, ids=[text[:50] for _, text in PLACES])
def test_refused_places(call, message: str) -> None:
    Path("folder").mkdir()
    for name in ("points.csv", "points.xlsx", "points"):
        Path(name).write_text("a,kind\n1,x\n2,y\n")
    with pytest.raises(UsageError) as caught:
        call()
    assert str(caught.value) == message


def test_a_file_that_may_not_be_read(monkeypatch: pytest.MonkeyPatch) -> None:
    Path("t.csv").write_text("a,kind\n1,x\n2,y\n")

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(UsageError) as caught:
        from_file("t.csv", label="kind")
    assert str(caught.value) == "Cannot read t.csv: Permission denied.\nCheck that you may read it."


@pytest.mark.parametrize("name", ["a\0b.csv", "x" * 5000 + ".csv", "", ".", "~", "*.csv", "é.npz"])
def test_odd_names(name: str) -> None:
    with pytest.raises(UsageError) as caught:
        resolve(name, label="kind")
    assert len(str(caught.value).splitlines()) <= 3


@pytest.mark.slow
@pytest.mark.parametrize(
    "kind", ["csv", "tsv", "npz", pytest.param("parquet", marks=pytest.mark.slow)]
)
def test_mangled_files_are_read_or_refused(kind: str) -> None:
    path = Path(f"t.{kind}")
    whole = datasets.write(datasets.blobs(20), path).read_bytes()
    rng = np.random.default_rng(7)
    scraps = [b'"', b",", b"\n", b"\r", b";", b"\0", b"\xff", b"NaN", b"1e999", b"label", b'""']
    outcomes: list[int] = []
    # Each Parquet file costs a process.
    for _ in range(15 if kind == "parquet" else 400):
        content = bytearray(whole)
        for _ in range(rng.choice([1, 1, 2, 5])):
            place = int(rng.integers(len(content) + 1))
            what = rng.integers(4)
            if what == 0:
                content[place:place] = scraps[rng.integers(len(scraps))]
            elif what == 1:
                del content[place : place + int(rng.choice([1, 10, 100]))]
            elif what == 2:
                content[place : place + 1] = rng.bytes(1)
            elif rng.random() < 0.2:
                del content[place:]
        path.write_bytes(bytes(content))
        try:
            data = from_file(path, label="y" if kind == "npz" else "label")
            outcomes.append(0)
            assert np.isfinite(data.x).all()
        except UsageError as error:
            outcomes.append(len(str(error).splitlines()))
    assert max(outcomes) <= 3
    assert len(set(outcomes)) > 1
