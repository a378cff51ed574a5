"""Ctrl-C asks training to stop, and long loops are cut so that it is heard soon."""

import signal
import threading
import time
from collections.abc import Generator, Sequence
from types import FrameType, TracebackType
from typing import Any


class Interrupt:
    """A context in which the first SIGINT sets `requested` and a second raises.

    The handler is installed in the main thread only (Python allows it nowhere else), not where
    SIGINT is ignored (a background job), and the handler that stood before is put back at the end.
    """

    def __init__(self) -> None:
        self.requested = False
        self._previous: Any = None

    def __enter__(self) -> "Interrupt":
        if threading.current_thread() is threading.main_thread():
            previous = signal.getsignal(signal.SIGINT)
            # Not callable: ignored, the system's default, or installed from outside Python.
            if callable(previous):
                self._previous = previous
                signal.signal(signal.SIGINT, self._handle)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._previous is not None:
            signal.signal(signal.SIGINT, self._previous)

    def _handle(self, number: int, frame: FrameType | None) -> None:
        if self.requested:
            raise KeyboardInterrupt
        self.requested = True


#: How long one call of a compiled loop should take.
SECONDS_PER_CALL = 0.1
#: Most batches in one call: the length of the record that it fills.
MAX_BATCHES = 16_384


class Pace:
    """How many batches to run in a call of a long loop, learnt from the calls before.

    Calls are short so that Ctrl-C and the progress bar need not wait. It decides when control
    comes back, never what is computed.
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
