"""Data sets: points with labels, made by a generator or read from the user's own data.

``circles(100_000, noise=0.2, seed=1)`` and its like make one; ``generators`` is the table of
them, whichever file of this folder adds one, and `make` calls one by its name.
`from_arrays`, `from_frame` and `from_file` read the user's own, `resolve` takes either a name or
a file, `write` saves one.
"""

from collections.abc import Callable

from unknot.datasets.arrays import constant_features, from_arrays, from_frame
from unknot.datasets.concentric import circles, gaussian_quantiles, interval, shells
from unknot.datasets.curves import linked_rings, moons, s_curve, spirals, swiss_roll
from unknot.datasets.dataset import Dataset, subsample
from unknot.datasets.files import answer_column, from_file, resolve, write
from unknot.datasets.gaussians import blobs, xor
from unknot.datasets.generators import Description, describe, generators, make
from unknot.datasets.manifolds import discs, ring_pairs, shell_pairs
from unknot.datasets.real import breast_cancer, diabetes, digits, iris, wine
from unknot.table import import_files

__all__ = [
    "Dataset",
    "Description",
    "answer_column",
    "blobs",
    "breast_cancer",
    "circles",
    "constant_features",
    "describe",
    "diabetes",
    "digits",
    "discs",
    "from_arrays",
    "from_file",
    "from_frame",
    "gaussian_quantiles",
    "generators",
    "interval",
    "iris",
    "linked_rings",
    "make",
    "moons",
    "resolve",
    "ring_pairs",
    "s_curve",
    "shell_pairs",
    "shells",
    "spirals",
    "subsample",
    "swiss_roll",
    "wine",
    "write",
    "xor",
]

# Those that are named above are named for editors and type checkers; the table has them all.
import_files(__name__)


def __getattr__(name: str) -> Callable[..., Dataset]:
    if name in generators:
        return generators[name]
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *generators})
