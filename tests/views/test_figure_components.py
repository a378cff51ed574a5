"""The figure of decision regions: what it counts, and where it shades."""

import numpy as np
import pytest
from matplotlib.figure import Figure
from networks import rings
from pictures import ZOO, check_texts, demo, panels, sentences

from unknot.measures.regions import decision_regions
from unknot.network.mlp import MLP, Dense
from unknot.traces.tracing import trace
from unknot.views.figures import figure
from unknot.views.figures.components import CLOSED, OPEN, SIDE


def enclosing():
    """2 → 3 relu → 1: three creases close the region of one class around 0."""
    angle = 2 * np.pi * np.arange(3) / 3
    first = np.array([np.cos(angle), np.sin(angle)], np.float32)
    hidden = Dense(first, np.zeros(3, np.float32), "relu", "hidden 1")
    output = Dense(np.full((3, 1), -1, np.float32), np.full(1, 0.7, np.float32), "linear", "output")
    return trace(MLP((hidden, output), "sigmoid"), rings(200), lattice=False)


def test_what_is_counted_is_written_and_bounded_pieces_are_darker():
    drawn = figure(enclosing(), what="components")
    text = sentences(drawn)
    assert "outer: 1 piece (unbounded), 1 hole" in text
    assert "inner: 1 piece (bounded), 0 holes" in text
    assert "Counted on two grids, the finer of 512 cells a side, which agree." in text
    (axes,) = panels(drawn)
    pixels = np.asarray(axes.images[0].get_array())
    middle, corner = pixels[SIDE // 2, SIDE // 2], pixels[0, 0]
    # The lightest channel of a colour tells how much of it there is.
    assert np.ptp(middle) / np.ptp(corner) > CLOSED / OPEN / 2
    drawn.canvas.draw()
    check_texts(drawn)


@pytest.mark.parametrize("name", ["three classes", "eight classes", "dead"])
def test_of_every_plane(name):
    drawn = figure(ZOO[name](), what="components")
    drawn.canvas.draw()
    check_texts(drawn)


def test_of_a_layer_and_in_axes_of_ones_own():
    source = demo(100)
    readout = source["readout"]
    k = source.index("readout")
    regions, _ = decision_regions(
        lambda v: source.class_probabilities(v, k), readout.values.astype(float)
    )
    assert [r.bounded for r in regions] == [0, 0]
    text = sentences(figure(source, what="components", layer="readout"))
    assert "outer: 1 piece (unbounded), 0 holes" in text
    axes = Figure().subplots()
    figure(source, what="components", ax=axes)
    assert axes.get_xlabel() == "x"
