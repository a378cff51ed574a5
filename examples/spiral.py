"""
A spiral unrolls
================

A film through two tanh layers of sixteen units.

``python examples/spiral.py [PICTURE]``
"""

import sys

import unknot as uk

picture = sys.argv[1] if len(sys.argv) > 1 else "docs/gallery/spiral.webp"

data = uk.datasets.spirals(2_000, arms=2, turns=1.0, noise=0.03, seed=1)
run = uk.fit(
    data,
    hidden=[16, 16],
    activation="tanh",
    optimizer="adam",
    learning_rate=0.01,
    epochs=150,
    seed=1,
)
print(f"{run.model.architecture}: {run.history.validation_accuracy[-1]:.3f}")
uk.animate(uk.trace(run), picture, size=360, fps=12, seconds=10)
