"""Who a point is: its picture under the pointer, found by its text, in a table and in a CSV."""

import csv

import numpy as np
import pytest
from networks import readout_network, rings

import unknot as uk

#: Where a row is on the canvas, in pixels of the page.
PLACE = """row => {
  const { sight } = unknot.sceneries[0];
  const [x, y] = [unknot.positions()[2 * row], unknot.positions()[2 * row + 1]];
  const { rectangle, centre, middle, scale } = sight;
  const box = unknot.canvas.getBoundingClientRect();
  return [box.left + rectangle.x + middle[0] + (x - centre[0]) * scale,
          box.top + rectangle.y + middle[1] - (y - centre[1]) * scale];
}"""
HOSTILE = "<img src=x onerror='window.hacked = 1'>"


@pytest.fixture
def known():
    """Points with names, texts, images of two sizes, and gaps; every third is held out."""
    data = rings(30)
    images = [np.full((4 + i % 2, 6), 20 * i % 255, np.uint8) if i % 5 else None for i in range(30)]
    who = {
        "name": [HOSTILE if i == 7 else f"point {i}" if i % 4 else None for i in range(30)],
        "city": ["Rome", "Paris", np.nan] * 10,
        "text": ['a, "quoted"\nline', *["x" * 1_000_000] * 29],
        "image": images,
    }
    return uk.trace(readout_network(), data, identity=who, held_out=np.arange(30) % 3 == 0)


@pytest.mark.parametrize("has_touch", [False, True])
def test_the_card_of_a_point_says_who_it_is(open_page, known, has_touch):
    size = {"width": 390, "height": 844} if has_touch else {"width": 1366, "height": 768}
    page = open_page(known, viewport=size, has_touch=has_touch)
    x, y = page.page.evaluate(PLACE, 7)
    if has_touch:
        page.page.touchscreen.tap(x, y)
    else:
        page.page.mouse.move(x, y)
    card = page.locate(".picture > .tip")
    card.wait_for(state="visible")
    text = card.inner_text()
    assert "Row 8" in text
    assert HOSTILE in text
    assert "Paris" in text
    assert len(text) < 1_000
    assert card.get_by_role("img", name="Image of row 8").count() == 1
    address = card.locator(".thumb").evaluate("e => getComputedStyle(e).backgroundImage")
    loads = """async address => {
      const image = new Image();
      image.src = address.slice(5, -2);
      await image.decode();
      return [image.naturalWidth, image.naturalHeight];
    }"""
    width, height = page.page.evaluate(loads, address)
    assert (width % 6, height % 5) == (0, 0)
    assert page.page.evaluate("window.hacked") is None
    assert page.locate(".tip img").count() == 0


def test_points_are_found_by_their_text_and_told_in_a_table_and_a_csv(open_page, known, tmp_path):
    page = open_page(known, viewport={"width": 1366, "height": 768})
    page.page.keyboard.press("/")
    page.page.keyboard.type("PARIS")
    page.page.keyboard.press("Enter")
    assert page.get("selection") == list(range(1, 30, 3))
    assert page.locate(".said").inner_text() == "10 rows have “PARIS”."
    page.page.keyboard.type(" street")
    page.page.keyboard.press("Enter")
    assert page.locate(".said").inner_text() == "No rows have “PARIS street”."
    assert len(page.get("selection")) == 10
    page.locate("input[type=search]").fill("1, 5")
    page.page.keyboard.press("Enter")
    assert page.get("selection") == [0, 4]
    page.page.evaluate("unknot.canvas.focus()")
    page.page.keyboard.press("i")
    board = page.locate("[role=dialog][aria-label='Selected points']")
    rows = board.locator("[aria-label=Rows] tbody tr")
    assert rows.count() == 2
    cells = rows.nth(0).locator("td").all_inner_texts()
    assert cells[1:4] == ["1", "", "Rome"]
    features = board.locator("[aria-label=Features] tbody tr")
    assert features.count() == 2
    means = {
        line.locator("th").inner_text(): float(
            line.locator("td").nth(1).inner_text().replace("−", "-")
        )
        for line in features.all()
    }
    x = known.representations[0].values[[0, 4]].mean(axis=0)
    assert means == pytest.approx({"x": x[0], "y": x[1]}, rel=2e-3, abs=1e-3)
    with page.page.expect_download() as download:
        board.get_by_role("button", name="Save CSV").click()
    path = tmp_path / "selected.csv"
    download.value.save_as(path)
    with path.open(newline="", encoding="utf-8") as file:
        saved = list(csv.DictReader(file))
    assert [line["row"] for line in saved] == ["1", "5"]
    assert saved[0]["text"] == 'a, "quoted"\nline'
    assert saved[1]["text"].endswith("(cut: 1,000,000 characters)")
    assert [line["held_out"] for line in saved] == ["1", "0"]
    names = known.class_names
    assert [line["class"] for line in saved] == [names[known.labels[row]] for row in (0, 4)]
    best = known.probabilities.argmax(axis=1)
    assert [line["prediction"] for line in saved] == [names[best[row]] for row in (0, 4)]
    got = [[float(line["x"]), float(line["y"])] for line in saved]
    span = np.ptp(known.representations[0].values, axis=0).max()
    np.testing.assert_allclose(got, known.representations[0].values[[0, 4]], atol=2e-4 * span)
    # The selection changes under the open table.
    page.page.evaluate("unknot.set({ selection: [7] })")
    rows.nth(1).wait_for(state="detached")
    assert HOSTILE in rows.nth(0).inner_text()
    page.page.keyboard.press("Escape")
    assert not board.is_visible()
    assert page.get("selection") == [7]
    assert HOSTILE in page.locate("[aria-label=Selection] .tip").inner_text()
    assert page.page.evaluate("window.hacked") is None


def test_held_out_points_are_rings_on_request(open_page, known):
    """In the picture, in its SVG and in the legend; accuracies stay as they are."""
    page = open_page(known, viewport={"width": 1000, "height": 700})
    title = page.locate(".head p").inner_text()
    ink = f"""row => {{
      const [x, y] = ({PLACE})(row);
      const box = unknot.canvas.getBoundingClientRect();
      const canvas = unknot.drawnCanvas();
      const pen = new OffscreenCanvas(canvas.width, canvas.height).getContext("2d");
      pen.drawImage(canvas, 0, 0);
      const ratio = canvas.width / box.width;
      return [...pen.getImageData((x - box.left) * ratio, (y - box.top) * ratio, 1, 1).data];
    }}"""
    page.page.evaluate("unknot.set({ lattice: false, boundary: false, shading: false, size: 3 })")
    before = [page.page.evaluate(ink, row) for row in range(6)]
    assert not page.locate(".ring-key").is_visible()
    page.page.keyboard.press("o")
    assert page.get("heldOut")
    after = [page.page.evaluate(ink, row) for row in range(6)]
    for row in range(6):
        assert (after[row] == before[row]) == (row % 3 != 0), row
    assert page.locate(".ring-key").is_visible()
    assert page.locate(".head p").inner_text() == title
