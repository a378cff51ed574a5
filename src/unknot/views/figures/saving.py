"""Figures on disk: PNG, SVG and PDF, whole or not at all, the same bytes for the same figure."""

import io
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from unknot.draw import style
from unknot.errors import UsageError
from unknot.files import whole_file

if TYPE_CHECKING:
    from matplotlib.figure import Figure

SUFFIXES = (".pdf", ".png", ".svg")
DPI_RANGE = (30, 1_200)
#: Agg, which draws the pixels, has 16 bits for a coordinate.
MAX_PIXELS = 2**16 - 1

#: Nothing that changes from day to day or with matplotlib's version is written into the file.
_METADATA: dict[str, dict[str, Any]] = {
    ".svg": {"Date": None, "Creator": "unknot"},
    ".pdf": {"CreationDate": None, "Creator": "unknot", "Producer": "unknot"},
}
#: Text stays text in SVG and PDF, so that it can be searched, read aloud and edited.
_SETTINGS: Any = {"svg.hashsalt": "unknot", "svg.fonttype": "none", "pdf.fonttype": 42}


def check_suffix(path: str | os.PathLike[str]) -> str:
    """The suffix of a figure's path.

    Raises
    ------
    UsageError
        When a figure cannot be saved under that suffix. Call this before any work.
    """
    suffix = Path(path).suffix.lower()
    if suffix not in SUFFIXES:
        got = f"suffix {suffix!r}" if suffix else "no suffix"
        raise UsageError(
            f"Cannot save a figure as {Path(path).name[:100]!r}: {got}.\n"
            f"Allowed: {', '.join(SUFFIXES)}."
        )
    return suffix


def save_figure(
    figure: "Figure", path: str | os.PathLike[str], dpi: float = 200, *, small: bool = False
) -> None:
    """Write a figure to a PNG, SVG or PDF file, by its suffix, whole or not at all.

    Parameters
    ----------
    figure : matplotlib Figure
    path : path-like
        ``.png``, ``.svg`` or ``.pdf``.
    dpi : float
        Pixels per inch of a PNG, 30 to 1,200.
    small : bool
        A PNG with 256 colours: a third of the bytes, for the web.

    Raises
    ------
    UsageError
        When the suffix or `dpi` is not allowed.
    UnknotError
        When the file cannot be written.
    """
    suffix = check_suffix(path)
    low, high = DPI_RANGE
    most = min(high, int(MAX_PIXELS / max(figure.get_size_inches())))
    if not low <= dpi <= most:
        raise UsageError(f"A figure of this size has {low} to {most} dots per inch; got {dpi:g}.")
    from matplotlib import rc_context

    with rc_context(_SETTINGS), whole_file(path) as temporary:
        if suffix == ".png":
            _save_pixels(figure, temporary, dpi, small)
            return
        figure.savefig(temporary, format=suffix[1:], dpi=dpi, metadata=_METADATA[suffix])
        if suffix == ".svg":
            _name_fallback_fonts(temporary)


def _save_pixels(figure: "Figure", path: Path, dpi: float, small: bool) -> None:
    """Figures are opaque: three colours a pixel, or the 256 colours that matter most."""
    from PIL import Image

    buffer = io.BytesIO()
    figure.savefig(buffer, format="rgba", dpi=dpi)
    width, height = (int(inches * dpi) for inches in figure.get_size_inches())
    image = Image.frombuffer("RGBA", (width, height), buffer.getvalue()).convert("RGB")
    if small:
        image = image.quantize(256, Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    image.save(path, "PNG", dpi=(dpi, dpi), optimize=small)


def _name_fallback_fonts(path: Path) -> None:
    """Verdana has nearly the same widths where the font of the figures is not installed."""
    text = path.read_text(encoding="utf-8")
    font = re.escape(f"'{style.FONT}'")
    text = re.sub(rf"(style=\"[^\"<>]*{font})", r"\1, Verdana, sans-serif", text)
    path.write_text(text, encoding="utf-8", newline="\n")
