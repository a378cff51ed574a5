"""The progress bar: trainings done and the best of each width, on stderr of a terminal."""

import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager

from unknot.width.batch import Outcome


@contextmanager
def progress_bar(wanted: bool, n_trainings: int) -> Generator[Callable[[Outcome], None]]:
    """Give a function to be told of every outcome; it does nothing where no bar is shown."""
    if not wanted or not sys.stderr.isatty():
        yield lambda outcome: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
    from rich.progress import TimeRemainingColumn as Remaining

    best: dict[str, float] = {}
    columns = (
        TextColumn("trainings"),
        BarColumn(bar_width=20),
        MofNCompleteColumn(),
        Remaining(),
        TextColumn("{task.fields[text]}"),
    )
    with Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task("trainings", total=n_trainings, text="")

        def show(outcome: Outcome) -> None:
            name = "-".join(map(str, outcome.hidden))
            best[name] = max(best.get(name, 0.0), *outcome.accuracies)
            text = "  ".join(f"{width}: {best[width]:.3f}" for width in sorted(best)[:12])
            bar.update(task, advance=len(outcome.seeds), text=text)

        yield show
