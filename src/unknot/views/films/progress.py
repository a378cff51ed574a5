"""The progress bar of a film: on stderr, nothing where stderr is not a terminal."""

import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager


@contextmanager
def film_bar(wanted: bool, n_frames: int, name: str) -> Generator[Callable[[], None]]:
    """Give a function to call after each frame; it does nothing where no bar is shown."""
    if not wanted or not sys.stderr.isatty():
        yield lambda: None
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
        TextColumn(escape(name[-40:])),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("frames"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task("film", total=n_frames)
        yield lambda: bar.advance(task)
