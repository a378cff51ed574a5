"""Each part of the page tells what is shown, of every network, and nothing else."""

from dataclasses import replace

import numpy as np
import pytest
from networks import network, readout_network, rings
from pages import BARE, share_of_width
from test_controls import run_of

import unknot as uk
from unknot.traces.run import Checkpoint

pytestmark = pytest.mark.slow


def words_over(page):
    """Texts over the picture by what they say, with their places."""
    return page.page.evaluate(
        """() => Object.fromEntries([...unknot.overlay.querySelectorAll('text')].map(e => {
          const { x, y } = e.getBoundingClientRect();
          return [e.textContent, [x, y]];
        }))"""
    )


def test_networks_side_by_side_each_tell_their_own(open_page):
    """Own numbers, own sentences, own curves, on the same axes."""
    data = rings(200)
    held_out = np.arange(0, 200, 4)
    runs = [replace(run_of(200), validation_rows=held_out)]
    deep = [network([2, 3, 4, 1], seed=seed) for seed in range(3)]
    checkpoints = tuple(Checkpoint(10 * i, float(i), m) for i, m in enumerate(deep))
    runs.append(replace(runs[0], model=deep[-1], checkpoints=checkpoints))
    laptop = {"fragment": BARE, "viewport": {"width": 1366, "height": 768}}
    page = open_page(runs, **laptop)
    page.page.evaluate("unknot.set({ t: 5 })")
    page.settle()
    lines = page.locate(".say > div").all_inner_texts()
    assert len(lines) == 2
    keys = page.locate(".moments .run-key").all_inner_texts()
    for line, key, run in zip(lines, keys, runs, strict=True):
        trace = uk.trace(run.model, data)
        right = trace.probabilities.argmax(axis=1) == data.y
        assert f"held out {right[held_out].mean():.1%}" in line
        assert f"training {np.delete(right, held_out).mean():.1%}" in line
        assert key == f"held-out accuracy {right[held_out].mean():.1%}"
    assert page.locate(".training path.run").count() == 2
    boxes = [page.page.evaluate("run => unknot.extent(run)", run) for run in (0, 1)]
    assert boxes[0] == boxes[1]
    page.page.evaluate("unknot.set({ sameAxes: false })")
    boxes = [page.page.evaluate("run => unknot.extent(run)", run) for run in (0, 1)]
    assert boxes[0] != boxes[1]
    # The key of the probe leaves the speed menu alone, of four networks too.
    for several in (page, open_page([*runs, *runs], **laptop)):
        places = (".layers > .key", "select[title=Speed]")
        key, speed = (several.locate(place).bounding_box() for place in places)
        assert key["y"] + key["height"] <= speed["y"] + 1
    # Shares are written in one way all over the page.
    head = page.locate(".head p").inner_text()
    assert "% (training" in head
    assert " %" not in head


def test_the_training_curve_covers_the_whole_slider(open_page):
    models = [readout_network(seed) for seed in range(6)]
    # As `fit` takes them: most before the first epoch has ended.
    epochs = (0, 0.1, 0.2, 0.5, 1, 3)
    checkpoints = tuple(
        Checkpoint(10 * i, e, m) for i, (e, m) in enumerate(zip(epochs, models, strict=True))
    )
    run = replace(run_of(), model=models[-1], checkpoints=checkpoints)
    page = open_page(replace(run, validation_rows=np.arange(0, 400, 3)), fragment=BARE)
    for name in ("loss", "loss held", "accuracy", "accuracy held"):
        d = page.locate(f".training path[class='{name}']").get_attribute("d")
        places = [float(pair.split()[0]) for pair in d[1:].split("L")]
        assert places == [200 * i for i in range(6)], name
    right = uk.trace(models[2], run.data).probabilities.argmax(axis=1) == run.data.y
    page.page.evaluate("unknot.set({ u: 2 })")
    page.settle()
    key = page.locate(".moments > .key").inner_text()
    assert f"held out {right[::3].mean():.1%}" in key


def test_what_cannot_be_drawn_is_not_switched_but_said(open_page):
    trace = uk.Trace.from_arrays([np.random.default_rng(0).normal(size=(60, 3))], np.arange(60) % 2)
    page = open_page(trace)
    for key, name, words in (
        ("l", "lattice", "No grid: it is drawn for inputs of 2 features: this one has 3 features."),
        ("b", "boundary", "No boundary: it is drawn where 2 features or units are all there is."),
        ("k", "shading", "No confidence: this page does not run the network."),
        ("e", "u", "No training to play: the page holds one moment of this network."),
    ):
        before = page.get(name)
        page.page.keyboard.press(key)
        assert page.get(name) == before
        assert page.locate(".said").inner_text() == words


def test_units_are_the_axes_of_their_own_layer_alone(open_page):
    page = open_page(uk.trace(network([2, 6, 5, 1]), rings(100)), fragment=BARE)
    for unit in (6, 3):
        page.locate(f"circle[aria-label='hidden 1, unit {unit}']").click()
    assert (page.get("units"), page.get("unitsOf")) == ([5, 2], 2)
    page.page.wait_for_function("() => !unknot.passage")
    page.page.mouse.move(5, 5)
    for t, wanted in ((2, ["unit 6 →", "↑ unit 3"]), (4, ["widest view, a →", "↑ widest view, b"])):
        page.page.evaluate("t => unknot.set({ t })", t)
        page.settle()
        assert set(wanted) <= set(words_over(page)), t
    ringed = page.page.evaluate(
        """() => [...unknot.element.shadowRoot.querySelectorAll('circle.axis')]
          .map(e => e.getAttribute('aria-label'))"""
    )
    assert ringed == ["hidden 1, unit 3", "hidden 1, unit 6"]


#: Longer than the legend is wide.
RIGHT_TO_LEFT = "ירח עליון בעל שם ארוך מאוד מאוד מאוד מאוד ארוך"


def test_pairs_trails_and_legend_show_classes_and_colours_as_the_picture_does(open_page):
    data = replace(rings(200), class_names=("outer", RIGHT_TO_LEFT))
    page = open_page(uk.trace(network([2, 9, 1]), data))
    button = page.locate(".legend button").nth(1)
    button.hover()
    assert page.page.evaluate("unknot.lit") == 1
    page.page.mouse.move(5, 5)
    assert page.page.evaluate("unknot.lit") is None
    # The name's first letter stands at the right edge, where such names begin.
    assert button.locator(".name").evaluate(
        """e => {
          const range = document.createRange();
          range.setStart(e.firstChild, 1);
          range.setEnd(e.firstChild, 2);
          const edge = e.getBoundingClientRect().right;
          return Math.abs(range.getBoundingClientRect().right - edge) < 2;
        }"""
    )
    page.page.evaluate("unknot.set({ t: 2, pairs: true, hidden: [0] })")
    page.settle()
    canvas = page.locate(".pairs canvas")
    before = canvas.evaluate("e => e.toDataURL()")
    box = canvas.bounding_box()
    side = min(box["width"] - 76, box["height"] - 20) / 7
    left, top = box["x"] + (box["width"] - 76 - 7 * side) / 2, box["y"] + 20
    mouse = page.page.mouse
    mouse.move(left + 1, top + 1)
    mouse.down()
    mouse.move(left + side - 8, top + side - 8, steps=3)
    assert page.locate(".pairs .rubber").is_visible()
    mouse.up()
    selected = page.get("selection")
    assert len(selected) > 50
    assert (data.y[selected] == 1).all()
    page.page.evaluate("unknot.set({ selection: [], colour: 'confidence' })")
    page.settle()
    assert canvas.evaluate("e => e.toDataURL()") != before
    trails = "() => unknot.stage.painters[0].trails.all.map(({ row, value }) => [row, value])"
    page.page.evaluate("unknot.set({ pairs: false, trails: true, selection: [0, 1, 2, 4] })")
    page.settle()
    drawn = page.page.evaluate(trails)
    assert [row for row, _ in drawn] == [1]
    page.page.evaluate("unknot.set({ hidden: [], colour: 'unit:0:0' })")
    page.settle()
    assert len({round(value, 3) for _, value in page.page.evaluate(trails)}) > 2


def test_the_wheel_a_slow_play_and_paper(open_page):
    opened = open_page(run_of(), fragment=BARE)
    page = opened.page
    box = opened.locate("canvas").first.bounding_box()
    corner = box["x"] + 5, box["y"] + box["height"] - 5
    page.mouse.move(*corner)
    page.mouse.wheel(0, -100)
    opened.locate(".said:has-text('Ctrl + wheel zooms')").wait_for()
    assert opened.get("zoom") == 1
    page.mouse.click(*corner)
    page.mouse.wheel(0, -100)
    page.wait_for_function("() => unknot.get().zoom > 1")
    # What moves slowly is drawn roughly, what rests in full.
    page.evaluate("unknot.pace.isSlow = true; unknot.pace.last = performance.now() + 1e6")
    page.evaluate("unknot.set({ t: 0.3 })")
    page.wait_for_function("() => unknot.isRough")
    sheets = "['rough', 'stage'].map((_, i) => [p.rough.sheet, p.sheet][i].count)"
    rough, full = page.evaluate(
        f"(() => {{ const p = unknot.stage.painters[0]; return {sheets} }})()"
    )
    assert rough < full / 4
    page.evaluate("unknot.pace.last = 0")
    page.wait_for_function("() => !unknot.isRough")
    places, _ = opened.places({"t": 0}, 2, n_rows=400)
    assert np.abs(places - rings(400).x).max() < 1e-3
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    page.emulate_media(media="print")
    image = opened.locate(".on-paper")
    assert image.get_attribute("src").startswith("data:image/png")
    assert image.is_visible()
    controls = page.evaluate(
        """() => [...unknot.element.shadowRoot.querySelectorAll('button, select, input')]
          .filter(e => e.checkVisibility() && !e.closest('.legend'))
          .map(e => e.getAttribute('aria-label') || e.textContent)"""
    )
    assert controls == []
    page.evaluate("unknot.set({ pairs: true, t: 1 })")
    opened.locate(".pairs canvas").wait_for()


def scores_of(n_classes):
    """Scores of which the own class has the largest, nearly always."""
    y = np.arange(120) % n_classes
    logits = 3 * np.eye(n_classes)[y] + np.random.default_rng(0).normal(size=(120, n_classes))
    maps = [uk.Softmax()]
    names = [f"class {c}" for c in range(n_classes)]
    return uk.Trace.from_arrays([logits, maps[0](logits)], y, maps=maps, class_names=names)


def test_the_classes_stand_at_their_corners(open_page):
    """Names, the ring and, of three classes, the decision; a click into the menu changes it."""
    five, three = map(scores_of, (5, 3))
    page = open_page(five, fragment="#t=1", viewport={"width": 390, "height": 700})
    page.page.evaluate("() => unknot.set({ projection: 'corners' })")
    page.settle()
    assert set(five.class_names) <= set(words_over(page))
    assert page.page.evaluate("unknot.overlay.querySelectorAll('path.decision').length") == 0
    text = page.locate(".readout").inner_text()
    assert "A place between the corners does not decide the class." in text
    assert share_of_width(page, five, 1, 0, projection="auto") < 1e-3
    assert share_of_width(page, five, 0, 0, projection="auto", n_axes=3) < 1e-3
    page = open_page(three, fragment="#t=1")
    page.settle()
    assert page.page.evaluate("unknot.overlay.querySelectorAll('path.decision').length") == 1
    page.page.evaluate("unknot.set({ projection: 'pca' })")
    page.settle()
    assert not set(three.class_names) & set(words_over(page))


def test_a_film_that_counts_steps_says_so_of_its_training(open_page):
    run = run_of()
    for in_steps, word in ((False, "epoch 2"), (True, "step 20")):
        kept = tuple(
            replace(c, epoch=float(c.step if in_steps else c.epoch)) for c in run.checkpoints
        )
        page = open_page(replace(run, checkpoints=kept), fragment=BARE)
        page.locate(".moments .end").wait_for()
        assert page.locate(".moments .end").inner_text() == word


UNDER_BUTTONS = """() => {
  const root = unknot.element.shadowRoot;
  const buttons = [...root.querySelectorAll('.corner .icon')].map(e => e.getBoundingClientRect());
  return [...root.querySelectorAll('.overlay text.corner')].filter(text => {
    const name = text.getBoundingClientRect();
    return buttons.some(b => b.left < name.right && name.left < b.right
      && b.top < name.bottom && name.top < b.bottom);
  }).map(text => text.textContent);
}"""


@pytest.mark.parametrize("size", [(390, 844), (820, 480)])
def test_no_name_of_a_class_lies_under_the_buttons(open_page, size):
    """A column of buttons on a phone; a row where the picture is low."""
    traced = scores_of(7)
    traced = replace(traced, class_names=tuple(f"a long name {c}" for c in range(7)))
    page = open_page(traced, fragment="#t=1", viewport={"width": size[0], "height": size[1]})
    for projection in ("corners", "pca"):
        page.page.evaluate("projection => unknot.set({ projection })", projection)
        page.settle()
        assert page.page.evaluate(UNDER_BUTTONS) == []
    page.page.evaluate("unknot.set({ projection: 'corners', zoom: 1.4 })")
    page.settle()
    assert page.page.evaluate(UNDER_BUTTONS) == []
    assert any(name in words_over(page) for name in traced.class_names)


def test_a_cell_of_the_matrix_selects_its_points(open_page):
    """And the mistakes alone are drawn, picked and lit in the matrix."""
    traced = scores_of(5)
    best = traced.representations[1].values.argmax(axis=1)
    wrong = np.flatnonzero(best != traced.labels)
    assert len(wrong) > 1
    page = open_page(traced, fragment="#t=1", viewport={"width": 390, "height": 700})
    first = wrong[0]
    name = f"class {traced.labels[first]} taken for class {best[first]}"
    page.locate(f".confusion button[title^='{name}']").click()
    own = np.flatnonzero((best == best[first]) & (traced.labels == traced.labels[first]))
    assert page.get("selection") == own.tolist()
    page.locate("button", has_text="Only mistakes").click()
    assert page.get("selection") == wrong.tolist()
    assert page.get("alone")
    page.settle()
    lit = page.page.evaluate(
        "unknot.element.shadowRoot.querySelectorAll('.confusion button.wrong.lit').length"
    )
    assert lit == len({(traced.labels[row], best[row]) for row in wrong})
    page.locate("button", has_text="Hide the others").click()
    assert not page.get("alone")
