"""The page as one HTML file, and as a widget in a notebook.

The file holds the viewer, what it shows, and a policy that forbids all else.
"""

import base64
import gzip
import hashlib
import html
import os
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from unknot.errors import UnknotError, UsageError
from unknot.files import check_suffix, whole_file
from unknot.views.page.container import unpack_page
from unknot.views.page.header import Showable, page_file
from unknot.views.page.parts import Playground, Teaching
from unknot.views.page.poster import poster
from unknot.width.result import Atlas

if TYPE_CHECKING:
    from unknot.views.widget import PageWidget

FOLDER = Path(__file__).parent / "bundle"


@cache
def script(name: str) -> str:
    """The viewer's JavaScript: ``"standalone"`` for a page, ``"widget"`` for notebooks.

    ``"atlas"`` opens the viewer for the cells of an atlas.

    Raises
    ------
    UnknotError
        When this unknot was installed without it.
    """
    path = FOLDER / f"{name}.js"
    try:
        text = path.read_text("utf-8")
    except OSError as error:
        raise UnknotError(
            "This installation of unknot has no viewer: it is built when unknot is installed.\n"
            "Install it again: pip install --force-reinstall unknot, or in a checkout: make install"
        ) from error
    if "</script" in text.lower():
        raise UnknotError(f"The viewer in {path} cannot stand in a page: it holds a closing tag.")
    return text


SUFFIXES = (".html", ".htm")

#: Nothing is fetched, from anywhere; the only script that runs is the one with this hash, and what
#: it starts as a worker of its own, which may fetch as little.
POLICY = (
    "default-src 'none'; script-src 'sha256-{digest}'; style-src 'unsafe-inline'; "
    "worker-src blob:; img-src data: blob:; media-src blob:; base-uri 'none'; form-action 'none'"
)

TEMPLATE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="description" content="{description}">
<title>{title}</title>
<style>html, body {{ margin: 0; height: 100% }}
#unknot {{ position: fixed; inset: 0; overflow: auto }}
#unknot {{ background: #fff; color: #1a1a1a; font: 14px/1.45 system-ui, sans-serif }}
#unknot > p {{ margin: 0; padding: 1rem; position: absolute; bottom: 0; background: inherit;
animation: late 0s 3s backwards }}
@keyframes late {{ from {{ visibility: hidden }} }}
.first {{ position: absolute; inset: 0; padding: 12px 20px; overflow: hidden }}
.first h1 {{ font-size: 18px; margin: 0 12px 0 0; display: inline }}
.first p {{ display: inline; opacity: .7 }}
.first svg {{ position: absolute; left: 20px; top: 52px; width: calc(100% - 320px);
height: calc(100% - 279px); fill: none; stroke-width: 6; stroke-linecap: round; opacity: .6 }}
@media (max-width: 760px) {{ .first svg {{ left: 8px; top: 96px; width: calc(100% - 16px);
height: min(100vw, 56vh) }} }}
@media (prefers-color-scheme: dark) {{ #unknot {{ background: #15171c; color: #f1f1f3 }} }}</style>
</head>
<body>
<div id="unknot">{poster}
<p>Nothing moves: the script in this file does not run. Most likely the policy of the site that
serves or frames it forbids that. Save the file and open it from there.</p></div>
<noscript>This page shows how a neural network moves its data. It needs JavaScript, and nothing
from the network.</noscript>
<script type="application/octet-stream" id="unknot-page">{file}</script>
<script>{script}</script>
</body>
</html>
"""


def page(
    source: Showable | Sequence[Showable] | Atlas,
    path: str | os.PathLike[str],
    *,
    n_axes: int | None = None,
    title: str | None = None,
    projection: str = "auto",
    hide: str | Sequence[str] = (),
    predict_first: bool = False,
) -> Path:
    """Write a page: one file that opens anywhere, offline, with every point.

    Parameters
    ----------
    source : Trace, Run or Scene, or a sequence of up to 4 of them; or an Atlas
        The page of a run can also be scrubbed along its training. Several sources are shown side by
        side, with one timeline and one selection. In an atlas, a click on a cell opens its best
        network; an atlas takes no other options.
    path : path-like
        A ``.html`` file.
    n_axes : int, optional
        2 or 3: the view at first. Left out: those of a scene, otherwise 2.
    title : str, optional
        The data's name when left out.
    projection : str
        ``"auto"``, or ``"neighbours"`` for a page that opens with maps of neighbours of up to 5,000
        points. Other projections are chosen in the page.
    hide : str or sequence of str
        Parts of the page that are left out, as ``"learning,layers"``: those of ``PARTS`` in
        ``unknot.views.page.parts``.
    predict_first : bool
        Let the class vote before the training is unlocked.

    Returns
    -------
    Path

    Raises
    ------
    UsageError
        For a source that cannot be shown, another suffix, or a part that there is not.
    UnknotError
        When the file cannot be written, or unknot was installed without its viewer.
    """
    taught = Teaching.of(hide, predict_first)
    if not isinstance(source, Atlas):
        return write_page(
            source, path, n_axes=n_axes, title=title, teaching=taught, projection=projection
        )
    if (n_axes, title, taught) != (None, None, Teaching()):
        raise UsageError(
            "The page of an atlas has one form; got n_axes, title, hide or predict_first.\n"
            "Leave them out, or give a run of the atlas: unknot.page(atlas.runs[…], path)"
        )
    from unknot.views.page.cells import cells_html

    check_suffix(path, SUFFIXES)
    path = Path(path)
    return _write(cells_html(source), path)


def write_page(
    source: Showable | Sequence[Showable], path: str | os.PathLike[str], **options: Any
) -> Path:
    """Write the text that `page_html` makes with these options."""
    check_suffix(path, SUFFIXES)
    path = Path(path)
    return _write(page_html(source, **options), path)


def _write(text: str, path: Path) -> Path:
    with whole_file(path) as temporary:
        temporary.write_text(text, "utf-8")
    return path


def packed_text(file: bytes) -> str:
    """A page's file as text. No time is in the archive: the same file gives the same page."""
    return base64.b64encode(gzip.compress(file, compresslevel=9, mtime=0)).decode("ascii")


def digest_of(code: str) -> str:
    """What a policy knows a script by."""
    return base64.b64encode(hashlib.sha256(code.encode("utf-8")).digest()).decode("ascii")


def page_html(
    source: Showable | Sequence[Showable],
    *,
    n_axes: int | None = None,
    title: str | None = None,
    playground: Playground | None = None,
    teaching: Teaching | None = None,
    projection: str = "auto",
) -> str:
    """The text of a page; see `page`."""
    file = page_file(
        source,
        n_axes=n_axes,
        title=title,
        playground=playground,
        teaching=teaching,
        projection=projection,
    )
    return document(file)


def document(file: bytes) -> str:
    """The text of the page that shows what `page_file` has made."""
    code = script("standalone")
    header, buffers = unpack_page(file)
    return TEMPLATE.format(
        poster=poster(header, buffers),
        policy=POLICY.format(digest=digest_of(code)),
        title=html.escape(str(header["title"])[:200]),
        description=html.escape(str(header["description"])[:300]),
        file=packed_text(file),
        script=code,
    )


def show(
    source: Any,
    *,
    n_axes: int | None = None,
    title: str | None = None,
    height: int = 620,
    train: bool = False,
    projection: str = "auto",
) -> "PageWidget":
    """The page as a widget: Jupyter, VS Code, Colab and marimo show it where it is returned.

    Parameters
    ----------
    source : Trace, Run or Scene, or a sequence of up to 4 of them
        As for ``page``; with `train` a Run, or data.
    n_axes : int, optional
        2 or 3: the view at first. Left out: those of a scene, otherwise 2.
    title : str, optional
        The data's name when left out.
    height : int
        In pixels.
    train : bool
        Open the tab in which the browser trains the network: of a run from its start, of data
        (whatever ``playground`` takes) the network that suits them.
    projection : str
        As for ``page``; a widget that trains has no maps.

    Returns
    -------
    PageWidget
        ``widget.selected`` are the numbers of the rows that are selected; ``widget.epoch``,
        ``widget.layer`` and ``widget.colour`` can be read and set; ``widget.run`` is the Run
        that was trained in the browser.

    Raises
    ------
    UnknotError
        Without anywidget, or when unknot was installed without its viewer.

    Examples
    --------
    >>> widget = uk.show(run)                  # doctest: +SKIP
    >>> widget.layer = "hidden 1"              # doctest: +SKIP
    >>> run.data.x[widget.selected]            # doctest: +SKIP
    """
    try:
        from unknot.views.widget import PageWidget
    except ModuleNotFoundError as error:
        if error.name != "anywidget":
            raise
        raise UnknotError(
            "The widget needs anywidget.\n"
            "Install it (pip install 'unknot[widget]'), or write a file: unknot.page(source, path)"
        ) from error
    return PageWidget.of(
        source, n_axes=n_axes, title=title, height=height, train=train, projection=projection
    )
