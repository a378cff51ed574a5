"""Tasks to outcomes: on the cores of this machine, or on a cluster."""

import os
from collections.abc import Generator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import TYPE_CHECKING, Any

from unknot.width.batch import Outcome, Task, train_batch
from unknot.width.points import Points

if TYPE_CHECKING:
    from unknot.training.interrupt import Interrupt


def outcomes(
    points: Points, tasks: Sequence[Task], interrupt: "Interrupt", cluster: Any = None
) -> Generator[Outcome]:
    """Do the tasks and give each outcome as it comes, in no particular order.

    After Ctrl-C no more come; the batches in flight are given up.
    """
    if not tasks:
        return
    if cluster is None:
        yield from _on_threads(points, tasks, interrupt)
        return
    from unknot.width.cluster import on_cluster

    yield from on_cluster(cluster, points, tasks, interrupt)


def _on_threads(
    points: Points, tasks: Sequence[Task], interrupt: "Interrupt"
) -> Generator[Outcome]:
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
