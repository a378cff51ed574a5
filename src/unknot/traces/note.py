"""Note: what must be known of a trace or a transition, made where it is known."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

#: Weights: what a picture must not be seen without, and what may be left out first.
HEAVY, LIGHT = 2.0, 0.5


@dataclass(frozen=True)
class Note:
    """One sentence, for whom it is, and how much it matters.

    Attributes
    ----------
    text : str
    audience : str
        ``"reader"``: whoever looks at a picture must know it. ``"maker"``: it is for whoever
        traced the model, such as how it was followed and what could be asked for.
    weight : float
        Where room is short the heaviest are shown.
    about : str
        The name of the representation that it tells of; empty for all of them.
    """

    text: str
    audience: Literal["reader", "maker"] = "reader"
    weight: float = 1.0
    about: str = ""

    def __str__(self) -> str:
        return self.text


def as_note(note: Note | str) -> Note:
    """A note; a sentence alone is for readers."""
    return note if isinstance(note, Note) else Note(str(note))


def for_readers(notes: Iterable[Note]) -> tuple[Note, ...]:
    """The notes that belong in figures, films and pages, the heaviest first."""
    return tuple(sorted((n for n in notes if n.audience == "reader"), key=lambda n: -n.weight))
