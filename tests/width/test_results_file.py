"""Results in memory and on disk."""

from dataclasses import replace

import numpy as np
import polars
import pytest
from made import outcome
from networks import rings

from unknot.errors import UnknotError, UsageError
from unknot.width.batch import Task
from unknot.width.results_file import SCHEMA, Results, as_frame, sealed
from unknot.width.settings import checked_budget

EXPERIMENT = {"data": "abc", "activation": "relu", "seed": 1}


def same(a, b):
    return all(
        np.array_equal(getattr(a, name), getattr(b, name))
        if isinstance(getattr(a, name), np.ndarray)
        else getattr(a, name) == getattr(b, name)
        for name in a.__dataclass_fields__
        if name != "compile_seconds"
    )


def test_what_is_written_is_read_again(tmp_path):
    path = tmp_path / "deep" / "r.parquet"
    first, second = outcome([0.5, 0.75]), outcome([0.25], width=3)
    with Results(path, EXPERIMENT) as results:
        results.add(first)
        results.add(second)
        results.save()
    with Results(path, EXPERIMENT) as again:
        pass
    assert same(again[first.key], first)
    assert same(again[second.key], second)
    assert outcome([0.5], first=9).key not in again
    frame = polars.read_parquet(path)
    assert tuple(frame.columns) == SCHEMA
    assert frame["accuracy"].to_list() == [0.5, 0.75, 0.25]
    assert frame["checkpoints"].null_count() == 1


def test_writing_is_put_off_but_nothing_is_lost(tmp_path, monkeypatch):
    path = tmp_path / "r.parquet"
    results = Results(path, EXPERIMENT)
    results.add(outcome([0.5]))
    monkeypatch.setattr(results, "_next_write", float("inf"))
    results.add(outcome([0.6], first=1))
    assert polars.read_parquet(path).height == 1
    results.save()
    assert polars.read_parquet(path).height == 2


def test_a_file_goes_on_growing_after_it_was_taken_over(tmp_path):
    path = tmp_path / "r.parquet"
    for i in range(3):
        with Results(path, EXPERIMENT) as results:
            results.add(outcome([0.5], first=i))
            results.save()
    assert polars.read_parquet(path)["restart"].to_list() == [0, 1, 2]


@pytest.mark.parametrize(
    ("other", "text"),
    [
        ({"data": "xyz"}, "other data"),
        ({"activation": "tanh"}, "activation 'relu', not 'tanh'"),
        ({"seed": 2}, "seed 1, not 2"),
        ({"steps": 5}, "steps None, not 5"),
    ],
)
def test_another_experiment_is_refused(tmp_path, other, text):
    path = tmp_path / "r.parquet"
    with Results(path, EXPERIMENT) as results:
        results.add(outcome([0.5]))
    before = path.read_bytes()
    with pytest.raises(UsageError) as error:
        Results(path, EXPERIMENT | other)
    assert str(error.value) == (
        f"{path} holds another experiment: {text}.\n"
        "Name another file, or repeat the settings it was made with."
    )
    assert path.read_bytes() == before


def test_a_file_from_before_there_were_scores_goes_on(tmp_path):
    path = tmp_path / "r.parquet"
    columns = SCHEMA[:-2]
    with Results(path, EXPERIMENT) as results:
        frame = as_frame(outcome([0.5]), results._experiment).select(columns)
        path.write_bytes(sealed(frame))
        results._identity = None
    with Results(path, EXPERIMENT | {"metric": "accuracy"}) as results:
        assert results[outcome([0.5]).key].scores is None
        scored = replace(outcome([0.6], first=1), scores=(0.4,), training_scores=(0.3,))
        results.add(scored)
        results.save()
    with Results(path, EXPERIMENT) as again:
        assert same(again[scored.key], scored)
    with pytest.raises(UsageError, match="metric 'accuracy', not 'log_loss'"):
        Results(path, EXPERIMENT | {"metric": "log_loss"})


def test_a_file_that_is_not_ours_is_refused(tmp_path):
    path = tmp_path / "r.parquet"
    polars.DataFrame({"a": [1]}).write_parquet(path)
    with pytest.raises(UsageError) as error:
        Results(path, EXPERIMENT)
    assert str(error.value) == (
        f"{path} holds no trainings that this unknot can go on from: another program or an older "
        "unknot wrote it, or it is damaged.\nName another file, or remove this one."
    )
    path.write_bytes(b"PAR1 nonsense")
    with pytest.raises(UsageError, match="is not a whole Parquet file"):
        Results(path, EXPERIMENT)


def test_every_damage_is_told_before_the_file_is_parsed(tmp_path, capfd):
    path = tmp_path / "r.parquet"
    with Results(path, EXPERIMENT) as results:
        for i in range(3):
            results.add(outcome([0.5], first=i))
    whole = path.read_bytes()
    random = np.random.default_rng(0)
    for _ in range(300):
        damaged = bytearray(whole)
        damaged[random.integers(len(whole))] ^= 1 << random.integers(8)
        path.write_bytes(damaged if random.random() < 0.9 else whole[: random.integers(len(whole))])
        with pytest.raises(UsageError) as error:
            Results(path, EXPERIMENT)
        assert 1 <= len(str(error.value).splitlines()) <= 3
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("experiment", polars.lit("[1]")),
        ("experiment", polars.lit(None, polars.String)),
        ("hidden", polars.lit(None, polars.List(polars.Int64))),
        ("seed", polars.lit(0.5)),
        ("loss", polars.col("hidden")),
        ("restart", polars.lit(None, polars.Int64)),
        ("seconds", polars.lit(None, polars.Float64)),
        ("accuracy", polars.lit(2.0)),
        ("steps", polars.lit(None, polars.List(polars.Int64))),
        ("steps", polars.col("steps").list.reverse()),
        ("checkpoints", polars.col("history")),
        ("checkpoints", polars.lit(None, polars.List(polars.List(polars.Float32)))),
        ("history", polars.col("checkpoints")),
        ("x", polars.lit(1)),
        ("accuracy", None),
    ],
)
def test_a_table_of_no_trainings_is_refused_though_its_checksum_is_right(tmp_path, name, value):
    path = tmp_path / "r.parquet"
    with Results(path, EXPERIMENT) as results:
        frame = as_frame(outcome([0.5, 0.75]), results._experiment)
    path.write_bytes(
        sealed(frame.drop(name) if value is None else frame.with_columns(value.alias(name)))
    )
    if name == "x":
        # What a later unknot might add.
        assert outcome([0.5, 0.75]).key in Results(path, EXPERIMENT)
        return
    with pytest.raises(UsageError) as error:
        Results(path, EXPERIMENT)
    assert str(error.value) == (
        f"{path} is damaged: its table is not one of trainings.\n"
        "Name another file, or remove this one."
    )


def test_weights_of_another_network_are_refused(tmp_path):
    path, small = tmp_path / "r.parquet", outcome([0.5])
    budget = checked_budget(
        readout=None, optimizer="adam", learning_rate=None, steps=10, batch_size=8, seed=0
    )
    recipe = budget.recipe(rings(30), small.hidden, "relu", 30)
    task = Task(recipe, small.hidden, "relu", small.seeds)
    with Results(path, EXPERIMENT) as results:
        results.add(replace(small, checkpoints=small.checkpoints[:, :-1]))
    with Results(path, EXPERIMENT) as again, pytest.raises(UsageError) as error:
        again.missing([task])
    assert str(error.value) == (
        f"{path} is damaged: it holds weights of another network.\n"
        "Name another file, or remove this one."
    )


def test_two_at_once_on_one_file(tmp_path):
    path = tmp_path / "r.parquet"
    with Results(path, EXPERIMENT) as results:
        with pytest.raises(UnknotError) as error:
            Results(path, EXPERIMENT | {"seed": 2})
        assert str(error.value) == (
            f"Another search is writing {path} at this moment.\n"
            "Wait until it has ended, or name another file."
        )
        results.add(outcome([0.5]))
    assert [file.name for file in tmp_path.iterdir()] == ["r.parquet"]
    with Results(path, EXPERIMENT):
        pass


def test_a_file_that_another_program_changed_is_left_alone(tmp_path):
    path = tmp_path / "r.parquet"
    with Results(path, EXPERIMENT) as results:
        results.add(outcome([0.5]))
        path.write_bytes(b"another's")
        results._next_write = 0
        with pytest.raises(UnknotError) as error:
            results.add(outcome([0.6], first=1))
    assert path.read_bytes() == b"another's"
    (rescued,) = [file for file in tmp_path.iterdir() if file != path]
    assert str(error.value) == (
        f"{path} was changed by another program while this search ran.\n"
        f"It was left alone; what this search found is in {rescued}."
    )
    with Results(rescued, EXPERIMENT) as again:
        assert outcome([0.6], first=1).key in again


def test_only_parquet(tmp_path):
    with pytest.raises(UsageError) as error:
        Results(tmp_path / "r.csv", EXPERIMENT)
    assert str(error.value) == (
        f"Cannot write {tmp_path / 'r.csv'}: .csv is not a supported type.\nAllowed: .parquet."
    )
