"""The page of an atlas: a cell that is chosen opens its network."""

import pytest
from test_training import LAPTOP

import unknot as uk

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def made():
    return uk.atlas(
        [("shells", {"dimension": 1, "noise": 0.107})],
        max_width=2,
        depths=(1,),
        activations=("tanh",),
        restarts=2,
        data_seeds=1,
        steps=300,
        n_points=500,
        progress=False,
    )


def test_a_cell_opens_its_network_and_its_address_opens_it_again(chromium, made, tmp_path):
    path = uk.page(made, tmp_path / "atlas.html")
    context = chromium.new_context(**LAPTOP)
    page = context.new_page()
    errors, asked = [], []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda message: errors.append(message.text))
    page.on("request", lambda request: asked.append(request.url))
    page.goto(path.as_uri())
    cells = page.locator("button[data-cell]")
    assert cells.count() == 2
    cells.first.click()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    cell = made.table.row(1, named=True)
    assert f"{cell['found']} of {cell['restarts']} starts" in page.locator("#says").inner_text()
    page.frame_locator("iframe").get_by_text("shells 1-D, tanh, 1 × 2").first.wait_for()
    assert cells.nth(1).get_attribute("aria-pressed") == "true"
    assert page.evaluate("location.hash") == "#shells-1-D-tanh-1-2"
    page.reload()
    page.frame_locator("iframe").get_by_text("shells 1-D, tanh, 1 × 2").first.wait_for()
    # The page in the frame keeps an address of its own.
    page.frames[-1].wait_for_function("() => history.state !== null")
    page.frames[-1].evaluate("() => unknot.set({ t: 1 })")
    page.frames[-1].wait_for_function("() => location.hash.includes('t=1')")
    context.close()
    assert not errors
    assert {url.split(":")[0] for url in asked} <= {"file", "blob"}
    assert {url.split("#")[0] for url in asked if url.startswith("file")} == {path.as_uri()}


def test_the_page_of_an_atlas_takes_no_options_of_a_view(made, tmp_path):
    with pytest.raises(uk.UsageError, match=r"^The page of an atlas has one form"):
        uk.page(made, tmp_path / "atlas.html", title="Mine")
    with pytest.raises(uk.UsageError, match=r"\.html"):
        uk.page(made, tmp_path / "atlas.png")
    assert not list(tmp_path.iterdir())
