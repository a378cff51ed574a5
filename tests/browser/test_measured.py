"""What Python measured and the page tells: the probe over the timeline, the target's numbers."""

from dataclasses import replace

import numpy as np
import pytest
from networks import network, readout_network, rings
from pages import BARE
from test_controls import run_of

import unknot as uk

pytestmark = pytest.mark.slow


def measured(source):
    return uk.measure(source, measures=["linear_probe"])["linear_probe"].to_numpy()


def numbers_of(page):
    return page.locate(".probe text").all_text_contents()


def test_the_probe_is_drawn_over_the_timeline_at_every_checkpoint(open_page):
    run = run_of()
    wanted = measured(run).reshape(3, -1)
    page = open_page(run, fragment=BARE, viewport={"width": 1366, "height": 768})
    for u in (2, 0):
        page.page.evaluate("u => unknot.set({ t: 2, u })", u)
        page.settle()
        assert page.locate(".probe circle").count() == 6
        shown = [int(text.rstrip("%")) / 100 for text in numbers_of(page)]
        assert np.abs(np.sort(shown) - np.sort(wanted[u])).max() < 0.0051  # whole per cents
        slider = page.locate(".slider.layers")
        assert f"straight cut {wanted[u][2]:.1%}" in slider.get_attribute("aria-valuetext")
    assert "chance 50%" in page.locate(".key").first.inner_text()
    heights = [float(c.get_attribute("cy")) for c in page.locate(".probe circle").all()]
    # Heights are linear in the accuracy, to a tenth of a pixel.
    line = np.polynomial.Polynomial.fit(wanted[0], heights, 1)
    assert np.abs(line(wanted[0]) - heights).max() < 0.11
    assert heights[wanted[0].argmax()] < heights[wanted[0].argmin()]


def test_the_card_over_a_stop_tells_the_number_and_whether_it_is_interpolated(open_page):
    run = run_of()
    wanted = measured(run).reshape(3, -1)
    page = open_page(run, fragment=BARE)
    box = page.locate(".slider.layers").bounding_box()
    page.page.mouse.move(box["x"] + 0.6 * box["width"] + 3, box["y"] + 20)
    card = page.locate(".card")
    assert card.inner_text() == f"readout: straight cut {wanted[2][3]:.1%} right (linear probe)"
    page.page.evaluate("unknot.set({ u: 0.5 })")
    page.settle()
    page.page.mouse.move(box["x"] + 0.6 * box["width"], box["y"] + 21)
    between = (wanted[0][3] + wanted[1][3]) / 2
    assert card.inner_text() == (
        f"readout: straight cut {between:.1%} right (linear probe), interpolated between "
        "checkpoints"
    )
    page.page.mouse.move(5, 5)
    assert not card.is_visible()


def test_without_classes_there_is_no_curve_but_the_targets_numbers(open_page):
    x = np.random.default_rng(0).normal(size=(300, 3))
    y = np.linspace(-120, 340, 300)
    page = open_page(uk.Trace.from_arrays([x, x * 2], y), fragment=BARE)
    assert page.locate(".probe").count() == 0
    low, high = np.quantile(y, [0.005, 0.995])
    ends = page.locate(".ends span").all_inner_texts()
    assert ends == [f"−{-low:.4g}", f"{high:.4g}"]


def test_an_older_page_without_measures_is_still_read(open_page, tmp_path):
    import base64
    import gzip
    import re

    from unknot.views.page import pack_page, unpack_page

    text = uk.page(run_of(50), tmp_path / "page.html").read_text("utf-8")
    scene = re.search(r'id="unknot-page">([^<]*)<', text)
    header, buffers = unpack_page(gzip.decompress(base64.b64decode(scene[1])))
    header["runs"][0]["measures"] = {}
    del header["runs"][0]["target"]
    bare = {k: v for k, v in header.items() if k not in ("format", "version", "buffers")}
    old = base64.b64encode(gzip.compress(pack_page(bare, buffers))).decode()
    page = open_page(text.replace(scene[1], old))
    assert page.locate(".probe").count() == 0
    assert np.isfinite(page.places({}, 2, n_rows=50)[0]).all()


@pytest.mark.parametrize("width", [360, 1366])
def test_two_networks_of_different_depth_are_both_shown(open_page, width):
    deep = uk.trace(network([2, 5, 4, 3, 1], seed=1), rings(200))
    flat = uk.trace(readout_network(0), rings(200))
    page = open_page([flat, deep], fragment=BARE, viewport={"width": width, "height": 740})
    page.page.evaluate("unknot.set({ t: 0.5, view: '3d' })")
    page.settle()
    pictures = page.locate("svg.network")
    assert pictures.count() == 2
    # Each lights the map that it is in.
    assert pictures.nth(0).locator("line.lit").count() == 2 * 6
    assert pictures.nth(1).locator("line.lit").count() == 2 * 5
    assert page.locate("section[aria-label=Network] .run-name").all_inner_texts() == [
        "2 → 6 relu → 2 linear → 1 sigmoid",
        "2 → 5 relu → 4 relu → 3 relu → 1 sigmoid",
    ]
    assert page.locate(".probe polyline").count() == 2
    page.page.evaluate("unknot.set({ t: 2, view: '3d' })")
    page.settle()
    overlapping = page.page.evaluate(
        """() => {
          const boxes = [...unknot.overlay.querySelectorAll('text')]
            .map(e => [e.textContent, e.getBoundingClientRect()]);
          const touch = (a, b) => a.left < b.right - 1 && b.left < a.right - 1
            && a.top < b.bottom - 3 && b.top < a.bottom - 3;
          return boxes.flatMap(([m, a], i) =>
            boxes.slice(i + 1).filter(([, b]) => touch(a, b)).map(([n]) => [m, n]));
        }"""
    )
    assert overlapping == []


CLIPBOARD = ["clipboard-read", "clipboard-write"]
WITHOUT = "Object.defineProperty(navigator, 'clipboard', { value: undefined })"


@pytest.mark.parametrize("script", [None, WITHOUT])
def test_links_and_snippets_are_copied(open_page, script):
    page = open_page(run_of(50), permissions=CLIPBOARD, script=script)
    page.page.evaluate("unknot.set({ t: 1.5, colour: 'error' })")
    link = f"{page.path.as_uri()}#t=1.5&colour=error"
    snippet = (
        '<iframe src="page0.html#t=1.5&amp;colour=error" title="rings" width="100%" '
        'height="720" style="border:0" loading="lazy" allow="fullscreen"></iframe>'
    )
    for item, wanted, said in (
        ("Copy link", link, "Link copied."),
        ("Copy embed", snippet, "Snippet copied."),
    ):
        page.locate("button[aria-haspopup=menu]").click()
        page.locate(f"[role=menuitem]:has-text('{item}')").click()
        page.locate(f".said:has-text('{said}')").wait_for()
        search = page.locate("input[type=search]")
        search.fill("")
        search.press("Control+v")
        assert search.input_value() == wanted


def test_the_legend_tells_what_grey_points_are(open_page):
    page = open_page(run_of(50))
    note = page.locate("section[aria-label=Colours] .note", has_text="right ones grey")
    assert not note.is_visible()
    page.page.evaluate("unknot.set({ colour: 'error' })")
    page.settle()
    assert note.is_visible()


def test_points_without_a_label_are_grey_and_no_error(open_page):
    run = run_of(50)
    labels = np.where(np.arange(run.data.n_points) % 5 == 0, -1, run.data.y)
    run = replace(run, data=replace(run.data, y=labels))
    n = int((labels < 0).sum())
    page = open_page(run, fragment=BARE)
    entries = page.locate(".legend li").all_inner_texts()
    assert [entry.split() for entry in entries][-1] == ["unlabelled", str(n)]
    assert len(entries) == 3
    page.page.evaluate("unknot.set({ t: 0, colour: 'error' })")
    places = page.page.evaluate("Array.from(unknot.places()[0])")
    colours = np.array(places).reshape(-1, 4)[: len(labels), 3]
    assert (colours[labels < 0] == 0).all()
    # The number of errors is that of the points that have a label.
    wrong = (uk.trace(run).probabilities.argmax(axis=1) != labels) & (labels >= 0)
    assert colours.sum() == wrong.sum()
    page.locate("button:has-text('unlabelled')").first.click()
    assert page.get("hidden") == [2]
