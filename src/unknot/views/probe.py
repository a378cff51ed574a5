"""The linear probe of what is shown, as one line of text for captions."""

from weakref import WeakKeyDictionary

from unknot.measures import linear_probe
from unknot.measures.faithfulness import MAX_PROBE_POINTS, MAX_PROBE_VALUES
from unknot.projection import spread_rows
from unknot.scene import Scene

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
        most = max(min(MAX_PROBE_POINTS, MAX_PROBE_VALUES // values.shape[1]), 1_000)
        rows = spread_rows(len(values), most)
        known[k] = linear_probe(values[rows], scene.trace.labels[rows])
    accuracy = known[k]
    return "" if accuracy is None else f"linear probe {accuracy:.3f}"
