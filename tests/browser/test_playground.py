"""A page in which one trains a network oneself: its data, and what a person does with them."""

import re

import numpy as np
import pytest
from test_training import LAPTOP, PHONE, RESTS, button, train

import unknot as uk
from unknot.network.mlp import MLP, Dense
from unknot.traces.run import Checkpoint, History, Run
from unknot.training.start import untrained

pytestmark = pytest.mark.slow

BARE = "#pace=free&lattice=0&boundary=0&shading=0"
SAID = "() => document.querySelector('#unknot').shadowRoot.querySelector('.said').textContent"


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    """The page without data of one's own, and one with two data sets."""
    folder = tmp_path_factory.mktemp("playground")
    empty = uk.playground(path=folder / "empty.html").read_text("utf-8")
    given = ["iris", uk.datasets.swiss_roll(300, seed=1)]
    return empty, uk.playground(given, folder / "given.html").read_text("utf-8")


@pytest.fixture
def opened(open_page, pages):
    def start(fragment=BARE, number=0, **context):
        page = open_page(pages[number], fragment=fragment, **{**LAPTOP, **context})
        page.page.wait_for_function(RESTS)
        return page

    return start


def choose(page, name):
    """Press the picture of a data set, and wait until it is there."""
    title = page.page.evaluate("() => unknot.file.title")
    button(page, f"Data: {name}").click()
    page.page.wait_for_function("title => unknot.file.title !== title", arg=title)
    page.page.wait_for_function(RESTS)


def release(page, name, value):
    """Let a slider go at a value."""
    page.page.get_by_role("slider", name=name, exact=True).fill(value)
    page.page.wait_for_function(RESTS)


@pytest.mark.parametrize("context", [LAPTOP, PHONE], ids=["laptop", "phone"])
def test_a_person_changes_the_data_and_the_address_gives_the_same_numbers(opened, context):
    page = opened(**context)
    assert page.page.get_by_role("tab").count() == 0
    assert page.page.evaluate("() => unknot.studio.nTraining") == 1600
    choose(page, "Moons")
    said = page.page.evaluate(SAID)
    assert said == "Moons, 2,000 points. The network stays; training begins at step 0."
    release(page, "Noise", "0.2")
    release(page, "Held out", "0.5")
    page.page.get_by_role("combobox", name="Points").select_option("500")
    page.page.wait_for_function("() => unknot.studio?.nTraining === 250")
    note = page.locate(".panel.data .note").inner_text()
    assert note == ("Learns from 250 points, 250 are held out. Best possible 97.1%. Seed 1.")
    button(page, "Layer 1: one unit more").click()
    page.page.wait_for_function(RESTS)
    button(page, "New start").click()
    page.page.wait_for_function(RESTS)
    first = train(page, 150)
    page.page.wait_for_function("() => location.hash.includes('trained')")
    hash_ = page.page.evaluate("location.hash")
    assert re.search(r"data=moons(,noise:0\.2|,held:0\.5|,n:500){3}", hash_)
    box = page.locate(".panel.data").bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= context["viewport"]["width"]
    if context is PHONE:
        return
    again = opened(hash_, **context)
    again.page.wait_for_function(RESTS)
    assert again.page.evaluate("() => unknot.leader.header.name") == "2 → 7 relu → 1 sigmoid"
    weights = "() => Array.from(unknot.studio.shown.weights)"
    assert again.page.evaluate(weights) == first["weights"]


def test_given_data_stand_first_and_the_network_follows_them(opened):
    page = opened(number=1)
    assert page.page.evaluate("() => unknot.leader.header.name").startswith("4 scaled → ")
    choose(page, "swiss_roll")
    said = page.page.evaluate(SAID)
    assert "its input now has 3 features, its output is now a number" in said
    assert page.get("view") == "3d"
    reached = train(page, 100)
    assert reached["heldOut"]["accuracy"] is None
    choose(page, "Blobs")
    assert "its input now has 2 features, its output is now 3 probabilities" in page.page.evaluate(
        SAID
    )
    assert page.page.evaluate("() => unknot.leader.header.n_outputs") == 3
    assert page.get("view") == "2d"
    choose(page, "iris")
    assert page.get("data") == ""
    assert page.page.evaluate("() => unknot.leader === unknot.studio.run")
    assert "start of the file" in page.locate(".train").inner_text()
    # An address of another page, and one that means nothing.
    asked = opened("#data=own,index:9", number=1)
    assert "does not have: it begins with its own" in asked.page.evaluate(SAID)
    assert asked.get("data") == ""


def test_a_page_of_a_run_has_the_data_too_and_goes_back_to_its_own(open_page):
    data = uk.datasets.circles(200, noise=0.1, factor=0.5, seed=1)
    run = untrained(data, hidden=(4,), activation="relu")
    page = open_page(run, fragment=f"{BARE}&tab=train", **LAPTOP)
    page.page.wait_for_function(RESTS)
    choose(page, "Shells")
    assert page.page.evaluate("() => unknot.leader.header.name") == "3 → 4 relu → 1 sigmoid"
    train(page, 20)
    page.page.get_by_role("tab", name="Watch").click()
    page.page.wait_for_function("() => unknot.get().tab === 'watch'")
    assert page.page.evaluate("() => unknot.leader.header.name") == "2 → 4 relu → 1 sigmoid"
    assert page.get("u") == page.page.evaluate("() => unknot.file.runs[0].lastMoment")
    page.page.get_by_role("tab", name="Train").click()
    page.page.wait_for_function(RESTS)
    assert page.page.evaluate("() => unknot.studio.nTraining") == 160


def stroke(page, *places):
    """A line on the sheet, through places from −1 to 1."""
    box = page.locate(".pad canvas").bounding_box()
    at = [
        (box["x"] + box["width"] * (x + 1) / 2, box["y"] + box["height"] * (1 - y) / 2)
        for x, y in places
    ]
    mouse = page.page.mouse
    mouse.move(*at[0])
    mouse.down()
    for place in at[1:]:
        mouse.move(*place, steps=12)
    mouse.up()


def test_points_are_drawn_moved_and_erased_and_the_address_holds_them(opened):
    page = opened(f"{BARE}&data=moons,n:50")
    button(page, "Draw points").click()
    trouble = page.locate(".pad .trouble")
    button(page, "Train on these").click()
    assert trouble.inner_text() == "No points were drawn: draw some of two classes."
    stroke(page, (-0.8, 0.6), (0.8, 0.6))
    button(page, "Train on these").click()
    assert trouble.inner_text().startswith("All points are of one class")
    button(page, "Class 2").click()
    stroke(page, (-0.8, -0.6), (0.8, -0.6))
    # A key draws one in the middle; it is dragged up, and erased there.
    page.locate(".pad canvas").press("Enter")
    status = page.locate(".pad footer .note")
    drawn = int(status.inner_text().split()[0])
    button(page, "Move").click()
    stroke(page, (0, 0), (0, 0.95))
    button(page, "Erase").click()
    stroke(page, (0, 0.95), (0.01, 0.95))
    assert status.inner_text() == f"{drawn - 1} points of 2 classes"
    button(page, "Train on these").click()
    page.page.wait_for_function("() => unknot.file.title === 'Drawn points'")
    page.page.wait_for_function(RESTS)
    assert page.page.evaluate("() => unknot.leader.nPoints") == drawn - 1
    reached = train(page, 200)
    assert reached["training"]["accuracy"] == 1
    got, _ = page.places({"t": 0}, 2, 20)
    # Half a step of the sheet, a pixel of it, and the sixteen bits of the page.
    assert abs(got[:5, 1] - 0.6).max() < 0.02
    page.page.wait_for_function(
        "() => ['points', 'trained'].every((part) => location.hash.includes(part))"
    )
    again = opened(page.page.evaluate("location.hash"))
    weights = "() => Array.from(unknot.studio.shown.weights)"
    assert again.page.evaluate(weights) == reached["weights"]


def test_a_file_is_read_in_the_page_and_a_bad_one_is_a_sentence(opened, tmp_path):
    page = opened(f"{BARE}&data=moons,n:50&shelf=p!0!1g!moon|x")
    page.page.wait_for_function(f"() => /left out: shelf .2./.test(({SAID})())")
    page = opened(f"{BARE}&data=moons,n:50&view=9d&l1=%")

    def give(text, name="mine.csv"):
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        page.locate(".data input[type=file]").set_input_files(path)

    def said(pattern):
        page.page.wait_for_function(f"() => /{pattern}/.test(({SAID})())")

    said("This address is damaged; left out: view, l1")
    page.page.evaluate("() => { location.hash += '&lesson=99'; }")
    said("This address is damaged; left out: (view, l1, )?lesson")
    give("one\n1\n2\n")
    said("one column")
    give(b"PK\0\0")
    said("no text file")
    # A file that says it is so large: dropped, as a hand drops it.
    page.page.evaluate(
        """() => { const file = new File(['a,b'], 'huge.csv');
                   Object.defineProperty(file, 'size', { value: 2e8 });
                   const root = document.querySelector('#unknot').shadowRoot;
                   const drop = new DragEvent('drop', { bubbles: true, cancelable: true });
                   Object.defineProperty(drop, 'dataTransfer', { value: { files: [file] } });
                   root.querySelector('.viewer').dispatchEvent(drop); }"""
    )
    said("huge.csv has 200 MB; the page reads up to 100 MB")
    give("a,b\n1,x\n2,x\n3,x\n4,x\n")
    button(page, "Train on these").click()
    assert page.locate(".pad .trouble").inner_text().startswith("b has one class only, x")
    page.page.keyboard.press("Escape")
    assert page.page.evaluate("() => unknot.file.title") == "Moons"
    rows = [f"{i % 7},{300 + (i * i) % 11},w{i},{'ab'[i % 7 > 3]}" for i in range(40)]
    rows[3] = "NaN,1,w,a"
    give("\n".join(["x,y,Höhe,kind", *rows]).encode("cp1252"))
    assert page.page.get_by_label("Höhe (text)").is_disabled()
    assert page.locate(".pad select").evaluate("s => s.selectedOptions[0].text") == "kind"
    button(page, "Train on these").click()
    said("One row with a gap or a text among numbers is left out")
    page.page.wait_for_function(RESTS)
    assert page.page.evaluate("() => unknot.leader.header.name").startswith("2 scaled → 6 relu")
    assert train(page, 300)["training"]["accuracy"] > 0.9
    # The link has the network, and says that it has not the data.
    page.page.wait_for_function("() => unknot.get().trained !== ''")
    assert "trained" not in page.page.evaluate("location.hash")
    choose(page, "Moons")
    choose(page, "mine.csv")
    assert page.page.evaluate("() => unknot.leader.nPoints") == 39
    # A column far out of scale: seen once it is scaled, and nothing breaks at the input itself.
    classes = [f"kind {i % 12 + 1}" for i in range(60)]
    far = [f"{i % 7},{(i * i) % 11},{1e12 + i * 1e11},{name}" for i, name in enumerate(classes)]
    give("\n".join(["x,y,far,kind", *far]))
    assert "12 classes: kind 1, kind 2, kind 3" in page.locate(".pad").inner_text()
    assert page.locate(".pad").inner_text().count("kind ") < 12
    button(page, "Train on these").click()
    page.page.wait_for_function(RESTS)
    assert (page.get("t"), page.get("view")) == (1, "3d")
    page.page.evaluate("() => unknot.set({ t: 0 })")
    for view in ("2-D", "3-D"):
        button(page, view).click()
        page.page.wait_for_function("() => !unknot.passage")
    # Of many classes the names stand upright, and the counts are in the cells' titles.
    cell = page.locate(".confusion.many td button:enabled").first
    assert re.fullmatch(r"kind \d+ taken for kind \d+: \d+", cell.get_attribute("title"))
    assert cell.inner_text() == ""


def test_units_show_what_they_respond_to_and_dead_ones_are_named(open_page):
    first = Dense(
        np.array([[0.5, 1, -1], [0.25, 0, 1]], np.float32),
        np.array([0, -50, 0.1], np.float32),
        "relu",
        "hidden 1",
    )
    last = Dense(np.ones((3, 1), np.float32), np.zeros(1, np.float32), "linear", "output")
    model = MLP((first, last), "sigmoid")
    data = uk.datasets.moons(60, seed=1)
    page = open_page(
        Run(model, History(), (Checkpoint(0, 0.0, model),), data, np.arange(0)), **LAPTOP
    )
    note = page.locate("[aria-label=Network] > .note")
    assert note.inner_text() == "Dead, the same for every point: unit 2 of hidden 1."
    assert page.locate("circle.dead").count() == 1
    # One a unit: what it gives over the plane, upright as the plane is.
    pictures = page.locate(".network image")
    assert pictures.count() == 6
    lit = pictures.nth(2).evaluate(
        """image => new Promise(done => {
          const picture = new Image();
          picture.onload = () => {
            const canvas = document.createElement('canvas');
            canvas.width = canvas.height = picture.width;
            const context = canvas.getContext('2d');
            context.drawImage(picture, 0, 0);
            const red = (x, y) => context.getImageData(x, y, 1, 1).data[0];
            const last = picture.width - 1;
            done([red(0, last), red(last, last), red(last, 0)]);
          };
          picture.src = image.href.baseVal;
        })"""
    )
    # 0.5 x1 + 0.25 x2: nothing at the lower left, most at the upper right.
    assert lit[0] > lit[1] > lit[2]
    line = page.locate(".network line").first.bounding_box()
    middle = line["x"] + line["width"] / 2, line["y"] + line["height"] / 2
    page.page.mouse.move(*middle)
    assert note.inner_text() == "Weight from x1 to unit 1: 0.5"
