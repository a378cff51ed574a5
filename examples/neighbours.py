"""Ten digits find their own: maps of neighbours of the logits while a network learns.

python examples/neighbours.py [PICTURE]

Needs pip install 'unknot[neighbours]'.
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
