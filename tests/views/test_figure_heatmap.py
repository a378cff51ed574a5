"""The heat map: cells are the measures of a run, depth by epoch."""

from dataclasses import replace

import numpy as np
import pytest
from networks import network
from pictures import check_texts, demo, panels, run, sentences, words

from unknot import UsageError
from unknot.measures import measure
from unknot.traces.run import Checkpoint
from unknot.views.figures import figure
from unknot.views.figures.heatmap import cell_text


def trained(n=3):
    checkpoints = tuple(Checkpoint(i, float(i), network([2, 3, 1], seed=i)) for i in range(n))
    return replace(run(), model=checkpoints[-1].model, checkpoints=checkpoints)


def heatmap(source, **options):
    return figure(source, what="heatmap", **options)


def test_cells_are_the_measures_of_each_checkpoint():
    source = trained()
    values = measure(source, measures=["linear_probe"])["linear_probe"].to_numpy().reshape(3, -1)
    axes = panels(heatmap(source, measures=["linear_probe"]))[0]
    texts = [t.get_text() for t in axes.texts]
    assert texts == [cell_text(v) for v in values.T.ravel()]
    shown = np.asarray(axes.images[0].get_array())
    assert shown.shape == values.T.shape
    span = values.max() - values.min()
    assert shown == pytest.approx((values.T - values.min()) / span)


def test_light_is_less_tangled():
    source = trained()
    values = measure(source, measures=["gdv"])["gdv"].to_numpy().reshape(3, -1).T
    shown = np.asarray(panels(heatmap(source, measures=["gdv"]))[0].images[0].get_array())
    assert np.argmax(shown) == np.argmin(values)


def test_epochs_and_layers_are_named():
    axes = panels(heatmap(trained()))[0]
    assert [t.get_text() for t in axes.get_xticklabels()] == ["0", "1", "2"]
    names = [t.get_text() for t in axes.get_yticklabels()]
    assert names[0] == "input"
    assert "hidden 1" in names
    # The input is above.
    assert axes.get_ylim()[0] > axes.get_ylim()[1]


def test_many_checkpoints_are_thinned_out():
    drawn = heatmap(trained(40), measures=["gdv"])
    labels = [t.get_text() for t in panels(drawn)[0].get_xticklabels()]
    assert labels[0] == "0"
    assert labels[-1] == "39"
    assert f"{len(labels)} of 40 checkpoints." in sentences(drawn)


@pytest.mark.parametrize("size", [3, 7, 12])
def test_nothing_is_cut_off(size):
    drawn = heatmap(trained(), size=size)
    # The name of an axis finds its place when it is drawn.
    drawn.canvas.draw()
    check_texts(drawn)


def test_the_foot_says_what_light_means():
    text = sentences(heatmap(trained(), measures=["gdv"]))
    assert "Light: less tangled." in text
    text = sentences(heatmap(trained(), measures=["participation_ratio"]))
    assert "Light: more." in text
    # A bound on accuracies says nothing about dimensions.
    assert "more accurate" not in text
    both = sentences(heatmap(trained(), measures=["gdv", "participation_ratio"]))
    assert "Light: less tangled, or more where neither is." in both


def test_a_deep_network_stays_on_a_page():
    deep = network([2, *[3] * 60, 1])
    checkpoints = tuple(Checkpoint(i, float(i), deep) for i in range(2))
    source = replace(run(), model=deep, checkpoints=checkpoints)
    drawn = heatmap(source, measures=["participation_ratio"])
    # 62 rows at their usual height were 33 inches; the map itself has 6.
    assert drawn.get_size_inches()[1] < 9
    drawn.canvas.draw()
    check_texts(drawn)
    labels = [t.get_text() for t in panels(drawn)[0].get_yticklabels()]
    assert labels[0] == "input"
    assert len(labels) < 50


def test_a_trace_has_no_epochs():
    with pytest.raises(UsageError, match="needs a Run, with its checkpoints; got a Trace"):
        heatmap(demo(20))


def test_one_checkpoint():
    assert "epoch" in words(heatmap(run(), measures=["linear_probe"]))


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.8863, "0.886"), (-1.234, "−1.23"), (12.34, "12.3"), (float("nan"), "–"), (0.0, "0")],
)
def test_cell_text(value, text):
    assert cell_text(value) == text
