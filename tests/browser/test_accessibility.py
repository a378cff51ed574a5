"""Names, focus and contrast of everything on the page."""

import pytest
from contrast import contrast, texts
from networks import cloud, network
from pages import BARE
from test_controls import run_of

import unknot as uk

pytestmark = pytest.mark.slow

ROOT = "unknot.element.shadowRoot"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_stands_out_from_its_ground(open_page, scheme):
    """WCAG 2, level AA: 4.5 to 1."""
    wide = uk.trace(network([5, 8, 6, 3], output="softmax"), cloud(300, 5, 3))
    page = open_page([run_of(100), wide], color_scheme=scheme, reduced_motion="reduce")
    page.page.evaluate("unknot.set({ t: 1, hidden: [0], selection: [1] })")
    # What takes time to compute comes last.
    page.locate(".readout .bar", has_text="Straight cut").first.wait_for()
    page.page.wait_for_function("() => !unknot.element.shadowRoot.getAnimations().length")
    seen = texts(page.page, ROOT)
    page.page.keyboard.press("?")
    seen += texts(page.page, ROOT)
    page.page.keyboard.press("Escape")
    page.locate("button[aria-haspopup=menu]").click()
    seen += texts(page.page, ROOT)
    assert len(seen) > 150
    faint = {text: round(contrast(a, b), 2) for text, a, b in seen if contrast(a, b) < 4.5}
    assert faint == {}


def test_the_tab_key_reaches_everything_and_shows_where_it_is(open_page):
    page = open_page(run_of(60), fragment=BARE, reduced_motion="reduce")
    # The last panel to be filled is the confusion of the classes.
    page.page.get_by_label("inner taken for inner").wait_for()
    wanted = page.page.evaluate(
        """() => [...unknot.element.shadowRoot.querySelectorAll(
             'button, input, select, canvas, [role=slider], circle[role=button]')]
           .filter(e => e.checkVisibility() && !e.disabled)
           // Of tabs the chosen one is reached, the others from it with the arrows.
           .filter(e => e.getAttribute('role') !== 'tab' || e.ariaSelected === 'true').length"""
    )
    reached = set()
    for _ in range(wanted + 2):
        page.page.keyboard.press("Tab")
        at = page.page.evaluate(
            """() => {
              const e = unknot.element.shadowRoot.activeElement;
              if (!e) return null;
              const s = getComputedStyle(e);
              const ring = s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) >= 2;
              const name = e.getAttribute('aria-label') || e.title || e.textContent.trim()
                || e.closest('label')?.textContent.trim();
              // Its place among all elements may change while panels are filled.
              window.reached ??= [];
              if (!reached.includes(e)) reached.push(e);
              const box = e.getBoundingClientRect();
              const inside = box.bottom > 0 && box.top < innerHeight;
              return [reached.indexOf(e), name, ring, inside];
            }"""
        )
        if at is None:
            continue
        number, name, ring, inside = at
        assert name
        assert ring, name
        assert inside, name
        reached.add(number)
    assert len(reached) == wanted


def test_the_help_sheet_keeps_the_focus_until_it_is_closed(open_page):
    page = open_page(run_of(60), fragment=BARE)
    page.locate("button[aria-label^='Keys and gestures']").focus()
    page.page.keyboard.press("Enter")
    for _ in range(3):
        page.page.keyboard.press("Tab")
        inside = "!!unknot.element.shadowRoot.activeElement?.closest('.help')"
        assert page.page.evaluate(inside)
    page.page.keyboard.press("Escape")
    focus = "unknot.element.shadowRoot.activeElement.getAttribute('aria-label')"
    assert page.page.evaluate(focus).startswith("Keys and gestures")


def test_nothing_flies_where_motion_is_unwanted(open_page):
    page = open_page(run_of(60), fragment=BARE, reduced_motion="reduce")
    page.locate("button:has-text('3-D')").click()
    page.settle()
    assert page.page.evaluate("unknot.sceneries[0].instant.flatness") == 0
    assert page.page.evaluate("unknot.sceneries[0].instant.nAxes") == 3
