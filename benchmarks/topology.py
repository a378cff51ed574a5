"""How fast networks simplify the topology of nine discs in a plate, relu against tanh.

    .venv/bin/python benchmarks/topology.py -o topology.png

After Naitzat, Zhitnikov and Lim, JMLR 21:184 (2020). Trains networks until ten of each activation
are right on every point, counts pieces and holes of both classes after every layer, prints the
means and draws them.
"""

import argparse
import time

import numpy as np

from unknot import datasets, fit, trace
from unknot.measures import measure

HIDDEN = [15] * 8
WANTED = 10


def total_betti(
    activation: str, seed: int, epochs: int
) -> tuple[list[int], list[list[int]]] | None:
    """Sum of both classes' pieces and holes by layer, and those of the last layer, the logit.

    None when the network is wrong on a point.
    """
    data = datasets.discs(10_000, seed=seed)
    run = fit(
        data,
        hidden=HIDDEN,
        activation=activation,
        optimizer="adam",
        epochs=epochs,
        validation=0.0,
        seed=seed,
    )
    traced = trace(run, lattice=False)
    assert traced.probabilities is not None
    if (traced.probabilities.argmax(axis=1) != data.y).any():
        return None
    # The input, each hidden layer after its activation, and the logit.
    layers = [0, *range(2, 2 * len(HIDDEN) + 1, 2), 2 * len(HIDDEN) + 1]
    found = measure(traced, measures=["betti"])["betti"].to_list()
    return [int(np.sum(found[k])) for k in layers], found[layers[-1]]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("-o", "--output", help="Draw the means to this file.")
    parser.add_argument("--epochs", type=int, default=240)
    chosen = parser.parse_args()
    curves: dict[str, np.ndarray] = {}
    for activation in ("relu", "tanh"):
        start = time.perf_counter()
        totals: list[list[int]] = []
        simple = seed = 0
        while len(totals) < WANTED and seed < 5 * WANTED:
            result = total_betti(activation, seed, chosen.epochs)
            seed += 1
            if result is not None:
                totals.append(result[0])
                simple += result[1] == [[1, 0], [1, 0]]
        curves[activation] = np.array(totals)
        means = " ".join(f"{value:5.1f}" for value in np.mean(totals, axis=0))
        print(
            f"{activation}: {len(totals)} of {seed} networks right on every point, {simple} of "
            f"them with (1,0) (1,0) in the last layer, {time.perf_counter() - start:.0f} s"
        )
        print(f"  mean sum of Betti numbers, input to last layer: {means}", flush=True)
    if chosen.output:
        draw(curves, chosen.output)


def draw(curves: dict[str, np.ndarray], path: str) -> None:
    from matplotlib.figure import Figure
    from matplotlib.ticker import MaxNLocator

    from unknot import save_figure
    from unknot.draw.style import CLASS_COLOURS, GRID

    figure = Figure(figsize=(6, 3.6), layout="constrained")
    axes = figure.add_subplot()
    for (activation, totals), colour, marker in zip(
        curves.items(), CLASS_COLOURS, "os", strict=False
    ):
        axes.plot(totals.T, color=colour, alpha=0.2, linewidth=1)
        axes.plot(
            totals.mean(axis=0),
            color=colour,
            marker=marker,
            linewidth=2,
            label=f"{activation}, mean of {len(totals)} networks",
        )
    axes.yaxis.set_major_locator(MaxNLocator(integer=True))
    axes.axhline(2, color=GRID, linestyle="--", linewidth=1, zorder=0)
    axes.set(
        xlabel="layer (0: the input, 9: the logit)",
        ylabel="pieces and holes, both classes",
        title="Nine discs in a plate: relu simplifies earlier than tanh",
    )
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False)
    save_figure(figure, path)


if __name__ == "__main__":
    main()
