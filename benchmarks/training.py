"""How fast training is: the demo, marginal seconds an epoch, against Keras 3 and a C loop.

    python benchmarks/training.py --keras-python /path/to/keras-env/bin/python

The demo is 100,000 circles (80,000 rows to train on, 20,000 held out), 2 → 6 relu → 2 linear →
1 sigmoid, RMSprop, batches of 32: 2,500 steps an epoch. *Marginal* means that what is paid once
(import, compilation, the first epoch's slowness) is left out: for unknot the difference between
12 epochs and 2, a tenth of it, median of 7; for Keras the median of an epoch's wall time, the
first left out. Everyone evaluates the held-out rows after each epoch, except the C loop.

Without --keras-python only unknot and the C loop are run. The Keras environment is made with
``pip install -r benchmarks/requirements.txt``.
"""

import argparse
import json
import os
import platform
import subprocess
import tempfile
import time
from pathlib import Path
from statistics import median

import numpy as np

HERE = Path(__file__).parent
EPOCHS_IN_C = 50


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--keras-python", help="a Python that can import keras, tensorflow, jax")
    parser.add_argument("--keras-epochs", type=int, default=4)
    arguments = parser.parse_args()

    print(f"machine: {machine()}")
    ours, loop = unknot_demo()
    report("unknot.fit", ours, ours)
    report("  of which the compiled loop", loop, ours)
    for flags in (["-O3", "-march=native"], ["-O3", "-march=native", "-ffast-math"]):
        report(f"C, {' '.join(flags)}", c_loop(flags), ours)
    if arguments.keras_python:
        for backend in ("tensorflow", "jax"):
            seconds, version = keras(arguments.keras_python, backend, arguments.keras_epochs)
            report(f"Keras {version} on {backend}", seconds, ours)
    large_network()


def report(who: str, seconds: float, ours: float) -> None:
    print(f"{who:45} {1e3 * seconds:10.2f} ms an epoch {seconds / ours:8.2f} × unknot", flush=True)


def circles():
    from sklearn.datasets import make_circles

    from unknot.datasets.dataset import Dataset

    x, y = make_circles(100_000, noise=0.2, factor=0.5, random_state=1)
    return Dataset(x.astype(np.float32), y.astype(np.int64), ("outer", "inner"), ("x", "y"))


def unknot_demo() -> tuple[float, float]:
    """Marginal seconds an epoch of ``fit``, and of its compiled training loop alone."""
    import unknot as uk

    data = circles()

    def seconds(epochs: int) -> float:
        run = uk.fit(data, hidden=[6], readout=2, epochs=epochs, seed=1, progress=False)
        return run.seconds["train"]

    seconds(2)
    marginal = median((seconds(12) - seconds(2)) / 10 for _ in range(7))

    call, (x, y), (state, _) = demo_loop()
    times = []
    for _ in range(20):
        began = time.perf_counter()
        np.asarray(call(state, x, y, 0, 2_500)[1][0])
        times.append(time.perf_counter() - began)
    return marginal, median(times)


def demo_loop():
    """The compiled training loop of the demo, its rows, its initial state and weights."""
    import jax

    from unknot.training.compilation import compiled_programs
    from unknot.training.network import Layout, flat_weights, initial_layers
    from unknot.training.programs import Recipe

    network = Layout.of(2, [6], 2, ["relu"], ("sigmoid", 1))
    recipe = Recipe(network, "rmsprop", 0.001, 32)
    programs, _ = compiled_programs(recipe, 1, 80_000, [], "float32")
    weights = flat_weights(initial_layers(network.sizes, np.random.default_rng(1)))
    data = circles()
    rows = jax.device_put((data.x[:80_000], data.y[:80_000].astype(np.float32)))
    return programs.train, rows, ((weights[None], programs.start(weights[None])), weights)


def c_loop(flags: list[str]) -> float:
    """Seconds an epoch of the C loop; its first epoch's loss must be unknot's."""
    call, (x, y), (state, weights) = demo_loop()
    ours = float(np.asarray(call(state, x, y, 0, 2_500)[1][0]).sum()) / 80_000
    with tempfile.TemporaryDirectory() as folder:
        program, file = Path(folder) / "reference", Path(folder) / "rows"
        source = HERE / "training_reference.c"
        subprocess.run(["cc", *flags, source, "-lm", "-o", program], check=True)
        numbers = np.concatenate([weights, np.ravel(x), y]).astype(np.float32)
        file.write_bytes(numbers.tobytes())
        command = [program, file, "80000", str(EPOCHS_IN_C)]
        lines = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    epochs = [tuple(map(float, line.split())) for line in lines.splitlines()]
    assert abs(epochs[0][1] - ours) < 1e-4 * ours, (epochs[0][1], ours)
    return median(milliseconds for milliseconds, _ in epochs[1:]) / 1e3


def keras(python: str, backend: str, epochs: int) -> tuple[float, str]:
    """Seconds an epoch of Keras ``fit``, the first left out, and Keras' version."""
    environment = os.environ | {"KERAS_BACKEND": backend, "TF_CPP_MIN_LOG_LEVEL": "3"}
    answer = subprocess.run(
        [python, HERE / "training_keras.py", str(epochs)],
        check=True,
        capture_output=True,
        text=True,
        env=environment,
    ).stdout
    result = json.loads(answer.splitlines()[-1])
    return median(result["seconds"][1:]), result["version"]


def large_network() -> None:
    """784 → 256 → 256 → 10, batches of 128: a step against its matrix products alone in NumPy."""
    import jax

    from unknot.training.compilation import compiled_programs
    from unknot.training.network import Layout, flat_weights, initial_layers
    from unknot.training.programs import Recipe

    network = Layout.of(784, [256, 256], None, ["relu", "relu"], ("softmax", 10))
    rows = 100 * 128
    recipe = Recipe(network, "rmsprop", 0.001, 128)
    programs, _ = compiled_programs(recipe, 1, rows, [], "int32")
    random = np.random.default_rng(0)
    weights = flat_weights(initial_layers(network.sizes, random))[None]
    x = random.normal(size=(rows, 784)).astype(np.float32)
    y = random.integers(0, 10, rows).astype(np.int32)
    state = (weights, programs.start(weights))
    x, y = jax.device_put((x, y))

    def step() -> None:
        np.asarray(programs.train(state, x, y, 0, 100)[1][0])

    shapes = [(784, 256), (256, 256), (256, 10)]
    operands = [
        tuple(np.ones(s, np.float32) for s in ((128, n_in), (n_in, n_out), (128, n_out)))
        for n_in, n_out in shapes
    ]

    def products() -> None:
        for _ in range(100):
            for i, (h, weight, gradient) in enumerate(operands):
                h @ weight
                h.T @ gradient
                if i:
                    gradient @ weight.T

    ours, bare = (best(function) / 100 for function in (step, products))
    print(f"784 → 256 → 256 → 10, batch 128: {1e6 * ours:.0f} µs a step;", end=" ")
    print(f"its matrix products alone in NumPy {1e6 * bare:.0f} µs: {ours / bare:.2f} ×")


def best(function, repeats: int = 10) -> float:
    times = []
    for _ in range(repeats):
        began = time.perf_counter()
        function()
        times.append(time.perf_counter() - began)
    return min(times)


def machine() -> str:
    """The processor's name, its cores, the versions that matter."""
    import jax

    name = platform.processor() or platform.machine()
    information = Path("/proc/cpuinfo")
    if information.exists():
        lines = information.read_text().splitlines()
        name = next((s.split(":")[1].strip() for s in lines if s.startswith("model name")), name)
    return (
        f"{name}, {os.cpu_count()} cores, Python {platform.python_version()}, JAX {jax.__version__}"
    )


if __name__ == "__main__":
    main()
