"""The commands `run` and `demo`."""

from pathlib import Path
from typing import Annotated, Any

from cyclopts import Parameter

from unknot.cli.app import command
from unknot.cli.options import Data, DataOptions, Json, NetworkOptions, Seed

Out = Annotated[Path, Parameter(help="Folder to write to.")]


@command(
    "unknot run moons",
    "unknot run spirals -p arms=3 -n 3000 --hidden 16,16 --activation tanh --out three_arms",
    "unknot run flowers.csv --label species",
)
def run(
    data: Data,
    *,
    out: Annotated[
        Path | None,
        Parameter(help="Folder to write to; by default it has the name of the data."),
    ] = None,
    points: DataOptions | None = None,
    network: NetworkOptions | None = None,
    seed: Seed = 0,
    json: Json = False,
) -> None:
    """Train a network on DATA; write its numbers, figures, films and page."""
    dataset = (points or DataOptions()).load(data, seed)
    out = Path(Path(data).stem) if out is None else out
    _experiment(dataset, {**(network or NetworkOptions()).arguments(), "seed": seed}, out, json)


@command("unknot demo", "unknot demo --seed 2 --out two")
def demo(*, out: Out = Path("demo"), seed: Seed = 1, json: Json = False) -> None:
    """The circles experiment: 100,000 noisy concentric circles through 6 relu units."""
    from unknot.datasets import circles

    data = circles(100_000, noise=0.2, factor=0.5, seed=seed)
    _experiment(data, {"hidden": [6], "readout": 2, "epochs": 5, "seed": seed}, out, json)


def _experiment(dataset: Any, settings: dict[str, Any], out: Path, json: bool) -> None:
    from unknot.cli import STARTED
    from unknot.cli.output import print_json, print_report
    from unknot.experiment import experiment

    report = experiment(dataset, out, started=STARTED, **settings)
    if json:
        print_json(report)
    else:
        print_report(report, out)
