"""The command `atlas`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from unknot.cli.app import command
from unknot.cli.options import ACTIVATIONS, DATA_SETS, REAL, WHOLE, Json

if TYPE_CHECKING:
    from unknot.width.atlas import Atlas


@command(
    "unknot atlas -o atlas.parquet --page",
    "unknot atlas --data moons -n 2000 --max-width 3 --depths 1 --steps 1000 -o small.parquet",
    "unknot atlas -o atlas.parquet --cluster tcp://10.0.0.1:8786",
)
def atlas(
    *,
    output: Annotated[
        Path,
        Parameter(
            name=["--output", "-o"],
            help="A .parquet file for the table; the same command resumes from the folder beside "
            "it.",
        ),
    ] = Path("atlas.parquet"),
    data: Annotated[
        str | None,
        Parameter(
            help=f"Data sets joined by commas, of {DATA_SETS}; by default spheres in 1 to 4 "
            "dimensions, xor in 2 and 3, moons and a spiral, with 0.99 as the best possible."
        ),
    ] = None,
    max_width: Annotated[int, WHOLE, Parameter(help="The largest width to try.")] = 7,
    depths: Annotated[str, Parameter(help="Numbers of hidden layers, joined by commas.")] = "1,2,3",
    activations: Annotated[
        str, Parameter(help=f"Activations, joined by commas, of {ACTIVATIONS}.")
    ] = "relu,tanh,gelu",
    restarts: Annotated[
        int, WHOLE, Parameter(help="Random starts of each network on each drawing of the data.")
    ] = 11,
    steps: Annotated[int, WHOLE, Parameter(help="Optimiser steps of each training.")] = 8_000,
    n: Annotated[
        int, WHOLE, Parameter(name=["--n-points", "-n"], help="Number of training points.")
    ] = 20_000,
    data_seeds: Annotated[
        int, WHOLE, Parameter(help="How many times the data are drawn afresh.")
    ] = 3,
    tolerance: Annotated[
        float, REAL, Parameter(help="How far below the ceiling is still enough.")
    ] = 0.005,
    page: Annotated[
        bool,
        Parameter(
            negative="",
            help="Write the picture and a page beside the table: a click on a cell shows its best "
            "network.",
        ),
    ] = False,
    cluster: Annotated[
        str | None, Parameter(help="A Dask scheduler, tcp://HOST:PORT, to train on.")
    ] = None,
    json: Json = False,
) -> None:
    """Map the width that data of many shapes need at each depth: by theorem and by training."""
    from unknot.cli.options import comma_separated
    from unknot.cli.output import print_json
    from unknot.views.figures import figure, save_figure
    from unknot.views.page import page as write_page
    from unknot.width.atlas import SHAPES
    from unknot.width.atlas import atlas as make

    made = make(
        SHAPES if data is None else comma_separated(data, str, "--data"),
        max_width=max_width,
        depths=comma_separated(depths, int, "--depths"),
        activations=comma_separated(activations, str, "--activations"),
        restarts=restarts,
        steps=steps,
        n_points=n,
        data_seeds=data_seeds,
        tolerance=tolerance,
        cluster=cluster,
        out=output,
    )
    written = [output]
    if page and not made.interrupted:
        picture, document = (output.with_suffix(suffix) for suffix in (".png", ".html"))
        written += [save_figure(figure(made), picture, dpi=150), write_page(made, document)]
    if json:
        print_json({"cells": made.table.to_dicts()})
    else:
        _print(made)
        if not made.interrupted:
            print(f"written: {', '.join(map(str, written))}")
    if made.interrupted:
        raise KeyboardInterrupt


def _print(made: "Atlas") -> None:
    """A line for each data set, activation and depth."""
    for row in made.table.unique(["data", "activation", "depth"], maintain_order=True).to_dicts():
        exists = row["exists"]
        widths = ["no width found" if exists is None else f"first found at width {exists}"]
        for name, share in (("w50", "half"), ("w95", "95 %")):
            if row[name] is not None:
                widths.append(f"{share} of starts from {row[name]:.1f} on")
        layers = f"{row['depth']} layer{'s' * (row['depth'] > 1)}"
        print(f"{row['data']}, {row['activation']}, {layers}: {', '.join(widths)}")
