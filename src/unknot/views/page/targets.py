"""Labels and targets as a page file has them."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from unknot.datasets.labels import UNLABELLED, target_ends
from unknot.traces.representation import Trace
from unknot.views.page.container import Buffers


def label_values(every: NDArray[Any], n_classes: int, rows: NDArray[np.int64]) -> NDArray[Any]:
    """Class numbers, or a target's place between its extremes, 0 to 1.

    Points without a label have the number after the last class, without a target −1.
    """
    labels = every[rows]
    if labels.dtype.kind == "i":
        labels = np.where(labels == UNLABELLED, n_classes, labels)
        few = not len(labels) or int(labels.max()) < 256
        return labels.astype(np.uint8 if few else np.uint16)
    low, high = target_ends(every)
    span = high - low if high > low else 1.0
    places = np.clip((labels.astype(np.float64) - low) / span, 0, 1)
    return np.where(np.isnan(labels), -1, places).astype(np.float32)


def trace_target(
    last: Trace, rows: NDArray[np.int64], buffers: Buffers, name: str
) -> dict[str, Any] | None:
    """The ends, the numbers themselves, and the unit of the output that is to be them."""
    target = target_header(last.labels, last.colour)
    if target is None:
        return None
    unit = last.colour_unit if last.colour else 0
    values = buffers.add(f"{name}.targets", target_numbers(last.labels[rows]))
    return target | {"values": values, "unit": None if last.predictions is None else unit}


def target_numbers(targets: NDArray[Any]) -> NDArray[np.float32]:
    """Targets as a page carries them: 0 where there is none, which their label says."""
    return np.nan_to_num(targets.astype(np.float32))


def target_header(labels: NDArray[Any], name: str | None) -> dict[str, float | str | None] | None:
    """The ends as numbers and, of several, its name, for the legend; None for classes."""
    if labels.dtype.kind == "i":
        return None
    low, high = target_ends(labels)
    return {"low": low, "high": high, "name": name}
