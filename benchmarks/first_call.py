"""What the first call reaches: ``uk.fit(data)`` with nothing else said.

    python benchmarks/first_call.py [--seeds 10] [--names moons,digits] [--sizes default,200]

A row is a data set and a size, over several seeds of data and training together. *Reached* is the
accuracy on 20,000 fresh points where the generator makes them, otherwise on the held-out rows.
*Possible* is the Bayes accuracy; *others* is the best of four networks of width 64, gradient
boosting and nearest neighbours, from the same training rows and on the same points, which is what
the width search takes as its ceiling where no Bayes accuracy is known. *Within 0.01* counts the
seeds that come so near to the first of the two that is known, and *of others* those that come so
near to the second. Seconds are the whole call, compilation included: median and slowest seed.
"""

import argparse
import time
from dataclasses import replace

import numpy as np

import unknot as uk
from unknot.training.held_out import scaled, standardisation
from unknot.training.network import output_of
from unknot.width.ceiling import ceiling
from unknot.width.points import Split
from unknot.width.settings import checked_budget

FRESH, NEAR = 20_000, 0.01
SIZES = "default,200,2000,20000"


def judged_points(data, run, seed):
    """Rows that judge: fresh ones of the generator, or those held out."""
    if data.bayes_accuracy is None:
        return data.x[run.validation_rows], data.y[run.validation_rows]
    own = {k: v for k, v in data.parameters.items() if k not in ("n", "seed")}
    fresh = uk.datasets.make(data.name, FRESH, seed=seed + 1_000_003, parameters=own)
    return fresh.x, fresh.y


def accuracy(model, x, y):
    """Share of points whose class the model calls right."""
    values = x
    for _, map_ in model.maps():
        # Softmax changes no order, and is not applied.
        values = map_(values) if callable(map_) else values
    called = values[:, 0] > 0.5 if values.shape[1] == 1 else values.argmax(axis=1)
    return float((called == y).mean())


def others(data, run, x, y, seed):
    """The ceiling of the width search, from the run's own training rows."""
    rows = np.delete(np.arange(data.n_points), run.validation_rows)
    scaling = standardisation(data.x[rows])
    kind = np.int32 if output_of(data)[0] == "softmax" else np.float32
    points = Split(
        scaled(data.x[rows], scaling),
        data.y[rows].astype(kind),
        scaled(x, scaling),
        y.astype(kind),
        scaling,
        run.validation_rows,
    )
    budget = checked_budget(
        readout=None,
        optimizer="adam",
        learning_rate=None,
        steps=16_000,
        batch_size=512,
        seed=seed,
    )
    return ceiling(replace(data, bayes_accuracy=None), points, budget, "relu", 1).accuracy


def row(name, n, seeds, compare):
    reached, possible, rival, seconds = [], [], [], []
    for seed in range(seeds):
        data = uk.datasets.make(name, n, seed=seed)
        began = time.perf_counter()
        run = uk.fit(data, seed=seed, progress=False)
        seconds.append(time.perf_counter() - began)
        if data.task == "regression":
            spread = data.y[run.validation_rows].var()
            reached.append(1 - run.history.validation_loss[-1] / spread)
            continue
        x, y = judged_points(data, run, seed)
        reached.append(accuracy(run.model, x, y))
        if compare:
            rival.append(others(data, run, x, y, seed))
        if compare or data.bayes_accuracy:
            possible.append(data.bayes_accuracy or rival[-1])
    tenth = np.sort(reached)[len(reached) // 10]
    text = f"{name} | {data.n_points:,} | {run.model.architecture} | {run.settings['steps']:,} | "
    text += f"{tenth:.4f} | {np.median(reached):.4f}{' (R²)' if data.task == 'regression' else ''}"
    for best in (possible, rival):
        if best:
            near = np.sum(np.array(reached) >= np.array(best) - NEAR)
            text += f" | {np.median(best):.4f} | {near}/{seeds}"
        else:
            text += " | | "
    print(f"| {text} | {np.median(seconds):.1f} | {max(seconds):.1f} |", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--names", default=",".join(uk.datasets.generators))
    parser.add_argument("--sizes", default=SIZES, help="default: as many as the generator makes")
    parser.add_argument("--no-others", action="store_true", help="leave the others out: quicker")
    options = parser.parse_args()
    print(
        "| data | n | network | steps | second worst | median | possible | within 0.01 "
        "| others | of others | seconds | worst |\n" + "|" + "---|" * 12
    )
    for name in options.names.split(","):
        sizes = options.sizes.split(",")
        if name in ("iris", "wine", "breast_cancer", "digits"):
            sizes = ["default"]
        default = uk.datasets.make(name).n_points
        sizes = dict.fromkeys(default if n == "default" else int(n) for n in sizes)
        for n in sizes:
            row(name, n, options.seeds, not options.no_others)


if __name__ == "__main__":
    main()
