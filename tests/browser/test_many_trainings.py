"""32 starts, the search for the least width, and what is taken away, in the tab Train."""

import re

import pytest
from test_training import BARE, LAPTOP, RESTS, STEP, button

import unknot as uk

pytestmark = pytest.mark.slow

TILES = """() => document.querySelector('#unknot').shadowRoot
  .querySelectorAll('.tile').length === 32"""
ANSWERED = """() => document.querySelector('#unknot').shadowRoot
  .querySelector('.widths > .note')?.textContent.includes('It took')"""


@pytest.fixture(scope="module")
def run():
    data = uk.datasets.circles(2_000, noise=0.05, factor=0.5, seed=1)
    return uk.fit(data, hidden=[3], activation="relu", epochs=2, seed=1, progress=False)


@pytest.fixture
def opened(open_page, run):
    page = open_page(run, fragment=BARE, **LAPTOP)
    page.page.wait_for_function(RESTS)
    return page


def test_starts_are_compared_and_one_is_taken_and_the_least_width_found(opened):
    page = opened.page
    page.evaluate("() => unknot.set({ rate: 0.05, optimiser: 'adam' })")
    button(opened, "32 starts").click()
    page.wait_for_function(TILES)
    tiles = opened.locate(".tile")
    names = [tiles.nth(i).get_attribute("aria-label") for i in (0, 31)]
    shares = [float(re.search(r": ([\d.]+)%", name)[1]) for name in names]
    assert shares[0] > 95 > shares[1]
    said = opened.locate(".board .note").first.inner_text()
    got, bar = re.match(r"(\d+) of 32 got there: ([\d.]+)% right held out or more", said).groups()
    every = [tiles.nth(i).inner_text() for i in range(32)]
    values = [float(re.search(r"([\d.]+)%", text)[1]) for text in every]
    assert sum(value >= float(bar) - 0.05 for value in values) == int(got)
    tiles.first.click()
    page.wait_for_function(RESTS)
    # The start that is taken trains to the very network of the small picture.
    assert page.evaluate(STEP) == 2_000
    shown = page.evaluate("() => unknot.studio.shown.heldOut.accuracy")
    assert round(100 * shown, 1) == shares[0]
    assert opened.get("start") == int(re.search(r"Start (\d+)", names[0])[1])
    button(opened, "How wide?").click()
    page.wait_for_function(ANSWERED)
    assert opened.locate(".widths .answer").inner_text() == "3 units are enough."
    verdicts = opened.locate(".widths td b").all_inner_texts()
    assert verdicts == ["too small", "too small", "enough"]
    button(opened, "Take the network of width 3").click()
    page.wait_for_function(RESTS)
    assert page.evaluate(STEP) == 0
    assert page.evaluate("() => unknot.studio.shown.heldOut.accuracy") > 0.97
    assert page.evaluate("() => unknot.leader.header.name") == "2 → 3 relu → 1 sigmoid"
