"""A map that scales each unit by itself keeps its diagonal, whatever is done with it."""

import numpy as np
import pytest

import unknot as uk
from unknot.errors import UsageError
from unknot.motion.scene import Scene
from unknot.network.maps import MOST_UNITS, Affine
from unknot.traces.recorded import map_between
from unknot.traces.storage import load
from unknot.views.page import page_file

rng = np.random.default_rng(0)
SCALE = rng.uniform(0.5, 20, 5).astype(np.float32) * np.float32([1, -1, 1, 1, 1])
BIAS = rng.normal(size=5).astype(np.float32)


def test_it_is_the_map_of_its_matrix():
    diagonal, whole = Affine(SCALE, BIAS, "scaling"), Affine(np.diag(SCALE), BIAS, "scaling")
    x = rng.normal(size=(40, 5)).astype(np.float32)
    # A product with zeros adds nothing: no rounding differs.
    np.testing.assert_array_equal(diagonal(x), whole(x))
    np.testing.assert_array_equal(diagonal.weight, whole.weight)
    np.testing.assert_allclose(diagonal.singular_values, whole.singular_values, rtol=1e-6)
    np.testing.assert_array_equal(diagonal.before(x.T), whole.before(x.T))
    assert diagonal(x).dtype == np.float32
    for name in ("shape", "is_wide", "precision"):
        assert getattr(diagonal, name) == getattr(whole, name)
    own, same = diagonal.factors(x), whole.factors(x)
    assert own.determinant_sign == same.determinant_sign == -1
    np.testing.assert_allclose(own.scales, same.scales, rtol=1e-6)
    matrix = own.source * own.scales @ own.target.T
    np.testing.assert_allclose(matrix, diagonal.weight, rtol=1e-6)
    assert repr(diagonal) == repr(whole) == "Affine(5 → 5, name='scaling')"
    assert (diagonal.scale is SCALE, whole.scale) == (True, None)


@pytest.mark.parametrize(
    ("scale", "sign"), [([2, 3], 1), ([2, -3], -1), ([-2, -3], 1), ([0, -3], 0)]
)
def test_its_determinant(scale, sign):
    map_ = Affine(np.array(scale, np.float32), np.zeros(2, np.float32))
    assert map_.factors().determinant_sign == sign


def test_half_way_between_two_it_is_one():
    half = map_between(Affine(SCALE, BIAS), Affine(3 * SCALE, BIAS), 0.5)
    np.testing.assert_allclose(half.scale, 2 * SCALE, rtol=1e-6)
    mixed = map_between(Affine(SCALE, BIAS), Affine(np.diag(3 * SCALE), BIAS), 0.5)
    np.testing.assert_allclose(mixed.weight, np.diag(2 * SCALE), rtol=1e-6)


def test_a_file_holds_no_more_than_the_diagonal(tmp_path):
    n = 2_000
    x = rng.normal(size=(4, n)).astype(np.float32)
    scaling = Affine(np.full(n, 2, np.float32), np.zeros(n, np.float32), "scaling")
    trace = uk.Trace.from_arrays([x, scaling(x)], [0, 1, 0, 1], maps=[scaling])
    path = trace.save(tmp_path / "t.safetensors")
    # Its matrix would take 16 MB.
    assert path.stat().st_size < 500_000
    back = load(path).maps[0]
    np.testing.assert_array_equal(back.scale, scaling.scale)


def test_a_diagonal_changes_no_number_of_units():
    from unknot.traces.map_format import map_arrays
    from unknot.traces.schema import DamagedError

    entry = {"kind": "Affine", "name": "a", "is_diagonal": True}
    with pytest.raises(DamagedError, match=r"map\.0 is diagonal, but 3 units become 2"):
        map_arrays(entry, "map.0", 3, 2)
    x, maps = np.zeros((2, 3), np.float32), [Affine(np.ones(2), np.zeros(3))]
    with pytest.raises(UsageError, match=r"must have a weight of shape \(3, 3\)"):
        uk.Trace.from_arrays([x, x], [0, 1], maps=maps)


@pytest.mark.slow
def test_nothing_makes_a_matrix_of_a_wide_one(tmp_path, monkeypatch):
    n = MOST_UNITS + 88
    x = (rng.normal(size=(30, n)) * rng.uniform(0.5, 20, n)).astype(np.float32)
    data = uk.Dataset(x, np.arange(30) % 2, ("a", "b"), tuple(f"c{i}" for i in range(n)))
    whole = Affine.weight.fget

    def only_of_dense(map_):
        assert map_.scale is None or len(map_.scale) <= MOST_UNITS, "a matrix of a wide diagonal"
        return whole(map_)

    monkeypatch.setattr(Affine, "weight", property(only_of_dense))
    run = uk.fit(data, hidden=[4], steps=20, standardise=True, progress=False)
    assert run.model.scaling.scale is not None
    run.save(tmp_path / "r.safetensors")
    trace = uk.trace(load(tmp_path / "r.safetensors"))
    trace.save(tmp_path / "t.safetensors")
    trace = load(tmp_path / "t.safetensors")
    scene = Scene(trace)
    for t in np.linspace(0, 1, 9):
        assert np.isfinite(scene.points(float(t))).all()
    np.testing.assert_allclose(
        scene.points(1 - 1e-6), scene.points(1.0), atol=1e-3 * np.abs(scene.points(1.0)).max()
    )
    uk.measure(trace, measures=["smallest_singular_value", "determinant_sign", "condition_number"])
    uk.figure(trace)
    uk.figure(trace, what="diagram")
    assert len(page_file(run)) < 10 * x.nbytes


@pytest.mark.filterwarnings("ignore")
def test_scalers_of_any_width_are_known():
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    x = rng.normal(size=(60, 3_000)) * rng.uniform(0.5, 20, 3_000)
    model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=20)).fit(
        x, np.arange(60) % 2
    )
    scaler = uk.trace(model, (x, np.arange(60) % 2)).maps[0]
    assert isinstance(scaler, Affine)
    assert scaler.scale is not None
