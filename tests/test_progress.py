"""The bar: on a terminal only, and where asked for only once something takes long."""

import io
import sys

import pytest

from unknot import progress


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.mark.parametrize(("seconds", "has_bar"), [(1.9, False), (2.1, True)])
def test_a_bar_comes_when_something_takes_long(monkeypatch, seconds, has_bar):
    terminal, clock = Terminal(), iter([0.0, seconds])
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setattr(progress, "monotonic", lambda: next(clock))
    with progress.progress_bar(True, 4, "drawing", after=2.0) as show:
        show()
    assert ("drawing" in terminal.getvalue()) == has_bar


def test_nothing_is_shown_where_there_is_no_terminal(monkeypatch):
    pipe = io.StringIO()
    monkeypatch.setattr(sys, "stderr", pipe)
    with progress.progress_bar(True, 4, "drawing") as show:
        show()
    assert pipe.getvalue() == ""


def test_a_long_text_is_cut_and_nothing_else(monkeypatch):
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setenv("COLUMNS", "80")
    with progress.progress_bar(True, 256, "trainings") as show:
        show(256, "  ".join(f"{width}: 0.700" for width in range(1, 9)))
    drawn = terminal.getvalue()
    for part in ("trainings", "256/256", "0:00:00", "1: 0.700", "…"):
        assert part in drawn
    assert "8: 0.700" not in drawn
