"""What is shown while something runs: a bar on stderr, or the output of a notebook's cell."""

import importlib
import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager
from time import monotonic
from typing import Any, Protocol

#: Characters.
BAR = 20


class Show(Protocol):
    """Moves a bar and says a text beside it."""

    def __call__(self, done: int | None = None, text: str = "") -> None:
        """Move the bar to `done`, or by one; `text` stands until the next call."""


@contextmanager
def progress_bar(
    wanted: bool,
    total: int,
    name: str,
    *,
    unit: str = "",
    transient: bool = False,
    after: float = 0.0,
) -> Generator[Show]:
    """Give a function that moves the bar; it does nothing where no bar is shown.

    Parameters
    ----------
    wanted : bool
    total : int
    name : str
        What is going on, before the bar.
    unit : str
        What is counted, after the numbers.
    transient : bool
        Whether the bar goes away at the end.
    after : float
        Seconds from which there is a bar: what is done sooner shows none.
    """
    if not wanted or not sys.stderr.isatty():
        yield lambda done=None, text="": None
        return
    from rich.console import Console
    from rich.markup import escape
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )
    from rich.table import Column

    console = Console(stderr=True)
    # Where the line is too long, the text is cut and nothing else.
    others = len(f"{name} {BAR * '-'} {total}/{total} {unit} -:--:-- ")
    room = Column(no_wrap=True, max_width=max(console.width - others, 1))
    columns = (
        TextColumn(escape(name)),
        BarColumn(bar_width=BAR),
        MofNCompleteColumn(),
        *([TextColumn(escape(unit))] if unit else []),
        TimeRemainingColumn(),
        TextColumn("{task.fields[text]}", markup=False, table_column=room),
    )
    bar = Progress(*columns, console=console, transient=transient)
    task = bar.add_task(name, total=total, text="")
    start = monotonic()

    def show(done: int | None = None, text: str = "") -> None:
        bar.update(task, completed=done, advance=1 if done is None else None, text=text)
        if not bar.live.is_started and monotonic() - start >= after:
            bar.start()

    if after <= 0:
        bar.start()
    try:
        yield show
    finally:
        # One that never began has nothing to take away.
        if bar.live.is_started:
            bar.stop()


def notebook_output() -> Callable[[str, str], None] | None:
    """A function that shows HTML, or the text beside it, in place of what it showed before.

    None outside Jupyter, its relatives and marimo: neither is imported to find out.
    """
    marimo: Any = sys.modules.get("marimo")
    if marimo is not None and marimo.running_in_notebook():
        return lambda html, text: marimo.output.replace(marimo.Html(html))
    ipython: Any = sys.modules.get("IPython")
    shell = None if ipython is None else ipython.get_ipython()
    # The terminal's IPython shows no HTML: it would print every step anew.
    if shell is None or type(shell).__name__ == "TerminalInteractiveShell":
        return None
    display: Any = importlib.import_module("IPython.display").display
    handle: Any = None

    def show(html: str, text: str) -> None:
        nonlocal handle
        bundle = {"text/html": html, "text/plain": text}
        if handle is None:
            handle = display(bundle, raw=True, display_id=True)
        else:
            handle.update(bundle, raw=True)

    return show
