"""The command `animate`."""

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from unknot.cli.app import command
from unknot.cli.options import (
    KINDS,
    REAL,
    WHOLE,
    Layers,
    Seed,
    Source,
    ViewOptions,
    load_source,
)


@command(
    "unknot animate demo/trace.safetensors -o layers.mp4",
    "unknot animate demo/trace.safetensors --axes 3 --seconds 20 --size 1280x720 -o layers.mp4",
    "unknot animate demo/run.safetensors --along training -o training.gif --fps 15",
)
def animate(
    source: Source,
    *,
    output: Annotated[
        Path, Parameter(name=["--output", "-o"], help="A .mp4, .gif, .webp or .apng file.")
    ],
    along: Annotated[
        str, Parameter(help="What the film follows: layers, or training (needs a run).")
    ] = "layers",
    layer: Annotated[
        str | None, Parameter(help="With --along training: the layer to show.")
    ] = None,
    layers: Layers = None,
    view: ViewOptions | None = None,
    kind: Annotated[
        str,
        Parameter(help=f"How points move between layers, honest being along the maps: {KINDS}."),
    ] = "honest",
    scale: Annotated[
        str, Parameter(help="animated (the box follows the cloud) or fixed.")
    ] = "animated",
    size: Annotated[str | None, Parameter(help="Pixels: 800, or 1280x720.")] = None,
    fps: Annotated[int, WHOLE, Parameter(help="Frames per second.")] = 30,
    seconds: Annotated[
        float | None,
        REAL,
        Parameter(help="Length of the film; chosen by default."),
    ] = None,
    seed: Seed = 0,
) -> None:
    """Make a film of the points on their way through the layers, or of the training."""
    from unknot.files import check_suffix
    from unknot.views.films import animate, encoders

    check_suffix(output, encoders)
    animate(
        load_source(source, layers),
        output,
        along=along,
        layer=layer,
        **(view or ViewOptions()).given(),
        kind=kind,
        scale=scale,
        size=None if size is None else _size(size),
        fps=fps,
        seconds=seconds,
        seed=seed,
    )
    print(f"written: {output}")


def _size(text: str) -> tuple[int, int]:
    from unknot.errors import UsageError

    parts = text.lower().split("x")
    if len(parts) > 2 or not all(part.isascii() and part.isdigit() for part in parts):
        raise UsageError(f"--size takes pixels, like 800 or 1280x720; got {text[:100]!r}.")
    return int(parts[0][:9]), int(parts[-1][:9])
