"""From a column of labels to class numbers and names."""

import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from unknot.errors import UsageError

MAX_CLASSES = 1000
MORE = f"more than {MAX_CLASSES:,}"
PLAIN_NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?", re.ASCII)
NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?", re.ASCII)
#: Words that often stand for a missing value, in lower case.
NO_VALUE = ("nan", "na", "n/a", "nat", "null", "none")


def says_no_value(text: str) -> bool:
    """Whether a text is one of these words, in angle brackets or not."""
    return text.strip().strip("<>").casefold() in NO_VALUE


#: Stands for a number that is no class, and is nobody's word.
INFINITE = "\0infinite"
#: They shape letters in Arabic and Indic scripts, and join emoji.
JOINERS = "\u200c\u200d"
#: The class number of a point that has none.
UNLABELLED = -1
#: What such points are called in legends.
UNLABELLED_NAME, NO_TARGET = "unlabelled", "no target"
#: What to do with a column of labels that has too many different numbers, or texts.
GIVE_TARGET = "To predict such a number, name the column as target instead of label."
GIVE_IDENTITY = "Name the column of classes; one that says who a point is, is an identity."


class ManyClassesError(UsageError):
    """Labels with too many different values to be classes; `are_numbers` says of what kind."""

    def __init__(self, what: str, n: str, names: Iterable[str], n_rows: int, remedy: str) -> None:
        remedy = _remedy(names, remedy)
        self.are_numbers = remedy != GIVE_IDENTITY
        kind = "numbers" if self.are_numbers else "texts"
        super().__init__(
            f"{what} has {n} different {kind} in {n_rows:,} rows, too many to be classes.\n{remedy}"
        )


def _remedy(names: Iterable[str], of_numbers: str) -> str:
    return of_numbers if all(NUMBER.fullmatch(name) for name in names if name) else GIVE_IDENTITY


def class_numbers(
    values: Sequence[Any] | NDArray[Any],
    what: str,
    *,
    order: Sequence[str] | None = None,
    fewest: int = 2,
    remedy: str = GIVE_TARGET,
) -> tuple[NDArray[np.int64], list[str]]:
    """Number the classes of a label column.

    Parameters
    ----------
    values : (n_points,) sequence or array
        Text, booleans or numbers. ``1.0`` and ``1`` are the same class, named ``"1"``.
    what : str
        What the labels are called in messages: ``"Label column 'species'"``.
    order : sequence of str, optional
        The classes, declared; their order is kept.
    fewest : int
        Classes that there must be.
    remedy : str
        What to do about too many different numbers.

    Returns
    -------
    y : (n_points,) int64
        `UNLABELLED` where a value is missing.
    class_names : list of str
        In the declared order; otherwise in numeric order when all are numbers, or alphabetical
        with numbers inside the names in numeric order (``"arm 2"`` before ``"arm 10"``).

    Raises
    ------
    UsageError
        When all values are missing, or there are too few or too many different ones.
    """
    if order is not None and len(order) > MAX_CLASSES:
        raise UsageError(
            f"{what} declares {len(order):,} categories; at most {MAX_CLASSES:,} are allowed.\n"
            f"{_remedy(order, remedy)}"
        )
    distinct, codes = _distinct(values, what, remedy)
    names = numbers_without_nan([text_of(value) for value in distinct])
    if names and not any(names):
        raise UsageError(
            f"{what} has {counted(len(codes), 'missing value')} in {len(codes):,} rows: no label "
            "at all.\nGive labels to some, or the points alone."
        )
    if INFINITE in names:
        rows = np.flatnonzero(codes == names.index(INFINITE))
        raise UsageError(
            f"{what} has {counted(len(rows), 'infinite value')} in {len(codes):,} rows (the first "
            f"in row {rows[0] + 1:,}).\nGive a class, or nothing where it is not known."
        )
    if order is None:
        plain = iter(_plain([name for name in names if name]))
        names = [next(plain) if name else "" for name in names]
    ordered = sort_names({name for name in names if name})
    if len(ordered) < fewest:
        raise UsageError(
            f"{what} has one class only, {shown(ordered)}.\nClassification needs at least two."
        )
    if len(ordered) > max(20, len(codes) // 2):
        raise ManyClassesError(what, f"{len(ordered):,}", ordered, len(codes), remedy)
    ordered = ordered if order is None else list(order)
    place = {name: k for k, name in enumerate(ordered)} | {"": UNLABELLED}
    return np.array([place[name] for name in names], dtype=np.int64)[codes], ordered


def labelled_rows(labels: NDArray[Any]) -> NDArray[np.int64]:
    """The rows that have a label: a class, or a target that is a number."""
    return np.flatnonzero(labels != UNLABELLED if labels.dtype.kind == "i" else ~np.isnan(labels))


def target_ends(labels: NDArray[Any]) -> tuple[float, float]:
    """Where the colours of a target begin and end: a few extreme ones shall not take them all."""
    known = labels[labelled_rows(labels)]
    if not len(known):
        return 0.0, 1.0
    low, high = np.quantile(known, [0.005, 0.995])
    return float(low), float(high)


def unlabelled_text(labels: NDArray[Any]) -> str:
    """``"20 of 200 points have no label"``; empty where all have one."""
    n = len(labels) - len(labelled_rows(labels))
    have = "has" if n == 1 else "have"
    return f"{n:,} of {counted(len(labels), 'point')} {have} no label" if n else ""


def declared_order(labels: Any) -> list[str] | None:
    """The classes in the order in which a series' type declares them, if it does.

    A polars Enum is the list of its classes, with points or without. Of pandas' categories only
    an ordered set has an order, and one that no row has is what filtering left behind: no class.
    """
    kind = getattr(labels, "dtype", None)
    categories = getattr(kind, "categories", None)
    if categories is None:
        return None
    if type(kind).__name__ == "Enum":
        return [str(name) for name in categories]
    if not getattr(kind, "ordered", False):
        return None
    used = {str(value) for value in labels.unique() if value is not None}
    return [str(name) for name in categories if str(name) in used]


def plain_names(values: Iterable[Any]) -> list[str]:
    """The names of classes that are listed somewhere else, as a data set has them."""
    return _plain([text_of(value) for value in values])


def _distinct(
    values: Sequence[Any] | NDArray[Any], what: str, remedy: str
) -> tuple[list[Any], NDArray[Any]]:
    """The different values, and for each row the place of its value among them."""
    if isinstance(values, np.ndarray) and values.dtype.kind in "biuf":
        distinct, codes = np.unique(values, return_inverse=True, equal_nan=True)
        if len(distinct) > MAX_CLASSES:
            raise ManyClassesError(what, MORE, [], len(values), remedy)
        return distinct.tolist(), codes
    places: dict[Any, int] = {}
    codes = np.empty(len(values), dtype=np.int64)
    for row, value in enumerate(values):
        codes[row] = places.setdefault(_key(value), len(places))
        if len(places) > MAX_CLASSES:
            names = [text_of(value) for value in places]
            raise ManyClassesError(what, MORE, names, len(values), remedy)
    return list(places), codes


def _key(value: Any) -> Any:
    """A hashable stand-in: text as it is, anything else by its text."""
    return value if isinstance(value, str) else text_of(value)


def numbers_without_nan(names: list[str]) -> list[str]:
    """Among numbers nan is a missing one; among words it is a word, as NA and null are."""
    others = [name for name in names if name.lower() not in ("", "nan")]
    if not others or not all(NUMBER.fullmatch(name) for name in others):
        return names
    return ["" if name.lower() == "nan" else name for name in names]


def text_of(value: Any) -> str:
    """The name of a class; empty for a value that says that there is none."""
    if isinstance(value, bool | np.bool):
        return "true" if value else "false"
    if isinstance(value, float | np.floating):
        number = cast("float", value)
        if math.isnan(number):
            return ""
        if math.isinf(number):
            return INFINITE
        return str(int(number)) if number.is_integer() else repr(float(number))
    if isinstance(value, bytes):
        return value.decode(errors="replace").strip()
    text = "" if value is None else str(value)
    # What pandas calls a missing value, unless it is somebody's word.
    missing = text in {"<NA>", "NaT"} and not isinstance(value, str)
    return "" if missing or not text.strip() else text


def _plain(names: list[str]) -> list[str]:
    """``"1.50"`` as ``"1.5"`` and ``"1.0"`` as ``"1"``, where all names are plain numbers."""
    if not all(PLAIN_NUMBER.fullmatch(name) for name in names):
        return names
    return [name.rstrip("0").rstrip(".") if "." in name else name for name in names]


def sort_names(names: Iterable[str]) -> list[str]:
    """Class names in the order of their numbers."""
    listed = list(names)
    if all(NUMBER.fullmatch(name) for name in listed):
        return sorted(listed, key=lambda name: (float(name), name))
    return sorted(listed, key=_natural)


def _natural(name: str) -> tuple[list[tuple[int, str]], str]:
    """Runs of digits compare as numbers: first by their length without leading zeros."""
    parts = re.split("([0-9]+)", name)
    digits = [part.lstrip("0") if place % 2 else part for place, part in enumerate(parts)]
    return [(len(part) if place % 2 else 0, part) for place, part in enumerate(digits)], name


def visible(text: object) -> str:
    """On one line, with characters that are not seen, or turn the others about, as escapes."""
    line = " ".join(str(text).split())
    if line.isprintable():
        return line
    return "".join(c if c.isprintable() or c in JOINERS else repr(c)[1:-1] for c in line)


def shown(names: Iterable[object], limit: int = 20) -> str:
    """Names for a message: on one line, at most `limit` of them, each cut to 40 characters."""
    listed = [visible(name)[:40] for name in names]
    rest = f", … ({len(listed):,} in all)" if len(listed) > limit else ""
    return ", ".join(listed[:limit]) + rest


def repeats(names: Iterable[str]) -> list[str]:
    """Names that appear more than once, in alphabetical order."""
    return sorted(name for name, n in Counter(names).items() if n > 1)


def counted(number: int, noun: str) -> str:
    """``"1 row"``, ``"1,000 rows"``."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
