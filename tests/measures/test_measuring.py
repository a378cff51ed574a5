"""measure: the table, its missing values, and the points that each measure is given."""

import warnings

import numpy as np
import polars
import pytest
from networks import cloud, network, rings

from unknot import UsageError
from unknot.measures import Missing, entries, measure
from unknot.measures.clouds import (
    FEWEST_POINTS,
    MAX_VALUES,
    Clouds,
    n_points_for,
    place_of,
    random_order,
)
from unknot.measures.measurement import value_at
from unknot.measures.table import Measure
from unknot.motion.scene import Scene
from unknot.network.maps import Affine
from unknot.traces.representation import Trace
from unknot.traces.tracing import trace

FEW = ["participation_ratio", "fisher_ratio"]


def entry(function=lambda place: 1.0, **options):
    defaults = {
        "name": "made_up",
        "function": function,
        "title": "made up",
        "range": (None, None),
        "direction": "",
        "max_points": None,
        "max_values": None,
        "by_default": True,
        "needs": (),
        "is_list": False,
    }
    return Measure(**(defaults | options))


def place(trace_, k=0, n=None):
    order = random_order(trace_.labels, 0)
    return place_of(trace_, k, order, len(order) if n is None else n, 0, None)


# --- the table of results ---------------------------------------------------------------------


def test_one_row_a_representation():
    traced = trace(network([2, 4, 1]), rings())
    frame = measure(traced, measures=FEW)
    assert frame["representation"].to_list() == [r.name for r in traced.representations]
    assert frame["epoch"].is_null().all()
    assert [name for name in frame.columns if name in entries] == FEW


def test_one_block_an_epoch_of_a_run():
    from unknot.training import fit

    run = fit(rings(), hidden=[3], epochs=2, seed=0)
    frame = measure(run, measures=["participation_ratio"])
    n = 1 + sum(1 for _ in run.model.maps())
    assert frame.height == n * len(run.checkpoints)
    assert frame["epoch"].to_list()[::n] == [c.epoch for c in run.checkpoints]
    last = measure(trace(run), measures=["participation_ratio"])
    assert frame["participation_ratio"].to_list()[-n:] == last["participation_ratio"].to_list()


def test_the_best_possible_accuracy_stands_beside_where_it_is_known():
    traced = trace(network([2, 4, 1]), rings())
    assert "bayes_accuracy" not in measure(traced, measures=FEW).columns
    from dataclasses import replace

    known = replace(traced, bayes_accuracy=0.9)
    assert measure(known, measures=FEW)["bayes_accuracy"].to_list() == [0.9] * 5


@pytest.mark.slow
def test_the_same_seed_gives_the_same_table():
    traced = trace(network([2, 5, 1]), rings(3_000))
    once, again = (measure(traced, seed=3) for _ in range(2))
    assert once.equals(again)


def test_a_scene_is_measured_with_its_view():
    traced = trace(network([2, 5, 1]), rings())
    frame = measure(Scene(traced))
    assert frame["variance_shown"].to_list()[0] == pytest.approx(1)
    assert "variance_shown" not in measure(traced, measures=FEW).columns


def test_a_view_measure_of_a_trace_says_what_it_needs():
    frame = measure(trace(network([2, 5, 1]), rings()), measures=["variance_shown"])
    assert frame["variance_shown"].is_null().all()
    assert frame["reasons"].to_list()[0] == [
        {"measure": "variance_shown", "reason": "no view was given: measure a Scene"}
    ]


def test_every_null_has_its_reason_and_every_reason_its_null():
    frame = measure(trace(network([2, 3, 1]), rings(20)))
    for row in frame.to_dicts():
        nulls = {name for name in entries if name in row and row[name] is None}
        assert {reason["measure"] for reason in row["reasons"]} == nulls
        assert all(reason["reason"] for reason in row["reasons"])


def test_the_types_do_not_depend_on_the_values():
    good = measure(trace(network([2, 3, 1]), rings(100)))
    poor = measure(trace(network([2, 3, 1]), rings(1)))
    assert good.schema == poor.schema


def test_the_table_is_a_polars_frame():
    assert isinstance(measure(trace(network([2, 3, 1]), rings(50)), measures=FEW), polars.DataFrame)


# --- wrong calls ------------------------------------------------------------------------------


def test_an_unknown_measure_is_named_with_its_neighbour():
    with pytest.raises(UsageError) as error:
        measure(trace(network([2, 3, 1]), rings()), measures=["fisher_ration"])
    assert str(error.value).startswith(
        "Unknown measure 'fisher_ration'. Did you mean 'fisher_ratio'?\nAllowed: "
    )


def test_a_text_is_not_a_list_of_names():
    with pytest.raises(UsageError) as error:
        measure(trace(network([2, 3, 1]), rings()), measures="gdv")
    assert str(error.value) == "measures takes a list of names: ['gdv']."


def test_what_cannot_be_measured_is_named():
    with pytest.raises(UsageError) as error:
        measure(np.zeros((3, 2)))
    assert str(error.value) == (
        "Expected a Trace, a Run or a Scene; got a ndarray of shape (3, 2).\n"
        "Make a trace of any network: trace(model, data)."
    )


# --- one measure of one place -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("needs", "labels", "reason"),
    [
        (("classes",), np.zeros(4, int), "only one class has points"),
        (
            ("classes",),
            np.array([0.5, 1.2, 3, 4]),
            "the labels are numbers to predict, not classes",
        ),
        (("map",), np.arange(4) % 2, "no map leads to the input"),
        (("view",), np.arange(4) % 2, "no view was given: measure a Scene"),
    ],
)
def test_a_measure_without_what_it_needs_is_missing(needs, labels, reason):
    traced = Trace.from_arrays([np.eye(4)], labels)
    with pytest.raises(Missing, match=f"^{reason}$"):
        value_at(entry(needs=needs), place(traced))


def test_an_infinite_answer_is_missing():
    traced = Trace.from_arrays([np.eye(4)], np.arange(4) % 2)
    with pytest.raises(Missing, match=r"^the result is not a finite number$"):
        value_at(entry(lambda place: np.inf), place(traced))


@pytest.mark.parametrize(
    ("raised", "reason"),
    [
        (np.linalg.LinAlgError("SVD"), r"^the numbers did not converge \(SVD\)$"),
        (MemoryError(), "^there was not enough memory for it$"),
    ],
)
def test_a_failing_measure_leaves_the_rest(raised, reason):
    def fails(place):
        raise raised

    traced = Trace.from_arrays([np.eye(4)], np.arange(4) % 2)
    with pytest.raises(Missing, match=reason):
        value_at(entry(fails), place(traced))


def test_a_mistake_in_a_measure_is_not_hidden():
    def broken(place):
        raise TypeError("a bug")

    traced = Trace.from_arrays([np.eye(4)], np.arange(4) % 2)
    with pytest.raises(TypeError, match="a bug"):
        value_at(entry(broken), place(traced))


# --- the points -------------------------------------------------------------------------------


def test_points_are_thinned_by_the_stated_rule():
    assert n_points_for(entry(), [2], 1_000_000) == 1_000_000
    assert n_points_for(entry(max_points=20_000), [2], 1_000_000) == 20_000
    assert n_points_for(entry(max_values=2_000_000), [2, 4_096], 100_000) == 488
    assert n_points_for(entry(), [2, 4_096], 1_000_000) == MAX_VALUES // 4_096
    assert n_points_for(entry(max_points=10), [2], 7) == 7
    assert n_points_for(entry(max_values=1_000), [4_096], 10_000) == FEWEST_POINTS


def test_fewer_points_are_among_the_more():
    traced = trace(network([2, 3, 1]), rings(500))
    some, more = (place(traced, 1, n) for n in (50, 200))
    assert {tuple(v) for v in some.values} <= {tuple(v) for v in more.values}
    assert len(some.values) == len(some.labels) == 50


@pytest.mark.parametrize("shares", [(500, 500), (900, 99, 1), (7, 3)])
def test_every_beginning_of_the_order_has_the_shares_of_the_classes(shares):
    labels = np.repeat(np.arange(len(shares)), shares)
    order = random_order(labels, 5)
    assert sorted(order) == list(range(len(labels)))
    for label, share in enumerate(shares):
        drawn = np.cumsum(labels[order] == label)
        expected = np.arange(1, len(labels) + 1) * share / len(labels)
        # Places of the other classes are off by less than one each.
        assert np.abs(drawn - expected).max() <= len(shares)


def test_a_place_knows_its_way():
    traced = trace(network([2, 3, 1]), rings(40))
    here = place(traced, 2, 30)
    rows = np.sort(random_order(traced.labels, 0)[:30])
    assert isinstance(here.inputs, Clouds)
    assert len(here.inputs) == 3
    for cloud_, representation in zip(here.inputs, traced.representations, strict=False):
        np.testing.assert_array_equal(cloud_, representation.values[rows])
    np.testing.assert_array_equal(here.before, here.inputs[1])
    assert here.map is traced.maps[1]
    assert here.maps == traced.maps[:2]


def test_the_head_is_the_last_affine_map():
    traced = trace(network([2, 3, 1]), rings(40))
    heads = [place(traced, k).head for k in range(5)]
    last = [k for k, map_ in enumerate(traced.maps) if isinstance(map_, Affine)][-1]
    assert heads[last] is traced.maps[last]
    assert all(head is None for k, head in enumerate(heads) if k != last)


# --- every measure on every kind of bad input -------------------------------------------------

HOSTILE = {
    "no points": lambda rng: (np.zeros((0, 3)), np.zeros(0, int)),
    "one point": lambda rng: (rng.normal(size=(1, 3)), [0]),
    "two points": lambda rng: (rng.normal(size=(2, 3)), [0, 1]),
    "three points": lambda rng: (rng.normal(size=(3, 3)), [0, 1, 1]),
    "one class": lambda rng: (rng.normal(size=(60, 3)), np.zeros(60, int)),
    "a class of one": lambda rng: (rng.normal(size=(60, 3)), np.arange(60) == 0),
    "every point a class": lambda rng: (rng.normal(size=(40, 3)), np.arange(40)),
    "constant unit": lambda rng: (rng.normal(size=(60, 3)) * [1, 0, 1], np.arange(60) % 2),
    "all equal": lambda rng: (np.ones((60, 3)), np.arange(60) % 2),
    "duplicates": lambda rng: (np.repeat(rng.normal(size=(20, 3)), 3, 0), np.arange(60) % 2),
    "classes are points": lambda rng: (np.eye(2)[np.arange(60) % 2], np.arange(60) % 2),
    "one unit": lambda rng: (rng.normal(size=(60, 1)), np.arange(60) % 2),
    "tiny": lambda rng: (1e-30 * rng.normal(size=(60, 3)), np.arange(60) % 2),
    "huge": lambda rng: (1e30 * rng.normal(size=(60, 3)), np.arange(60) % 2),
    "more units than points": lambda rng: (rng.normal(size=(40, 300)), np.arange(40) % 2),
    "regression": lambda rng: (rng.normal(size=(60, 3)), rng.normal(size=60)),
}


@pytest.mark.parametrize("name", list(HOSTILE))
def test_every_measure_answers_or_says_why_not(name):
    values, labels = HOSTILE[name](np.random.default_rng(0))
    n_units = values.shape[1]
    head = Affine(np.ones((n_units, 1)), np.zeros(1))
    traced = Trace.from_arrays([values, values @ head.weight], np.asarray(labels), maps=[head])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        frame = measure(Scene(traced)) if len(values) else measure(traced)
    for row in frame.to_dicts():
        reasons = {reason["measure"] for reason in row["reasons"]}
        for key in set(entries) & set(row):
            assert (row[key] is None) == (key in reasons)
            if row[key] is not None and not entries[key].is_list:
                low, high = entries[key].range
                assert low is None or row[key] >= low - 1e-9, key
                assert high is None or row[key] <= high + 1e-9, key


@pytest.mark.slow
def test_4096_units():
    frame = measure(trace(network([3, 4_096, 1]), cloud(2_000, 3, 2)))
    assert frame["participation_ratio"].is_not_null().all()


@pytest.mark.slow
def test_a_million_points():
    frame = measure(trace(network([2, 3, 1]), rings(1_000_000), lattice=False))
    assert frame["linear_probe"].is_not_null().all()
    assert frame["n_points"].struct.field("all").to_list() == [1_000_000] * 5
    assert frame["n_points"].struct.field("silhouette").max() < 1_000_000


@pytest.mark.slow
def test_silhouette_keeps_points_of_rare_classes_and_their_shares():
    """Of 24 points in 12,000 a fair draw of 2,000 has four; the mean is still that of all."""
    from sklearn.metrics import silhouette_score

    rng = np.random.default_rng(0)
    labels = np.where(np.arange(12_000) < 24, 2, np.arange(12_000) % 2)
    values = rng.normal(size=(12_000, 3)) + 2 * np.eye(3)[labels]
    source = Trace.from_arrays([values], labels)
    exact = silhouette_score(values, labels)
    frames = [measure(source, measures=["silhouette"], seed=seed) for seed in range(4)]
    assert {f["n_points"][0]["silhouette"] for f in frames} == {2_020}
    drawn = [f["silhouette"][0] for f in frames]
    assert np.mean(drawn) == pytest.approx(exact, abs=0.01)
    order = random_order(source.labels, 0)
    place = place_of(source, 0, order, 2_000, 0, None, fewest_of_class=30)
    counts = np.bincount(place.labels)
    assert counts[2] == 24
    weighted = np.bincount(place.labels, weights=place.weights)
    assert weighted == pytest.approx(np.bincount(labels))


def test_linear_regions_are_counted_on_equally_many_points(monkeypatch):
    """Fewer points in a wide layer would let the number fall with depth, which it never does."""
    from unknot.measures import clouds

    monkeypatch.setattr(clouds, "MAX_VALUES", 40_000)
    traced = trace(network([2, 8, 100, 3, 1]), rings(2_000), lattice=False)
    frame = measure(traced, measures=["linear_regions", "participation_ratio"])
    given = frame["n_points"].struct.field("linear_regions").to_list()
    assert set(given) == {400}
    assert frame["n_points"].struct.field("participation_ratio")[0] == 2_000
    regions = frame["linear_regions"].drop_nulls().to_list()
    assert regions == sorted(regions)


def test_the_order_of_the_same_labels_is_drawn_once():
    labels = np.arange(30) % 3
    order = random_order(labels, 5)
    assert random_order(labels, 5) is order
    assert not order.flags.writeable
    # Another seed, or other labels, have an order of their own.
    assert not np.array_equal(random_order(labels, 6), order)
    np.testing.assert_array_equal(random_order(labels, 5), order)
    np.testing.assert_array_equal(random_order(labels.copy(), 5), order)
    gaps = np.where(labels == 0, -1, labels)
    assert sorted(random_order(gaps, 5)) == np.flatnonzero(labels).tolist()
    assert len(random_order(gaps, 5, all_rows=True)) == 30


@pytest.mark.parametrize("n_classes", [2, 3])
def test_a_probe_of_a_wide_layer_that_stands_still_is_right_by_chance(n_classes):
    """More units than points, all of them constant: nothing is left to cut along."""
    x, y = np.ones((12, 40), np.float32), np.arange(12) % n_classes
    still = Trace.from_arrays([x], y)
    assert measure(still, measures=["linear_probe"])["linear_probe"][0] == pytest.approx(
        1 / n_classes
    )
