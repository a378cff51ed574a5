"""
Ten digits find their own
=========================

Maps of neighbours of the logits from before the training to its end, 1,797 digits. Who is whose
neighbour is true at the twelve checkpoints; distances, and the way between two maps, mean nothing.

``python examples/neighbours.py [PICTURE]``

Needs ``pip install 'unknot[neighbours]'``.
"""

import sys

import unknot as uk

picture = sys.argv[1] if len(sys.argv) > 1 else "docs/gallery/neighbours.webp"

run = uk.fit(uk.datasets.make("digits"), hidden=[32], epochs=60, seed=0)
print(f"{run.model.architecture}: {run.history.validation_accuracy[-1]:.3f}")
uk.animate(
    run,
    picture,
    along="training",
    layer="logit",
    projection="neighbours",
    size=(480, 560),
    fps=12,
    seconds=10,
)
