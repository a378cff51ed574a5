"""Layers by their place in a JAX model, found by the weights that they use."""

from collections.abc import Sequence
from typing import Any

from unknot.adapters.jax_program import SHAPES, Program, Variable
from unknot.adapters.jax_segments import Segment


def layer_names(paths: Sequence[tuple[Sequence[Any], Any]]) -> dict[int, str]:
    """``layers.0`` of the weight ``.layers[0].weight``, by the ``id`` of the array."""
    found: dict[int, str] = {}
    for path, leaf in paths:
        parts = [
            str(getattr(key, "name", getattr(key, "key", getattr(key, "idx", key)))) for key in path
        ]
        parts = [part for part in parts if part != "value"]
        if hasattr(leaf, "shape") and parts:
            found[id(leaf)] = ".".join(parts[:-1]) or parts[-1]
    return found


def layers_of(program: Program, constants: list[Any], names: dict[int, str]) -> dict[Variable, str]:
    """The layer of every weight, also of one that was only arranged."""
    layers = {
        variable: names[id(value)]
        for variable, value in zip(program.constants, constants, strict=True)
        if id(value) in names
    }
    for equation in program.arrangements:
        if len(equation.variables) == 1 and equation.name in SHAPES:
            (source,) = equation.variables
            if source in layers:
                layers[equation.outputs[0]] = layers[source]
    return layers


def layer_of(segment: Segment, layers: dict[Variable, str]) -> str | None:
    """The layer whose weights a segment uses."""
    used = (variable for equation in segment.equations for variable in equation.variables)
    return next((layers[variable] for variable in used if variable in layers), None)
