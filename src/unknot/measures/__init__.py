"""How tangled: a number for what the eye sees, at every layer and epoch.

Each measure is one decorated function; importing its file adds it to the table.
"""

# ruff: noqa: I001 - in the order of the table
from unknot.measures import probe
from unknot.measures import class_geometry
from unknot.measures import collapse
from unknot.measures import dimension
from unknot.measures import folding
from unknot.measures import topology
from unknot.measures import faithfulness
from unknot.measures import displacement
from unknot.measures.faithfulness import NEIGHBOURS, Readout, linear_probe, readout, trustworthiness
from unknot.measures.measuring import measure
from unknot.measures.notes import notes
from unknot.measures.similarity import cka, cka_matrix
from unknot.measures.similarities import Similarities, similarities
from unknot.measures.table import Measure, Missing, Place, entries, measure_of

#: The files of measures. A new one is imported above and named here.
FILES = (
    probe,
    class_geometry,
    collapse,
    dimension,
    folding,
    topology,
    faithfulness,
    displacement,
)

__all__ = [
    "FILES",
    "NEIGHBOURS",
    "Measure",
    "Missing",
    "Place",
    "Readout",
    "Similarities",
    "cka",
    "cka_matrix",
    "entries",
    "linear_probe",
    "measure",
    "measure_of",
    "notes",
    "readout",
    "similarities",
    "trustworthiness",
]
