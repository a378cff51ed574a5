"""What a person may hand over, understood in one place.

Every public verb asks here for what it works with: `as_dataset` for points with labels, `as_run`
for a training, `as_trace` for the clouds inside a network, `as_scene` for a trace with a camera.
What has no meaning for a verb is refused, with what to give instead.
"""

import os
from typing import TYPE_CHECKING, Any, cast

from unknot.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from unknot.datasets.dataset import Dataset
    from unknot.motion.scene import Scene
    from unknot.traces.representation import Trace
    from unknot.traces.run import Run


def as_dataset(
    source: Any,
    *,
    label: Any = None,
    target: Any = None,
    name: str | None = None,
) -> "Dataset":
    """Points with labels.

    Parameters
    ----------
    source : Dataset, (x, y), data frame, name of a data set, file, Run, Trace or Scene
        A run and a trace stand for the points that they were made of.
    label, target : column, optional
        Of a data frame or a file: the classes, or the number to predict.
    name : str, optional
        For titles.

    Raises
    ------
    UsageError
        For anything else, and for what holds no labels.
    """
    from dataclasses import replace

    from unknot.datasets.dataset import Dataset

    has_columns = _is_frame(source) or _is_path(source)
    if not has_columns and (label is not None or target is not None):
        option = "label" if label is not None else "target"
        raise UsageError(
            f"{option} names a column of a data frame or a file; got a {type(source).__name__}.\n"
            f"Leave {option} out."
        )
    data = source if isinstance(source, Dataset) else _made_dataset(source, label, target)
    return data if name is None else replace(data, name=str(name))


def labelled_points(data: Any, y: Any) -> Any:
    """Points and labels that were given one after the other, as a pair.

    Raises
    ------
    UsageError
        When the points have labels of their own, are left out, or `y` is a column's name.
    """
    from unknot.datasets.dataset import Dataset

    if y is None:
        return data
    if isinstance(y, str):
        raise UsageError(
            f"y is the labels themselves, one a point; got the text {y[:40]!r}.\n"
            f"Name a column as label={y[:40]!r}, or as target=… for numbers to predict."
        )
    if data is None:
        raise UsageError("y is the labels of points, and none were given.\nGive both: x, y.")
    if isinstance(data, Dataset | str | os.PathLike) or _is_pair(data):
        raise UsageError(
            f"y is the labels of an array of points; got {_described(y)} beside "
            f"{_described(data)}, which has its own.\nLeave y out."
        )
    return data, y


def _made_dataset(source: Any, label: Any, target: Any) -> "Dataset":
    from unknot.adapters.loaders import is_loader
    from unknot.adapters.points import as_points
    from unknot.datasets import from_frame, resolve

    if isinstance(source, str | os.PathLike):
        return resolve(os.fspath(source), label=label, target=target)
    if _is_frame(source):
        if label is None and target is None:
            raise UsageError(
                "A data frame needs the name of its column of classes.\n"
                "Give label=…, or target=… for numbers to predict."
            )
        return from_frame(source, label=label, target=target)
    if _is_pair(source) or is_loader(source):
        return as_points(source).data
    run = held_run(source)
    if run is not None:
        return run.data
    trace = held_trace(source)
    if trace is not None:
        return _points_of(trace)
    raise UsageError(
        f"Expected points with labels; got {_described(source)}.\n"
        "Give a Dataset, a pair (x, y), a data frame with label=…, or the name of a data set."
    )


def _points_of(trace: "Trace") -> "Dataset":
    from unknot.datasets.dataset import Dataset

    cloud = trace.representations[0]
    return Dataset(
        x=cloud.values.astype("float32", copy=False),
        y=trace.labels,
        class_names=trace.class_names,
        feature_names=cloud.unit_names,
        name=trace.name,
        bayes_accuracy=trace.bayes_accuracy,
        held_out=trace.held_out,
        identity=trace.identity,
    )


def as_run(source: Any, *, purpose: str = "This") -> "Run":
    """A training run: what ``fit`` returned, or what a Film has recorded.

    Raises
    ------
    UsageError
        For anything else; `purpose` says what needs a run.
    """
    run = held_run(source)
    if run is None:
        raise UsageError(
            f"{purpose} needs a Run, with its checkpoints; got {_described(source)}.\n"
            "Give what fit() returned, what film.run() returns, or a saved run."
        )
    return run


def as_beginning(source: Any) -> "tuple[Run, Sequence[Dataset]]":
    """A run to train on from: a run itself, or one before its first step on points with labels.

    Returns
    -------
    Run, sequence of Dataset
        The data sets beside the run's own, where a list of them is given.

    Raises
    ------
    UsageError
        For what is no run and holds no points with labels.
    """
    run = held_run(source)
    return as_untrained(source) if run is None else (run, ())


def as_untrained(
    source: Any, label: Any = None, target: Any = None
) -> "tuple[Run, Sequence[Dataset]]":
    """A run before its first step on points with labels, as ``as_beginning`` gives it.

    Parameters
    ----------
    source : data set, (x, y), data frame, name of a data set, file or Run, or a list of them
        None: circles.
    label, target : column, optional
        Of data frames and files.
    """
    from unknot.training.start import beginning
    from unknot.views.page.header import MOST_WORK

    return beginning(source, MOST_WORK, label, target)


def as_trace(source: Any) -> "Trace":
    """The clouds inside a network; of a run, those after its last step, of its own points.

    Parameters
    ----------
    source : Trace, Run, Film, Scene or Morph

    Raises
    ------
    UsageError
        For anything else.
    """
    trace = held_trace(source)
    if trace is not None:
        return trace
    run = held_run(source)
    if run is not None:
        from unknot.traces.tracing import trace as trace_run

        return trace_run(run)
    raise UsageError(
        f"Expected a Trace, a Run or a Scene; got {_described(source)}.\n"
        "Make a trace of any network: trace(model, data)."
    )


def as_scene(source: Any, **options: Any) -> "Scene":
    """A trace with a camera; `options` are those of ``Scene``.

    Raises
    ------
    UsageError
        For what holds no trace, and for options beside a scene, which has its own.
    """
    from unknot.motion.scene import Scene

    if not isinstance(source, Scene):
        return Scene(as_trace(source), **options)
    if options:
        raise UsageError(
            f"A Scene already has its {', '.join(options)}.\n"
            "Give the trace instead, or leave that out."
        )
    return source


def points_for(model: Any, data: Any) -> "Dataset":
    """Points for a network of unknot's own.

    Parameters
    ----------
    model : Run or MLP
        Labels beside a run are its class numbers, or its class names.
    data : Dataset, array, (array, array), or whatever else `as_dataset` takes
        An array alone has no labels: its points are of one class, "points".

    Raises
    ------
    UsageError
        As `as_dataset`, and for labels that are none of the run's classes.
    """
    import numpy as np

    from unknot.adapters.points import as_points
    from unknot.datasets.dataset import Dataset
    from unknot.datasets.point_labels import in_order_of

    if isinstance(data, Dataset):
        return data
    run = held_run(model)
    is_pair = _is_pair(data)
    if run is None or not run.data.class_names or not is_pair:
        is_array = isinstance(data, np.ndarray | list) or hasattr(data, "__array__")
        return as_points(data).data if is_array or is_pair else as_dataset(data)
    x, labels = data
    points = as_points(x).data
    numbers = classes_among(in_order_of(labels, x), run.data.class_names, points.n_points)
    return Dataset(points.x, numbers, run.data.class_names, points.feature_names)


def classes_among(labels: Any, names: tuple[str, ...], n_points: int) -> Any:
    """(n_points,) int64 class numbers of labels that are class numbers or class names.

    A point without a label has −1.

    Raises
    ------
    UsageError
        For a label that is neither, and when there is not one a point.
    """
    import numpy as np

    from unknot.datasets.labels import UNLABELLED, plain_names, shown, text_of
    from unknot.datasets.point_labels import as_column

    y = as_column(labels, n_points)
    if y.ndim == 2:
        y = y.argmax(axis=1)
    has_label = np.array([bool(text_of(value)) for value in y.tolist()], bool)
    distinct, codes = np.unique(y[has_label], return_inverse=True)
    places = {name: k for k, name in enumerate(names)}
    called = plain_names(distinct.tolist())
    numbers = np.full(n_points, UNLABELLED)
    if all(name in places for name in called):
        numbers[has_label] = np.array([places[name] for name in called], np.int64)[codes]
        return numbers
    numeric = all(isinstance(value, int | float) for value in distinct.tolist())
    if numeric and all(float(v).is_integer() and 0 <= v < len(names) for v in distinct.tolist()):
        numbers[has_label] = distinct.astype(np.int64)[codes]
        return numbers
    strange = [name for name in called if name not in places]
    raise UsageError(
        f"The labels {shown(strange)} are none of the run's classes.\n"
        f"Allowed: {shown(names)}, or their numbers from 0 to {len(names) - 1}."
    )


def as_shown(source: Any) -> "Trace | Run | Scene":
    """What a view draws: a run with its checkpoints, a scene with its camera, or a trace."""
    from unknot.motion.scene import Scene

    run = held_run(source)
    if run is not None:
        return run
    return source if isinstance(source, Scene) else as_trace(source)


def side_by_side(source: Any, n_axes: int = 2) -> list[Any]:
    """What stands side by side: of an alignment a scene a network, else what a list holds."""
    if type(source).__module__ == "unknot.motion.align":
        return list(source.seen(n_axes))
    several = isinstance(source, list | tuple)
    return list(cast("Sequence[Any]", source)) if several else [source]


def preview(thing: Any) -> str:
    """HTML for a notebook: what ``repr`` says, and a small picture."""
    from unknot.views.preview import as_html

    return as_html(thing)


def training_curves(metrics: "Sequence[dict[str, float]]", n_epochs: int, text: str) -> str:
    """HTML for a notebook: the curves of a training that still runs."""
    from unknot.views.live import growing_curves

    return growing_curves(metrics, n_epochs, text)


def refuse_arguments(what: str, reason: str, **arguments: Any) -> None:
    """UsageError for the first argument that is given though it has no meaning for `what`."""
    for name, value in arguments.items():
        if value is not None:
            raise UsageError(f"{name} has no meaning for {what}: {reason}.\nLeave {name} out.")


def held_trace(source: Any) -> "Trace | None":
    """The trace that a trace, a scene or a morph holds."""
    from unknot.traces.representation import Trace

    if isinstance(source, Trace):
        return source
    inner = getattr(source, "trace", None)
    return inner if isinstance(inner, Trace) else None


def held_run(source: Any) -> "Run | None":
    """The run itself, or the training so far of a film; None of anything else."""
    from unknot.traces.run import Run

    if isinstance(source, Run):
        return source
    if type(source).__module__.startswith("unknot.record."):
        from unknot.record.film import Film

        return source.run() if isinstance(source, Film) else None
    return None


def _is_frame(source: Any) -> bool:
    """Whether it is a data frame of some library, without importing one."""
    return hasattr(source, "columns") and hasattr(source, "shape")


def _is_path(source: Any) -> bool:
    return isinstance(source, str | os.PathLike)


def _is_pair(source: Any) -> bool:
    return isinstance(source, tuple) and len(cast("tuple[Any, ...]", source)) == 2


def _described(source: Any) -> str:
    if source is None:
        return "nothing"
    kind = type(source).__name__
    article = "an" if kind[0] in "aeiouAEIOU" else "a"
    shape = getattr(source, "shape", None)
    if not isinstance(shape, tuple):
        return f"{article} {kind}"
    return f"{article} {kind} of shape {tuple(cast('tuple[Any, ...]', shape))}"
