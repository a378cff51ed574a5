"""The command `figure`."""

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from unknot.cli.app import command
from unknot.cli.options import (
    FIGURES,
    MEASURES,
    WHOLE,
    Layers,
    Seed,
    ViewOptions,
    load_source,
)

Sources = Annotated[
    list[Path],
    Parameter(
        negative="",
        help="A trace or run that unknot wrote (.safetensors); several for a strip of each, "
        "or for shape_distances.",
    ),
]


@command(
    "unknot figure demo/trace.safetensors -o strip.png",
    'unknot figure demo/trace.safetensors --what pairs --layer "hidden 1" -o units.pdf',
    "unknot figure demo/run.safetensors --what training -o training.svg",
    'unknot figure resnet.safetensors --layers "layer*" -o blocks.png',
    "unknot figure seed1.safetensors seed2.safetensors --what shape_distances -o apart.png",
    "unknot figure digits/run.safetensors --thumbnails --mark-held-out -o digits.png",
    "unknot figure demo/trace.safetensors --what depth --measures linear_probe,gdv -o depth.png",
)
def figure(
    sources: Sources,
    *,
    output: Annotated[Path, Parameter(name=["--output", "-o"], help="A .png, .svg or .pdf file.")],
    what: Annotated[
        str,
        Parameter(help=f"One of {FIGURES}."),
    ] = "strip",
    layer: Annotated[str | None, Parameter(help="Which layer, by name or number.")] = None,
    layers: Layers = None,
    measures: Annotated[
        str | None,
        Parameter(help=f"For depth and heatmap, joined by commas: {MEASURES}."),
    ] = None,
    view: ViewOptions | None = None,
    thumbnails: Annotated[
        bool,
        Parameter(negative="", help="Draw the images of a sample of the points."),
    ] = False,
    mark_held_out: Annotated[
        bool, Parameter(negative="", help="Draw points held out from training as rings.")
    ] = False,
    dpi: Annotated[int, WHOLE, Parameter(help="Pixels per inch.")] = 150,
    seed: Seed = 0,
) -> None:
    """Draw a still figure."""
    from unknot.files import check_suffix
    from unknot.views.figures import SUFFIXES, figure, save_figure

    check_suffix(output, SUFFIXES)
    options = {
        "layer": layer,
        **(view or ViewOptions()).given(),
        "measures": None if measures is None else [name.strip() for name in measures.split(",")],
        "thumbnails": thumbnails or None,
        "mark_held_out": mark_held_out or None,
        "seed": seed or None,
    }
    # What was not asked for is left to the figure, which may have no such argument.
    chosen = {name: value for name, value in options.items() if value is not None}
    loaded = [load_source(path, layers) for path in sources]
    drawn = figure(loaded[0] if len(loaded) == 1 else loaded, what, **chosen)
    save_figure(drawn, output, dpi=dpi)
    print(f"written: {output}")
