"""The maps that turn one representation into the next. Points are rows."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeGuard

import numpy as np
from numpy.typing import NDArray

from unknot.errors import UsageError
from unknot.network.activations import activations
from unknot.network.factors import Factors, Svd, factors, graded_svd
from unknot.network.formulas import JOINT, ActivationFunction, Intervals, Monotone, Parameter
from unknot.table import unknown

#: Units on a map's smaller side up to which a picture asks for its singular values.
MOST_UNITS = 512


@dataclass(frozen=True, eq=False, repr=False, init=False)
class Affine:
    """``x ↦ x @ weight + bias``.

    A weight of one axis is the diagonal of a map that scales each unit by itself, as
    standardisation does: of 10,000 units the matrix would take 400 MB, and the map a product
    with it. It is made when ``weight`` is read, and not kept.

    Attributes
    ----------
    weight : (n_in, n_out) float array
    bias : (n_out,) float array
    name : str
        The layer it comes from: ``"hidden 1"``, ``"readout"``, ``"scaling"``.
    scale : (n_out,) float array or None
        The diagonal, where no more than that was given.
    """

    bias: NDArray[np.floating]
    name: str
    scale: NDArray[np.floating] | None
    _matrix: NDArray[np.floating] | None

    def __init__(
        self, weight: NDArray[np.floating], bias: NDArray[np.floating], name: str = "affine"
    ) -> None:
        is_diagonal = weight.ndim == 1
        object.__setattr__(self, "bias", bias)
        object.__setattr__(self, "name", name)
        object.__setattr__(self, "scale", weight if is_diagonal else None)
        object.__setattr__(self, "_matrix", None if is_diagonal else weight)

    @property
    def weight(self) -> NDArray[np.floating]:
        """(n_in, n_out)."""
        if self._matrix is not None:
            return self._matrix
        assert self.scale is not None
        return np.diag(self.scale)

    @property
    def numbers(self) -> NDArray[np.floating]:
        """What it has of weights: all of them, or the diagonal."""
        return self.weight if self.scale is None else self.scale

    @property
    def shape(self) -> tuple[int, ...]:
        """``(n_in, n_out)``, without the matrix of a diagonal."""
        return self.weight.shape if self.scale is None else 2 * self.scale.shape

    def __call__(self, x: NDArray[np.floating]) -> NDArray[np.floating]:
        """(n_points, n_in) to (n_points, n_out); a bias of higher precision widens nothing."""
        y = x @ self.weight if self.scale is None else x * self.scale
        y += self.bias
        return y

    def before(self, directions: NDArray[np.floating]) -> NDArray[np.floating]:
        """``weight @ directions``: what the map sends to each direction, (n_in, n_directions)."""
        if self.scale is None:
            return self.weight @ directions
        return self.scale[:, None] * directions

    def __repr__(self) -> str:
        n_in, n_out = self.shape
        return f"Affine({n_in} → {n_out}, name={self.name!r})"

    @property
    def is_wide(self) -> bool:
        """True where its singular values would take long: products as the cube of its units."""
        return min(self.shape) > MOST_UNITS

    def factors(self, cloud: NDArray[np.floating] | None = None) -> Factors:
        """U, Σ and V of the weight, as far as the cloud before the map meets them."""
        return factors(self._svd, cloud, self.precision)

    @cached_property
    def _svd(self) -> Svd:
        if self.scale is not None:
            scale = self.scale.astype(np.float64)
            order = np.argsort(-np.abs(scale), kind="stable")
            units = np.eye(len(scale))[:, order]
            return units, np.abs(scale)[order], units * np.where(scale < 0, -1.0, 1.0)[order]
        return graded_svd(self.weight.astype(np.float64))

    @cached_property
    def singular_values(self) -> NDArray[np.float64]:
        """(min(n_in, n_out),) in descending order; of a wide weight without its directions."""
        if self.scale is not None:
            return np.sort(np.abs(self.scale.astype(np.float64)))[::-1]
        if not self.is_wide:
            return self._svd[1]
        sigma: NDArray[np.float64] = np.linalg.svd(self.weight.astype(np.float64), compute_uv=False)  # pyright: ignore[reportAssignmentType]
        return sigma

    @property
    def precision(self) -> float:
        """Singular values below this share of the largest are rounding of the weights."""
        kind = np.finfo(np.result_type(self.numbers.dtype, np.float16))
        return float(kind.eps) * max(self.shape)


@dataclass(frozen=True, init=False, repr=False)
class Activation:
    """A function that acts on each unit by itself: ``Activation("leaky_relu", slope=0.2)``.

    Attributes
    ----------
    name : str
        A key of ``activations``.
    parameters : tuple of (str, float or tuple of float)
        All that the function has, also those left at their usual values. A tuple has a number a
        unit.
    """

    name: str
    parameters: tuple[tuple[str, Parameter], ...]

    def __init__(self, name: str, **parameters: Any) -> None:
        defaults = activations[name].defaults
        for key in parameters:
            if key not in defaults:
                raise UsageError(_unknown_parameter(name, key, defaults))
        values = {key: _parameter(key, value) for key, value in (defaults | parameters).items()}
        object.__setattr__(self, "name", activations[name].name)
        object.__setattr__(self, "parameters", tuple(values.items()))

    def __call__(self, x: NDArray[np.floating]) -> NDArray[np.floating]:
        """(…, n_units) to the same shape; the parameters take the precision of `x`."""
        return self.function(x, **{key: _in(x.dtype, value) for key, value in self.parameters})

    def jax(self, x: Any) -> Any:
        """The same of a JAX array."""
        return self.function.jax(x, **{key: _in(x.dtype, value) for key, value in self.parameters})

    def __repr__(self) -> str:
        own = [f", {key}={value!r}" for key, value in self.unusual.items()]
        return f"Activation({self.name!r}{''.join(own)})"

    def __str__(self) -> str:
        """``"relu"``, ``"leaky_relu(slope=0.2)"``: what `as_activation` reads."""
        own = [f"{key}={_text(value)}" for key, value in self.unusual.items()]
        return f"{self.name}({', '.join(own)})" if own else self.name

    @property
    def title(self) -> str:
        """The same in few characters, for people."""
        own = [
            f"{key}={'…' if isinstance(value, tuple) else f'{value:.3g}'.replace('-', '−')}"
            for key, value in self.unusual.items()
        ]
        return f"{self.name}({', '.join(own)})" if own else self.name

    @property
    def function(self) -> ActivationFunction:
        """Its record."""
        return activations[self.name]

    @property
    def n_units(self) -> int | None:
        """How many units it acts on, where each has a number of its own."""
        own = [len(value) for _, value in self.parameters if isinstance(value, tuple)]
        return max(own, default=None)

    @property
    def sentence(self) -> str:
        """What it does, for people."""
        return self._written(self.function.sentence)

    def sentence_for(self, z: NDArray[np.floating]) -> str:
        """What of it happens to a cloud before it, (n_points, n_units), that it changes."""
        own = self.function
        said = [c.text for c in own.clauses if c.holds(z, self._fact(c.where))]
        return self._written(JOINT.join(said) if said else own.otherwise)

    @property
    def clauses(self) -> list[tuple[str, Intervals, bool]]:
        """The parts of its sentence: text, in which intervals of values, whether in each."""
        return [
            (self._written(c.text), tuple(self._fact(c.where)), c.is_both)
            for c in self.function.clauses
        ]

    def _written(self, text: str) -> str:
        words = {
            key: f"each unit's own {key}"
            if isinstance(value, tuple)
            else f"{value:.2g}".replace("-", "−")
            for key, value in self.parameters
        }
        return text.format(**words).replace("−−", "")

    @property
    def bounds(self) -> tuple[float, float]:
        """No value lies below the first or above the second."""
        low, high = self._fact(self.function.bounds)
        return float(low), float(high)

    @property
    def knots(self) -> tuple[Any, ...]:
        """Where its formula changes: numbers, or (n_units,) arrays; none where it is smooth."""
        return self._fact(self.function.knots)

    @property
    def monotone(self) -> Monotone:
        """Whether it rises, strictly or with level stretches, or not."""
        return self._fact(self.function.monotone)

    @property
    def is_linear(self) -> bool:
        """Whether it changes nothing but scale."""
        return self.function.is_piecewise_linear and not self.knots

    @property
    def is_smooth(self) -> bool:
        """Whether it is bent, and nowhere has a corner."""
        return not self.function.is_piecewise_linear and not self.knots

    def between(self, other: "Activation", s: float) -> "Activation":
        """The same function with parameters on the way to another's, of which `s` is done."""
        if self == other or self.name != other.name:
            return self
        ends = zip(self.parameters, other.parameters, strict=True)
        return Activation(
            self.name,
            **{key: (1 - s) * np.array(a) + s * np.array(b) for (key, a), (_, b) in ends},
        )

    @property
    def unusual(self) -> dict[str, Parameter]:
        """The parameters that do not have their usual values."""
        defaults = self.function.defaults
        return {key: value for key, value in self.parameters if value != defaults[key]}

    def _fact(self, what: Any) -> Any:
        return self.function.fact(what, **self._arrays)

    @property
    def _arrays(self) -> dict[str, Any]:
        return {k: np.array(v) if isinstance(v, tuple) else v for k, v in self.parameters}


@dataclass(frozen=True)
class Softmax:
    """``exp(z) / Σ exp(z)`` of each row: makes probabilities of logits, and mixes the units."""

    name: str = "softmax"

    def __call__(self, x: NDArray[np.floating]) -> NDArray[np.floating]:
        """(n_points, n_classes) logits to probabilities: each row adds up to 1."""
        # Shifted by the largest logit, so that nothing overflows.
        weights = np.exp(x - x.max(axis=1, keepdims=True))
        return weights / weights.sum(axis=1, keepdims=True)


@dataclass(frozen=True)
class Opaque:
    """Anything else (attention, pooling, a custom layer): only its values are known."""

    name: str


#: Maps that can be evaluated anywhere.
KnownMap = Affine | Activation | Softmax
Map = KnownMap | Opaque


def is_known(map_: Map) -> TypeGuard[KnownMap]:
    """Whether a map can be evaluated anywhere."""
    return not isinstance(map_, Opaque)


def factors_of(map_: Map, cloud: NDArray[np.floating]) -> Factors | None:
    """What an affine map does to a cloud; None for another map, and for one that is wide."""
    return map_.factors(cloud) if isinstance(map_, Affine) and not map_.is_wide else None


def as_activation(value: object) -> Activation:
    """An activation from its text: ``"relu"``, ``"hard_tanh(low=-2, high=3)"``.

    Raises
    ------
    UsageError
        For a name or a parameter that it does not have.
    """
    return value if isinstance(value, Activation) else _read(str(value))


def _read(text: str) -> Activation:
    form = re.fullmatch(r"\s*(\w+)\s*\((.*)\)\s*", text, re.DOTALL)
    if form is None:
        return Activation(text)
    name, inside = form.groups()
    parameters: dict[str, Any] = {}
    for part in re.split(r",(?![^\[]*\])", inside):
        key, equals, number = (each.strip() for each in part.partition("="))
        numbers = number.strip("[]").split(",")
        try:
            values = [float(each) for each in numbers]
        except ValueError:
            equals = ""
        if not equals:
            raise UsageError(
                f"{text[:100]!r} is no activation with parameters.\n"
                'Write them by name, for example "leaky_relu(slope=0.2)".'
            )
        parameters[key] = values if number.startswith("[") else values[0]  # pyright: ignore[reportPossiblyUnboundVariable]
    return Activation(name, **parameters)


def _unknown_parameter(name: str, key: str, defaults: Mapping[str, float]) -> str:
    if not defaults:
        return f"The activation {name} has no parameters; got {key!r}."
    return unknown(f"parameter of {name}", key, defaults)


def _parameter(key: str, value: Any) -> Parameter:
    try:
        numbers = np.asarray(value, np.float64)
    except (TypeError, ValueError):
        numbers = np.array(np.nan)
    if numbers.ndim > 1 or not numbers.size or not np.isfinite(numbers).all():
        raise UsageError(
            f"Got {str(value)[:60]} for {key!r}; allowed: a finite number, or one a unit.\n"
            "An activation acts on each unit by itself."
        )
    if numbers.ndim == 0 or (numbers == numbers.flat[0]).all():
        return float(numbers.flat[0])
    return tuple(numbers.tolist())


def _text(value: Parameter) -> str:
    return str(list(value)) if isinstance(value, tuple) else str(value)


def _in(dtype: Any, value: Parameter) -> Any:
    return np.array(value, dtype) if isinstance(value, tuple) else value


#: Layers that are written out of a network; of a deeper one the middle is left out.
MOST_LAYERS = 16


def architecture_text(widths: Sequence[int], maps: Sequence[Map]) -> str:
    """``"2 → 6 relu → 2 linear → 1 sigmoid"``: the units of every layer and what acts on them.

    Parameters
    ----------
    widths : sequence of int
        Of the input and after each map.
    maps : sequence of Map
    """
    layers: list[list[str]] = [[f"{widths[0]:,}"]]
    for n_units, map_ in zip(widths[1:], maps, strict=True):
        if isinstance(map_, Affine) and map_.name == "scaling":
            layers[-1].append("scaled")
        elif isinstance(map_, Affine):
            layers.append([f"{n_units:,}"])
        elif isinstance(map_, Opaque):
            # "16 2 layers" would be read as one number.
            name = f"({map_.name})" if map_.name[:1].isdigit() else map_.name
            layers.append([f"{n_units:,}", name])
        else:
            layers[-1].append(map_.title if isinstance(map_, Activation) else map_.name)
    parts = [" ".join(layer if len(layer) > 1 else [*layer, "linear"]) for layer in layers[1:]]
    parts = [" ".join(layers[0]), *parts]
    if len(parts) > MOST_LAYERS:
        parts[MOST_LAYERS // 2 : 1 - MOST_LAYERS // 2] = ["…"]
    return " → ".join(parts)
