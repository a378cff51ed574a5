"""
How tangled, layer by layer and epoch by epoch
==============================================

A spiral of three rounds through three tanh layers. A linear probe reads the classes from ever
earlier layers as training goes on; an affine map between equally wide layers changes almost
nothing.

``python examples/how_tangled.py [PICTURE]``
"""

import sys

import unknot as uk

picture = sys.argv[1] if len(sys.argv) > 1 else "docs/gallery/how_tangled.png"

data = uk.datasets.spirals(4_000, seed=1)
run = uk.fit(
    data,
    hidden=[16, 16, 16],
    activation="tanh",
    optimizer="adam",
    learning_rate=0.005,
    epochs=60,
    seed=2,
)
table = uk.measure(uk.trace(run), measures=["linear_probe", "gdv"])
for row in table.to_dicts():
    print(f"{row['representation']:>24}  probe {row['linear_probe']:.3f}  GDV {row['gdv']:.2f}")
drawn = uk.figure(run, what="heatmap", measures=["linear_probe", "gdv"], size=8)
uk.save_figure(drawn, picture, dpi=110, small=True)
