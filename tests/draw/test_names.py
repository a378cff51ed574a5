"""One colour a class in all that is shown together, and names that are never boxes."""

import matplotlib
import numpy as np
import pytest

import unknot as uk
from unknot.draw import words
from unknot.draw.colouring import colouring, trace_colouring
from unknot.draw.style import CLASS_COLOURS, NEUTRAL, shared_colours
from unknot.views.page.container import unpack_page
from unknot.views.page.header import page_file


def labelled(names, n=60):
    x = np.random.default_rng(0).normal(size=(n, 2)).astype("f")
    return uk.Trace.from_arrays([x, x], [names[i % len(names)] for i in range(n)])


@pytest.fixture
def fresh(monkeypatch):
    """What was looked for before this test is forgotten, and after it again."""
    monkeypatch.setattr(words, "_extra", [])
    monkeypatch.setattr(words, "_missing_scripts", set())
    words._has_glyph.cache_clear()
    yield
    words._has_glyph.cache_clear()


def test_dropping_a_class_changes_the_colours_of_none():
    every, some = labelled(["a", "b", "c"]), labelled(["a", "c"])
    colours = shared_colours([some.class_names, every.class_names])
    assert colours == dict(zip("abc", CLASS_COLOURS, strict=False))
    both = [trace_colouring(t, colours).palette for t in (every, some)]
    np.testing.assert_array_equal(both[0][[0, 2]], both[1])


def test_classes_of_one_alone_come_after_those_of_the_longest():
    assert list(shared_colours([["x", "b"], ["a", "b", "c"], []])) == ["a", "b", "c", "x"]
    assert shared_colours([["all"], []]) == {"all": NEUTRAL}
    assert shared_colours([[]]) == {}


def test_a_page_of_two_networks_has_one_colour_a_class():
    runs = unpack_page(page_file([labelled(["a", "c"]), labelled(["a", "b", "c"])]))[0]["runs"]
    first, second = (dict(zip(r["class_names"], r["class_colours"], strict=True)) for r in runs)
    assert len(set(second.values())) == 3
    assert first == {name: second[name] for name in ("a", "c")}


def test_unused_categories_do_not_count():
    import pandas as pd

    labels = pd.Categorical(["in", "out"] * 20, categories=["ghost", "in", "out"])
    x = np.random.default_rng(0).normal(size=(40, 2))
    for each in (labels, labels.remove_unused_categories()):
        data = uk.datasets.from_arrays(x, each)
        assert shared_colours([data.class_names]) == dict(
            zip(["in", "out"], CLASS_COLOURS, strict=False)
        )


def test_names_that_no_font_has_are_numbers_and_a_note(fresh, monkeypatch):
    own = [f for f in matplotlib.font_manager.fontManager.ttflist if f.name == "DejaVu Sans"]
    monkeypatch.setattr(matplotlib.font_manager.fontManager, "ttflist", own)
    words._usual.cache_clear()
    names = ("left", "\u72ac", "\ud55c", "\U0001f98a fox")
    coloured = colouring(np.arange(4), names)
    words._usual.cache_clear()
    assert coloured.class_names == ("left", "class 1", "class 2", "class 3")
    assert coloured.note == (
        "No installed font has CJK, HANGUL, emoji: class numbers stand in. "
        "Install Noto Emoji, Noto Sans CJK."
    )


def test_a_font_of_the_system_that_has_the_characters_is_used(fresh, monkeypatch):
    # As if the usual fonts had Latin letters only.
    monkeypatch.setattr(words, "_usual", lambda: ("cmr10",))
    assert words.drawable_names(["\u042f", "b"]) == (("\u042f", "b"), "")
    assert words.families()[0] == "cmr10"
    assert len(words.families()) == 2
    assert not words.families()[1].startswith("Last Resort")


def test_figures_say_what_stands_in(fresh, monkeypatch):
    own = [f for f in matplotlib.font_manager.fontManager.ttflist if f.name == "DejaVu Sans"]
    monkeypatch.setattr(matplotlib.font_manager.fontManager, "ttflist", own)
    words._usual.cache_clear()
    figure = uk.figure(labelled(["\u72ac", "\u732b"]))
    words._usual.cache_clear()
    texts = " ".join(t.get_text() for t in figure.findobj(matplotlib.text.Text))
    assert "class 0" in texts
    assert "class 1" in texts
    assert "Install Noto Sans CJK" in texts
    assert "\u25a1" not in texts
