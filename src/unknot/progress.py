"""The progress bar of the whole package: on stderr, nothing where stderr is not a terminal."""

import sys
from collections.abc import Generator
from contextlib import contextmanager
from typing import Protocol


class Show(Protocol):
    """Moves a bar and says a text beside it."""

    def __call__(self, done: int | None = None, text: str = "") -> None:
        """Move the bar to `done`, or by one; `text` stands until the next call."""


@contextmanager
def progress_bar(
    wanted: bool, total: int, name: str, *, unit: str = "", transient: bool = False
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

    columns = (
        TextColumn(escape(name)),
        BarColumn(bar_width=20),
        MofNCompleteColumn(),
        *([TextColumn(escape(unit))] if unit else []),
        TimeRemainingColumn(),
        TextColumn("{task.fields[text]}", markup=False),
    )
    with Progress(*columns, console=Console(stderr=True), transient=transient) as bar:
        task = bar.add_task(name, total=total, text="")

        def show(done: int | None = None, text: str = "") -> None:
            bar.update(task, completed=done, advance=1 if done is None else None, text=text)

        yield show
