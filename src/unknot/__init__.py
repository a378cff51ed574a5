"""unknot."""
