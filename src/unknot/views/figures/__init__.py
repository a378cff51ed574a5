"""figures: still pictures of what a network does to its data, each a function of its own.

``unknot.figures.strip(trace)``, ``.pairs(trace, layer="hidden 1")``, ``.training(run)``, … draw on
a figure of their own, into ``figure=`` (a matplotlib Figure or SubFigure) or, where they are one
panel, into ``ax=``, and return the matplotlib Figure. ``unknot.figure(source, what="strip", …)``
is the same by name.
"""

from importlib import import_module
from inspect import signature
from pkgutil import iter_modules

from unknot.views.figures.atlas import atlas
from unknot.views.figures.components import components
from unknot.views.figures.confusion import confusion
from unknot.views.figures.depth import depth
from unknot.views.figures.diagram import diagram
from unknot.views.figures.figure import SUFFIXES, figure, figures, save_figure
from unknot.views.figures.heatmap import cka, heatmap
from unknot.views.figures.homology import barcodes, persistence
from unknot.views.figures.pairs import pairs
from unknot.views.figures.predictions import predictions
from unknot.views.figures.regions import regions
from unknot.views.figures.space import three_d
from unknot.views.figures.strip import strip
from unknot.views.figures.training import training
from unknot.views.figures.width import accuracy, sweep

__all__ = [
    "OF_FILES",
    "SUFFIXES",
    "accuracy",
    "atlas",
    "barcodes",
    "cka",
    "components",
    "confusion",
    "depth",
    "diagram",
    "figure",
    "figures",
    "heatmap",
    "pairs",
    "persistence",
    "predictions",
    "regions",
    "save_figure",
    "strip",
    "sweep",
    "three_d",
    "training",
]

# Whatever else lies in this folder may add figures.
for _module in iter_modules(__path__):
    import_module(f"{__name__}.{_module.name}")
figures.sort()
#: Those of a run or a trace, which is what files hold.
OF_FILES = [
    _name
    for _name in figures
    if any(word in str(signature(figures[_name])).split(",")[0] for word in ("Trace", "Run"))
]
# Importing a module of the name of its figure has put it in the figure's place.
globals().update({_draw.__name__: _draw for _draw in (figures[_name] for _name in figures)})
