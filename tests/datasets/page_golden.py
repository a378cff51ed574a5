"""What Python knows of the data sets that the page makes itself, to hold the page to it.

``python tests/datasets/page_golden.py`` writes page_golden.json; ``test_page_golden.py`` holds
Python to it, and ``viewer/tests/datasets.test.ts`` the viewer: names and parameters, the best
possible accuracy, and the distribution of each class along several directions, as quantiles of a
large sample.
"""

import json
from pathlib import Path

import numpy as np

from unknot.datasets import generators, make
from unknot.datasets.parameters import parameters_of

FILE = Path(__file__).with_suffix(".json")
#: Rows from which the quantiles are, and which of them are written.
N_POINTS, N_QUANTILES = 100_000, 19
LEVELS = np.arange(1, N_QUANTILES + 1) / (N_QUANTILES + 1)
#: Each data set as it is at first, and otherwise.
CASES = (
    ("circles", {}),
    ("circles", {"noise": 0.2, "factor": 0.3}),
    ("circles", {"noise": 0.0}),
    ("moons", {}),
    ("moons", {"noise": 0.35}),
    ("spirals", {}),
    ("spirals", {"noise": 0.1, "arms": 3, "turns": 0.7}),
    ("xor", {}),
    ("xor", {"noise": 0.9}),
    ("blobs", {}),
    ("blobs", {"noise": 0.6, "classes": 5}),
    ("gaussian_quantiles", {}),
    ("gaussian_quantiles", {"classes": 2}),
    ("shells", {}),
    ("shells", {"noise": 0.25, "classes": 3}),
    ("linked_rings", {}),
    ("linked_rings", {"noise": 0.3}),
)


def readings(x):
    """(n_points, n_readings): every coordinate, two slanted directions, the distance."""
    slanted = [x @ np.cos(np.arange(x.shape[1]) + k) for k in (0.5, 2.0)]
    return np.stack([*x.T, *slanted, np.linalg.norm(x, axis=1)], axis=1)


def case(name, given):
    """One data set, as JSON."""
    data = make(name, N_POINTS, seed=1, parameters=given)
    own = {k: p for k, p in parameters_of(generators[name]).items() if k in data.parameters}
    classes = [readings(data.x[data.y == k].astype(np.float64)) for k in range(data.n_classes)]
    return {
        "name": name,
        "given": given,
        "defaults": {k: p.default for k, p in own.items() if k not in ("n", "seed", "dimension")},
        "class_names": list(data.class_names),
        "feature_names": list(data.feature_names),
        "hidden": list(data.architecture.hidden),
        "activation": data.architecture.activation,
        "best": float(f"{data.bayes_accuracy:.7g}"),
        "quantiles": [np.quantile(c, LEVELS, axis=0).T.round(4).tolist() for c in classes],
        "counts": [len(c) for c in classes],
    }


def content():
    """Everything that the file holds."""
    return {"cases": [case(*each) for each in CASES]}


def text(golden):
    """JSON, a line a case."""
    lines = [json.dumps(each, separators=(",", ":")) for each in golden["cases"]]
    return '{"cases": [\n' + ",\n".join(lines) + "\n]}\n"


if __name__ == "__main__":
    FILE.write_text(text(content()), "utf-8")
    print(f"{FILE}: {FILE.stat().st_size / 1000:.0f} kB")
