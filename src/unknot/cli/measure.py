"""The command `measure`, and its table for programs and for files."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

from unknot.cli.app import command
from unknot.cli.options import (
    MEASURES,
    Json,
    Layers,
    Seed,
    ViewOptions,
    comma_separated,
    load_source,
)
from unknot.files import check_suffix, whole_file

if TYPE_CHECKING:
    import polars

    from unknot.traces.representation import Trace
    from unknot.traces.run import Run


SUFFIXES = (".csv", ".parquet")
Sources = Annotated[
    list[Path] | None,
    Parameter(
        negative="",
        help="A trace or run that unknot wrote (.safetensors); of several, their mean.",
    ),
]


@command(
    "unknot measure demo/trace.safetensors",
    "unknot measure demo/trace.safetensors --measures linear_probe,gdv -o tangled.csv",
    "unknot measure demo/run.safetensors --epochs 0,1,5",
    "unknot measure demo/run.safetensors --json",
    "unknot measure seed1.safetensors seed2.safetensors seed3.safetensors",
    "unknot measure --list",
)
def measure(
    sources: Sources = None,
    *,
    against: Annotated[
        str | None,
        Parameter(
            help="As many other files, joined by commas, to compare the first ones with, pair by "
            "pair."
        ),
    ] = None,
    measures: Annotated[
        str | None,
        Parameter(
            help="Which measures, joined by commas; by default a few. --list explains them: "
            f"{MEASURES}."
        ),
    ] = None,
    epochs: Annotated[
        str | None,
        Parameter(
            help="Epochs of a run, joined by commas, or all. By default the first and the last are "
            "shown, and all are written."
        ),
    ] = None,
    layers: Layers = None,
    view: Annotated[
        bool,
        Parameter(negative="", help="Also measure how faithful a view of the trace is."),
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

    The terminal shows a few measures; --json and -o give all. Several files are replicates,
    such as trainings from other seeds: the mean over them and its interval.
    """
    from unknot.cli.measure_table import print_list
    from unknot.errors import UsageError

    if list_:
        print_list(json)
        return
    if options is not None and options.given() and not view:
        raise UsageError("--axes, --projection and --units are of a view.\nAdd --view.")
    if not sources:
        raise UsageError("Say what to measure: unknot measure FILE.safetensors")
    if output is not None:
        check_suffix(output, SUFFIXES)
    from unknot.measures import notes
    from unknot.measures.measurement import measure

    shown = output is None and not json
    if len(sources) > 1:
        if view or epochs is not None:
            raise UsageError(
                "Several networks are measured after their last step, without a view.\n"
                "Leave --view and --epochs out, or give one file."
            )
        others = [] if against is None else [Path(each.strip()) for each in against.split(",")]
        _measure_replicates([*sources], others, layers, measures, seed, json, output)
        return
    if against is not None:
        raise UsageError("--against compares groups of networks.\nGive several files on each side.")
    whole = load_source(sources[0], layers)
    loaded = _at_epochs(whole, epochs, shown)
    names = None if measures is None else [name.strip() for name in measures.split(",")]
    frame = measure(
        _seen(loaded, options or ViewOptions(), seed) if view else loaded,
        measures=_usual(loaded, view) if names is None and shown else names,
        seed=seed,
        progress=True,
    )
    remarks = [note.text for note in notes(loaded, frame.columns)]
    if output is not None:
        from unknot.datasets.files import write_frame

        with whole_file(output) as temporary:
            write_frame(frame if output.suffix.lower() == ".parquet" else _flat(frame), temporary)
    if json:
        _print_json(frame, remarks)
    elif output is not None:
        print(f"written: {output} ({frame.height} rows)")
    else:
        from unknot.cli.measure_table import print_table

        more = [*_bounds(loaded, frame), *_more(whole, loaded, measures is None)]
        print_table(frame, [*remarks, *more], getattr(whole, "clock", "epoch"))


def _measure_replicates(
    sources: Sequence[Path],
    others: Sequence[Path],
    layers: str | None,
    measures: str | None,
    seed: int,
    json: bool,
    output: Path | None,
) -> None:
    """The mean over networks and its interval."""
    from unknot.cli.measure_table import print_replicates
    from unknot.cli.output import print_json
    from unknot.measures import entries
    from unknot.measures.measurement import measure

    loaded = [load_source(path, layers) for path in sources]
    names = None if measures is None else [name.strip() for name in measures.split(",")]
    if names is None and output is None and not json:
        names = [name for name in _usual(loaded[0], False) if not entries[name].is_list]
    frame = measure(
        loaded,
        measures=names,
        against=[load_source(path, layers) for path in others] or None,
        seed=seed,
        progress=True,
    )
    if output is not None:
        from unknot.datasets.files import write_frame

        with whole_file(output) as temporary:
            write_frame(frame, temporary)
    if json:
        print_json({"rows": frame.to_dicts()})
    elif output is not None:
        print(f"written: {output} ({frame.height} rows)")
    else:
        print_replicates(frame, len(others) > 0)


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
        wanted = comma_separated(epochs, float, "--epochs")
        distances = [[abs(c.epoch - epoch) for c in checkpoints] for epoch in wanted]
        chosen = [row.index(min(row)) for row in distances]
    shown_checkpoints = tuple(checkpoints[i] for i in sorted(set(chosen)))
    return replace(loaded, checkpoints=shown_checkpoints)


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


def _bounds(loaded: "Trace | Run", frame: "polars.DataFrame") -> list[str]:
    """What no probe can beat, where points held out judge it."""
    from unknot.traces.accuracy import comparable
    from unknot.traces.representation import Trace

    data = loaded if isinstance(loaded, Trace) else loaded.data
    best = comparable(data.bayes_accuracy, loaded.held_out)
    is_shown = best is not None and "linear_probe" in frame.columns
    return [f"best possible accuracy: {best:.4g}"] if is_shown else []


def _seen(loaded: "Trace | Run", options: ViewOptions, seed: int) -> Any:
    from unknot.motion.scene import Scene
    from unknot.traces.representation import Trace
    from unknot.traces.tracing import trace

    return Scene(
        loaded if isinstance(loaded, Trace) else trace(loaded),
        **options.given(),
        seed=seed,
    )


def _flat(frame: "polars.DataFrame") -> "polars.DataFrame":
    """For CSV, which has no lists: a list as its JSON text."""
    from json import dumps

    import polars

    nested = [name for name, dtype in frame.schema.items() if dtype.is_nested()]
    texts = [
        polars.Series(
            name,
            [None if value is None else dumps(value) for value in frame[name].to_list()],
            dtype=polars.String,
        )
        for name in nested
    ]
    return frame.with_columns(texts)


def _print_json(frame: "polars.DataFrame", notes: Sequence[str]) -> None:
    """The table as one JSON object on stdout."""
    from unknot.cli.output import print_json

    print_json({"rows": [_row(row) for row in frame.to_dicts()], "notes": list(notes)})


def _row(row: dict[str, Any]) -> dict[str, Any]:
    reasons = {entry["measure"]: entry["reason"] for entry in row["reasons"]}
    return row | {"reasons": reasons}
