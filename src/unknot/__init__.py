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
import pkgutil
import re
from typing import Any

_STUB = (pkgutil.get_data(__name__, "__init__.pyi") or b"").decode()
#: Public name → the module that it is imported from.
_HOME = {name: home for home, name in re.findall(r"^from (\S+) import (\w+) as", _STUB, re.M)}
_MODULES = ("datasets", "figures")

__all__ = sorted(_HOME)  # pyright: ignore[reportUnsupportedDunderAll]


def __getattr__(name: str) -> Any:
    if name == "__version__":
        return importlib.import_module("importlib.metadata").version("unknot")
    if name not in _HOME:
        raise AttributeError(f"module 'unknot' has no attribute {name!r}")
    if name in _MODULES:
        value = importlib.import_module(f"{_HOME[name]}.{name}")
    else:
        value = getattr(importlib.import_module(_HOME[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
