"""Training a network on a data set: ``fit(data, hidden=[6]) -> Run``.

One file an idea, in the order in which ``fit`` uses them:

- ``settings``, ``limits``: the arguments and the data, checked.
- ``held_out``: which rows are for validation; standardisation.
- ``network``: the layers as JAX sees them; initial weights; the forward pass.
- ``losses``, ``optimisers``, ``activation_functions``: tables, name → function.
- ``steps``: many optimiser steps as one jitted loop; evaluation likewise.
- ``compilation``: those loops compiled ahead of time, kept for the next run.
- ``epochs``: the loop that runs them, records metrics and takes checkpoints.
- ``checkpoints``, ``interrupt``, ``progress``: when to save, Ctrl-C, the bar.

Importing this package imports JAX; nothing else in unknot does.
"""

from unknot.training.fitting import fit
from unknot.training.optimisers import optimisers

__all__ = ["fit", "optimisers"]
