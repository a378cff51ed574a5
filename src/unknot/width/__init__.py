"""The minimum width: how many hidden units does this data need?

One file an idea, in the order in which ``minimum_width`` uses them:

- ``settings``: the arguments, checked. ``points``: which points train and which judge.
- ``ceiling``: what there is to reach. ``theory``: what is proved about the case.
- ``stack``, ``programs``, ``batch``: many networks trained at once, the unit of work.
- ``running``, ``cluster``: the batches on this machine's cores, or on a Dask cluster.
- ``results_file``: trainings as they come, in a Parquet file.
- ``statistics``, ``judging``, ``keeping``, ``result``: verdicts, and the networks kept.
- ``search``: ``minimum_width`` itself. ``sweeping``: ``sweep``, any shapes and activations.

Importing this package imports no framework; training does.
"""

from unknot.width.result import MinimumWidth, Width

__all__ = ["MinimumWidth", "Width"]
