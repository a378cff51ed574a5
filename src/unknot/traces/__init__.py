"""Clouds at every place in a network, the maps between them, and runs; in memory and on disk."""
