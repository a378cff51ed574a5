"""ONNX files that are hostile or damaged: weights from elsewhere, false shapes, foreign code."""

import os
import re

import numpy as np
import pytest

import unknot as uk
from unknot.adapters.files import open_model

AGAIN = "It is damaged, or made by another version; save the model again."
INSIDE = "Save it with its weights inside: onnx.save_model(model, path)."


@pytest.fixture(scope="module")
def onnx():
    return pytest.importorskip("onnx")


@pytest.fixture
def helper(onnx):
    return onnx.helper


def linear(onnx, weight=None, **more):
    """A dense layer and a relu; the weight may be any tensor."""
    helper = onnx.helper
    weight = weight or onnx.numpy_helper.from_array(np.ones((2, 3), np.float32), "w")
    nodes = [
        helper.make_node("MatMul", ["x", "w"], ["h"]),
        *more.pop("nodes", [helper.make_node("Relu", ["h"], ["y"])]),
    ]
    graph = helper.make_graph(
        nodes,
        "g",
        [helper.make_tensor_value_info("x", 1, [None, 2])],
        [helper.make_tensor_value_info("y", 1, [None, 3])],
        [weight],
        **more,
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=8)


def outside(onnx, location, dims=(2, 3), **about):
    tensor = onnx.TensorProto(name="w", data_type=1, data_location=1, dims=dims)
    for key, value in {"location": location, **about}.items():
        tensor.external_data.add(key=key, value=str(value))
    return tensor


def error_of(path, model):
    path.write_bytes(model.SerializeToString())
    with pytest.raises(uk.UsageError) as caught:
        open_model(path)
    return str(caught.value)


def test_weights_beside_the_file(tmp_path, onnx, monkeypatch):
    values = np.arange(6, dtype=np.float32).reshape(2, 3)
    (tmp_path / "w.bin").write_bytes(b"\0" * 8 + values.tobytes())
    model = linear(onnx, outside(onnx, "w.bin", offset=8, length=24))
    (tmp_path / "m.onnx").write_bytes(model.SerializeToString())
    opened = open_model(tmp_path / "m.onnx")
    np.testing.assert_array_equal(onnx.numpy_helper.to_array(opened.graph.initializer[0]), values)
    trace = uk.trace(tmp_path / "m.onnx", np.ones((20, 2), np.float32))
    assert trace.n_points == 20


@pytest.mark.parametrize("location", ["../secret", "/etc/passwd", "link", "a/../../secret"])
def test_weights_from_elsewhere(tmp_path, onnx, location):
    (tmp_path / "secret").write_bytes(b"\0" * 24)
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "link").symlink_to(tmp_path / "secret")
    told = f"m.onnx takes weights from outside its folder ({location}), so unknot does not load it."
    assert error_of(folder / "m.onnx", linear(onnx, outside(onnx, location))) == f"{told}\n{INSIDE}"


def test_weights_from_elsewhere_in_any_graph(tmp_path, onnx, helper):
    tensor = outside(onnx, "../secret")
    told = "m.onnx takes weights from outside its folder (../secret), so unknot does not load it."
    constant = helper.make_node("Constant", [], ["c"], value=tensor)
    branch = helper.make_graph([constant], "b", [], [helper.make_tensor_value_info("c", 1, [2, 3])])
    loaded = helper.make_graph([], "b", [], [], [tensor])
    nodes = {
        "constant": constant,
        "if": helper.make_node("If", ["h"], ["y"], then_branch=branch, else_branch=branch),
        "loop": helper.make_node("Loop", ["", "h"], ["y"], body=loaded),
    }
    for node in nodes.values():
        assert error_of(tmp_path / "m.onnx", linear(onnx, nodes=[node])) == f"{told}\n{INSIDE}"
    model = linear(onnx)
    model.functions.append(
        helper.make_function("own", "F", ["a"], ["c"], [constant], [helper.make_opsetid("", 18)])
    )
    assert error_of(tmp_path / "m.onnx", model) == f"{told}\n{INSIDE}"


def test_weights_that_are_no_file(tmp_path, onnx):
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "pipe")
    for place in ("pipe", "none", ""):
        assert error_of(tmp_path / "m.onnx", linear(onnx, outside(onnx, place))) == (
            f"m.onnx is not a whole ONNX file: {place!r} is no file beside it\n{AGAIN}"
        )


@pytest.mark.parametrize(
    "about", [{"offset": 20}, {"offset": -4}, {"length": 10**12}, {"offset": 0, "length": -1}]
)
def test_weights_beyond_their_file(tmp_path, onnx, about):
    (tmp_path / "w.bin").write_bytes(b"\0" * 16)
    assert error_of(tmp_path / "m.onnx", linear(onnx, outside(onnx, "w.bin", **about))) == (
        f"m.onnx is not a whole ONNX file: w is not within w.bin\n{AGAIN}"
    )


def test_weights_that_are_read_again_and_again(tmp_path, onnx):
    (tmp_path / "w.bin").write_bytes(b"\0" * (1 << 20))
    model = linear(onnx)
    for i in range(100):
        tensor = outside(onnx, "w.bin", dims=(1 << 18,))
        tensor.name = f"t{i}"
        model.graph.initializer.append(tensor)
    assert error_of(tmp_path / "m.onnx", model) == (
        f"m.onnx is not a whole ONNX file: its weights are more than the files beside it\n{AGAIN}"
    )


@pytest.mark.parametrize("dims", [[2, 4], [10**15, 10**3], [-1], [0]])
def test_false_dimensions(tmp_path, onnx, dims):
    tensor = onnx.TensorProto(name="w", data_type=1, dims=dims, raw_data=b"\0" * 24)
    more = "" if dims == [-1] else " and other values"
    told = f"w has dimensions {dims}{more}"
    model = linear(onnx, tensor)
    assert error_of(tmp_path / "m.onnx", model) == (
        f"m.onnx is not a whole ONNX file: {told}\n{AGAIN}"
    )
    with pytest.raises(uk.UsageError) as caught:
        uk.trace(model, np.ones((20, 2), np.float32))
    assert str(caught.value) == (
        f"The ONNX model is not whole: {told}.\nExport it again, or load it with its weights."
    )


def test_a_sparse_weight_that_fills_memory(tmp_path, onnx, helper):
    model = linear(onnx)
    model.graph.sparse_initializer.append(
        helper.make_sparse_tensor(
            helper.make_tensor("s", 1, [1], [1.0]), helper.make_tensor("i", 7, [1], [0]), [10**12]
        )
    )
    assert error_of(tmp_path / "m.onnx", model) == (
        f"m.onnx is not a whole ONNX file: s has dimensions [1000000000000]\n{AGAIN}"
    )


@pytest.mark.parametrize(
    ("domain", "kind", "told"),
    [
        ("evil", "Run", "evil (Run)"),
        ("ai.onnx.contrib", "PyFunc", "ai.onnx.contrib (PyFunc)"),
        ("com.microsoft", "EPContext", "com.microsoft (EPContext)"),
        ("e\nvil", "R\x07n", "e vil (R\\x07n)"),
    ],
)
def test_operations_of_others(tmp_path, onnx, helper, domain, kind, told):
    node = helper.make_node(kind, ["h"], ["y"], domain=domain)
    assert error_of(tmp_path / "m.onnx", linear(onnx, nodes=[node])) == (
        f"m.onnx needs the code of {told}, so unknot does not load it.\n"
        "Export it with the operations of ONNX itself."
    )


@pytest.mark.parametrize(
    ("domain", "kind", "declared"),
    [
        *(("com.microsoft", "EPContext", kind) for kind in ("Dummy", "EPContext")),
        *(("own", "Run", kind) for kind in ("Dummy", "Walk")),
    ],
)
def test_a_function_declares_itself_and_not_its_domain(
    tmp_path, onnx, helper, domain, kind, declared
):
    opset = [helper.make_opsetid("", 18)]
    body = [helper.make_node("Identity", ["a"], ["o"])]
    model = linear(onnx, nodes=[helper.make_node(kind, ["h"], ["y"], domain=domain)])
    model.functions.append(helper.make_function(domain, declared, ["a"], ["o"], body, opset))
    assert error_of(tmp_path / "m.onnx", model) == (
        f"m.onnx needs the code of {domain} ({kind}), so unknot does not load it.\n"
        "Export it with the operations of ONNX itself."
    )


def test_functions_that_never_end(tmp_path, onnx, helper):
    opset = [helper.make_opsetid("", 18), helper.make_opsetid("own", 1)]

    def function(name, calls):
        nodes = [helper.make_node(c, ["a"], [f"o{i}"], domain="own") for i, c in enumerate(calls)]
        nodes.append(helper.make_node("Identity", ["a"], ["o"]))
        return helper.make_function("own", name, ["a"], ["o"], nodes, opset)

    call = helper.make_node("F0", ["h"], ["y"], domain="own")
    circle = linear(onnx, nodes=[call])
    circle.functions.extend([function("F0", ["F1"]), function("F1", ["F0"])])
    assert error_of(tmp_path / "m.onnx", circle) == (
        f"m.onnx is not a whole ONNX file: the function F0 calls itself\n{AGAIN}"
    )
    many = linear(onnx, nodes=[call])
    many.functions.extend(function(f"F{i}", [f"F{i + 1}"] * 2) for i in range(40))
    many.functions.append(function("F40", []))
    assert error_of(tmp_path / "m.onnx", many) == (
        f"m.onnx is not a whole ONNX file: it has more than 1,000,000 operations\n{AGAIN}"
    )


def test_files_over_two_gigabytes(tmp_path, onnx):
    with (tmp_path / "w.bin").open("wb") as file:
        file.truncate(3 << 30)
    model = linear(onnx, outside(onnx, "w.bin", dims=(3 << 28,)))
    told = "m.onnx has 3.0 GB of weights; unknot runs ONNX models of up to 2 GB."
    instead = "Trace the model in the framework that it was exported from."
    assert error_of(tmp_path / "m.onnx", model) == f"{told}\n{instead}"
    with (tmp_path / "l.onnx").open("wb") as file:
        file.truncate(3 << 30)
    with pytest.raises(uk.UsageError, match=re.escape(told.replace("m.onnx", "l.onnx"))):
        open_model(tmp_path / "l.onnx")
