"""The progress bar."""

import os
import pty
import sys
from contextlib import contextmanager, suppress

import pytest
from training_data import circles

from unknot.progress import progress_bar
from unknot.training import fit


@contextmanager
def terminal():
    """stderr is a terminal in the block; call what is given to read what was written to it."""
    reader, writer = pty.openpty()
    os.set_blocking(reader, False)
    with os.fdopen(writer, "w") as stream, pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "stderr", stream)
        patch.setenv("TERM", "xterm")
        patch.setenv("COLUMNS", "120")

        def text():
            stream.flush()
            parts = []
            # One read gives one write at most; no more to read is an error.
            with suppress(BlockingIOError):
                while True:
                    parts.append(os.read(reader, 100_000))
            return b"".join(parts).decode()

        yield text
    os.close(reader)


def test_loss_and_accuracy_on_a_terminal():
    with terminal() as written:
        with progress_bar(True, 10, "training") as show:
            show(10, "loss 0.2500  accuracy 0.8750")
        text = written()
    assert "training" in text
    assert "loss 0.2500  accuracy 0.8750" in text


def test_fit_shows_its_last_epoch():
    with terminal() as written:
        run = fit(circles(100), hidden=[2], epochs=2)
        text = written()
    loss, accuracy = run.history.loss[-1], run.history.accuracy[-1]
    assert f"loss {loss:.4f}  accuracy {accuracy:.4f}" in text


def test_switched_off():
    with terminal() as written:
        fit(circles(100), hidden=[2], epochs=1, progress=False)
        assert written() == ""


def test_silent_where_stderr_is_no_terminal(capfd):
    fit(circles(100), hidden=[2], epochs=1)
    assert capfd.readouterr() == ("", "")
