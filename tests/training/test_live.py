"""A training seen while it runs: in a notebook's cell, in a terminal, and nowhere else."""

import os
import re
import signal
import sys
from types import ModuleType

import pytest
from training_data import blobs, circles, line

from unknot.progress import notebook_output
from unknot.training import fit


@pytest.fixture
def shell(monkeypatch):
    """The shell of a notebook's kernel, here, and what its cell has been sent."""
    interactive = pytest.importorskip("IPython.core.interactiveshell")
    shell = interactive.InteractiveShell.instance()
    sent = []
    publish = shell.display_pub.publish
    monkeypatch.setattr(
        shell.display_pub, "publish", lambda data, *_, **options: sent.append((data, options))
    )
    yield sent
    shell.display_pub.publish = publish
    interactive.InteractiveShell.clear_instance()


def test_curves_grow_in_one_place(shell, monkeypatch):
    monkeypatch.setattr("unknot.training.live.PAUSE", 0.0)
    run = fit(circles(100), hidden=[2], epochs=3, show=True)
    places = {options["transient"]["display_id"] for _, options in shell}
    assert len(places) == 1
    assert [options.get("update", False) for _, options in shell] == [False] + [True] * (
        len(shell) - 1
    )
    last, _ = shell[-1]
    assert last["text/plain"].startswith("step 9 of 9, training loss ")
    # Loss and accuracy, each of training and held-out points, of as many epochs as there were.
    curves = re.findall(r'<polyline points="([^"]+)"', last["text/html"])
    assert [len(curve.split()) for curve in curves] == [3, 3, 3, 3]
    # The first loss of the three is the highest, so it stands highest: y grows downwards.
    heights = [float(point.split(",")[1]) for point in curves[0].split()]
    losses = run.history.loss
    assert sorted(range(3), key=heights.__getitem__) == sorted(range(3), key=lambda i: -losses[i])


def test_only_what_there_is_has_curves(shell):
    fit(line(100), hidden=[2], epochs=2, validation=0, show=True)
    assert shell[-1][0]["text/html"].count("<polyline") == 1
    assert "accuracy" not in shell[-1][0]["text/html"]


def test_ctrl_c_is_said_under_the_curves(shell):
    def callback(epoch, metrics):
        if epoch == 2:
            os.kill(os.getpid(), signal.SIGINT)

    run = fit(blobs(100), hidden=[2], epochs=5, callback=callback, show=True)
    assert run.interrupted
    assert shell[-1][0]["text/plain"] == (
        "Interrupted at step 6 of 15: the run holds what was trained until then."
    )


def test_ctrl_c_is_said_where_nothing_was_shown(shell, capsys):
    def callback(epoch, metrics):
        raise KeyboardInterrupt

    fit(circles(100), hidden=[2], epochs=5, callback=callback)
    assert shell == []
    assert capsys.readouterr().err == (
        "Interrupted at step 3 of 15: the run holds what was trained until then.\n"
    )


def test_marimo_shows_them_in_the_cells_output(monkeypatch):
    marimo = ModuleType("marimo")
    shown = []
    marimo.running_in_notebook = lambda: True
    marimo.Html = str
    marimo.output = type("output", (), {"replace": staticmethod(shown.append)})
    monkeypatch.setitem(sys.modules, "marimo", marimo)
    fit(circles(100), hidden=[2], epochs=1, show=True)
    assert "<polyline" in shown[-1]


def test_outside_of_both_nothing_is_shown_and_nothing_breaks(capfd):
    assert notebook_output() is None
    run = fit(circles(100), hidden=[2], epochs=1, show=True)
    assert len(run.history.loss) == 1
    assert capfd.readouterr() == ("", "")
