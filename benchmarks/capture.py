"""Tracing against the model's own prediction, in one run.

100,000 points through 2 → 64 relu → 64 relu → 2 → 1 sigmoid, the same weights in every framework.
`predict` is what a user of the framework would call for the outputs of all points, in batches of
16,384 (Keras's own predict, a compiled function in JAX, a forward pass without gradients in
PyTorch, predict_proba in scikit-learn, a session in onnxruntime); `trace` keeps all nine
representations. Medians of seven, everything compiled before; the sample on which maps are
checked is part of `trace`.

    python benchmarks/capture.py                  # one process a framework
    python benchmarks/capture.py --one torch
    python benchmarks/capture.py --memory         # 10,000,000 points through 2-8-2-1

Needs the extra `all` and, for Keras, TensorFlow; torchlens for its comparison.
"""

import argparse
import os
import platform
import statistics
import subprocess
import sys
import time
from itertools import pairwise

import numpy as np

WIDTHS = [int(n) for n in os.environ.get("WIDTHS", "2 64 64 2 1").split()]
BATCH = 16_384
N = 100_000
FRAMEWORKS = ["keras-tensorflow", "keras-jax", "keras-torch", "torch", "flax", "equinox", "sklearn"]
FRAMEWORKS += ["onnx", "torchlens"]

rng = np.random.default_rng(0)
WEIGHTS = [(rng.normal(size=s) / np.sqrt(s[0])).astype(np.float32) for s in pairwise(WIDTHS)]
X = rng.normal(size=(N, 2)).astype(np.float32)


def batches(function):
    return np.concatenate([np.asarray(function(X[i : i + BATCH])) for i in range(0, N, BATCH)])


def keras_case(backend):
    os.environ["KERAS_BACKEND"] = backend
    import keras

    dense = keras.layers.Dense
    parts = [dense(WIDTHS[1], "relu"), dense(WIDTHS[2], "relu"), dense(2), dense(1, "sigmoid")]
    model = keras.Sequential([keras.Input((2,)), *parts])
    model.set_weights([a for w in WEIGHTS for a in (w, np.zeros(w.shape[1], np.float32))])
    return model, lambda: model.predict(X, batch_size=BATCH, verbose=0)


def torch_case():
    import torch

    layers = []
    functions = [torch.nn.ReLU(), torch.nn.ReLU(), torch.nn.Identity(), torch.nn.Sigmoid()]
    for weight, function in zip(WEIGHTS, functions, strict=True):
        layer = torch.nn.Linear(*weight.shape)
        layer.weight.data = torch.tensor(weight.T.copy())
        layers += [layer, function]
    model = torch.nn.Sequential(*layers).eval()

    def predict():
        with torch.no_grad():
            return batches(lambda x: model(torch.from_numpy(x)).numpy())

    return model, predict


def flax_case():
    import jax
    from flax import nnx

    rngs = nnx.Rngs(0)
    parts = [nnx.Linear(*w.shape, rngs=rngs) for w in WEIGHTS]
    functions = [nnx.relu, nnx.relu, lambda x: x, nnx.sigmoid]
    model = nnx.Sequential(*(f for pair in zip(parts, functions, strict=True) for f in pair))
    graph, state = nnx.split(model)
    compiled = jax.jit(lambda x: nnx.merge(graph, state)(x))
    return model, lambda: batches(compiled)


def equinox_case():
    import equinox as eqx
    import jax

    keys = jax.random.split(jax.random.key(0), 4)
    linear = [eqx.nn.Linear(*w.shape, key=k) for w, k in zip(WEIGHTS, keys, strict=True)]
    functions = [jax.nn.relu, jax.nn.relu, lambda x: x, jax.nn.sigmoid]
    parts = [f for a, b in zip(linear, functions, strict=True) for f in (a, eqx.nn.Lambda(b))]
    model = eqx.nn.Sequential(parts)
    compiled = jax.jit(jax.vmap(model))
    return model, lambda: batches(compiled)


def sklearn_case():
    import warnings

    from sklearn.neural_network import MLPClassifier

    warnings.simplefilter("ignore")
    model = MLPClassifier(tuple(WIDTHS[1:-1]), max_iter=1, random_state=0)
    model.fit(X[:200], np.arange(200) % 2)
    return model, lambda: model.predict_proba(X)


def onnx_case():
    import onnxruntime
    from skl2onnx import to_onnx

    model = to_onnx(sklearn_case()[0], X[:1], options={"zipmap": False})
    options = onnxruntime.SessionOptions()
    session = onnxruntime.InferenceSession(model.SerializeToString(), options)
    return model, lambda: batches(lambda x: session.run(["probabilities"], {"X": x})[0])


def case(name):
    kind, _, backend = name.partition("-")
    if kind == "keras":
        return keras_case(backend)
    cases = {"torch": torch_case, "flax": flax_case, "equinox": equinox_case}
    cases |= {"sklearn": sklearn_case, "onnx": onnx_case}
    return cases[kind]()


def median(function, n=7):
    function()
    seconds = []
    for _ in range(n):
        start = time.perf_counter()
        function()
        seconds.append(time.perf_counter() - start)
    return statistics.median(seconds)


def one(name):
    import unknot as uk

    if name == "torchlens":
        return against_torchlens()
    model, predict = case(name)
    own = median(predict)
    ours = median(lambda: uk.trace(model, X, lattice=False, batch_size=BATCH, progress=False))
    print(
        f"{name:18s} predict {own * 1e3:8.1f} ms   trace {ours * 1e3:8.1f} ms   {ours / own:6.2f}"
    )
    return None


def against_torchlens():
    """Both keep every layer's output of the same points; torchlens in batches as well."""
    import torch
    import torchlens

    import unknot as uk

    model, _ = torch_case()

    def theirs():
        for i in range(0, N, BATCH):
            torchlens.trace(model, torch.from_numpy(X[i : i + BATCH]))

    other = median(theirs, 3)
    ours = median(lambda: uk.trace(model, X, lattice=False, batch_size=BATCH, progress=False))
    print(
        f"torchlens          {other * 1e3:8.1f} ms   trace {ours * 1e3:8.1f} ms   "
        f"{other / ours:6.1f} times faster"
    )


def memory():
    """Peak memory above what the framework and the points take."""
    import resource

    import torch

    import unknot as uk

    nn = torch.nn
    model = nn.Sequential(
        nn.Linear(2, 8), nn.ReLU(), nn.Linear(8, 2), nn.Linear(2, 1), nn.Sigmoid()
    )
    x = np.random.default_rng(0).normal(size=(10_000_000, 2)).astype(np.float32)
    uk.trace(model, x[:50_000], lattice=False)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    start = time.perf_counter()
    traced = uk.trace(model, x, memory=400_000_000)
    seconds = time.perf_counter() - start
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    on_disk = sum(isinstance(r.values, np.memmap) for r in traced.representations)
    print(
        f"10,000,000 points: {seconds:.1f} s, {(after - before) / 1e6:.2f} GB above before; "
        f"{on_disk} of {len(traced.representations)} representations on disk"
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--one")
    parser.add_argument("--memory", action="store_true")
    arguments = parser.parse_args()
    if arguments.memory:
        memory()
    elif arguments.one:
        one(arguments.one)
    else:
        print(platform.processor() or platform.machine(), os.cpu_count(), "cores", sys.version[:6])
        for framework in FRAMEWORKS:
            command = [sys.executable, "-W", "ignore", __file__, "--one", framework]
            environment = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"}
            subprocess.run(command, check=False, env=environment, stderr=subprocess.DEVNULL)
