"""Traces of every shape and size for the figures, and what must hold for any picture of them."""

from dataclasses import replace

import numpy as np
from networks import cloud, network, readout_network, rings

from unknot.datasets.dataset import Dataset
from unknot.network.maps import Affine
from unknot.network.mlp import MLP
from unknot.traces.representation import Trace
from unknot.traces.run import Checkpoint, History, Run
from unknot.traces.tracing import trace

HOSTILE = (
    "$x_{}^",
    "two\nlines\tand \x07 more",
    "a" * 10_000,
    "שלום עולם",
    "",
    "漢字 🐱 \u202eabc",
)


def shuffled(data, seed=0):
    """The same points in another order: probes train on every other row."""
    order = np.random.default_rng(seed).permutation(data.n_points)
    return replace(data, x=data.x[order], y=data.y[order])


def demo(n=200):
    """The notebook's shape on rings: 2 → 6 relu → 2 linear → 1 sigmoid."""
    return trace(readout_network(), shuffled(rings(n)))


def dead():
    """A hidden layer that is 0 everywhere."""
    hidden, *rest = readout_network().layers
    return trace(MLP((replace(hidden, bias=hidden.bias - 100), *rest), "sigmoid"), rings(200))


def regression():
    """Two features, a float target, no classes."""
    data = rings(300)
    target = (data.x**2).sum(axis=1).astype(np.float32)
    data = Dataset(data.x, target, (), ("x", "y"), "bowl")
    return trace(network([2, 5, 1], output="linear"), data)


def hostile():
    """Names that nobody checked, joined by maps that nobody knows."""
    rng = np.random.default_rng(0)
    result = Trace.from_arrays(
        [rng.normal(size=(60, n)) for n in (3, 30, 2)],
        rng.permutation(60) % len(HOSTILE),
        names=list(HOSTILE[:3]),
        feature_names=list(HOSTILE[3:]),
        class_names=list(HOSTILE),
        name=HOSTILE[0] + HOSTILE[2],
    )
    return replace(result, notes=(" ".join(HOSTILE),))


def few(n):
    """A trace of one or two points."""
    rng = np.random.default_rng(0)
    maps = [Affine(np.ones((2, 5)), np.ones(5), "layer 1")]
    x = rng.normal(size=(n, 2))
    return Trace.from_arrays([x, maps[0](x)], np.arange(n), maps=maps)


ZOO = {
    "demo": demo,
    "density": lambda: demo(3_200),
    "three classes": lambda: trace(
        network([2, 5, 3], "tanh", "softmax"), shuffled(cloud(150, 2, 3))
    ),
    "eight classes": lambda: trace(
        network([2, 9, 8], "relu", "softmax"), shuffled(cloud(160, 2, 8))
    ),
    "forty classes": lambda: trace(
        network([2, 4, 40], "relu", "softmax"), shuffled(cloud(120, 2, 40))
    ),
    "one feature": lambda: trace(network([1, 4, 1], "tanh"), shuffled(cloud(200, 1, 2))),
    "three features": lambda: trace(network([3, 8, 1]), shuffled(cloud(150, 3, 2))),
    "wide": lambda: trace(
        network([64, 32, 16, 10], "relu", "softmax"), shuffled(cloud(200, 64, 10))
    ),
    "deep": lambda: trace(network([2, 3, 4, 3, 5, 2, 1]), rings(200)),
    "regression": regression,
    "hostile names": hostile,
    "one point": lambda: few(1),
    "two points": lambda: few(2),
    "dead": dead,
}


def run(history=None, **changes):
    """A finished training run with a made-up history."""
    data = replace(rings(100), bayes_accuracy=0.95)
    model = network([2, 3, 1])
    history = history or History((0.9, 0.5, 0.4), (0.5, 0.8, 0.9), (0.8, 0.6, 0.5), (0.6, 0.7, 0.8))
    settings = {"optimizer": "rmsprop", "learning_rate": 0.001, "batch_size": 32, "seed": 1}
    result = Run(model, history, (Checkpoint(0, 0.0, model),), data, np.arange(20), settings)
    return replace(result, **changes)


def texts(figure):
    """Every text that can be seen."""
    from matplotlib.text import Text

    unseen = {label for axes in figure.axes for label in _unseen(axes)}
    texts = figure.findobj(Text)
    return [t for t in texts if t.get_visible() and t.get_text() and t not in unseen]


def _unseen(axes):
    """Labels of ticks outside the view: matplotlib keeps them but does not draw them."""
    for axis in (axes.xaxis, axes.yaxis):
        low, high = sorted(axis.get_view_interval())
        slack = 1e-9 * (high - low)
        for tick in [*axis.get_major_ticks(), *axis.get_minor_ticks()]:
            if not (axes.axison and low - slack <= tick.get_loc() <= high + slack):
                yield from (tick.label1, tick.label2)


def words(figure):
    """The same as one string."""
    return "\n".join(t.get_text() for t in texts(figure))


def sentences(figure):
    """The same without line breaks."""
    return words(figure).replace("\n", " ")


def panels(figure):
    """Axes, without those that hold the colour scale of a legend."""
    return [axes for axes in figure.axes if axes.axison]


def check_texts(figure):
    """No text is cut off, too small to print, or read as mathematics."""
    renderer = figure.canvas.get_renderer()
    width, height = figure.get_size_inches() * figure.dpi
    for text in texts(figure):
        assert text.get_fontsize() >= 7, text
        assert "$" not in text.get_text() or not text.get_parse_math(), text
        box = text.get_window_extent(renderer)
        inside = box.x0 >= -1 and box.y0 >= -1 and box.x1 <= width + 1 and box.y1 <= height + 1
        assert inside, (text.get_text(), box, width, height)
