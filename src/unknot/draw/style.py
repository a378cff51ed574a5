"""Colours, sizes and fonts: one source for every view."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Rgb = NDArray[np.float64]

#: Okabe and Ito (2008), ordered so that the first two differ in hue and in lightness for every
#: kind of colour vision. The notebook's pure red and blue do not. The first is lightened and the
#: second darkened until one has 2.6 times the luminance of the other: grey print keeps them apart.
CLASS_COLOURS = (
    "#e8781a",  # vermilion
    "#00568f",  # blue
    "#009e73",  # bluish green
    "#cc79a7",  # reddish purple
    "#d2b300",  # gold, in place of orange, which is near to vermilion
    "#56b4e9",  # sky blue
    "#806000",  # brown, in place of yellow, which is lost on white
    "#555555",  # grey
    "#8a4fff",  # violet
    "#6a0032",  # wine
    # Each as far from those before as can be, to every kind of colour vision, in Oklab.
    "#0c009e",
    "#92c29e",
    "#556dc2",
    "#3d1861",
    "#6100ce",
    "#9286ff",
    "#920c00",
    "#796d86",
    "#0000ff",
    "#613161",
)

INK = "#1a1a1a"
MUTED = "#6b6b6b"
#: Points of data that has no labels: not the colour of any class.
NEUTRAL = "#62707c"
#: Points without a label beside points that have one.
UNLABELLED = "#a6abb2"
GRID = "#c9c9c9"
BACKGROUND = "#ffffff"
WARNING = "#a33b00"
BOUNDARY = "#1a1a1a"
#: For a regression target: perceptually even and readable without colour.
CONTINUOUS = "viridis"
#: For residuals: below 0, 0, above 0.
RESIDUALS = ("#1b5e9b", "#b9b9b9", "#c2500a")

FONT = "DejaVu Sans"
TITLE_SIZE = 11
LABEL_SIZE = 9
CAPTION_SIZE = 8

#: Fewer points than this are drawn as discs, more as density.
DENSITY_FROM = 3_000


def rgb(colour: str) -> Rgb:
    """``"#d55e00"`` as three numbers from 0 to 1."""
    return np.array([int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)])


def residual_colours(n: int) -> Rgb:
    """(n, 3): from one end of the scale of residuals to the other."""
    low, middle, high = (rgb(colour) for colour in RESIDUALS)
    share = np.linspace(-1, 1, n)[:, None]
    return middle + (high - middle) * share.clip(0) + (low - middle) * (-share).clip(0)


def class_colours(n_classes: int) -> list[str]:
    """One colour a class; a single class, as data without labels has, has none of its own.

    The first ten differ by 0.07 or more in Oklab (Ottosson 2020) to normal, protan, deutan and
    tritan vision (Machado, Oliveira and Fernandes 2009), and stand out from white by 2 : 1.
    More than twenty cannot be told apart; they are spread over a colour circle.
    """
    if n_classes == 1:
        return [NEUTRAL]
    if n_classes <= len(CLASS_COLOURS):
        return list(CLASS_COLOURS[:n_classes])
    return list(_colour_circle(n_classes))


def shared_colours(class_names: Sequence[Sequence[str]]) -> dict[str, str]:
    """One colour a class for all that is shown together, by name.

    The order is that of the longest list of classes, so that one which lacks a class changes the
    colours of none; classes that it does not have come after.
    """
    longest_first = sorted(class_names, key=len, reverse=True)
    names = list(dict.fromkeys(name for each in longest_first for name in each))
    return dict(zip(names, class_colours(len(names)), strict=True)) if names else {}


def _colour_circle(n: int) -> Sequence[str]:
    import colorsys

    colours: list[str] = []
    for i in range(n):
        # Neighbours differ in lightness as well as in hue; the last is no neighbour of the first.
        lightness = (0.26, 0.36, 0.45)[i % 3]
        r, g, b = colorsys.hls_to_rgb(i / n, lightness, 0.65)
        colours.append(f"#{round(r * 255):02x}{round(g * 255):02x}{round(b * 255):02x}")
    return colours
