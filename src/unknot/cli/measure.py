"""The command `measure`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

from unknot.cli.options import Json, Seed, ViewOptions

if TYPE_CHECKING:
    from unknot.representation import Trace
    from unknot.run import Run

Source = Annotated[Path, Parameter(help="A trace or run that unknot wrote (.safetensors).")]

#: Shown under ``--help``.
EXAMPLES = (
    "unknot measure demo/trace.safetensors",
    "unknot measure demo/trace.safetensors --measures linear_probe,gdv -o tangled.csv",
    "unknot measure demo/run.safetensors --json",
    "unknot measure --list",
)


def measure(
    source: Source | None = None,
    *,
    measures: Annotated[
        str | None,
        Parameter(help="Which, joined by commas; --list names them. The usual ones by default."),
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
    """Measure how tangled the classes are at every layer, and at every epoch of a run."""
    from unknot.cli.measured import check_suffix, print_list, print_table, write
    from unknot.errors import UsageError

    if list_:
        print_list(json)
        return
    if source is None:
        raise UsageError("Say what to measure: unknot measure FILE.safetensors")
    if output is not None:
        check_suffix(output)
    from unknot.measures import notes
    from unknot.measures.measuring import measure
    from unknot.storage import load

    loaded = load(source)
    frame = measure(
        _seen(loaded, options or ViewOptions(), seed) if view else loaded,
        measures=None if measures is None else [name.strip() for name in measures.split(",")],
        seed=seed,
        progress=True,
    )
    if output is not None:
        write(frame, output)
    if json or output is None:
        print_table(frame, json, notes(loaded, frame.columns))
    else:
        print(f"written: {output} ({frame.height} rows)")


def _seen(loaded: "Trace | Run", options: ViewOptions, seed: int) -> Any:
    from unknot.representation import Trace
    from unknot.scene import Scene
    from unknot.tracing import trace

    return Scene(
        loaded if isinstance(loaded, Trace) else trace(loaded),
        n_axes=options.axes,
        projection=options.projection,
        units=options.chosen_units(),
        seed=seed,
    )
