"""Peak memory of tracing 1,000,000 points through 2-64-64-2-1.

    .venv/bin/python benchmarks/memory.py

Prints the peak above what the process held before, over the bytes of the representations kept.
"""

import resource
import time

import numpy as np

from unknot.datasets.dataset import Dataset
from unknot.network.mlp import MLP, Dense
from unknot.traces.tracing import trace

N_POINTS = 1_000_000


def network() -> MLP:
    """Random weights: memory does not depend on them."""
    rng = np.random.default_rng(0)
    shapes = [(2, 64, "relu"), (64, 64, "relu"), (64, 2, "linear"), (2, 1, "linear")]
    return MLP(
        tuple(
            Dense(
                rng.normal(size=(n_in, n_out)).astype(np.float32) / np.float32(np.sqrt(n_in)),
                np.zeros(n_out, np.float32),
                activation,
                f"layer {i}",
            )
            for i, (n_in, n_out, activation) in enumerate(shapes)
        ),
        "sigmoid",
    )


def peak() -> int:
    """Highest resident size so far, in bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def main() -> None:
    x = np.random.default_rng(1).normal(size=(N_POINTS, 2)).astype(np.float32)
    y = (np.linalg.norm(x, axis=1) > 1).astype(np.int64)
    data = Dataset(x, y, ("inside", "outside"), ("x", "y"))
    small = Dataset(x[:1000], y[:1000], data.class_names, data.feature_names)
    trace(network(), small)  # imports and thread pools, which are not what is measured
    before = peak()
    start = time.perf_counter()
    traced = trace(network(), data)
    seconds = time.perf_counter() - start
    kept = sum(r.values.nbytes for r in traced.representations)
    used = peak() - before
    print(f"representations kept  {kept / 1e6:8.0f} MB")
    print(f"peak above the start  {used / 1e6:8.0f} MB   ratio {used / kept:.2f}")
    print(f"seconds               {seconds:8.2f}")


if __name__ == "__main__":
    main()
