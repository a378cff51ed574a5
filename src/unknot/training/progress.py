"""The progress bar: loss and accuracy on stderr, nothing where stderr is not a terminal."""

import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager

#: Called with the steps done in all and the text to show beside the bar.
Show = Callable[[int, str], None]


@contextmanager
def progress_bar(wanted: bool, n_steps: int) -> Generator[Show]:
    """Give a function that moves the bar; it does nothing where no bar is shown."""
    if not wanted or not sys.stderr.isatty():
        yield lambda step, text: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("training"),
        BarColumn(),
        TextColumn("{task.fields[text]}"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task("training", total=n_steps, text="")
        yield lambda step, text: bar.update(task, completed=step, text=text)
