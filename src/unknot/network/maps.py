"""The maps that turn one representation into the next. Points are rows."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from unknot.network.activations import activations


@dataclass(frozen=True, eq=False, repr=False)
class Affine:
    """``x ↦ x @ weight + bias``.

    Attributes
    ----------
    weight : (n_in, n_out) float array
    bias : (n_out,) float array
    name : str
        The layer it comes from: ``"hidden 1"``, ``"readout"``, ``"scaling"``.
    """

    weight: NDArray[np.floating]
    bias: NDArray[np.floating]
    name: str = "affine"

    def __call__(self, x: NDArray[np.floating]) -> NDArray[np.floating]:
        y = x @ self.weight
        y += self.bias
        return y

    def __repr__(self) -> str:
        n_in, n_out = self.weight.shape
        return f"Affine({n_in} → {n_out}, name={self.name!r})"

    @cached_property
    def singular_values(self) -> NDArray[np.float64]:
        """(min(n_in, n_out),) in descending order."""
        sigma: NDArray[np.float64] = np.linalg.svd(self.weight.astype(np.float64), compute_uv=False)  # pyright: ignore[reportAssignmentType]
        return sigma

    @cached_property
    def determinant_sign(self) -> int | None:
        """−1, 0 or 1 for a square weight (0 when it is singular to rounding), otherwise None."""
        n_in, n_out = self.weight.shape
        if n_in != n_out:
            return None
        sigma = self.singular_values
        if sigma[-1] <= n_in * np.finfo(np.float32).eps * sigma[0]:
            return 0
        return int(np.linalg.slogdet(self.weight.astype(np.float64)).sign)


@dataclass(frozen=True)
class Activation:
    """A function that acts on each unit by itself; `name` is a key of ``activations``."""

    name: str

    def __call__(self, x: NDArray[np.floating]) -> NDArray[np.floating]:
        return activations[self.name](x)


@dataclass(frozen=True)
class Opaque:
    """Anything else (attention, pooling, softmax, a custom layer): only its values are known."""

    name: str


Map = Affine | Activation | Opaque
