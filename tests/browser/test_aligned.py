"""Networks that were brought together, side by side in a page: where Python puts them."""

import numpy as np
import pytest

import unknot as uk

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def aligned():
    data = uk.datasets.make("digits")
    few = data.take(np.arange(0, data.n_points, 6))
    runs = [uk.fit(few, hidden=[16], epochs=10, seed=seed) for seed in (1, 2, 3)]
    return uk.align([uk.trace(run) for run in runs])


@pytest.mark.parametrize("size", [(1366, 768), (390, 844)], ids=["laptop", "phone"])
def test_each_network_stands_where_python_turns_it(open_page, aligned, size):
    shown = open_page(
        aligned,
        viewport={"width": size[0], "height": size[1]},
        has_touch=size[0] < 500,
        reduced_motion="reduce",
    )
    for axes, view in ((2, "2d"), (3, "3d")):
        scenes = aligned.seen(axes)
        for t in (0, 2, len(aligned.names) - 1):
            n = scenes[0].points(t).shape[0]
            boxes = []
            for k, scene in enumerate(scenes):
                got, extent = shown.places({"view": view, "t": t}, axes, n, k)
                expected = scene.points(t)
                # Sixteen bits of the widest unit, and single precision.
                near = 1e-3 * np.abs(expected).max()
                np.testing.assert_allclose(got, expected, atol=near)
                boxes.append(extent)
            assert boxes == [boxes[0]] * 3, "the same axes"
    shown.page.evaluate("unknot.set({ t: 2, view: '2d' })")
    shown.page.get_by_text("aligned, a").nth(1).wait_for()
