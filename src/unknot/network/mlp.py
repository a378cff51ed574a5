"""The multi-layer perceptron that unknot trains: plain arrays, no framework."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from unknot.network.maps import (
    Activation,
    Affine,
    KnownMap,
    Softmax,
    architecture_text,
    as_activation,
)

Output = Literal["sigmoid", "softmax", "linear"]


@dataclass(frozen=True, eq=False)
class Dense:
    """One dense layer: ``activation(x @ weight + bias)``.

    Attributes
    ----------
    weight : (n_in, n_out) float32
    bias : (n_out,) float32
    activation : str
        What ``as_activation`` reads; ``"linear"`` for the readout and the output layer.
    name : str
        ``"hidden 1"``, ``"readout"``, ``"output"``.
    """

    weight: NDArray[np.float32]
    bias: NDArray[np.float32]
    activation: str
    name: str


@dataclass(frozen=True, eq=False, repr=False)
class MLP:
    """A chain of dense layers with a fixed output function.

    Attributes
    ----------
    layers : tuple of Dense
        Hidden layers, then the linear readout if there is one, then the output layer.
    output : {"sigmoid", "softmax", "linear"}
        Turns the output layer's values into probabilities: one logit for two classes, one a
        class for more; ``"linear"`` for regression.
    scaling : Affine or None
        Standardisation of the features, when it was asked for: the first map of every trace.
    """

    layers: tuple[Dense, ...]
    output: Output
    scaling: Affine | None = None

    def maps(self) -> Iterator[tuple[str, KnownMap]]:
        """Every map in order, with the name of the representation that it makes.

        A dense layer with an activation is two maps, so that pre-activations are seen too.
        """
        if self.scaling is not None:
            yield "scaled input", self.scaling
        for layer in self.layers:
            affine = Affine(layer.weight, layer.bias, layer.name)
            if layer.activation == "linear":
                yield ("logit" if self._is_logit(layer) else layer.name), affine
            else:
                yield f"{layer.name} pre-activation", affine
                yield layer.name, as_activation(layer.activation)
        if self.output == "sigmoid":
            yield "probability", Activation("sigmoid")
        elif self.output == "softmax":
            yield "probability", Softmax()

    def __repr__(self) -> str:
        return f"MLP {self.architecture}"

    def _is_logit(self, layer: Dense) -> bool:
        return layer is self.layers[-1] and self.output != "linear"

    @property
    def architecture(self) -> str:
        """Widths and activations: ``"2 → 6 relu → 2 linear → 1 sigmoid"``."""
        maps = [map_ for _, map_ in self.maps()]
        widths = [len(self.layers[0].weight)]
        for map_ in maps:
            widths.append(len(map_.bias) if isinstance(map_, Affine) else widths[-1])
        return architecture_text(widths, maps)


def log_probabilities_of(logits: NDArray[np.floating]) -> NDArray[np.float64]:
    """(n_points, n_classes) logarithms of a classifier's probabilities, which round to 1 before.

    Parameters
    ----------
    logits : (n_points, n_classes) float array
        One column is the second of two classes.
    """
    z = logits.astype(np.float64)
    # Of a training that diverged nothing is a number.
    with np.errstate(invalid="ignore"):
        if z.shape[1] == 1:
            return np.concatenate([-np.logaddexp(0, z), -np.logaddexp(0, -z)], axis=1)
        return z - np.logaddexp.reduce(z, axis=1, keepdims=True)
