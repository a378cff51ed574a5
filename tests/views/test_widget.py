"""The widget's Python side: epochs, layers and colours in the user's words."""

import sys

import numpy as np
import pytest
from networks import readout_network, rings

import unknot as uk
from unknot.errors import UnknotError, UsageError
from unknot.traces.run import Checkpoint, History, Run


@pytest.fixture
def widget():
    models = [readout_network(seed) for seed in range(3)]
    steps = tuple(Checkpoint(10 * i, [0.0, 0.5, 2.0][i], m) for i, m in enumerate(models))
    run = Run(models[-1], History(), steps, rings(30), np.arange(0))
    return uk.show(run, height=400)


def test_layer_by_name_and_number(widget):
    assert widget.layer is None
    widget.layer = "readout"
    assert (widget.t, widget.layer) == (3.0, "readout")
    widget.layer = -1
    assert (widget.t, widget.layer) == (5.0, "probability")
    widget.t = 2.5
    assert widget.layer is None
    with pytest.raises(UsageError, match="Did you mean 'hidden 1'"):
        widget.layer = "hiden 1"
    with pytest.raises(UsageError) as caught:
        widget.layer = 6
    assert str(caught.value) == (
        "Layer 6 does not exist: choose 0 to 5, or a name.\n"
        "Allowed: input, hidden 1 pre-activation, hidden 1, readout, logit, probability."
    )


def test_epoch_becomes_the_moment_between_checkpoints(widget):
    assert widget.epoch is None
    for epoch, u in ((0, 0.0), (0.25, 0.5), (0.5, 1.0), (1.25, 1.5), (2, 2.0)):
        widget.epoch = epoch
        assert widget.u == pytest.approx(u)
        assert widget.epoch == pytest.approx(epoch)
    with pytest.raises(UsageError) as caught:
        widget.epoch = 3
    assert str(caught.value) == "Epoch 3 lies outside the training.\nChoose 0 to 2."


def test_colours(widget):
    for colour in ("class", "predicted", "error", "confidence", "unit:2:5", None):
        widget.colour = colour
        assert widget.colour == colour
    widget.colour = "y"
    assert widget.colour == "unit:0:1"
    for wrong in ("red", "unit:9:0", "unit:2:6", "unit:-1:0", "unit:a:b"):
        with pytest.raises(UsageError, match="Unknown colour"):
            widget.colour = wrong


def test_what_the_browser_gets(widget):
    assert widget.height == 400
    assert widget.page_file[:4] == b"UKSC"
    assert "export{" in widget._esm.replace(" ", "")
    widget.selected = [3, 1]
    assert widget.selected == [3, 1]


def test_without_anywidget_the_next_step_is_told(monkeypatch):
    monkeypatch.setitem(sys.modules, "anywidget", None)
    monkeypatch.delitem(sys.modules, "unknot.views.widget", raising=False)
    with pytest.raises(UnknotError) as caught:
        uk.show(uk.trace(readout_network(), rings(10)))
    assert str(caught.value) == (
        "The widget needs anywidget.\n"
        "Install it (pip install 'unknot[widget]'), or write a file: unknot.page(source, path)"
    )
