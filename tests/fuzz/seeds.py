"""Small sound files of every kind, for damage to begin with."""

from dataclasses import replace

import numpy as np
from networks import cloud, network, readout_network, rings

from unknot.network.maps import Activation, Affine, Opaque, Softmax
from unknot.traces.recorded import Recorded
from unknot.traces.representation import Trace
from unknot.traces.run import Checkpoint, History, Run
from unknot.traces.tracing import trace


def write_seeds(folder):
    """Traces and runs as files; their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for name, made in (*traces().items(), *runs().items()):
        paths.append(made.save(folder / f"{name}.safetensors"))
    return paths


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
    }


def runs():
    """One run a kind of network."""
    before, after = readout_network(seed=5), readout_network()
    scaling = Affine(np.eye(2, dtype=np.float32), np.zeros(2, np.float32), "scaling")
    models = [replace(m, scaling=scaling) for m in (before, after)]
    points = rings(30)
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
