"""What a page shows before its script has drawn: real points, where the viewer shows them."""

import re

import numpy as np
from networks import network, rings

import unknot as uk
from unknot.motion.extent import extent_of
from unknot.views.page.container import unpack_page
from unknot.views.page.header import page_file
from unknot.views.page.parts import Playground
from unknot.views.page.poster import MOST_POINTS, SIDE, poster


def of(source, **options):
    return poster(*unpack_page(page_file(source, **options)))


def dots(text):
    """Of each class: (n_points, 2), as they stand in the file."""
    paths = re.findall(r'<path stroke="(#\w+)" d="([^"]*)"', text)
    found = {}
    for colour, path in paths:
        found[colour] = np.array([p.split() for p in path.replace("h0", "")[1:].split("M")], int)
    return found


def test_the_points_stand_where_the_viewer_shows_them():
    data = rings(200)
    seen = dots(of(uk.trace(network([2, 3, 1]), data)))
    box = extent_of(data.x)
    for label, places in enumerate(seen.values()):
        own = data.x[data.y == label]
        back = (places / (SIDE / 2) - 1) * [1, -1] * box.radius + box.centre
        # To half a step of the picture, and half a step of the file's numbers.
        assert len(back) == len(own)
        assert np.abs(back - own).max() <= box.radius / SIDE * 1.02


def test_a_sample_of_many_points_is_drawn():
    drawn = dots(of(uk.trace(network([2, 3, 1]), rings(4 * MOST_POINTS), lattice=False)))
    assert sum(map(len, drawn.values())) == MOST_POINTS


def test_only_a_plane_of_one_network_is_drawn():
    plane = uk.trace(network([2, 3, 1]), rings(20))
    x = np.random.default_rng(0).normal(size=(20, 4))
    wide = uk.trace(network([4, 3, 1]), (x, np.arange(20) % 2))
    number = uk.trace(network([2, 3, 1]), (x[:, :2], x[:, 2]))
    assert "<svg" in of(plane)
    run = uk.fit(rings(20), hidden=[2], epochs=1, seed=0)
    trained = of(run, playground=Playground((), is_empty=True))
    for other in (of([plane, plane]), of(plane, n_axes=3), of(wide), of(number), trained):
        assert "<svg" not in other
        assert "<h1>" in other


def test_titles_are_escaped_and_shares_written_as_on_the_page():
    text = of(uk.trace(network([2, 3, 1]), rings(20)), title="<b>", description="9 % & more")
    assert "<h1>&lt;b&gt;</h1><p>9% &amp; more</p>" in text
