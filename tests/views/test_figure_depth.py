"""The depth figure: lines are the measures, in the order of the network."""

from dataclasses import replace

import numpy as np
import pytest
from pictures import ZOO, check_texts, demo, panels, regression, run, sentences

from unknot import UsageError
from unknot.measures import entries, measure
from unknot.traces.selection import ModulePlace
from unknot.views.figures import figure

NAMES = ("linear_probe", "fisher_ratio", "intrinsic_dimension")


def depth(source, measures=NAMES, **options):
    return figure(source, what="depth", measures=measures, **options)


def test_lines_are_the_measures():
    source = demo(200)
    table = measure(source, measures=NAMES)
    drawn = panels(depth(source))
    assert len(drawn) == len(NAMES)
    for axes, name in zip(drawn, NAMES, strict=True):
        expected = table[name].to_numpy().astype(float)
        assert np.array_equal(axes.lines[0].get_ydata(), expected, equal_nan=True)
        low, high = axes.get_ylim()
        assert low <= np.nanmin(expected) <= np.nanmax(expected) <= high
        assert entries[name].title in sentences(depth(source))


def test_names_stand_below_in_order():
    source = demo(200)
    labels = [t.get_text() for t in panels(depth(source))[0].get_xticklabels()]
    assert labels == [r.name for r in source.representations]


def test_the_line_goes_through_the_stream_alone():
    source = demo(200)
    inside = ModulePlace("hidden", on_branch=True)
    representations = list(source.representations)
    representations[2] = replace(representations[2], place=inside)
    branching = replace(source, representations=tuple(representations))
    axes = panels(depth(branching))[0]
    line, dots = axes.lines[:2]
    others = [k for k in range(len(source.representations)) if k != 2]
    assert list(line.get_xdata()) == others
    assert list(dots.get_xdata()) == [2]
    labels = [t.get_text() for t in axes.get_xticklabels()]
    assert labels == [source.representations[k].name for k in others]
    assert "inside a branch" in sentences(depth(branching))


def test_bayes_accuracy_is_dashed_at_the_probe_only():
    judged = replace(demo(200), bayes_accuracy=0.9, held_out=np.arange(200) < 50)
    probe, *others = panels(depth(judged))
    dashed = [line for line in probe.lines if line.is_dashed()]
    assert [set(line.get_ydata()) for line in dashed] == [{0.9}]
    assert not any(line.is_dashed() for axes in others for line in axes.lines)
    text = sentences(depth(judged))
    assert "Dashed: the Bayes accuracy, 0.900, that no classifier can beat." in text
    for unknown in ({"bayes_accuracy": None}, {"held_out": None}, {"held_out": []}):
        assert "Dashed" not in sentences(depth(replace(judged, **unknown)))


def test_what_has_no_meaning_is_said():
    text = sentences(depth(regression(), ["linear_probe"]))
    assert "has no meaning here" in text
    assert "Gaps:" in text
    assert "not classes" in text


@pytest.mark.slow
@pytest.mark.parametrize("name", ["demo", "hostile names", "dead", "deep", "one point"])
@pytest.mark.parametrize("size", [3, 8])
def test_nothing_is_cut_off(name, size):
    check_texts(depth(ZOO[name](), size=size))


def test_a_run_shows_its_end():
    assert len(panels(depth(run(), ["gdv"]))) == 1


def test_no_measures():
    with pytest.raises(UsageError, match="No measures were given"):
        depth(demo(50), [])


def test_unknown_measure():
    with pytest.raises(UsageError, match="Did you mean 'linear_probe'"):
        depth(demo(50), ["linear_prob"])
