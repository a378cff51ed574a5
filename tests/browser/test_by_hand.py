"""The tab Train: weights that a hand changes, and trainings that stop by themselves."""

import re

import numpy as np
import pytest
from test_training import BARE, PHONE, RESTS, STEP, button, opener, train

import unknot as uk

pytestmark = pytest.mark.slow

WEIGHTS = "() => Array.from(unknot.studio.shown.weights)"
#: The middle of the line of a weight on the screen.
MIDDLE = """([from, to]) => {
  const picture = document.querySelector('#unknot').shadowRoot.querySelector('.network');
  const circles = [...picture.querySelectorAll('circle')];
  const ends = [circles[from], circles[2 + to]].map((circle) => circle.getBoundingClientRect());
  picture.scrollIntoView({ block: 'center' });
  const at = [circles[from], circles[2 + to]].map((circle) => {
    const box = circle.getBoundingClientRect();
    return [box.x + box.width / 2, box.y + box.height / 2];
  });
  return [0, 1].map((axis) => (2 * at[0][axis] + at[1][axis]) / 3);
}"""


@pytest.fixture(scope="module")
def run():
    data = uk.datasets.circles(400, noise=0.1, factor=0.5, seed=1)
    return uk.fit(data, hidden=[6], activation="relu", epochs=1, seed=1, progress=False)


@pytest.fixture
def opened(open_page, run):
    return opener(open_page, run)


def test_a_weight_is_dragged_moved_by_keys_and_typed_and_the_address_holds_it(opened):
    page = opened()
    before = train(page, 40)["weights"]
    x, y = page.page.evaluate(MIDDLE, [0, 0])
    mouse = page.page.mouse
    mouse.move(x, y)
    mouse.down()
    mouse.move(x, y - 20)
    # The picture follows while the hand is down; training goes on from where it was.
    page.page.wait_for_function("unknot.studio.shown.edits?.length === 1")
    shown = page.page.evaluate(
        "() => Array.from(unknot.sceneries[0].instant.scene.moment.parameters)"
    )
    assert shown[0] > before[0]
    mouse.move(x, y - 60, steps=4)
    mouse.up()
    page.page.wait_for_function(RESTS)
    after = page.page.evaluate(WEIGHTS)
    assert after[1:] == before[1:]
    assert after[0] > shown[0]
    field = page.page.get_by_role("textbox", name="Weight as a number")
    assert float(field.input_value()) == pytest.approx(after[0], rel=1e-3)
    # Arrow keys: up and down change it, right goes to the next line.
    line = page.page.get_by_role("slider", name="Weight x1 → unit 1")
    line.press("ArrowDown")
    page.page.wait_for_function("w => unknot.studio.shown.weights[0] < w", arg=after[0])
    line.press("ArrowRight")
    page.page.get_by_role("slider", name="Weight x2 → unit 1").press("ArrowUp")
    page.page.wait_for_function("w => unknot.studio.shown.weights[6] > w", arg=before[6])
    # A unit's arrow keys change its bias; the field takes a number.
    page.locate(".network circle").nth(2).press("ArrowUp")
    field.fill("-0,75")
    field.press("Enter")
    page.page.wait_for_function("unknot.studio.shown.weights[12] === -0.75")
    page.page.wait_for_function(RESTS)
    notice = page.locate(".train .notice")
    assert notice.inner_text().startswith("3 weights were changed by hand at step 40.")
    assert page.page.evaluate(STEP) == 40
    assert page.locate(".network .edited").count() == 3
    edited = page.page.evaluate(WEIGHTS)
    reached = train(page, 30)
    assert reached["step"] == 70
    page.page.wait_for_function("() => location.hash.includes('%3B70')")
    again = opened(page.page.evaluate("location.hash"))
    assert again.page.evaluate(WEIGHTS) == reached["weights"]
    assert again.locate(".train .notice").inner_text() == notice.inner_text()
    button(page, "Go back to before that").click()
    page.page.wait_for_function(RESTS)
    assert page.page.evaluate(WEIGHTS) == before
    notice.wait_for(state="hidden")
    button(page, "Step 70: return").click()
    page.page.wait_for_function(RESTS)
    assert page.page.evaluate(WEIGHTS) == reached["weights"]
    moments = page.page.evaluate("unknot.studio.run.snapshots.map(({ step }) => step)")
    assert moments.count(40) == 2
    assert edited != before


def test_a_finger_chooses_a_weight_and_drags_it_and_a_run_with_it_is_saved(opened, tmp_path):
    page = opened(**PHONE)
    before = page.page.evaluate(WEIGHTS)
    x, y = page.page.evaluate(MIDDLE, [1, 0])
    page.page.touchscreen.tap(x, y)
    field = page.page.get_by_role("textbox", name="Weight as a number")
    field.wait_for()
    assert page.page.evaluate(WEIGHTS) == before
    touch = page.context.new_cdp_session(page.page)
    points = [(x, y), (x, y - 8), (x, y - 30), (x, y - 40)]
    for kind, place in zip(["Start", *["Move"] * 3], points, strict=True):
        at = [{"x": place[0], "y": place[1]}]
        touch.send("Input.dispatchTouchEvent", {"type": f"touch{kind}", "touchPoints": at})
    touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    page.page.wait_for_function("unknot.studio.shown.edits?.length === 1")
    page.page.wait_for_function(RESTS)
    after = np.array(page.page.evaluate(WEIGHTS))
    changed = np.flatnonzero(after != before)
    assert len(changed) == 1
    assert after[changed] > np.array(before)[changed]
    train(page, 10)
    with page.page.expect_download() as download:
        button(page, "Save run").click()
    path = tmp_path / "run.safetensors"
    download.value.save_as(path)
    saved = uk.load(path)
    # Of the step of the change the network after it.
    assert [c.step for c in saved.checkpoints][:2] == [0, 1]
    assert saved.checkpoints[0].model.layers[0].weight.ravel()[changed[0]] == pytest.approx(
        after[changed[0]]
    )


def test_it_stops_by_itself_and_says_why_and_where(opened):
    page = opened(f"{BARE}&rate=0.05&optimiser=adam&patience=200")
    chosen = page.page.get_by_role("combobox", name="Stop early")
    assert chosen.input_value() == "200"
    page.page.evaluate("() => unknot.studio.toggle()")
    page.page.wait_for_function("() => unknot.studio.stop")
    page.page.wait_for_function(RESTS)
    notice = page.locate(".train .notice")
    said = notice.locator("span").inner_text()
    pattern = (
        r"Stopped at step ([\d,]+): the held-out loss has not fallen for ([\d,]+) steps; "
        r"it was lowest, 0\.\d+, at step ([\d,]+)\."
    )
    at, n, lowest = (int(x.replace(",", "")) for x in re.fullmatch(pattern, said).groups())
    assert at == page.page.evaluate(STEP) == lowest + n
    assert n >= 200
    losses = page.page.evaluate("unknot.studio.run.snapshots.map((s) => s.heldOut.loss)")
    notice.get_by_role("button").click()
    page.page.wait_for_function(RESTS)
    assert page.page.evaluate(STEP) == lowest
    assert page.page.evaluate("unknot.studio.shown.heldOut.loss") == pytest.approx(
        min(losses), rel=1e-6
    )
    notice.wait_for(state="hidden")
    chosen.select_option("0")
    page.page.evaluate("lowest => unknot.set({ until: lowest + 10 })", lowest)
    page.page.evaluate("() => unknot.studio.toggle()")
    page.page.wait_for_function("() => unknot.studio.stop")
    notice.wait_for()
    assert notice.inner_text() == f"Stopped at step {lowest + 10:,}, as “Stop at” says."
