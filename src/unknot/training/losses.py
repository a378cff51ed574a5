"""What each kind of output is trained on: (outputs, labels) → loss and correctness of each row."""

from collections.abc import Callable

import jax
import jax.numpy as jnp

from unknot.table import Table

Loss = Callable[[jax.Array, jax.Array], tuple[jax.Array, jax.Array]]

#: Keyed by ``MLP.output``. Each takes outputs (n_rows, n_outputs) before the output function
#: and labels (n_rows,), and gives loss (n_rows,) and correct (n_rows,) bool.
losses: Table[Loss] = Table("output")


@losses.add
def sigmoid(outputs: jax.Array, y: jax.Array) -> tuple[jax.Array, jax.Array]:
    """Binary cross-entropy of one logit z: log(1 + eᶻ) − y z, safe from overflow of eᶻ."""
    z = outputs[:, 0]
    loss = jnp.maximum(z, 0) - z * y + jnp.log1p(jnp.exp(-jnp.abs(z)))
    return loss, (z > 0) == (y > 0.5)


@losses.add
def softmax(outputs: jax.Array, y: jax.Array) -> tuple[jax.Array, jax.Array]:
    """Cross-entropy of one logit a class: log Σ eᶻ − z[y]."""
    # A comparison picks z[y]: the gradient of an indexing would be a scatter, which is slow.
    picked = jnp.where(y[:, None] == jnp.arange(outputs.shape[1]), outputs, 0).sum(1)
    return jax.nn.logsumexp(outputs, axis=1) - picked, jnp.argmax(outputs, axis=1) == y


@losses.add
def linear(outputs: jax.Array, y: jax.Array) -> tuple[jax.Array, jax.Array]:
    """Squared error of one output; no row is called correct."""
    return (outputs[:, 0] - y) ** 2, jnp.zeros(y.shape, bool)
