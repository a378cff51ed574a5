"""Who does the batches: this machine's cores, or a Dask cluster through joblib's backend."""

import os
import queue
import re
import threading
import time
from collections.abc import Generator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, cast

from unknot.errors import UnknotError, UsageError
from unknot.width.batch import Outcome, Task, train_batch
from unknot.width.points import Split

if TYPE_CHECKING:
    from unknot.training.interrupt import Interrupt

INSTALL = "pip install 'unknot[cluster]'"
#: Seconds to wait for the scheduler, for a first worker, and for any when all are lost or the
#: scheduler is silent.
SCHEDULER_TIMEOUT, WORKER_TIMEOUT, LOST_TIMEOUT = 10, 30, 60
#: Seconds that a scheduler has to answer how many workers there are, and to take its leave.
ANSWER_TIMEOUT = 5
#: What goes on after a failure.
KEPT = "with --out, what was done is kept and the same command goes on from there."
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
        When Dask is not installed, the scheduler or its workers do not answer, they are of other
        versions, or they are lost.
    """
    arrived: queue.SimpleQueue[Outcome | BaseException | None] = queue.SimpleQueue()
    ended = threading.Event()
    with _client(cluster, ended) as client:
        try:
            client.wait_for_workers(1, timeout=WORKER_TIMEOUT)
        except TimeoutError as error:
            raise UnknotError(
                f"The cluster has no worker ({WORKER_TIMEOUT} seconds waited).\n"
                "Start one: dask worker ADDRESS; see docs/cluster.md"
            ) from error
        except OSError as error:
            raise UnknotError(LOST) from error
        check_versions(client)
        threading.Thread(
            target=_collect, args=(client, points, tasks, arrived, ended), daemon=True, name=COLLECT
        ).start()
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


#: The thread that collects outcomes.
COLLECT = "unknot-collect"
#: An address with a host; what it names is for Dask to know.
ADDRESS = re.compile(r"\w+://(\[[^\]]+\]|[^:/\s\[]+)(:\d+)?/?")


@contextmanager
def _client(cluster: Any, ended: threading.Event) -> Generator[Any]:
    """A client for an address, closed at the end, or the client that was given."""
    try:
        import distributed
    except ImportError as error:
        raise UnknotError(
            f"A cluster needs Dask, which is not installed.\nInstall it: {INSTALL}"
        ) from error
    if isinstance(cluster, distributed.Client):
        try:
            yield cluster
        finally:
            ended.set()
        return
    if not isinstance(cluster, str) or not ADDRESS.fullmatch(cluster):
        raise UsageError(
            f"Got {cluster!r:.100} as cluster; allowed: the address of a Dask scheduler, like "
            "'tcp://host:8786', or a dask.distributed.Client.\n"
            "Start one: dask scheduler; see docs/cluster.md"
        )
    # In two steps: one that could not connect must be told so, or it complains when it goes.
    client: Any = object.__new__(distributed.Client)
    try:
        client.__init__(cluster, timeout=SCHEDULER_TIMEOUT, set_as_default=False)
    except (OSError, TypeError, ValueError) as error:
        client.status = "closed"
        raise UnknotError(
            f"The cluster at {cluster[:100]} does not answer "
            f"({SCHEDULER_TIMEOUT} seconds waited).\n"
            "Check the address and that the scheduler runs: dask scheduler; see docs/cluster.md"
        ) from error
    try:
        yield client
    finally:
        ended.set()
        with suppress(TimeoutError):
            client.close(timeout=ANSWER_TIMEOUT)
        # Python must not end under a thread that waits for what the client has just given up.
        for thread in threading.enumerate():
            if thread.name == COLLECT:
                thread.join(ANSWER_TIMEOUT)


LOST = f"The cluster's scheduler is lost: it ended, or the network is gone.\nStart it again; {KEPT}"


def check_versions(client: Any) -> None:
    """The workers run what this machine runs.

    Raises
    ------
    UnknotError
        For a worker of another Python or unknot.
    """
    versions = client.get_versions(packages=["unknot"])
    own = _version(versions["client"])
    for address, each in versions["workers"].items():
        if isinstance(each, dict) and _version(each) != own:
            raise UnknotError(
                f"The worker {address} has {_version(each)}; this machine has {own}.\n"
                f"Install the same versions on every worker: {INSTALL}"
            )


def _version(found: Any) -> str:
    """``"Python 3.11 and unknot 0.1.0"``."""
    python = ".".join(str(found["host"]["python"]).split(".")[:2])
    package = found["packages"].get("unknot")
    return f"Python {python} and {'no unknot' if package is None else f'unknot {package}'}"


def _check_workers(client: Any, last_seen: float) -> float:
    """When workers were last seen; UnknotError when that is too long ago."""
    n_workers = _n_workers(client)
    now = time.monotonic()
    if n_workers:
        return now
    if now - last_seen > LOST_TIMEOUT:
        if n_workers is None:
            raise UnknotError(LOST)
        raise UnknotError(
            f"The cluster has had no worker for {LOST_TIMEOUT} seconds.\n"
            f"Start workers: dask worker ADDRESS; {KEPT}"
        )
    return last_seen


def _n_workers(client: Any) -> int | None:
    """How many there are; None where the scheduler does not say."""
    try:
        known = client.sync(
            client.scheduler.identity, n_workers=-1, callback_timeout=ANSWER_TIMEOUT
        )
    except (AttributeError, OSError):  # it has none any more; TimeoutError is an OSError
        return None
    return len(known["workers"])


def _failed(error: BaseException) -> UnknotError:
    if isinstance(error, UnknotError):
        return error
    if isinstance(error, ModuleNotFoundError):
        return UnknotError(
            f"A worker of the cluster lacks a package: {error}.\n"
            f"Install the same versions on every worker: {INSTALL}"
        )
    if "scheduler-connection-lost" in str(error) or type(error).__name__ == "CommClosedError":
        return UnknotError(LOST)
    if type(error).__name__ in ("FutureCancelledError", "CancelledError"):
        return UnknotError(
            "The cluster's workers are lost, all at once, and the points with them.\n"
            f"Start workers: dask worker ADDRESS; {KEPT}"
        )
    text = f"{type(error).__name__}: {error}".splitlines()[0][:150].rstrip(".")
    return UnknotError(
        f"The cluster gave up: {text}.\n"
        f"Look at the workers' logs (a common cause is too little memory); {KEPT}"
    )
