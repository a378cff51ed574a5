"""How tangled: a number for what the eye sees, at every layer and epoch."""

from unknot.measures.faithfulness import NEIGHBOURS, Readout, linear_probe, readout, trustworthiness

__all__ = ["NEIGHBOURS", "Readout", "linear_probe", "readout", "trustworthiness"]
