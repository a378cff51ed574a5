"""
Train it yourself
=================

A page for a class: two data sets of the lesson, 80 noisy moons and the irises, beside those that
the page makes itself. Open it, choose the data, press Train. It is one file, and nothing that is
done in it leaves it.

``python examples/playground.py [PAGE]``
"""

import sys

import unknot as uk

path = sys.argv[1] if len(sys.argv) > 1 else "playground.html"

noisy = uk.datasets.moons(80, noise=0.3, seed=1)
print(uk.playground([noisy, "iris"], path, title="Learning or memorising?"))
