"""The pairs figure: which units, one scale, distributions, probes."""

from itertools import combinations

import numpy as np
import pytest
from matplotlib.colors import to_hex
from networks import network, readout_network, rings
from pictures import dead, demo, panels, regression, sentences, texts, words

from unknot.draw import style
from unknot.measures import measure, probe_accuracy
from unknot.traces.representation import Trace
from unknot.traces.tracing import trace
from unknot.views.figures import figure
from unknot.views.figures.figure import last_hidden


def pairs(source, **options):
    return figure(source, what="pairs", **options)


def matrix(n_units, n_points=300, seed=0):
    """One representation, unit `i` with a standard deviation of `i + 1`."""
    rng = np.random.default_rng(seed)
    values = rng.normal(size=(n_points, n_units)) * np.arange(1, n_units + 1)
    return Trace.from_arrays([values], rng.integers(0, 2, n_points))


@pytest.mark.parametrize("n", [1, 2, 3, 6])
def test_lower_triangle(n):
    drawn = pairs(matrix(n))
    cells = panels(drawn)
    assert len(cells) == n * (n + 1) // 2
    for axes in cells:
        box = axes.get_position()
        # Cell centres on or below the diagonal.
        assert box.x0 + box.y0 <= 1


def test_the_notebooks_pairs_are_there():
    source = demo()
    values = source.representations[2].values
    shown = [
        offsets
        for axes in panels(pairs(source))
        for c in axes.collections
        if len(offsets := np.asarray(c.get_offsets())) == len(values)
    ]
    for i, j in [(0, 1), (2, 3), (0, 5)]:
        assert any(np.allclose(o, values[:, [i, j]]) for o in shown)
    assert len(shown) == len(list(combinations(range(6), 2)))


def test_default_is_the_last_hidden_layer():
    assert "the units of hidden 1" in words(pairs(demo()))
    assert last_hidden(trace(network([2, 5, 4, 1]), rings(20))) == 4
    # Three units, or the widest there is.
    assert last_hidden(trace(network([2, 5, 2, 1]), rings(20)), least=3) == 2
    assert last_hidden(matrix(3)) == 0


@pytest.mark.parametrize("layer", ["readout", 3, -3, "3"])
def test_layer_by_name_or_number(layer):
    drawn = pairs(demo(), layer=layer)
    assert "the units of readout" in words(drawn)
    assert len(panels(drawn)) == 3


def test_chosen_units():
    drawn = pairs(demo(), units=[5, 2, 0])
    names = [t.get_text() for t in texts(drawn) if t.get_text().startswith("unit")]
    assert set(names) == {"unit 6", "unit 3", "unit 1"}
    assert "3 of 6 units" in words(drawn)


def test_of_many_units_those_of_largest_variance():
    drawn = pairs(matrix(14))
    names = {t.get_text() for t in texts(drawn) if t.get_text().startswith("unit")}
    assert names == {f"unit {i + 1}" for i in range(4, 14)}
    assert "Shown are the 10 units whose values vary most." in sentences(drawn)
    assert "10 of 14 units" in words(drawn)


def test_every_cell_has_the_same_scale():
    cells = panels(pairs(matrix(4)))
    spans = [np.ptp(axes.get_xlim()) for axes in cells]
    assert np.ptp(spans) < 1e-9 * spans[0]
    flat = [axes for axes in cells if axes.get_aspect() == 1]
    assert len(flat) == 6
    for axes in flat:
        assert np.ptp(axes.get_ylim()) == pytest.approx(np.ptp(axes.get_xlim()))


def test_distributions_are_shares_of_the_class():
    source = matrix(1)
    stairs = [c for c in panels(pairs(source))[0].patches if not c.get_fill()]
    for c, patch in enumerate(stairs):
        n = (source.labels == c).sum()
        heights = patch.get_data().values
        assert 0.97 < heights.sum() <= 1 + 1e-9
        assert np.allclose(heights * n, np.round(heights * n))
    assert [to_hex(p.get_edgecolor()) for p in stairs] == list(style.CLASS_COLOURS[:2])


def test_what_a_relu_cuts_off_is_written_out():
    values = np.maximum(np.random.default_rng(0).normal(size=(400, 1)) - 0.5, 0)
    share = (values == 0).mean()
    drawn = pairs(Trace.from_arrays([values], np.arange(400) % 2))
    assert f"{share:.0%} are 0" in words(drawn)
    told = "A dashed line with a share: so many points have exactly that value."
    assert told in words(drawn).replace("\n", " ")
    assert told not in words(pairs(matrix(2))).replace("\n", " ")
    # The rest is not dwarfed by it.
    stairs = [c for c in panels(drawn)[0].patches if not c.get_fill()]
    assert sum(p.get_data().values.sum() for p in stairs) == pytest.approx(
        2 * (1 - share), abs=0.05
    )


def test_dead_units_say_so():
    assert words(pairs(dead())).count("always 0") == 6


def test_probes():
    source = demo(600)
    values, labels = source.representations[2].values, source.labels
    drawn = pairs(source)
    text = sentences(drawn)
    cuts = {p: probe_accuracy(values[:, list(p)], labels) for p in combinations(range(6), 2)}
    best = max(cuts.values())
    pairs_of_units = [
        f"(unit {i + 1} and unit {j + 1})" for (i, j), cut in cuts.items() if cut == best
    ]
    full = probe_accuracy(values, labels)
    assert f"gets {full:.1%} right on all 6 units, {best:.1%} on the best pair" in text
    assert any(pair in text for pair in pairs_of_units)
    line = next(t for t in drawn.texts if t.get_text().startswith("A straight cut"))
    warns = full - best > 0.02
    assert (to_hex(line.get_color()) == style.WARNING) == warns
    assert ("overlap that is not there" in text) == warns


def test_the_whole_layer_has_the_number_of_the_table():
    source = demo(9_000)
    probe = measure(source, measures=["linear_probe"])["linear_probe"][2]
    assert f"gets {probe:.1%} right on all 6 units" in sentences(pairs(source))


def test_too_few_points_for_a_probe():
    assert "straight cut" not in sentences(pairs(matrix(3, n_points=40)))


def test_regression():
    text = sentences(pairs(regression()))
    assert "target" in text
    assert "straight cut" not in text


def test_a_logit_has_its_threshold():
    source = demo()
    axes = panels(pairs(source, layer="logit"))[0]
    marks = [line.get_xdata()[0] for line in axes.lines]
    low, high = source.representations[4].values.min(), source.representations[4].values.max()
    assert (low < 0 < high) == any(abs(mark) < 0.02 for mark in marks)


def test_boundary_is_carried_to_every_pair():
    source = trace(readout_network(seed=3), rings(20))
    lattice = source.lattice
    edge = lattice.split(lattice.values[2][:, [0, 1]])[1]
    segments = [
        segment
        for c in panels(pairs(source))[1].collections
        if hasattr(c, "get_segments")
        for segment in c.get_segments()
    ]
    for line in edge:
        assert any(np.array_equal(line, s) for s in segments if s.shape == line.shape)
