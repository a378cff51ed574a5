"""Models that unknot did not train, of any framework.

How a model becomes a Trace: `frameworks` finds its row by the bases of its class. The adapter
that the row names opens the model and gives a `network.Network`: the steps that can be seen, the
maps that each claims to be (of a graph, or of calls that were watched, the longest chain), and a
function that runs a batch. `points` reads the data. A sample goes through first, and `claims`
checks each map against what the model did with it; one that does not hold becomes `Opaque`. Then
all points go through in batches (`capture`), `output` says which unit is which class, and `trace`
puts it together.

A new framework is a file or a folder here with ``opened(model, sample, path)``, a context manager
that gives a `Network` and leaves the model as it was, and one row of ``frameworks.FRAMEWORKS``.
"""
