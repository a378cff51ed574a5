"""The command `width`."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from cyclopts import Parameter

from unknot.cli.options import DataOptions, Json, Seed

#: Shown under ``--help``.
EXAMPLES = (
    "unknot width circles -p noise=0.2 -n 100000",
    "unknot width moons --activation tanh --max-width 6 --out moons.parquet --json",
    "unknot width flowers.csv --label species --tolerance 0.05",
    "unknot width circles -n 100000 --restarts 1000 --cluster tcp://10.0.0.1:8786",
)


@Parameter(name="*")
@dataclass(frozen=True)
class SearchOptions:
    """The networks that are tried, and how each is trained."""

    activation: Annotated[str, Parameter(help="One for all hidden layers.")] = "relu"
    depth: Annotated[int, Parameter(help="Hidden layers, all of one width.")] = 1
    max_width: Annotated[int, Parameter(help="The widest that is tried.")] = 8
    restarts: Annotated[int, Parameter(help="Random starts of each width.")] = 32
    tolerance: Annotated[float, Parameter(help="Accuracy that may be missing.")] = 0.005
    readout: Annotated[int | None, Parameter(help="Units of a linear layer before the output.")] = (
        None
    )
    optimizer: Annotated[str, Parameter(help="adam, adamw, rmsprop or sgd.")] = "adam"
    learning_rate: Annotated[float | None, Parameter(help="Its peak.")] = None
    steps: Annotated[int, Parameter(help="Of each training.")] = 16_000
    batch_size: Annotated[int, Parameter(help="Points a step.")] = 512


def width(
    data: Annotated[str, Parameter(help="A data set's name (see: unknot datasets) or a file.")],
    *,
    points: DataOptions | None = None,
    search: SearchOptions | None = None,
    out: Annotated[
        Path | None,
        Parameter(help="A .parquet file for every training; the same command goes on from it."),
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
    from unknot.cli.width_output import print_result
    from unknot.width.search import minimum_width

    dataset: Any = (points or DataOptions()).load(data, seed)
    result = minimum_width(
        dataset, **vars(search or SearchOptions()), seed=seed, cluster=cluster, out=out
    )
    if figures is not None and result.widths:
        from unknot.cli.width_files import write_files

        written = write_files(result, figures)
    else:
        written = []
    if json:
        print_json(result.as_json())
    else:
        print_result(result)
        for path in written:
            print(f"written: {path}")
    if result.interrupted:
        raise KeyboardInterrupt
