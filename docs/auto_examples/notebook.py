"""
The notebook, step by step
==========================

The notebook that started unknot: data, network, training, hidden units. 100,000 noisy circles, six
relu units, and every pair of them for a hundred new points.

``python examples/notebook.py [PICTURE]``
"""

import sys

import unknot as uk

picture = sys.argv[1] if len(sys.argv) > 1 else "docs/gallery/notebook.png"

# Training data: two noisy concentric circles. The best possible accuracy is known.
data = uk.datasets.circles(100_000, noise=0.2, factor=0.5, seed=1)
print(f"Bayes accuracy {data.bayes_accuracy:.4f}")

# The network: 6 relu units, then a linear layer of 2 units to look at, then one probability.
run = uk.fit(data, hidden=[6], readout=2, activation="relu", epochs=5, seed=1)
for epoch, accuracy in enumerate(run.history.validation_accuracy, start=1):
    print(f"epoch {epoch}: validation accuracy {accuracy:.4f}")

# A new data set of 100 points for looking at, and every layer's output.
test = uk.datasets.circles(100, noise=0.2, factor=0.5, seed=1)
trace = uk.trace(run, test)
for representation in trace.representations:
    print(f"{representation.name:24s} {representation.values.shape}")

# The notebook plots units 0-1, 2-3 and 0-5 of the hidden layer: here are all pairs.
uk.save_figure(uk.figure(trace, what="pairs", layer="hidden 1"), picture, dpi=110, small=True)

# "Do some interpolation for smooth plot transitions": the cloud at any moment in between.
morph = uk.Morph(trace)
print(f"half-way through the relu: {morph.at(1.5).shape}")
