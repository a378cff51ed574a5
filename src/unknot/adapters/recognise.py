"""What a map is: known activations by name or by their values, and a check of every claim.

An adapter only proposes. A claim that does not reproduce what the model did is dropped, so a
subclass that overrides a layer, another slope of leaky_relu or a layer applied along time never
passes for the map that it resembles.
"""

import numpy as np
from numpy.typing import NDArray

from unknot.adapters.network import SINGLE_PRECISION, Array
from unknot.network.activations import activations
from unknot.network.maps import Activation, Affine, Map, Opaque
from unknot.traces.representation import softmax

#: What frameworks call the activations that unknot knows, in lower case and without ``_``.
#: Variants under one name (two formulas of gelu) are told apart by the check of values.
ALIASES = {
    "leakyrelu": "leaky_relu",
    "logistic": "sigmoid",
    "swish": "silu",
    "identity": "linear",
    "sine": "sin",
}

#: Of one activation of a value of size 1: 32 units of roundoff in single precision, with a fast
#: exponential; fewer in lower ones, where the function is worked out in single precision.
ACTIVATION_TOLERANCE = 2e-6


def activation_named(name: str) -> Activation | None:
    """The known activation that goes by a framework's name: ``"LeakyReLU"`` → leaky_relu."""
    plain = name.lower().replace("_", "").removesuffix("activation")
    for known in activations:
        if known.replace("_", "") == plain:
            return Activation(known)
    return Activation(ALIASES[plain]) if plain in ALIASES else None


def activation_by_values(before: Array, after: Array) -> Activation | None:
    """The known activation that turns one cloud into the other, if just one does."""
    if before.shape != after.shape or before.ndim != 2 or before.size == 0:
        return None
    with np.errstate(over="ignore", invalid="ignore"):
        images = {name: activations[name](before) for name in activations if name != "linear"}
    fitting = [
        name for name, image in images.items() if agrees(Activation(name), before, image, after)
    ]
    # Positive values alone cannot tell relu from others: then it is not known.
    return Activation(fitting[0]) if len(fitting) == 1 else None


def apply(
    map_: Map, values: NDArray[np.floating], place: NDArray[np.floating] | None = None
) -> NDArray[np.floating] | None:
    """The image of a cloud, or None where the map is not known or does not fit.

    An affine image is written to `place`, where one of the same precision is given.
    """
    if isinstance(map_, Affine):
        if map_.weight.shape[0] != values.shape[1]:
            return None
        if place is None or place.dtype != np.result_type(values, map_.weight):
            return map_(values)
        np.matmul(values, map_.weight, out=place)
        place += map_.bias
        return place
    if isinstance(map_, Activation):
        with np.errstate(over="ignore", invalid="ignore"):
            return map_(values)
    return softmax(values) if map_.name == "softmax" else None


def agrees(
    map_: Map,
    before: NDArray[np.floating],
    predicted: NDArray[np.floating],
    seen: Array,
    roundoff: float = SINGLE_PRECISION,
) -> bool:
    """Whether a map's image of a cloud is what the model made of it, up to rounding.

    A sum of n products is off by at most n units of roundoff times the sum of their amounts
    (Higham, *Accuracy and Stability of Numerical Algorithms*, 2002, section 3.1); both sides are.
    """
    if predicted.shape != seen.shape:
        return False
    allowed: NDArray[np.floating] | float
    lower = 4 * max(roundoff - SINGLE_PRECISION, 0)
    if isinstance(map_, Affine):
        n_terms = map_.weight.shape[0] + 2
        allowed = np.abs(before) @ np.abs(map_.weight) + np.abs(map_.bias)
        allowed = (2 * n_terms * SINGLE_PRECISION + lower) * allowed + 1e-6
    elif isinstance(map_, Opaque):
        allowed = 1e-4 + lower  # softmax: the error of a probability is that of its logits
    else:
        allowed = (ACTIVATION_TOLERANCE + lower) * (1 + np.abs(predicted))
    with np.errstate(invalid="ignore"):
        return bool(np.all(np.abs(predicted - seen.astype(predicted.dtype)) <= allowed))
