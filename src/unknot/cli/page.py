"""The commands `page`, `view` and `open`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

from unknot.cli.app import command
from unknot.cli.options import WHOLE, Layers, load_source

if TYPE_CHECKING:
    from unknot.motion.align import Alignment

Sources = Annotated[
    list[Path],
    Parameter(
        negative="",
        help="A trace or run that unknot wrote (.safetensors); several are shown side by side.",
    ),
]
Axes = Annotated[int, WHOLE, Parameter(help="2 or 3: the view that the page opens with.")]
Hide = Annotated[
    str,
    Parameter(
        help="Parts of the page to leave out, joined by commas: {unknot.views.page.parts:PARTS}."
    ),
]
PredictFirst = Annotated[
    bool, Parameter(negative="", help="Let the class vote before training is unlocked.")
]
Align = Annotated[
    bool,
    Parameter(negative="", help="Rotate the networks so that they share their axes."),
]
Begins = Annotated[
    str,
    Parameter(
        name="--projection",
        help="What the page opens with: {unknot.views.page.neighbours:PROJECTIONS}.",
    ),
]
Title = Annotated[str | None, Parameter(help="By default the name of the data.")]


@command(
    "unknot page demo/run.safetensors -o circles.html",
    "unknot page narrow/run.safetensors wide/run.safetensors -o compared.html",
    "unknot page seed1.safetensors seed2.safetensors --align -o seeds.html",
    "unknot page demo/run.safetensors --hide learning,layers --predict-first -o class.html",
)
def page(
    sources: Sources,
    *,
    output: Annotated[Path, Parameter(name=["--output", "-o"], help="A .html file.")],
    axes: Axes = 2,
    layers: Layers = None,
    title: Title = None,
    projection: Begins = "auto",
    hide: Hide = "",
    predict_first: PredictFirst = False,
    align: Align = False,
) -> None:
    """Write a page: one offline file in which you scrub through layers and epochs."""
    from unknot.files import check_suffix
    from unknot.views.page import SUFFIXES
    from unknot.views.page import page as write

    check_suffix(output, SUFFIXES)
    loaded = _loaded(sources, layers)
    write(
        _aligned(loaded) if align else loaded,
        output,
        n_axes=axes,
        title=title,
        projection=projection,
        hide=hide,
        predict_first=predict_first,
    )
    print(f"written: {output}")


@command(
    "unknot view demo/run.safetensors",
    "unknot view trace.safetensors --axes 3",
)
def view(
    sources: Sources,
    *,
    axes: Axes = 2,
    layers: Layers = None,
    title: Title = None,
    projection: Begins = "auto",
) -> None:
    """Write a page to a temporary file and open it in the browser."""
    import shutil
    import tempfile

    from unknot.errors import UnknotError
    from unknot.views.page import page_html

    loaded = _loaded(sources, layers)
    text = page_html(loaded, n_axes=axes, title=title, projection=projection)
    # The browser reads it after this program has ended, so it stays.
    try:
        path = Path(tempfile.mkdtemp(prefix="unknot-"), "page.html")
        try:
            path.write_text(text, "utf-8")
        except BaseException:
            shutil.rmtree(path.parent, ignore_errors=True)
            raise
    except OSError as error:
        raise UnknotError(
            f"Cannot write to the folder for temporary files: {error.strerror or error}.\n"
            "Make room, name another by TMPDIR, or write a file: unknot page … -o FILE.html"
        ) from error
    _open(path)


@command(
    "unknot open demo",
    "unknot open circles.html",
)
def open(
    place: Annotated[
        Path, Parameter(help="A folder that `run` or `demo` wrote, a .html file, a trace or a run.")
    ],
    /,
) -> None:
    """Open a page, or the page in a folder, in the browser."""
    from unknot.errors import UnknotError
    from unknot.experiment import PAGE
    from unknot.files import shown_path
    from unknot.views.page import SUFFIXES

    path = place / PAGE if place.is_dir() else place
    if path.suffix.lower() not in SUFFIXES and path.exists():
        view([path])
        return
    if not path.is_file():
        runs = sorted(place.glob("*.safetensors")) if place.is_dir() else []
        raise UnknotError(
            f"There is no {shown_path(path)}.\n"
            + (
                f"Open what is there: unknot view {shown_path(runs[0])}"
                if runs
                else "Write it: unknot run NAME, or unknot page RUN.safetensors -o FILE.html"
            )
        )
    _open(path.resolve())


def _open(path: Path) -> None:
    import webbrowser

    opened = webbrowser.open(path.as_uri())
    print(f"{'opened' if opened else 'no browser found; open it yourself'}: {path}")


def _aligned(loaded: list[Any]) -> "Alignment":
    from unknot.motion.align import align

    return align(loaded)


def _loaded(sources: list[Path], layers: str | None):
    return [load_source(path, layers) for path in sources]
