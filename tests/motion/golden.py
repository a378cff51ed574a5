"""Golden vectors: what Python works out and the page's viewer must work out too.

``python tests/motion/golden.py`` writes golden.json; ``test_golden.py`` holds Python to it and
``viewer/tests/golden.test.ts`` the viewer, both to 1e-5, without a browser.
"""

import base64
import json
import sys
from itertools import pairwise
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parent.parent))

from networks import another_activation, network

import unknot as uk
from unknot.datasets.dataset import spread_rows
from unknot.motion.rotation import complement, polar
from unknot.network.activations import activations
from unknot.network.maps import as_activation
from unknot.traces.lattice import grid_lines, nice_step
from unknot.traces.note import LIGHT
from unknot.traces.run import Checkpoint, History, Run
from unknot.views.films.training_view import NetworkPath
from unknot.views.page.header import corner_header, page_file
from unknot.views.page.maps import carried, map_header, map_numbers

FILE = Path(__file__).with_suffix(".json")
N_POINTS = 40
#: Rows whose places are written down; boxes depend on all of them.
N_SHOWN = 8
#: Of the page file: u in the training, t in the network, and the scene.
MOMENTS = (
    (0, 1.3, {"n_axes": 2, "projection": "following"}),
    (0.3, 0.7, {"n_axes": 3, "projection": "auto"}),
    (0.3, 2.6, {"n_axes": 2, "projection": "auto"}),
    (0.75, 4.4, {"n_axes": 2, "projection": "following"}),
    (1, 5.5, {"n_axes": 3, "projection": "following"}),
    (0.6, 2.3, {"n_axes": 3, "projection": "pca"}),
    (0.4, 1.6, {"n_axes": 2, "projection": "pca", "scale": "fixed"}),
    (0.6, 2.6, {"n_axes": 2, "projection": "lda"}),
    (0.2, 3.4, {"n_axes": 2, "projection": "units", "units": [1, 0]}),
)
#: Beside every activation with its usual ones.
WITH_PARAMETERS = (
    "leaky_relu(slope=0.2)",
    "leaky_relu(slope=[0.1, -0.3, 0.5])",
    "elu(alpha=2)",
    "celu(alpha=0.4)",
    "softplus(beta=3)",
    "relu6(ceiling=1.5)",
    "hard_tanh(low=-2, high=3)",
)
#: Within each map: in every beat of an affine one.
SHARES = (0.0, 0.12, 0.37, 0.6, 0.85)


def numbers(array):
    """Seven significant digits, row by row."""
    return [float(f"{value:.7g}") for value in np.asarray(array, np.float64).ravel()]


def precise(array):
    """All digits: activations are held to 1e-6."""
    return [float(f"{value:.12g}") for value in np.asarray(array, np.float64).ravel()]


def affine(rng, n_in, n_out, name, weight=None):
    weight = rng.normal(size=(n_in, n_out)) / np.sqrt(n_in) if weight is None else weight
    bias = rng.normal(size=n_out) / 2
    return uk.Affine(np.asarray(weight, np.float32), bias.astype(np.float32), name)


def chain(seed, widths, functions, weights=(), names=(), spreads=1.0, n_classes=3):
    """A trace through affine maps and the functions between them; weights may be given."""
    rng = np.random.default_rng(seed)
    maps = []
    given, names = dict(weights), dict(names)
    for i, ((n_in, n_out), function) in enumerate(zip(pairwise(widths), functions, strict=True)):
        maps.append(affine(rng, n_in, n_out, names.get(i, f"layer {i + 1}"), given.get(i)))
        if function:
            maps.append(uk.Softmax() if function == "softmax" else as_activation(function))
    clouds = [(rng.normal(size=(N_POINTS, widths[0])) * spreads).astype(np.float32)]
    for map_ in maps:
        clouds.append(map_(clouds[-1]))
    return uk.Trace.from_arrays(clouds, np.arange(N_POINTS) % n_classes, maps=maps)


def scaled():
    """Features of very different scales, standardised, then scores that are far out."""
    rng = np.random.default_rng(13)
    x = rng.normal(size=(N_POINTS, 3)) * [1e-4, 3e3, 1] + [0, 5e3, 0]
    weight = np.diag(1 / x.std(axis=0)).astype(np.float32)
    scores = affine(rng, 3, 2, "scores", 100 * rng.normal(size=(3, 2)))
    maps = [uk.Affine(weight, np.zeros(3, np.float32), "scaling"), scores, as_activation("tanh")]
    clouds = [np.array(numbers(x)).reshape(x.shape)]
    for map_ in maps:
        clouds.append(map_(clouds[-1]))
    return uk.Trace.from_arrays(clouds, np.arange(N_POINTS) % 3, maps=maps)


def opaque():
    """Two maps that are not known, then one that is."""
    rng = np.random.default_rng(8)
    x = rng.normal(size=(N_POINTS, 5))
    last = affine(rng, 3, 3, "last")
    clouds = [x, np.tanh(x @ rng.normal(size=(5, 7))), x[:, :3] ** 2 - x[:, 2:]]
    clouds = [c.astype(np.float32) for c in clouds]
    maps = [uk.Opaque("attention"), uk.Opaque("pooling"), last]
    return uk.Trace.from_arrays([*clouds, last(clouds[-1])], np.arange(N_POINTS) % 3, maps=maps)


def traces():
    """Name → trace and the scenes of it: lifts, kills, mirror images, half turns, the unknown."""
    flat, space = ({"n_axes": n, "projection": "following"} for n in (2, 3))
    rng = np.random.default_rng(0)
    mirror = rng.normal(size=(4, 4))
    mirror[:, 0] *= -np.sign(np.linalg.det(mirror))
    rank_2 = rng.normal(size=(4, 2)) @ rng.normal(size=(2, 4))
    turn = np.linalg.qr(rng.normal(size=(4, 4)))[0]
    half_turn = turn @ np.diag([-1.0, -1.0, 1.0, 1.0]) @ turn.T
    scaler = np.diag([1.0, 1 / 500])
    wide = chain(1, (5, 9, 7, 3), ("gelu", "silu", ""))
    return {
        "lift": (chain(2, (2, 6, 2, 1), ("relu", "", "sigmoid")), [flat, space]),
        "mirror": (
            chain(3, (4, 4, 2), ("tanh", ""), [(0, mirror)]),
            [flat, space, {**flat, "projection": "units", "units": (3, 1)}],
        ),
        # In space the third axis of the killed cloud may be either way round.
        "kill": (chain(4, (4, 4, 4), ("elu", "softplus"), [(0, rank_2)]), [flat]),
        "linear": (chain(5, (2, 4, 3), ("", "")), [flat, space]),
        "half turn": (
            chain(6, (4, 4), ("leaky_relu",), [(0, half_turn)], [(0, "half turn")]),
            [flat, space],
        ),
        "card": (chain(7, (2, 2, 1), ("sin", ""), [(0, np.diag([1.0, -1.0]))]), [flat, space]),
        "point": (chain(9, (2, 2), ("",), [(0, np.zeros((2, 2)))]), [flat, space]),
        "wide": (
            wide,
            [
                flat,
                {**space, "scale": "fixed"},
                {**space, "projection": "pca"},
                {**flat, "projection": "lda"},
                {**space, "projection": "lda"},
                {**space, "projection": "units", "units": (4, 0, 2)},
            ],
        ),
        "softmax": (
            chain(11, (3, 3, 3), ("leaky_relu(slope=[0.1, 0.5, 0.25])", "softmax")),
            [flat, space, {**flat, "projection": "pca"}],
        ),
        "unequal": (
            chain(13, (2, 2, 4, 2), ("", "tanh", ""), [(0, scaler)], spreads=(1, 500)),
            [flat, {**flat, "scale": "fixed"}, space],
        ),
        "flat mirror": (chain(12, (3, 3), ("",), [(0, np.diag([1.0, -2.0, 0.0]))]), [flat]),
        "scaled": (scaled(), [flat, {**space, "projection": "pca"}]),
        "opaque": (opaque(), [flat, space, {**flat, "projection": "pca"}]),
        "corners": (
            chain(15, (6, 5), ("softmax",), n_classes=5),
            [{**flat, "projection": "auto"}, {**space, "projection": "corners"}],
        ),
        "three corners": (chain(16, (4, 3), ("softmax",)), [{**flat, "projection": "auto"}]),
    }


def instants(scene):
    for k in range(scene.length + 1):
        for share in SHARES if k < scene.length else (0.0,):
            t = k + share
            box = scene.extent(t)
            yield {
                "t": t,
                "points": numbers(scene.points(t)[:N_SHOWN]),
                "centre": numbers(box.centre),
                "radius": numbers([box.radius])[0],
                "factors": numbers(box.factors),
            }


def frames(scene):
    """In each map, where only one is right: a half turn goes either way, and a fixed next plane
    may lie outside of what the map reaches."""
    if scene.projection != "following" or scene.trace.maps[0].name == "half turn":
        return []
    return [numbers(scene.camera.frame(k + 0.6)) for k in range(scene.length)]


def notes(scene, k):
    """Without the correlation of movements, which the page does not work out."""
    return [n.text for n in scene.transition_notes(k) if n.weight > LIGHT]


def scene_golden(trace, options):
    scene = uk.Scene(trace, **options)
    return {
        "options": options,
        "instants": list(instants(scene)),
        "frames": frames(scene),
        "notes": [notes(scene, k) for k in range(scene.length)],
        "labels": [list(stop.axis_labels) for stop in scene.stops],
        "beats": [[b.title, b.start, b.stop, b.sentence, b.is_visible] for b in scene.beats],
        "variance": [
            shown and numbers([shown.variance_shown])[0]
            for shown in map(scene.readout, range(len(scene.stops)))
        ],
    }


def map_golden(map_, after):
    """As the page file has it, with its numbers."""
    if isinstance(map_, uk.Affine):
        weight, bias = numbers(map_.weight), numbers(map_.bias)
        return {"kind": "affine", "name": map_.name, "weight": weight, "bias": bias}
    header = map_header([map_], after.n_units, after.n_units)
    own = map_numbers(map_, after.n_units, carried([map_]))
    return header | ({"values": [number for row in own for number in numbers(row)]} if own else {})


def activation_golden(text, z):
    """Its formula as the page has it, and what Python makes of z; 3 units may have their own."""
    map_ = as_activation(text)
    columns = np.repeat(z[:, None], 3, axis=1)
    header = map_header([map_], 3, 3)
    own = map_numbers(map_, 3, carried([map_]))
    return {
        "formula": header["formula"],
        "parameters": header["parameters"],
        "own": [numbers(row) for row in own],
        "values": precise(map_(columns)),
    }


def trace_golden(trace, options):
    """The input and the maps; what follows is worked out, but for what no map gives."""
    unknown = [isinstance(map_, uk.Opaque) for map_ in trace.maps]
    return {
        "labels": trace.labels.tolist(),
        "class_names": list(trace.class_names),
        "corners": corner_header(trace),
        "representations": [
            {
                "name": r.name,
                "n_units": r.n_units,
                "unit_names": list(trace.unit_titles(k)) if trace.holds_probabilities(k) else None,
                "values": numbers(r.values) if k == 0 or unknown[k - 1] else None,
            }
            for k, r in enumerate(trace.representations)
        ],
        "last": numbers(trace.representations[-1].values[:N_SHOWN]),
        "maps": [map_golden(m, trace.representations[k + 1]) for k, m in enumerate(trace.maps)],
        "scenes": [scene_golden(trace, each) for each in options],
    }


def training_run():
    """Two checkpoints; inputs that a page carries without loss."""
    rng = np.random.default_rng(3)
    steps = rng.integers(0, 65_536, size=(N_POINTS, 2))
    steps[0], steps[1] = 0, 65_535
    data = uk.datasets.Dataset(
        (-2 + 4 * steps / 65_535).astype(np.float32),
        np.arange(N_POINTS) % 2,
        ("a", "b"),
        ("x", "y"),
        "golden",
    )
    models = [network([2, 5, 3, 2], "ebbing", "softmax", seed=seed) for seed in (1, 2)]
    checkpoints = tuple(Checkpoint(10 * i, float(i), model) for i, model in enumerate(models))
    history = History((0.5,), (0.5,), (), ())
    return Run(models[-1], history, checkpoints, data, np.arange(0))


def page_golden():
    """A whole file, at moments of the training between and at its checkpoints.

    Its activation is one that the viewer has never heard of.
    """
    with another_activation():
        run = training_run()
        path = NetworkPath(run)
        moments = [moment_golden(run, path, *each) for each in MOMENTS]
        return {"file": base64.b64encode(page_file(run)).decode(), "moments": moments}


def moment_golden(run, path, u, t, options):
    trace = uk.trace(path.at(u), run.data)
    scene = uk.Scene(trace, **options)
    return {
        "u": u,
        "t": t,
        "options": options,
        "points": numbers(scene.points(t)[:N_SHOWN]),
        "probabilities": numbers(trace.representations[-1].values[:N_SHOWN]),
        "sentence": scene.beat(1.5).sentence,
    }


def small_golden():
    """Functions of a line or two that both sides have."""
    rng = np.random.default_rng(4)
    z = np.linspace(-6, 6, 25)
    columns = [
        np.linalg.qr(rng.normal(size=shape))[0] for shape in ((3, 1), (4, 2), (6, 2), (7, 4))
    ]
    singular = np.diag([1.0, 0.0, 0.0]) @ np.diag([-2.0, 1.0, 1.0])
    squares = [rng.normal(size=(3, 3)), singular, np.zeros((2, 2)), rng.normal(size=(4, 2))]
    # Of rank 1 and 2, in whole numbers that are written exactly: no axis is what is killed.
    pairs = [rng.integers(-3, 4, size=(2, 4, rank)).astype(float) for rank in (1, 2)]
    squares += [a @ b.T for a, b in pairs]
    low, high = np.array([-1.3, 0.2]), np.array([2.1, 3.9])
    boxes = [(low, high), (low * [1_000, 1], high * [1_000, 1])]
    values = [0.53, 2.04, 14.6, 123.0, 3.4e-5, -0.5, 0.1, 1.0, 0.996, 99.7, 1e9, -2.5e-7]
    sizes = ((0, 5), (1, 5), (7, 5), (40, 13), (1_000, 7), (101, 100))
    return {
        "activations": {
            "z": numbers(z),
            "each": {text: activation_golden(text, z) for text in [*activations, *WITH_PARAMETERS]},
        },
        "complements": [
            {"shape": list(c.shape), "columns": numbers(c), "complement": numbers(complement(c))}
            for c in columns
        ],
        "polars": [
            {"shape": list(m.shape), "matrix": numbers(m), "polar": numbers(polar(m))}
            for m in squares
        ],
        "rows": [[n, most, spread_rows(n, most).tolist() if n else []] for n, most in sizes],
        "steps": [
            [length, cells, nice_step(length, cells)]
            for length in (0.03, 1.0, 7.7, 260.0)
            for cells in (4, 22)
        ],
        "grids": [
            {
                "low": a.tolist(),
                "high": b.tolist(),
                "lengths": [len(line) for line in grid_lines(a, b)],
                "ends": [numbers(line[[0, 1, -1]]) for line in grid_lines(a, b)],
            }
            for a, b in boxes
        ],
        "digits": [[value, f"{value:.2g}".replace("-", "−")] for value in values],
    }


def content():
    """Everything that golden.json holds."""
    return {
        **small_golden(),
        "traces": {name: trace_golden(*each) for name, each in traces().items()},
        "page": page_golden(),
    }


def text(golden):
    """JSON, one line a trace and a table, so that a change can be read."""
    lines = [
        f"{json.dumps(name)}: {json.dumps(each, ensure_ascii=False)}"
        for name, each in golden.items()
        if name != "traces"
    ]
    each_trace = [
        f"{json.dumps(name)}: {json.dumps(each, ensure_ascii=False)}"
        for name, each in golden["traces"].items()
    ]
    return "{\n" + ",\n".join([*lines, '"traces": {\n' + ",\n".join(each_trace) + "\n}"]) + "\n}\n"


if __name__ == "__main__":
    FILE.write_text(text(content()), "utf-8")
    print(f"{FILE}: {FILE.stat().st_size / 1000:.0f} kB")
