"""
Which digit is where
====================

A sample of handwritten digits as they look, at their places in every layer, in frames of their
class's colour; rings were held out.

``python examples/digits_thumbnails.py [PICTURE]``
"""

import sys

import unknot as uk

picture = sys.argv[1] if len(sys.argv) > 1 else "docs/gallery/digits_thumbnails.png"

# These data bring their images along; to others they are given: identity={"image": images, …}.
data = uk.datasets.digits()
run = uk.fit(data, hidden=[32], steps=1_500, seed=1)
# Which digit is where, and which lie among those of another class?
drawn = uk.figure(run, thumbnails=True, mark_held_out=True, size=12)
uk.save_figure(drawn, picture, dpi=100, small=True)
