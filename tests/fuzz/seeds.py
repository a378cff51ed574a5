"""Small sound files of every kind, for damage to begin with."""

import os
from dataclasses import replace
from importlib.util import find_spec

import numpy as np
from networks import cloud, network, readout_network, rings

from unknot.network.maps import Activation, Affine, Opaque, Softmax
from unknot.traces.recorded import Recorded
from unknot.traces.representation import Trace
from unknot.traces.run import Checkpoint, History, Run
from unknot.traces.tracing import trace


def write_seeds(folder, suffixes=None):
    """Sound files of every kind, or of those with these suffixes; their paths."""
    folder.mkdir(parents=True, exist_ok=True)

    def asked(*kinds):
        return suffixes is None or set(kinds) & set(suffixes)

    paths = []
    if asked(".safetensors"):
        for name, made in (*traces().items(), *runs().items()):
            paths.append(made.save(folder / f"{name}.safetensors"))
    if asked(".parquet"):
        search(folder / "results.parquet")
        paths.append(folder / "results.parquet")
    if asked(".csv", ".npz"):
        paths += _tables(folder)
    for library, (suffix, write_model) in MODELS.items():
        if find_spec(library) and asked(suffix):
            paths.append(write_model(folder))
    return [path for path in paths if asked(path.suffix)]


def write_pages(folder):
    """Page files of every trace and run, and the tables and runs that a page opens; their paths."""
    from unknot.views.page import page_file

    paths = write_seeds(folder, [".safetensors", ".csv"])
    for name, made in (*traces().items(), *runs().items()):
        paths.append(folder / f"{name}.ukpage")
        paths[-1].write_bytes(page_file(made))
    return paths


def _tables(folder):
    from unknot.datasets import write

    tables = {"rings": rings(30), "held": replace(cloud(30, 3, 3), held_out=np.arange(30) > 20)}
    paths = [folder / f"{name}{suffix}" for name in tables for suffix in (".csv", ".npz")]
    return [write(tables[path.stem], path) for path in paths]


def search(path):
    """The search whose trainings the results file holds: what it lacks is trained."""
    from unknot.datasets import make
    from unknot.width.search import minimum_width

    data = make("circles", 200)
    settings = {"max_width": 1, "restarts": 2, "steps": 20, "batch_size": 64}
    return minimum_width(data, **settings, out=path, progress=False)


def _torch(folder):
    import torch

    layers = [torch.nn.Linear(2, 3), torch.nn.Tanh(), torch.nn.Linear(3, 1), torch.nn.Sigmoid()]
    net, points = torch.nn.Sequential(*layers).eval(), ({0: torch.export.Dim("points")},)
    path = folder / "model.pt2"
    torch.export.save(torch.export.export(net, (torch.zeros(4, 2),), dynamic_shapes=points), path)
    return path


def _onnx(folder):
    from onnx import helper, numpy_helper

    nodes = [
        helper.make_node("MatMul", ["x", "w"], ["h"]),
        helper.make_node("Relu", ["h"], ["y"]),
    ]
    shapes = (("x", 2), ("y", 3))
    ends = [[helper.make_tensor_value_info(name, 1, [None, n])] for name, n in shapes]
    weight = numpy_helper.from_array(np.ones((2, 3), np.float32), "w")
    graph = helper.make_graph(nodes, "g", *ends, [weight])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=8)
    path = folder / "model.onnx"
    path.write_bytes(model.SerializeToString())
    return path


def _keras(folder):
    os.environ.setdefault("KERAS_BACKEND", "jax")
    import keras

    path = folder / "model.keras"
    layers = [keras.Input((2,)), keras.layers.Dense(3, "relu"), keras.layers.Dense(1, "sigmoid")]
    keras.Sequential(layers).save(path)
    return path


def _skops(folder):
    import skops.io
    from sklearn.linear_model import LogisticRegression

    path, points = folder / "model.skops", rings(30)
    skops.io.dump(LogisticRegression().fit(points.x, points.y), path)
    return path


MODELS = {
    "onnx": (".onnx", _onnx),
    "keras": (".keras", _keras),
    "skops": (".skops", _skops),
    "torch": (".pt2", _torch),
}


def traces():
    """One trace a kind of maps, labels and lattice."""
    x = np.random.default_rng(0).normal(size=(24, 3)).astype(np.float32)
    slopes = Activation("leaky_relu", slope=np.float32([0.1, 0.2, -0.3]))
    clouds = [x, slopes(x), Softmax()(slopes(x)), x[:, :2]]
    return {
        "lattice": trace(network([2, 3, 1]), rings(30)),
        "classes": trace(network([4, 5, 3], "tanh", "softmax"), cloud(30, 4, 3)),
        "opaque": Trace.from_arrays(
            clouds, np.arange(24) % 3, maps=[slopes, Softmax(), Opaque("pool")]
        ),
        "target": Trace.from_arrays([x, x**2], np.linspace(0, 1, 24)),
        "identity": Trace.from_arrays([x, x**2], np.arange(24) % 3, identity=who(24)),
    }


def who(n):
    """Names with gaps, and images of some."""
    images = [np.full((3, 2), i, np.uint8) if i % 3 else None for i in range(n)]
    names = [f"point {i} é" if i % 2 else None for i in range(n)]
    return {"name": names, "city": ["Rome"] * n, "image": images}


def runs():
    """One run a kind of network."""
    before, after = readout_network(seed=5), readout_network()
    scaling = Affine(np.eye(2, dtype=np.float32), np.zeros(2, np.float32), "scaling")
    models = [replace(m, scaling=scaling) for m in (before, after)]
    points = replace(rings(30), identity=who(30))
    films = [
        Recorded(replace(trace(m, points, lattice=False), maps=(Opaque("a"),) * 5))
        for m in (before, after)
    ]
    history = History((0.5, 0.25), (0.7, 0.8), (0.6, 0.3), (0.65, 0.75))
    settings = {"hidden": [6], "seed": 1, "optimizer": "adam", "learning_rate": 0.1}

    def run(pair, **more):
        checkpoints = tuple(Checkpoint(20 * i, 2.0 * i, m) for i, m in enumerate(pair))
        return Run(pair[-1], history, checkpoints, points, np.arange(5), **more)

    return {"run": run(models, settings=settings), "film": run(films)}
