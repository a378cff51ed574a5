"""How tangled: a number for what the eye sees, at every layer and epoch.

Each measure is one decorated function in a file of this folder.
"""

# ruff: noqa: I001 - in the order of the table
from unknot.measures import probe
from unknot.measures import regression
from unknot.measures import geometry
from unknot.measures import collapse
from unknot.measures import folding
from unknot.measures import topology
from unknot.measures import regions
from unknot.measures import faithfulness
from unknot.measures import displacement
from unknot.measures.collapse import notes
from unknot.measures.faithfulness import (
    NEIGHBOURS,
    Readout,
    probe_accuracy,
    probe_score,
    readout,
    trustworthiness,
)
from unknot.measures.measurement import measure
from unknot.measures.replicates import bootstrap_interval, paired_permutation_p
from unknot.measures.shape import shape_distance
from unknot.measures.similarity import Similarities, cka, cka_matrix, similarities
from unknot.measures.table import Measure, Missing, Place, entries, measure_of
from unknot.table import import_files

#: In the order of the table; a file that is not named here adds its measures below theirs.
_FILES = (
    probe,
    regression,
    geometry,
    collapse,
    folding,
    topology,
    regions,
    faithfulness,
    displacement,
)

__all__ = [
    "NEIGHBOURS",
    "Measure",
    "Missing",
    "Place",
    "Readout",
    "Similarities",
    "bootstrap_interval",
    "cka",
    "cka_matrix",
    "entries",
    "measure",
    "measure_of",
    "notes",
    "paired_permutation_p",
    "probe_accuracy",
    "probe_score",
    "readout",
    "shape_distance",
    "similarities",
    "trustworthiness",
]

import_files(__name__)
