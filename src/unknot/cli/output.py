"""Printing: JSON for programs, tables for people. Nothing else goes to stdout."""

import json
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from unknot.datasets import Description
    from unknot.traces.accuracy import Accuracies
    from unknot.traces.goodness import Goodness


def print_json(value: Any) -> None:
    """One JSON object on stdout, in ASCII: whatever encoding a shell or Windows takes it for."""
    json.dump(value, sys.stdout, indent=2, allow_nan=False)
    print()


def print_report(report: dict[str, Any], out: Path) -> None:
    """What a run came to, in a short table."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from unknot.datasets.labels import counted, visible
    from unknot.experiment import PAGE

    history = report["history"]
    table = Table(show_header=False, box=None, padding=(0, 2, 0, 0))
    table.add_column(style="dim")
    table.add_column()
    data = report["dataset"]
    name = visible(data["name"])
    rows = [
        (
            "data",
            f"{name}, {counted(data['n_points'], 'point')}, "
            f"{counted(data['n_features'], 'feature')}",
        ),
        ("network", report["architecture"]),
        ("training", _training(report["settings"])),
        ("loss", _last(history["loss"], history["validation_loss"])),
        ("accuracy", " · ".join(_reached(report["accuracy"]).beside(report["bayes_accuracy"]))),
        ("fit", " · ".join(_goodness(report["r2"], report["rmse"]).facts)),
    ]
    seconds = report["seconds"]
    spent = ", ".join(f"{name} {seconds[name]:.1f}" for name in seconds if name != "total")
    rows.append(("seconds", f"{seconds['total']:.1f} ({spent})"))
    rows.append(("written", f"{out}{'' if str(out).endswith('/') else '/'}"))
    for name, value in rows:
        if value:
            table.add_row(name, Text(value))
    for name in report["files"]:
        table.add_row("", Text(name))
    Console(soft_wrap=True).print(table)
    page = shlex.quote(str(out / PAGE))
    print(f"to see it: unknot open {shlex.quote(str(out))}, or {page} in a browser")
    if report["advice"]:
        print(f"unknot: {report['advice']}", file=sys.stderr)
    if report["interrupted"]:
        print("Interrupted: this is what had been trained by then.", file=sys.stderr)


def _training(settings: dict[str, Any]) -> str:
    """How the network was trained, chosen or asked for, in one line."""
    rate, batch = settings["learning_rate"], settings["batch_size"]
    parts = [
        f"{settings['epochs']:,} epochs of {batch:,} rows a step at rate {rate:g}"
        if settings["steps"] is None
        else f"{settings['steps']:,} steps of {batch:,} rows at a rate up to {rate:.3g}, then to 0",
        settings["optimizer"],
    ]
    if settings["weight_decay"]:
        parts.append(f"weight decay {settings['weight_decay']:.2g}")
    if settings["standardise"]:
        parts.append("features standardised")
    return ", ".join(parts)


def _reached(accuracy: dict[str, float | None]) -> "Accuracies":
    from unknot.traces.accuracy import Accuracies

    return Accuracies(**accuracy)


def _goodness(r2: dict[str, float | None], rmse: dict[str, float | None]) -> "Goodness":
    from unknot.traces.goodness import Fit, Goodness

    fits = {part: Fit(r2[part], error) for part, error in rmse.items() if error is not None}
    return Goodness(**fits)


def _last(train: list[float], validation: list[float]) -> str:
    if validation:
        also = f" (training {_short(train[-1])})" if train else ""
        return f"held out {_short(validation[-1])}{also}"
    return f"training {_short(train[-1])}, nothing held out" if train else ""


def _short(loss: float) -> str:
    """Four decimals, and none of a squared error in the thousands; of millions three digits."""
    return f"{loss:.3g}" if loss >= 1e6 else f"{loss:,.0f}" if loss >= 1_000 else f"{loss:.4f}"


def print_datasets(rows: "list[Description]") -> None:
    """The list of data sets."""
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
    table.add_column("name", no_wrap=True)
    table.add_column("features", justify="right")
    table.add_column("classes", justify="right")
    table.add_column("Bayes", justify="right")
    table.add_column("what it is, and its parameters (-p NAME=VALUE)", ratio=1)
    for row in rows:
        parameters = " ".join(f"{name}={default}" for name, (default, _) in row.parameters.items())
        table.add_row(
            row.name,
            str(row.n_features),
            str(row.n_classes) if row.n_classes else "number",
            "" if row.bayes_accuracy is None else f"{row.bayes_accuracy:.4f}",
            f"{row.summary}." + (f"\n{parameters}" if parameters else ""),
        )
    Console().print(table, highlight=False, markup=False)
