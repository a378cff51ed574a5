"""trace: every representation equals the layer by layer definition."""

from dataclasses import replace

import numpy as np
import pytest
from networks import cloud, network, note_texts, readout_network, rings
from scipy.special import softmax as scipy_softmax

from unknot.adapters.frameworks import FRAMEWORKS
from unknot.datasets.dataset import Dataset
from unknot.errors import UsageError
from unknot.network.activations import activations
from unknot.network.maps import Activation, Affine, Softmax
from unknot.traces.representation import Trace
from unknot.traces.run import Checkpoint, History, Run
from unknot.traces.tracing import BATCH, trace


def as_run(model, data):
    before = network([2, 6, 2, 1], seed=99)
    checkpoints = (Checkpoint(0, 0.0, before), Checkpoint(10, 1.0, model))
    return Run(model, History((0.1,)), checkpoints, data, np.array([1, 3]))


@pytest.mark.parametrize("activation", list(activations))
def test_representations_are_the_layers(activation):
    model, data = network([2, 5, 3, 1], activation), rings(100)
    traced = trace(model, data)
    values = data.x
    expected = [values]
    for layer in model.layers:
        values = values @ layer.weight + layer.bias
        expected.append(values)
        if layer.activation != "linear":
            values = activations[layer.activation](values)
            expected.append(values)
    expected.append(1 / (1 + np.exp(-values)))
    # A linear hidden layer has no activation map of its own.
    assert len(traced.representations) == len(expected)
    for representation, values in zip(traced.representations, expected, strict=True):
        assert representation.values.dtype == np.float32
        np.testing.assert_allclose(representation.values, values, rtol=1e-5, atol=1e-6)


def test_names_maps_and_probabilities_of_the_notebooks_network():
    traced = trace(readout_network(), rings())
    assert [r.name for r in traced.representations] == [
        "input",
        "hidden 1 pre-activation",
        "hidden 1",
        "readout",
        "logit",
        "probability",
    ]
    assert [type(m) for m in traced.maps] == [Affine, Activation, Affine, Affine, Activation]
    assert traced.representations[0].unit_names == ("x", "y")
    assert traced.probabilities.shape == (400, 2)
    np.testing.assert_allclose(traced.probabilities.sum(axis=1), 1, rtol=1e-6)
    assert note_texts(traced) == (
        "The readout has 2 units: of the 6 units of hidden 1 only 2 combinations can pass (rank 2 "
        "at most).",
    )


def test_softmax_ends_a_network_of_many_classes():
    traced = trace(network([3, 4, 5], output="softmax"), cloud(50, 3, 5))
    assert traced.maps[-1] == Softmax()
    assert traced.is_exact
    logits = traced.representations[-2].values
    np.testing.assert_allclose(traced.probabilities, scipy_softmax(logits, axis=1), rtol=1e-5)
    assert traced.lattice is None


def test_regression_ends_with_its_output():
    data = cloud(50, 3, 2)
    data = Dataset(data.x, data.x[:, 0], (), data.feature_names)
    traced = trace(network([3, 4, 1], output="linear"), data)
    assert traced.representations[-1].name == "output"
    assert traced.probabilities is None
    assert traced.n_classes == 0


def test_scaling_is_the_first_map():
    scaling = Affine(np.diag([2.0, 3.0]).astype(np.float32), np.float32([1, 1]), "scaling")
    traced = trace(replace(network([2, 3, 1]), scaling=scaling), rings(20))
    assert traced.representations[1].name == "scaled input"
    assert traced.unit_titles(1) == tuple(f"{name}, scaled" for name in rings(20).feature_names)
    expected = rings(20).x * np.float32([2, 3]) + 1
    np.testing.assert_allclose(traced.representations[1].values, expected, rtol=1e-6, atol=1e-6)


def test_batches_join_without_a_seam():
    model, data = network([3, 4, 1]), cloud(2 * BATCH + 7, 3, 2)
    whole = trace(model, data)
    part = trace(model, replace(data, x=data.x[BATCH - 3 : BATCH + 3], y=data.y[:6]))
    for a, b in zip(whole.representations, part.representations, strict=True):
        np.testing.assert_allclose(a.values[BATCH - 3 : BATCH + 3], b.values, rtol=1e-5, atol=1e-6)


def test_checkpoints_of_a_run():
    model, data = readout_network(), rings()
    run = as_run(model, data)
    np.testing.assert_array_equal(
        trace(run).representations[-1].values, trace(model, data).representations[-1].values
    )
    first = trace(run, checkpoint=0).representations[1].values
    assert not np.allclose(first, trace(run).representations[1].values)
    with pytest.raises(UsageError) as caught:
        trace(run, checkpoint=2)
    assert str(caught.value) == (
        "Checkpoint 2 does not exist: the run has 2.\n"
        "Choose 0 (before training) to 1, or −1 for the last."
    )


def test_errors():
    with pytest.raises(UsageError) as caught:
        trace(network([3, 2, 1]), rings())
    assert str(caught.value) == (
        "The network takes 3 features; 'rings' has 2.\n"
        "Trace the data it was trained on, or data with the same features."
    )
    with pytest.raises(UsageError) as caught:
        trace(network([2, 2, 1]))
    assert str(caught.value) == "A bare network knows no points: trace(model, data)."
    with pytest.raises(UsageError) as caught:
        trace(3, rings())
    assert str(caught.value) == (
        "Cannot trace int: unknot traces its own runs and models of "
        f"{', '.join(row.title for row in FRAMEWORKS.values())}.\n"
        "Any other network: Trace.from_arrays([x0, x1, …], labels, maps=[…])."
    )


X = np.arange(6.0).reshape(3, 2)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([], [0, 1]), "A trace needs at least one representation; got none."),
        (
            ([X, X[:2]], [0, 1, 0]),
            "Representation 'layer 1' has 2 rows for 3 labels; every representation holds the "
            "same points.",
        ),
        (
            ([X, X[:, 0]], [0, 1, 0]),
            "Representation 'layer 1' must have shape (n_points, n_units); got (3,).",
        ),
        (
            ([X * np.nan], [0, 1, 0]),
            "Representation 'input' has NaN or infinity in 3 of 3 rows.\n"
            "Drop those rows or find out why the network makes them.",
        ),
        (
            ([X], [[0, 1]]),
            "There are 3 points and 1 label.\nGive one label a point, in the same order.",
        ),
        (
            ([X], [None, None, ""]),
            "y has 3 missing values in 3 rows: no label at all.\n"
            "Give labels to some, or the points alone.",
        ),
        (
            ([np.array([["a"]])], [0]),
            "Representation 'input' must hold real numbers; got dtype <U1.",
        ),
    ],
)
def test_from_arrays_errors(arguments, message):
    with pytest.raises(UsageError) as caught:
        Trace.from_arrays(*arguments)
    assert str(caught.value) == message


def test_class_numbers_are_places_among_the_class_names():
    traced = Trace.from_arrays([X], [0, 2, 0])
    assert (traced.class_names, traced.labels.tolist()) == (("0", "1", "2"), [0, 2, 0])
    with pytest.raises(UsageError) as caught:
        Trace.from_arrays([X], [0, 2, 0], class_names=["a", "b"])
    assert str(caught.value) == (
        "y must hold the class numbers 0 to 1; got '2' in row 2.\n"
        "Leave class_names out to number the labels as they are."
    )


def test_from_arrays_checks_maps():
    with pytest.raises(UsageError) as caught:
        Trace.from_arrays([X, X], [0, 1, 0], maps=[Affine(np.eye(3), np.zeros(3), "dense")])
    assert str(caught.value) == (
        "Map 0 ('dense') must have a weight of shape (2, 2) and a bias of shape (2,); "
        "got (3, 3) and (3,)."
    )
    with pytest.raises(UsageError) as caught:
        Trace.from_arrays([X, X[:, :1]], [0, 1, 0], maps=[Activation("relu")])
    assert str(caught.value) == "Map 0 ('relu') acts unit by unit, but 2 units become 1."
    with pytest.raises(UsageError) as caught:
        Trace.from_arrays([X, X], [0, 1, 0], maps=[])
    assert str(caught.value) == "2 representations are joined by 1 maps; got 0."


def test_from_arrays_tells_classes_from_a_target():
    assert Trace.from_arrays([X], [0.0, 1.0, 0.0]).class_names == ("0", "1")
    assert Trace.from_arrays([X], [0.5, 1.0, 0.0]).class_names == ()
