"""How fast the minimum width is found, against the same trainings in Keras and scikit-learn.

    python benchmarks/width.py --keras-python /path/to/keras-env/bin/python

The search: 100,000 circles (noise 0.2, factor 0.5), relu, 8 widths × 32 restarts, 16,000 steps of
512 points each, judged on 407,301 fresh points. It is run in a process of its own with an empty
cache of compiled code, and again with what that left behind. Its accuracies are checked against
the known optima.

Keras and scikit-learn do the same trainings one after another: the seconds of a step are measured
for each of a few widths on a sample of steps (the first epoch left out) and multiplied by
256 × 16,000. Judging is not counted for them.

Further: trainings per second as more networks train together, the widths as one masked stack
against one stack a width, and two Dask workers (--cluster) against one process.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import mean, median

import numpy as np
from training import machine

HERE = Path(__file__).parent
OPTIMA = {1: 0.609, 2: 0.719, 3: 0.8866, 4: 0.8889, 5: 0.8889, 6: 0.8894}
WIDTHS, RESTARTS, STEPS, BATCH = range(1, 9), 32, 16_000, 512
SAMPLED = (1, 4, 8)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--keras-python", help="a Python that can import keras, tensorflow, jax")
    parser.add_argument("--cluster", action="store_true", help="two Dask workers as well")
    parser.add_argument("--search-only", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.search_only:
        print(json.dumps(search()))
        return
    print(f"machine: {machine()}, load {os.getloadavg()[0]:.1f}")
    ours = the_search()
    against("scikit-learn", scikit_learn(), ours)
    if arguments.keras_python:
        for backend in ("tensorflow", "jax"):
            against(f"Keras on {backend}", keras(arguments.keras_python, backend), ours)
    together()
    masks()
    if arguments.cluster:
        cluster()


def circles():
    import unknot as uk

    return uk.datasets.circles(100_000, noise=0.2, factor=0.5, seed=1)


def search():
    """The search once, from importing on."""
    began = time.perf_counter()
    import unknot as uk

    result = uk.minimum_width(circles(), activation="relu", progress=False)
    for width, optimum in OPTIMA.items():
        assert abs(result[width].accuracy - optimum) <= 0.002, (width, result[width].accuracy)
    assert result.answer == 3
    return {"wall": time.perf_counter() - began, **result.seconds}


def the_search() -> float:
    """Seconds with an empty cache; printed with those of a second run."""
    with tempfile.TemporaryDirectory() as folder:
        for what in ("nothing cached", "compiled code cached"):
            done = subprocess.run(
                [sys.executable, __file__, "--search-only"],
                env=os.environ | {"XDG_CACHE_HOME": folder},
                stdout=subprocess.PIPE,
                text=True,
                check=True,
            )
            found = json.loads(done.stdout.splitlines()[-1])
            share = found["compile"] / (found["train"] * (os.cpu_count() or 1))
            print(
                f"the search, {what}: {found['wall']:.1f} s in all; compiling takes "
                f"{share:.0%} of the threads' time; {256 / found['train']:.0f} trainings a second"
            )
            if what == "nothing cached":
                cold = found["wall"]
    return cold


def against(who: str, seconds_a_step: dict[int, float], ours: float) -> None:
    total = mean(seconds_a_step.values()) * len(WIDTHS) * RESTARTS * STEPS
    steps = ", ".join(f"width {w}: {1e6 * s:.0f} µs" for w, s in seconds_a_step.items())
    print(f"{who}: a step of {BATCH} points, {steps}; all 256 trainings one after another would")
    print(f"  take {total / 3600:.2f} h: {total / ours:.0f} times the search with nothing cached")


def scikit_learn(epochs: int = 4) -> dict[int, float]:
    """Seconds a step of MLPClassifier, by width."""
    import warnings

    from sklearn.neural_network import MLPClassifier

    data = circles()
    steps = -(-data.n_points // BATCH)
    found = {}
    warnings.simplefilter("ignore")
    for width in SAMPLED:
        options = {"hidden_layer_sizes": (width,), "batch_size": BATCH, "learning_rate_init": 0.1}
        model = MLPClassifier(**options, max_iter=1, warm_start=True, random_state=0)
        times = []
        for _ in range(epochs):
            began = time.perf_counter()
            model.fit(data.x, data.y)
            times.append(time.perf_counter() - began)
        found[width] = median(times[1:]) / steps
    return found


def keras(python: str, backend: str) -> dict[int, float]:
    """Seconds a step of Keras ``fit``, by width."""
    environment = os.environ | {"KERAS_BACKEND": backend, "TF_CPP_MIN_LOG_LEVEL": "3"}
    answer = subprocess.run(
        [python, HERE / "width_keras.py", *map(str, SAMPLED)],
        check=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env=environment,
    ).stdout
    return {int(w): s for w, s in json.loads(answer.splitlines()[-1]).items()}


def prepared(steps: int):
    """Points, and a function from a width and a number of networks to a task."""
    from unknot.width.batch import Task
    from unknot.width.points import split
    from unknot.width.settings import checked_budget

    data = circles()
    points = split(data, n_weights=33, tolerance=0.005, seed=0)
    budget = checked_budget(
        readout=None, optimizer="adam", learning_rate=None, steps=steps, batch_size=BATCH, seed=0
    )

    def task(width: int, n: int):
        recipe = budget.recipe(data, (width,), "relu", len(points.y))
        return Task(recipe, (width,), "relu", tuple((0, restart) for restart in range(n)))

    return points, task


def together(steps: int = 2_000) -> None:
    """Trainings a second of 4 units in one batch of so many networks, on one thread of Python."""
    from unknot.width.batch import train_batch

    points, task = prepared(steps)
    print(f"4 units, trainings of {steps:,} steps, one batch, without compilation and judging:")
    for n in (1, 4, 16, 32, 64, 256):
        times = []
        for _ in range(3):
            train_batch(points, task(4, n))
            times.append(loop_seconds(points, task(4, n)))
        print(f"  {n:4} together: {n / min(times):7.1f} a second")


def programs_of(points, task):
    """The compiled programs of a task."""
    from unknot.training.compilation import compiled_programs

    n = len(points.y)
    return compiled_programs(
        task.recipe, len(task.seeds), n, (n, points.n_judging), points.y.dtype
    )[0]


def loop_seconds(points, task, weights=None) -> float:
    """Seconds of the compiled steps of a task alone."""
    import jax

    from unknot.width.batch import initial_weights

    programs = programs_of(points, task)
    if weights is None:
        weights = initial_weights(task.recipe, task.seeds)
    state = (weights, programs.start(weights))
    state, x, y = jax.device_put((state, points.x, points.y))
    began = time.perf_counter()
    np.asarray(programs.train(state, x, y, 0, task.recipe.steps)[0][0])
    return time.perf_counter() - began


def masks(steps: int = 2_000) -> None:
    """All widths in one stack as wide as the widest, against one stack a width."""
    from unknot.training.network import unpack
    from unknot.width.batch import initial_weights

    points, task = prepared(steps)
    whole = task(8, len(WIDTHS) * RESTARTS)
    masked = initial_weights(whole.recipe, whole.seeds)
    # A relu unit whose weights, in and out, are 0 gets no gradient: it stays out.
    for i in range(len(WIDTHS) * RESTARTS):
        width = WIDTHS[i // RESTARTS]
        # Views of `masked`.
        (weight, bias), (last, _) = unpack(whole.recipe.network, masked[i])
        weight[:, width:] = bias[width:] = last[width:] = 0
    with tempfile.TemporaryDirectory() as folder:
        os.environ["XDG_CACHE_HOME"] = folder
        began = time.perf_counter()
        programs_of(points, whole)
        one = time.perf_counter() - began
        began = time.perf_counter()
        for width in WIDTHS:
            programs_of(points, task(width, RESTARTS))
        several = time.perf_counter() - began
    run_one = min(loop_seconds(points, whole, masked) for _ in range(3))
    run_several = sum(
        min(loop_seconds(points, task(w, RESTARTS)) for _ in range(3)) for w in WIDTHS
    )
    scale = STEPS / steps
    print("8 widths × 32 networks, one batch after the other:")
    print(f"  one masked stack: compiling {one:.1f} s, {STEPS:,} steps {scale * run_one:.1f} s")
    print(f"  one stack a width: compiling {several:.1f} s, {scale * run_several:.1f} s")


def cluster() -> None:
    """The search in one process against two workers of one thread, all warm."""
    from distributed import Client, LocalCluster

    import unknot as uk

    data = circles()

    def seconds(**options) -> float:
        began = time.perf_counter()
        uk.minimum_width(data, restarts=128, progress=False, **options)
        return time.perf_counter() - began

    with (
        LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as made,
        Client(made) as client,
    ):
        for where in ({}, {"cluster": client}):
            seconds(**where)
        alone, there = seconds(), seconds(cluster=client)
    print(f"1,024 trainings, compiled before: one process {alone:.1f} s, two workers {there:.1f} s")


if __name__ == "__main__":
    main()
