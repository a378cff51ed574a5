"""Maps of neighbours in a page: where Python puts them, said to be maps, beside the layers."""

import numpy as np
import pytest

import unknot as uk
from unknot.motion.scene import Scene
from unknot.views.page import page_html

pytestmark = pytest.mark.slow

MEANING = "map of neighbours: distances and paths mean nothing"


def groups(n=120):
    """Three groups in five dimensions."""
    rng = np.random.default_rng(0)
    y = np.arange(n) % 3
    x = (3 * np.eye(3, 5)[y] + rng.normal(size=(n, 5))).astype(np.float32)
    return uk.datasets.from_arrays(x, y, name="groups")


@pytest.mark.parametrize("size", [(1366, 768), (390, 844)], ids=["laptop", "phone"])
def test_a_page_begins_with_maps_and_goes_back_to_the_layers(open_page, size):
    run = uk.fit(groups(), hidden=[6], activation="tanh", steps=20, seed=0)
    traced = uk.trace(run, lattice=False)
    shown = open_page(
        page_html(run, projection="neighbours"),
        viewport={"width": size[0], "height": size[1]},
        has_touch=size[0] < 500,
    )
    scene = Scene(traced, projection="neighbours")
    assert shown.page.evaluate("unknot.get().projection") == "neighbours"
    for t in (0, 1, 1.5, len(traced) - 1):
        got = shown.page.evaluate("t => { unknot.set({ t }); return [...unknot.positions()]; }", t)
        # Sixteen bits of a map of radius 1.
        middle = (scene.points(1) + scene.points(2)) / 2
        expected = middle if t == 1.5 else scene.points(t)
        tolerance = 0.2 if t == 1.5 else 1e-3  # the pace of the straight way is its own
        np.testing.assert_allclose(np.reshape(got, (-1, 2)), expected, atol=tolerance)
        words = shown.page.locator(".viewer").inner_text()
        assert MEANING in words
    assert "Trustworthiness" in words
    assert "Spread shown" not in words
    choose = shown.page.get_by_label("Projection")
    choose.select_option("auto")
    shown.page.wait_for_function("unknot.get().projection === 'auto'")
    auto = Scene(traced)
    got = shown.page.evaluate("unknot.set({ t: 2 }); [...unknot.positions()]")
    np.testing.assert_allclose(np.reshape(got, (-1, 2)), auto.points(2), atol=0.05)
    assert MEANING not in shown.page.locator(".viewer").inner_text()
    choose.select_option("neighbours")
    shown.page.get_by_role("button", name="3-D").click()
    assert shown.page.evaluate("[unknot.get().view, unknot.get().projection].join()") == "3d,auto"
    shown.page.get_by_text("The maps of neighbours in this page have 2 axes").wait_for()
