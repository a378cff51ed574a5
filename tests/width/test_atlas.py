"""The atlas: cells, thresholds of known curves, a run that goes on, and its picture."""

import numpy as np
import polars as pl
import pytest
from pictures import check_texts, sentences

import unknot as uk
from unknot.errors import UsageError
from unknot.width import workers
from unknot.width.atlas import SHAPES, _drawn
from unknot.width.atlas_cells import _contradiction, _reliable
from unknot.width.theory import theory

SMALL = {"max_width": 3, "depths": (1,), "activations": ("relu", "tanh"), "restarts": 4}
SMALL |= {"steps": 600, "n_points": 1_000, "data_seeds": 2, "progress": False}
INTERVAL = [("shells", {"dimension": 1, "noise": 0.107})]


@pytest.mark.parametrize(("name", "parameters"), SHAPES)
def test_the_best_possible_accuracy_of_every_shape_is_0_99(name, parameters):
    assert _drawn(name, parameters, 100, 0).bayes_accuracy == pytest.approx(0.99, abs=5e-4)


def test_thresholds_of_curves_that_are_known():
    widths = [1, 2, 3, 4, 5, 6, 7]
    trials = np.full((7, 1), 10_000)
    share = 1 / (1 + np.exp(-(np.array(widths) - 4.2) / 0.5))
    known = _reliable(widths, np.round(share * 10_000).astype(int)[:, None], trials)
    assert known["w50"] == pytest.approx(4.2, abs=0.06)
    assert known["w95"] == pytest.approx(4.2 + 0.5 * np.log(19), abs=0.1)
    assert known["w50_low"] <= known["w50"] <= known["w50_high"]
    assert (known["exists"], known["luck_gap"]) == (1, 5)
    never = _reliable(widths, np.zeros((7, 1), int), trials)
    assert set(never.values()) == {None}
    always = _reliable(widths, trials, trials)
    assert (always["exists"], always["w50"], always["w95"], always["luck_gap"]) == (1, 1, 1, 0)
    # Seeds of the data that differ widen the interval; restarts alone would not.
    found = np.stack([np.where(np.array(widths) >= w, 32, 0) for w in (3, 5)], axis=1)
    both = _reliable(widths, found, np.full((7, 2), 32))
    assert both["w50_high"] - both["w50_low"] > 1


def test_where_theory_and_training_disagree():
    assert _contradiction("Beise", None, 1, 0).startswith("a bounded piece")
    assert _contradiction("Beise", None, 0, 5) is None
    assert _contradiction(None, "Taylor", None, 0).startswith("promised and not found")
    assert _contradiction(None, "Taylor", None, 1) is None
    data = _drawn("shells", {"dimension": 2, "noise": 0.1}, 100, 0)
    promised = [s for s in theory(data, "tanh", 1, None, range(1, 8)) if s.promises]
    assert [min(s.widths) for s in promised] == [3]
    assert not [s for s in theory(data, "relu", 1, None, range(1, 8)) if s.promises]


@pytest.mark.slow
def test_an_atlas_goes_on_from_its_parts(tmp_path, monkeypatch):
    made = uk.atlas(INTERVAL, out=tmp_path / "a.parquet", **SMALL)
    table = made.table
    assert table.height == 2 * 3
    assert table["restarts"].to_list() == [8] * 6
    # One monotone unit is a cut; two tanh units are an interval.
    cells = {(row["activation"], row["width"]): row for row in table.to_dicts()}
    assert cells["tanh", 1]["found"] == 0
    assert cells["tanh", 1]["forbidden_by"].startswith("Beise")
    assert cells["tanh", 2]["found"] > 0
    assert cells["tanh", 2]["promised_by"].startswith("Taylor")
    # A sphere of one dimension is two pieces; at the logit a straight cut leaves one a class.
    first, *_, last = cells["tanh", 2]["betti"]
    assert (first, last[0]) == ([[2, 0], [2, 0]], [1, 0]), cells["tanh", 2]["betti"]
    assert set(made.runs) == {("shells 1-D", a, 1, w) for a in ("relu", "tanh") for w in (1, 2, 3)}
    assert pl.read_parquet(tmp_path / "a.parquet").equals(table)
    monkeypatch.setattr(workers, "train_batch", None)
    assert uk.atlas(INTERVAL, out=tmp_path / "a.parquet", **SMALL).table.equals(table)
    monkeypatch.undo()
    with pytest.raises(UsageError, match=r"another experiment|other"):
        uk.atlas(INTERVAL, out=tmp_path / "a.parquet", **SMALL | {"steps": 700})
    figure = uk.figure(made)
    figure.canvas.draw()
    check_texts(figure)
    assert "shells 1-D, tanh" in sentences(figure)


def test_the_picture_of_a_table():
    rows = [
        {"data": d, "activation": a, "depth": depth, "width": w, "share": w / 4}
        | {"forbidden_by": "Beise" if w == 1 else None, "promised_by": "T" if w > 2 else None}
        | {"contradiction": "promised and not found" if w == 4 else None}
        for d in ("moons", "shells 2-D")
        for a in ("relu", "tanh", "gelu")
        for depth in (1, 2)
        for w in (1, 2, 3, 4)
    ]
    figure = uk.figure(pl.DataFrame(rows))
    figure.canvas.draw()
    check_texts(figure)
    axes = figure.axes[0]
    hatched = [p for p in axes.patches if p.get_hatch()]
    assert len(hatched) == 2
    assert len(axes.patches) == 4
    assert [line.get_xdata()[0] for line in axes.lines] == [1.5, 1.5]
    with pytest.raises(UsageError, match=r"^The figure 'atlas' shows the table of an atlas"):
        uk.figure(pl.DataFrame({"a": [1]}), what="atlas")


def test_data_without_a_known_bound_are_refused():
    with pytest.raises(UsageError) as error:
        uk.atlas(["iris"], **SMALL | {"n_points": 100})
    assert str(error.value) == (
        "The atlas compares with the best possible accuracy; of 'iris' it is not known.\n"
        "Choose data sets that have one: unknot datasets."
    )
