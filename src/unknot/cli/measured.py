"""A table of measures for programs and for files, and the list of measures."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from unknot.errors import UsageError
from unknot.files import whole_file

if TYPE_CHECKING:
    import polars

SUFFIXES = (".csv", ".parquet")


def check_suffix(path: Path) -> None:
    """Fail before the work, not after it."""
    if path.suffix.lower() not in SUFFIXES:
        raise UsageError(
            f"Cannot write {path}: {path.suffix or 'a file without a suffix'} is not a supported "
            f"type.\nAllowed: {', '.join(SUFFIXES)}."
        )


def write(frame: "polars.DataFrame", path: Path) -> None:
    """The table to a file; in CSV, which has no lists, a list is its JSON text."""
    import polars

    with whole_file(path) as temporary:
        try:
            if path.suffix.lower() == ".parquet":
                frame.write_parquet(temporary)
            else:
                # Python tells of a full disk; polars before 2 leaves a part of the file.
                temporary.write_bytes(_flat(frame).write_csv().encode())
        except polars.exceptions.PolarsError as error:
            # polars wraps what the system said, a full disk for one.
            raise OSError(str(error).rpartition("IO error: ")[2]) from error


def _flat(frame: "polars.DataFrame") -> "polars.DataFrame":
    import polars

    nested = [name for name, dtype in frame.schema.items() if dtype.is_nested()]
    texts = [
        polars.Series(
            name,
            [None if value is None else json.dumps(value) for value in frame[name].to_list()],
            dtype=polars.String,
        )
        for name in nested
    ]
    return frame.with_columns(texts)


def print_json_rows(frame: "polars.DataFrame", notes: Sequence[str]) -> None:
    """The table as one JSON object on stdout."""
    from unknot.cli.output import print_json

    print_json({"rows": [_row(row) for row in frame.to_dicts()], "notes": list(notes)})


def _row(row: dict[str, Any]) -> dict[str, Any]:
    reasons = {entry["measure"]: entry["reason"] for entry in row["reasons"]}
    return row | {"reasons": reasons}


def print_list(as_json: bool) -> None:
    """Every measure with what it means."""
    from unknot.measures import entries

    if as_json:
        from unknot.cli.output import print_json

        rows = [
            {
                "name": entry.name,
                "title": entry.title,
                "range": list(entry.range),
                "direction": entry.direction or None,
                "max_points": entry.max_points,
                "by_default": entry.by_default,
                "needs": list(entry.needs),
            }
            for entry in entries.values()
        ]
        print_json({"measures": rows})
        return
    from rich.table import Table
    from rich.text import Text

    from unknot.cli.measure_table import console

    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
    for name in ("name", "range", "untangled is", "what it is"):
        table.add_column(name, no_wrap=name != "what it is")
    for entry in entries.values():
        low, high = ("" if end is None else f"{end:g}" for end in entry.range)
        title = entry.title + ("" if entry.by_default else " (on request)")
        table.add_row(entry.name, f"{low} … {high}", entry.direction, Text(title))
    console().print(table, markup=False)
