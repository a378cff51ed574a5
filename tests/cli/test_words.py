"""What the command line says when something is missing, or looks like something else."""

import pytest
from calling import call

from unknot.cli.options import DataOptions
from unknot.datasets import generators


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
