"""Barcodes and persistence diagrams: the bars are ripser's, and people can read them."""

import numpy as np
import pytest
from pictures import ZOO, check_texts, demo, panels, regression, sentences, words

from unknot import UsageError
from unknot.measures.topology import persistence
from unknot.traces.representation import Trace
from unknot.views.figures import figure
from unknot.views.figures.homology import class_bars, grouped


def rings(n=400):
    """A clean ring of 24 points around another: one hole each."""
    angle = 2 * np.pi * np.arange(n) / n
    circle = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    points = np.concatenate([circle, 0.5 * circle])
    return Trace.from_arrays([points], np.repeat([0, 1], n), class_names=["outer", "inner"])


def test_equal_bars_are_counted():
    diagram = np.array([[0, 1], [0, np.inf], [0, 1], [1, 4]], dtype=float)
    assert grouped(diagram) == [(0, 1, 2), (0, np.inf, 1), (1, 4, 1)]
    assert grouped(np.empty((0, 2))) == []


def test_bars_are_the_persistence_of_each_class():
    source = rings()
    for c, each in enumerate(class_bars(source, 0, 0)):
        expected = persistence(source.representations[0].values[source.labels == c])
        for drawn, known in zip(each.persistence.diagrams, expected.diagrams, strict=True):
            assert sorted(map(tuple, drawn)) == sorted(map(tuple, known))
        assert each.counts == "1 piece, 1 hole"


def test_a_barcode_has_a_line_a_kind_of_bar():
    source = rings()
    drawn = figure(source, what="barcodes")
    assert "outer" in words(drawn)
    assert words(drawn).count("1 piece, 1 hole") == 2
    for axes, each in zip(panels(drawn), class_bars(source, 0, 0), strict=True):
        bars = [bar for diagram in each.persistence.diagrams for bar in grouped(diagram)]
        lines = [line for line in axes.lines if line.get_linewidth() == 4]
        starts = [line.get_xdata()[0] for line in lines]
        assert starts == [birth for birth, _, _ in bars]
        for line, (_, death, _) in zip(lines, bars, strict=True):
            assert np.isinf(death) or line.get_xdata()[1] == death


def test_a_diagram_has_a_mark_a_kind_of_bar():
    source = rings()
    axes = panels(figure(source, what="persistence"))[0]
    bars = [
        bar
        for each in class_bars(source, 0, 0)
        for diagram in each.persistence.diagrams
        for bar in grouped(diagram)
    ]
    marks = [line for line in axes.lines if line.get_marker() in ("o", "^")]
    assert len(marks) == len(bars)
    top = max(line.get_ydata()[0] for line in marks)
    for mark, (birth, death, _) in zip(marks, bars, strict=True):
        # Classes stand a little beside each other.
        assert mark.get_xdata()[0] == pytest.approx(birth, abs=0.1 * top)
        assert mark.get_ydata()[0] == (death if np.isfinite(death) else top)


def test_every_layer_or_the_one_that_is_named():
    source = demo(60)
    assert len(panels(figure(source, what="persistence"))) == len(source.representations)
    assert len(panels(figure(source, what="persistence", layer="readout"))) == 1
    assert "barcodes of readout" in words(figure(source, what="barcodes", layer="readout"))


@pytest.mark.slow
@pytest.mark.parametrize("name", ["demo", "hostile names", "eight classes", "two points", "dead"])
@pytest.mark.parametrize("what", ["barcodes", "persistence"])
@pytest.mark.parametrize("size", [3, 8])
def test_nothing_is_cut_off(name, what, size):
    drawn = figure(ZOO[name](), what=what, size=size)
    drawn.canvas.draw()
    check_texts(drawn)


def test_what_has_no_classes_or_too_many():
    with pytest.raises(UsageError) as raised:
        figure(regression(), what="barcodes")
    assert str(raised.value) == (
        "The figure 'barcodes' shows the topology of classes; the labels of this trace are "
        "numbers to predict."
    )
    with pytest.raises(UsageError) as raised:
        figure(ZOO["forty classes"](), what="persistence")
    assert str(raised.value) == (
        "The figure 'persistence' shows up to 20 classes; this trace has 40."
    )


def test_a_class_without_points_says_so():
    source = Trace.from_arrays([np.eye(3)], [0, 0, 2], class_names=["a", "b", "c"])
    assert "no points" in words(figure(source, what="barcodes"))
    assert "steps from neighbour to neighbour" in sentences(figure(source, what="persistence"))
