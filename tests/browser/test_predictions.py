"""A number to predict on the page: R², error, and predictions against targets."""

import numpy as np
import pytest

import unknot as uk
from unknot.datasets.arrays import from_arrays
from unknot.measures.regression import linear_r2


def run_of_a_number():
    """A network on 12 features, and a target that some points lack."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(240, 12))
    y = 40 + 10 * x[:, 0] + 5 * np.abs(x[:, 1]) + rng.normal(size=240)
    y[::9] = np.nan
    return uk.fit(from_arrays(x, y, name="bumps"), hidden=[6], steps=150, seed=1)


PHONE, LAPTOP = {"width": 390, "height": 844}, {"width": 1366, "height": 768}


@pytest.mark.slow
@pytest.mark.parametrize("size", [PHONE, LAPTOP], ids=["phone", "laptop"])
def test_r2_and_error_stand_in_the_picture_and_its_panel(open_page, size):
    run = run_of_a_number()
    page = open_page(run, viewport=size, has_touch=size is PHONE, fragment="#t=3")
    facts = uk.trace(run).goodness.facts
    page.page.get_by_text(" · ".join(facts)).first.wait_for()
    # No line ends between R² and its number.
    said = f"H{facts[0][1:]}, {facts[1]}.".replace("R² ", "R²\u00a0")
    assert "held out R²\u00a0" in page.locate(".head > p").text_content()
    assert page.locate(".say .why").inner_text() == said
    panel = page.locate("section[aria-label='Predictions']")
    panel.wait_for()
    assert panel.locator(".note").inner_text().startswith(said)
    canvas = panel.locator("canvas")
    assert canvas.get_attribute("aria-label") == f"Prediction against target. {said}"
    box = canvas.bounding_box()
    assert 200 < box["width"] <= size["width"]
    assert box["width"] == pytest.approx(box["height"], abs=1)
    # Blue above the diagonal, orange below it.
    above, below = canvas.evaluate(
        """canvas => {
          const { width: n } = canvas;
          const { data } = canvas.getContext("2d").getImageData(0, 0, n, n);
          const sums = [0, 0];
          for (let y = 0; y < n; y++) for (let x = 0; x < n; x++) {
            const i = 4 * (y * n + x);
            if (Math.abs(x + y - n) > 3) sums[x + y > n ? 1 : 0] += data[i + 2] - data[i];
          }
          return sums;
        }"""
    )
    assert above > 0 > below


def test_the_probe_of_the_readout_is_python_s(open_page):
    run = run_of_a_number()
    page = open_page(run, fragment="#t=2")
    bars = page.locate(".readout .bar", has_text="R² of a linear probe")
    bars.first.wait_for()
    full = float(bars.last.inner_text().split()[-1])
    traced = uk.trace(run)
    rows = np.isfinite(traced.labels)
    expected = linear_r2(
        traced.representations[2].values[rows], traced.labels[rows], held_out=traced.held_out[rows]
    )
    assert full == pytest.approx(expected, abs=0.006)
    # Points without a target are grey, and the colours say so.
    grey = page.locate("section[aria-label='Colours'] .note", has_text="Grey: no target.")
    assert grey.is_visible()
    page.page.evaluate("unknot.set({ colour: 'unit:0:0' })")
    page.settle()
    assert not grey.is_visible()
