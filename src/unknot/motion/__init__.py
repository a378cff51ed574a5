"""Continuous motion between layers: the morph, the projections, the camera, and the scene."""
