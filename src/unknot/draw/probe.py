"""The linear probe of what is shown, as one line of text for captions."""

from weakref import WeakKeyDictionary

import numpy as np

from unknot.measures import entries, linear_probe
from unknot.measures.clouds import n_points_for, random_order
from unknot.motion.scene import Scene

_accuracies: WeakKeyDictionary[Scene, dict[int, float | None]] = WeakKeyDictionary()


def probe_caption(scene: Scene, k: int) -> str:
    """``"linear probe 0.884"`` for a representation that is shown whole.

    Empty for a target that is a number, too few points, and where `Scene.readout` tells of the
    probe already.
    """
    if scene.readout(k) is not None or scene.trace.n_classes < 2:
        return ""
    known = _accuracies.setdefault(scene, {})
    if k not in known:
        values = scene.trace.representations[k].values
        widths = [r.n_units for r in scene.trace.representations[: k + 1]]
        # The points of the table of measures, so that both say the same.
        n = n_points_for(entries["linear_probe"], widths, len(values))
        rows = np.sort(random_order(scene.trace.labels, 0)[:n])
        known[k] = linear_probe(values[rows], scene.trace.labels[rows])
    accuracy = known[k]
    return "" if accuracy is None else f"linear probe {accuracy:.3f}"
