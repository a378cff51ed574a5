"""What a PyTorch model is called with: one tensor, several in order, or several by name."""

import inspect
import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from unknot.adapters.inputs import GIVE_ALL, by_name, in_order, is_several, ways, wrong_inputs
from unknot.adapters.network import Array, several_inputs
from unknot.errors import UsageError

STARS = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)


@dataclass(frozen=True)
class Inputs:
    """A batch as tensors.

    Attributes
    ----------
    tensors : dict
        By name; one input alone is called ``""``.
    is_named : bool
        Whether the model takes them by name.
    is_one : bool
        Whether the model takes all in one dictionary.
    ways : set of str
        Which of them the points come in by.
    """

    tensors: Mapping[str, Any]
    is_named: bool = False
    is_one: bool = False
    ways: frozenset[str] = frozenset([""])

    @property
    def n_points(self) -> int:
        """Rows of every input."""
        return len(next(iter(self.tensors.values())))

    @property
    def alone(self) -> Any:
        """The one input; None where there are several."""
        return self.tensors.get("")

    def entrances(self) -> list[Any]:
        """The tensors that tell points apart."""
        return [tensor for name, tensor in self.tensors.items() if name in self.ways]

    def copied(self) -> "Inputs":
        """Of their own: a model may work in place."""
        return replace(self, tensors={name: t.clone() for name, t in self.tensors.items()})

    def given_to(self, module: Any) -> Any:
        """What the model makes of them."""
        if self.is_one:
            return module(dict(self.tensors))
        return module(**self.tensors) if self.is_named else module(*self.tensors.values())


def may_turn(batch: Array) -> bool:
    """Whether one input can be numbers of the other kind: whole ones, or floats."""
    return batch.dtype.kind != "f" or bool(np.array_equal(batch, np.rint(batch)))


def as_inputs(batch: Array, module: Any, turned: bool = False) -> Inputs:
    """The batch where the model is, in the precision of its parameters.

    Where numbers are `turned`, whole ones become floats, and floats whole ones.

    Raises
    ------
    UsageError
        For fractions among numbers that became whole.
    """
    if not is_several(batch):
        if turned and not may_turn(batch):
            raise UsageError(
                "The PyTorch model takes whole numbers; some points have fractions.\n"
                "Give whole numbers alone."
            )
        return Inputs({"": _as_tensor(batch, module, turned)})
    arrays = by_name(batch)
    tensors = {name: _as_tensor(array, module, False) for name, array in arrays.items()}
    is_named = not in_order(batch)
    return Inputs(
        tensors, is_named, is_named and _takes_one(module, list(arrays)), frozenset(ways(batch))
    )


def _as_tensor(batch: Array, module: Any, turned: bool) -> Any:
    torch: Any = sys.modules["torch"]
    tensor = torch.tensor(batch)
    first = next(module.parameters(), None)
    if turned:
        tensor = tensor.long() if tensor.is_floating_point() else tensor.float()
    if not tensor.is_floating_point():
        tensor = tensor.long() if tensor.dtype is not torch.bool else tensor
    elif first is not None and first.is_floating_point():
        tensor = tensor.to(first.dtype)
    return tensor if first is None else tensor.to(first.device)


def check_inputs(module: Any, batch: Array) -> None:
    """Whether forward takes what there is; what is not there must have a default.

    Raises
    ------
    UsageError
        With the names of what it takes.
    """
    parameters = _parameters(module)
    if parameters is None:  # written in another language
        return
    needed = [p.name for p in parameters if p.default is p.empty and p.kind not in STARS]
    if not is_several(batch):
        if len(needed) > 1 or not any(p.kind is not p.VAR_KEYWORD for p in parameters):
            raise several_inputs("PyTorch", needed, GIVE_ALL)
        return
    names = list(batch.dtype.names or ())
    takes = [p.name for p in parameters if p.kind not in STARS]
    stars = {p.kind for p in parameters} & set(STARS)
    if in_order(batch):
        is_fitting = len(needed) <= len(names) and (
            len(names) <= len(takes) or inspect.Parameter.VAR_POSITIONAL in stars
        )
    else:
        is_known = set(names) <= set(takes) or inspect.Parameter.VAR_KEYWORD in stars
        is_fitting = _takes_one(module, names) or (set(needed) <= set(names) and is_known)
    if not is_fitting:
        got = f"{len(names)} in order" if in_order(batch) else ", ".join(names)
        raise wrong_inputs("PyTorch", takes, got)


def _parameters(module: Any) -> list[inspect.Parameter] | None:
    try:
        return list(inspect.signature(module.forward).parameters.values())
    except (TypeError, ValueError):
        return None


def _takes_one(module: Any, names: list[str]) -> bool:
    """Whether forward takes one thing, and none of these by name: then it takes the dictionary."""
    parameters = _parameters(module)
    if parameters is None or any(p.kind in STARS for p in parameters):
        return False
    needed = [p.name for p in parameters if p.default is p.empty]
    return len(needed) == 1 and not {p.name for p in parameters} & set(names)
