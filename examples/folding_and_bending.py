"""
Folding against bending
=======================

The same circles through four relu units and through four tanh units: relu folds the plane along
straight creases, tanh bends it smoothly.

``python examples/folding_and_bending.py [PICTURE]``
"""

import sys

import unknot as uk

picture = sys.argv[1] if len(sys.argv) > 1 else "docs/gallery/folding_and_bending.png"

data = uk.datasets.circles(2_000, noise=0.08, factor=0.5, seed=1)
runs = [
    uk.fit(
        data,
        hidden=[4],
        activation=activation,
        optimizer="adam",
        learning_rate=0.02,
        epochs=60,
        seed=3,
    )
    for activation in ("relu", "tanh")
]
for run in runs:
    print(f"{run.model.architecture}: {run.history.validation_accuracy[-1]:.3f}")
uk.save_figure(uk.figure([uk.trace(run) for run in runs], size=13), picture, dpi=100, small=True)
