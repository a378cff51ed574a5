"""What an accelerator is worth: the same work on it and on the CPU, in one run.

    .venv/bin/python benchmarks/accelerator.py            # where JAX sees a GPU or TPU
    .venv/bin/python benchmarks/accelerator.py --small    # sizes for a trial on the CPU

Four kinds of work: ``fit`` of 1,000,000 points through two layers of 256 units, a batch of 1,024
trainings as the width search does them, CKA between all layers, and a linear probe of a layer of
256 units. Seconds are those of a second call, with everything compiled; what the first took more
is printed beside them. Results of both devices are held against each other:

- one step of training, from the same weights on the same batch, to the rounding of float32 (a
  long training is chaotic: bits that differ at first are other networks at the end);
- whole trainings by their accuracy, which may differ by four standard errors;
- CKA and probes are NumPy's and scikit-learn's work and run on the CPU whatever there is: what
  they take is printed, so that one sees whether it would be worth moving.

Where JAX sees no accelerator, the CPU is compared with itself, and the script says so.
"""

import argparse
import os
import time
from collections.abc import Callable
from typing import Any

import jax
import numpy as np
from training import machine

import unknot as uk
from unknot.measures.faithfulness import probe_accuracy
from unknot.measures.similarity import cka_matrix
from unknot.training.compilation import compiled_programs
from unknot.training.interrupt import Interrupt
from unknot.training.network import Layout, flat_weights, initial_layers
from unknot.training.programs import Recipe
from unknot.width.batch import Task, train_batch
from unknot.width.points import split

#: Of a sum of n products in float32, relative to the largest weight: rounding grows as √n.
ROUNDING = 1e-4


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--small", action="store_true", help="a hundredth of the work")
    small = parser.parse_args().small
    devices = [jax.devices("cpu")[0]]
    others = [device for device in jax.devices() if device.platform != "cpu"]
    devices += others[:1] or devices
    print(f"machine: {machine()}, load {os.getloadavg()[0]:.1f}")
    print(f"devices: {devices[0].device_kind} against {devices[1].device_kind}")
    if not others:
        print("JAX sees no accelerator: the CPU is compared with itself.")
    n_points = 10_000 if small else 1_000_000
    one_step(devices)
    training(devices, n_points, steps=200 if small else 4_000)
    batch(devices, n_networks=32 if small else 1_024, steps=200 if small else 16_000)
    measures(n_points)


def on(device: Any, work: Callable[[], Any]) -> tuple[Any, float, float]:
    """What the work gives, the seconds of a second call, and what the first took more."""
    seconds: list[float] = []
    result: Any = None
    with jax.default_device(device):
        # Programs that are kept in memory belong to the device they were compiled for.
        compiled_programs.__globals__["_programs"].cache_clear()
        for _ in range(2):
            began = time.perf_counter()
            result = work()
            seconds.append(time.perf_counter() - began)
    return result, seconds[1], max(seconds[0] - seconds[1], 0.0)


def told(what: str, devices: list[Any], work: Callable[[], Any]) -> list[Any]:
    """The results of both devices, their times printed."""
    done = [on(device, work) for device in devices]
    (_, a, first_a), (_, b, first_b) = done
    print(f"{what:44s} {a:8.2f} s (+{first_a:.1f})  {b:8.2f} s (+{first_b:.1f})  × {a / b:.2f}")
    return [result for result, _, _ in done]


def data_of(n_points: int) -> uk.Dataset:
    return uk.datasets.circles(n_points, noise=0.2, factor=0.5, seed=1)


def one_step(devices: list[Any]) -> None:
    """A step from the same weights on the same batch."""
    data = data_of(4_096)
    network = Layout.of(
        n_features=2,
        hidden=(256, 256),
        readout=None,
        activation=("relu",) * 2,
        output=("sigmoid", 1),
    )
    recipe = Recipe(network, "sgd", 0.1, 4_096)
    weights = flat_weights(initial_layers(network.sizes, np.random.default_rng(0)))[None]

    def work() -> Any:
        programs, _ = compiled_programs(recipe, 1, 4_096, (), np.float32)
        rows = jax.device_put((data.x, data.y.astype(np.float32)))
        state, record = programs.train((weights, programs.start(weights)), *rows, 0, 1)
        return np.asarray(state[0])[0], float(np.asarray(record[0])[0, 0])

    (w_a, loss_a), (w_b, loss_b) = told("a step of 4,096 points, 2-256-256-1", devices, work)
    moved = np.abs(w_a - weights[0]).max()
    off = np.abs(w_a - w_b).max() / moved
    print(f"  weights differ by {off:.1e} of the step, losses by {abs(loss_a / loss_b - 1):.1e}")
    assert off <= ROUNDING
    assert abs(loss_a / loss_b - 1) <= ROUNDING


def training(devices: list[Any], n_points: int, steps: int) -> None:
    """``fit`` as a user calls it."""
    data = data_of(n_points)
    options = {"hidden": [256, 256], "steps": steps, "batch_size": 1_024, "progress": False}
    runs = told(f"fit, {n_points:,} points, 2-256-256-1", devices, lambda: uk.fit(data, **options))
    check_accuracies([run.history.validation_accuracy[-1] for run in runs], n_points // 5)


def batch(devices: list[Any], n_networks: int, steps: int) -> None:
    """What the width search gives to one device."""
    from unknot.width.settings import checked_budget

    data = data_of(100_000)
    points = split(data, n_weights=13, tolerance=0.005, seed=0)
    budget = checked_budget(
        readout=None, optimizer="adam", learning_rate=None, steps=steps, batch_size=512, seed=0
    )
    recipe = budget.recipe(data, (3,), "relu", len(points.y))
    task = Task(recipe, (3,), "relu", tuple((0, restart) for restart in range(n_networks)))

    def work() -> Any:
        with Interrupt() as interrupt:
            return train_batch(points, task, interrupt)

    outcomes = told(f"{n_networks:,} trainings at once, 3 relu units", devices, work)
    check_accuracies([max(outcome.accuracies) for outcome in outcomes], points.n_judging)


def measures(n_points: int) -> None:
    """What stays on the CPU, so that one sees what there is to gain."""
    rng = np.random.default_rng(0)
    labels = np.arange(n_points) % 2
    cloud = rng.normal(size=(n_points, 256)).astype(np.float32)
    cloud[:, 0] += labels
    clouds = [cloud, np.maximum(cloud, 0), cloud[:, :64]]
    for what, work in (
        (f"CKA of three layers, {n_points:,} points", lambda: cka_matrix(clouds)),
        ("linear probe, 20,000 × 256", lambda: probe_accuracy(cloud[:20_000], labels[:20_000])),
    ):
        began = time.perf_counter()
        work()
        print(f"{what:44s} {time.perf_counter() - began:8.2f} s on the CPU, whatever there is")


def check_accuracies(accuracies: list[float], n: int) -> None:
    """Both trainings end within four standard errors of a difference, or 0.01."""
    a, b = accuracies
    allowed = max(4 * np.sqrt(2 * a * (1 - a) / n), 0.01)
    print(f"  accuracies {a:.4f} and {b:.4f}")
    assert abs(a - b) <= allowed, (a, b, allowed)


if __name__ == "__main__":
    main()
