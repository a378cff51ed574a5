"""The command `measure`."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

from unknot.cli.options import Json, Seed, ViewOptions, split

if TYPE_CHECKING:
    from unknot.traces.representation import Trace
    from unknot.traces.run import Run

Source = Annotated[Path, Parameter(help="A trace or run that unknot wrote (.safetensors).")]

#: Shown under ``--help``.
EXAMPLES = (
    "unknot measure demo/trace.safetensors",
    "unknot measure demo/trace.safetensors --measures linear_probe,gdv -o tangled.csv",
    "unknot measure demo/run.safetensors --epochs 0,1,5",
    "unknot measure demo/run.safetensors --json",
    "unknot measure --list",
)


def measure(
    source: Source | None = None,
    *,
    measures: Annotated[
        str | None,
        Parameter(help="Which, joined by commas; --list names them. A few are shown by default."),
    ] = None,
    epochs: Annotated[
        str | None,
        Parameter(
            help="Of a run: epochs joined by commas, or all. Shown are the first and the last by "
            "default, written all."
        ),
    ] = None,
    view: Annotated[
        bool,
        Parameter(negative="", help="Measure as well how faithful a view of the trace is."),
    ] = False,
    options: ViewOptions | None = None,
    output: Annotated[
        Path | None,
        Parameter(name=["--output", "-o"], help="Write the table: a .csv or .parquet file."),
    ] = None,
    list_: Annotated[
        bool, Parameter(name="--list", negative="", help="List the measures and stop.")
    ] = False,
    seed: Seed = 0,
    json: Json = False,
) -> None:
    """Measure how tangled the classes are at every layer, and at every epoch of a run.

    A terminal shows a few measures; --json and -o give all of them.
    """
    from unknot.cli.measured import check_suffix, print_json_rows, print_list, write
    from unknot.errors import UsageError

    if list_:
        print_list(json)
        return
    if source is None:
        raise UsageError("Say what to measure: unknot measure FILE.safetensors")
    if output is not None:
        check_suffix(output)
    from unknot.cli.source import load_source
    from unknot.measures import notes
    from unknot.measures.measuring import measure

    shown = output is None and not json
    whole = load_source(source)
    loaded = _at_epochs(whole, epochs, shown)
    names = None if measures is None else [name.strip() for name in measures.split(",")]
    frame = measure(
        _seen(loaded, options or ViewOptions(), seed) if view else loaded,
        measures=_usual(loaded, view) if names is None and shown else names,
        seed=seed,
        progress=True,
    )
    remarks = notes(loaded, frame.columns)
    if output is not None:
        write(frame, output)
    if json:
        print_json_rows(frame, remarks)
    elif output is not None:
        print(f"written: {output} ({frame.height} rows)")
    else:
        from unknot.cli.measure_table import print_table

        more = _more(whole, loaded, measures is None)
        print_table(frame, [*remarks, *more], getattr(whole, "clock", "epoch"))


def _at_epochs(loaded: "Trace | Run", epochs: str | None, shown: bool) -> "Trace | Run":
    """A run with the checkpoints that were asked for; for the terminal the first and the last."""
    from unknot.errors import UsageError
    from unknot.traces.run import Run

    if not isinstance(loaded, Run):
        if epochs is not None:
            raise UsageError("A trace is of one moment: --epochs is for runs.\nLeave it out.")
        return loaded
    checkpoints = loaded.checkpoints
    if epochs == "all" or (epochs is None and not shown):
        return loaded
    if epochs is None:
        chosen = [0, len(checkpoints) - 1]
    else:
        wanted = split(epochs, float, "--epochs")
        distances = [[abs(c.epoch - epoch) for c in checkpoints] for epoch in wanted]
        chosen = [row.index(min(row)) for row in distances]
    kept = tuple(checkpoints[i] for i in sorted(set(chosen)))
    return replace(loaded, checkpoints=kept)


def _usual(loaded: "Trace | Run", view: bool) -> list[str]:
    from unknot.cli.measure_table import usual
    from unknot.traces.representation import Trace

    n_classes = loaded.n_classes if isinstance(loaded, Trace) else loaded.data.n_classes
    return usual(n_classes, view)


def _more(whole: "Trace | Run", loaded: "Trace | Run", few_measures: bool) -> list[str]:
    """How to get what is not shown."""
    from unknot.traces.run import Run

    more: list[str] = []
    if isinstance(whole, Run) and isinstance(loaded, Run):
        n, n_shown = len(whole.checkpoints), len(loaded.checkpoints)
        if n_shown < n:
            more.append(f"{n_shown} of {n} checkpoints; every one: --epochs all")
    if few_measures:
        more.append("all measures: --json or -o FILE.csv; some: --measures (unknot measure --list)")
    return more


def _seen(loaded: "Trace | Run", options: ViewOptions, seed: int) -> Any:
    from unknot.motion.scene import Scene
    from unknot.traces.representation import Trace
    from unknot.traces.tracing import trace

    return Scene(
        loaded if isinstance(loaded, Trace) else trace(loaded),
        n_axes=options.axes,
        projection=options.projection,
        units=options.chosen_units(),
        seed=seed,
    )
