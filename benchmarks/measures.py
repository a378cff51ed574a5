"""What the measures cost.

    .venv/bin/python benchmarks/measures.py

Prints the seconds of the whole default table for the demo's trace (100,000 points) and for its
run, and the cost of each measure as points and units grow.
"""

import argparse
import platform
import time

import numpy as np

from unknot import Activation, Affine, datasets, fit, trace
from unknot.measures import entries, measure
from unknot.measures.clouds import n_points_for, place_of, random_order
from unknot.measures.measurement import value_at
from unknot.measures.table import Missing
from unknot.traces.representation import Trace

POINTS = (1_000, 10_000, 100_000, 1_000_000)
UNITS = (2, 16, 128, 1_024)
#: Measures of the map that led to a representation.
OF_AFFINE = ("condition_number", "smallest_singular_value", "determinant_sign")


def seconds_of(call, *arguments, **options):
    start = time.perf_counter()
    call(*arguments, **options)
    return time.perf_counter() - start


def cloud(name: str, n_points: int, n_units: int) -> Trace:
    """Two Gaussian classes that overlap, through a map that gives the measure work to do."""
    rng = np.random.default_rng(0)
    labels = np.arange(n_points) % 2
    values = rng.normal(size=(n_points, n_units)).astype(np.float32)
    values[:, 0] += labels
    if name in OF_AFFINE:
        weight = rng.normal(size=(n_units, n_units)).astype(np.float32)
        map_ = Affine(weight, np.zeros(n_units, np.float32))
    else:
        map_ = Activation("tanh" if name == "saturated_units" else "relu")
    head = Affine(np.ones((n_units, 1), np.float32), np.zeros(1, np.float32))
    after = map_(values)
    return Trace.from_arrays([values, after, head(after)], labels, maps=[map_, head])


def cost(name: str, n_points: int, n_units: int) -> str:
    """Milliseconds, or a dash where the measure has no meaning."""
    traced = cloud(name, n_points, n_units)
    entry = entries[name]
    order = random_order(traced.labels, 0)
    n = n_points_for(entry, [n_units, n_units], n_points)
    shown = [r.values[:, :2] for r in traced.representations[:2]]
    start = time.perf_counter()
    try:
        value_at(entry, place_of(traced, 1, order, n, 0, shown[1], shown[0]))
    except Missing:
        return "–"
    return f"{(time.perf_counter() - start) * 1e3:.0f}"


def print_costs(sizes: tuple[tuple[int, int], ...], names: list[str]) -> None:
    print("| ms | " + " | ".join(f"{n:,} × {m:,}" for n, m in sizes) + " |")
    print("|---|" + "---:|" * len(sizes))
    for name in names:
        print(f"| `{name}` | " + " | ".join(cost(name, *size) for size in sizes) + " |", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tables-only", action="store_true", help="Leave the single costs out.")
    parser.add_argument("--measures", nargs="*", default=list(entries), help="Of the single costs.")
    parser.add_argument("--costs-only", action="store_true", help="Leave the tables out.")
    chosen = parser.parse_args()
    print(platform.processor() or platform.machine(), "Python", platform.python_version())
    if not chosen.costs_only:
        print_tables()
    if not chosen.tables_only:
        print_costs((*((n, 6) for n in POINTS), *((10_000, n) for n in UNITS)), chosen.measures)


def print_tables() -> None:
    data = datasets.circles(100_000, noise=0.2, factor=0.5, seed=1)
    run = fit(data, hidden=[6], readout=2, activation="relu", epochs=5, seed=1)
    traced = trace(run)
    measure(trace(run, datasets.circles(200, seed=0)))  # imports, which are not what is measured
    print(f"the demo's trace: {seconds_of(measure, traced):.1f} s")
    n = len(run.checkpoints)
    print(f"the demo's run, {n} checkpoints: {seconds_of(measure, run):.1f} s")


if __name__ == "__main__":
    main()
