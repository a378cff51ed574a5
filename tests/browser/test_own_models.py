"""What the page shows of models that are not unknot's own: nothing false, nothing left unsaid."""

import io
from dataclasses import replace

import numpy as np
import pytest
from networks import cloud, network, rings
from PIL import Image

import unknot as uk
from unknot.network.mlp import MLP, Dense
from unknot.traces.note import Note
from unknot.views.page import header

pytestmark = pytest.mark.slow

NOTE = "The model branches; its longest chain is shown, without <i>side</i>."


def partly_known():
    """A plane whose second map is not known, with the lattice that the model itself gave."""
    traced = uk.trace(network([2, 5, 1], seed=3), rings(200))
    maps = (traced.maps[0], uk.Opaque("mystery"), *traced.maps[2:])
    return replace(traced, maps=maps, notes=(Note("Traced with torch.fx.", "maker"), Note(NOTE)))


def show(page, **state):
    page.page.evaluate("state => unknot.set(state)", state)
    page.settle()


def readout(page):
    return page.locate("section[aria-label='What the picture shows']")


def picture(page):
    shot = page.locate(".picture canvas").first.screenshot()
    return np.asarray(Image.open(io.BytesIO(shot)).convert("RGB")).astype(int)


def test_notes_are_told_as_text(open_page):
    page = open_page(partly_known())
    assert NOTE in readout(page).inner_text()
    assert "torch.fx" not in readout(page).inner_text()
    assert readout(page).locator("i", has_text="side").count() == 0


def test_stored_values_show_lattice_boundary_and_threshold(open_page):
    page = open_page(partly_known(), reduced_motion="reduce")
    hidden = {"shading": False, "axes": False, "size": 0.2}
    show(page, t=1, lattice=False, boundary=False, **hidden)
    bare = picture(page)
    show(page, lattice=True)
    grid = (picture(page) != bare).any(axis=2).mean()
    show(page, lattice=False, boundary=True)
    edge = (picture(page) != bare).any(axis=2).mean()
    assert 0.01 < grid < 0.6
    assert 0.0005 < edge < grid
    show(page, t=3)  # the logit: what follows is known
    assert page.locate(".overlay .threshold").count() == 1


def test_two_probabilities_have_no_regions(open_page):
    traced = uk.trace(network([2, 5, 2], "tanh", "softmax", seed=1), rings(200))
    page = open_page(traced, reduced_motion="reduce")
    show(page, t=4, axes=False, lattice=False)
    pixels = picture(page)
    # Grey at most, where the line of even odds is; the corners off the line are the page's white.
    height, width, _ = pixels.shape
    assert (pixels[10:60, 10:60] == 255).all()
    assert (pixels[height - 60 : height - 10, width - 60 : width - 10] == 255).all()
    assert (picture(page) < 140).all(axis=2).mean() > 0.0005


@pytest.mark.parametrize("bias", [0.0, -0.3])
def test_where_all_units_are_off_there_is_no_boundary(open_page, bias):
    """Without a bias the odds are even there, and its edge is none either."""
    wedge = np.array([[1.0, -0.7], [0.8, 1.1]], np.float32)
    layers = (
        Dense(wedge, np.array([0.1, -0.2], np.float32), "relu", "hidden 1"),
        Dense(np.ones((2, 1), np.float32), np.array([bias], np.float32), "linear", "output"),
    )
    page = open_page(uk.trace(MLP(layers, "sigmoid"), rings(200)), reduced_motion="reduce")
    hidden = {"shading": False, "axes": False, "lattice": False, "hidden": [0, 1]}
    show(page, t=0, boundary=False, **hidden)
    bare = picture(page)
    show(page, boundary=True)
    n_drawn = (picture(page) != bare).any(axis=2).sum()
    assert (n_drawn > 300) if bias else (n_drawn == 0)


def test_the_picture_of_the_network_is_that_of_the_network(open_page):
    page = open_page(partly_known())
    assert page.locate(".network .arrow").count() == 1
    assert page.locate(".network circle").count() == 2 + 5 + 5 + 1
    assert page.locate(".network line").count() == 2 * 5 + 5
    scaler = uk.Affine(np.diag([2.0, 3.0, 0.5]), np.zeros(3), "scaler")
    x = cloud(50, 3, 2).x
    diagonal = open_page(uk.Trace.from_arrays([x, scaler(x)], np.arange(50) % 2, maps=[scaler]))
    assert diagonal.locate(".network line:not([hidden])").count() == 3


def test_wide_maps_are_followed_and_what_is_kept_is_said(open_page):
    data = cloud(300, 300, 3)
    traced = uk.trace(network([300, 140, 3], output="softmax"), data)
    page = open_page(traced, reduced_motion="reduce")
    assert traced.is_exact
    for t in (0.3, 0.6, 0.9, 1.5):
        show(page, t=t)
        assert "nterpolated" not in readout(page).inner_text()
        assert "directions stand for" in readout(page).inner_text()
    show(page, t=0)
    assert page.locate(".say .what").inner_text() == "input (300 units)"
    assert "64 directions stand for 300 units" in readout(page).inner_text()
    assert page.locate(".network .box title").all_text_contents() == ["300 units", "140 units"]


def test_regression_has_no_overlapping_classes_but_a_probe(open_page):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(300, 20))
    page = open_page(uk.Trace.from_arrays([x], x[:, 0] * 3))
    # The plane of the regression shows the target; the widest one does not.
    show(page, projection="following")
    misleads = "This picture misleads: more of the target is in the layer than is seen here."
    readout(page).locator(".warn").get_by_text(misleads, exact=True).wait_for()
    shown, full = (
        float(bar.inner_text().split()[-1])
        for bar in readout(page).locator(".bar", has_text="R² of a linear probe").all()
    )
    assert shown < 0.9
    assert full == 1
    assert "classes" not in readout(page).inner_text()


def test_both_cuts_come_from_one_solver_and_the_warning_compares_them(open_page, monkeypatch):
    """What Python measured along the way, of other points, is no part of it."""
    traced = uk.trace(network([2, 8, 1], seed=1), rings(400))
    curve = {"linear_probe": [[0.0] * len(traced.representations)], "chance": 0.5}
    monkeypatch.setattr(header, "probe_curves", lambda _: curve)
    page = open_page(traced)
    show(page, t=2)
    cuts = readout(page).locator(".bar", has_text="Straight cut")
    cuts.first.wait_for()
    shown, whole = (int(text.split()[-1].rstrip("%")) for text in cuts.all_inner_texts())
    assert 50 <= shown < whole - 2
    assert readout(page).locator(".warn").count() == 1
    assert "Both cuts: 200 points" in readout(page).inner_text()


def test_points_without_labels_have_one_colour_and_no_class(open_page):
    page = open_page(uk.Trace.from_arrays([cloud(50, 2, 2).x], np.zeros(50, int)))
    assert page.locate("select[aria-label='Colour by'] option").first.inner_text() == "One colour"
    assert "class" not in page.locate(".say .why").inner_text()
