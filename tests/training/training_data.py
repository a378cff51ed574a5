"""Small data sets to train on."""

import numpy as np

from unknot.datasets.dataset import Dataset


def circles(n=1000, seed=0, noise=0.2):
    """Two noisy circles of radius 1 and 0.5."""
    random = np.random.default_rng(seed)
    y = np.arange(n) % 2
    angle = random.uniform(0, 2 * np.pi, n)
    radius = np.where(y == 0, 1.0, 0.5)[:, None]
    x = radius * np.stack([np.cos(angle), np.sin(angle)], axis=1)
    x += noise * random.normal(size=x.shape)
    return Dataset(x.astype(np.float32), y, ("outer", "inner"), ("x", "y"), "circles")


def blobs(n=600, n_classes=3, seed=0):
    """Well separated clouds on a circle of radius 4."""
    random = np.random.default_rng(seed)
    y = np.arange(n) % n_classes
    angle = 2 * np.pi * y / n_classes
    x = 4 * np.stack([np.cos(angle), np.sin(angle)], axis=1) + random.normal(size=(n, 2)) / 2
    names = tuple("abcdefgh"[:n_classes])
    return Dataset(x.astype(np.float32), y, names, ("x", "y"), "blobs")


def line(n=600, seed=0):
    """A regression: y = 2 a − b + 1."""
    random = np.random.default_rng(seed)
    x = random.normal(size=(n, 2)).astype(np.float32)
    return Dataset(x, (2 * x[:, 0] - x[:, 1] + 1).astype(np.float32), (), ("a", "b"), "line")
