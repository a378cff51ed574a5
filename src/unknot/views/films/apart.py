"""Films in a process of their own, made while this one does something else."""

import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import IO, Any, Protocol

from unknot.errors import UnknotError
from unknot.traces.representation import Trace

#: Points up to which a trace is in memory twice.
MOST_POINTS = 500_000
#: Seconds that the other process has to clean up when it is stopped.
CLEAN_UP = 10

#: Arguments of ``animate`` by path.
Orders = Mapping[str, Mapping[str, Any]]


class Order(Protocol):
    """Asks for films of a trace and its file; called once."""

    def __call__(self, trace: Trace, file: Path, orders: Orders) -> None:
        """From now on they are made."""


@contextmanager
def films_apart(n_points: int) -> Generator[Order]:
    """Make films while the block runs; they are there when it ends.

    In another process, which has this machine's second core and imports what it needs while this
    one trains. Where there is no second core, or where the points are so many that they should
    not be in memory twice, films are made here after the block.

    Parameters
    ----------
    n_points : int
        Of the trace that there will be.

    Yields
    ------
    function of a trace, its file and arguments of ``animate`` by path

    Raises
    ------
    UnknotError
        When a film cannot be made.
    """
    if n_points > MOST_POINTS or not sys.executable or (os.cpu_count() or 1) < 2:
        asked: list[tuple[Trace, Orders]] = []
        yield lambda trace, file, orders: asked.append((trace, orders))
        for trace, orders in asked:
            _make(trace, orders, progress=True)
        return
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(
            [sys.executable, "-c", CALL],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            env=os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
            # Ctrl-C is for us: we stop it ourselves.
            start_new_session=True,
        )
        try:
            yield _Orders(process)
            _wait(process, log)
        finally:
            _stop(process)


class _Orders:
    """Hands orders to the other process."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._process = process

    def __call__(self, trace: Trace, file: Path, orders: Orders) -> None:
        pipe = self._process.stdin
        assert pipe is not None
        try:
            pipe.write(json.dumps([str(file), orders]).encode())
            pipe.close()
        except BrokenPipeError:
            # It has died: at the end its last words are read.
            return


def _wait(process: subprocess.Popen[bytes], log: IO[bytes]) -> None:
    """Until all films are there; UnknotError with what the other process said of its failure."""
    from unknot.progress import progress_bar

    assert process.stdout is not None
    with progress_bar(True, 2, "films along the layers", transient=True) as advance:
        for _ in process.stdout:
            advance()
    if process.wait():
        log.seek(0)
        said = log.read().decode(errors="replace").strip()
        if ERROR in said:
            raise UnknotError(said.rpartition(ERROR)[2].strip())
        last = said.splitlines()[-1][:300] if said else "it gave no reason"
        raise UnknotError(f"The films along the layers could not be made: {last}")


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(CLEAN_UP)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    for pipe in (process.stdin, process.stdout):
        if pipe is not None and not pipe.closed:
            pipe.close()


#: What the other process runs, and what stands before an error that is meant for users.
CALL = "from unknot.views.films.apart import film_orders; film_orders()"
ERROR = "unknot: "


def film_orders() -> None:
    """Make the films that are ordered on stdin, and print a line for each."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    # Now, while the network is trained: it takes long.
    import_module("unknot.views.films.layers")
    order = sys.stdin.read()
    if not order:
        return
    from unknot.doors import as_trace
    from unknot.traces.storage import load

    file, orders = json.loads(order)
    try:
        _make(as_trace(load(file)), orders, progress=False)
    except UnknotError as error:
        print(ERROR + str(error), file=sys.stderr)
        sys.exit(1)


def _make(trace: Trace, orders: Orders, *, progress: bool) -> None:
    from unknot.views import films

    for path, options in orders.items():
        films.animate(trace, path, progress=progress, **options)
        if not progress:
            print(path, flush=True)
