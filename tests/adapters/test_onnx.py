"""ONNX: weights from the graph, values from onnxruntime."""

import numpy as np
import one_network
import pytest
from networks import cloud, note_texts, rings
from onnx import TensorProto, helper, numpy_helper
from skl2onnx import to_onnx
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import unknot as uk
from unknot import Activation, Affine, Opaque, UsageError


def kinds(traced):
    return [(type(m).__name__, m.name) for m in traced.maps]


def model_of(nodes, initial, inputs, outputs, shape=("n", 2)):
    """A model from (operator, inputs, output, attributes)."""
    graph = helper.make_graph(
        [helper.make_node(op, i, [o], name=f"/{o}/", **a) for op, i, o, a in nodes],
        "graph",
        [helper.make_tensor_value_info(i, TensorProto.FLOAT, shape) for i in inputs],
        [helper.make_tensor_value_info(o, TensorProto.FLOAT, None) for o in outputs],
        [numpy_helper.from_array(array, name) for name, array in initial.items()],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)


def reference_model(shape=("n", 2)):
    """The first layer a product and a sum, the others Gemm with either orientation."""
    (w0, w1, w2, w3), (b0, b1, b2, b3) = one_network.WEIGHTS, one_network.BIASES
    initial = {"up.weight": w0, "b0": b0, "on.weight": w1.T.copy(), "b1": b1}
    initial |= {"w2": w2, "b2": b2, "w3": w3 / 2, "b3": b3}
    nodes = [
        ("MatMul", ["x", "up.weight"], "p", {}),
        ("Add", ["p", "b0"], "z0", {}),
        ("Relu", ["z0"], "a0", {}),
        ("Gemm", ["a0", "on.weight", "b1"], "z1", {"transB": 1}),
        ("Tanh", ["z1"], "a1", {}),
        ("Dropout", ["a1"], "d1", {}),
        ("Gemm", ["d1", "w2", "b2"], "z2", {}),
        ("Gemm", ["z2", "w3", "b3"], "z3", {"alpha": 2.0}),
        ("Sigmoid", ["z3"], "y", {}),
    ]
    return model_of(nodes, initial, ["x"], ["y"], shape)


@pytest.mark.parametrize("shape", [("n", 2), (7, 2)], ids=["any number", "seven at once"])
def test_one_set_of_weights(shape):
    model = reference_model(shape)
    before = model.SerializeToString()
    traced = uk.trace(model, one_network.DATA)
    one_network.check(traced)
    assert [m.name for m in traced.maps][:3] == ["up", "relu", "on"]
    assert model.SerializeToString() == before


@pytest.mark.filterwarnings("ignore:.*(max_iter|iterations).*")
def test_a_pipeline_that_was_exported():
    data = cloud(200, 3, 3)
    model = make_pipeline(StandardScaler(), MLPClassifier((6,), max_iter=5, random_state=0))
    model.fit(data.x, data.y)
    traced = uk.trace(to_onnx(model, data.x[:1]), data)
    assert [kind for kind, _ in kinds(traced)] == [
        *("Affine", "Affine", "Activation", "Affine", "Softmax")
    ]
    assert kinds(traced)[-1] == ("Softmax", "softmax")
    np.testing.assert_allclose(traced.probabilities, model.predict_proba(data.x), atol=1e-5)


def test_unitwise_operators_and_batch_normalisation():
    rng = np.random.default_rng(0)
    four = {name: rng.uniform(0.5, 2, 2).astype(np.float32) for name in "gbmv"}
    initial = {"two": np.float32([2, 3]), **four}
    nodes = [
        ("Sub", ["x", "two"], "s", {}),
        ("Div", ["s", "two"], "d", {}),
        ("BatchNormalization", ["d", "g", "b", "m", "v"], "n", {}),
        ("LeakyRelu", ["n"], "l", {"alpha": 0.01}),
        ("LeakyRelu", ["l"], "k", {"alpha": 0.3}),
        ("Sub", ["two", "k"], "y", {}),
    ]
    traced = uk.trace(model_of(nodes, initial, ["x"], ["y"]), rings())
    assert [kind for kind, _ in kinds(traced)] == [
        *("Affine", "Affine", "Affine", "Activation", "Activation", "Affine")
    ]


def two_inputs():
    return model_of([("Add", ["a", "b"], "y", {})], {}, ["a", "b"], ["y"])


def two_outputs(one="one"):
    nodes = [("Relu", ["x"], one, {}), ("Tanh", ["x"], "two", {})]
    return model_of(nodes, {}, ["x"], [one, "two"])


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (
            lambda: reference_model(("n", 3)),
            "The ONNX model takes 3 features; the points have 2.\n"
            "Trace the data it was trained on, or data with the same features.",
        ),
        (
            two_inputs,
            "The ONNX model takes 2 inputs (a, b); got one array.\n"
            "Give all of them by name: trace(model, ({'name': array, …}, labels)).",
        ),
        (
            two_outputs,
            "The ONNX model returns a list of 2 arrays (one, two); unknot follows one array.\n"
            "Say where to end with path=[…, 'layer'], or trace a model that returns one of them.",
        ),
        (
            lambda: two_outputs("a\n\u202eb"),
            "The ONNX model returns a list of 2 arrays (a \\u202eb, two); unknot follows one "
            "array.\n"
            "Say where to end with path=[…, 'layer'], or trace a model that returns one of them.",
        ),
    ],
)
def test_errors(make, message):
    with pytest.raises(UsageError) as caught:
        uk.trace(make(), rings())
    assert str(caught.value) == message


def test_one_of_several_outputs():
    assert kinds(uk.trace(two_outputs(), rings(), path=["two"])) == [("Activation", "tanh")]


def test_an_operator_that_does_not_exist_is_onnxruntimes_to_say():
    broken = model_of([("Relu", ["x"], "y", {})], {}, ["x"], ["y"])
    broken.graph.node[0].op_type = "Nonsense"
    with pytest.raises(Exception, match="Nonsense") as caught:
        uk.trace(broken, rings())
    assert caught.value.__notes__[0].startswith("unknot: onnxruntime raised this")


def test_a_missing_package_is_named_with_its_command(monkeypatch):
    import sys

    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(uk.UnknotError) as caught:
        uk.trace(reference_model(), rings())
    assert str(caught.value) == (
        "Running an ONNX model needs onnxruntime, which is not installed.\n"
        "Install it: pip install 'unknot[onnx]'"
    )


@pytest.mark.parametrize("zipmap", [True, False])
@pytest.mark.parametrize("kind", ["linear", "perceptron", "forest"])
@pytest.mark.filterwarnings("ignore:.*(max_iter|iterations).*")
def test_classes_are_found_by_name(kind, zipmap):
    data = cloud(200, 3, 3)
    y = np.array(["class 9", "class 10", "class 11"])[data.y]
    model = {
        "linear": LogisticRegression(),
        "perceptron": MLPClassifier((6,), max_iter=20, random_state=0),
        "forest": RandomForestClassifier(5, random_state=0),
    }[kind].fit(data.x, y)
    exported = to_onnx(model, data.x[:1], options={id(model): {"zipmap": zipmap}})
    traced = uk.trace(exported, (data.x, y))
    columns = [list(model.classes_).index(name) for name in traced.class_names]
    assert columns == [2, 0, 1]
    np.testing.assert_allclose(
        traced.probabilities, model.predict_proba(data.x)[:, columns], atol=1e-5
    )
    if kind == "perceptron":
        assert traced.is_exact
        again = traced.class_probabilities(data.x)
        np.testing.assert_allclose(again, traced.probabilities, atol=1e-5)


@pytest.mark.parametrize(
    ("operator", "attributes", "expected"),
    [
        ("Relu", {}, Activation("relu")),
        ("Elu", {}, Activation("elu")),
        ("Elu", {"alpha": 0.5}, Activation("elu", alpha=0.5)),
        ("LeakyRelu", {}, Activation("leaky_relu")),
        ("LeakyRelu", {"alpha": 0.2}, Activation("leaky_relu", slope=0.2)),
        ("Celu", {"alpha": 0.5}, Activation("celu", alpha=0.5)),
        ("Selu", {}, Activation("selu")),
        ("Selu", {"alpha": 2.0}, Opaque("Selu")),
        ("HardSigmoid", {}, Opaque("HardSigmoid")),
        ("Gelu", {}, Activation("exact_gelu")),
        ("Gelu", {"approximate": "tanh"}, Activation("gelu")),
        ("Softplus", {}, Activation("softplus")),
        ("Mish", {}, Activation("mish")),
    ],
)
def test_parameters_are_read(operator, attributes, expected):
    """The points are positive: values tell none of these slopes below zero."""
    model = model_of([(operator, ["x"], "y", attributes)], {}, ["x"], ["y"])
    model.opset_import[0].version = 20
    model.ir_version = 9
    x = np.random.default_rng(0).uniform(0.1, 0.9, (300, 2)).astype(np.float32)
    assert uk.trace(model, x).maps == (expected,)


@pytest.mark.parametrize(
    ("operator", "inputs", "expected"),
    [
        ("PRelu", ["slopes"], Activation("leaky_relu", slope=[0.25, 0.5])),
        ("PRelu", ["one"], Activation("leaky_relu", slope=0.25)),
        ("Clip", ["low", "high"], Activation("hard_tanh", low=-2, high=3)),
        ("Clip", ["zero", "high"], Activation("relu6", ceiling=3)),
        ("Clip", ["low"], Opaque("Clip")),
    ],
)
def test_parameters_that_are_inputs_are_read(operator, inputs, expected):
    initial = {"slopes": np.float32([0.25, 0.5]), "one": np.float32([0.25])}
    initial |= {"low": np.float32(-2), "zero": np.float32(0), "high": np.float32(3)}
    initial = {name: initial[name] for name in inputs}
    model = model_of([(operator, ["x", *inputs], "y", {})], initial, ["x"], ["y"])
    x = 4 * np.random.default_rng(0).normal(size=(300, 2)).astype(np.float32)
    traced = uk.trace(model, x)
    assert traced.maps == (expected,)


def of_type(type_, nodes, initial):
    model = model_of(nodes, initial, ["x"], ["y"])
    model.graph.input[0].type.tensor_type.elem_type = type_
    model.graph.output[0].type.tensor_type.elem_type = TensorProto.FLOAT
    return model


def test_fractions_are_not_cut_off():
    table = np.arange(12, dtype=np.float32).reshape(6, 2)
    nodes = [("Gather", ["table", "x"], "y", {})]
    model = of_type(TensorProto.INT64, nodes, {"table": table})
    x = np.arange(10).reshape(5, 2) % 6
    expected = table[x].reshape(5, 4)
    for whole in (x, x.astype(np.float32)):
        traced = uk.trace(model, whole)
        np.testing.assert_array_equal(traced.representations[-1].values, expected)
    with pytest.raises(UsageError) as caught:
        uk.trace(model, x + 0.5)
    assert str(caught.value) == (
        "The ONNX model takes whole numbers (int64); the points have fractions.\n"
        "Give points of whole numbers, or export the model for float32."
    )
    assert not getattr(caught.value, "__notes__", [])


def test_double_precision_reaches_the_model():
    initial = {"centre": np.float64([1000, 1000])}
    nodes = [("Sub", ["x", "centre"], "d", {}), ("Cast", ["d"], "y", {"to": TensorProto.FLOAT})]
    model = of_type(TensorProto.DOUBLE, nodes, initial)
    x = 1000 + 1e-6 * np.random.default_rng(0).normal(size=(300, 2))
    traced = uk.trace(model, x)
    np.testing.assert_allclose(traced.representations[-1].values, x - 1000, atol=1e-12)


def reader(rows="n"):
    """Looks words up, leaves out those that the mask leaves out, and adds up the rest."""
    rng = np.random.default_rng(0)
    arrays = {
        "table": rng.normal(size=(20, 8)).astype(np.float32),
        "last": np.array([2]),
        "tokens": np.array([1]),
        "w": rng.normal(size=(8, 2)).astype(np.float32),
        "b": np.float32([1, -1]),
    }
    nodes = [
        ("Gather", ["table", "input_ids"], "embedded", {}),
        ("Cast", ["attention_mask"], "weights", {"to": TensorProto.FLOAT}),
        ("Unsqueeze", ["weights", "last"], "columns", {}),
        ("Mul", ["embedded", "columns"], "masked", {}),
        ("ReduceSum", ["masked", "tokens"], "pooled", {"keepdims": 0}),
        ("Gemm", ["pooled", "w", "b"], "logits", {}),
    ]
    graph = helper.make_graph(
        [helper.make_node(op, i, [o], name=f"/{o}/", **a) for op, i, o, a in nodes],
        "graph",
        [
            helper.make_tensor_value_info(name, TensorProto.INT64, (rows, 6))
            for name in ("input_ids", "attention_mask")
        ],
        [
            helper.make_tensor_value_info(name, TensorProto.FLOAT, None)
            for name in ("pooled", "logits")
        ],
        [numpy_helper.from_array(array, name) for name, array in arrays.items()],
    )
    opset = [helper.make_opsetid("", 17)]
    return helper.make_model(graph, opset_imports=opset, ir_version=8), arrays


@pytest.mark.parametrize("rows", ["n", 7], ids=["any number", "seven at once"])
@pytest.mark.parametrize("give", [dict, lambda x: tuple(x.values())], ids=["by name", "in order"])
def test_several_inputs_with_a_mask(rows, give):
    rng = np.random.default_rng(0)
    ids = rng.integers(0, 20, (300, 6))
    mask = (np.arange(6) < rng.integers(1, 7, (300, 1))).astype(np.int64)
    model, arrays = reader(rows)
    inputs = give({"input_ids": ids, "attention_mask": mask})
    traced = uk.trace(model, (inputs, np.arange(300) % 2))
    masked = arrays["table"][ids] * mask[..., None]
    assert "The model returns pooled, logits; its logits are followed." in note_texts(traced)
    names = ["input", "embedded", "masked", "pooled", "logits"]
    assert [r.name for r in traced.representations] == names
    np.testing.assert_allclose(traced["masked"].values, masked.reshape(300, -1), atol=1e-6)
    logits = masked.sum(1) @ arrays["w"] + arrays["b"]
    np.testing.assert_allclose(traced.representations[-1].values, logits, atol=1e-5)
    with pytest.raises(UsageError) as caught:
        uk.trace(model, {"input_ids": ids, "mask": mask})
    assert str(caught.value) == (
        "The ONNX model takes input_ids, attention_mask; got input_ids, mask.\n"
        "Give arrays by these names: trace(model, ({'name': array, …}, labels))."
    )


def test_a_scaler_in_double_precision_is_one():
    weight = np.random.default_rng(1).normal(size=(2, 3))
    initial = {"mean": np.float64([1e7, 3]), "scale": np.float64([0.5, 2]), "w": weight}
    nodes = [
        ("Sub", ["x", "mean"], "d", {}),
        ("Div", ["d", "scale"], "s", {}),
        ("MatMul", ["s", "w"], "y", {}),
    ]
    model = of_type(TensorProto.DOUBLE, nodes, initial)
    x = np.random.default_rng(0).normal(size=(300, 2)) + np.float64([1e7, 3])
    traced = uk.trace(model, x)
    assert all(isinstance(map_, Affine) for map_ in traced.maps)
    expected = (x - initial["mean"]) / initial["scale"] @ weight
    np.testing.assert_allclose(traced.representations[-1].values, expected, atol=1e-6)
    *_, output = traced.propagate(traced.representations[0].values)
    np.testing.assert_allclose(output, expected, atol=1e-6)
