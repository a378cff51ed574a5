"""The command `figure`."""

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from unknot.cli.options import Seed, ViewOptions

Source = Annotated[Path, Parameter(help="A trace or run that unknot wrote (.safetensors).")]


#: Shown under ``--help``.
EXAMPLES = (
    "unknot figure demo/trace.safetensors -o strip.png",
    'unknot figure demo/trace.safetensors --what pairs --layer "hidden 1" -o units.pdf',
    "unknot figure demo/run.safetensors --what training -o training.svg",
    "unknot figure demo/trace.safetensors --what depth --measures linear_probe,gdv -o depth.png",
)


def figure(
    source: Source,
    *,
    output: Annotated[Path, Parameter(name=["--output", "-o"], help="A .png, .svg or .pdf file.")],
    what: Annotated[
        str,
        Parameter(
            help="strip, pairs, 3d, training, diagram, regions, depth, heatmap, cka, barcodes or "
            "persistence."
        ),
    ] = "strip",
    layer: Annotated[str | None, Parameter(help="Which layer, by name or number.")] = None,
    measures: Annotated[
        str | None,
        Parameter(help="For depth and heatmap: which, joined by commas (unknot measure --list)."),
    ] = None,
    view: ViewOptions | None = None,
    dpi: int = 150,
    seed: Seed = 0,
) -> None:
    """Draw a still figure."""
    from unknot.cli.source import load_source
    from unknot.views.figures import check_suffix, figure, save_figure

    check_suffix(output)
    view = view or ViewOptions()
    drawn = figure(
        load_source(source),
        what=what,
        layer=layer,
        n_axes=view.axes,
        projection=view.projection,
        units=view.chosen_units(),
        measures=None if measures is None else [name.strip() for name in measures.split(",")],
        seed=seed,
    )
    save_figure(drawn, output, dpi=dpi)
    print(f"written: {output}")
