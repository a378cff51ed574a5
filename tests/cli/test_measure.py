"""The command `measure`."""

import json

import polars
import pytest
from calling import call, unknot
from networks import network, readout_network, rings

from unknot.cli import measure_table
from unknot.measures import entries
from unknot.measures.measurement import measure
from unknot.traces.tracing import trace
from unknot.training import fit


@pytest.fixture
def traced(tmp_path):
    path = tmp_path / "rings.safetensors"
    trace(readout_network(), rings()).save(path)
    return path


def test_json_has_one_row_a_representation(traced, capsys):
    result = call(capsys, "measure", traced, "--json")
    assert result.code == 0, result.err
    rows = json.loads(result.out)["rows"]
    assert rows[0]["representation"] == "input"
    for row in rows:
        assert row["epoch"] is None
        for key in ("linear_probe", "fisher_ratio", "gdv", "silhouette", "betti"):
            assert (row[key] is None) == (key in row["reasons"])


def test_people_see_a_row_a_representation_and_why_there_are_dashes(traced, capsys):
    result = call(capsys, "measure", traced, "--measures", "linear_probe, travel")
    assert result.code == 0, result.err
    lines = result.out.splitlines()
    assert lines[0].split() == ["linear_probe", "travel"]
    assert lines[1].split()[0] == "input"
    assert lines[1].split()[-1] == "–"
    assert lines[2].startswith("hidden 1 pre-activation ")
    assert "– travel: no map leads to the input" in lines


def test_people_see_few_measures_and_how_to_get_all(traced, capsys):
    lines = call(capsys, "measure", traced).out.splitlines()
    assert tuple(lines[0].split()) == measure_table.OF_CLASSES
    assert lines[-1] == (
        "all measures: --json or -o FILE.csv; some: --measures (unknot measure --list)"
    )
    assert set(measure_table.usual(0, True)) <= set(entries)
    assert set(measure_table.usual(2, True)) <= set(entries)


def test_no_line_is_wider_than_the_terminal(traced, capsys, monkeypatch):
    from rich.console import Console

    from unknot.traces.storage import load

    frame = measure(load(traced))
    for width in (60, 80, 200):
        monkeypatch.setattr(measure_table, "console", lambda width=width: Console(width=width))
        measure_table.print_table(frame, ["a long note, " * 20])
        lines = capsys.readouterr().out.splitlines()
        assert max(map(len, lines)) <= width
        text = "".join("\n".join(lines).split())
        assert all(name.split("_")[0] in text for name in entries if name in frame.columns)


def test_betti_numbers_of_many_classes_are_summed():
    ten = [[2, 1]] * 10
    assert measure_table._cells([ten, ten[:2], None]) == ["(20,10)", "(2,1) (2,1)", "–"]


def test_a_column_is_read_downwards():
    assert measure_table._cells([0.96, 12.0, None]) == ["0.9600", "12.00", "–"]
    assert measure_table._cells([12.0, 3, float("nan")]) == ["12.00", "3.000", "nan"]
    assert measure_table._cells([12.0, 3]) == ["12", "3"]


def test_people_are_warned_of_collapse_with_errors(traced, capsys):
    wanted = ("measure", traced, "--measures", "nc1,gdv")
    warning = "nc1: neural collapse is a statement about training past zero error"
    assert warning in call(capsys, *wanted).out
    assert json.loads(call(capsys, *wanted, "--json").out)["notes"][0].startswith(warning)
    assert "neural collapse" not in call(capsys, *wanted[:3], "gdv").out


def test_the_figure_takes_measures(traced, capsys, tmp_path):
    path = tmp_path / "depth.png"
    chosen = ("--what", "depth", "--measures", "gdv, travel", "-o", path)
    assert call(capsys, "figure", traced, *chosen).out == f"written: {path}\n"
    refused = call(capsys, "figure", traced, "--what", "depth", "--measures", "soup", "-o", path)
    assert refused.code == 2
    assert "Unknown measure 'soup'" in refused.err


def test_help_names_every_figure_that_a_file_can_have(capsys):
    from unknot.views.figures import figures

    text = " ".join(call(capsys, "figure", "--help").out.split())
    # These are of what a search for the width and an atlas return.
    assert {name for name in figures if f" {name}," not in text} - {"3d", "training"} == {
        "accuracy",
        "atlas",
        "sweep",
    }
    assert "One of 3d," in text
    assert " training." in text


def test_people_are_told_what_was_thinned_out(tmp_path, capsys):
    path = tmp_path / "many.safetensors"
    trace(network([2, 3, 1]), rings(30_000)).save(path)
    result = call(capsys, "measure", path, "--measures", "linear_probe,participation_ratio")
    assert "20,000 of 30,000 points, drawn at random: linear_probe" in result.out


def test_the_view_is_measured_on_request(traced, capsys):
    result = call(capsys, "measure", traced, "--view", "--json", "--measures", "variance_shown")
    rows = json.loads(result.out)["rows"]
    assert rows[0]["variance_shown"] == pytest.approx(1)


def test_a_table_is_written(traced, capsys, tmp_path):
    for suffix in ("csv", "parquet"):
        path = tmp_path / f"table.{suffix}"
        result = call(capsys, "measure", traced, "-o", path)
        assert result.out == f"written: {path} (6 rows)\n"
    csv, parquet = polars.read_csv(tmp_path / "table.csv"), polars.read_parquet(path)
    assert csv.columns == parquet.columns
    assert csv["fisher_ratio"].to_list() == parquet["fisher_ratio"].to_list()
    assert json.loads(csv["reasons"][0]) == parquet["reasons"].to_list()[0]


def test_a_run_is_measured_at_every_checkpoint(tmp_path, capsys):
    from unknot.traces.storage import save

    run = fit(rings(), hidden=[3], epochs=2, seed=0)
    save(run, tmp_path / "run.safetensors")
    wanted = ("measure", tmp_path / "run.safetensors", "--measures", "fisher_ratio")
    rows = json.loads(call(capsys, *wanted, "--json").out)["rows"]
    assert sorted({row["epoch"] for row in rows}) == sorted(c.epoch for c in run.checkpoints)
    shown = call(capsys, *wanted).out
    assert titles(shown) == ["epoch 0", "epoch 2"]
    n = len(run.checkpoints)
    assert shown.splitlines()[-1] == f"2 of {n} checkpoints; every one: --epochs all"
    assert len(titles(call(capsys, *wanted, "--epochs", "all").out)) == n
    assert titles(call(capsys, *wanted, "--epochs", "1.1, 2").out) == ["epoch 1", "epoch 2"]
    rows = json.loads(call(capsys, *wanted, "--json", "--epochs", "0").out)["rows"]
    assert {row["epoch"] for row in rows} == {0}


def titles(text):
    return [line.strip() for line in text.splitlines() if line.startswith("epoch")]


def test_the_list_names_every_measure(capsys):
    listed = json.loads(call(capsys, "measure", "--list", "--json").out)["measures"]
    assert [row["name"] for row in listed] == list(entries)
    text = call(capsys, "measure", "--list").out
    assert all(name in text for name in entries)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "Say what to measure: unknot measure FILE.safetensors"),
        (["T", "--measures", "gvd"], "Unknown measure 'gvd'. Did you mean 'gdv'?"),
        (["T", "-o", "table.txt"], "Cannot write table.txt: .txt is not a supported type."),
        (["T", "--epochs", "1"], "A trace is of one moment: --epochs is for runs."),
    ],
)
def test_wrong_calls(traced, capsys, arguments, words):
    call_arguments = [traced if argument == "T" else argument for argument in arguments]
    result = call(capsys, "measure", *call_arguments)
    assert result.code == 2
    assert words in result.err
    assert 1 <= len(result.err.strip().splitlines()) <= 3
    assert result.out == ""


@pytest.mark.slow
def test_a_full_disk_leaves_no_file(traced, tmp_path):
    result = unknot("measure", traced, "-o", tmp_path / "t.csv", largest_file=10)
    assert result.code == 1
    assert "t.csv" in result.err
    assert not (tmp_path / "t.csv").exists()


def test_several_files_are_replicates(tmp_path, capsys):
    paths = [tmp_path / f"{seed}.safetensors" for seed in range(4)]
    for seed, path in enumerate(paths):
        trace(network([2, 3, 1], seed=seed), rings(60)).save(path)
    group, others = paths[:2], ",".join(map(str, paths[2:]))
    ask = ("--measures", "gdv", "--against", others)
    result = call(capsys, "measure", *group, *ask)
    assert result.code == 0, result.err
    lines = result.out.splitlines()
    assert lines[0].split() == ["gdv", "gdv_difference", "gdv_p"]
    assert "mean of 2 networks (95 % interval: percentile bootstrap over networks)" in lines
    rows = json.loads(call(capsys, "measure", *group, *ask, "--json").out)["rows"]
    assert rows[0]["gdv_low"] <= rows[0]["gdv"] <= rows[0]["gdv_high"]
    assert rows[0]["n_runs"] == 2
    alone = call(capsys, "measure", paths[0], "--against", others)
    assert alone.code == 2
    assert alone.err.startswith("unknot: --against compares groups of networks.")
    seen = call(capsys, "measure", *group, "--view")
    assert seen.code == 2
    assert "Leave --view and --epochs out" in seen.err


def test_networks_are_turned_for_a_page_and_a_figure(tmp_path, capsys):
    paths = [tmp_path / f"{seed}.safetensors" for seed in range(2)]
    for seed, path in enumerate(paths):
        trace(network([2, 5, 1], seed=seed), rings(60)).save(path)
    page, picture = tmp_path / "a.html", tmp_path / "a.png"
    assert call(capsys, "page", *paths, "--align", "-o", page).code == 0
    assert page.exists()
    drawn = call(capsys, "figure", *paths, "--what", "shape_distances", "-o", picture)
    assert drawn.code == 0, drawn.err
    assert picture.exists()
