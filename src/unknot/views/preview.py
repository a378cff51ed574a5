"""What a notebook shows of a data set, a trace, a run or a search: its text and a small picture."""

import base64
import html
import io
from typing import Any

from unknot.datasets.dataset import Dataset, spread_rows, thinned
from unknot.traces.representation import Representation, Trace
from unknot.traces.run import Run

#: A preview is drawn of no more points, representations, units and classes than these.
POINTS, REPRESENTATIONS, UNITS, CLASSES = 1_000, 12, 512, 12
#: Inches, and pixels an inch.
SIZE, RESOLUTION = 9.0, 90


def as_html(thing: Any) -> str:
    """HTML of a data set, a trace, a run or a search."""
    return _text(repr(thing)) + _drawn(thing)


def _drawn(thing: Any) -> str:
    """The points of a data set, the strip of a network, or the accuracy of each width."""
    from unknot.traces.tracing import trace
    from unknot.views.figures import figure

    if isinstance(thing, Trace):
        return _strip(thing)
    if isinstance(thing, Run):
        return _strip(trace(thing, thinned(thing.data, POINTS)))
    if isinstance(thing, Dataset):
        few = thinned(thing, POINTS)
        cloud = Representation("input", few.x, few.feature_names)
        return _strip(Trace((cloud,), (), few.y, few.class_names, name=few.name))
    return _picture(figure(thing, size=SIZE)) if thing.widths else ""


def _text(text: str) -> str:
    return f'<pre style="white-space: pre-wrap; margin: 0">{html.escape(text)}</pre>'


def _strip(trace: Trace) -> str:
    """A strip of a trace that is small enough for a preview, otherwise nothing."""
    from unknot.views.figures import figure

    widest = max(r.n_units for r in trace.representations)
    is_large = len(trace) > REPRESENTATIONS or widest > UNITS or trace.n_classes > CLASSES
    if is_large or not trace.n_points:
        return ""
    return _picture(figure(trace.take(spread_rows(trace.n_points, POINTS)), size=SIZE))


def _picture(figure: Any) -> str:
    stream = io.BytesIO()
    figure.savefig(stream, format="png", dpi=RESOLUTION)
    data = base64.b64encode(stream.getvalue()).decode("ascii")
    return f'<img style="max-width: 100%" src="data:image/png;base64,{data}">'
