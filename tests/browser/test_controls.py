"""What a person can do: keys, hand, address, selection, comparison, files."""

import json
import struct
from pathlib import Path

import numpy as np
import pytest
from networks import network, readout_network, rings
from pages import BARE, html_of
from waiting import PATIENCE

import unknot as uk
from unknot.traces.run import Checkpoint, History, Run

pytestmark = pytest.mark.slow


def run_of(n=400, seeds=(0, 1, 2)):
    """A run without training: three networks that are somewhere else each time."""
    models = [readout_network(seed) for seed in seeds]
    data = rings(n)
    history = History((0.7, 0.4), (0.5, 0.8), (0.7, 0.5), (0.5, 0.7))
    checkpoints = tuple(Checkpoint(10 * i, float(i), m) for i, m in enumerate(models))
    return Run(models[-1], history, checkpoints, data, np.arange(0))


@pytest.fixture
def opened(open_page):
    return open_page(run_of(), fragment=BARE)


@pytest.fixture
def whole(open_page):
    """With the ground."""
    return open_page(run_of())


def test_the_keyboard_reaches_everything(whole):
    keys = whole.page.keyboard
    steps = [
        ("Home", {"t": 0}),
        ("ArrowRight", {"t": 0.25}),
        ("Shift+ArrowRight", {"t": 1}),
        ("ArrowDown", {"u": 1}),
        ("ArrowUp", {"u": 2}),
        ("End", {"t": 5}),
        ("3", {"view": "3d"}),
        ("2", {"view": "2d"}),
        ("p", {"projection": "units"}),
        ("c", {"colour": "predicted"}),
        ("l", {"lattice": False}),
        ("b", {"boundary": False}),
        ("k", {"shading": False}),
        ("a", {"axes": False}),
        ("t", {"trails": True}),
        # A layer of one unit has no pairs.
        ("g", {"pairs": False}),
        ("Shift+ArrowLeft", {"t": 4}),
        ("Shift+ArrowLeft", {"t": 3}),
        ("g", {"pairs": True}),
        ("Escape", {"pairs": False}),
        ("d", {"theme": "dark"}),
        ("+", {"zoom": 1.25}),
        ("0", {"zoom": 1}),
    ]
    for key, wanted in steps:
        keys.press(key)
        for name, value in wanted.items():
            assert whole.get(name) == value, key
    keys.press("Home")
    keys.press("Space")
    whole.page.wait_for_function("() => unknot.get().t > 0.01")
    keys.press("Space")
    t = whole.get("t")
    for _ in range(5):
        whole.settle()
    assert whole.get("t") == t


def test_help_opens_holds_every_key_and_closes(opened):
    opened.page.keyboard.press("?")
    sheet = opened.locate("[role=dialog].help")
    assert sheet.is_visible()
    assert "Next step" in sheet.inner_text()
    opened.page.keyboard.press("Escape")
    assert not sheet.is_visible()


def test_an_address_reopens_the_same_moment(open_page):
    run = run_of()
    first = open_page(run)
    state = {"t": 1.375, "u": 0.5, "view": "3d", "projection": "pca", "colour": "error"}
    state |= {"selection": [3, 4, 5, 9], "zoom": 2, "azimuth": 12, "theme": "dark"}
    first.page.evaluate("state => unknot.set(state)", state)
    first.page.wait_for_function("() => location.hash.length > 20")
    second = open_page(run, fragment=first.page.evaluate("location.hash"))
    for name, value in state.items():
        assert second.get(name) == value, name
    assert np.array_equal(first.places({}, 3)[0], second.places({}, 3)[0])


@pytest.mark.parametrize(
    "fragment",
    ["#t=NaN&u=-5", "#t=1e999&view=4d", "#%E0%A4%A", "#units=9,9,9", "#" + "x=1&" * 5000],
)
def test_a_nonsense_address_does_no_harm(open_page, fragment):
    page = open_page(run_of(50), fragment=fragment)
    places, _ = page.places({}, 2, n_rows=50)
    assert np.isfinite(places).all()


def test_box_and_lasso_select_what_lies_inside(opened):
    box = opened.locate("canvas").first.bounding_box()
    mouse, page = opened.page.mouse, opened.page
    page.keyboard.press("0")
    page.evaluate("unknot.set({ t: 0 }); unknot.setTool('box')")
    middle = box["x"] + box["width"] / 2
    mouse.move(middle, box["y"] + 2)
    mouse.down()
    mouse.move(middle + 60, box["y"] + 90, steps=3)
    mouse.move(box["x"] + box["width"] - 2, box["y"] + box["height"] - 2, steps=3)
    mouse.up()
    selected = opened.get("selection")
    places, extent = opened.places({}, 2, n_rows=400)
    right = set(np.flatnonzero(places[:, 0] > extent["centre"][0]).tolist())
    assert set(selected) == right
    assert 100 < len(right) < 300
    # A selection stays through every layer, and a click beside the points ends it.
    page.keyboard.press("End")
    assert opened.get("selection") == selected
    page.evaluate("unknot.setTool('move'); unknot.set({ t: 0, trails: true })")
    opened.settle()
    mouse.click(box["x"] + 4, box["y"] + box["height"] - 4)
    assert opened.get("selection") == []
    page.evaluate("unknot.setTool('lasso')")
    mouse.move(box["x"] + 3, box["y"] + 3)
    mouse.down()
    for x, y in ((0.98, 0.01), (0.99, 0.99), (0.01, 0.98)):
        mouse.move(box["x"] + box["width"] * x, box["y"] + box["height"] * y, steps=4)
    mouse.up()
    assert len(opened.get("selection")) == 400


def test_a_row_is_found_by_its_number(opened):
    opened.page.keyboard.press("/")
    opened.page.keyboard.type("18, 4")
    opened.page.keyboard.press("Enter")
    assert opened.get("selection") == [3, 17]
    opened.settle()
    assert "2 selected" in opened.locate("section[aria-label=Selection]").inner_text()


def test_hovering_shows_the_row(opened):
    opened.page.evaluate("unknot.set({ t: 0 })")
    places, _ = opened.places({}, 2, n_rows=400)
    row = int(np.linalg.norm(places, axis=1).argmax())  # nothing else is near
    x, y = opened.page.evaluate(
        """([x, y]) => {
          const { sight } = unknot.sceneries[0];
          const box = unknot.canvas.getBoundingClientRect();
          const unit = sight.radius * sight.scale;
          const centre = unknot.extent().centre;
          const r = sight.rectangle;
          return [
            box.left + r.x + r.width / 2 + (x - centre[0]) / sight.radius * unit,
            box.top + r.y + r.height / 2 - (y - centre[1]) / sight.radius * unit,
          ];
        }""",
        places[row].tolist(),
    )
    opened.page.mouse.move(x - 9, y)
    opened.page.mouse.move(x, y)
    tip = opened.locate("[role=tooltip]")
    tip.wait_for(state="visible")
    text = tip.inner_text()
    assert f"Row {row + 1}" in text
    assert "outer" in text


def test_a_class_is_switched_off_in_the_legend(opened):
    opened.locate("button:has-text('inner')").first.click()
    assert opened.get("hidden") == [1]
    opened.locate("button:has-text('inner')").first.click()
    assert opened.get("hidden") == []


def test_two_networks_move_together(open_page):
    narrow = uk.trace(network([2, 2, 1], seed=1), rings(200))
    page = open_page([uk.trace(network([2, 6, 1], seed=1), rings(200)), narrow])
    shown = page.page.evaluate("unknot.file.runs.map(run => run.header.n_points)")
    assert shown == [200, 200]
    for run, source_t in ((0, 1.0), (1, 1.0)):
        places, _ = page.places({"t": source_t}, 2, n_rows=200, run=run)
        assert np.ptp(places, axis=0).max() > 0.1
    page.page.evaluate("unknot.set({ t: 0, selection: [1, 2, 3] })")
    want = rings(200).x
    for run in (0, 1):
        places, _ = page.places({}, 2, n_rows=200, run=run)
        assert np.abs(places - want).max() < 1e-3


def downloaded(opened, item):
    opened.locate("button[aria-haspopup=menu]").click()
    with opened.page.expect_download() as download:
        opened.locate(f"[role=menuitem]:has-text('{item}')").click()
    return download.value


def test_saved_picture_and_points(whole):
    file = downloaded(whole, "PNG")
    data = Path(file.path()).read_bytes()
    assert file.suggested_filename == "rings.png"
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    assert len(data) > 5_000
    text = html_of(downloaded(whole, "SVG").path())
    assert text.startswith("<svg")
    assert text.count("<circle") >= 400
    # Grid, boundary and confidence are in it too.
    assert text.count("<path") >= 2
    assert "<image" in text


def test_saved_film(opened):
    opened.page.evaluate("unknot.set({ speed: 8, lattice: false, shading: false })")
    file = downloaded(opened, "WebM")
    data = Path(file.path()).read_bytes()
    assert data[:4] == b"\x1aE\xdf\xa3"  # EBML
    assert len(data) > 3_000
    # It tells how long it is.
    at = data[:400].index(b"\x44\x89\x88") + 3
    assert 1_000 < struct.unpack(">d", data[at : at + 8])[0] < 1_000 * PATIENCE


def test_the_network_lights_and_colours_by_a_unit(opened):
    opened.page.evaluate(
        "unknot.set({ t: 2, colour: 'unit:2:4', units: [4, 1], projection: 'units' })"
    )
    places, _ = opened.places({}, 2, n_rows=400)
    model = run_of().model
    hidden = [r.values for r in uk.trace(model, rings(400)).representations][2]
    assert np.abs(places - hidden[:, [4, 1]]).max() < 1e-3 * np.ptp(hidden)


def test_reduced_motion_and_names_for_screen_readers(open_page):
    page = open_page(run_of(100), fragment=BARE, reduced_motion="reduce")
    page.page.keyboard.press("3")
    assert page.get("view") == "3d"
    names = page.page.evaluate(
        """() => [...unknot.element.shadowRoot
          .querySelectorAll('button, input, select, [role=slider]')]
          .filter(e => e.offsetParent !== null)
          .map(e => e.getAttribute('aria-label') || e.getAttribute('title') || e.textContent.trim()
            || e.closest('label')?.textContent.trim() || '')"""
    )
    assert len(names) > 15
    assert all(names), names


@pytest.mark.parametrize(("width", "height"), [(360, 640), (820, 1180), (1366, 768), (2560, 1440)])
def test_no_size_cuts_anything_off(open_page, width, height):
    page = open_page(run_of(100), fragment=BARE, viewport={"width": width, "height": height})
    for scheme in ("light", "dark"):
        page.page.emulate_media(color_scheme=scheme)
        page.page.wait_for_function("s => unknot.element.dataset.theme === s", arg=scheme)
        measured = page.page.evaluate(
            """() => {
              const root = unknot.element.shadowRoot;
              const picture = unknot.canvas.getBoundingClientRect();
              const slider = root.querySelector('[role=slider]').getBoundingClientRect();
              return { across: document.documentElement.scrollWidth,
                       picture: [picture.width, picture.height],
                       slider: [slider.left, slider.right, slider.width] };
            }"""
        )
        assert measured["across"] <= width
        assert min(measured["picture"]) > 0.3 * min(width, height)
        left, right, length = measured["slider"]
        assert left >= 0
        assert right <= width
        assert length > 0.3 * width


def test_the_readout_warns_when_the_picture_misleads(open_page):
    # Classes that differ along one unit of little variance, the last.
    rng = np.random.default_rng(0)
    values = rng.normal(size=(600, 6)) * [9, 8, 7, 6, 5, 0.3]
    labels = np.arange(600) % 2
    values[:, 5] += 2 * labels
    page = open_page(uk.Trace.from_arrays([values, 2 * values], labels))
    readout = page.locate("section[aria-label='What the picture shows']")
    readout.locator(".warn").wait_for()
    assert "misleads" in readout.inner_text()
    page.page.evaluate("unknot.set({ t: 0.5 })")
    page.settle()
    assert "nterpolated" in readout.inner_text()


def test_state_is_plain_json(whole):
    state = whole.page.evaluate("unknot.get()")
    assert json.loads(json.dumps(state)) == state
