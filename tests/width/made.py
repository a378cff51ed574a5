"""Outcomes and bars made by hand."""

import numpy as np

from unknot.width.batch import Outcome
from unknot.width.result import Ceiling
from unknot.width.verdict import Bar


def outcome(accuracies, losses=None, width=2, first=0):
    """An outcome whose training accuracies equal the others."""
    n = len(accuracies)
    return Outcome(
        hidden=(width,),
        activation="relu",
        seeds=tuple((0, first + i) for i in range(n)),
        losses=tuple(losses or [1 - a for a in accuracies]),
        training_accuracies=tuple(accuracies),
        accuracies=tuple(accuracies),
        best=int(np.argmax(accuracies)),
        steps=(0, 5, 10),
        checkpoints=np.arange(3 * (3 * width + width + 1), dtype=np.float32).reshape(3, -1),
        history=np.array([[0.7, 0.5], [0.5, 0.6]], np.float32),
        seconds=2.0,
    )


def bar(ceiling=0.9, tolerance=0.01, n_judging=100_000, theory=()):
    return Bar(Ceiling(ceiling, "Bayes accuracy", {}), tolerance, n_judging, theory)
