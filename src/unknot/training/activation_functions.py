"""The activation functions in JAX, named as ``unknot.network.activations`` names NumPy's."""

from collections.abc import Callable

import jax
import jax.numpy as jnp

from unknot.table import Table

activation_functions: Table[Callable[[jax.Array], jax.Array]] = Table("activation")


@activation_functions.add
def relu(z: jax.Array) -> jax.Array:
    return jax.nn.relu(z)


@activation_functions.add
def leaky_relu(z: jax.Array) -> jax.Array:
    return jax.nn.leaky_relu(z, 0.01)


@activation_functions.add
def tanh(z: jax.Array) -> jax.Array:
    return jnp.tanh(z)


@activation_functions.add
def sigmoid(z: jax.Array) -> jax.Array:
    return jax.nn.sigmoid(z)


@activation_functions.add
def gelu(z: jax.Array) -> jax.Array:
    return jax.nn.gelu(z, approximate=True)


@activation_functions.add
def silu(z: jax.Array) -> jax.Array:
    return jax.nn.silu(z)


@activation_functions.add
def softplus(z: jax.Array) -> jax.Array:
    return jax.nn.softplus(z)


@activation_functions.add
def elu(z: jax.Array) -> jax.Array:
    return jax.nn.elu(z)


@activation_functions.add
def sin(z: jax.Array) -> jax.Array:
    return jnp.sin(z)


@activation_functions.add
def linear(z: jax.Array) -> jax.Array:
    return z
