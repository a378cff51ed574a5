"""
How often training must be tried
================================

Every dot is a training from a random start. Three relu units are enough for a ring around a disc,
but most trainings of three never find it; with more units than needed nearly all do. One failure
says nothing about the width.

``python examples/restarts.py [PICTURE]``
"""

import sys

import unknot as uk

picture = sys.argv[1] if len(sys.argv) > 1 else "docs/gallery/restarts.png"

data = uk.datasets.circles(20_000, noise=0.2, factor=0.5, seed=1)
result = uk.minimum_width(data, activation="relu", max_width=6, steps=6_000)

winner = result.winner
print(f"{winner.width} units; {winner.restarts_needed} starts find it with 95 % probability")
uk.save_figure(uk.figure(result, size=8), picture, dpi=100, small=True)
