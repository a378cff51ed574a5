"""What a program gets from outside: signals, streams that may be closed or full, others' logs."""

import io
import logging
import os
import signal
import sys
import threading
import warnings
from collections.abc import Generator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import Any

from unknot.errors import UnknotError

#: Libraries that tell of themselves on stderr; what a user must know of them unknot says.
CHATTY = r"(absl|dask|distributed|flax|jax|keras|onnx\w*|optax|sklearn|skops|tensorflow|torch)\b"


class Stops:
    """SIGTERM and SIGHUP do what Ctrl-C does; `last` is the one that came."""

    def __init__(self) -> None:
        self.last: int = signal.SIGINT
        self._previous: dict[int, Any] = {}

    def __enter__(self) -> "Stops":
        if threading.current_thread() is threading.main_thread():
            for name in ("SIGTERM", "SIGHUP"):
                number = getattr(signal, name, None)
                # nohup ignores SIGHUP, and so do we then.
                if number is not None and signal.getsignal(number) is signal.SIG_DFL:
                    self._previous[number] = signal.signal(number, self._stop)
        return self

    def __exit__(self, *error: object) -> None:
        for number, handler in self._previous.items():
            signal.signal(number, handler)

    def _stop(self, number: int, frame: FrameType | None) -> None:
        self.last = number
        handler = signal.getsignal(signal.SIGINT)
        if not callable(handler):
            raise KeyboardInterrupt
        handler(signal.SIGINT, frame)


def open_streams() -> bool:
    """Streams that take every text; whether stdout was there.

    A closed stream would hand its number to the next file that is opened, and that file would
    get what is printed.
    """
    was_there = sys.stdout is not None  # pyright: ignore[reportUnnecessaryComparison]
    for number, name, mode in ((0, "stdin", "r"), (1, "stdout", "w"), (2, "stderr", "w")):
        if getattr(sys, name) is None:
            with suppress(OSError):
                os.fstat(number)
                continue
            while os.open(os.devnull, os.O_RDWR) < number:
                pass
            setattr(sys, name, os.fdopen(number, mode, encoding="utf-8", closefd=False))
    for stream in (sys.stdout, sys.stderr):
        # A Windows shell takes text for cp1252: what it cannot show becomes a question mark.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    return was_there


def flush_stdout() -> None:
    """Write what was printed.

    Raises
    ------
    UnknotError
        When it cannot be written: the disk is full, for one.
    """
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        drop_stdout()
        raise UnknotError(
            f"Cannot write to the standard output: {error.strerror or error}.\n"
            "What was computed is done; files that were asked for are there."
        ) from error


def drop_stdout() -> None:
    """What is still to be printed goes nowhere; Python must not fail while it closes."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


@contextmanager
def hushed(debug: bool) -> Generator[None]:
    """Other libraries' logs and warnings stay off stderr, unless the user debugs."""
    # TensorFlow and PyTorch tell of processors before they are asked, outside of Python.
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    # oneDNN says at every level that it is on.
    os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")
    os.environ.setdefault("TORCH_CPP_LOG_LEVEL", "ERROR")
    os.environ.setdefault("GRPC_VERBOSITY", "ERROR")
    if debug:
        yield
        return
    before = logging.root.manager.disable
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", module=CHATTY)
        logging.disable(logging.CRITICAL)
        try:
            yield
        finally:
            logging.disable(before)
