"""Activation functions by name, in NumPy. Each acts on every unit by itself and keeps float32.

Training has the same functions in JAX (`jax.nn` under the same names); a test holds the two to
each other.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from unknot.table import Table

Array = NDArray[np.floating]
activations: Table[Callable[[Array], Array]] = Table("activation")


@activations.add
def relu(z: Array) -> Array:
    """max(0, z)"""
    return np.maximum(z, 0)


@activations.add
def leaky_relu(z: Array) -> Array:
    """z where z > 0, else 0.01 z (Maas et al. 2013)."""
    return np.where(z > 0, z, z * z.dtype.type(0.01))


@activations.add
def tanh(z: Array) -> Array:
    return np.tanh(z)


@activations.add
def sigmoid(z: Array) -> Array:
    """1 / (1 + e⁻ᶻ)"""
    return expit(z)


@activations.add
def gelu(z: Array) -> Array:
    """z Φ(z) by the tanh formula of Hendrycks and Gimpel (2016), as JAX has it by default."""
    inner = np.sqrt(2 / np.pi).astype(z.dtype) * (z + z.dtype.type(0.044715) * z**3)
    return z * z.dtype.type(0.5) * (1 + np.tanh(inner))


@activations.add
def silu(z: Array) -> Array:
    """z · sigmoid(z) (Elfwing et al. 2017)."""
    return z * expit(z)


@activations.add
def softplus(z: Array) -> Array:
    """log(1 + eᶻ)"""
    return np.maximum(z, 0) + np.log1p(np.exp(-np.abs(z)))


@activations.add
def elu(z: Array) -> Array:
    """z where z > 0, else eᶻ − 1 (Clevert et al. 2015)."""
    return np.where(z > 0, z, np.expm1(np.minimum(z, 0)))


@activations.add
def sin(z: Array) -> Array:
    return np.sin(z)


@activations.add
def linear(z: Array) -> Array:
    """z itself."""
    return z
