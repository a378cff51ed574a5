"""The page file holds what the network does, to sixteen bits."""

from dataclasses import replace

import hypothesis.extra.numpy as hnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from networks import cloud, network, readout_network, rings
from scipy import special

import unknot as uk
from unknot.errors import UnknotError, UsageError
from unknot.motion.directions import principal_directions
from unknot.network.activations import activations
from unknot.network.maps import Softmax
from unknot.network.mlp import MLP
from unknot.traces.note import Note
from unknot.traces.run import Checkpoint, History, Run
from unknot.views.page import excerpt, pack_page, page_file, unpack_page, values
from unknot.views.page.container import check_page_file
from unknot.views.page.values import frames, leading_directions, quantise


def run_of(data, *models):
    checkpoints = tuple(Checkpoint(7 * i, i / 2, m) for i, m in enumerate(models))
    history = History((0.5, float("nan")), (0.5, 0.75))
    return Run(models[-1], history, checkpoints, data, np.arange(0))


def read(source, **options):
    header, buffers = unpack_page(page_file(source, **options))
    check_page_file(header, buffers)
    return header, buffers


def stored(entry, buffers):
    low, high = np.array(entry["low"]), np.array(entry["high"])
    return low + (high - low) * (buffers[entry["buffer"]] / 65_535)


def worked_out(tree, values):
    """A formula of the page file, read as docs/page_file.md says."""
    if isinstance(tree, str):
        return values[tree]
    if not isinstance(tree, list):
        return tree
    operation, *arguments = tree
    arguments = [worked_out(each, values) for each in arguments]
    return OPERATIONS[operation](*arguments)


#: What stands in docs/page_file.md.
OPERATIONS = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": lambda a, b: a / b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
    "where": np.where,
    "maximum": np.maximum,
    "minimum": np.minimum,
    "abs": np.abs,
    "erf": special.erf,
    "exp": np.exp,
    "expm1": np.expm1,
    "log1p": np.log1p,
    "relu": lambda a: np.maximum(a, 0),
    "sigmoid": special.expit,
    "sin": np.sin,
    "softplus": lambda a: np.logaddexp(0, a),
    "tanh": np.tanh,
}


def forward(run, buffers, checkpoint):
    """What the viewer does with weights."""
    clouds = [stored(run["inputs"], buffers)]
    parameters, at = buffers[run["weights"]][checkpoint], 0
    for map_ in run["maps"]:
        n_in, n_out = map_["n_in"], map_["n_out"]
        if map_["kind"] == "affine":
            weight = parameters[at : at + n_in * n_out].reshape(n_in, n_out)
            bias = parameters[at + n_in * n_out : at + (n_in + 1) * n_out]
            at += (n_in + 1) * n_out
            clouds.append(clouds[-1] @ weight + bias)
        elif map_["kind"] == "activation":
            names, n = map_["parameters"], len(map_["parameters"]) * n_out
            own = dict(zip(names, parameters[at : at + n].reshape(-1, n_out), strict=True))
            at += n
            clouds.append(worked_out(map_["formula"], {"z": clouds[-1], **own}))
        else:
            assert map_["kind"] == "softmax"
            clouds.append(Softmax()(clouds[-1]))
    assert at == len(parameters)
    return clouds


@pytest.mark.slow
@pytest.mark.parametrize(
    "activation", [*activations, "leaky_relu(slope=[0.1, 0.5, 0.3, -0.2, 0])", "elu(alpha=2)"]
)
def test_weights_give_every_representation_of_every_checkpoint(activation):
    data = cloud(90, 3, 4)
    models = [network([3, 5, 5, 4], activation, "softmax", seed) for seed in range(3)]
    scaling = uk.Affine(np.diag([2, 3, 4]).astype(np.float32), np.ones(3, np.float32), "scaling")
    models = [MLP(m.layers, m.output, scaling) for m in models]
    run = run_of(data, *models)
    header, buffers = read(run)
    entry = header["runs"][0]
    assert entry["carrier"] == "weights"
    assert [c["step"] for c in entry["checkpoints"]] == [0, 7, 14]
    assert entry["history"]["loss"] == [0.5, None]
    for i in range(3):
        wanted = [r.values for r in uk.trace(run, checkpoint=i).representations]
        for got, want in zip(forward(entry, buffers, i), wanted, strict=True):
            assert np.abs(got - want).max() < 1e-3 * np.ptp(want)


def test_stored_values_are_the_representations():
    rng = np.random.default_rng(0)
    arrays = [rng.normal(size=(50, n)) * 10.0**n for n in (2, 3, 5)]
    trace = uk.Trace.from_arrays(arrays, np.arange(50) % 2)
    header, buffers = read(trace)
    entry = header["runs"][0]
    assert entry["carrier"] == "values"
    assert [m["kind"] for m in entry["maps"]] == ["opaque", "opaque"]
    for k, want in enumerate(arrays):
        step = np.ptp(want, axis=0) / 65_535
        assert (np.abs(stored(entry["values"][0][k], buffers) - want) <= step / 2 * 1.001).all()
    assert np.array_equal(buffers[entry["labels"]], trace.labels)


def test_stored_covariances_are_those_of_the_trace():
    rng = np.random.default_rng(0)
    trace = uk.Trace.from_arrays([rng.normal(size=(50, 4)), rng.normal(size=(50, 2))], [0, 1] * 25)
    header, buffers = read(trace)
    first, second = header["runs"][0]["statistics"][0]
    want = np.cov(trace.representations[0].values.T, bias=True)
    assert np.abs(buffers[first["covariance"]] - want).max() < 1e-12
    assert np.allclose(buffers[first["mean"]], trace.representations[0].values.mean(axis=0))
    assert second is None  # every view shows both units


def wide_network(n=300):
    """784 → 200 relu → 5: too much for the browser to run, with ends too wide to be stored."""
    rng = np.random.default_rng(0)
    low_rank = rng.normal(size=(n, 20)) @ rng.normal(size=(20, 784))
    data = cloud(n, 784, 5)
    data = replace(data, x=(low_rank / 20).astype(np.float32))
    return uk.trace(network([784, 200, 5], output="softmax"), data)


def test_wide_layers_keep_their_names_and_maps():
    trace = wide_network()
    header, buffers = read(trace)
    entry = header["runs"][0]
    assert entry["carrier"] == "values"
    representations = entry["representations"]
    assert [r["name"] for r in representations] == [r.name for r in trace.representations]
    assert [r["n_units"] for r in representations] == [64, 64, 64, 5, 5]
    assert [r["whole_units"] for r in representations] == [784, 200, 200, 5, 5]
    assert representations[0]["reduced"] == "64 directions stand for 784 units, 100% of the spread"
    assert representations[3]["reduced"] is None
    kinds = [(m["kind"], m["name"], m["is_reduced"]) for m in entry["maps"]]
    assert kinds == [
        ("affine", "hidden 1", True),
        ("activation", "relu", True),
        ("affine", "output", True),
        ("softmax", "softmax", False),
    ]
    for k in range(3):  # nearly all of each cloud lies in the directions that are kept
        got = stored(entry["values"][0][k], buffers)
        want = trace.representations[k].values.var(axis=0).sum()
        assert 0.8 < got.var(axis=0).sum() / want <= 1.001


def test_an_activation_is_seen_in_one_frame():
    """(1 − t) z + t σ(z) in kept directions is what the page blends."""
    trace = wide_network()
    before, after = frames(trace)[1:3]
    assert before is after
    assert np.allclose(before.T @ before, np.eye(64), atol=1e-10)


@pytest.mark.slow
def test_what_a_map_hands_on_follows_from_the_kept_directions():
    trace = wide_network()
    entry, buffers = read(trace)[0]["runs"][0], read(trace)[1]
    weight = buffers[entry["affine"][0][0]["weight"]]
    bias = buffers[entry["affine"][0][0]["bias"]]
    clouds = [stored(entry["values"][0][k], buffers) for k in (0, 1)]
    # The input has rank 20, so nothing is lost of it.
    assert np.abs(clouds[0] @ weight + bias - clouds[1]).max() < 2e-3 * np.ptp(clouds[1])


def test_moderately_wide_layers_are_stored_whole():
    rng = np.random.default_rng(0)
    trace = uk.Trace.from_arrays([rng.normal(size=(50, 2)), rng.normal(size=(50, 128))], [0] * 50)
    representation = read(trace)[0]["runs"][0]["representations"][1]
    assert representation["reduced"] is None
    assert representation["n_units"] == representation["whole_units"] == 128


def with_an_opaque_map(**changes):
    """A plane whose second map is not known, with the lattice that the model itself gave."""
    traced = uk.trace(network([2, 5, 1]), rings(60))
    maps = (traced.maps[0], uk.Opaque("mystery"), *traced.maps[2:])
    return replace(traced, maps=maps, **changes)


def test_stored_values_carry_the_lattice():
    trace = with_an_opaque_map()
    header, buffers = read(trace)
    lines = header["runs"][0]["lattice"]
    lattice = trace.lattice
    assert lines["n_grid_lines"] == lattice.n_grid_lines
    assert np.array_equal(buffers[lines["offsets"]], lattice.offsets)
    for k, want in enumerate(lattice.values):
        step = np.ptp(want, axis=0) / 65_535
        assert (np.abs(stored(lines["values"][k], buffers) - want) <= step * 0.501 + 1e-6).all()
    assert read(with_an_opaque_map(lattice=None))[0]["runs"][0]["lattice"] is None


def test_a_large_lattice_keeps_the_ends_of_its_lines(monkeypatch):
    monkeypatch.setattr(values, "MOST_LATTICE_VALUES", 20_000)
    trace = with_an_opaque_map()
    lines, buffers = read(trace)[0]["runs"][0]["lattice"], read(trace)[1]
    offsets, whole = buffers[lines["offsets"]], trace.lattice.offsets
    assert len(offsets) == len(whole)
    assert offsets[-1] < whole[-1] / 4
    got = stored(lines["values"][0], buffers)
    want = trace.lattice.values[0]
    assert np.allclose(got[offsets[:-1]], want[whole[:-1]], atol=1e-4)
    assert np.allclose(got[offsets[1:] - 1], want[whole[1:] - 1], atol=1e-4)


def test_notes_for_readers_are_carried():
    notes = (
        Note("Traced with torch.fx.", "maker"),
        Note("The model branches: <b>side</b> is left out."),
    )
    entry = read(with_an_opaque_map(notes=notes))[0]["runs"][0]
    assert entry["notes"] == [notes[1].text]


def test_leading_directions_are_the_principal_ones():
    rng = np.random.default_rng(1)
    values_ = rng.normal(size=(300, 90)) * 0.9 ** np.arange(90)
    got, want = leading_directions(values_, 5), principal_directions(values_)[0][:, :5]
    assert np.abs(got - want).max() < 1e-2
    few = leading_directions(values_[:3], 64)
    assert np.allclose(few.T @ few, np.eye(64), atol=1e-12)
    none = leading_directions(values_[:0], 64)
    assert np.allclose(none.T @ none, np.eye(64))


def test_what_does_not_fit_is_thinned_and_said(monkeypatch):
    monkeypatch.setattr(excerpt, "MOST_VALUES", 5_000)
    rng = np.random.default_rng(0)
    labels = (np.arange(3_000) % 10 == 0).astype(int)
    trace = uk.Trace.from_arrays([rng.normal(size=(3_000, 3))] * 2, labels)
    header, buffers = read(trace)
    entry = header["runs"][0]
    assert entry["n_points"] == 1_000
    assert "3,000 points (1,000 shown)" in header["description"]
    shown = buffers[entry["labels"]]
    assert abs(shown.mean() - 0.1) < 0.002  # classes keep their shares


def test_a_lattice_is_for_two_features_whose_maps_are_known():
    assert read(uk.trace(network([2, 3, 1]), rings(20)))[0]["runs"][0]["lattice"] is not None
    assert read(uk.trace(network([3, 3, 1]), cloud(20, 3, 2)))[0]["runs"][0]["lattice"] is None


def test_regression_targets_are_places_on_a_scale():
    x = np.random.default_rng(0).normal(size=(40, 2))
    y = np.linspace(-5, 7.5, 40)
    header, buffers = read(uk.Trace.from_arrays([x], y))
    entry = header["runs"][0]
    labels = buffers[entry["labels"]]
    assert entry["class_names"] == []
    low, high = np.quantile(y, [0.005, 0.995])
    assert np.isclose([entry["target"]["low"], entry["target"]["high"]], [low, high]).all()
    assert entry["measures"] == {}
    assert labels.min() == 0
    assert labels.max() == 1
    assert (np.diff(labels) >= 0).all()


def test_the_probe_along_the_network_is_the_one_that_is_measured():
    run = run_of(rings(30_000), *(network([2, 3, 1], seed=seed) for seed in range(3)))
    entry = read(run)[0]["runs"][0]
    assert entry["target"] is None
    wanted = uk.measure(run, measures=["linear_probe"])["linear_probe"].to_numpy().reshape(3, -1)
    assert np.abs(np.array(entry["measures"]["linear_probe"]) - wanted).max() < 1e-6
    assert entry["measures"]["chance"] == 0.5


def test_a_long_training_is_probed_at_some_checkpoints(monkeypatch):
    models = [network([2, 3, 1], seed=seed) for seed in range(5)]
    # Points × units (with a bias) × classes after the input of one checkpoint.
    one = 200 * (4 + 4 + 2 + 2) * 2
    monkeypatch.setattr(excerpt, "MOST_PROBING", 3 * one)
    curves = read(run_of(rings(200), *models))[0]["runs"][0]["measures"]["linear_probe"]
    assert [curve is None for curve in curves] == [False, True, False, True, False]
    assert [len(curve) for curve in curves[::2]] == [5, 5, 5]


def test_one_class_or_no_points_have_no_probe():
    values = np.random.default_rng(0).normal(size=(20, 2))
    for labels in (np.zeros(20, int), np.zeros(20), [0, 1] + [0] * 18):
        measures = read(uk.Trace.from_arrays([values], labels))[0]["runs"][0]["measures"]
        assert measures == {} or measures["chance"] == 0.95


@given(
    hnp.arrays(
        np.float32,
        st.tuples(st.integers(0, 20), st.integers(1, 4)),
        elements=st.floats(-(2.0**90), 2.0**90, width=32),
    ),
    st.booleans(),
)
@settings(deadline=None)
def test_quantising_is_off_by_half_a_step_at_most(array, is_fine):
    quantised = quantise(array, is_fine=is_fine)
    steps = 65_535 if is_fine else 4_095
    step = np.ptp(array.astype(np.float64), axis=0) / steps if len(array) else 0
    assert (np.abs(quantised.values - array) <= step * 0.501 + 1e-300).all()


@given(
    st.dictionaries(
        st.text(max_size=5),
        hnp.arrays(
            st.sampled_from([np.float32, np.uint16, np.uint8, np.int32]),
            st.lists(st.integers(0, 4), max_size=3).map(tuple),
        ),
        max_size=4,
    ),
    st.text(max_size=20),
)
@settings(deadline=None)
def test_a_container_gives_back_what_was_put_in(buffers, title):
    names = {name.encode("utf-8", "replace").decode(): a for name, a in buffers.items()}
    data = pack_page({"title": title}, names)
    header, got = unpack_page(data)
    assert header["title"] == title.encode("utf-8", "replace").decode()
    assert header["format"] == "unknot-page"
    assert got.keys() == names.keys()
    for name, array in names.items():
        assert got[name].shape == array.shape
        assert got[name].tobytes() == array.tobytes()
        assert header["buffers"][name]["offset"] % 8 == 0


def test_broken_files_are_told():
    data = page_file(uk.trace(network([2, 3, 1]), rings(20)))
    for cut in (0, 3, 11, 100, len(data) - 1):
        with pytest.raises(UnknotError, match=r"not an unknot page file|damaged"):
            unpack_page(data[:cut])
    with pytest.raises(UnknotError) as caught:
        unpack_page(data[:4] + (7).to_bytes(4, "little") + data[8:])
    assert str(caught.value) == (
        "This page file was made by a newer unknot (format 7); this one reads format 2.\n"
        "Install the newer version."
    )


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda run: run.update(maps=run["maps"][:-1]), "not joined by"),
        (lambda run: run.update(checkpoints=[]), "has no checkpoint"),
        (lambda run: run.update(n_points=-1), "number of points"),
        (lambda run: run["maps"][0].update(n_out=9), "does not lead"),
        (lambda run: run["maps"][1].update(formula=["alert", "z"]), "is not understood"),
        (lambda run: run["maps"][1].update(formula=["relu", "slope"]), "is not understood"),
        (lambda run: run["maps"][1].update(formula=["+", "z"]), "is not understood"),
        (lambda run: run["maps"][1].update(formula=[]), "is not understood"),
        (lambda run: run["maps"][1].pop("formula"), "not complete"),
        (lambda run: run["maps"][1].update(kind="magic"), "no known kind"),
        (lambda run: run.update(carrier="pigeon"), "neither weights nor values"),
        (lambda run: run.update(class_colours=[]), "no colour"),
        (lambda run: run["inputs"].update(low=[0]), "one value a feature"),
        (lambda run: run.update(labels="run0.inputs"), "label a point"),
        (lambda run: run.update(weights="run0.labels"), "one weight a connection"),
        (lambda run: run.update(target={"low": 0, "high": None}), "ends of its target"),
        (lambda run: run["measures"].update(linear_probe=[]), "linear probe"),
        (lambda run: run["measures"]["linear_probe"][0].pop(), "linear probe"),
        (lambda run: run["measures"]["linear_probe"][0].append("x"), "linear probe"),
        (lambda run: run["measures"].update(chance=None), "linear probe"),
        (lambda run: run.pop("maps"), "not complete"),
        (lambda run: run.update(colour_unit=1), "the output that colours"),
    ],
)
def test_a_damaged_header_is_told(damage, message):
    header, buffers = unpack_page(page_file(uk.trace(network([2, 3, 1]), rings(20))))
    damage(header["runs"][0])
    with pytest.raises(UnknotError, match=message):
        check_page_file(header, buffers)


@pytest.mark.parametrize(
    "damage",
    [
        lambda lattice: lattice.update(n_grid_lines=-1),
        lambda lattice: lattice["values"].pop(),
        lambda lattice: lattice["values"][1].update(low=[0]),
        lambda lattice: lattice.update(offsets="run0.labels"),
    ],
)
def test_a_damaged_lattice_is_told(damage):
    header, buffers = unpack_page(page_file(with_an_opaque_map()))
    damage(header["runs"][0]["lattice"])
    with pytest.raises(UnknotError, match="its lattice has not one place"):
        check_page_file(header, buffers)


def test_a_scene_without_runs_is_told():
    with pytest.raises(UnknotError, match="holds no runs"):
        check_page_file({"runs": []}, {})


def test_wrong_calls_are_told():
    trace = uk.trace(readout_network(), rings(20))
    with pytest.raises(UsageError) as caught:
        page_file("circles")  # pyright: ignore[reportArgumentType]
    assert str(caught.value) == (
        "Expected a Trace, a Run or a Scene; got a str.\n"
        "Make a trace of any network: trace(model, data)."
    )
    with pytest.raises(UsageError, match="Expected a Trace, a Run or a Scene; got an int"):
        page_file([trace, 3])  # pyright: ignore[reportArgumentType]
    with pytest.raises(UsageError, match="shows 1 to 4 networks; got 5"):
        page_file([trace] * 5)
    with pytest.raises(UsageError, match="2 or 3 axes; got 4"):
        page_file(trace, n_axes=4)


def test_no_points_at_all():
    for arrays in ([np.zeros((0, 5)), np.zeros((0, 200))], [np.zeros((0, 1))]):
        header, _ = read(uk.Trace.from_arrays(arrays, np.zeros(0)))
        assert header["runs"][0]["n_points"] == 0


def test_every_checkpoint_has_its_loss_and_accuracy_of_both_parts():
    data = rings(300)
    models = [readout_network(seed) for seed in range(4)]
    run = replace(run_of(data, *models), validation_rows=np.arange(0, 300, 3))
    header, buffers = read(run)
    entry = header["runs"][0]
    is_held_out = np.arange(300) % 3 == 0
    assert np.array_equal(buffers[entry["held_out"]], is_held_out)
    for i, model in enumerate(models):
        p = uk.trace(model, data).probabilities.astype(np.float64)
        right = p.argmax(axis=1) == data.y
        surprise = -np.log(p[np.arange(300), data.y])
        for prefix, rows in (("", ~is_held_out), ("validation_", is_held_out)):
            assert entry["metrics"][f"{prefix}accuracy"][i] == pytest.approx(right[rows].mean())
            loss = entry["metrics"][f"{prefix}loss"][i]
            assert loss == pytest.approx(surprise[rows].mean(), rel=1e-4)
    last = (100 * right[is_held_out].mean(), 100 * right[~is_held_out].mean())
    assert "held out {:.1f} % (training {:.1f} %)".format(*last) in header["description"]


def test_a_loss_stays_finite_where_the_probability_is_rounded_to_none():
    data = rings(50)
    model = readout_network(0)
    sure = replace(model.layers[-1], bias=np.float32([400.0]))
    run = run_of(data, replace(model, layers=(*model.layers[:-1], sure)))
    (loss,) = read(run)[0]["runs"][0]["metrics"]["loss"]
    assert 100 < loss < 400


def test_metrics_of_regression_and_of_a_trace():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(40, 2)).astype(np.float32)
    model = network([2, 3, 1], output="linear")
    y = rng.normal(size=40).astype(np.float32)
    data = uk.Dataset(x, y, (), ("a", "b"), "numbers")
    metrics = read(run_of(data, model))[0]["runs"][0]["metrics"]
    error = uk.trace(model, data).representations[-1].values[:, 0] - y
    assert metrics == {
        "loss": [pytest.approx(float((error**2).mean()), rel=1e-4)],
        "accuracy": [pytest.approx(1 - float((error**2).mean() / y.var()), rel=1e-4)],
        "validation_loss": [],
        "validation_accuracy": [],
    }
    assert read(uk.trace(model, data))[0]["runs"][0]["metrics"] is None


def test_a_run_carries_what_the_page_trains_with():
    data = rings(60)
    settings = {"optimizer": "adam", "learning_rate": 0.05, "steps": 30, "batch_size": 16}
    run = replace(run_of(data, readout_network(0), readout_network(1)), settings=settings)
    training = read(run)[0]["runs"][0]["training"]
    assert (training["optimiser"], training["rate"], training["batch"]) == ("adam", 0.05, 16)
    assert training["is_scheduled"]
    assert (training["n_fixed"], training["decay"], training["targets"]) == (0, 0.0, None)
    formulas = {each["name"]: each["formula"] for each in training["activations"]}
    assert formulas["relu"] == ["relu", "z"]
    assert formulas.keys() == set(activations) - {"linear"}
    assert read(uk.trace(readout_network(0), data))[0]["runs"][0]["training"] is None


def simplex(n, n_units):
    y = np.arange(n) % 7
    draw = np.random.default_rng(0).normal(size=(n, n_units))
    return uk.datasets.from_arrays((5 * np.eye(7, n_units)[y] + draw).astype(np.float32), y)


@pytest.mark.parametrize("n_units", [9, 150])
def test_planes_that_were_fitted_are_carried(n_units):
    data = simplex(700, n_units)
    # The way to the second is not known, so that values are carried and not weights.
    trace = uk.Trace.from_arrays([data.x, data.x[:, :2]], data.y)
    header, buffers = read(trace)
    carried = header["runs"][0]["planes"][0]
    for n_axes in (2, 3):
        frame = uk.Scene(trace, n_axes=n_axes).stops[0].frame
        got = buffers[carried[f"axes_{n_axes}"]]
        own = frames(trace)[0]
        whole = got if own is None else own @ got
        # Of 150 units the page has the 64 directions in which the cloud varies most: less than
        # half a right angle lies between the two planes.
        overlap = np.linalg.svd(whole.T @ frame, compute_uv=False)
        assert overlap.min() > (np.sqrt(0.5) if own is not None else 1 - 1e-12)
    header["runs"][0]["planes"] = []
    with pytest.raises(UnknotError) as caught:
        check_page_file(header, buffers)
    assert "its planes are not one a representation" in str(caught.value)
    small = uk.Trace.from_arrays([data.x[:40]], data.y[:40] % 2)
    assert read(small)[0]["runs"][0]["planes"] is None


def test_the_corners_of_more_classes_than_units_are_stored_are_carried():
    n_classes = 150
    rng = np.random.default_rng(0)
    logits = rng.normal(size=(200, n_classes)).astype(np.float32)
    softmax = uk.Softmax()
    clouds = [logits[:, :5], logits, softmax(logits)]
    # Probes of all classes take long, and are not what is asked.
    y = np.where(np.arange(200) < 20, np.arange(200) % 2, -1)
    names = [f"class {c}" for c in range(n_classes)]
    maps = [uk.Opaque("model"), softmax]
    trace = uk.Trace.from_arrays(clouds, y, maps=maps, class_names=names)
    header, buffers = read(trace)
    for k in (1, 2):
        carried, own = header["runs"][0]["planes"][k], frames(trace)[k]
        np.testing.assert_allclose(own.T @ own, np.eye(own.shape[1]), atol=1e-9)
        for n_axes in (2, 3):
            stop = uk.Scene(trace, n_axes=n_axes).stops[k]
            assert stop.are_corners
            np.testing.assert_allclose(
                own @ buffers[carried[f"axes_{n_axes}"]], stop.frame, atol=1e-6
            )
            assert carried[f"labels_{n_axes}"] == list(stop.axis_labels)


def test_the_plane_of_a_target_is_carried_with_the_names_of_its_axes():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(200, 5)).astype(np.float32)
    trace = uk.Trace.from_arrays([x, x[:, :2]], x[:, 3] + x[:, 4])
    header, buffers = read(trace)
    carried, nothing = header["runs"][0]["planes"]
    assert nothing is None
    for n_axes in (2, 3):
        stop = uk.Scene(trace, n_axes=n_axes).stops[0]
        np.testing.assert_allclose(buffers[carried[f"axes_{n_axes}"]], stop.frame, atol=1e-6)
        assert carried[f"labels_{n_axes}"] == list(stop.axis_labels)
    assert carried["name"] == "linear regression"
