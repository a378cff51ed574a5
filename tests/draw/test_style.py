"""Colours of classes can be told apart, and seen on white."""

from itertools import combinations

import numpy as np
import pytest

from unknot.draw import style

#: Machado, Oliveira and Fernandes (2009), severity 1, on linear RGB.
VISION = {
    "normal": np.eye(3),
    "protan": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "deutan": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
    "tritan": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ],
}
#: Ottosson (2020).
TO_CONES = [
    [0.4122214708, 0.5363325363, 0.0514459929],
    [0.2119034982, 0.6806995451, 0.1073969566],
    [0.0883024619, 0.2817188376, 0.6299787005],
]
TO_OKLAB = [
    [0.2104542553, 0.7936177850, -0.0040720468],
    [1.9779984951, -2.4285922050, 0.4505937099],
    [0.0259040371, 0.7827717662, -0.8086757660],
]


def linear(colour):
    rgb = np.array([int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)])
    return np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)


def contrast_with_white(colour):
    return 1.05 / (linear(colour) @ [0.2126, 0.7152, 0.0722] + 0.05)


def oklab(colour, vision):
    seen = np.clip(np.array(VISION[vision]) @ linear(colour), 0, 1)
    return np.array(TO_OKLAB) @ np.cbrt(np.array(TO_CONES) @ seen)


def closest(colours, vision):
    places = [oklab(colour, vision) for colour in colours]
    return min(np.linalg.norm(a - b) for a, b in combinations(places, 2))


@pytest.mark.parametrize("vision", list(VISION))
def test_ten_classes_are_told_apart(vision):
    assert closest(style.class_colours(10), vision) >= 0.07


def test_twenty_classes_differ_for_normal_vision():
    assert closest(style.class_colours(20), "normal") >= 0.09


@pytest.mark.parametrize("n", [*range(2, 21), 40, 100])
def test_no_class_vanishes_on_white_or_takes_anothers_colour(n):
    colours = style.class_colours(n)
    assert len(set(colours)) == n
    assert min(map(contrast_with_white, colours)) >= (1.98 if n <= 20 else 1.8)


def test_more_classes_keep_the_colours_of_fewer():
    for n in range(2, 20):
        assert style.class_colours(n + 1)[:n] == style.class_colours(n)


def test_no_labels_have_no_class_colour():
    assert style.class_colours(1) == [style.NEUTRAL]
    assert style.NEUTRAL not in style.CLASS_COLOURS
