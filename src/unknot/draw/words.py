"""Text in pictures: names that come from users made fit to be drawn, and what a caption says."""

import unicodedata
from functools import cache
from typing import Any, cast
from weakref import WeakKeyDictionary

import numpy as np

from unknot.draw import style
from unknot.measures import entries, probe_accuracy
from unknot.measures.clouds import n_points_for, random_order
from unknot.motion.scene import Scene

#: Fonts with the scripts that the first lacks; those that are installed are used.
FALLBACK_FONTS = (
    "Noto Sans CJK SC",
    "Noto Sans CJK JP",
    "Noto Sans SC",
    "PingFang SC",
    "Hiragino Sans",
    "Microsoft YaHei",
    "Malgun Gothic",
    "Yu Gothic",
    "WenQuanYi Micro Hei",
    "Arial Unicode MS",
    "Noto Sans Devanagari",
    "Noto Sans Thai",
)
#: Drawn for a character that no font has.
MISSING = "□"
#: Joiners that shape letters in Arabic and Indic scripts: the only invisible characters kept.
JOINERS = "\u200c\u200d"


@cache
def families() -> tuple[str, ...]:
    """The font and, after it, the installed ones that have what it lacks."""
    from matplotlib import font_manager

    installed = {font.name for font in font_manager.fontManager.ttflist}
    return (style.FONT, *(name for name in FALLBACK_FONTS if name in installed))


def one_line(text: object, most: int = 40) -> str:
    """One line without control characters, cut in the middle to `most` characters.

    Parameters
    ----------
    text : object
        A name that came from a user.
    most : int
        Both ends are kept, since names often differ in the last letters.

    Returns
    -------
    str
        ``"(no name)"`` when nothing can be seen of it. Draw it with ``parse_math=False``.
    """
    # A name may be as long as a file: what is cut away need not be looked at.
    raw = str(text)
    if len(raw) > 20 * most:
        raw = raw[: 10 * most] + raw[-10 * most :]
    line = " ".join("".join(_drawable(c) for c in raw).split())
    if len(line) > most:
        head = most // 2
        line = line[:head].rstrip() + "…" + line[len(line) - (most - 1 - head) :].lstrip()
    return line or "(no name)"


def text_options(text: Any, **options: Any) -> dict[str, Any]:
    """Options for every matplotlib text: our fonts, and ``$`` is a dollar."""
    return {"s": text, "parse_math": False, "fontfamily": list(families()), **options}


def _drawable(character: str) -> str:
    category = unicodedata.category(character)
    if category in ("Cc", "Zl", "Zp", "Zs"):
        return " "
    if category == "Cf":
        return character if character in JOINERS and _has_glyph(character) else ""
    return character if _has_glyph(character) else MISSING


@cache
def _has_glyph(character: str) -> bool:
    if unicodedata.category(character) in ("Cs", "Co", "Cn"):
        return False
    return any(font.get_char_index(ord(character)) for font in _fonts())


@cache
def _fonts() -> tuple[Any, ...]:
    from matplotlib import font_manager

    fonts = cast("Any", font_manager)
    paths = [fonts.findfont(name) for name in families()]
    return tuple(fonts.get_font(path) for path in paths)


_accuracies: WeakKeyDictionary[Scene, dict[int, float | None]] = WeakKeyDictionary()


def probe_caption(scene: Scene, k: int) -> str:
    """``"straight cut: 88.4% right"``: the linear probe, where a representation is shown whole.

    Empty for a target that is a number, too few points, and where `Scene.readout` tells of the
    probe already.
    """
    if scene.readout(k) is not None or scene.trace.n_classes < 2:
        return ""
    known = _accuracies.setdefault(scene, {})
    if k not in known:
        values = scene.trace.representations[k].values
        widths = [r.n_units for r in scene.trace.representations[: k + 1]]
        # The points of the table of measures, so that both say the same.
        n = n_points_for(entries["linear_probe"], widths, len(values))
        rows = np.sort(random_order(scene.trace.labels, 0)[:n])
        known[k] = probe_accuracy(values[rows], scene.trace.labels[rows])
    accuracy = known[k]
    return "" if accuracy is None else f"straight cut: {accuracy:.1%} right"
