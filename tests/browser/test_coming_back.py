"""The tab Train: what an address gives back, and the browser's Back and Forward."""

import pytest
from test_by_hand import WEIGHTS
from test_playground import BARE, SAID, choose, release
from test_training import LAPTOP, RESTS, STEP, button, train

import unknot as uk

pytestmark = pytest.mark.slow

#: What is on the shelf: where each ends, and its weights there.
SHELF = """() => {
  const { pins, branches } = unknot.shelf;
  return [...branches, ...pins.map(({ branch }) => branch)].map(({ snapshots, from, origin }) => {
    const { step, weights } = snapshots.at(-1);
    return [origin.data, from, step, Array.from(weights)];
  });
}"""
NAMES = "() => [unknot.file.title, unknot.leader.header.name]"


@pytest.fixture(scope="module")
def empty(tmp_path_factory):
    path = tmp_path_factory.mktemp("coming_back") / "empty.html"
    return uk.playground(path=path).read_text("utf-8")


@pytest.fixture
def opened(open_page, empty):
    def start(fragment=BARE):
        page = open_page(empty, fragment=fragment, **LAPTOP)
        page.page.wait_for_function(RESTS)
        return page

    return start


def test_pins_and_left_trainings_survive_other_data_and_the_address_holds_them(opened):
    page = opened(f"{BARE}&data=circles,n:200")
    train(page, 60)
    button(page, "Pin").click()
    train(page, 40)
    page.page.evaluate("() => unknot.set({ u: 30 })")
    train(page, 15)
    # A network with weights that no start draws, which goes on from there.
    button(page, "Layer 1: one unit more").click()
    page.page.wait_for_function(RESTS)
    train(page, 20)
    button(page, "Pin").click()
    choose(page, "Moons")
    panel = page.locate(".compare")
    assert "Pin 1: step 60, Circles" in panel.inner_text()
    # Over the panes each step is whole, and what tells them apart stands below it.
    page.settle()
    titles = page.locate(".overlay text.run").all_text_contents()
    assert titles == ["This one: step 0", "Pin 1: step 60", "Pin 2: step 20"]
    below = " ".join(page.locate(".overlay text").all_text_contents())
    assert all(f"{name}, 2 → " in below for name in ("Circles", "Moons"))
    assert page.page.evaluate("() => unknot.sceneries.length") == 3
    # Its own points: as many as it learnt from, and not those of the pane beside it.
    sizes = page.page.evaluate(
        "() => unknot.sceneries.map(({ instant }) => instant.scene.moment.run.nPoints)"
    )
    assert sizes == [200, 200, 200]
    assert abs(page.places({"t": 0}, 2, 50, run=1)[0] - page.places({"t": 0}, 2, 50)[0]).max() > 0.3
    assert page.locate(".train path.left").count() == 0
    train(page, 25)
    page.page.wait_for_function("() => location.hash.includes('%3B25')")
    before = page.page.evaluate(SHELF)
    assert [(data, step) for data, _, step, _ in before] == [
        ("circles,n:200", 100),
        ("circles,n:200", before[1][2]),
        ("circles,n:200", 20),
        ("circles,n:200", 60),
        ("circles,n:200", 20),
    ]
    again = opened(page.page.evaluate("location.hash"))
    again.page.wait_for_function("n => unknot.shelf.pins.length === n", arg=2)
    assert again.page.evaluate(SHELF) == before
    assert again.page.evaluate(WEIGHTS) == page.page.evaluate(WEIGHTS)
    # From a pin of other points one goes on with these.
    button(again, "Pin 2: step 20, Circles: go on from here").click()
    again.page.wait_for_function(RESTS)
    assert again.page.evaluate(NAMES) == ["Circles", "2 → 7 relu → 1 sigmoid"]
    assert again.page.evaluate(WEIGHTS) == before[-1][3]
    assert again.get("data") == "circles,n:200"


def test_an_edited_network_comes_back_from_its_address(opened):
    page = opened()
    train(page, 50)
    button(page, "Layer 1: one unit fewer").click()
    page.page.wait_for_function(RESTS)
    first = page.page.evaluate(WEIGHTS)
    reached = train(page, 30)
    page.page.wait_for_function("() => location.hash.includes('%3B30')")
    again = opened(page.page.evaluate("location.hash"))
    assert again.page.evaluate(WEIGHTS) == reached["weights"]
    again.page.evaluate("() => unknot.set({ u: 0 })")
    assert again.page.evaluate(WEIGHTS) == first
    # Twelve layers of 20 would make it too long: that is said.
    page.page.evaluate("() => { navigator.clipboard.writeText = async () => {} }")
    page.page.evaluate("() => unknot.set({ start: 1, network: '20-relu,'.repeat(11) + '20-relu' })")
    page.page.wait_for_function(RESTS)
    button(page, "Layer 1: one unit fewer").click()
    page.page.wait_for_function(RESTS)
    page.page.wait_for_function(
        f"() => ({SAID})().startsWith('The address is without the weights')"
    )
    assert "weights" not in page.page.evaluate("location.hash")


def test_back_and_forward_go_through_data_and_networks(opened):
    page = opened()
    length = page.page.evaluate("history.length")
    train(page, 30)
    page.page.evaluate("() => unknot.set({ u: 4 })")
    choose(page, "Moons")
    release(page, "Noise", "0.3")
    button(page, "Layer 1: one unit more").click()
    page.page.wait_for_function(RESTS)
    train(page, 10)
    assert page.page.evaluate("history.length") == length + 3
    edited = page.page.evaluate(WEIGHTS)
    # The address is written a moment after the last change.
    page.page.wait_for_function("() => location.hash.includes('%3B10')")

    def go(way, data, name):
        getattr(page.page, way)()
        page.page.wait_for_function("data => unknot.get().data === data", arg=data)
        page.page.wait_for_function(RESTS)
        assert page.page.evaluate("() => unknot.leader.header.name") == name

    go("go_back", "moons,noise:0.3", "2 → 6 relu → 1 sigmoid")
    go("go_back", "moons", "2 → 6 relu → 1 sigmoid")
    go("go_back", "circles", "2 → 6 relu → 1 sigmoid")
    assert page.page.evaluate("() => unknot.studio.run.snapshots.at(-1).step") == 30
    assert page.page.evaluate(STEP) == 4
    go("go_forward", "moons", "2 → 6 relu → 1 sigmoid")
    go("go_forward", "moons,noise:0.3", "2 → 6 relu → 1 sigmoid")
    page.page.go_forward()
    page.page.wait_for_function("() => unknot.leader.header.name.startsWith('2 → 7')")
    page.page.wait_for_function(RESTS)
    assert page.page.evaluate(WEIGHTS) == edited
    assert page.page.evaluate("history.length") == length + 3
