"""Labels beside points, in every shape in which people have them: understood here and nowhere else.

`read_labels` is what data sets, training, traces and films ask. `plain_array` and `in_order_of` are
for the points as well: a masked value is a missing one, and rows go together by their index.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from unknot.datasets.labels import (
    MAX_CLASSES,
    UNLABELLED,
    class_numbers,
    counted,
    declared_order,
    labelled_rows,
    shown,
    text_of,
    unlabelled_text,
)
from unknot.datasets.outputs import Output, one_output, refuse_colour
from unknot.errors import UsageError

#: Floats that are all whole, with no more different values than this, are class numbers.
FEW = 20
#: Beyond it floats of which most rows have one of their own are no class numbers: twenty prices.
MOST = 100
ONE_HOT = "The labels are one-hot: a point's class is the column of its 1."
GIVE_FLOATS = "To predict such a number, give them as floats: y.astype(float)."


@dataclass(frozen=True)
class Labels:
    """What the labels of points say.

    Attributes
    ----------
    y : (n_points,) int64 or float32
        Class numbers, −1 where there is no label, or the target of a regression, NaN where there
        is none.
    class_names : tuple of str
        Empty for a regression.
    notes : tuple of str
        How they were read, where that is not plain.
    output : Output or None
        Which of several they are.
    """

    y: NDArray[np.int64] | NDArray[np.float32]
    class_names: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    output: Output | None = None


def read_labels(
    labels: Any,
    n_points: int,
    *,
    points: Any = None,
    class_names: Sequence[str] | None = None,
    task: str | None = None,
    beside_outputs: bool = False,
    several: bool = False,
    colour: str | int | None = None,
) -> Labels:
    """Class numbers with their names, or a target.

    Parameters
    ----------
    labels : array-like, series or data frame
        Text, booleans and numbers, (n_points,) or (n_points, 1), or one-hot (n_points,
        n_classes). Numbers are classes where they are whole and few, as losses of binary
        classifiers want them in floating point; other floats are a target. Declared categories
        keep their order.
    n_points : int
    points : any, optional
        Where the points come from: labels with an index go with the points of the same index.
    class_names : sequence of str, optional
        In the order of the class numbers: the labels are then numbers of them, or these names.
    task : {"classification", "regression"}, optional
        Says what the labels are when they do not.
    beside_outputs : bool
        They stand beside a network's outputs, whose places are the class numbers: whole numbers
        from 0 stay what they are, and one class is enough.
    several : bool
        Labels may be of several outputs, a column each.
    colour : str or int, optional
        Which of them is taken, by name or number; left out, the first.

    Raises
    ------
    UsageError
        When there is not one label a point, all are missing, or they make no classes.
    """
    labels = in_order_of(labels, points)
    output = None
    if several:
        labels, output = _one_of_several(labels, n_points, colour)
    y = as_column(_with_gaps(labels), n_points)
    known = _read(labels, y, class_names, task, beside_outputs)
    if output is not None:
        names, notes = output.titled(known.class_names), (*known.notes, output.note)
        known = replace(known, class_names=names, notes=notes, output=output)
    if text := unlabelled_text(known.y):
        note = f"{text}: they are grey, and no measure counts them."
        known = replace(known, notes=(*known.notes, note))
    return known


def _one_of_several(labels: Any, n_points: int, colour: Any) -> tuple[Any, Output | None]:
    """The column that colours; labels of one output, also one-hot ones, as they are."""
    y = plain_array(_with_gaps(labels), "y")
    is_table = y.ndim == 2 and len(y) == n_points and y.shape[1] > 1
    if not is_table or (colour is None and _is_one_hot(y)):
        refuse_colour(colour, 1)
        return labels, None
    return one_output(labels, y, colour)


def _with_gaps(labels: Any) -> Any:
    """A masked label is a missing one."""
    mask = _mask(labels)
    if mask is None or not mask.any():
        return labels
    values = np.asarray(labels)
    is_float = values.dtype.kind == "f"
    values = values.astype(values.dtype if is_float else object)
    values[mask] = np.nan if is_float else None
    return values


def _read(
    labels: Any,
    y: NDArray[Any],
    class_names: Sequence[str] | None,
    task: str | None,
    beside_outputs: bool,
) -> Labels:
    n_points = len(y)
    fewest = 1 if beside_outputs else 2
    if y.ndim == 2:
        if task == "regression":
            raise _not_one_a_point(y, n_points)
        columns = [str(name) for name in getattr(labels, "columns", range(y.shape[1]))]
        names = columns if class_names is None else list(class_names)
        return Labels(_numbers_by_name(y.argmax(axis=1), names, fewest), tuple(names), (ONE_HOT,))
    if class_names is not None:
        return Labels(_numbers_by_name(y, list(class_names), fewest), tuple(class_names))
    if (task or _task_of(y)) == "regression":
        return Labels(as_target(y, "y"))
    if beside_outputs and (places := _as_places(y)) is not None:
        numbers = places
        return Labels(numbers, tuple(str(k) for k in range(int(numbers.max(initial=0)) + 1)))
    values: Any = y if y.dtype.kind in "biuf" else _as_list(y)
    numbers, names = class_numbers(
        values, "y", order=declared_order(labels), fewest=fewest, remedy=GIVE_FLOATS
    )
    return Labels(numbers, tuple(names))


def as_column(labels: Any, n_points: int) -> NDArray[Any]:
    """(n_points,) labels, or (n_points, n_classes) that are one-hot.

    Raises
    ------
    UsageError
        When there is not one label a point.
    """
    y = plain_array(labels, "y")
    if y.ndim == 0 or len(y) != n_points:
        size = "one number" if y.ndim == 0 else counted(len(y), "label")
        raise UsageError(
            f"There are {n_points:,} points and {size}.\nGive one label a point, in the same order."
        )
    if y.ndim > 1 and y.size == n_points:
        return y.reshape(n_points)
    if y.ndim == 1 or _is_one_hot(y):
        return y
    raise _not_one_a_point(y, n_points)


def plain_array(values: Any, what: str) -> NDArray[Any]:
    """An array of anything that is one, of any library; a masked value is a missing one.

    Raises
    ------
    UsageError
        For masked values, with their number, and for what NumPy makes no array of.
    """
    mask = _mask(values)
    if mask is not None and mask.any():
        rows = np.flatnonzero(mask.reshape(len(mask), -1).any(axis=1)) if mask.ndim else [0]
        raise UsageError(
            f"{what} has {counted(int(mask.sum()), 'masked value')} in {counted(len(rows), 'row')} "
            f"of {mask.shape[0] if mask.ndim else 1:,} (the first in row {rows[0] + 1:,}): "
            "masked is missing.\nRemove or fill them first."
        )
    if getattr(values, "requires_grad", False):
        values = values.detach()
    if str(getattr(values, "dtype", "")) == "torch.bfloat16":
        # NumPy has no such type; single precision holds all of its numbers.
        values = values.float()
    try:
        return np.asarray(values)
    except Exception as error:
        if "inhomogeneous" in str(error):
            raise UsageError(
                f"The rows of {what} are not all of one length.\n"
                "Pad or cut them: a tokenizer does with padding=True."
            ) from error
        raise UsageError(
            f"Cannot make an array of {what}, a {type(values).__name__}: "
            f"{' '.join(str(error).split())[:200]}\nGive a NumPy array."
        ) from error


def _mask(values: Any) -> NDArray[np.bool] | None:
    if not isinstance(values, np.ma.MaskedArray):
        return None
    return cast("Any", np.ma).getmaskarray(values)


def in_order_of(labels: Any, points: Any) -> Any:
    """Labels in the order of the points, where both carry an index, as pandas' do.

    Raises
    ------
    UsageError
        When the labels' index is not the points' in some order.
    """
    theirs, own = _index(labels), _index(points)
    if theirs is None or own is None or len(theirs) != len(own) or theirs.equals(own):
        return labels
    if theirs.is_unique and own.is_unique:
        places = theirs.get_indexer(own)
        if (places >= 0).all():
            return labels.iloc[places]
        strange = next(name for name, place in zip(own, places, strict=True) if place < 0)
        reason = f"the points have {str(strange)[:40]!r}, the labels do not"
    else:
        reason = "a name in it stands for several rows"
    raise UsageError(
        f"The index of the labels is not the index of the points: {reason}.\n"
        "Give both the same index, or take the labels in their order: y.to_numpy()."
    )


def _index(values: Any) -> Any:
    """The index of a series or a data frame; a list has a method of that name."""
    index = getattr(values, "index", None)
    return index if hasattr(index, "get_indexer") and hasattr(values, "iloc") else None


def as_target(y: NDArray[Any], what: str) -> NDArray[np.float32]:
    """`y` (n_points,) in single precision, NaN for a point without a target.

    Raises
    ------
    UsageError
        For what are no numbers, infinite or too large ones, and where every target is missing.
    """
    if y.dtype.kind not in "biuf":
        raise UsageError(
            f"{what} must hold numbers to be a target; got {y.dtype}.\nClasses are given as label."
        )
    with np.errstate(over="ignore"):
        single = y.astype(np.float32)
    is_missing = np.isnan(single)
    good = np.isfinite(single) | is_missing
    if not good.all():
        raise not_finite(what, y, good)
    if is_missing.all() and len(single):
        raise UsageError(
            f"{what} has {counted(len(single), 'missing value')} in {len(single):,} rows: no "
            "target at all.\nGive numbers to some, or the points alone."
        )
    return single


def not_finite(what: str, values: NDArray[Any], good: NDArray[np.bool]) -> UsageError:
    """The error for a column of numbers of which not all are `good`."""
    rows = np.flatnonzero(~good)
    where = f"in {len(values):,} rows (the first in row {rows[0] + 1:,})"
    if np.isfinite(values[rows]).all():
        return UsageError(
            f"{what} has {counted(len(rows), 'value')} too large for single precision {where}: "
            f"{float(values[rows[0]]):g}.\nScale it to below 3e38."
        )
    return UsageError(
        f"{what} has {counted(len(rows), 'missing or infinite value')} in {len(values):,} rows "
        f"(the first in row {rows[0] + 1:,}: {float(values[rows[0]]):g}).\n"
        "Remove or fill them first."
    )


def _not_one_a_point(y: NDArray[Any], n_points: int) -> UsageError:
    return UsageError(
        f"Labels are one a point, or one-hot; got shape {y.shape} for {n_points:,} points.\n"
        "Give y.argmax(axis=1) for scores of classes, one column (y[:, 0]) of several targets."
    )


def _is_one_hot(y: NDArray[Any]) -> bool:
    """Whether every row of `y` (n_points, n_classes) has a single 1 among zeros."""
    if y.ndim != 2 or y.shape[1] < 2 or y.dtype.kind not in "biuf":
        return False
    return bool(((y == 0) | (y == 1)).all() and (y.sum(axis=1) == 1).all())


def _task_of(y: NDArray[Any]) -> str:
    """Classification unless `y` holds floats that are fractions, many, or hardly twice the same."""
    if y.dtype.kind != "f":
        return "classification"
    # Most targets are known by their first rows, without sorting all of them.
    for part in (y[: 10 * FEW], y):
        distinct = np.unique(part[~np.isnan(part)])
        if len(distinct) > FEW or not (distinct == np.round(distinct)).all():
            return "regression"
    known = y[~np.isnan(y)]
    is_price = len(distinct) > 2 and 2 * len(distinct) > len(known) and np.abs(known).max() > MOST
    return "regression" if is_price else "classification"


def _as_places(y: NDArray[Any]) -> NDArray[np.int64] | None:
    """Whole numbers from 0, some of them missing; None for anything else."""
    if y.dtype.kind == "O":
        values = [value if text_of(value) else np.nan for value in y.tolist()]
        if not all(isinstance(v, int | float) and not isinstance(v, bool) for v in values):
            return None
        y = np.array(values, np.float64)
    if y.dtype.kind not in "iuf":
        return None
    has_label = ~np.isnan(y)
    known = y[has_label]
    if not len(known) and len(y):
        return None
    if (known != np.round(known)).any() or not known.min(initial=0) >= 0:
        return None
    if known.max(initial=0) >= MAX_CLASSES:
        return None
    places = np.full(len(y), UNLABELLED)
    places[has_label] = known.astype(np.int64)
    return places


def _as_list(y: NDArray[Any]) -> list[Any]:
    # Dates become whole numbers otherwise.
    return (y.astype(str) if y.dtype.kind in "mM" else y).tolist()


def _as_numbers(texts: list[str], n_classes: int) -> NDArray[np.int64]:
    """Class numbers among which some are missing, as objects."""
    places = {str(k): k for k in range(n_classes)}
    return np.array([places.get(text, UNLABELLED) for text in texts], dtype=np.int64)


def _numbers_by_name(y: NDArray[Any], names: list[str], fewest: int) -> NDArray[np.int64]:
    """(n_points,) class numbers from numbers or names.

    Names beside numbers in a trace (`fewest` 1) only title them: they may repeat or be blank.
    """
    only_titles = fewest < 2 and y.dtype.kind in "biuf"
    unclear = len(set(names)) != len(names) or any(not name.strip() for name in names)
    if (unclear and not only_titles) or not fewest <= len(names) <= MAX_CLASSES:
        raise UsageError(
            f"class_names must be {fewest} to {MAX_CLASSES:,} different names, none of them "
            f"blank; got {shown(names)}.\nName every class once."
        )
    if y.dtype.kind in "biuf":
        gaps = np.isnan(y) if y.dtype.kind == "f" else np.zeros(y.shape, bool)
        numbers = np.where(np.isfinite(y), y, UNLABELLED).astype(np.int64)
        # Beside outputs they may come from a trace, which says so.
        gaps |= (y == UNLABELLED) & (fewest < 2)
        wrong = ((numbers != y) | (numbers < 0) | (numbers >= len(names))) & ~gaps
        allowed = f"the class numbers 0 to {len(names) - 1}"
    else:
        place = {name: k for k, name in enumerate(names)}
        texts = [text_of(value) for value in y.tolist()]
        numbers = np.array([place.get(text, UNLABELLED) for text in texts], dtype=np.int64)
        if y.dtype.kind == "O" and not any(text in place for text in texts):
            numbers = _as_numbers(texts, len(names))
        allowed = f"the class names {shown(names)}"
        wrong = (numbers < 0) & np.array([bool(text) for text in texts], bool)
    if wrong.any():
        row = int(np.flatnonzero(wrong)[0])
        raise UsageError(
            f"y must hold {allowed}; got {str(y[row])[:40]!r} in row {row + 1:,}.\n"
            "Leave class_names out to number the labels as they are."
        )
    if len(numbers) and len(np.unique(numbers[labelled_rows(numbers)])) < fewest:
        raise UsageError(
            f"y has one class only, {shown([names[int(numbers[0])]])}.\n"
            "Classification needs at least two."
        )
    return numbers
