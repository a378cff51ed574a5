"""Tracing against the model's own prediction, in one run.

100,000 points through three networks (relu, the last layer of two units linear, sigmoid or softmax
at the end), the same weights in every framework:

- demo: 2-6-2-1, that of the notebook and of `unknot demo`;
- wide: 2-64-64-2-1, which keeps 262 numbers a point where a prediction keeps one;
- digits: 784-256-128-10, the size of MNIST.

`predict` is the quickest way to the outputs of all points that the framework has: compiled, in
batches of 16,384. `as called` is what a user types: `model.predict(x)` in Keras, the compiled or
plain model of all points in JAX and PyTorch, `predict_proba` in scikit-learn, `session.run` in
onnxruntime. `trace` keeps every representation. The first call of each in a new process, with all
that has to be compiled, stands in brackets; the others are medians of nine, taken in turns.

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
    return model, predict, lambda: model.predict(x, verbose=0)


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

    return model, predict, as_called


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
    return model, lambda: in_batches(compiled, x), lambda: np.asarray(jitted(model, x))


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
    return model, lambda: in_batches(compiled, x), lambda: np.asarray(jitted(model, x))


def sklearn_case(network):
    import warnings

    from sklearn.neural_network import MLPClassifier

    warnings.simplefilter("ignore")
    x, n_classes = points(network), max(NETWORKS[network][-1], 2)
    model = MLPClassifier(tuple(NETWORKS[network][1:-1]), max_iter=1, random_state=0)
    model.fit(x[:200], np.arange(200) % n_classes)
    return model, lambda: model.predict_proba(x), lambda: model.predict_proba(x)


def onnx_case(network):
    import onnxruntime
    from skl2onnx import to_onnx

    x = points(network)
    model = to_onnx(sklearn_case(network)[0], x[:1], options={"zipmap": False})
    session = onnxruntime.InferenceSession(model.SerializeToString())
    run = lambda batch: session.run(["probabilities"], {"X": batch})[0]  # noqa: E731
    return model, lambda: in_batches(run, x), lambda: run(x)


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

    model, predict, as_called = case(name, network)
    x = points(network)
    trace = lambda: uk.trace(model, x, lattice=False, progress=False)  # noqa: E731
    first = seconds(predict), seconds(trace)
    quick, ours = medians(predict, trace)
    (plain,) = medians(as_called, n=3)
    print(
        f"{name:17s} {network:7s} as called {plain * 1e3:8.1f} ms   "
        f"predict {quick * 1e3:7.1f} ({first[0]:.2f} s)   trace {ours * 1e3:7.1f} "
        f"({first[1]:.2f} s)   {ours / plain:6.2f}   {ours / quick:6.2f}"
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
