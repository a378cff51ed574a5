"""What a notebook shows of data, traces, runs, searches and what is made of them: text, picture."""

import base64
import html
import io
from typing import Any

from unknot.datasets.dataset import Dataset, spread_rows, thinned
from unknot.doors import held_run, held_trace, side_by_side
from unknot.errors import UsageError
from unknot.traces.representation import Representation, Trace

#: A preview is drawn of no more points, representations, units and classes than these.
POINTS, REPRESENTATIONS, UNITS, CLASSES = 1_000, 12, 512, 12
#: Inches, and pixels an inch.
SIZE, RESOLUTION = 9.0, 90


def as_html(thing: Any) -> str:
    """HTML of whatever is public and shows itself."""
    try:
        drawn = _drawn(thing)
    except UsageError:  # a search, or a film, that has nothing to draw yet
        drawn = ""
    return _text(repr(thing)) + drawn


def _drawn(thing: Any) -> str:
    """The points of a data set, the strip of networks, or what a search has found."""
    from unknot.traces.tracing import trace
    from unknot.views.figures import figure

    if isinstance(thing, Dataset):
        few = thinned(thing, POINTS)
        cloud = Representation("input", few.x, few.feature_names)
        return _strip(Trace((cloud,), (), few.y, few.class_names, name=few.name))
    if (run := held_run(thing)) is not None:
        return _strip(trace(run, thinned(run.data, POINTS)))
    if (held := held_trace(thing)) is not None:
        return _strip(held)
    scenes = side_by_side(thing)
    if len(scenes) > 1:
        few_points = [scene.thinned(POINTS) for scene in scenes]
        return "" if _is_large(scenes[0].trace) else _picture(figure(few_points, size=SIZE))
    return _picture(figure(thing, size=SIZE))


def _text(text: str) -> str:
    return f'<pre style="white-space: pre-wrap; margin: 0">{html.escape(text)}</pre>'


def _strip(trace: Trace) -> str:
    """A strip of a trace that is small enough for a preview, otherwise nothing."""
    from unknot.views.figures import figure

    if _is_large(trace) or not trace.n_points:
        return ""
    return _picture(figure(trace.take(spread_rows(trace.n_points, POINTS)), size=SIZE))


def _is_large(trace: Trace) -> bool:
    widest = max(r.n_units for r in trace.representations)
    return len(trace) > REPRESENTATIONS or widest > UNITS or trace.n_classes > CLASSES


def _picture(figure: Any) -> str:
    from unknot.views.figures.figure import save_pixels

    stream = io.BytesIO()
    save_pixels(figure, stream, RESOLUTION, small=True)
    data = base64.b64encode(stream.getvalue()).decode("ascii")
    return f'<img alt="" style="max-width: 100%" src="data:image/png;base64,{data}">'
