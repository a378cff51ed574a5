"""
Bounded, or open to infinity
============================

The whole plane, out to ten times the data, as networks of one to three relu units divide it;
bounded pieces are dark. No layer that is as narrow as the plane has dimensions closes one.

``python examples/regions.py [PICTURE]``
"""

import sys

from matplotlib.figure import Figure

import unknot as uk

picture = sys.argv[1] if len(sys.argv) > 1 else "docs/gallery/regions.png"

data = uk.datasets.circles(20_000, noise=0.1, factor=0.5, seed=1)
found = uk.minimum_width(data, max_width=3, restarts=16, steps=6_000, seed=1)
drawing = Figure(figsize=(9.6, 3.9), layout="constrained")
for width, axes in zip(found, drawing.subplots(1, 3), strict=True):
    trace = uk.trace(width.run, lattice=False)
    uk.figures.components(trace, ax=axes)
    (row,) = uk.measure(trace, measures=["region_components", "region_holes"]).head(1).to_dicts()
    print(f"{width.width} units: {row['region_components']}, holes {row['region_holes']}")
    title = f"{width.width} hidden unit{'s' * (width.width > 1)}"
    for name, pieces, holes in zip(
        data.class_names, row["region_components"], row["region_holes"], strict=True
    ):
        counted = f"{pieces[0]} piece{'s' * (pieces[0] != 1)}, {pieces[1]} bounded"
        title += f"\n{name}: {counted}, {holes[0]} hole{'s' * (holes[0] != 1)}"
    axes.set_title(title, fontsize=9)
uk.save_figure(drawing, picture, dpi=110, small=True)
