"""The 3-D figure: the units asked for, the axes' names, the readout."""

import numpy as np
import pytest
from matplotlib.colors import to_hex
from pictures import ZOO, demo, sentences, words

from unknot.draw import style
from unknot.motion.scene import Scene
from unknot.views.figures import figure


def space(source, **options):
    return figure(source, what="3d", **options)


def test_names_of_the_units():
    text = words(space(demo(), units=[0, 3, 5])).splitlines()
    assert {"unit 1", "unit 4", "unit 6"} <= set(text)
    assert "unit 2" not in text


def test_units_that_other_layers_do_not_have():
    # The last hidden layer of this network has 16 units, the output 10.
    text = words(space(ZOO["wide"](), layer="hidden 1", units=[0, 20, 31]))
    assert "unit 32" in text


def test_default_is_the_scenes_projection():
    source = demo()
    scene = Scene(source, n_axes=3)
    text = words(space(source)).splitlines()
    assert set(scene.stops[2].axis_labels) <= set(text)


def test_projection_by_name():
    assert "PC 1" in words(space(demo(), projection="pca"))


def test_readout_and_its_colour():
    source = demo(600)
    readout = Scene(source, n_axes=3).readout(2)
    drawn = space(source)
    line = next(t for t in drawn.texts if t.get_text() == readout.caption)
    assert to_hex(line.get_color()) == (style.WARNING if readout.misleads else style.MUTED)


def test_notes():
    assert "(rank 2 at most)." in sentences(space(demo()))


@pytest.mark.parametrize("layer", range(6))
def test_every_layer(layer):
    drawn = space(demo(), layer=layer)
    drawn.canvas.draw()
    assert demo().representations[layer].name in words(drawn)


def test_equal_scale():
    axes = space(demo()).axes[0]
    axes.figure.canvas.draw()
    box = axes.get_window_extent()
    x, y = np.ptp(axes.get_xlim()), np.ptp(axes.get_ylim())
    assert x / box.width == pytest.approx(y / box.height, rel=1e-3)
