"""A page in which one trains a network oneself: its data, and what a person does with them."""

import re

import pytest
from test_training import LAPTOP, PHONE, RESTS, button, train

import unknot as uk
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
    assert "its input has now 3 features, its output has now 1 unit" in said
    assert page.get("view") == "3d"
    reached = train(page, 100)
    assert reached["heldOut"]["accuracy"] is None
    choose(page, "Blobs")
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
