"""What a reader of a picture must know of how its trace was made."""

from unknot.traces.representation import Trace

#: What a note of a trace holds that is for whoever made the trace, and not for who looks at it:
#: how the model was followed, what could be asked for, what reads its logits.
FOR_PROGRAMMERS = (
    "Traced with ",
    "Seen by hooks",
    "trace(",
    "head=",
    "--head",
    "The model ends in logits",
)


def picture_notes(trace: Trace) -> tuple[str, ...]:
    """The notes that belong in figures, films and pages: what is left out, what is not known."""
    return tuple(note for note in trace.notes if not any(mark in note for mark in FOR_PROGRAMMERS))
