"""Bayes accuracies: how often the best possible classifier is right, computed from densities.

With equally likely classes and densities ``p_k`` it is ``∫ max_k p_k(x) dx / n_classes``. One
file for each way to compute that integral: in closed form, along a line or a radius, in the
plane, in space.
"""
