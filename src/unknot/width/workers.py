"""Who does the batches: this machine's cores, or a Dask cluster through joblib's backend."""

import os
import queue
import threading
import time
from collections.abc import Generator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, cast

from unknot.errors import UnknotError, UsageError
from unknot.width.batch import Outcome, Task, train_batch
from unknot.width.points import Split

if TYPE_CHECKING:
    from unknot.training.interrupt import Interrupt

INSTALL = "pip install 'unknot[cluster]'"
#: Seconds to wait for the scheduler, for a first worker, and for any when all are lost.
SCHEDULER_TIMEOUT, WORKER_TIMEOUT, LOST_TIMEOUT = 10, 30, 60
#: Seconds between looks at the workers and at Ctrl-C.
PAUSE = 0.5


def outcomes(
    points: Split, tasks: Sequence[Task], interrupt: "Interrupt", cluster: Any = None
) -> Generator[Outcome]:
    """Do the tasks and give each outcome as it comes, in no particular order.

    After Ctrl-C no more come; the batches in flight are given up.
    """
    if not tasks:
        return
    if cluster is None:
        yield from _on_threads(points, tasks, interrupt)
        return
    yield from _on_cluster(cluster, points, tasks, interrupt)


def _on_threads(points: Split, tasks: Sequence[Task], interrupt: "Interrupt") -> Generator[Outcome]:
    """One batch a core: compiled programs run outside Python's lock."""
    with ThreadPoolExecutor(_n_threads()) as pool:
        waiting: set[Future[Outcome | None]] = {
            pool.submit(train_batch, points, task, interrupt) for task in tasks
        }
        try:
            while waiting:
                done, waiting = wait(waiting, return_when=FIRST_COMPLETED)
                for future in done:
                    outcome = future.result()
                    if outcome is not None:
                        yield outcome
        finally:
            # Whatever ended the loop, nothing is left running.
            if waiting:
                interrupt.requested = True
                pool.shutdown(cancel_futures=True)


def _n_threads() -> int:
    """One a core that this process may use; one in all on an accelerator."""
    import jax

    if jax.default_backend() != "cpu":
        return 1
    if hasattr(os, "sched_getaffinity"):
        return max(1, len(os.sched_getaffinity(0)))
    return os.cpu_count() or 1


def _on_cluster(
    cluster: Any, points: Split, tasks: Sequence[Task], interrupt: "Interrupt"
) -> Generator[Outcome]:
    """Outcomes as the workers send them; batches of a lost worker run again on another.

    Parameters
    ----------
    cluster : str or dask.distributed.Client
        The scheduler's address, ``"tcp://host:8786"``, or a client.
    points : Points
        Sent to every worker once.
    tasks : sequence of Task
    interrupt : Interrupt

    Raises
    ------
    UsageError
        When `cluster` is neither.
    UnknotError
        When Dask is not installed, the scheduler or its workers do not answer, or they are lost.
    """
    with _client(cluster) as client:
        try:
            client.wait_for_workers(1, timeout=WORKER_TIMEOUT)
        except TimeoutError as error:
            raise UnknotError(
                f"The cluster has no worker ({WORKER_TIMEOUT} seconds waited).\n"
                "Start one: dask worker ADDRESS; see docs/cluster.md"
            ) from error
        arrived: queue.SimpleQueue[Outcome | BaseException | None] = queue.SimpleQueue()
        ended = threading.Event()
        threading.Thread(
            target=_collect, args=(client, points, tasks, arrived, ended), daemon=True
        ).start()
        try:
            last_seen = time.monotonic()
            while not interrupt.requested:
                try:
                    item = arrived.get(timeout=PAUSE)
                except queue.Empty:
                    last_seen = _check_workers(client, last_seen)
                    continue
                if item is None:
                    return
                if isinstance(item, BaseException):
                    raise _failed(item) from item
                yield item
        finally:
            ended.set()


def _collect(
    client: Any,
    points: Split,
    tasks: Sequence[Task],
    arrived: "queue.SimpleQueue[Outcome | BaseException | None]",
    ended: threading.Event,
) -> None:
    """Run the tasks and hand on what comes; None at the end. In a thread, since it blocks."""
    import joblib

    try:
        with joblib.parallel_config(
            backend="dask",
            client=client,
            # To every worker: what only one of them held would be lost with it.
            scatter=[points],
            wait_for_workers_timeout=WORKER_TIMEOUT,
        ):
            # One batch of ours is a task: joblib shall not bundle them.
            options: dict[str, Any] = {"batch_size": 1, "pre_dispatch": "all"}
            pool = cast("Any", joblib).Parallel(return_as="generator_unordered", **options)
            call = cast("Any", joblib).delayed(train_batch)
            for outcome in pool(call(points, task) for task in tasks):
                if ended.is_set():
                    return
                arrived.put(outcome)
        arrived.put(None)
    except BaseException as error:
        # Whatever it is, the thread that waits for it must hear of it.
        arrived.put(error)


@contextmanager
def _client(cluster: Any) -> Generator[Any]:
    """A client for an address, closed at the end, or the client that was given."""
    try:
        import distributed
    except ImportError as error:
        raise UnknotError(
            f"A cluster needs Dask, which is not installed.\nInstall it: {INSTALL}"
        ) from error
    if isinstance(cluster, distributed.Client):
        yield cluster
        return
    if not isinstance(cluster, str) or "://" not in cluster:
        raise UsageError(
            f"Got {cluster!r:.100} as cluster; allowed: the address of a Dask scheduler, like "
            "'tcp://host:8786', or a dask.distributed.Client.\n"
            "Start one: dask scheduler; see docs/cluster.md"
        )
    try:
        client = distributed.Client(cluster, timeout=SCHEDULER_TIMEOUT, set_as_default=False)
    except (OSError, TimeoutError, ValueError) as error:
        raise UnknotError(
            f"The cluster at {cluster[:100]} does not answer "
            f"({SCHEDULER_TIMEOUT} seconds waited).\n"
            "Check the address and that the scheduler runs: dask scheduler; see docs/cluster.md"
        ) from error
    try:
        yield client
    finally:
        cast("Any", client).close()


def _check_workers(client: Any, last_seen: float) -> float:
    """When workers were last seen; UnknotError when that is too long ago."""
    now = time.monotonic()
    if client.scheduler_info(n_workers=-1)["workers"]:
        return now
    if now - last_seen > LOST_TIMEOUT:
        raise UnknotError(
            f"The cluster has had no worker for {LOST_TIMEOUT} seconds.\n"
            "Start workers: dask worker ADDRESS; with --out, what was done is kept and the same "
            "command goes on from there."
        )
    return last_seen


def _failed(error: BaseException) -> UnknotError:
    if isinstance(error, UnknotError):
        return error
    if isinstance(error, ModuleNotFoundError):
        return UnknotError(
            f"A worker of the cluster lacks a package: {error}.\n"
            f"Install the same versions on every worker: {INSTALL}"
        )
    text = f"{type(error).__name__}: {error}".splitlines()[0][:150]
    return UnknotError(
        f"The cluster gave up: {text}.\n"
        "Look at the workers' logs (a common cause is too little memory); with --out, what was "
        "done is kept and the same command goes on from there."
    )
