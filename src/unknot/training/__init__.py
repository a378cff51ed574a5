"""Training: ``fit(data, hidden=[6]) -> Run``, and the one trainer of ``fit`` and the width search.

In the order in which they are used:

- ``settings``, ``choices``: the arguments and the data, checked; what is chosen where nothing is
  said. ``held_out``: which rows are for validation; standardisation.
- ``network``: initial weights, the flat vector they train in, the forward pass.
- ``programs``: steps and evaluation of n ≥ 1 networks; ``compilation``: the same ahead of time.
- ``interrupt``: Ctrl-C, and long loops in short calls.
- ``epochs``: the loop that runs them, records metrics and takes checkpoints. ``fit``: all of it.

Importing this package imports JAX; nothing else in unknot does.
"""

from unknot.network.optimisers import optimisers
from unknot.training.fit import fit

__all__ = ["fit", "optimisers"]
