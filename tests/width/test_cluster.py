"""A real Dask cluster: a scheduler and two workers, each a process of its own."""

import os
import subprocess
import sys
import threading
import time

import pytest
from waiting import PATIENCE, wait_until

import unknot as uk
from unknot.errors import UnknotError, UsageError
from unknot.width import workers

pytest.importorskip("distributed")

#: Long enough that a worker can be killed in the middle.
OPTIONS = {"activation": "tanh", "max_width": 3, "restarts": 96, "steps": 2_000,
           "tolerance": 0.02, "progress": False}  # fmt: skip


class Cluster:
    """A scheduler and two workers of one thread each, on a port of its own choosing."""

    def __init__(self, folder):
        self.file = folder / "scheduler.json"
        self.folder = folder
        self.processes = []
        self.scheduler = self._start(
            "dask_scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard"
        )
        wait_until(
            lambda: self.file.exists() or self.scheduler.poll() is not None, "no scheduler starts"
        )
        assert self.scheduler.poll() is None
        self.workers = [
            self._start("dask_worker", "--nthreads", "1", "--no-nanny", "--no-dashboard")
            for _ in range(2)
        ]

    def _start(self, what, *arguments):
        process = subprocess.Popen(
            [
                *(sys.executable, "-m", f"distributed.cli.{what}"),
                *("--scheduler-file", str(self.file), *arguments),
            ],
            cwd=self.folder,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "OMP_NUM_THREADS": "1"},
        )
        self.processes.append(process)
        return process

    def client(self):
        from distributed import Client

        client = Client(scheduler_file=str(self.file), set_as_default=False)
        client.wait_for_workers(2, timeout=PATIENCE)
        return client

    def close(self):
        for process in reversed(self.processes):
            process.kill()
            process.wait()


@pytest.fixture
def two_workers(tmp_path):
    made = Cluster(tmp_path)
    try:
        with made.client() as client:
            yield made, client
    finally:
        made.close()


@pytest.fixture(scope="module")
def data():
    return uk.datasets.circles(4_000, noise=0.2, factor=0.5, seed=1)


@pytest.fixture(scope="module")
def alone(data):
    return uk.minimum_width(data, **OPTIONS)


def table(result):
    return [(w.accuracies, w.losses, w.verdict, w.reason) for w in result]


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_the_same_table_as_one_process(data, alone, two_workers):
    _, client = two_workers
    address = client.scheduler_info()["address"]
    assert table(uk.minimum_width(data, cluster=address, **OPTIONS)) == table(alone)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_the_same_table_when_a_worker_is_killed(data, alone, two_workers, tmp_path):
    made, client = two_workers
    path = tmp_path / "w.parquet"
    killed = []

    def kill():
        # The first results are there, the last are not.
        wait_until(path.exists, "no results are written")
        made.workers[0].kill()
        killed.append(time.monotonic())

    killer = threading.Thread(target=kill)
    killer.start()
    result = uk.minimum_width(data, cluster=client, out=path, **OPTIONS)
    ended = time.monotonic()
    killer.join()
    assert killed[0] < ended
    assert made.workers[0].wait() != 0
    assert table(result) == table(alone)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_a_cluster_without_workers(data, two_workers, monkeypatch):
    made, client = two_workers
    for worker in made.workers:
        worker.kill()
    wait_until(lambda: not client.scheduler_info()["workers"], "the workers are still there")
    monkeypatch.setattr(workers, "WORKER_TIMEOUT", 1)
    with pytest.raises(UnknotError) as error:
        uk.minimum_width(data, cluster=client, **OPTIONS)
    assert str(error.value) == (
        "The cluster has no worker (1 seconds waited).\n"
        "Start one: dask worker ADDRESS; see docs/cluster.md"
    )


@pytest.mark.filterwarnings("ignore")
def test_a_cluster_that_does_not_answer(data, monkeypatch):
    monkeypatch.setattr(workers, "SCHEDULER_TIMEOUT", 1)
    with pytest.raises(UnknotError) as error:
        uk.minimum_width(data, cluster="tcp://127.0.0.1:9", **OPTIONS)
    assert str(error.value) == (
        "The cluster at tcp://127.0.0.1:9 does not answer (1 seconds waited).\n"
        "Check the address and that the scheduler runs: dask scheduler; see docs/cluster.md"
    )


def test_what_is_no_cluster(data):
    with pytest.raises(UsageError) as error:
        uk.minimum_width(data, cluster="nowhere", **OPTIONS)
    assert str(error.value) == (
        "Got 'nowhere' as cluster; allowed: the address of a Dask scheduler, like "
        "'tcp://host:8786', or a dask.distributed.Client.\n"
        "Start one: dask scheduler; see docs/cluster.md"
    )


def test_without_dask(data, monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(UnknotError) as error:
        uk.minimum_width(data, cluster="tcp://127.0.0.1:9", **OPTIONS)
    assert str(error.value) == (
        "A cluster needs Dask, which is not installed.\nInstall it: pip install 'unknot[cluster]'"
    )
