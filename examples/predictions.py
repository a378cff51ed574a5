"""
A number to predict
===================

A target that rises and falls in rings around the middle of the plane. No linear function of the
input tells it; layer by layer the linear probe's R² rises, until a line is left that has the
target in order. Beside it what is predicted of points that were held out, against what is true.

``python examples/predictions.py [PICTURE]``
"""

import sys

import numpy as np
from matplotlib.figure import Figure

import unknot as uk

picture = sys.argv[1] if len(sys.argv) > 1 else "docs/gallery/predictions.png"

random = np.random.default_rng(0)
x = random.uniform(-1, 1, size=(3_000, 2))
target = np.sin(5 * np.hypot(*x.T)) + 0.1 * random.normal(size=len(x))
data = uk.datasets.from_arrays(x, target, name="waves")
run = uk.fit(data, hidden=[16, 16], readout=2, activation="tanh", steps=4_000, seed=1)
trace = uk.trace(run, layers=["hidden 1", "hidden 2", "readout"])
print(*trace.goodness.facts)

paper = Figure(figsize=(13, 8.1))
left, right = paper.subfigures(1, 2, width_ratios=[1.35, 1])
uk.figures.strip(trace, figure=left)
uk.figures.predictions(trace, figure=right)
uk.save_figure(paper, picture, dpi=110)
