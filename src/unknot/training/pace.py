"""Long loops cut into short calls, so that Ctrl-C and the progress bar need not wait."""

import time
from collections.abc import Generator, Sequence

from unknot.training.interrupt import Interrupt
from unknot.training.steps import MAX_BATCHES

#: How long one call of a compiled loop should take.
SECONDS_PER_CALL = 0.1


class Pace:
    """How many batches to run in a call, learnt from the calls before.

    It decides when control comes back, never what is computed.
    """

    def __init__(self, interrupt: Interrupt) -> None:
        self._interrupt = interrupt
        self._batches = 1

    def spans(self, ends: Sequence[int]) -> Generator[tuple[int, int]]:
        """Spans (start, stop) that cover 0 … ``ends[-1]``; each of `ends` is the end of one.

        The caller does a span's work before it asks for the next. After Ctrl-C there are no more.
        """
        start = 0
        for end in ends:
            while start < end:
                if self._interrupt.requested:
                    return
                stop = min(start + self._batches, end)
                began = time.perf_counter()
                yield start, stop
                self._learn(stop - start, time.perf_counter() - began)
                start = stop

    def _learn(self, batches: int, seconds: float) -> None:
        fitting = int(SECONDS_PER_CALL * batches / max(seconds, 1e-9))
        self._batches = max(1, min(4 * self._batches, fitting, MAX_BATCHES))
