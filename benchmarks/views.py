"""The share of the full linear probe that each view keeps, layer by layer.

    python benchmarks/views.py [--only NAME] [--axes 3]

Of digits, iris, wine, breast cancer and 7 classes of 54 features made by scikit-learn (in place
of covertype), each through the network that `fit` chooses: held-out accuracy of a linear probe in
the shown plane over that in the whole layer. A view that sees the labels (`lda`) is fitted to rows
that the probe is judged by, too. Tables as docs/views.md has them.
"""

import argparse

import numpy as np

import unknot as uk
from unknot.measures.faithfulness import MAX_PROBE_POINTS, probe_accuracy
from unknot.motion.projection import project

DATA = ("digits", "iris", "wine", "breast_cancer", "7 classes")
VIEWS = ("following", "lda", "corners", "auto")


def data_of(name: str) -> uk.Dataset:
    """A built-in data set, or the one that stands for covertype."""
    if name != "7 classes":
        return uk.datasets.make(name)
    from sklearn.datasets import make_classification

    x, y = make_classification(
        n_samples=4_000,
        n_features=54,
        n_informative=12,
        n_redundant=10,
        n_classes=7,
        n_clusters_per_class=2,
        class_sep=1.5,
        random_state=0,
    )
    return uk.datasets.from_arrays(x.astype(np.float32), y, name=name)


def shares(name: str, n_axes: int) -> None:
    """Print one table."""
    run = uk.fit(data_of(name), seed=0)
    trace = uk.trace(run, lattice=False)
    print(f"\n{name}: {trace.architecture}, accuracy {trace.accuracy:.3f}\n")
    print("| layer | units | full | " + " | ".join(VIEWS) + " |")
    print("|---|---:|---:|" + "---:|" * len(VIEWS))
    rows = np.arange(trace.n_points)[:MAX_PROBE_POINTS]
    for k, layer in enumerate(trace.representations):
        if layer.n_units <= n_axes:
            continue
        labels = trace.labels[rows]
        full = probe_accuracy(layer.values[rows], labels) or 0.0
        kept: list[str] = []
        for view in VIEWS:
            frame = project(trace, k, view, n_axes).frame[: layer.n_units]
            kept.append(f"{(probe_accuracy(layer.values[rows] @ frame, labels) or 0) / full:.2f}")
        print(f"| {layer.name} | {layer.n_units} | {full:.3f} | {' | '.join(kept)} |")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", choices=DATA)
    parser.add_argument("--axes", type=int, default=2, choices=(2, 3))
    chosen = parser.parse_args()
    for each in [chosen.only] if chosen.only else DATA:
        shares(each, chosen.axes)
