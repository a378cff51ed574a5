"""A training seen while it runs: curves that grow in a notebook, beside the bar of a terminal."""

import sys
import time

from unknot.doors import training_curves
from unknot.progress import Show, notebook_output

#: Seconds between two pictures.
PAUSE = 0.25


class Live:
    """What a training shows; in a notebook only, and where it is wanted.

    Parameters
    ----------
    wanted : bool
    n_epochs, n_steps : int
        As they are planned.
    """

    def __init__(self, wanted: bool, n_epochs: int, n_steps: int) -> None:
        self._output = notebook_output() if wanted else None
        self._n_epochs, self._n_steps = n_epochs, n_steps
        self._metrics: list[dict[str, float]] = []
        self._text = ""
        self._drawn = -PAUSE

    def beside(self, bar: Show) -> Show:
        """Move the bar, and say here what it says."""

        def show(done: int | None = None, text: str = "") -> None:
            bar(done, text)
            self._text = f"step {done or 0:,} of {self._n_steps:,}, training {text}"
            self._draw()

        return show if self._output else bar

    def epoch(self, metrics: dict[str, float]) -> None:
        """Add an epoch to the curves."""
        if self._output:
            self._metrics.append(metrics)
            self._draw()

    def end(self, step: int, interrupted: bool) -> None:
        """Draw what the training has come to, and say so where Ctrl-C has ended it."""
        if interrupted:
            self._text = (
                f"Interrupted at step {step:,} of {self._n_steps:,}: "
                "the run holds what was trained until then."
            )
            if not self._output and (sys.stderr.isatty() or notebook_output()):
                print(self._text, file=sys.stderr)
        self._draw(at_once=True)

    def _draw(self, at_once: bool = False) -> None:
        now = time.monotonic()
        if self._output and (at_once or now - self._drawn >= PAUSE):
            self._drawn = now
            curves = training_curves(self._metrics, self._n_epochs, self._text)
            self._output(curves, self._text)
