"""The widget's Python side: epochs, layers and colours in the user's words."""

import base64
import io
import re
import sys

import numpy as np
import pytest
from networks import readout_network, rings
from PIL import Image

import unknot as uk
from unknot.errors import UnknotError, UsageError
from unknot.traces.run import Checkpoint, History, Run
from unknot.views.page import unpack_page
from unknot.views.page.document import document


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


def test_a_saved_notebook_has_a_picture_and_the_page(widget):
    data, _ = widget._repr_mimebundle_()
    assert data["application/vnd.jupyter.widget-view+json"]["model_id"] == widget.model_id
    assert data["text/plain"] == "PageWidget of 'rings'"
    still = data["text/html"]
    (strip,) = re.findall(r'src="data:image/png;base64,([^"]+)"', still)
    with Image.open(io.BytesIO(base64.b64decode(strip))) as picture:
        assert min(picture.size) > 200
    name, kept = re.findall(r'download="([^"]+)" href="data:text/html;base64,([^"]+)"', still)[0]
    assert name == "rings.html"
    assert base64.b64decode(kept).decode() == document(widget.page_file)


def test_a_large_page_is_written_and_not_kept_in_the_notebook(widget, monkeypatch):
    monkeypatch.setattr("unknot.views.widget.MOST_KEPT", 1_000)
    still = widget._repr_mimebundle_()[0]["text/html"]
    assert "data:text/html" not in still
    assert still.endswith("<p>To scrub it: <code>unknot.page(…, 'rings.html')</code></p>")


def test_several_networks_have_a_picture_each(widget):
    both = uk.show([widget.run, widget.run])
    assert both._repr_mimebundle_()[0]["text/html"].count("data:image/png") == 2


def test_a_training_in_the_browser_comes_back_as_a_run(tmp_path):
    data = uk.datasets.moons(40, seed=1)
    widget = uk.show(data, train=True)
    start = widget.run
    assert (widget.tab, widget.steps) == ("train", 0)
    assert start.model.architecture == "2 → 8 tanh → 1 sigmoid"
    assert [c.step for c in start.checkpoints] == [0]
    header, _ = unpack_page(widget.page_file)
    assert header["playground"] == {"is_empty": False}
    # What the browser sends is a saved run.
    trained = uk.fit(data, hidden=[3], epochs=2, seed=1, progress=False)
    message = {"kind": "run", "steps": trained.checkpoints[-1].step}
    seen = []
    widget.observe(lambda change: seen.append(widget.run.checkpoints[-1].step), "steps")
    saved = trained.save(tmp_path / "run.safetensors").read_bytes()
    widget._handle_custom_msg(message, [memoryview(saved)])
    assert seen == [trained.checkpoints[-1].step]
    assert np.array_equal(widget.run.model.layers[0].weight, trained.model.layers[0].weight)
    # Other messages are none of its own.
    widget._handle_custom_msg({"kind": "else"}, [])
    assert widget.steps == trained.checkpoints[-1].step


def test_show_trains_runs_and_data_of_every_kind(widget):
    run = widget.run
    again = uk.show(run, train=True)
    assert again.run is run
    assert "playground" not in unpack_page(again.page_file)[0]
    several = uk.show([(np.eye(4, 3), [0, 1, 0, 1]), "iris"], train=True)
    header, _ = unpack_page(several.page_file)
    assert [each["title"] for each in header["datasets"]] == ["iris"]
    assert header["n_axes"] == 3
    with pytest.raises(UsageError, match="points with labels; got a float"):
        uk.show(1.5, train=True)
    with pytest.raises(UsageError) as caught:
        _ = uk.show(uk.trace(run)).run
    assert str(caught.value) == (
        "This widget shows no run that can be trained.\n"
        "Make one of a run or of data: show(data, train=True)."
    )
    wide = Run(readout_network(0), History(), run.checkpoints[-1:], rings(30), np.arange(0))
    big = np.zeros((4, 20_001), np.float32)
    with pytest.raises(UsageError, match="too many to train on in a page"):
        uk.show((big, [0, 1, 0, 1]), train=True)
    assert uk.show(wide).run is wide
