"""What the measures cost.

    .venv/bin/python benchmarks/measures.py

Prints the seconds of the whole default table for the demo's trace (100,000 points) and for its
run, and the cost of each measure as points and units grow.
"""

import argparse
import platform
import time

import numpy as np

from unknot import Activation, datasets, fit, trace
from unknot.measures import entries, measure
from unknot.measures.clouds import n_points_for, place_of, random_order
from unknot.measures.measuring import evaluate
from unknot.measures.table import Missing
from unknot.representation import Trace

POINTS = (1_000, 10_000, 100_000, 1_000_000)
UNITS = (2, 16, 128, 1_024)


def seconds_of(call, *arguments, **options):
    start = time.perf_counter()
    call(*arguments, **options)
    return time.perf_counter() - start


def cloud(n_points: int, n_units: int) -> Trace:
    """Two Gaussian classes that overlap, through relu, so that every measure has work to do."""
    rng = np.random.default_rng(0)
    labels = np.arange(n_points) % 2
    values = rng.normal(size=(n_points, n_units)).astype(np.float32)
    values[:, 0] += labels
    return Trace.from_arrays([values, np.maximum(values, 0)], labels, maps=[Activation("relu")])


def cost(name: str, n_points: int, n_units: int) -> str:
    """Milliseconds, or a dash where the measure has no meaning."""
    traced = cloud(n_points, n_units)
    entry = entries[name]
    order = random_order(traced.labels, 0)
    n = n_points_for(entry, [n_units, n_units], n_points)
    start = time.perf_counter()
    try:
        evaluate(entry, place_of(traced, 1, order, n, 0, None))
    except Missing:
        return "–"
    return f"{(time.perf_counter() - start) * 1e3:.0f}"


def print_costs(sizes: tuple[tuple[int, int], ...]) -> None:
    print("| ms | " + " | ".join(f"{n:,} × {m:,}" for n, m in sizes) + " |")
    print("|---|" + "---:|" * len(sizes))
    for name, entry in entries.items():
        if entry.by_default and "view" not in entry.needs:
            print(
                f"| `{name}` | " + " | ".join(cost(name, *size) for size in sizes) + " |",
                flush=True,
            )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tables-only", action="store_true", help="Leave the single costs out.")
    chosen = parser.parse_args()
    print(platform.processor() or platform.machine(), "Python", platform.python_version())
    data = datasets.circles(100_000, noise=0.2, factor=0.5, seed=1)
    run = fit(data, hidden=[6], readout=2, activation="relu", epochs=5, seed=1)
    traced = trace(run)
    measure(trace(run, datasets.circles(200, seed=0)))  # imports, which are not what is measured
    print(f"the demo's trace: {seconds_of(measure, traced):.1f} s")
    n = len(run.checkpoints)
    print(f"the demo's run, {n} checkpoints: {seconds_of(measure, run):.1f} s")
    if not chosen.tables_only:
        print_costs((*((n, 6) for n in POINTS), *((10_000, n) for n in UNITS)))


if __name__ == "__main__":
    main()
