"""How tangled: a number for what the eye sees, at every layer and epoch.

Each measure is one decorated function; importing its file adds it to the table.
"""

from unknot.measures.faithfulness import NEIGHBOURS, Readout, linear_probe, readout, trustworthiness
from unknot.measures.measuring import measure
from unknot.measures.table import Measure, Missing, Place, entries, measure_of

__all__ = [
    "NEIGHBOURS",
    "Measure",
    "Missing",
    "Place",
    "Readout",
    "entries",
    "linear_probe",
    "measure",
    "measure_of",
    "readout",
    "trustworthiness",
]
