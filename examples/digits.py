"""
Digits through two layers
=========================

Handwritten digits: 64 pixels, 32 units, 16 units, 10 classes, the view chosen by rule: planes in
which straight cuts tell the classes apart, then the output with a corner for each class. Each panel
says what its plane hides.

``python examples/digits.py [PICTURE]``
"""

import sys

import unknot as uk

picture = sys.argv[1] if len(sys.argv) > 1 else "docs/gallery/digits.png"

data = uk.datasets.digits()
run = uk.fit(
    data,
    hidden=[32, 16],
    activation="relu",
    optimizer="adam",
    learning_rate=0.003,
    epochs=40,
    standardise=True,
    seed=1,
)
print(f"{run.model.architecture}: {run.history.validation_accuracy[-1]:.3f}")
# A plane hides most of such wide layers: each panel says how much, and which plane it is.
uk.save_figure(uk.figure(uk.trace(run)), picture, dpi=110, small=True)
