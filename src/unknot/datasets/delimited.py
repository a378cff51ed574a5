"""Tables as text: values between commas, semicolons, tabs or bars."""

import csv
import re
from collections.abc import Sequence
from io import StringIO
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from unknot.datasets.labels import counted, repeats, shown
from unknot.errors import UsageError

if TYPE_CHECKING:
    import polars

SEPARATORS = ",;\t|"


def read_delimited(path: Path, text_columns: Sequence[Any]) -> "polars.DataFrame":
    """Read a CSV or TSV file; its first line holds the names of the columns.

    The separator is the first of comma, semicolon, tab and bar (for ``.tsv`` the tab first)
    that cuts the first rows into equally many values. Decimal commas are understood where it is
    a semicolon. Lines without any value are skipped.

    Parameters
    ----------
    path : Path
    text_columns : sequence
        Read those of these names as text whatever they hold, so that ``01`` stays ``01``.

    Raises
    ------
    UsageError
        When the file is no such table: empty, not UTF-8, ragged, columns without a name or
        with the same one.
    """
    import polars

    separator, header = _header(path)
    names = [name.strip() for name in header]
    _check_names(path, names)
    text = {
        written: polars.String
        for written, name in zip(header, names, strict=True)
        if name in text_columns
    }
    try:
        frame = polars.read_csv(
            path,
            separator=separator,
            schema_overrides=text,
            infer_schema_length=None,
            glob=False,
        )
    except (Exception, polars.exceptions.PanicException):
        raise _diagnosis(path, separator, len(names)) from None
    if len(frame.columns) != len(names):
        raise _diagnosis(path, separator, len(names))
    frame.columns = names
    has_nulls = any(frame.null_count().row(0))
    if has_nulls:
        frame = frame.filter(~polars.all_horizontal(polars.all().is_null()))
        if ragged := _ragged_line(path, separator, len(names)):
            raise UsageError(ragged)
    if frame.height == 0:
        raise UsageError(f"{path} has a first line with names but no rows.\nAdd rows of values.")
    strings = [name for name, kind in frame.schema.items() if kind == polars.String]
    frame = frame.with_columns(polars.col(strings).str.strip_chars())
    if separator == ";":
        frame = _with_decimal_commas(frame, [name for name in strings if name not in text_columns])
    return frame


def _header(path: Path) -> tuple[str, list[str]]:
    """The separator and the names in the first line."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            start = file.read(1_000_000)
            if "\n" not in start:
                start += file.read()
    except UnicodeDecodeError:
        raise _not_utf8(path) from None
    first = re.split("[\r\n]", start, maxsplit=1)[0]
    if not first.strip():
        raise UsageError(
            f"{path} is empty or starts with an empty line.\n"
            "The first line must hold the names of the columns."
        )
    order = sorted(
        SEPARATORS, key=lambda separator: path.suffix.lower() == ".tsv" and separator != "\t"
    )
    tables = {separator: _first_rows(start, separator) for separator in order}
    for separator, rows in tables.items():
        if rows and len(rows[0]) > 1 and len({len(row) for row in rows}) == 1:
            return separator, rows[0]
    # One column, or lines of different lengths, which is for later to say.
    separator = max(order, key=first.count)
    if not tables[separator]:
        raise _unreadable(path)
    return separator, tables[separator][0]


def _first_rows(start: str, separator: str) -> list[list[str]]:
    """Up to 20 rows, without blank lines; none when the text cannot be split so."""
    try:
        reader = csv.reader(StringIO(start, newline=""), delimiter=separator)
        # The very last row may have been cut short.
        rows = list(islice((row for row in reader if row), 21))
    except csv.Error:
        return []
    return rows[:-1] if len(rows) > 2 else rows


def _check_names(path: Path, names: list[str]) -> None:
    if names[0].lower().startswith("sep="):
        raise UsageError(
            f"{path}: the first line, {names[0]}, is for a spreadsheet.\n"
            "Remove it: the first line must hold the names of the columns."
        )
    for place, name in enumerate(names):
        if not name:
            raise UsageError(
                f"{path}: column {place + 1} has no name.\n"
                "Name it in the first line or remove it (pandas: to_csv(…, index=False))."
            )
    if repeated := repeats(names):
        raise UsageError(
            f"{path}: column names appear twice: {shown(repeated)}.\n"
            "Rename one of them; the first line must hold names, not values."
        )


def _with_decimal_commas(frame: "polars.DataFrame", names: list[str]) -> "polars.DataFrame":
    """Text columns that hold nothing but numbers with decimal commas, as numbers."""
    import polars

    for name in names:
        column = frame[name]
        numbers = column.str.replace(",", ".", literal=True).cast(polars.Float64, strict=False)
        if numbers.null_count() == column.null_count():
            frame = frame.with_columns(numbers)
    return frame


def _diagnosis(path: Path, separator: str, n_columns: int) -> UsageError:
    """Say why polars did not read the file."""
    ragged = _ragged_line(path, separator, n_columns, strict=True)
    if ragged:
        return UsageError(ragged)
    # What polars says is of bytes and dtypes, not of the table.
    return _unreadable(path, "unusual line ends")


def _ragged_line(path: Path, separator: str, n_columns: int, *, strict: bool = False) -> str | None:
    """A message that names the first line with too many or too few values, if there is one."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file, delimiter=separator, strict=strict)
            last = 0
            for row in reader:
                if row and len(row) != n_columns:
                    return (
                        f"{path}, line {last + 1}: {counted(len(row), 'value')} where the first "
                        f"line names {counted(n_columns, 'column')}.\nGive every line as many, "
                        f"and quote text that holds {separator!r}."
                    )
                last = reader.line_num
    except UnicodeDecodeError:
        raise _not_utf8(path) from None
    except csv.Error as error:
        open_end = "unexpected end" in str(error)
        raise _unreadable(
            path, "a quotation mark is never closed" if open_end else str(error)
        ) from None
    return None


def _not_utf8(path: Path) -> UsageError:
    with path.open("rb") as file:
        for number, line in enumerate(file, start=1):
            try:
                line.decode()
            except UnicodeDecodeError:
                return UsageError(
                    f"{path} is not UTF-8 text: line {number} cannot be read.\n"
                    "Save it as UTF-8 (in a spreadsheet: CSV UTF-8)."
                )
    return _unreadable(path)


def _unreadable(path: Path, reason: str = "no table in it") -> UsageError:
    return UsageError(
        f"Cannot read {path} as a table: {' '.join(reason.split())}.\n"
        "The first line must hold the names of the columns, every other line one point."
    )
