"""Names for what a JAX program holds: its operations, and its layers by their weights."""

from collections.abc import Sequence
from typing import Any

from unknot.adapters.jax.program import SHAPES, Program, Variable
from unknot.adapters.jax.segments import Segment

#: What operations are called outside JAX.
WORDS = {
    "conv_general_dilated": "convolution",
    "reduce_window_max": "max pooling",
    "reduce_window_sum": "average pooling",
}


def kind_of(operations: set[str], told: Sequence[str]) -> str:
    """What some operations are in the field's words, as far as their names tell.

    Parameters
    ----------
    operations : set of str
    told : sequence of str
        Those that do not only arrange.
    """
    word = next((word for name, word in WORDS.items() if name in operations), None)
    if word is not None:
        return word
    centres = "reduce_sum" in operations and bool({"rsqrt", "sqrt"} & operations)
    if centres and "dot_general" not in operations:
        return "normalisation"
    return told[0] if len(told) == 1 else "function"


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
