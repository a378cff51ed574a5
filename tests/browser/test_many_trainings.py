"""32 starts, the search for the least width, and what is taken away, in the tab Train."""

import re

import numpy as np
import pytest
from test_training import BARE, LAPTOP, RESTS, STEP, button

import unknot as uk

pytestmark = pytest.mark.slow

NO_NUMBER = "a weight of layer 1 is no finite number"
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


def test_starts_stop_where_the_settings_say_and_an_edit_begins_the_sheet_again(opened):
    page = opened.page
    page.evaluate("() => unknot.set({ until: 300, schedule: 'cosine', rate: 0.05 })")
    button(opened, "32 starts").click()
    page.wait_for_function(TILES)
    choices = opened.locate(".board select option").all_inner_texts()
    assert choices == ["300 steps each, as “Stop at” says"]
    stale = opened.locate(".board .trouble")
    assert not stale.is_visible()
    page.evaluate("() => unknot.set({ patience: 100, schedule: 'constant' })")
    stale.wait_for()
    assert stale.inner_text().startswith("The settings are others now.")
    # A change of the network begins anew, with these settings, and says so.
    button(opened, "Layer 1: one unit more").click()
    page.wait_for_function(TILES)
    assert opened.locate(".board h2").first.inner_text() == "32 starts of 2 → 4 relu → 1 sigmoid"
    said = opened.locate(".said").text_content()
    assert said == "The network is another one: the sheet begins again."
    tile = opened.locate(".tile").first
    steps = int(re.search(r"after ([\d,]+) steps", tile.get_attribute("title"))[1])
    assert 100 <= steps <= 300
    tile.click()
    page.wait_for_function(RESTS)
    assert page.evaluate(STEP) == steps
    # A low window: the sheet is scrolled to its end, and closed.
    page.set_viewport_size({"width": 820, "height": 500})
    opened.settle()
    button(opened, "32 starts").click()
    page.wait_for_function(TILES)
    last = opened.locate(".tile").last
    last.scroll_into_view_if_needed()
    assert opened.locate(".board").first.bounding_box()["height"] > 300
    box = last.bounding_box()
    assert 0 <= box["y"] < box["y"] + box["height"] <= 500
    button(opened, "Close the board").click()
    assert not opened.locate(".board").first.is_visible()


def taken(page, choice):
    """What a choice of the menu saves."""
    with page.page.expect_download() as download:
        if choice == "Save run":
            button(page, choice).click()
        else:
            select = page.page.get_by_role("combobox", name="Save as code, or open")
            select.select_option(choice)
    return download.value.path().read_bytes()


def brought(page, name, content):
    """Open a file; what the page says, or None where the network is another one then."""
    before = page.page.evaluate("() => (window.opened = unknot, unknot.studio.run.header.name)")
    file = {"name": name, "mimeType": "", "buffer": content}
    page.locate('.train input[type="file"]').set_input_files(file)
    page.page.wait_for_function(
        """() => unknot !== window.opened || !document.querySelector('#unknot')
             .shadowRoot.querySelector('.said').hidden"""
    )
    page.page.wait_for_function(RESTS)
    if page.page.evaluate("() => unknot !== window.opened"):
        return None
    said = page.locate(".said").inner_text()
    page.page.evaluate(
        """() => { const root = document.querySelector('#unknot').shadowRoot;
                   root.querySelector('.said').hidden = true }"""
    )
    assert page.page.evaluate("() => unknot.studio.run.header.name") == before
    return said


def test_code_with_the_weights_says_what_the_page_says_and_files_come_back(open_page, tmp_path):
    from unknot.network.activations import activations

    random = np.random.default_rng(3)
    x = (random.normal(size=(90, 2)) * [1, 30] + [0, 100]).astype(np.float32)
    y = (x[:, 0] > 0).astype(int) + (x[:, 1] > 110)
    data = uk.Dataset(x, y, ("a", 'b"\\', "c\n"), ("u", "v"), 'three "\\\n classes')
    names = [name for name in activations if name != "linear"]
    hidden = [4] * len(names)
    run = uk.fit(data, hidden=hidden, activation=names, steps=20, seed=2, progress=False)
    assert run.model.scaling is not None
    page = open_page(run, fragment=BARE, **LAPTOP)
    page.page.wait_for_function(RESTS)
    page.page.evaluate("() => unknot.studio.train(60)")
    page.page.wait_for_function(RESTS)

    def answers():
        """The probabilities of all points, (n_points, n_classes)."""
        got = page.page.evaluate(
            """n => { const { model } = unknot.studio;
                      const rows = Uint32Array.from({ length: n }, (_, i) => i);
                      return Array.from(model.momentOf(unknot.get()).probabilities(rows).data) }""",
            len(x),
        )
        return np.array(got).reshape(len(x), -1)

    want = answers()
    assert want.std(axis=0).min() > 1e-4
    for choice, call in (
        ("PyTorch code", lambda space: space["network"](space["torch"].tensor(x)).detach()),
        ("Keras code", lambda space: space["model"](x)),
    ):
        space = {}
        exec(compile(taken(page, choice).decode(), choice, "exec"), space)
        got = np.asarray(call(space))
        assert np.abs(got - want).max() < 2e-5, choice
    files = {"run.safetensors": taken(page, "Save run"), "network.json": taken(page, "JSON")}
    run.save(tmp_path / "python.safetensors")
    path = tmp_path / "python.safetensors"
    before = uk.trace(run).representations[-1].values
    assert brought(page, "python.safetensors", path.read_bytes()) is None
    assert np.abs(answers() - before).max() < 1e-4
    for name, content in files.items():
        assert brought(page, name, content) is None, name
        assert np.abs(answers() - want).max() < 2e-5, name
        assert page.page.evaluate(STEP) == 0
    text = files["network.json"].decode()
    head = len(files["run.safetensors"]) // 2
    for name, content, sentence in (
        ("empty.json", b"", "This file is empty."),
        ("cut.json", text[:200].encode(), "This JSON is damaged: it ends too early"),
        ("other.json", b'{"a": 1}', "This JSON is no network of this page"),
        (
            "new.json",
            text.replace('"version":1', '"version":9').encode(),
            "has version 9; this page",
        ),
        (
            "two.json",
            text.replace('["u","v"]', '["u"]').encode(),
            "takes 1 feature; these points have 2",
        ),
        ("nan.json", text.replace('"bias":[', '"bias":[null,', 1).encode(), "does not fit the one"),
        ("null.json", re.sub(r'"bias":\[[^,\]]+', '"bias":[null', text).encode(), NO_NUMBER),
        ("huge.json", re.sub(r'"bias":\[[^,\]]+', '"bias":[1e300', text).encode(), NO_NUMBER),
        ("noise.bin", bytes(range(200)), "neither a run that unknot saved"),
        ("cut.safetensors", files["run.safetensors"][:head], "cut off"),
        (
            "trace.safetensors",
            files["run.safetensors"].replace(rb"\"kind\":\"run\"", rb"\"kind\":\"rug\"", 1),
            "This file holds a rug; a network is in a run.",
        ),
    ):
        said = brought(page, name, content)
        assert said is not None, name
        assert sentence in said, name


def test_a_class_predicts_first_and_a_lesson_tells_what_came_true(open_page, run, tmp_path):
    path = uk.page(run, tmp_path / "class.html", hide="learning, layers", predict_first=True)
    opened = open_page(path.read_text("utf-8"), fragment=BARE, **LAPTOP)
    page = opened.page
    page.wait_for_function(RESTS)
    assert not opened.locate(".learning").is_visible()
    assert not opened.locate(".editor").is_visible()
    assert opened.locate(".data").is_visible()
    train = button(opened, "Train")
    assert train.is_disabled()
    page.evaluate("() => unknot.studio.train(5)")
    assert page.evaluate(STEP) == 0
    opened.locate(".vote button").nth(6).click()
    opened.locate(".vote button").nth(6).click()
    assert "2 votes" in opened.locate(".vote").nth(3).inner_text()
    assert train.is_enabled()
    page.evaluate("() => unknot.set({ rate: 0.05, optimiser: 'adam' })")
    page.evaluate("() => unknot.studio.train(600)")
    page.wait_for_function(RESTS)
    button(opened, "What came true?").click()
    accuracy = page.evaluate("() => unknot.studio.shown.heldOut.accuracy")
    ends = [0.6, 0.8, 0.95, 1]
    right = next(i for i, end in enumerate(ends) if accuracy <= end)
    assert "right" in opened.locate(".vote").nth(right).get_attribute("class")
    assert (
        f"{100 * accuracy:.1f}% are right after 600 steps" in opened.locate(".truth").inner_text()
    )
    page.get_by_role("combobox", name="Lesson").select_option("2")
    page.wait_for_function(RESTS)
    assert "fold" in opened.locate(".ballot").inner_text()
    assert train.is_disabled()
    opened.locate(".vote button").nth(4).click()
    # The votes stay while the lesson goes from network to network.
    button(opened, "3 units").click()
    page.wait_for_function(RESTS)
    assert "1 vote" in opened.locate(".vote").nth(2).inner_text()
    assert page.evaluate("() => unknot.leader.header.name") == "2 → 3 relu → 1 sigmoid"
    train.click()
    page.wait_for_function("() => unknot.studio.shown.step === 2000")
    page.wait_for_function(RESTS)
    assert page.evaluate("() => unknot.studio.shown.heldOut.accuracy") == 1
    button(opened, "What came true?").click()
    assert "three close the region (100%)" in opened.locate(".truth").inner_text()
    page.keyboard.press("f")
    opened.locate(".viewer.presenter").wait_for()
    assert not opened.locate(".train .steps").is_visible()
    assert opened.locate(".lesson").is_visible()
    before = opened.get("t")
    page.keyboard.press("PageDown")
    assert opened.get("t") > before
    button(opened, "Leave the presenter mode (F)").click()
    assert not opened.get("present")
    page.keyboard.press("f")
    page.keyboard.press("Escape")
    assert not opened.get("present")
