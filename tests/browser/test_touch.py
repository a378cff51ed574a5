"""On a phone: fingers on the picture and on the sliders."""

import numpy as np
import pytest
from networks import cloud, network
from pages import BARE
from test_controls import run_of

import unknot as uk

pytestmark = pytest.mark.slow

PHONE = {"has_touch": True, "is_mobile": True}
SIZES = [(360, 740), (390, 844)]


class Fingers:
    """Touches as the browser gets them from a screen."""

    def __init__(self, opened):
        self.opened = opened
        self.session = opened.context.new_cdp_session(opened.page)

    def _send(self, kind, places):
        points = [{"x": float(x), "y": float(y), "id": i} for i, (x, y) in enumerate(places)]
        self.session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    def move(self, *paths, steps=6):
        """Each path is where one finger begins and ends; they go together."""
        starts, stops = np.array([p[0] for p in paths]), np.array([p[1] for p in paths])
        self._send("touchStart", starts)
        for share in np.linspace(0, 1, steps + 1)[1:]:
            self._send("touchMove", starts + share * (stops - starts))
        self._send("touchEnd", [])
        self.opened.settle()

    def draw(self, corners):
        """One finger through all corners."""
        self._send("touchStart", corners[:1])
        for corner in corners[1:]:
            self._send("touchMove", [corner])
        self._send("touchEnd", [])
        self.opened.settle()

    def tap(self, x, y):
        self._send("touchStart", [(x, y)])
        self._send("touchEnd", [])
        self.opened.settle()


@pytest.fixture
def phone(open_page):
    return open_page(run_of(), fragment=BARE, viewport={"width": 390, "height": 844}, **PHONE)


def middle_of(opened, selector="canvas"):
    box = opened.locate(selector).first.bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2, box


def test_two_fingers_zoom_and_what_lies_between_them_stays(phone):
    fingers = Fingers(phone)
    x, y, _ = middle_of(phone)
    x, y = x + 40, y - 30
    under = """([x, y]) => {
      const { sight } = unknot.sceneries[0];
      const box = unknot.canvas.getBoundingClientRect();
      return [(x - box.left - sight.middle[0]) / sight.scale,
              (y - box.top - sight.middle[1]) / sight.scale];
    }"""
    before = phone.page.evaluate(under, [x, y])
    fingers.move(((x - 20, y), (x - 80, y)), ((x + 20, y), (x + 80, y)))
    assert 3.5 < phone.get("zoom") < 4.5  # the fingers are four times as far apart
    after = phone.page.evaluate(under, [x, y])
    radius = phone.page.evaluate("unknot.extent().radius")
    assert np.abs(np.subtract(before, after)).max() < 0.02 * radius
    assert phone.get("selection") == []


def test_two_fingers_move_the_picture(phone):
    fingers = Fingers(phone)
    x, y, _ = middle_of(phone)
    middle = "unknot.drawnCanvas() && unknot.sceneries[0].sight.middle"
    before = phone.page.evaluate(middle)
    fingers.move(((x - 30, y), (x + 20, y + 40)), ((x + 30, y), (x + 80, y + 40)))
    moved = np.subtract(phone.page.evaluate(middle), before)
    assert np.abs(moved - [50, 40]).max() < 3
    assert abs(phone.get("zoom") - 1) < 0.1


def test_one_finger_turns_a_view_in_space_and_moves_a_flat_one(phone):
    fingers = Fingers(phone)
    x, y, _ = middle_of(phone)
    fingers.move(((x, y), (x + 50, y)))
    assert phone.get("panX") > 0.1
    phone.page.evaluate("unknot.set({ view: '3d', panX: 0 })")
    azimuth = phone.get("azimuth")
    fingers.move(((x, y), (x + 50, y)))
    assert abs(phone.get("azimuth") - (azimuth - 20)) < 2
    assert phone.get("panX") == 0


def test_a_tap_tells_the_row_and_a_tap_beside_it_ends_that(phone):
    fingers = Fingers(phone)
    phone.page.evaluate("unknot.set({ t: 0 })")
    phone.settle()
    x, y = phone.page.evaluate(
        """() => {
          const { sight } = unknot.sceneries[0];
          const places = unknot.positions();
          let far = 0;
          for (let i = 0; i < 400; i++) {
            if (places[2 * i] > places[2 * far]) far = i;
          }
          const box = unknot.canvas.getBoundingClientRect();
          const [cx, cy] = sight.centre;
          return [box.left + sight.middle[0] + (places[2 * far] - cx) * sight.scale,
                  box.top + sight.middle[1] - (places[2 * far + 1] - cy) * sight.scale];
        }"""
    )
    fingers.tap(x, y)
    tip = phone.locate("[role=tooltip]")
    tip.wait_for(state="visible")
    assert len(phone.get("selection")) == 1
    assert f"Row {phone.get('selection')[0] + 1}" in tip.inner_text()
    _, _, box = middle_of(phone)
    fingers.tap(box["x"] + 6, box["y"] + box["height"] - 60)
    assert not tip.is_visible()
    assert phone.get("selection") == []


def test_a_finger_draws_a_lasso_and_a_second_one_gives_it_up(phone):
    fingers = Fingers(phone)
    x, y, box = middle_of(phone)
    phone.locate("button[aria-label^=Lasso]").tap()
    left, top = box["x"] + 3, box["y"] + 3
    right, bottom = box["x"] + box["width"] - 3, box["y"] + box["height"] - 3
    fingers.draw([(left, top), (right, top), (right, bottom), (left, bottom)])
    assert len(phone.get("selection")) == 400
    fingers.move(((x - 20, y), (x - 80, y)), ((x + 20, y), (x + 80, y)))
    assert len(phone.get("selection")) == 400
    assert phone.get("zoom") > 2
    assert phone.locate("path.lasso").count() == 0


def test_a_finger_drags_both_sliders(phone):
    fingers = Fingers(phone)
    for name, last in (("t", 5), ("u", 2)):
        selector = ".slider.layers" if name == "t" else "[aria-label='Moment of training']"
        phone.locate(selector).scroll_into_view_if_needed()
        _, y, box = middle_of(phone, selector)
        scrolled = phone.page.evaluate("unknot.element.scrollTop + scrollY")
        fingers.move(((box["x"] + 2, y), (box["x"] + 0.5 * box["width"], y + 20)))
        assert abs(phone.get(name) - last / 2) < 0.15 * last
        assert phone.page.evaluate("unknot.element.scrollTop + scrollY") == scrolled


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_the_help_sheet_is_read_and_closed_with_a_finger(open_page, width, height):
    page = open_page(run_of(50), viewport={"width": width, "height": height}, **PHONE)
    page.locate("button[aria-label^='Keys and gestures']").tap()
    sheet = page.locate("[role=dialog].help")
    close = sheet.locator("button[aria-label=Close]")
    for place in (0, 10_000):
        page.page.evaluate(
            "top => unknot.element.shadowRoot.querySelector('.help > div').scrollTo(0, top)", place
        )
        box = close.bounding_box()
        assert 0 <= box["y"] <= height - box["height"]
        assert box["x"] + box["width"] <= width
        assert min(box["width"], box["height"]) >= 36
    assert "pinch" in sheet.inner_text()
    close.tap()
    assert not sheet.is_visible()


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_everything_is_there_on_a_phone(open_page, width, height):
    """Ten classes: each can be reached and hit; nothing is wider than the screen."""
    data = cloud(200, 5, 10)
    page = open_page(
        uk.trace(network([5, 8, 10], output="softmax"), data),
        viewport={"width": width, "height": height},
        **PHONE,
    )
    outside = page.page.evaluate(
        """width => [...unknot.element.shadowRoot
          .querySelectorAll('button, select, input, [role=slider], h1, .stop-name, .note')]
          .filter(e => e.checkVisibility())
          .map(e => [e.className || e.textContent, e.getBoundingClientRect()])
          .filter(([, box]) => box.left < -1 || box.right > width + 1)
          .map(([name]) => name)""",
        width,
    )
    assert outside == []
    buttons = page.locate(".legend button")
    assert buttons.count() == 10
    for i in (0, 9):
        buttons.nth(i).scroll_into_view_if_needed()
        assert buttons.nth(i).bounding_box()["height"] >= 36
        buttons.nth(i).tap()
    assert page.get("hidden") == [0, 9]


def test_a_tapped_unit_colours_the_points_and_two_are_the_axes(phone):
    first, second = (phone.locate(f"circle[aria-label='hidden 1, unit {i}']") for i in (4, 2))
    first.scroll_into_view_if_needed()
    first.tap()
    assert phone.get("colour") == "unit:2:3"
    second.tap()
    assert phone.get("colour") == "unit:2:1"
    assert phone.get("units") == [3, 1]
