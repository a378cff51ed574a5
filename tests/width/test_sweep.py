"""Sweeps over shapes, activations and seeds."""

import pytest

import unknot as uk
from unknot.errors import UsageError
from unknot.width import batch, workers

QUICK = {"steps": 300, "progress": False}


@pytest.fixture(scope="module")
def data():
    return uk.datasets.interval(800, seed=1)


@pytest.mark.slow
def test_one_row_a_training(data, tmp_path, monkeypatch):
    path = tmp_path / "s.parquet"
    shapes = [[1], [2], 2, [2, 3]]
    options = {"activation": ["tanh", "relu"], "out": path} | QUICK
    table = uk.sweep(data, hidden=shapes, seeds=3, **options)
    assert table.height == 3 * 2 * 3
    assert table["hidden"].to_list()[::6] == [[1], [2], [2, 3]]
    assert table["width"].to_list()[::6] == [1, 2, None]
    assert table["depth"].to_list()[::6] == [1, 1, 2]
    assert table["seed"].to_list()[:3] == [0, 1, 2]
    assert table["n_weights"].to_list()[::6] == [4, 7, 4 + 9 + 4]
    best = table.filter(table["width"] == 2)["accuracy"].max()
    assert best > 0.99 > 0.8 > table.filter(table["width"] == 1)["accuracy"].max()
    monkeypatch.setattr(workers, "train_batch", None)
    assert uk.sweep(data, hidden=shapes, seeds=3, **options).equals(table)
    monkeypatch.undo()
    assert uk.sweep(data, hidden=[[2]], seeds=[2], **QUICK)["seed"].to_list() == [2]


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"hidden": []}, "No shapes were given.\nGive some: hidden=[[2], [3], [2, 2]]."),
        (
            {"hidden": [[]]},
            "Got a shape of 0 hidden layers; allowed: 1 to 20.\n"
            "Give shapes such as hidden=[[2], [3], [2, 2]].",
        ),
        ({"hidden": [[0]]}, "Got 0 as hidden width; allowed: a whole number, 1 to 512."),
        (
            {"hidden": "2"},
            "Got '2' as hidden shapes; allowed: a list, for example [[2], [3], [2, 2]].",
        ),
        ({"seeds": 0}, "Got 0 as number of seeds; allowed: a whole number, 1 to 1,000,000."),
        ({"seeds": []}, "No seeds were given.\nGive some: seeds=8, or seeds=[0, 1, 2]."),
    ],
)  # fmt: skip
def test_bad_sweeps(data, change, text):
    with pytest.raises(UsageError) as error:
        uk.sweep(data, **({"hidden": [[2]], "progress": False} | change))
    assert str(error.value) == text


def test_batches_go_to_the_same_function(data):
    assert workers.train_batch is batch.train_batch
