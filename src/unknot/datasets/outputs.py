"""Labels of several outputs: a column an output, of which one colours the points.

Several targets of a regression, labels that do not exclude each other, several questions about one
point: each column is read as it would be alone.
"""

import difflib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

from unknot.datasets.labels import counted, shown
from unknot.errors import UsageError


@dataclass(frozen=True)
class Output:
    """The one of several outputs that colours.

    Attributes
    ----------
    names : tuple of str
        Of all outputs, in the order of their columns.
    place : int
        Its own, from 0.
    """

    names: tuple[str, ...]
    place: int

    @property
    def name(self) -> str:
        """What it is called."""
        return self.names[self.place]

    @property
    def note(self) -> str:
        """Which of them colours, and how another does."""
        other = self.names[(self.place + 1) % len(self.names)]
        return (
            f"The labels are {len(self.names)} outputs ({shown(self.names, 5)}): {self.name} "
            f"colours the points; another does with colour={other!r}."
        )

    def titled(self, class_names: Sequence[str]) -> tuple[str, ...]:
        """Names of its classes that say of what they are: ``"rain = 1"``."""
        return tuple(f"{self.name} = {name}" for name in class_names)


def chosen_output(names: Sequence[str], colour: str | int | None) -> Output:
    """The output of a name or a number; the first where none is asked for.

    Raises
    ------
    UsageError
        When there is none such.
    """
    titles = tuple(map(str, names))
    if colour is None:
        return Output(titles, 0)
    if isinstance(colour, int):
        if -len(titles) <= colour < len(titles):
            return Output(titles, colour % len(titles))
    elif str(colour) in titles:
        return Output(titles, titles.index(str(colour)))
    near = difflib.get_close_matches(str(colour)[:100], titles, n=1)
    hint = f" Did you mean {near[0]!r}?" if near else ""
    raise UsageError(
        f"There is no output {str(colour)[:100]!r} to colour by.{hint}\n"
        f"Outputs: {shown(titles)}, or their numbers from 0 to {len(titles) - 1}."
    )


def one_output(labels: Any, y: NDArray[Any], colour: Any) -> tuple[Any, Output]:
    """Of labels (n_points, n_outputs) the column that colours.

    Parameters
    ----------
    labels : array-like or data frame
        As they came.
    y : (n_points, n_outputs) array
        The same as an array.
    colour : str, int or None
    """
    columns = list(getattr(labels, "columns", ()))
    names = columns or [f"output {i + 1}" for i in range(y.shape[1])]
    output = chosen_output(names, colour)
    if columns:
        # A column of a frame has a type of its own, and its declared categories.
        return labels[columns[output.place]], output
    return y[:, output.place], output


def refuse_colour(colour: Any, n_labels: int) -> None:
    """UsageError for a colour beside labels of one output."""
    if colour is not None:
        what = f"they are {counted(n_labels, 'column')}" if n_labels else "there are none"
        raise UsageError(
            f"colour={str(colour)[:100]!r} names one of several outputs in the labels; {what}.\n"
            "Leave colour out."
        )
