"""The foot of a figure: what its panels show and hide, in sentences."""

from collections.abc import Sequence

from unknot.draw.marks import Marks
from unknot.motion.scene import Scene
from unknot.network.maps import Opaque, factors_of
from unknot.traces.note import for_readers
from unknot.views.figures.legend import has_probe, has_shading
from unknot.views.figures.marks import IMAGES
from unknot.views.figures.space import view_sentences


def foot_of(scenes: Sequence[Scene], marks: Marks) -> str:
    """Of a strip: scales, shading, axes, images, factors, steps, probes and notes."""
    traces = [scene.trace for scene in scenes]
    each = "Each panel has its own scale."
    parts = [each if any(s.scale != "fixed" for s in scenes) else "All panels have one scale."]
    if all(stop.is_map for scene in scenes for stop in scene.stops):
        parts = []
    if any(scene.n_axes == 2 and has_shading(scene.trace) for scene in scenes):
        parts.append("Shading: how sure the rest of the network is there.")
    parts += view_sentences(scenes)
    parts += [IMAGES] if marks.thumbnails else []
    met = [(m, r.values) for t in traces for m, r in zip(t.maps, t.representations, strict=False)]
    narrow = [own for each in met if (own := factors_of(*each))]
    if narrow:
        parts.append("Least ×: how far a layer stretches what it stretches least (singular value).")
    if any(own.is_singular for own in narrow):
        parts.append("Flat: it presses a direction to nothing (singular value 0).")
    if any(own.determinant_sign == -1 for own in narrow):
        parts.append("Mirrored: it turns the cloud over (negative determinant).")
    if any(isinstance(map_, Opaque) for map_, _ in met):
        parts.append("Dashed: a step of which only the results are known.")
    probed = {s.trace.n_classes > 0 for s in scenes if any(has_probe(s, e.k) for e in s.stops)}
    if True in probed:
        parts.append("Straight cut: share of other points that it puts right (linear probe).")
    if False in probed:
        parts.append(
            "Linear probe: how much of the target's spread a linear function of the units "
            "tells of other points (R²)."
        )
    notes = dict.fromkeys(n.text for trace in traces for n in for_readers(trace.notes))
    return " ".join([*parts, *notes])
