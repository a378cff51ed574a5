"""The command `trace`."""

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

from unknot.cli.app import command
from unknot.cli.options import WHOLE, Data, DataOptions, Json, Layers, Seed, layer_names

if TYPE_CHECKING:
    from unknot.traces.representation import Trace


@command(
    "unknot trace model.keras circles -n 5000 -o circles.safetensors",
    "unknot trace flowers.onnx flowers.csv --label species -o flowers.safetensors",
    "unknot trace resnet.pt2 digits --layers blocks -o blocks.safetensors",
    "unknot trace net.pt2 moons --head sigmoid -o moons.safetensors",
    "unknot trace weather.onnx days.csv --label rain,frost --colour frost -o frost.safetensors",
)
def trace(
    model: Annotated[Path, Parameter(help="A .keras, .onnx, .pt2 or .skops file.")],
    data: Data,
    *,
    output: Annotated[Path, Parameter(name=["--output", "-o"], help="A .safetensors file.")],
    points: DataOptions | None = None,
    path: Annotated[
        str | None, Parameter(help="Where the model branches, layers to go through: a,b.")
    ] = None,
    layers: Layers = None,
    reduce: Annotated[
        str | None,
        Parameter(
            help="How to reduce a layer's tokens or pixels: flatten, mean, max, first, last, or "
            "the number of a token."
        ),
    ] = None,
    as_points: Annotated[
        str | None, Parameter(name="--points", help="What a point is: rows or tokens.")
    ] = None,
    head: Annotated[
        str | None, Parameter(help="How logits become probabilities: sigmoid, softmax, none.")
    ] = None,
    batch_size: Annotated[
        int | None, WHOLE, Parameter(help="Rows sent through the model at once.")
    ] = None,
    colour: Annotated[
        str | None,
        Parameter(
            help="Where --label or --target names several columns, joined by commas: the one that "
            "colours the points; by default the first."
        ),
    ] = None,
    seed: Seed = 0,
    json: Json = False,
) -> None:
    """Trace your own model: the cloud at every layer, for page, figure, animate and measure."""
    from unknot.adapters.files import open_model
    from unknot.datasets.labels import counted, visible
    from unknot.files import check_suffix

    check_suffix(output, [".safetensors"])
    # A framework takes seconds to import: what is wrong with the data is said before.
    dataset = None
    if model.is_file():
        dataset = (points or DataOptions()).load(data, seed, several=True, colour=colour)
    opened = open_model(model)
    options = {
        "path": None if path is None else [name.strip() for name in path.split(",")],
        "layers": layer_names(layers),
        "reduce": _reduction(reduce),
        "points": as_points,
        "head": head,
        "batch_size": batch_size,
    }
    traced = _traced(model, opened, dataset, options)
    traced.save(output)
    if json:
        from unknot.cli.output import print_json

        print_json(_description(traced, output))
        return
    for representation in traced.representations:
        print(f"{visible(representation.name)}: {counted(representation.n_units, 'unit')}")
    for note in traced.notes:
        print(note)
    print(f"written: {output} ({traced.n_points:,} points)")


def _traced(file: Path, model: Any, data: Any, options: dict[str, Any]) -> "Trace":
    from unknot.errors import UnknotError
    from unknot.traces.tracing import trace

    try:
        return trace(model, data, **options)
    except (UnknotError, MemoryError):
        raise
    except Exception as error:
        text = f"{type(error).__name__}: {error}".splitlines()[0][:200]
        raise UnknotError(
            f"The model in {file.name} raised an error in its forward pass.\n{text}"
        ) from error


def _reduction(text: str | None) -> str | int | None:
    """The number of a token, or a name."""
    return int(text) if text and re.fullmatch(r"-?\d{1,9}", text) else text


def _description(traced: "Trace", output: Path) -> dict[str, Any]:
    return {
        "representations": [{"name": r.name, "n_units": r.n_units} for r in traced.representations],
        "maps": [{"kind": type(m).__name__.lower(), "name": m.name} for m in traced.maps],
        "n_points": traced.n_points,
        "notes": [note.text for note in traced.notes],
        "files": [str(output)],
    }
