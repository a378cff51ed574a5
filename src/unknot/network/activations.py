"""The activation functions: one record each.

A record is a decorated formula (see ``formulas``) with what is known of it. Training, morphs,
measures, the width search's theory, adapters, files and the page all read it here, so a new one
is one function in this file.
"""

import math
from typing import Any

import numpy as np

from unknot.network.formulas import (
    ANY,
    NEGATIVE,
    POSITIVE,
    Array,
    Clause,
    activation,
    activations,
    alias,
    clause,
)

__all__ = ["activations"]


def _slope(z: Array, values: Array) -> Array:
    """Of each unit; NaN where it has no value below 0."""
    lowest = z.min(axis=0)
    image = np.take_along_axis(values, z.argmin(axis=0)[None], axis=0)[0]
    return np.where(lowest < 0, image / lowest, np.nan)


def _at_lowest(z: Array, values: Array) -> Any:
    """What becomes of the lowest of all values."""
    return values.flat[z.argmin()]


def _at_highest(z: Array, values: Array) -> Any:
    return values.flat[z.argmax()]


def _floor(z: Array, values: Array) -> Array:
    return -_at_lowest(z, values)


def _depth(z: Array, values: Array) -> Array:
    """Of elu, where the lowest value is."""
    return np.array([_at_lowest(z, values) / np.expm1(z.min())])


def _dipping(lowest: float) -> tuple[Clause, ...]:
    """Of a function that falls to a dip at `lowest` and rises from there."""
    text = f"from {lowest:g} down in turned order".replace("-", "−")
    return (
        clause("negative values are drawn towards 0", NEGATIVE),
        clause(text, (-math.inf, lowest)),
        clause("small positive ones shrink", (0.0, 2.0)),
    )


@activation(
    clause("negative values become 0: points land on faces of the positive orthant", NEGATIVE),
    bounds=(0, math.inf),
    knots=(0,),
    monotone="weakly",
    is_piecewise_linear=True,
    torch=("ReLU",),
    keras=(
        alias("ReLU", {"max_value": (None,), "negative_slope": (0, None), "threshold": (0, None)}),
    ),
    jax=("relu",),
    sklearn=("relu",),
    onnx=("Relu",),
)
def relu(z: Any, of: Any) -> Any:
    """``max(0, z)``."""
    return of.relu(z)


@activation(
    clause("negative values are multiplied by {slope}", NEGATIVE),
    clause("space creases where a value is 0", NEGATIVE, POSITIVE, is_both=True),
    bounds=lambda slope: (-math.inf if np.max(slope) > 0 else 0, math.inf),
    knots=(0,),
    monotone=lambda slope: "strictly" if np.min(slope) > 0 else "no",
    is_piecewise_linear=True,
    estimates={"slope": _slope},
    torch=(alias("LeakyReLU", slope="negative_slope"), alias("PReLU", slope="weight")),
    keras=(
        alias("LeakyReLU", slope="negative_slope"),
        alias("PReLU", slope="alpha"),
        alias("ReLU", {"max_value": (None,), "threshold": (0, None)}, slope="negative_slope"),
    ),
    jax=(alias("leaky_relu", slope="negative_slope"),),
    onnx=(alias("LeakyRelu", slope="alpha"), alias("PRelu", slope="slope")),
)
def leaky_relu(z: Any, of: Any, slope: Any = 0.01) -> Any:
    """``z`` where z ≥ 0, else ``slope · z`` (Maas et al. 2013).

    The slope may be each unit's own (PReLU, He et al. 2015).
    """
    return of.where(z >= 0, z, slope * z)


@activation(
    "values are squeezed smoothly into −1 … 1",
    bounds=(-1, 1),
    torch=("Tanh",),
    keras=("tanh",),
    jax=("tanh",),
    sklearn=("tanh",),
    onnx=("Tanh",),
)
def tanh(z: Any, of: Any) -> Any:
    """``(eᶻ − e⁻ᶻ) / (eᶻ + e⁻ᶻ)``."""
    return of.tanh(z)


@activation(
    "values are squeezed smoothly into 0 … 1",
    bounds=(0, 1),
    torch=("Sigmoid",),
    keras=("sigmoid",),
    jax=("sigmoid",),
    sklearn=("logistic",),
    onnx=("Sigmoid",),
)
def sigmoid(z: Any, of: Any) -> Any:
    """``1 / (1 + e⁻ᶻ)``."""
    return of.sigmoid(z)


@activation(
    *_dipping(-0.76),
    bounds=(-0.171, math.inf),
    monotone="no",
    torch=(alias("GELU", {"approximate": ("tanh",)}),),
    keras=(alias("gelu", {"approximate": (True,)}),),
    jax=("gelu",),
    onnx=(alias("Gelu", {"approximate": (b"tanh", "tanh")}),),
)
def gelu(z: Any, of: Any) -> Any:
    """``z Φ(z)`` by the tanh formula of Hendrycks and Gimpel (2016), as JAX has it by default."""
    return z * (0.5 * (1 + of.tanh(math.sqrt(2 / math.pi) * (z + 0.044715 * z**3))))


@activation(
    *_dipping(-1.3),
    bounds=(-0.279, math.inf),
    monotone="no",
    torch=("SiLU",),
    keras=("silu", "swish"),
    jax=("silu", "swish"),
    onnx=(alias("Swish", {"alpha": (1, None)}),),
)
def silu(z: Any, of: Any) -> Any:
    """``z · sigmoid(z)`` (Elfwing et al. 2017)."""
    return z * of.sigmoid(z)


@activation(
    Clause(
        "all values grow, the lower the more, and none stays negative",
        lambda beta: (ANY,) if np.min(beta) > 0 else (),
    ),
    bounds=(0, math.inf),
    torch=(alias("Softplus", beta="beta"),),
    keras=("softplus",),
    jax=("softplus",),
    onnx=("Softplus",),
)
def softplus(z: Any, of: Any, beta: Any = 1.0) -> Any:
    """``log(1 + e^(βz)) / β``."""
    return of.softplus(beta * z) / beta


@activation(
    clause("negative values are bent, to between 0 and −{alpha}", NEGATIVE),
    bounds=lambda alpha: (-np.max(alpha), math.inf),
    knots=(0,),
    monotone=lambda alpha: "strictly" if np.min(alpha) > 0 else "no",
    estimates={"alpha": _depth},
    torch=(alias("ELU", {"scale": (1, None), "input_scale": (1, None)}, alpha="alpha"),),
    keras=(alias("elu", alpha="alpha"),),
    jax=(alias("elu", alpha="alpha"),),
    onnx=(alias("Elu", alpha="alpha"),),
)
def elu(z: Any, of: Any, alpha: Any = 1.0) -> Any:
    """``z`` where z > 0, else ``α (eᶻ − 1)`` (Clevert et al. 2015)."""
    return of.where(z > 0, z, alpha * of.expm1(of.where(z > 0, 0.0, z)))


@activation(
    clause("values are wrapped into waves", (-math.inf, -math.pi / 2), (math.pi / 2, math.inf)),
    otherwise="values are squeezed smoothly, none is far enough out to be wrapped",
    bounds=(-1, 1),
    monotone="no",
    torch=("sin",),
    keras=("sin",),
    jax=("sin",),
    onnx=("Sin",),
)
def sin(z: Any, of: Any) -> Any:
    """``sin z`` (Sitzmann et al. 2020)."""
    return of.sin(z)


@activation(
    "nothing changes",
    is_piecewise_linear=True,
    torch=("Identity",),
    keras=("linear",),
    jax=("identity",),
    sklearn=("identity",),
    onnx=("Identity",),
)
def linear(z: Any, of: Any) -> Any:
    """``z`` itself."""
    return z


@activation(
    *_dipping(-0.76),
    bounds=(-0.17, math.inf),
    monotone="no",
    torch=(alias("GELU", {"approximate": ("none", None)}),),
    keras=(alias("gelu", {"approximate": (False, None)}),),
    jax=("gelu",),
    onnx=(alias("Gelu", {"approximate": (b"none", "none", None)}),),
)
def exact_gelu(z: Any, of: Any) -> Any:
    """``z Φ(z)``, Φ the normal distribution function (Hendrycks and Gimpel 2016)."""
    return z * (0.5 * (1 + of.erf(z * math.sqrt(0.5))))


@activation(
    *_dipping(-1.2),
    bounds=(-0.309, math.inf),
    monotone="no",
    torch=("Mish",),
    keras=("mish",),
    jax=("mish",),
    onnx=("Mish",),
)
def mish(z: Any, of: Any) -> Any:
    """``z tanh(log(1 + eᶻ))`` (Misra 2019)."""
    return z * of.tanh(of.softplus(z))


@activation(
    clause("negative values are bent, to between 0 and −{alpha}", NEGATIVE),
    bounds=lambda alpha: (-np.max(alpha), math.inf),
    knots=(0,),
    monotone=lambda alpha: "strictly" if np.min(alpha) > 0 else "no",
    estimates={"alpha": _floor},
    torch=(alias("CELU", alpha="alpha"),),
    keras=(alias("celu", alpha="alpha"),),
    jax=(alias("celu", alpha="alpha"),),
    onnx=(alias("Celu", alpha="alpha"),),
)
def celu(z: Any, of: Any, alpha: Any = 1.0) -> Any:
    """``z`` where z > 0, else ``α (e^(z/α) − 1)``: without a corner (Barron 2017)."""
    return of.where(z > 0, z, alpha * of.expm1(of.where(z > 0, 0.0, z) / alpha))


@activation(
    clause("negative values are bent, to between 0 and −1.8", NEGATIVE),
    clause("positive ones grow by a twentieth", POSITIVE),
    bounds=(-1.7582, math.inf),
    knots=(0,),
    torch=("SELU",),
    keras=("selu",),
    jax=("selu",),
    onnx=(
        alias(
            "Selu",
            {
                "alpha": (None, 1.67326319217681884765625),
                "gamma": (None, 1.05070102214813232421875),
            },
        ),
    ),
)
def selu(z: Any, of: Any) -> Any:
    """1.0507 times elu with α = 1.6733 (Klambauer et al. 2017)."""
    scale, alpha = 1.0507009873554805, 1.6732632423543772
    return scale * of.where(z > 0, z, alpha * of.expm1(of.where(z > 0, 0.0, z)))


@activation(
    Clause("negative values become 0", lambda ceiling: (NEGATIVE,) if np.min(ceiling) >= 0 else ()),
    Clause("values above {ceiling} become {ceiling}", lambda ceiling: ((ceiling, math.inf),)),
    bounds=lambda ceiling: (0, np.max(ceiling)),
    knots=lambda ceiling: (0, ceiling),
    monotone="weakly",
    is_piecewise_linear=True,
    estimates={"ceiling": _at_highest},
    torch=(
        alias("ReLU6", {"max_val": (None,)}),
        alias("ReLU6", {"min_val": (0,)}, ceiling="max_val"),
        alias("Hardtanh", {"min_val": (0,)}, ceiling="max_val"),
        alias("clamp", {"min": (0,)}, ceiling="max"),
        alias("clip", {"min": (0,)}, ceiling="max"),
    ),
    keras=(
        "relu6",
        alias("ReLU", {"negative_slope": (0, None), "threshold": (0, None)}, ceiling="max_value"),
    ),
    jax=("relu6",),
    onnx=(alias("Clip", {"min": (0,)}, ceiling="max"),),
)
def relu6(z: Any, of: Any, ceiling: Any = 6.0) -> Any:
    """``min(max(0, z), ceiling)`` (Krizhevsky 2010)."""
    return of.minimum(of.relu(z), ceiling)


@activation(
    Clause("values below {low} are cut off", lambda low, high: ((-math.inf, low),)),
    Clause("values above {high} are cut off", lambda low, high: ((high, math.inf),)),
    bounds=lambda low, high: (np.min(low), np.max(high)),
    knots=lambda low, high: (low, high),
    monotone="weakly",
    is_piecewise_linear=True,
    estimates={"low": _at_lowest, "high": _at_highest},
    torch=(
        alias("Hardtanh", low="min_val", high="max_val"),
        alias("clamp", low="min", high="max"),
        alias("clip", low="min", high="max"),
    ),
    keras=("hard_tanh",),
    jax=("hard_tanh",),
    onnx=(alias("Clip", low="min", high="max"),),
)
def hard_tanh(z: Any, of: Any, low: Any = -1.0, high: Any = 1.0) -> Any:
    """``z``, no lower than `low` and no higher than `high` (Collobert 2004)."""
    return of.minimum(of.maximum(z, low), high)
