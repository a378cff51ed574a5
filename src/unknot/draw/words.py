"""Text in pictures: names that come from users made fit to be drawn, and what a caption says."""

import unicodedata
from collections.abc import Sequence
from functools import cache
from typing import Any, cast
from weakref import WeakKeyDictionary

from unknot.datasets.labels import JOINERS
from unknot.draw import style
from unknot.measures import probe_score
from unknot.measures.probe import probe_rows
from unknot.motion.scene import Scene
from unknot.traces.goodness import r2_text
from unknot.traces.representation import Trace

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
#: Drawn for a character of a name that no font has.
MISSING = "?"
#: Fonts that were looked for and found, because a name has what the usual ones lack.
_extra: list[str] = []
#: Scripts that no installed font has.
_missing_scripts: set[str] = set()
#: What to install, by how Unicode calls the characters.
_REMEDIES = {
    "CJK": "Noto Sans CJK",
    "HIRAGANA": "Noto Sans CJK",
    "KATAKANA": "Noto Sans CJK",
    "HANGUL": "Noto Sans CJK",
    "emoji": "Noto Emoji",
}


def families() -> tuple[str, ...]:
    """The font and, after it, the installed ones that have what it lacks."""
    return (*_usual(), *_extra)


@cache
def _usual() -> tuple[str, ...]:
    from matplotlib import font_manager

    installed = {font.name for font in font_manager.fontManager.ttflist}
    return (style.FONT, *(name for name in FALLBACK_FONTS if name in installed))


def drawable_names(class_names: Sequence[str]) -> tuple[tuple[str, ...], str]:
    """Class names that can be drawn, and what to say where a number stands in for one.

    Returns
    -------
    names : tuple of str
        ``"class 2"`` for a name with a character that no installed font has.
    note : str
        The missing scripts and the fix; empty where all names can be drawn.
    """
    missing = {c: [d for d in name if not _can_draw(d)] for c, name in enumerate(class_names)}
    names = tuple(f"class {c}" if missing[c] else name for c, name in enumerate(class_names))
    scripts = sorted({_script(d) for each in missing.values() for d in each})
    if not scripts:
        return names, ""
    fonts = sorted({_REMEDIES.get(script, f"a font with {script}") for script in scripts})
    return names, (
        f"No installed font has {', '.join(scripts)}: class numbers stand in. "
        f"Install {', '.join(fonts)}."
    )


def _can_draw(character: str) -> bool:
    return unicodedata.category(character)[0] in "CZ" or _drawable(character) != MISSING


def _script(character: str) -> str:
    """``"CJK"``, ``"HANGUL"``, ``"emoji"``: the first word of a character's name."""
    if unicodedata.category(character) == "So":
        return "emoji"
    word = unicodedata.name(character, "other characters").partition(" ")[0]
    return word.removesuffix("-UNIFIED").removesuffix("-COMPATIBILITY")


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
    line = " ".join(_drawable_text(raw).split())
    if len(line) > most:
        head = most // 2
        line = line[:head].rstrip() + "…" + line[len(line) - (most - 1 - head) :].lstrip()
    return line or "(no name)"


def text_options(text: Any, **options: Any) -> dict[str, Any]:
    """Options for every matplotlib text: our fonts, and ``$`` is a dollar."""
    return {"s": text, "parse_math": False, "fontfamily": list(families()), **options}


def _drawable_text(text: str) -> str:
    """A mark goes where no font has it together with what it stands on."""
    parts: list[str] = []
    fonts = list(families())
    for character in text:
        part = _drawable(character)
        if part and unicodedata.category(character) in ("Mn", "Me"):
            both = [name for name in fonts if _has(name, part)]
            part, fonts = (part, both) if both else ("", fonts)
        elif part:
            fonts = [name for name in families() if _has(name, part)]
        parts.append(part)
    return "".join(parts)


def _drawable(character: str) -> str:
    category = unicodedata.category(character)
    if category in ("Cc", "Zl", "Zp", "Zs"):
        return " "
    if category == "Cf":
        # The only invisible characters that are kept.
        return character if character in JOINERS and _has_glyph(character) else ""
    # Choices between two pictures of one character, which a font makes by itself.
    if unicodedata.name(character, "").startswith("VARIATION SELECTOR"):
        return ""
    return character if character == MISSING or _has_glyph(character) else MISSING


@cache
def _has_glyph(character: str) -> bool:
    if unicodedata.category(character) in ("Cs", "Co", "Cn"):
        return False
    if any(_has(name, character) for name in families()):
        return True
    script = _script(character)
    if script in _missing_scripts:
        return False
    name = _font_with(character)
    if name is None:
        _missing_scripts.add(script)
        return False
    _extra.append(name)
    return True


@cache
def _has(name: str, character: str) -> bool:
    """Whether both faces have it that text is drawn in: often only one of a family does."""
    from matplotlib import font_manager

    fonts = cast("Any", font_manager)
    faces = {
        fonts.findfont(fonts.FontProperties(family=[name], weight=weight))
        for weight in ("normal", "bold")
    }
    return all(fonts.get_font(face).get_char_index(ord(character)) for face in faces)


def _font_with(character: str) -> str | None:
    """Any family of the system that has a character."""
    from matplotlib import font_manager

    fonts = cast("Any", font_manager)
    for entry in fonts.fontManager.ttflist:
        try:
            font = fonts.get_font(entry.fname)
        except (OSError, RuntimeError):
            continue  # a file that is gone, or no outlines
        # That of last resort draws boxes.
        is_box = entry.name.startswith("Last Resort")
        if is_box or not font.get_char_index(ord(character)):
            continue
        if _has(entry.name, character):
            return entry.name
    return None


#: What is said where a picture's axes have not one scale.
OWN_SCALES = "each axis has its own scale"
_scores: WeakKeyDictionary[Scene, dict[int, float | None]] = WeakKeyDictionary()


def scale_caption(scene: Scene, k: int) -> str:
    """Says of a representation that its axes have scales of their own; empty as a rule."""
    return OWN_SCALES if scene.extent(k).stretch is not None else ""


def score_of_all(trace: Trace, k: int) -> float | None:
    """The linear probe of all units of a representation, on the points of `measure`'s table."""
    values = trace.representations[k].values
    rows = probe_rows(trace.labels, [r.n_units for r in trace.representations[: k + 1]])
    judges = None if trace.held_out is None else trace.held_out[rows]
    return probe_score(values[rows], trace.labels[rows], judges)


def probe_caption(scene: Scene, k: int) -> str:
    """``"straight cut: 88.4% right"``: the linear probe, where a representation is shown whole.

    Of a number to predict ``"linear probe: R² 0.482"``. Empty for too few points, and where
    `Scene.readout` tells of the probe already.
    """
    if scene.readout(k) is not None or scene.trace.n_classes == 1:
        return ""
    known = _scores.setdefault(scene, {})
    if k not in known:
        known[k] = score_of_all(scene.trace, k)
    score = known[k]
    if score is None:
        return ""
    is_number = not scene.trace.n_classes
    return f"linear probe: {r2_text(score)}" if is_number else f"straight cut: {score:.1%} right"
