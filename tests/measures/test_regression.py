"""A number to predict: R² and error of the network, and R² of a linear probe."""

import numpy as np
import pytest
from sklearn.linear_model import LinearRegression, Ridge
from sklearn.metrics import r2_score, root_mean_squared_error

import unknot as uk
from unknot.measures import entries, measure, readout
from unknot.measures.probe import split_rows
from unknot.measures.regression import PENALTY, linear_r2
from unknot.network.maps import Affine
from unknot.traces.goodness import determination, goodness
from unknot.traces.representation import Trace

NAMES = ["linear_probe_r2", "r2", "rmse", "r2_training", "rmse_training"]


def line(n=200, noise=0.3, seed=0):
    """Five units, a target that two of them tell, and what is held out."""
    rng = np.random.default_rng(seed)
    z = rng.normal(size=(n, 5)) * [1, 10, 0.1, 1, 1]
    y = z[:, 0] - 0.2 * z[:, 1] + noise * rng.normal(size=n)
    return z, y.astype(np.float32), rng.random(n) < 0.3


def traced(held_out=None, scale=1.0, offset=0.0):
    """A linear network that is nearly right."""
    z, y, _ = line()
    weight = np.float32([[1], [-0.2], [0], [0.1], [0]]) * np.float32(scale)
    map_ = Affine(weight, np.float32([offset]), "output")
    x = z.astype(np.float32)
    y = (y * scale + offset).astype(np.float32)
    return Trace.from_arrays([x, map_(x)], y, maps=[map_], held_out=held_out, name="line")


@pytest.mark.parametrize("scale", [1, 1e-6, 1e12])
def test_r2_is_that_of_scikit_learn(scale):
    rng = np.random.default_rng(1)
    y = scale * rng.normal(3, 2, 500)
    for said in (y, y + scale * rng.normal(size=500), np.full(500, y.mean()), -y):
        assert determination(y, said) == pytest.approx(r2_score(y, said), abs=1e-12)


def test_r2_is_undefined_of_one_point_and_of_equal_targets():
    assert determination(np.ones(1), np.zeros(1)) is None
    assert determination(np.float32([0.1, 0.1, 0.1]), np.arange(3)) is None


def test_held_out_and_training_are_apart():
    z, y, held_out = line()
    said = z[:, 0]
    known = goodness(y, said, held_out)
    for fit, part in ((known.held_out, held_out), (known.training, ~held_out)):
        assert fit.r2 == pytest.approx(r2_score(y[part], said[part]))
        assert fit.rmse == pytest.approx(root_mean_squared_error(y[part], said[part]))
    assert known.overall is None
    assert goodness(y, said, None).overall.r2 == pytest.approx(r2_score(y, said))


def test_what_is_said_of_it():
    y = np.float32([0, 1, 2, 3, 4, 5])
    said = y + np.float32([1, -1, 1, -1, 0, 0])
    held_out = np.arange(6) >= 3
    assert goodness(y, said, held_out).facts == [
        "held out R² 0.500 (training below 0)",
        "RMSE 0.577 (1.00)",
    ]
    nothing = np.zeros(6, bool)
    assert goodness(y, said, nothing).facts[0] == "training R² 0.771, nothing held out"
    assert goodness(y, said, None).facts[0] == "R² 0.771 (held out or not: unknown)"
    assert goodness(y * 0, said, None).facts[0] == "R² undefined (held out or not: unknown)"
    assert goodness(y, None, None).facts == []
    for scale, text in ((0.2, "0.163"), (1.5e4, "12,247"), (1e12, "8.16e+11")):
        assert goodness(y * scale, said * scale, None).facts[1] == f"RMSE {text}"


@pytest.mark.parametrize("scale", [1, 1e12])
@pytest.mark.parametrize("n_units", [5, 300])
def test_the_probe_is_the_ridge_of_scikit_learn(n_units, scale):
    z, y, held_out = line()
    rng = np.random.default_rng(2)
    z = np.hstack([z, rng.normal(size=(len(z), n_units - 5))])
    training, judging = np.flatnonzero(~held_out), np.flatnonzero(held_out)
    mean, deviation = z[training].mean(axis=0), z[training].std(axis=0)
    units = (z - mean) / deviation
    target = y.astype(np.float64)
    standard = (target - target[training].mean()) / target[training].std()
    model = Ridge(PENALTY, fit_intercept=False, solver="svd")
    model.fit(units[training], standard[training])
    expected = r2_score(standard[judging], model.predict(units[judging]))
    assert linear_r2(z, y * scale, held_out=held_out) == pytest.approx(expected, abs=1e-6)
    if n_units == 5:
        plain = LinearRegression().fit(z[training], y[training])
        assert plain.score(z[judging], y[judging]) == pytest.approx(expected, abs=1e-4)


def test_where_nothing_is_held_out_every_other_target_judges():
    z, y, _ = line()
    training, judging = split_rows(y, 0, None)
    assert abs(len(training) - len(judging)) <= 1
    assert sorted([*training, *judging]) == list(range(len(y)))
    # Neighbours in the order of the targets differ by all of their spread at most, together.
    assert abs(y[training].mean() - y[judging].mean()) < np.ptp(y) / len(judging)
    mask = np.isin(np.arange(len(y)), judging)
    assert linear_r2(z, y) == pytest.approx(linear_r2(z, y, held_out=mask), abs=1e-9)
    assert linear_r2(z, y, held_out=np.ones(len(y), bool)) == linear_r2(z, y)


def test_a_target_that_the_units_tell_nothing_of_is_not_told():
    rng = np.random.default_rng(3)
    score = linear_r2(rng.normal(size=(4_000, 10)), rng.normal(size=4_000))
    assert -0.03 < score < 0.01


def test_the_table_of_a_number_has_its_measures_and_that_of_classes_has_none():
    _, y, held_out = line()
    source = traced(held_out)
    table = measure(source)
    assert set(NAMES) <= set(table.columns)
    last = table.row(-1, named=True)
    said = source.predictions
    assert last["r2"] == pytest.approx(r2_score(y[held_out], said[held_out]))
    assert last["rmse_training"] == pytest.approx(
        root_mean_squared_error(y[~held_out], said[~held_out]), rel=1e-5
    )
    first = table.row(0, named=True)
    assert first["linear_probe_r2"] > 0.95
    assert first["r2"] is None
    reasons = {each["measure"]: each["reason"] for each in first["reasons"]}
    assert reasons["r2"].startswith("the prediction is the last representation")
    classes = Trace.from_arrays([np.eye(8)], np.arange(8) % 2)
    assert not set(NAMES) & set(measure(classes).columns)
    asked = measure(classes, measures=["r2"]).row(0, named=True)
    assert asked["reasons"][0]["reason"] == "the labels are classes, not numbers to predict"


@pytest.mark.parametrize(
    ("held_out", "name", "reason"),
    [
        (None, "r2_training", "it is not known which points were trained on"),
        (np.zeros(200, bool), "r2", "no point was held out"),
        (np.ones(200, bool), "rmse_training", "no point was trained on"),
    ],
)
def test_parts_that_there_are_not_are_missing(held_out, name, reason):
    row = measure(traced(held_out), measures=[name]).row(-1, named=True)
    assert row[name] is None
    assert row["reasons"] == [{"measure": name, "reason": reason}]


@pytest.mark.parametrize("n", [3, 200])
def test_a_target_of_one_value_and_three_rows_have_their_reason(n):
    x = np.random.default_rng(0).normal(size=(n, 2)).astype(np.float32)
    source = Trace.from_arrays([x, x[:, :1]], np.full(n, 0.5, np.float32))
    row = measure(source, measures=NAMES).row(-1, named=True)
    assert row["r2"] is None
    assert row["linear_probe_r2"] is None
    assert row["rmse"] > 0
    reasons = {each["measure"]: each["reason"] for each in row["reasons"]}
    undefined = "the targets of the points that judge do not differ: R² is undefined"
    assert reasons["r2"] == reasons["linear_probe_r2"] == undefined


def test_the_readout_tells_what_the_plane_hides():
    z, y, held_out = line()
    seen = readout(z, z[:, 1:3], y, held_out=held_out)
    assert seen.probe_full == pytest.approx(linear_r2(z, y, held_out=held_out))
    assert seen.probe_shown == pytest.approx(linear_r2(z[:, 1:3], y, held_out=held_out))
    assert seen.misleads
    shown = f"R² {seen.probe_shown:.2f} here, {seen.probe_full:.2f} in full"
    assert seen.caption.endswith(f"linear probe: {shown}")


def test_several_outputs_are_judged_by_the_one_that_colours():
    z, _, _ = line()
    x = z.astype(np.float32)
    model = [Affine(np.eye(5, 2, dtype=np.float32), np.zeros(2, np.float32), "output")]
    for colour in (0, 1):
        source = uk.trace(model, (x, x[:, :2] * [1, 2]), colour=colour)
        assert source.goodness.overall.r2 == pytest.approx((1, 0.75)[colour], abs=1e-2)
        row = measure(source, measures=["r2"]).row(-1, named=True)
        assert row["r2"] == pytest.approx(source.goodness.overall.r2)


def test_measures_of_a_view_need_one():
    row = measure(traced(), measures=["probe_shown_r2"]).row(0, named=True)
    assert row["reasons"][0]["reason"] == "no view was given: measure a Scene"
    assert entries["probe_shown_r2"].needs == ("view", "target")
