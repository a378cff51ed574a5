"""A real Dask cluster: a scheduler and two workers, each a process of its own."""

import gc
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


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_finished_rows_stay_when_the_scheduler_dies(data, two_workers, tmp_path):
    made, client = two_workers
    path = tmp_path / "w.parquet"
    command = ["width", "circles", "-n", "4000", "-p", "noise=0.2", "--seed", "1", "--json"]
    command += ["--activation", "tanh", "--max-width", "2", "--tolerance", "0.05"]
    command += ["--steps", "1000", "--restarts", "2000", "--out", str(path)]
    search = subprocess.Popen(
        [sys.executable, "-m", "unknot", *command, "--cluster", client.scheduler_info()["address"]],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    wait_until(lambda: path.exists() or search.poll() is not None, "no results are written")
    assert search.poll() is None
    made.scheduler.kill()
    stdout, stderr = search.communicate(timeout=PATIENCE)
    assert (search.returncode, stdout) == (1, "")
    assert stderr.splitlines() == [
        "unknot: The cluster's scheduler is lost: it ended, or the network is gone.",
        "  Start it again; with --out, what was done is kept and the same command goes on from "
        "there.",
    ]
    import polars

    assert 32 <= len(polars.read_parquet(path)) < 4_000


class Silent:
    """A client whose scheduler says what a test makes it say."""

    def __init__(self, answer):
        self.answer, self.scheduler = answer, self
        self.identity = None

    def sync(self, _function, **_options):
        if isinstance(self.answer, Exception):
            raise self.answer
        return {"workers": self.answer}

    def get_versions(self, packages):
        assert packages == ["unknot"]
        return self.answer


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (
            {},
            "The cluster has had no worker for 60 seconds.\n"
            "Start workers: dask worker ADDRESS; with --out, what was done is kept and the same "
            "command goes on from there.",
        ),
        (
            TimeoutError(),
            "The cluster's scheduler is lost: it ended, or the network is gone.\n"
            "Start it again; with --out, what was done is kept and the same command goes on from "
            "there.",
        ),
    ],
)
def test_what_is_lost_for_a_minute_is_given_up(answer, message):
    client, now = Silent(answer), time.monotonic()
    assert workers._check_workers(client, now) == now
    with pytest.raises(UnknotError) as error:
        workers._check_workers(client, now - 61)
    assert str(error.value) == message
    assert workers._check_workers(Silent({"tcp://a:1": {}}), now - 61) > now - 1


def test_what_the_cluster_cancels_is_said_by_its_cause():
    from distributed.client import FutureCancelledError

    lost = FutureCancelledError("a", "scheduler-connection-lost")
    assert str(workers._failed(lost)) == workers.LOST
    gone = workers._failed(FutureCancelledError("a", "already forgotten"))
    assert str(gone) == (
        "The cluster's workers are lost, all at once, and the points with them.\n"
        "Start workers: dask worker ADDRESS; with --out, what was done is kept and the same "
        "command goes on from there."
    )


def versions(python, unknot):
    return {"host": {"python": f"{python}.7.final.0"}, "packages": {"unknot": unknot}}


@pytest.mark.parametrize(
    ("worker", "said"),
    [
        (versions("3.12", "0.1.0"), "Python 3.12 and unknot 0.1.0"),
        (versions("3.11", "0.2.0"), "Python 3.11 and unknot 0.2.0"),
        (versions("3.11", None), "Python 3.11 and no unknot"),
    ],
)
def test_a_worker_of_other_versions_is_refused(worker, said):
    answer = {"client": versions("3.11", "0.1.0"), "workers": {"tcp://a:1": worker}}
    with pytest.raises(UnknotError) as error:
        workers.check_versions(Silent(answer))
    assert str(error.value) == (
        f"The worker tcp://a:1 has {said}; this machine has Python 3.11 and unknot 0.1.0.\n"
        "Install the same versions on every worker: pip install 'unknot[cluster]'"
    )
    same = {"client": versions("3.11", "0.1.0"), "workers": {"tcp://a:1": answer["client"]}}
    workers.check_versions(Silent(same))


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(
    "address", ["tcp://127.0.0.1:9", "tls://127.0.0.1:9", "other://127.0.0.1:9"]
)
def test_a_cluster_that_does_not_answer(data, monkeypatch, capsys, address):
    monkeypatch.setattr(workers, "SCHEDULER_TIMEOUT", 1)
    with pytest.raises(UnknotError) as error:
        uk.minimum_width(data, cluster=address, **OPTIONS)
    assert str(error.value) == (
        f"The cluster at {address} does not answer (1 seconds waited).\n"
        "Check the address and that the scheduler runs: dask scheduler; see docs/cluster.md"
    )
    # A client that never was has nothing to say when it goes.
    del error
    gc.collect()
    assert "Exception ignored" not in capsys.readouterr().err


@pytest.mark.parametrize(
    "address", ["nowhere", "tcp://", "tcp://:8786", "tcp:// :8786", "tcp://a b:1"]
)
def test_what_is_no_cluster(data, address):
    with pytest.raises(UsageError) as error:
        uk.minimum_width(data, cluster=address, **OPTIONS)
    assert str(error.value) == (
        f"Got {address!r} as cluster; allowed: the address of a Dask scheduler, like "
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
