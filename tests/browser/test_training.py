"""The tab Train: the page trains the network itself, and what a person does with it."""

import re

import numpy as np
import pytest

import unknot as uk

pytestmark = pytest.mark.slow

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
LAPTOP = {"viewport": {"width": 1366, "height": 768}}
#: Without the ground, which a processor draws slowly.
BARE = "#tab=train&pace=free&lattice=0&boundary=0&shading=0"
STEP = "() => unknot.studio.shown.step"
RESTS = """() => !unknot.studio
  || !unknot.studio.isTraining && !unknot.studio.trainer.isBusy"""


@pytest.fixture(scope="module")
def run():
    data = uk.datasets.circles(400, noise=0.1, factor=0.5, seed=1)
    return uk.fit(data, hidden=[6], readout=2, activation="relu", epochs=3, seed=1, progress=False)


def opener(open_page, run):
    """Opens a page in its tab Train, and waits until it rests."""

    def start(fragment=BARE, **context):
        page = open_page(run, fragment=fragment, **{**LAPTOP, **context})
        page.page.wait_for_function(RESTS)
        return page

    return start


@pytest.fixture
def opened(open_page, run):
    return opener(open_page, run)


def train(opened, steps):
    """So many steps, and the rest after them."""
    opened.page.evaluate("steps => unknot.studio.train(steps)", steps)
    opened.page.wait_for_function(RESTS)
    return opened.page.evaluate(
        """() => { const { step, weights, training, heldOut } = unknot.studio.shown;
                   return { step, weights: Array.from(weights), training, heldOut } }"""
    )


def button(opened, name):
    return opened.page.get_by_role("button", name=name, exact=True)


def numbers(opened):
    return opened.locate(".train .numbers").inner_text()


@pytest.mark.parametrize("context", [LAPTOP, PHONE], ids=["laptop", "phone"])
def test_a_person_trains_scrubs_back_and_trains_on(opened, context):
    page = opened("#lattice=0&boundary=0&shading=0", **context)
    page.page.get_by_role("tab", name="Train").click()
    page.page.wait_for_function(RESTS)
    assert "Before training" in numbers(page)
    button(page, "1 step").click()
    page.page.wait_for_function("() => unknot.studio.shown.step === 1")
    page.page.wait_for_function(RESTS)
    button(page, "1 epoch").click()
    page.page.wait_for_function("() => unknot.studio.shown.step === 10")
    page.page.wait_for_function(RESTS)
    button(page, "Train").click()
    page.page.wait_for_function("() => unknot.studio.shown.step > 12")
    button(page, "Pause").click()
    page.page.wait_for_function(RESTS)
    reached = page.page.evaluate(STEP)
    assert re.search(r"Step \d+ · loss held out \d\.\d+ \(training \d\.\d+\)", numbers(page))
    slider = page.page.get_by_role("slider", name="Step of the training")
    slider.focus()
    slider.press("Home")
    slider.press("ArrowRight")
    assert page.page.evaluate(STEP) == 1
    button(page, "Train from here").click()
    page.page.wait_for_function("() => unknot.studio.shown.step > 1")
    button(page, "Pause").click()
    page.page.wait_for_function(RESTS)
    left = page.page.evaluate("() => unknot.studio.branches.at(-1).snapshots.at(-1).step")
    assert left == reached
    box = page.locate(".train").bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= context["viewport"]["width"]


def test_the_picture_is_that_of_the_weights(opened, run):
    page = opened()
    reached = train(page, 300)
    w = np.array(reached["weights"], np.float32)
    assert reached["heldOut"]["accuracy"] > 0.6
    got, _ = page.places({"t": 3, "projection": "units"}, 2, 200)
    h = np.maximum(run.data.x[:200] @ w[:12].reshape(2, 6) + w[12:18], 0)
    want = h @ w[18:30].reshape(6, 2) + w[30:32]
    assert np.abs(got - want).max() < 1e-3 * np.abs(want).max()
    rows = run.validation_rows
    h = np.maximum(run.data.x[rows] @ w[:12].reshape(2, 6) + w[12:18], 0)
    z = (h @ w[18:30].reshape(6, 2) + w[30:32]) @ w[32:34] + w[34]
    assert reached["heldOut"]["accuracy"] == pytest.approx(np.mean((z > 0) == run.data.y[rows]))
    assert page.page.evaluate("() => unknot.studio.trainer.hasWorker")


def test_the_same_start_gives_the_same_numbers_without_a_worker_too(open_page, opened, run):
    page = opened()
    first = train(page, 200)
    button(page, "Same start").click()
    page.page.wait_for_function(RESTS)
    assert train(page, 200) == first
    button(page, "New start").click()
    page.page.wait_for_function(RESTS)
    assert "seed 1" in page.locate(".train").inner_text()
    assert train(page, 200)["weights"] != first["weights"]
    refused = (
        "Object.defineProperty(window, 'Worker', { value: function () { throw new Error() } })"
    )
    alone = open_page(run, fragment=BARE, script=refused)
    alone.page.wait_for_function(RESTS)
    assert not alone.page.evaluate("() => unknot.studio.trainer.hasWorker")
    assert "refuses a worker" in alone.locate(".learning").inner_text()
    assert train(alone, 200) == first


def test_a_number_is_learnt_in_its_own_units_from_scaled_features(open_page, tmp_path):
    random = np.random.default_rng(1)
    x = random.normal(size=(300, 2)) * [1, 40]
    y = (30 * x[:, 0] - x[:, 1] + 200).astype(np.float32)
    data = uk.Dataset(x.astype(np.float32), y, (), ("a", "b"), "plane")
    run = uk.fit(data, hidden=[4], steps=40, learning_rate=0.05, seed=1, progress=False)
    page = open_page(run, fragment=BARE, **LAPTOP)
    page.page.wait_for_function(RESTS)
    reached = train(page, 400)
    unit = page.page.evaluate("() => unknot.studio.run.target.deviation ** 2")
    last = page.page.evaluate("() => unknot.leader.length")
    got = page.places({"t": last}, 2, 300)[0][:, 0]
    rows = run.validation_rows
    error = np.mean((got[rows] - y[rows]) ** 2)
    assert error == pytest.approx(reached["heldOut"]["loss"] * unit, rel=1e-3)
    assert error < 0.1 * y.var()
    assert "right" not in numbers(page)
    with page.page.expect_download() as download:
        button(page, "Save run").click()
    path = tmp_path / "run.safetensors"
    download.value.save_as(path)
    saved = uk.trace(uk.load(path)).representations[-1].values[:, 0]
    assert np.abs(saved - got).max() < 1e-3 * y.std()


def test_settings_apply_at_once_and_each_tab_keeps_its_moment(opened):
    page = opened()
    before = train(page, 50)
    page.page.get_by_role("combobox", name="Optimiser").select_option("adam")
    page.page.get_by_role("textbox", name="Learning rate as a number").fill("0.05")
    page.page.get_by_role("textbox", name="Learning rate as a number").press("Enter")
    assert page.page.evaluate(STEP) == 50
    after = train(page, 100)
    assert after["step"] == 150
    assert after["training"]["loss"] < before["training"]["loss"]
    assert page.get("rate") == 0.05
    page.page.get_by_role("tab", name="Watch").click()
    assert page.get("u") == page.page.evaluate("() => unknot.file.runs[0].lastMoment")
    page.page.evaluate("() => unknot.set({ u: 1 })")
    page.page.get_by_role("tab", name="Train").click()
    assert page.page.evaluate(STEP) == 150
    page.page.get_by_role("tab", name="Watch").click()
    assert page.get("u") == 1


def test_a_slow_training_is_drawn_in_part_and_in_full_when_it_rests(opened):
    page = opened().page
    page.evaluate("unknot.pace.isSlow = true; unknot.studio.train(Infinity)")
    page.wait_for_function("() => unknot.isRough")
    page.evaluate("unknot.studio.pause()")
    page.wait_for_function(f"() => ({RESTS})() && !unknot.isRough")


def test_divergence_is_a_sentence_with_a_way_back(opened):
    page = opened(f"{BARE}&rate=1000")
    page.page.evaluate("() => unknot.studio.toggle()")
    page.page.wait_for_function("() => unknot.studio.divergence")
    page.locate(".train .trouble").wait_for(state="visible")
    said = page.locate(".train .trouble").inner_text()
    assert re.match(r"Training diverged at step \d+ with rate 1000: .*Lower the rate\.", said)
    page.page.wait_for_function(RESTS)
    page.locate(".train .trouble button").click()
    page.page.wait_for_function(RESTS)
    assert page.page.evaluate(STEP) == 0
    page.locate(".train .trouble").wait_for(state="hidden")


def test_a_page_of_something_else_has_no_tab(open_page):
    from networks import readout_network, rings

    page = open_page(uk.trace(readout_network(0), rings(50)))
    assert page.page.get_by_role("tab").count() == 0


def test_the_network_is_edited_trained_and_saved_for_python(opened, tmp_path):
    page = opened()
    before = train(page, 30)["weights"]
    for name in ("Layer 1: one unit more", "Add a layer", "Layer 2: take it away"):
        button(page, name).click()
        page.page.wait_for_function(RESTS)
    page.page.get_by_role("combobox", name="Layer 1: activation").select_option("leaky_relu")
    page.page.wait_for_function(RESTS)
    after = page.page.evaluate("() => Array.from(unknot.studio.shown.weights)")
    assert after[:6] == before[:6]
    reached = train(page, 100)
    with page.page.expect_download() as download:
        button(page, "Save run").click()
    path = tmp_path / download.value.suggested_filename
    download.value.save_as(path)
    run = uk.load(path)
    assert run.checkpoints[-1].step == 100
    name = "2 → 7 leaky_relu → 2 relu → 1 sigmoid"
    assert run.model.architecture == page.page.evaluate("() => unknot.leader.header.name") == name
    rows = run.validation_rows
    assert np.array_equal(np.flatnonzero(run.data.held_out), rows)
    probability = uk.trace(run).representations[-1].values[rows, 0]
    assert np.mean((probability > 0.5) == run.data.y[rows]) == reached["heldOut"]["accuracy"]
    flat = np.concatenate([p.ravel() for e in run.model.layers for p in (e.weight, e.bias)])
    assert np.array_equal(flat, np.array(reached["weights"], np.float32))
    uk.page(run, tmp_path / "again.html")
    page.page.get_by_role("tab", name="Train").focus()
    page.page.keyboard.press("ArrowLeft")
    assert page.get("tab") == "watch"
    assert page.page.evaluate("() => unknot.leader.header.name").startswith("2 → 6 relu")


def test_an_address_trains_to_the_same_numbers_again(open_page, opened, run):
    page = opened(f"{BARE}&start=2")
    train(page, 50)
    page.page.evaluate("() => unknot.set({ rate: 0.02, optimiser: 'adam' })")
    train(page, 70)
    page.page.evaluate("() => unknot.set({ u: 9, batch: 16 })")
    first = train(page, 31)
    assert first["step"] == 40
    page.page.evaluate("() => unknot.set({ u: 5.5, t: 3 })")
    page.page.wait_for_function("() => location.hash.includes('u=5.5')")
    hash_ = page.page.evaluate("location.hash")
    again = open_page(run, fragment=hash_, **LAPTOP)
    again.page.wait_for_function(RESTS)
    assert again.get("u") == 5.5
    assert again.get("trained") == page.get("trained")
    again.page.evaluate("() => unknot.set({ u: 1e6 })")
    page.page.evaluate("() => unknot.set({ u: 1e6 })")
    weights = "() => Array.from(unknot.studio.shown.weights)"
    assert page.page.evaluate(weights) == first["weights"]
    assert again.page.evaluate(weights) == first["weights"]
    assert re.match(r"0:rmsprop,0\.001,32,.*;40$", again.get("trained"))


def test_pins_stand_beside_the_training_and_a_left_branch_is_taken_up_again(opened):
    page = opened()
    train(page, 200)
    button(page, "Pin").click()
    page.page.evaluate("() => unknot.set({ rate: 0.02 })")
    before = train(page, 100)
    page.page.evaluate("() => unknot.set({ u: 20 })")
    train(page, 50)
    panel = page.locate(".compare")
    panel.get_by_text(re.compile(r"Step 300 \(from step 2\d\)")).first.wait_for()
    assert "This one:" in panel.inner_text()
    assert "Pin 1: step 200" in panel.inner_text()
    instants = page.page.evaluate(
        """() => unknot.sceneries.map(({ instant: { scene, extent } }) =>
             [scene.moment.run.header.checkpoints.at(-1).step, extent.radius])"""
    )
    assert [step for step, _ in instants][1] == 200
    assert instants[0][1] == instants[1][1]
    names = {"Pin 1: step 200", f"This one: step {page.page.evaluate(STEP)}"}
    page.settle()
    assert set(page.locate(".overlay text.run").all_text_contents()) == names
    # The curve that was left stays, over an edit too; from there one returns to it.
    pale = page.locate(".train path.left[d]:not([d=''])").count()
    button(page, "Layer 1: one unit more").click()
    page.page.wait_for_function(RESTS)
    assert page.locate(".train path.left[d]:not([d=''])").count() > pale
    button(page, "Step 300: return").click()
    page.page.wait_for_function(RESTS)
    assert page.get("rate") == 0.02
    shown = "() => Array.from(unknot.studio.shown.weights)"
    assert page.page.evaluate(STEP) == 300
    assert page.page.evaluate(shown) == before["weights"]
    assert re.match(r"0:rmsprop,0\.001,.*;200:rmsprop,0\.02,.*;300$", page.get("trained"))
    button(page, "Pin 1: step 200: take it away").click()
    page.settle()
    assert page.page.evaluate("() => unknot.sceneries.length") == 1
