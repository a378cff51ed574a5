"""A table of measures for people: a row a representation, no line wider than the terminal."""

import sys
import textwrap
from collections.abc import Generator, Sequence
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    import polars
    from rich.console import Console

#: Worked out for the terminal when nobody asked for others.
OF_CLASSES = (
    *("linear_probe", "gdv", "silhouette", "neighbour_agreement"),
    *("participation_ratio", "intrinsic_dimension"),
)
OF_A_NUMBER = ("linear_probe_r2", "r2", "r2_training", "rmse", "rmse_training")
OF_POINTS = ("participation_ratio", "intrinsic_dimension", "linear_regions", "dead_units")
OF_A_VIEW = ("variance_shown", "probe_shown", "trustworthiness", "continuity")
#: Columns that are no measures.
OTHERS = ("representation", "epoch", "bayes_accuracy", "reasons", "n_points")
#: Betti numbers of so many classes are shown one by one, of more as their sums.
MOST_CLASSES = 3
#: Networks from which a bootstrap interval is about as wide as it says.
MANY_RUNS = 10
#: Between two columns.
GAP = 2


def usual(n_classes: int, has_view: bool) -> list[str]:
    """The measures that a terminal shows unasked."""
    if n_classes > 1:
        return [*OF_CLASSES, *(OF_A_VIEW if has_view else ())]
    of_a_view = [name for name in OF_A_VIEW if name != "probe_shown"]
    if n_classes:
        return [*OF_POINTS, *(of_a_view if has_view else ())]
    own = [*OF_A_NUMBER, *OF_POINTS[:2]]
    return [*own, *(["probe_shown_r2", *of_a_view] if has_view else ())]


def console() -> "Console":
    """Tables in a file or a pipe are as wide as they are."""
    from rich.console import Console

    return Console() if sys.stdout.isatty() else Console(width=1_000)


def print_table(frame: "polars.DataFrame", notes: Sequence[str], clock: str = "epoch") -> None:
    """One table an epoch, then what it says little of: dashes, points left out, `notes`."""
    out = console()
    for _, block in frame.group_by("epoch", maintain_order=True):
        epoch = block["epoch"][0]
        _print_block(block, out, None if epoch is None else f"{clock} {epoch:.7g}")
    for line in [*_reasons(frame), *_thinned(frame), *_sums(frame), *notes]:
        print(textwrap.fill(line, out.width, subsequent_indent="  ", break_on_hyphens=False))


def _print_block(block: "polars.DataFrame", out: "Console", title: str | None) -> None:
    names = block["representation"].to_list()
    columns = {name: _cells(block[name].to_list()) for name in block.columns if name not in OTHERS}
    _print_columns(names, columns, out, title)


def print_replicates(frame: "polars.DataFrame", has_others: bool) -> None:
    """The mean of several networks with its interval, and the difference from others."""
    out = console()
    ends = ("_low", "_high", "_difference", "_p")
    names = [name for name in frame.columns[1:-1] if not name.endswith(ends)]
    columns: dict[str, list[str]] = {}
    for name in names:
        parts = [_cells(frame[f"{name}{end}"].to_list()) for end in ("", *ends[:2])]
        columns[name] = [f"{mean} ({low} … {high})" for mean, low, high in zip(*parts, strict=True)]
        if has_others:
            columns[f"{name}_difference"] = _cells(frame[f"{name}_difference"].to_list())
            columns[f"{name}_p"] = _cells(frame[f"{name}_p"].to_list())
    _print_columns(frame["representation"].to_list(), columns, out, None)
    n = frame["n_runs"][0]
    lines = [f"mean of {n} networks (95 % interval: percentile bootstrap over networks)"]
    if n < MANY_RUNS:
        lines.append(f"Of fewer than {MANY_RUNS} networks the interval is too narrow.")
    if has_others:
        lines.append("_difference: mean of the pairs; _p: paired permutation test, two-sided")
    for line in lines:
        print(textwrap.fill(line, out.width, subsequent_indent="  ", break_on_hyphens=False))


def _print_columns(
    names: list[str], columns: dict[str, list[str]], out: "Console", title: str | None
) -> None:
    """As many tables, one below the other, as the width needs."""
    from rich.table import Table
    from rich.text import Text

    from unknot.datasets.labels import visible

    first = min(max(len(name) for name in names), out.width // 3)
    for chosen in _fitting(columns, out.width - first - GAP):
        table = Table(
            box=None,
            padding=(0, GAP, 0, 0),
            header_style="bold",
            title=title,
            title_justify="left",
            title_style="bold",
        )
        table.add_column("", no_wrap=True, max_width=first, overflow="ellipsis")
        for name in chosen:
            table.add_column(_heading(name, out.width), justify="right", no_wrap=True)
        for row, name in enumerate(names):
            table.add_row(Text(visible(name)), *(Text(columns[each][row]) for each in chosen))
        out.print(table)


def _fitting(columns: dict[str, list[str]], room: int) -> Generator[list[str]]:
    """Names of columns, as many at once as there is room for."""
    chosen: list[str] = []
    used = 0
    for name, cells in columns.items():
        heading = max(len(line) for line in _heading(name, room).splitlines())
        width = max(heading, *map(len, cells)) + GAP
        if chosen and used + width > room:
            yield chosen
            chosen, used = [], 0
        chosen.append(name)
        used += width
    if chosen:
        yield chosen


def _heading(name: str, width: int) -> str:
    """On a terminal in two lines: measures have longer names than values."""
    return name if width > 500 else name.replace("_", "_\n", 1)


def _cells(values: list[Any]) -> list[str]:
    """Four digits each, zeros at the end too, unless all are whole: a column is read downwards."""
    numbers = [value for value in values if isinstance(value, int | float)]
    form = ".4g" if all(float(value).is_integer() for value in numbers) else "#.4g"
    return [_cell(value, form) for value in values]


def _cell(value: Any, form: str) -> str:
    if value is None:
        return "–"
    if not isinstance(value, list):
        return f"{value:{form}}".removesuffix(".")
    classes = cast("list[list[int]]", value)
    if len(classes) > MOST_CLASSES:
        return "(" + ",".join(str(sum(numbers)) for numbers in zip(*classes, strict=True)) + ")"
    return " ".join("(" + ",".join(map(str, numbers)) + ")" for numbers in classes)


def _sums(frame: "polars.DataFrame") -> list[str]:
    """What a cell of Betti numbers means where there are many classes."""
    values = [
        (name, value)
        for name in frame.columns
        if name not in OTHERS and frame[name].dtype.is_nested()
        for value in frame[name].drop_nulls().to_list()
    ]
    lines = dict.fromkeys(
        f"{name}: pieces and holes of all {len(value)} classes together; of each class in --json."
        for name, value in values
        if len(value) > MOST_CLASSES
    )
    return list(lines)


def _reasons(frame: "polars.DataFrame") -> list[str]:
    """Why there is a dash, once a reason and measure."""
    by_reason: dict[str, dict[str, None]] = {}
    for reasons in frame["reasons"].to_list():
        for entry in reasons:
            by_reason.setdefault(entry["reason"], {})[entry["measure"]] = None
    return [f"– {', '.join(names)}: {reason}" for reason, names in by_reason.items()]


def _thinned(frame: "polars.DataFrame") -> list[str]:
    """Which measures did not see every point."""
    used: dict[int, list[str]] = {}
    rows: list[dict[str, int]] = frame["n_points"].to_list()
    most = rows[0]["all"]
    for name in rows[0]:
        n = min(row[name] for row in rows)
        if n < most:
            used.setdefault(n, []).append(name)
    return [
        f"{n:,} of {most:,} points, drawn at random: {', '.join(names)}"
        for n, names in sorted(used.items())
    ]


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
    console().print(table, markup=False)
