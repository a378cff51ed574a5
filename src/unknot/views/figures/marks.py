"""Images and rings in a figure: whether the data have them, and what is said of them."""

from collections.abc import Sequence

from unknot.draw import style
from unknot.draw.marks import MOST_RINGS, Marks
from unknot.errors import UsageError
from unknot.traces.representation import Trace
from unknot.views.figures.legend import Key

IMAGES = "Images stand at the places of their points, a sample of them."


def marks_of(traces: Sequence[Trace], thumbnails: bool, mark_held_out: bool) -> Marks:
    """What is marked in figures of some traces.

    Raises
    ------
    UsageError
        When images are asked for and no point has one, or rings and nobody knows what is held out.
    """
    if thumbnails and not any(
        t.identity is not None and len(t.identity.image_rows) for t in traces
    ):
        raise UsageError(
            "thumbnails needs images of the points; these data have none.\n"
            "Give them: trace(model, data, identity={'image': images}), or a column of paths."
        )
    if mark_held_out and not any(t.held_out is not None and t.held_out.any() for t in traces):
        raise UsageError(
            "mark_held_out needs points that are held out; of these nobody said so, or there are "
            "none.\nGive held_out= to trace, or validation= to fit."
        )
    return Marks(thumbnails, mark_held_out)


def mark_keys(marks: Marks, traces: Sequence[Trace]) -> list[Key]:
    """The ring of held-out points, for the legend."""
    if not marks.held_out:
        return []
    dense = [t for t in traces if t.held_out is not None and t.n_points >= style.DENSITY_FROM]
    is_sample = any(int(t.held_out.sum()) > MOST_RINGS for t in dense if t.held_out is not None)
    return [Key("held out, a sample" if is_sample else "held out", "ring")]
