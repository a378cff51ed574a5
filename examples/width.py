"""
Why width 2 is not enough, and 3 is
===================================

One relu unit cuts along a line, two leave a strip or a wedge that runs off to infinity, three can
close a polygon around the inner ring. Every width is trained from 32 random starts, and the best
network of each is shown.

``python examples/width.py [PICTURE]``
"""

import sys

import unknot as uk

picture = sys.argv[1] if len(sys.argv) > 1 else "docs/gallery/width.png"

data = uk.datasets.circles(20_000, noise=0.2, factor=0.5, seed=1)
result = uk.minimum_width(data, activation="relu", max_width=4, steps=6_000)

for found in result:
    print(f"{found.width} units: {found.accuracy:.4f}, {found.verdict}. {found.reason}")
uk.save_figure(uk.figure(result, what="regions", size=8), picture, dpi=100, small=True)
