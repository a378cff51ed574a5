"""A table of measures for people, for programs and for files."""

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from unknot.errors import UsageError
from unknot.files import whole_file

if TYPE_CHECKING:
    import polars
    from rich.console import Console

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
                _flat(frame).write_csv(temporary)
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


def print_table(frame: "polars.DataFrame", as_json: bool, notes: Sequence[str] = ()) -> None:
    """The table on stdout: measures down, representations across, one table an epoch."""
    if as_json:
        from unknot.cli.output import print_json

        print_json({"rows": [_row(row) for row in frame.to_dicts()], "notes": list(notes)})
        return
    for _, block in frame.group_by("epoch", maintain_order=True):
        _print_block(block)
    _print_reasons(frame)
    _print_thinned(frame)
    for note in notes:
        print(note)


def _row(row: dict[str, Any]) -> dict[str, Any]:
    reasons = {entry["measure"]: entry["reason"] for entry in row["reasons"]}
    return row | {"reasons": reasons}


def _console() -> "Console":
    """Tables in a file or a pipe are as wide as they are."""
    from rich.console import Console

    return Console() if sys.stdout.isatty() else Console(width=1_000)


def _print_block(block: "polars.DataFrame") -> None:
    from rich.table import Table
    from rich.text import Text

    epoch = block["epoch"][0]
    table = Table(
        box=None,
        padding=(0, 2, 0, 0),
        header_style="bold",
        title=None if epoch is None else f"epoch {epoch:.3g}",
        title_justify="left",
        title_style="bold",
    )
    table.add_column("", no_wrap=True, style="dim")
    for name in block["representation"]:
        table.add_column(Text(name), justify="right")
    for name in block.columns:
        if name not in ("representation", "epoch", "reasons", "n_points"):
            table.add_row(name, *(Text(_number(value)) for value in block[name].to_list()))
    _console().print(table)


def _number(value: Any) -> str:
    if value is None:
        return "–"
    if isinstance(value, list):
        return " ".join("(" + ",".join(map(str, numbers)) + ")" for numbers in value)  # pyright: ignore[reportUnknownArgumentType]
    return f"{value:.4g}"


def _print_reasons(frame: "polars.DataFrame") -> None:
    """Why there is a dash, once a reason and measure."""
    found: dict[tuple[str, str], None] = {}
    for reasons in frame["reasons"].to_list():
        for entry in reasons:
            found[entry["measure"], entry["reason"]] = None
    by_reason: dict[str, list[str]] = {}
    for measure, reason in found:
        by_reason.setdefault(reason, []).append(measure)
    for reason, names in by_reason.items():
        print(f"– {', '.join(names)}: {reason}")


def _print_thinned(frame: "polars.DataFrame") -> None:
    """Which measures did not see every point."""
    used: dict[int, list[str]] = {}
    rows: list[dict[str, int]] = frame["n_points"].to_list()
    most = rows[0]["all"]
    for name in rows[0]:
        n = min(row[name] for row in rows)
        if n < most:
            used.setdefault(n, []).append(name)
    for n, names in sorted(used.items()):
        print(f"{n:,} of {most:,} points, drawn at random: {', '.join(names)}")


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

    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
    for name in ("name", "range", "untangled is", "what it is"):
        table.add_column(name, no_wrap=name != "what it is")
    for entry in entries.values():
        low, high = ("" if end is None else f"{end:g}" for end in entry.range)
        title = entry.title + ("" if entry.by_default else " (on request)")
        table.add_row(entry.name, f"{low} … {high}", entry.direction, Text(title))
    _console().print(table, markup=False)
