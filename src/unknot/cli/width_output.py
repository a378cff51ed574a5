"""The result of `width` for people: a table, the answer, the reasons, the theory."""

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console

    from unknot.width.result import MinimumWidth


def print_result(result: "MinimumWidth") -> None:
    """Everything that the search found, on stdout."""
    from rich.console import Console
    from rich.markup import escape

    # Lines in a file or a pipe are as long as they are.
    console = Console(highlight=False, width=None if sys.stdout.isatty() else 1_000)
    ceiling = result.ceiling
    console.print(
        f"ceiling {ceiling.accuracy:.4f} ({escape(ceiling.source)}), tolerance "
        f"{result.tolerance:g}; judged on {result.n_judging:,} {result.judged_on}"
    )
    others = [f"{n} {a:.4f}" for n, a in ceiling.candidates.items() if n != ceiling.source]
    if others:
        console.print(f"  not the best: {', '.join(others)}", style="dim")
    _table(console, result)
    console.print(f"\n[bold]{_answer(result)}[/]")
    for each in result.widths:
        if each.verdict != "enough":
            console.print(f"width {each.width}: {each.verdict}. {escape(each.reason)}")
    if result.advice:
        console.print(escape(result.advice))
    if result.theory:
        console.print("\nwhat is proved", style="bold")
        for statement in result.theory:
            console.print(f"- {escape(statement.text)} ({escape(statement.source)})")


def _table(console: "Console", result: "MinimumWidth") -> None:
    from rich.table import Table

    table = Table(box=None, padding=(0, 1, 0, 0), header_style="bold")
    for name in ("width", "kept", "±", "best", "median", "reach it", "95 %", "starts"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("verdict", no_wrap=True)
    for w in result.widths:
        low, high = w.interval
        table.add_row(
            str(w.width),
            f"{w.accuracy:.4f}",
            f"{w.standard_error:.4f}",
            f"{w.best:.4f}",
            f"{w.median:.4f}",
            f"{w.n_reached}/{len(w.accuracies)}",
            f"{low:.2f}–{high:.2f}",
            "–" if w.restarts_needed is None else str(w.restarts_needed),
            w.verdict,
        )
    console.print(table)
    console.print(
        "kept: the network that is best on the training points; 95 %: interval of the share that "
        "reach the tolerance; starts: so many find one that does with 95 % probability",
        style="dim",
    )


def _answer(result: "MinimumWidth") -> str:
    if result.interrupted:
        return "Interrupted: no answer yet."
    if result.winner is None:
        return "No width is enough."
    units = "unit" if result.answer == 1 else "units"
    needed = result.winner.restarts_needed
    starts = "one random start finds it" if needed == 1 else f"{needed} random starts find it"
    tail = "" if needed is None else f"; {starts} with 95 % probability"
    return f"{result.answer} {units}{tail}"
