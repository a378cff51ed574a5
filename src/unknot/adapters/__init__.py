"""Models that unknot did not train: one file a framework, found without importing any.

An adapter says where in a model to look and what it takes each map to be (a `Network`); shared
code runs the points through in batches, checks every map against what the model really did, and
keeps the clouds.
"""
