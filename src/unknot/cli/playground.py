"""The command `playground`."""

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from unknot.cli.app import command
from unknot.cli.options import DATA_SETS, DataOptions, Seed
from unknot.cli.page import Hide, PredictFirst

Several = Annotated[
    list[str],
    Parameter(
        negative="",
        help=f"Files, or names of data sets, to offer besides those that the page makes itself: "
        f"{DATA_SETS}.",
    ),
]


@command(
    "unknot playground",
    "unknot playground iris flowers.csv --label species -o lesson.html",
)
def playground(
    data: Several | None = None,
    *,
    output: Annotated[Path, Parameter(name=["--output", "-o"], help="A .html file.")] = Path(
        "playground.html"
    ),
    points: DataOptions | None = None,
    title: Annotated[str | None, Parameter(help="By default the name of the data.")] = None,
    hide: Hide = "",
    predict_first: PredictFirst = False,
    seed: Seed = 0,
) -> None:
    """Write an offline page in which you train a network yourself; data sets are built in."""
    from unknot.datasets import generators
    from unknot.errors import UsageError
    from unknot.files import check_suffix
    from unknot.views.page import SUFFIXES
    from unknot.views.page.playground import playground as write

    check_suffix(output, SUFFIXES)
    options = points or DataOptions()
    if not data and options != DataOptions():
        raise UsageError(
            "--label, --target, -p and -n say how DATA is read; got no DATA.\n"
            "Name a file or a data set, or leave them out."
        )
    # A label names a column of the files: data sets of unknot's own have theirs.
    plain = DataOptions(options.parameter, options.n)
    loaded = [(plain if each in generators else options).load(each, seed) for each in data or []]
    write(loaded or None, output, title=title, hide=hide, predict_first=predict_first)
    print(f"written: {output}")
