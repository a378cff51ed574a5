"""Images at the places of their points, none over another; rings for what was held out."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.collections import PathCollection
from matplotlib.patches import Rectangle

import unknot as uk
from unknot.draw.marks import APART, MOST_IMAGES, MOST_RINGS, Marks, thumbnail_places
from unknot.draw.plane import Window
from unknot.views.page import page_file, unpack_page


def blobs(n=120, held_out=None, images=True):
    rng = np.random.default_rng(0)
    y = np.arange(n) % 3
    x = rng.normal(size=(n, 3)) + 4 * np.eye(3)[y]
    identity = {"image": rng.integers(0, 255, (n, 6, 4), np.uint8)} if images else None
    return uk.Trace.from_arrays([x, np.tanh(x)], y, identity=identity, held_out=held_out)


@given(
    st.integers(1, 400),
    st.floats(0.01, 3.0),
    st.integers(0, 10),
    st.sampled_from([0.0, 0.2]),
)
def test_images_lie_inside_and_not_over_each_other(n, side, seed, drop):
    rng = np.random.default_rng(seed)
    points = rng.normal(size=(n, 2)).astype(np.float32)
    images = [np.zeros((2, 2), np.uint8) if i % 3 else None for i in range(n)]
    images[0] = np.zeros((2, 2), np.uint8)
    trace = uk.Trace.from_arrays([points], np.zeros(n, int), identity={"image": images})
    window = Window.around(0, 0, 2.0, 100, 100)
    chosen = thumbnail_places(trace, points, window, side, drop)
    assert len(chosen) <= MOST_IMAGES
    middles = np.array([middle for _, middle in chosen]).reshape(-1, 2)
    rows = [row for row, _ in chosen]
    assert set(rows) <= set(trace.identity.image_rows.tolist())
    np.testing.assert_allclose(middles, points[rows] - (0, drop), atol=1e-6)
    assert (np.abs(middles) <= 2 - side / 2 + 1e-9).all()
    far = np.abs(middles[:, None] - middles[None]).max(axis=2)
    assert (far[~np.eye(len(far), dtype=bool)] >= APART * side).all()


def test_the_same_points_are_shown_in_every_panel_and_in_frames_of_their_colour():
    figure = uk.figure(blobs(), thumbnails=True, size=8)
    shown = [
        [np.asarray(image.get_array()) for image in axes.images if image.get_zorder() == 5]
        for axes in figure.axes
    ]
    assert all(len(each) > 8 for each in shown)
    first = [{pixels.tobytes() for pixels in each[:4]} for each in shown]
    assert first[0] & first[1]
    frames = [p for p in figure.axes[0].patches if isinstance(p, Rectangle)]
    assert len(frames) == len(shown[0])
    sizes = {(round(f.get_width(), 6), round(f.get_height(), 6)) for f in frames}
    ((width, height),) = sizes
    assert width / height == pytest.approx(4 / 6)
    assert len({tuple(np.round(f.get_edgecolor(), 3)) for f in frames}) == 3


@pytest.mark.parametrize("what", ["strip", "3d"])
def test_held_out_points_are_rings_and_the_legend_says_so(what):
    figure = uk.figure(blobs(held_out=np.arange(120) % 4 == 0), what, mark_held_out=True)
    axes = figure.axes[0]
    discs = [c for c in axes.collections if isinstance(c, PathCollection)]
    rings = [c for c in discs if not len(c.get_facecolors())]
    assert [len(c.get_offsets()) for c in rings] == [30]
    assert sum(len(c.get_offsets()) for c in discs) == 120
    assert "held out" in [text.get_text() for text in figure.texts]


def test_of_a_density_a_sample_is_ringed():
    trace = blobs(4_000, held_out=np.arange(4_000) % 2 == 0, images=False)
    rows = Marks(held_out=True).rings(trace)
    assert len(rows) == MOST_RINGS
    assert trace.held_out[rows].all()
    figure = uk.figure(trace, mark_held_out=True)
    assert "held out, a sample" in [text.get_text() for text in figure.texts]


def test_a_cloud_on_a_line_has_its_images_below():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(50, 1))
    images = np.zeros((50, 4, 4))
    trace = uk.Trace.from_arrays([x], (x[:, 0] > 0).astype(int), identity={"image": images})
    axes = uk.figure(trace, thumbnails=True).axes[0]
    tops = [image.get_extent()[3] for image in axes.images if image.get_zorder() == 5]
    assert tops
    assert max(tops) <= 0


def test_what_the_data_do_not_have_is_refused_with_the_way_out():
    with pytest.raises(uk.UsageError) as error:
        uk.figure(blobs(images=False), thumbnails=True)
    assert str(error.value) == (
        "thumbnails needs images of the points; these data have none.\n"
        "Give them: trace(model, data, identity={'image': images}), or a column of paths."
    )
    with pytest.raises(uk.UsageError) as error:
        uk.figure(blobs(), "3d", mark_held_out=True)
    assert str(error.value) == (
        "mark_held_out needs points that are held out; of these nobody said so, or there are "
        "none.\nGive held_out= to trace, or validation= to fit."
    )
    with pytest.raises(uk.UsageError, match="'pairs' takes no thumbnails; these do: 3d, strip"):
        uk.figure(blobs(), "pairs", thumbnails=True)


@pytest.mark.parametrize(
    ("n", "n_classes", "kind"),
    [
        (3, 2, "apart"),
        (40, 2, "equal"),
        (40, 2, "twice"),
        (41, 2, "single"),
        (300, 150, "apart"),
    ],
)
def test_strange_data_have_a_picture_and_a_page(n, n_classes, kind):
    """Few rows, duplicates, all points equal, a class of one row, very many classes."""
    x = np.random.default_rng(0).normal(size=(n, 3))
    x = np.ones((n, 3)) if kind == "equal" else x // 2 if kind == "twice" else x
    y = (np.arange(n) == 0).astype(int) if kind == "single" else np.arange(n) % n_classes
    images = [np.full((2 + i % 3, 3), i % 255, np.uint8) if i % 2 else None for i in range(n)]
    who = {"image": images, "text": ["<b>" if i % 2 else np.nan for i in range(n)]}
    trace = uk.Trace.from_arrays([x, x**2], y, identity=who, held_out=[0])
    figure = uk.figure(trace, thumbnails=True, mark_held_out=True)
    shown = [image for image in figure.axes[0].images if image.get_zorder() == 5]
    assert len(shown) == 1 if kind == "equal" else shown
    header, _ = unpack_page(page_file(trace))
    assert header["runs"][0]["identity"]["images"]["tiles"] is not None
