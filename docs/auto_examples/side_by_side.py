"""
Too few beside enough, to scrub
===============================

One page, two networks: two relu units that leave a wedge, and three that close the ring. Drag the
timeline: both clouds move together, and points that are selected in one are lit in the other.

``python examples/side_by_side.py [PAGE]``
"""

import sys

import unknot as uk

path = sys.argv[1] if len(sys.argv) > 1 else "side_by_side.html"

data = uk.datasets.circles(20_000, noise=0.2, factor=0.5, seed=1)
result = uk.minimum_width(data, activation="relu", max_width=4, steps=6_000)
title = f"{result.best_failing.width} hidden units are too few, {result.winner.width} are enough"
print(uk.page([result.best_failing.run, result.winner.run], path, title=title))
