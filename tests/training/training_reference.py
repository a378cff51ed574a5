"""Training in plain NumPy and float64, written from the formulas: what the tests compare with."""

import numpy as np
from scipy.special import expit, softmax

from unknot.network.maps import as_activation


def _gelu(z):
    c = np.sqrt(2 / np.pi)
    t = np.tanh(c * (z + 0.044715 * z**3))
    return 0.5 * (1 + t) + 0.5 * z * (1 - t**2) * c * (1 + 3 * 0.044715 * z**2)


#: σ′(z); 0 at the kink of relu, where only a choice can be made.
derivatives = {
    "relu": lambda z: (z > 0) * 1.0,
    "leaky_relu": lambda z: np.where(z > 0, 1.0, 0.01),
    "tanh": lambda z: 1 - np.tanh(z) ** 2,
    "sigmoid": lambda z: expit(z) * (1 - expit(z)),
    "gelu": _gelu,
    "silu": lambda z: expit(z) * (1 + z * (1 - expit(z))),
    "softplus": expit,
    "elu": lambda z: np.where(z > 0, 1.0, np.exp(np.minimum(z, 0))),
    "sin": np.cos,
    "linear": np.ones_like,
}


def derivative(name, z):
    """By its formula or, for the others, by five points on one side of every corner."""
    if name in derivatives:
        return derivatives[name](z)
    f = as_activation(name)
    away = [np.abs(z - knot) for knot in f.knots]
    h = np.minimum.reduce([np.full_like(z, 3e-3), *away]) / 3 + 1e-300
    return (f(z - 2 * h) - 8 * f(z - h) + 8 * f(z + h) - f(z + 2 * h)) / (12 * h)


def loss_and_gradient(layers, names, output, x, y):
    """Mean loss over the rows and its gradient by every weight and bias: back-propagation."""
    h, layer_values = x, []
    for (weight, bias), name in zip(layers, names, strict=True):
        z = h @ weight + bias
        layer_values.append((h, z))
        h = as_activation(name)(z)
    loss, delta = output_loss(output, h, y)
    gradients = []
    for (weight, _), name, (below, z) in list(zip(layers, names, layer_values, strict=True))[::-1]:
        delta = delta * derivative(name, z)
        gradients.append((below.T @ delta, delta.sum(axis=0)))
        delta = delta @ weight.T
    return loss, gradients[::-1]


def output_loss(output, h, y):
    """Mean loss and its derivative by the outputs."""
    n = len(y)
    if output == "sigmoid":
        p = expit(h[:, 0])
        return -np.log(np.where(y == 1, p, 1 - p)).mean(), (p - y)[:, None] / n
    if output == "softmax":
        p = softmax(h, axis=1)
        one_hot = np.eye(h.shape[1])[y]
        return -np.log(p[np.arange(n), y]).mean(), (p - one_hot) / n
    return ((h[:, 0] - y) ** 2).mean(), 2 * (h - y[:, None]) / n


def rmsprop(w, g, s, t, rate):
    s["v"] = 0.9 * s.get("v", 0) + 0.1 * g**2
    return w - rate * g / np.sqrt(s["v"] + 1e-7)


def adam(w, g, s, t, rate):
    s["m"] = 0.9 * s.get("m", 0) + 0.1 * g
    s["v"] = 0.999 * s.get("v", 0) + 0.001 * g**2
    m, v = s["m"] / (1 - 0.9**t), s["v"] / (1 - 0.999**t)
    return w - rate * m / (np.sqrt(v) + 1e-8)


def adamw(w, g, s, t, rate):
    return adam(w, g, s, t, rate) - rate * 0.01 * w


def sgd(w, g, s, t, rate):
    s["m"] = 0.9 * s.get("m", 0) + g
    return w - rate * s["m"]


optimisers = {f.__name__: f for f in (rmsprop, adam, adamw, sgd)}


def train(layers, names, output, x, y, *, batch_size, optimizer, rate):
    """One epoch over the rows in their order; the last batch may be short."""
    layers = [tuple(part.astype(float) for part in layer) for layer in layers]
    states = [({}, {}) for _ in layers]
    losses = []
    for t, at in enumerate(range(0, len(y), batch_size), start=1):
        rows = slice(at, at + batch_size)
        loss, gradients = loss_and_gradient(layers, names, output, x[rows], y[rows])
        losses.append(loss)
        layers = [
            tuple(
                optimisers[optimizer](w, g, s, t, rate)
                for w, g, s in zip(layer, gradient, state, strict=True)
            )
            for layer, gradient, state in zip(layers, gradients, states, strict=True)
        ]
    return layers, losses
