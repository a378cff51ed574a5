"""The minimum width: how many hidden units a data set needs.

In the order in which ``minimum_width`` uses them:

- ``settings``: the arguments, checked. ``points``: which points train and which judge.
- ``ceiling``: what there is to reach. ``theory``: what is proved about the case.
- ``batch``: many networks trained at once by ``training``'s programs, the unit of work.
- ``workers``: the batches on this machine's cores, or on a Dask cluster.
- ``results_file``: trainings as they come, in a Parquet file.
- ``verdict``, ``result``: what the trainings say of each width.
- ``search``: ``minimum_width`` itself. ``sweep``: any shapes and activations.

Importing this package imports no framework; training does.
"""

from unknot.width.result import MinimumWidth, Width

__all__ = ["MinimumWidth", "Width"]
