"""The diagram: widths, signs and places of lines are those of the weights."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from matplotlib.collections import LineCollection
from matplotlib.colors import to_hex
from matplotlib.patches import Circle, Rectangle
from networks import cloud, network, readout_network, rings
from pictures import dead, demo, hostile, sentences, shuffled, words

from unknot.network.maps import Affine, Opaque
from unknot.traces.representation import Trace
from unknot.traces.tracing import trace
from unknot.views.figures import figure
from unknot.views.figures.architecture import (
    MOST_UNITS,
    SHEETS,
    columns,
    elide,
    parameters,
    strongest,
)
from unknot.views.figures.diagram import NEGATIVE, POSITIVE, THICK, THIN


def diagram(source, **options):
    return figure(source, what="diagram", **options)


def lines(drawn):
    """Start, end, width and colour of every weight's line."""
    for collection in drawn.axes[0].collections:
        if isinstance(collection, LineCollection):
            colour = to_hex(collection.get_colors()[0])
            widths = collection.get_linewidths()
            for segment, width in zip(collection.get_segments(), widths, strict=True):
                yield segment[0], segment[1], width, colour


def test_one_line_a_weight_with_its_sign_and_size():
    source = demo()
    weights = [m.weight for m in source.maps if isinstance(m, Affine)]
    drawn = list(lines(diagram(source)))
    assert len(drawn) == sum(w.size for w in weights) == 2 * 6 + 6 * 2 + 2
    x = sorted({float(start[0]) for start, *_ in drawn})
    for weight, place in zip(weights, x, strict=True):
        scale = np.abs(weight).max()
        between = [line for line in drawn if line[0][0] == place]
        tops = [sorted({float(line[end][1]) for line in between}) for end in (0, 1)]
        for start, stop, width, colour in between:
            w = weight[tops[0].index(start[1]), tops[1].index(stop[1])]
            assert colour == (POSITIVE if w > 0 else NEGATIVE)
            assert width == pytest.approx(THIN + (THICK - THIN) * abs(w) / scale, rel=1e-5)


def test_rings_are_biases():
    source = demo()
    discs = [p for p in diagram(source).axes[0].patches if isinstance(p, Circle)]
    rings_ = [p for p in discs if p.get_facecolor()[3] == 0]
    biases = np.concatenate([[0, 0], *(m.bias for m in source.maps if isinstance(m, Affine))])
    assert len(rings_) == len(biases)
    for ring, bias in zip(rings_, biases, strict=True):
        colour = to_hex(ring.get_edgecolor())
        assert bias == 0 or colour == (POSITIVE if bias > 0 else NEGATIVE)


def test_units_are_pictures_of_what_they_compute():
    source = trace(readout_network(), rings(100))
    images = diagram(source).axes[0].images
    assert len(images) == 2 + 6 + 2 + 1
    # The first input is dark at the right, the second at the top.
    first, second = images[0].get_array(), images[1].get_array()
    assert first[:, 0].mean() > first[:, -1].mean()
    assert second[-1].mean() > second[0].mean()


def test_no_pictures_without_a_plane():
    assert not diagram(trace(network([3, 4, 1]), cloud(30, 3, 2))).axes[0].images
    assert not diagram(hostile()).axes[0].images


def test_names_widths_and_activations():
    text = words(diagram(demo())).splitlines()
    for line in ("input", "x", "y", "hidden 1", "6 units · relu", "readout", "2 units", "P(inner)"):
        assert line in text
    assert "2 → 6 → 2 → 1 units · 35 weights and biases" in text


def test_classes_stand_at_a_softmax():
    text = words(diagram(trace(network([2, 4, 3], output="softmax"), cloud(30, 2, 3)))).splitlines()
    assert {"class 0", "class 1", "class 2", "3 units · softmax"} <= set(text)


def test_wide_layers_are_elided():
    drawn = diagram(trace(network([64, 32, 10], output="softmax"), cloud(30, 64, 10)))
    text = words(drawn).splitlines()
    assert "… 55 more" in text
    assert "… 23 more" in text
    assert "Of wide layers the units with the largest weights are drawn." in sentences(drawn)
    assert len(list(lines(drawn))) == 9 * 9 + 9 * MOST_UNITS


def test_deep_networks_are_elided():
    source = trace(network([2, *[3] * 20, 1]), rings(20))
    text = words(diagram(source)).splitlines()
    assert "… 14 more layers" in text
    assert "hidden 1" in text
    assert "probability" in text
    assert "hidden 9" not in text


def after_pooling(n=20):
    """Of a wide convolution only values are known; then a scaler and a dense layer."""
    rng = np.random.default_rng(0)
    scaler = Affine(np.diag(rng.uniform(1, 9, n)), rng.normal(size=n), "norm")
    dense = Affine(rng.normal(size=(n, 3)) / 50, np.zeros(3), "out")
    image, pooled = rng.normal(size=(30, 64)), rng.normal(size=(30, n))
    scaled = scaler(pooled)
    return Trace.from_arrays(
        [image, rng.normal(size=(30, 512)), pooled, scaled, dense(scaled)],
        np.arange(30) % 3,
        maps=[Opaque("Conv2d"), Opaque("MaxPool2d"), scaler, dense],
        names=["input", "conv", "pool", "norm", "out"],
    )


def test_known_weights_are_counted_as_they_are():
    all_columns = columns(after_pooling())
    assert parameters(all_columns) == (20 + 20) + (20 * 3 + 3)
    text = words(diagram(after_pooling())).splitlines()
    assert (
        "64 → 512 → 20 → 20 → 3 units · 103 known weights and biases, of scalings one a unit"
        in text
    )


def test_layers_that_nothing_known_joins_are_stacks():
    drawn = diagram(after_pooling())
    boxes = [p for p in drawn.axes[0].patches if isinstance(p, Rectangle)]
    assert len(boxes) == 2 * SHEETS  # input and conv: their units would be empty discs
    text = words(drawn).splitlines()
    assert {"64", "512", "Conv2d"} <= set(text)
    assert "… 503 more" not in text


def test_unit_to_unit_layers_show_the_same_units():
    all_columns = columns(after_pooling())
    assert strongest(all_columns, 2, 9) == strongest(all_columns, 3, 9)
    segments = list(lines(diagram(after_pooling())))
    straight = [line for line in segments if line[0][1] == line[1][1]]
    assert len(segments) == (MOST_UNITS - 1) + (MOST_UNITS - 1) * 3
    assert len(straight) >= MOST_UNITS - 1  # no unit hangs without its line


def test_every_layer_has_its_own_thickest_line():
    drawn = diagram(after_pooling())
    by_place = {}
    for start, _, width, _ in lines(drawn):
        by_place.setdefault(float(start[0]), []).append(width)
    assert [max(widths) for widths in by_place.values()][-1] == pytest.approx(THICK)
    said = [text for text in words(drawn).splitlines() if text.startswith("thickest")]
    assert len(said) == 2


def test_notes_stand_at_the_foot():
    note = "The model branches; its longest chain is shown, without side."
    assert note in sentences(diagram(replace(demo(), notes=(note,))))


def test_unknown_maps_have_no_lines():
    drawn = diagram(hostile())
    assert not list(lines(drawn))
    assert "dotted: a step whose weights are not known" in words(drawn)


def test_a_network_of_zeros():
    zero = Affine(np.zeros((2, 2)), np.zeros(2), "zero")
    x = np.eye(2)
    drawn = diagram(Trace.from_arrays([x, zero(x)], [0, 1], maps=[zero]))
    assert not list(lines(drawn))
    drawn.canvas.draw()


def test_dead_network():
    diagram(dead()).canvas.draw()


def test_strongest_units_keep_their_order():
    weight = np.zeros((5, 2))
    weight[[4, 1, 3], 0] = [3, 2, 1]
    map_ = Affine(weight, np.zeros(2))
    x = np.ones((1, 5))
    all_columns = columns(Trace.from_arrays([x, map_(x)], [0], maps=[map_]))
    assert strongest(all_columns, 0, 2) == [1, 4]
    assert strongest(all_columns, 0, 3) == [1, 3, 4]
    assert strongest(all_columns, 1, 2) == [0, 1]


def test_elide_keeps_both_ends():
    all_columns = columns(trace(network([2, *[3] * 8, 1]), rings(20)))
    for most in range(3, 11):
        shown = elide(all_columns, most)
        assert len(shown) == min(most, len(all_columns))
        assert (shown[0], shown[-1]) == (all_columns[0], all_columns[-1])
        n_elided = sum(c.n_elided for c in shown)
        assert n_elided + sum(not c.n_elided for c in shown) == len(all_columns)


@pytest.mark.parametrize(
    ("widths", "output", "text"),
    [
        ([2, 6, 1], "sigmoid", "2 → 6 relu → 1 sigmoid"),
        ([64, 32, 16, 10], "softmax", "64 → 32 relu → 16 relu → 10 softmax"),
        ([2, 1_200], "linear", "2 → 1,200 linear"),
    ],
)
def test_architecture(widths, output, text):
    data = shuffled(cloud(40, widths[0], max(widths[-1], 2)))
    assert trace(network(widths, output=output), data).architecture == text


def test_columns_join():
    for before, after in pairwise(columns(demo())):
        assert after.map.shape == (before.n_units, after.n_units)
