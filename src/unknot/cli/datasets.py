"""The command `datasets`."""

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from unknot.cli.app import command
from unknot.cli.options import DataOptions, Json, Seed


@command(
    "unknot datasets",
    "unknot datasets spirals -p arms=3 -n 3000 -o spirals.csv",
)
def datasets(
    name: Annotated[str | None, Parameter(help="The one to write.")] = None,
    *,
    output: Annotated[
        Path | None,
        Parameter(name=["--output", "-o"], help="Write it: a .csv, .tsv, .parquet or .npz file."),
    ] = None,
    points: DataOptions | None = None,
    seed: Seed = 0,
    json: Json = False,
) -> None:
    """List the data sets, or write one to a file."""
    from unknot.errors import UsageError

    if name is None:
        if output is not None:
            raise UsageError("Say which data set to write: unknot datasets NAME -o FILE")
        if points is not None:
            raise UsageError("Points are of one data set: unknot datasets NAME -o FILE")
        _list(json)
        return
    if output is None:
        raise UsageError(f"Say where to write it: unknot datasets {name} -o {name}.csv")
    from unknot.datasets import write

    data = (points or DataOptions()).load(name, seed)
    write(data, output)
    if json:
        from unknot.cli.output import print_json

        print_json({"name": data.name, "n_points": data.n_points, "parameters": data.parameters})
    else:
        print(f"written: {output} ({data.n_points:,} points)")


def _list(json: bool) -> None:
    from dataclasses import asdict

    from unknot.cli.output import print_datasets, print_json
    from unknot.datasets import describe

    rows = describe()
    if json:
        print_json({"datasets": [asdict(row) for row in rows]})
    else:
        print_datasets(rows)
