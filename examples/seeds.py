"""
Three seeds, one shape
======================

Three trainings on digits from three seeds, brought together layer by layer. Hidden units have no
order of their own, so each network puts the classes elsewhere; turned to the first one, all three
are seen along the same axes.

``python examples/seeds.py [PICTURE]``
"""

import sys

import unknot as uk

path = sys.argv[1] if len(sys.argv) > 1 else "docs/gallery/seeds.png"

data = uk.datasets.digits()
runs = [uk.fit(data, hidden=[32], epochs=40, seed=seed) for seed in (1, 2, 3)]
aligned = uk.align([uk.trace(run, layers=["hidden 1"]) for run in runs])
print(aligned)
uk.save_figure(uk.figure(aligned), path, small=True)
print(uk.measure(runs, measures=["linear_probe", "gdv"]))
