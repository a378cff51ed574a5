"""See how a neural network untangles data.

The way of the data, one verb a step::

    Dataset ──fit──▶ Run ──trace──▶ Trace ──Morph──▶ Scene ──▶ figure · animation · page

- ``datasets.circles(…)``, ``datasets.from_file(…)``: a *Dataset*, points and labels.
- ``fit(data, hidden=[6])``: a *Run*, the trained network with its history and checkpoints.
- ``trace(run)``: a *Trace*, the cloud at every place in the network, joined by the maps.
- ``trace(model, data)``: the same of any Keras, PyTorch, JAX, scikit-learn or ONNX model;
  ``Film(data)`` records one while it is trained.
- ``Morph(trace).at(t)``: the cloud on its way from one representation to the next.
- ``measure(trace)``: a table of how tangled the classes are, at every layer.
- ``minimum_width(data)``: how many hidden units the data need, found and explained.
- ``figure(trace)``, ``save_figure(…, path)``, ``animate(trace, path)``: pictures and films.
- ``page(source, path)``, ``show(source)``: one offline file, or the widget, to scrub it all.
- ``trace.save(path)``, ``run.save(path)``, ``load(path)``: files.

Nothing heavy is imported before it is used.
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from unknot import datasets
    from unknot.datasets.dataset import Dataset
    from unknot.errors import UnknotError, UsageError
    from unknot.measures import measure
    from unknot.motion.morph import Morph
    from unknot.motion.scene import Scene
    from unknot.network.maps import Activation, Affine, Opaque, Softmax
    from unknot.record.film import Film
    from unknot.traces.representation import Representation, Trace
    from unknot.traces.run import Checkpoint, Run
    from unknot.traces.storage import load, save
    from unknot.traces.tracing import trace
    from unknot.training import fit
    from unknot.views import figures
    from unknot.views.figures import figure, save_figure
    from unknot.views.films import animate
    from unknot.views.page import page, show
    from unknot.width.result import MinimumWidth
    from unknot.width.search import minimum_width
    from unknot.width.sweep import sweep

#: Public modules.
_MODULES = {"datasets": "unknot.datasets", "figures": "unknot.views.figures"}
#: Public name → module that defines it.
_HOME = {
    "Dataset": "unknot.datasets.dataset",
    "fit": "unknot.training",
    "Run": "unknot.traces.run",
    "Checkpoint": "unknot.traces.run",
    "trace": "unknot.traces.tracing",
    "Trace": "unknot.traces.representation",
    "Representation": "unknot.traces.representation",
    "Affine": "unknot.network.maps",
    "Activation": "unknot.network.maps",
    "Softmax": "unknot.network.maps",
    "Opaque": "unknot.network.maps",
    "Morph": "unknot.motion.morph",
    "Film": "unknot.record.film",
    "Scene": "unknot.motion.scene",
    "measure": "unknot.measures",
    "minimum_width": "unknot.width.search",
    "MinimumWidth": "unknot.width.result",
    "sweep": "unknot.width.sweep",
    "figure": "unknot.views.figures",
    "save_figure": "unknot.views.figures",
    "animate": "unknot.views.films",
    "page": "unknot.views.page",
    "show": "unknot.views.page",
    "save": "unknot.traces.storage",
    "load": "unknot.traces.storage",
    "UnknotError": "unknot.errors",
    "UsageError": "unknot.errors",
}

__all__ = [
    "Activation",
    "Affine",
    "Checkpoint",
    "Dataset",
    "Film",
    "MinimumWidth",
    "Morph",
    "Opaque",
    "Representation",
    "Run",
    "Scene",
    "Softmax",
    "Trace",
    "UnknotError",
    "UsageError",
    "animate",
    "datasets",
    "figure",
    "figures",
    "fit",
    "load",
    "measure",
    "minimum_width",
    "page",
    "save",
    "save_figure",
    "show",
    "sweep",
    "trace",
]


def __getattr__(name: str) -> Any:
    if name == "__version__":
        return importlib.import_module("importlib.metadata").version("unknot")
    if name in _MODULES:
        return importlib.import_module(_MODULES[name])
    if name not in _HOME:
        raise AttributeError(f"module 'unknot' has no attribute {name!r}")
    value = getattr(importlib.import_module(_HOME[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
