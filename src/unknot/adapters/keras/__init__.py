"""The adapter of Keras."""
