"""What a notebook shows of a data set, a trace, a run or a search: its text and a small picture."""

import base64
import html
import io
from dataclasses import replace
from typing import Any

from unknot.motion.projection import spread_rows
from unknot.traces.representation import Representation, Trace

#: A preview is drawn of no more points, representations, units and classes than these.
POINTS, REPRESENTATIONS, UNITS, CLASSES = 1_000, 12, 512, 12
#: Inches, and pixels an inch.
SIZE, RESOLUTION = 9.0, 90


def trace_preview(trace: Trace) -> str:
    """HTML of a trace: what ``repr`` says, and a strip of its representations."""
    return _text(repr(trace)) + _strip(trace)


def run_preview(run: Any) -> str:
    """HTML of a run: what ``repr`` says, and a strip of the network after the last step."""
    from unknot.traces.tracing import trace

    return _text(repr(run)) + _strip(trace(run, _some(run.data)))


def dataset_preview(data: Any) -> str:
    """HTML of a data set: what ``repr`` says, and its points in the plane."""
    few = _some(data)
    cloud = Representation("input", few.x, few.feature_names)
    trace = Trace((cloud,), (), few.y, few.class_names, name=data.name)
    return _text(repr(data)) + _strip(trace)


def minimum_width_preview(result: Any) -> str:
    """HTML of a search: what ``repr`` says, and the accuracy of each width."""
    from unknot.views.figures import figure

    return _text(repr(result)) + (_picture(figure(result, size=SIZE)) if result.widths else "")


def _text(text: str) -> str:
    return f'<pre style="white-space: pre-wrap; margin: 0">{html.escape(text)}</pre>'


def _strip(trace: Trace) -> str:
    """A strip of a trace that is small enough for a preview, otherwise nothing."""
    from unknot.views.figures import figure

    widest = max(r.n_units for r in trace.representations)
    is_large = len(trace) > REPRESENTATIONS or widest > UNITS or trace.n_classes > CLASSES
    if is_large or not trace.n_points:
        return ""
    return _picture(figure(thinned(trace, POINTS), size=SIZE))


def thinned(trace: Trace, most: int) -> Trace:
    """At most `most` of the points, spread evenly over the rows."""
    if trace.n_points <= most:
        return trace
    rows = spread_rows(trace.n_points, most)
    probabilities = trace.probabilities
    return replace(
        trace,
        representations=tuple(replace(r, values=r.values[rows]) for r in trace.representations),
        labels=trace.labels[rows],
        probabilities=None if probabilities is None else probabilities[rows],
    )


def _some(data: Any) -> Any:
    rows = spread_rows(data.n_points, POINTS)
    return replace(data, x=data.x[rows], y=data.y[rows]) if len(rows) < data.n_points else data


def _picture(figure: Any) -> str:
    stream = io.BytesIO()
    figure.savefig(stream, format="png", dpi=RESOLUTION)
    data = base64.b64encode(stream.getvalue()).decode("ascii")
    return f'<img style="max-width: 100%" src="data:image/png;base64,{data}">'
