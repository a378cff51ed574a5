"""Why two hidden units are not enough for a ring around a disc, and three are.

Two units bound a region that runs off to infinity; three can close one around the inner ring.
Each width gets several starts and keeps the best, since a single failure could be bad luck.

    python examples/width.py [PICTURE]
"""

import sys

import unknot as uk

picture = sys.argv[1] if len(sys.argv) > 1 else "docs/gallery/width.png"

data = uk.datasets.circles(2_000, noise=0.1, factor=0.5, seed=1)


def best_of(width, starts=6):
    """The run of this width with the highest held-out accuracy."""
    runs = [
        uk.fit(
            data,
            hidden=[width],
            activation="tanh",
            optimizer="adam",
            learning_rate=0.02,
            epochs=40,
            seed=seed,
        )
        for seed in range(starts)
    ]
    return max(runs, key=lambda run: run.history.validation_accuracy[-1])


runs = [best_of(width) for width in (2, 3)]
for run in runs:
    print(f"{run.model.architecture}: {run.history.validation_accuracy[-1]:.3f}")
uk.save_figure(uk.figure([uk.trace(run) for run in runs], size=13), picture, dpi=100, small=True)
