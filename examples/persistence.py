"""
Pieces and holes
================

Nine discs in a plate: when pieces and holes of each class vanish, layer by layer. The plate's nine
holes (triangles) are there until the last hidden layer; the logit has none.

``python examples/persistence.py [PICTURE]``

Needs ``pip install 'unknot[topology]'``.
"""

import sys

import unknot as uk

picture = sys.argv[1] if len(sys.argv) > 1 else "docs/gallery/persistence.png"

data = uk.datasets.discs(6_000, seed=1)
run = uk.fit(
    data,
    hidden=[15, 15, 15],
    optimizer="adam",
    learning_rate=0.005,
    epochs=60,
    validation=0,
    seed=1,
)
trace = uk.trace(run)
for row in uk.measure(trace, measures=["betti"]).to_dicts():
    print(f"{row['representation']:>24}  pieces and holes of each class: {row['betti']}")
uk.save_figure(uk.figure(trace, what="persistence", size=7.5), picture, dpi=110, small=True)
