"""Which columns of a table are features, which the answer, and which say who a point is."""

import difflib
from collections.abc import Sequence
from typing import Any, cast

from unknot.datasets.labels import NUMBER, shown
from unknot.datasets.outputs import Output, chosen_output, refuse_colour
from unknot.errors import UsageError, short


def answers(
    columns: Sequence[str], label: Any, target: Any, colour: str | int | None = None
) -> tuple[str | None, str | None, Output | None]:
    """The column of classes, that of numbers to predict, and which of several it is.

    Several are a list, or names joined by commas where no column is called so.
    """
    asked = target if label is None else label
    several = _several_names(asked, columns)
    if several is None or (label is not None and target is not None):
        refuse_colour(colour, int(asked is not None))
        # A column may be called by a number, in the frame and here.
        return (
            None if label is None else str(label),
            None if target is None else str(target),
            None,
        )
    for name in several:
        check_there(name, columns)
    output = chosen_output(several, colour)
    return (None, output.name, output) if label is None else (output.name, None, output)


def _several_names(asked: Any, columns: Sequence[str]) -> list[str] | None:
    if isinstance(asked, str) and asked not in columns and "," in asked:
        asked = [name.strip() for name in asked.split(",")]
    if not isinstance(asked, list | tuple):
        return None
    names = list(dict.fromkeys(map(str, asked)))  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]
    return names if len(names) > 1 else None


def check_there(name: str, columns: Sequence[str]) -> None:
    """UsageError, with the nearest name, where there is no such column."""
    if name not in columns:
        near = difflib.get_close_matches(name[:100], columns, n=1)
        hint = f" Did you mean {near[0]!r}?" if near else ""
        values = [c for c in columns if NUMBER.fullmatch(c) and not c.isdigit()]
        are_values = 2 * len(values) >= max(len(columns), 2)
        names = " If these are values, add a first line of names." if are_values else ""
        there = f"Columns: {shown(columns)}.{names}"
        raise UsageError(f"There is no column {short(name)}.{hint}\n{there}")


def choose_columns(
    columns: Sequence[str],
    label: str | None,
    target: str | None,
    features: Sequence[str] | None,
) -> list[str]:
    """The feature columns, after checking that every column named is there.

    Raises
    ------
    UsageError
    """
    if (label is None) == (target is None):
        got = "neither" if label is None else f"label={label!r} and target={target!r}"
        raise UsageError(
            "Name the column of classes as label (--label), or the column of numbers to predict as "
            f"target (--target); got {got}.\nColumns: {shown(columns)}."
        )
    answer = str(target if label is None else label)
    there = set(columns)
    for name in (answer, *(features or ())):
        if name not in there:
            check_there(name, columns)
    chosen = [name for name in columns if name != answer] if features is None else list(features)
    if not chosen:
        raise UsageError(
            f"There are no features beside {answer!r}.\nGive at least one column of numbers."
        )
    if answer in chosen or len(set(chosen)) < len(chosen):
        raise UsageError(
            f"Features must be different columns, {answer!r} not among them; got {shown(chosen)}.\n"
            "Name each feature once."
        )
    return chosen


def identity_names(identity: Any, columns: Sequence[str]) -> list[str]:
    """The columns that say who a point is, a list of them or names joined by commas.

    Raises
    ------
    UsageError
        For one that is not there.
    """
    names = [identity] if identity in columns else listed_names(identity)
    for name in names:
        check_there(name, columns)
    return list(dict.fromkeys(names))


def listed_names(asked: Any) -> list[str]:
    """Names of columns, a list of them or joined by commas; none of None."""
    if isinstance(asked, str):
        return [name.strip() for name in asked.split(",")]
    several = cast("Sequence[Any]", asked if isinstance(asked, list | tuple) else [asked])
    return [] if asked is None else [str(name) for name in several]
