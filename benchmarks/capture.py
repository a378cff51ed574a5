"""Tracing against the model's own prediction, in one run.

100,000 points through three networks (relu, the last layer of two units linear, sigmoid or softmax
at the end), the same weights in every framework:

- demo: 2-6-2-1, that of the notebook and of `unknot demo`;
- wide: 2-64-64-2-1, which keeps 262 numbers a point where a prediction keeps one;
- digits: 784-256-128-10, the size of MNIST.

`predict` is the quickest way to the outputs of all points that the framework has: compiled, in
batches of 16,384. `as called` is what a user types: `model.predict(x)` in Keras, the compiled or
plain model of all points in JAX and PyTorch, `predict_proba` in scikit-learn, `session.run` in
onnxruntime. `keep` is the framework's own way to all layers' outputs of all points, in batches of
16,384, put together: hooks (PyTorch), a sub-model of all outputs (Keras), a compiled function that
returns them (JAX), every node an output (ONNX), `_forward_pass` (scikit-learn). `trace` keeps every
representation, pre-activations among them, and says what the maps are. `tiny` is a trace of ten
points: what it costs whatever the number of points. The first call of each in a new process, with
all that has to be compiled, stands in brackets; the others are medians of nine, taken in turns.

    python benchmarks/capture.py                       # a process for each framework and network
    python benchmarks/capture.py --one torch --network demo
    python benchmarks/capture.py --torchlens
    python benchmarks/capture.py --memory              # 10,000,000 points through 2-8-2-1

Needs the extra `all` and, for Keras, TensorFlow; torchlens for its comparison.
"""

import argparse
import os
import platform
import statistics
import subprocess
import sys
import time
from functools import cache
from itertools import pairwise
from pathlib import Path

import numpy as np

NETWORKS = {"demo": [2, 6, 2, 1], "wide": [2, 64, 64, 2, 1], "digits": [784, 256, 128, 10]}
BATCH = 16_384
N = 100_000
FRAMEWORKS = ["keras-tensorflow", "keras-jax", "keras-torch", "torch", "flax", "equinox", "sklearn"]
FRAMEWORKS += ["onnx"]


@cache
def weights(network):
    rng = np.random.default_rng(0)
    shapes = pairwise(NETWORKS[network])
    return [(rng.normal(size=s) * np.sqrt(2 / s[0])).astype(np.float32) for s in shapes]


@cache
def points(network):
    return np.random.default_rng(1).normal(size=(N, NETWORKS[network][0])).astype(np.float32)


def functions(network):
    """The activation of each layer by name."""
    *hidden, last = NETWORKS[network][1:]
    names = ["linear" if n == 2 else "relu" for n in hidden]
    return [*names, "sigmoid" if last == 1 else "softmax"]


def in_batches(function, x):
    return [np.asarray(function(x[i : i + BATCH])) for i in range(0, len(x), BATCH)]


def keras_case(network, backend):
    os.environ["KERAS_BACKEND"] = backend
    import keras

    layers = [
        keras.layers.Dense(w.shape[1], f)
        for w, f in zip(weights(network), functions(network), strict=True)
    ]
    x = points(network)
    model = keras.Sequential([keras.Input((x.shape[1],)), *layers])
    model.set_weights([a for w in weights(network) for a in (w, np.zeros(w.shape[1], np.float32))])
    predict = lambda: model.predict(x, batch_size=BATCH, verbose=0)  # noqa: E731
    whole = keras.Model(model.inputs, [layer.output for layer in model.layers])
    keep = lambda: whole.predict(x, batch_size=BATCH, verbose=0)  # noqa: E731
    return model, predict, lambda: model.predict(x, verbose=0), keep


def torch_case(network):
    import torch

    nn = torch.nn
    known = {"relu": nn.ReLU, "linear": nn.Identity, "sigmoid": nn.Sigmoid}
    layers = []
    for weight, name in zip(weights(network), functions(network), strict=True):
        layer = nn.Linear(*weight.shape)
        layer.weight.data = torch.tensor(weight.T.copy())
        layers += [layer, nn.Softmax(1) if name == "softmax" else known[name]()]
    model, x = nn.Sequential(*layers).eval(), points(network)

    def predict():
        with torch.no_grad():
            in_batches(lambda batch: model(torch.from_numpy(batch)).numpy(), x)

    def as_called():
        with torch.no_grad():
            model(torch.from_numpy(x)).numpy()

    def keep():
        kept = [[] for _ in model]
        hooks = [
            layer.register_forward_hook(lambda _, __, output, own=own: own.append(output.numpy()))
            for layer, own in zip(model, kept, strict=True)
        ]
        predict()
        for hook in hooks:
            hook.remove()
        return [np.concatenate(pieces) for pieces in kept]

    return model, predict, as_called, keep


def put_together(function, x):
    """All outputs of a function of batches, of all points."""
    pieces = [function(x[i : i + BATCH]) for i in range(0, len(x), BATCH)]
    return [np.concatenate([np.asarray(one) for one in layer]) for layer in zip(*pieces)]  # noqa: B905


def layer_by_layer(layers, x):
    made = []
    for layer in layers:
        x = layer(x)
        made.append(x)
    return made


def flax_case(network):
    import jax
    from flax import nnx

    rngs = nnx.Rngs(0)
    parts = []
    for weight, name in zip(weights(network), functions(network), strict=True):
        layer = nnx.Linear(*weight.shape, rngs=rngs)
        layer.kernel[...] = weight
        parts += [layer] if name == "linear" else [layer, getattr(nnx, name)]
    model, x = nnx.Sequential(*parts), points(network)
    graph, state = nnx.split(model)
    compiled = jax.jit(lambda batch: nnx.merge(graph, state)(batch))
    jitted = nnx.jit(lambda model, batch: model(batch))
    whole = jax.jit(lambda batch: layer_by_layer(nnx.merge(graph, state).layers, batch))
    return (
        model,
        lambda: in_batches(compiled, x),
        lambda: np.asarray(jitted(model, x)),
        lambda: put_together(whole, x),
    )


def equinox_case(network):
    import equinox as eqx
    import jax

    parts = []
    for weight, name in zip(weights(network), functions(network), strict=True):
        layer = eqx.nn.Linear(*weight.shape, key=jax.random.key(0))
        layer = eqx.tree_at(lambda part: part.weight, layer, weight.T)
        parts += [layer] if name == "linear" else [layer, eqx.nn.Lambda(getattr(jax.nn, name))]
    model, x = eqx.nn.Sequential(parts), points(network)
    compiled = jax.jit(jax.vmap(model))
    jitted = eqx.filter_jit(lambda model, batch: jax.vmap(model)(batch))
    whole = jax.jit(jax.vmap(lambda point: layer_by_layer(model.layers, point)))
    return (
        model,
        lambda: in_batches(compiled, x),
        lambda: np.asarray(jitted(model, x)),
        lambda: put_together(whole, x),
    )


def sklearn_case(network):
    import warnings

    from sklearn.neural_network import MLPClassifier

    warnings.simplefilter("ignore")
    x, n_classes = points(network), max(NETWORKS[network][-1], 2)
    model = MLPClassifier(tuple(NETWORKS[network][1:-1]), max_iter=1, random_state=0)
    model.fit(x[:200], np.arange(200) % n_classes)
    widths = model.hidden_layer_sizes

    def keep():
        return model._forward_pass([x, *(None for _ in range(len(widths) + 1))])

    return model, lambda: model.predict_proba(x), lambda: model.predict_proba(x), keep


def onnx_case(network):
    import onnx
    import onnxruntime
    from skl2onnx import to_onnx

    x = points(network)
    model = to_onnx(sklearn_case(network)[0], x[:1], options={"zipmap": False})
    session = onnxruntime.InferenceSession(model.SerializeToString())
    run = lambda batch: session.run(["probabilities"], {"X": batch})[0]  # noqa: E731
    everything = onnx.ModelProto()
    everything.CopyFrom(model)
    known = {output.name for output in model.graph.output}
    names = [node.output[0] for node in model.graph.node if node.output[0] not in known]
    everything.graph.output.extend(onnx.helper.make_empty_tensor_value_info(n) for n in names)
    wide = onnxruntime.InferenceSession(everything.SerializeToString())
    seen = zip(names, wide.run(names, {"X": x[:5]}), strict=True)
    fetched = [n for n, made in seen if made.ndim == 2 and made.dtype == np.float32]
    fetched = [*fetched, "probabilities"]
    keep = lambda: put_together(lambda batch: wide.run(fetched, {"X": batch}), x)  # noqa: E731
    return model, lambda: in_batches(run, x), lambda: run(x), keep


def case(name, network):
    kind, _, backend = name.partition("-")
    if kind == "keras":
        return keras_case(network, backend)
    cases = {"torch": torch_case, "flax": flax_case, "equinox": equinox_case}
    return (cases | {"sklearn": sklearn_case, "onnx": onnx_case})[kind](network)


def seconds(function):
    start = time.perf_counter()
    function()
    return time.perf_counter() - start


def medians(*calls, n=9):
    """Of each, in turns, so that what else the machine does meets all alike."""
    for call in calls:
        call()
    rounds = [[seconds(call) for call in calls] for _ in range(n)]
    return [statistics.median(times) for times in zip(*rounds, strict=True)]


def one(name, network):
    import unknot as uk

    model, predict, as_called, keep = case(name, network)
    x = points(network)
    trace = lambda: uk.trace(model, x, lattice=False, progress=False)  # noqa: E731
    first = seconds(predict), seconds(trace)
    quick, kept, ours = medians(predict, keep, trace)
    few = x[:10]
    (tiny,) = medians(lambda: uk.trace(model, few, lattice=False, progress=False), n=15)
    (plain,) = medians(as_called, n=3)
    print(
        f"{name:17s} {network:7s} as called {plain * 1e3:8.1f} ms   "
        f"predict {quick * 1e3:7.1f} ({first[0]:.2f} s)   keep {kept * 1e3:7.1f}   trace "
        f"{ours * 1e3:7.1f} ({first[1]:.2f} s)   tiny {tiny * 1e3:5.1f}   "
        f"{ours / plain:6.2f}   {ours / quick:6.2f}   {ours / kept:6.2f}",
        flush=True,
    )


def against_torchlens():
    """Both keep every layer's output of the same points; torchlens all at once and in batches."""
    import torch
    import torchlens

    import unknot as uk

    for network in NETWORKS:
        model, x = torch_case(network)[0], points(network)

        def theirs(size, model=model, x=x):
            return lambda: [
                torchlens.trace(model, torch.from_numpy(x[i : i + size]))
                for i in range(0, len(x), size)
            ]

        def ours(n, model=model, x=x):
            return lambda: uk.trace(model, x[:n], lattice=False, progress=False)

        for n, size in ((N, N), (N, BATCH), (1_000, 1_000)):
            x = points(network)[:n]
            other, own = medians(theirs(size, x=x), ours(n), n=3)
            print(
                f"torchlens {network:7s} {n:7,} points, {size:7,} at once "
                f"{other * 1e3:8.1f} ms   trace {own * 1e3:7.1f} ms   {other / own:6.1f}"
            )


def peak():
    """Of the memory of this process, in kB."""
    (line,) = [
        line for line in Path("/proc/self/status").read_text().splitlines() if "VmHWM" in line
    ]
    return int(line.split()[1])


def memory():
    """Peak memory above what the framework and the points take."""
    import torch

    import unknot as uk

    nn = torch.nn
    model = nn.Sequential(
        nn.Linear(2, 8), nn.ReLU(), nn.Linear(8, 2), nn.Linear(2, 1), nn.Sigmoid()
    )
    x = np.random.default_rng(0).normal(size=(10_000_000, 2)).astype(np.float32)
    uk.trace(model, x[:50_000], lattice=False)
    Path("/proc/self/clear_refs").write_text("5")  # the peak starts anew (Linux)
    before = peak()
    start = time.perf_counter()
    traced = uk.trace(model, x, memory=400_000_000)
    took = time.perf_counter() - start
    after = peak()
    on_disk = sum(isinstance(r.values, np.memmap) for r in traced.representations)
    print(
        f"10,000,000 points: {took:.1f} s, {(after - before) / 1e6:.2f} GB above before; "
        f"{on_disk} of {len(traced.representations)} representations on disk"
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--one", choices=FRAMEWORKS)
    parser.add_argument("--network", choices=NETWORKS, default="wide")
    parser.add_argument("--memory", action="store_true")
    parser.add_argument("--torchlens", action="store_true")
    arguments = parser.parse_args()
    if arguments.memory:
        memory()
    elif arguments.torchlens:
        against_torchlens()
    elif arguments.one:
        one(arguments.one, arguments.network)
    else:
        print(platform.processor() or platform.machine(), os.cpu_count(), "cores", sys.version[:6])
        for network in NETWORKS:
            for framework in FRAMEWORKS:
                command = [sys.executable, "-W", "ignore", __file__]
                command += ["--one", framework, "--network", network]
                environment = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"}
                subprocess.run(command, check=False, env=environment, stderr=subprocess.DEVNULL)
