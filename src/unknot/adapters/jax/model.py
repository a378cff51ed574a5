"""What the adapters of JAX's libraries share."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from unknot.adapters.jax.graph import follow
from unknot.adapters.jax.names import layer_names
from unknot.adapters.network import Array, Network
from unknot.errors import UnknotError, UsageError


def jax_network(
    framework: str,
    function: Callable[[Any], Any],
    sample: Array,
    path: list[str] | None,
    leaves: Sequence[tuple[Sequence[Any], Any]],
    width: int | None,
) -> Network:
    """The network of a function of a batch, with its weights and their places in the model."""
    if path is not None:
        raise UsageError(
            f"A way through a {framework} model cannot be asked for: it is seen where all of its "
            "ways meet.\nLeave path= out."
        )
    n_features = int(np.prod(sample.shape[1:]))
    try:
        chain, outputs, forward = follow(function, sample, layer_names(leaves), framework)
    except UnknotError:
        raise
    except Exception as error:
        if type(error).__name__ == "TracerBoolConversionError":
            raise UsageError(
                f"The {framework} model decides by the values of a point what to do with it, which "
                "JAX cannot compile.\nUse jax.numpy.where or jax.lax.cond in its place."
            ) from error
        if width is not None and sample.ndim == 2 and width != n_features:
            raise UsageError(
                f"The {framework} model takes {width} features; the points have {n_features}.\n"
                "Trace the data it was trained on, or data with the same features."
            ) from error
        error.add_note(
            f"unknot: the {framework} model raised this in its forward pass, for points of shape "
            f"{sample.shape}, dtype {sample.dtype}; the model is as it was before."
        )
        raise
    return Network(
        framework,
        chain.steps,
        lambda batch, known, places: forward(batch),
        notes=chain.notes,
        outputs=outputs,
    )
