"""What the command line says when something is missing, or looks like something else."""

import numpy as np
import pytest
from calling import call

from unknot.cli.options import DataOptions
from unknot.cli.output import _last
from unknot.datasets import from_arrays, generators
from unknot.datasets.labels import shown


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["trace", "m.keras", "moons"], "trace needs -o FILE: a .safetensors file."),
        (["trace"], "trace needs MODEL: a .keras, .onnx, .pt2 or .skops file."),
        (["figure", "t.safetensors"], "figure needs -o FILE: a .png, .svg or .pdf file."),
        (
            ["run"],
            f"run needs DATA: a file, or the name of a data set: {', '.join(generators)}.",
        ),
    ],
)
def test_what_is_missing_is_named(capsys, arguments, message):
    done = call(capsys, *arguments)
    assert (done.code, done.out) == (2, "")
    assert done.err == f"unknot: {message}\n  See: unknot {arguments[0]} --help\n"


@pytest.mark.parametrize(
    "arguments",
    [
        ["figure", "m.keras", "-o", "m.png"],
        ["animate", "m.keras", "-o", "m.mp4"],
        ["page", "m.keras", "-o", "m.html"],
        ["measure", "m.keras"],
    ],
)
def test_a_model_must_be_traced_first(capsys, arguments):
    done = call(capsys, *arguments)
    assert (done.code, done.err) == (
        2,
        "unknot: m.keras is a model, not a trace of one.\n"
        "  Trace it first: unknot trace m.keras DATA -o m.safetensors\n",
    )


def test_points_without_a_label_are_told_of(capsys, tmp_path):
    path = tmp_path / "towns.csv"
    path.write_text("a,town\n1,Ulm\n2,\n3,Oslo\n")
    assert DataOptions(label="town").load(str(path), 0).y.tolist() == [1, -1, 0]
    assert capsys.readouterr().err == (
        "unknot: --label town: 1 of 3 points has no label.\n"
        "  They are shown in grey; no training, measure or accuracy counts them.\n"
    )


def test_points_without_a_target_are_told_of(capsys, tmp_path):
    path = tmp_path / "houses.csv"
    path.write_text("a,price\n1,2.5\n2,\n3,4.5\n")
    assert len(DataOptions(target="price").load(str(path), 0).y) == 3
    assert capsys.readouterr().err == (
        "unknot: --target price: 1 of 3 points has no target.\n"
        "  They are shown in grey; no training, measure or accuracy counts them.\n"
    )


def test_losses_have_the_digits_that_say_something():
    assert _last([0.5], [0.25]) == "held out 0.2500 (training 0.5000)"
    assert _last([2186.2867], [3766.8349]) == "held out 3,767 (training 2,186)"
    assert _last([1.66e10], []) == "training 1.66e+10, nothing held out"


def test_a_label_column_of_very_many_numbers_is_doubted(capsys, tmp_path):
    path = tmp_path / "houses.csv"
    rows = [f"{i % 7},{i % 5},{100 + i % 60}" for i in range(240)]
    path.write_text("rooms,age,price\n" + "\n".join(rows) + "\n")
    assert DataOptions(label="price").load(str(path), 0).n_classes == 60
    assert capsys.readouterr().err == (
        "unknot: --label price: 60 different numbers are taken as classes.\n"
        "  If they are to be predicted as numbers: --target price\n"
    )
    assert DataOptions(target="price").load(str(path), 0).n_classes == 0
    assert DataOptions(label="rooms").load(str(path), 0).n_classes == 7
    assert capsys.readouterr().err == ""


def test_very_many_different_numbers_as_classes_say_the_command_for_them(
    capsys, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    rows = [f"{i % 7},{i % 5},{i / 4}" for i in range(40)]
    (tmp_path / "my houses.csv").write_text("rooms,age,price\n" + "\n".join(rows) + "\n")
    options = ["run", "my houses.csv", "--epochs", "1", "--label"]
    text = (
        "unknot: Label column 'price' has 40 different numbers in 40 rows, "
        "too many to be classes.\n"
    )
    said = "  To predict such a number: unknot run 'my houses.csv' --epochs 1 --target{}price\n"
    assert call(capsys, *options, "price").err == text + said.format(" ")
    assert call(capsys, *options[:-1], "--label=price").err == text + said.format("=")
    # A search for a width knows classes alone.
    assert call(capsys, "width", "my houses.csv", "--label", "price").err == (
        text + "  To predict such a number, name the column as target instead of label.\n"
    )


def test_names_that_would_turn_a_line_about_are_shown_with_escapes():
    names = ("ev\u202eil", "go\u2066od\x1b[31m", "می\u200cخواهم", "a\u2028b")
    told = "ev\\u202eil, go\\u2066od\\x1b[31m, می\u200cخواهم, a b"
    assert shown(names) == told
    data = from_arrays(np.arange(8.0)[:, None], np.array(names * 2), feature_names=["x\u200f"])
    assert not set("\u202e\u2066\x1b\u200f") & set(repr(data))
    assert "ev\\u202eil" in repr(data)
    assert "x\\u200f" in repr(data)
