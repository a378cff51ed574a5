"""The maps of a page file: what they are, and the numbers in them.

An activation takes its formula, its sentence and its bounds along, so the viewer has no table of
its own. Parameters that are the same for all units at all checkpoints are in the formula; others
are *carried* beside the weights.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from unknot.network.formulas import Expression
from unknot.network.maps import Activation, Affine, Map


def map_header(
    moments: Sequence[Map], n_in: int, n_out: int, is_reduced: bool = False
) -> dict[str, Any]:
    """The header of one map, given at every checkpoint.

    Parameters
    ----------
    moments : sequence of Map
        The last of them is what it is called by.
    n_in, n_out : int
        Columns that are stored before and after it.
    is_reduced : bool
        Whether directions are stored of one of its ends, and not all units.
    """
    last = moments[-1]
    header: dict[str, Any] = {
        "kind": type(last).__name__.lower(),
        "name": last.name,
        "n_in": n_in,
        "n_out": n_out,
        "is_reduced": is_reduced,
    }
    if isinstance(last, Activation):
        names = carried(moments)
        of_units = {name: Expression(name) for name in names}
        header |= {
            "formula": last.function.tree(**(dict(last.parameters) | of_units)),
            "parameters": names,
            "sentence": last.sentence,
            "text": str(last),
            "clauses": [
                {"text": text, "where": [[_end(x) for x in ends] for ends in where], "both": both}
                for text, where, both in last.clauses
            ],
            "otherwise": last.function.otherwise,
        }
    return header


def _end(value: Any) -> Any:
    """An end of an interval: a number, one a unit, or null for infinity."""
    numbers = np.asarray(value, np.float64)
    return None if np.isinf(numbers).all() else numbers.tolist()


def carried(moments: Sequence[Map]) -> list[str]:
    """Parameters of an activation that differ between units or checkpoints."""
    last = moments[-1]
    if not isinstance(last, Activation):
        return []
    values = [dict(m.parameters) for m in moments if isinstance(m, Activation)]
    return [
        name
        for name, value in last.parameters
        if isinstance(value, tuple) or any(each[name] != value for each in values)
    ]


def map_numbers(map_: Map, n_units: int, names: Sequence[str]) -> list[NDArray[np.float32]]:
    """A weight, row by row, and a bias; or the carried parameters, each (n_units,)."""
    if isinstance(map_, Affine):
        return [map_.weight.astype(np.float32).ravel(), map_.bias.astype(np.float32)]
    if isinstance(map_, Activation):
        values = dict(map_.parameters)
        return [np.full(n_units, values[name], np.float32) for name in names]
    return []
