"""
Before, during and after training
=================================

The same network at its first checkpoint, within the first epoch, and at the end.

``python examples/before_during_after.py [PICTURE]``
"""

import sys
from dataclasses import replace

import unknot as uk

picture = sys.argv[1] if len(sys.argv) > 1 else "docs/gallery/before_during_after.png"

data = uk.datasets.moons(20_000, noise=0.2, seed=1)
run = uk.fit(data, hidden=[8], activation="tanh", epochs=8, learning_rate=0.01, seed=2)

# Checkpoints lie densely where most changes: the middle one is within the first epoch.
middle = len(run.checkpoints) // 2
for i in (0, middle, len(run.checkpoints) - 1):
    print(f"checkpoint {i}: step {run.checkpoints[i].step}, epoch {run.checkpoints[i].epoch:.2f}")
traces = [uk.trace(run, checkpoint=i) for i in (0, middle, -1)]
traces[-1] = replace(traces[-1], name="moons, after training")
uk.save_figure(uk.figure(traces, size=13), picture, dpi=100, small=True)
