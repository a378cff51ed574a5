"""The command `width`: its options, what it prints, and what --figures writes."""

import sys
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

from unknot.cli.app import command
from unknot.cli.options import (
    ACTIVATIONS,
    METRICS,
    OPTIMISERS,
    REAL,
    WHOLE,
    Data,
    DataOptions,
    Json,
    Seed,
)

if TYPE_CHECKING:
    from rich.console import Console

    from unknot.width.result import MinimumWidth


@Parameter(name="*")
@dataclass(frozen=True)
class SearchOptions:
    """The networks that are tried, and how each is trained."""

    activation: Annotated[str, Parameter(help=f"One for all hidden layers, of {ACTIVATIONS}.")] = (
        "relu"
    )
    depth: Annotated[
        int, WHOLE, Parameter(help="Number of hidden layers, all of the same width.")
    ] = 1
    max_width: Annotated[int, WHOLE, Parameter(help="The largest width to try.")] = 8
    restarts: Annotated[int, WHOLE, Parameter(help="Random starts for each width.")] = 32
    tolerance: Annotated[
        float | None,
        REAL,
        Parameter(
            help="How far below the ceiling is still enough; by default 0.005, or the smallest "
            "difference that the points can tell."
        ),
    ] = None
    metric: Annotated[
        str | None,
        Parameter(
            help=f"What widths are judged by: one of {METRICS}. By default balanced_accuracy "
            "where the smallest class has less than 5 % of the points, and accuracy elsewhere."
        ),
    ] = None
    readout: Annotated[
        int | None, WHOLE, Parameter(help="Units of a linear layer before the output.")
    ] = None
    optimizer: Annotated[str, Parameter(help=f"One of {OPTIMISERS}.")] = "adam"
    learning_rate: Annotated[float | None, REAL, Parameter(help="The peak rate.")] = None
    steps: Annotated[int, WHOLE, Parameter(help="Optimiser steps of each training.")] = 16_000
    batch_size: Annotated[int, WHOLE, Parameter(help="Points in each step.")] = 512


@command(
    "unknot width circles -p noise=0.2 -n 100000",
    "unknot width moons --activation tanh --max-width 6 --out moons.parquet --json",
    "unknot width flowers.csv --label species --max-width 4",
    "unknot width circles -n 100000 --restarts 1000 --cluster tcp://10.0.0.1:8786",
)
def width(
    data: Data,
    *,
    points: DataOptions | None = None,
    search: SearchOptions | None = None,
    out: Annotated[
        Path | None,
        Parameter(
            help="A .parquet file that keeps every training; the same command resumes from it."
        ),
    ] = None,
    figures: Annotated[
        Path | None,
        Parameter(help="A folder for pictures, the film of two widths, and their networks."),
    ] = None,
    cluster: Annotated[
        str | None, Parameter(help="A Dask scheduler, tcp://HOST:PORT, to train on.")
    ] = None,
    seed: Seed = 0,
    json: Json = False,
) -> None:
    """How many hidden units does DATA need? Many trainings, a ceiling, and the theory."""
    from unknot.cli.output import print_json
    from unknot.width.search import minimum_width

    dataset: Any = (points or DataOptions()).load(data, seed)
    result = minimum_width(
        dataset, **vars(search or SearchOptions()), seed=seed, cluster=cluster, out=out
    )
    written = [] if figures is None or not result.widths else write_files(result, figures)
    if json:
        print_json(result.as_json())
    else:
        print_result(result, is_chosen=(search or SearchOptions()).tolerance is None)
        for path in written:
            print(f"written: {path}")
    if result.interrupted:
        raise KeyboardInterrupt


def write_files(result: "MinimumWidth", folder: Path) -> list[Path]:
    """Pictures, the film of the best failing width beside the winner, and their networks.

    Returns
    -------
    list of Path
        What was written.
    """
    from unknot.traces.storage import save
    from unknot.views.figures import figure, save_figure
    from unknot.views.films import animate

    written = [folder / "accuracy.png"]
    save_figure(figure(result), written[0], dpi=150)
    if result.widths[0].run.data.n_features == 2:
        written.append(folder / "regions.png")
        save_figure(figure(result, what="regions"), written[-1], dpi=150)
    pair = [shown for shown in (result.best_failing, result.winner) if shown is not None]
    for shown in pair:
        written.append(folder / f"width-{shown.width}.safetensors")
        save(shown.run, written[-1])
    if len(pair) == 2:
        written.append(folder / "film.mp4")
        animate(result, written[-1])
    return written


def print_result(result: "MinimumWidth", *, is_chosen: bool = False) -> None:
    """Everything that the search found, on stdout; `is_chosen` where nobody gave a tolerance."""
    from rich.console import Console
    from rich.markup import escape

    from unknot.width.settings import TOLERANCE

    # Lines in a file or a pipe are as long as they are.
    console = Console(highlight=False, width=None if sys.stdout.isatty() else 1_000)
    ceiling = result.ceiling
    is_least = is_chosen and result.tolerance > TOLERANCE
    why = " (the least that these points can tell)" if is_least else ""
    console.print(
        f"ceiling {ceiling.accuracy:.4f} ({escape(ceiling.source)}), tolerance "
        f"{result.tolerance:g}{why}; judged on {result.n_judging:,} {result.judged_on}"
    )
    others = [f"{n} {a:.4f}" for n, a in ceiling.candidates.items() if n != ceiling.source]
    if others:
        console.print(
            f"  not chosen, by rows set apart from the training rows: {escape(', '.join(others))}",
            style="dim",
        )
    console.print(
        f"judged by {result.metric_name}; the largest class is {_percent(result.majority_share)} "
        f"of the judging points, and always giving one answer scores {result.constant_score:.4f}"
    )
    _table(console, result)
    console.print(f"\n[bold]{_answer(result)}[/]")
    for each in result.widths:
        if each.verdict != "enough":
            console.print(f"width {each.width}: {each.verdict}. {escape(each.reason)}")
    _print_recalls(console, result)
    if result.advice:
        console.print(escape(result.advice))
    if result.theory:
        console.print("\nwhat is proved", style="bold")
        for statement in result.theory:
            where = f"; {statement.domain}" if statement.domain else ""
            console.print(f"- {escape(statement.text)} ({escape(statement.source + where)})")


#: Classes whose recall is told, the least found first.
MOST_CLASSES = 3


def _print_recalls(console: "Console", result: "MinimumWidth") -> None:
    """How much of the least found classes each width's chosen network finds."""
    from rich.markup import escape

    from unknot.datasets.labels import visible

    told = [each for each in result.widths if each.recalls]
    if not told:
        return
    console.print("\nrecall (share found) of each class, lowest first", style="bold")
    for each in told:
        recalls = sorted((each.recalls or {}).items(), key=lambda pair: pair[1])
        texts = [f"{visible(name)} {_percent(share)}" for name, share in recalls[:MOST_CLASSES]]
        more = f", {len(recalls) - MOST_CLASSES} more" if len(recalls) > MOST_CLASSES else ""
        console.print(f"width {each.width}: {escape(', '.join(texts))}{more}")


def _percent(share: float) -> str:
    """Never rounded to all or nothing."""
    if 0 < share < 0.0005 or 0.9995 < share < 1:
        return f"{100 * share:.3g} %" if share < 0.5 else f"{100 * share:.6g} %"
    return f"{100 * share:.1f} %"


def _table(console: "Console", result: "MinimumWidth") -> None:
    from rich.table import Table

    table = Table(box=None, padding=(0, 1, 0, 0), header_style="bold")
    for name in ("width", "chosen", "±", "best", "median", "reach it", "95 %", "starts"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("verdict", no_wrap=True)
    for w in result.widths:
        low, high = w.interval
        table.add_row(
            str(w.width),
            f"{w.score:.4f}",
            f"{w.shortfall_error:.4f}",
            f"{max(w.scores):.4f}",
            f"{median(w.scores):.4f}",
            f"{w.n_reached}/{len(w.accuracies)}",
            f"{low:.2f}–{high:.2f}",
            "–" if w.restarts_needed is None else str(w.restarts_needed),
            w.verdict,
        )
    console.print(table)
    console.print(
        "chosen: score of the network that is best on the training points, ± the standard error of "
        "its distance to the ceiling; reach it: random starts that end within the tolerance; "
        "95 %: confidence interval of their share; starts: how many it takes to find such a "
        "network with 95 % probability",
        style="dim",
    )


def _answer(result: "MinimumWidth") -> str:
    if result.interrupted:
        return "Interrupted: no answer yet."
    if result.answer is None and result.answer_range is not None:
        text = f"{result.answer_text[0].upper()}{result.answer_text[1:]}"
        high = result.answer_range[1]
        return f"{text}." if high is None else f"{text}; {high} are surely enough."
    if result.winner is None:
        return "No width is enough."
    units = "unit" if result.answer == 1 else "units"
    needed = result.winner.restarts_needed
    starts = "one random start finds it" if needed == 1 else f"{needed} random starts find it"
    tail = "" if needed is None else f"; {starts} with 95 % probability"
    return f"{result.answer} {units}{tail}"
