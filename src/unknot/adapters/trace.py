"""A trace of a model that unknot did not train."""

import os
from collections.abc import Sequence
from contextlib import AbstractContextManager, ExitStack, nullcontext
from dataclasses import replace
from functools import cache, partial
from itertools import pairwise
from typing import Any

import numpy as np

from unknot.adapters.batches import MOST_EXTRA, opened_on_sample
from unknot.adapters.capture import Cloud, as_bytes, as_most, as_rows, capture, images, own_outputs
from unknot.adapters.claims import Part, Values, flat, settle
from unknot.adapters.frameworks import Framework, framework_of, load_adapter
from unknot.adapters.inputs import is_several, one_array
from unknot.adapters.naming import name_representations
from unknot.adapters.network import Network, Route, wrong_features
from unknot.adapters.output import (
    all_classes,
    all_units,
    as_several,
    check_head,
    class_probabilities,
    in_class_order,
    with_head,
)
from unknot.adapters.points import MEMORY, Enter, Points, as_points
from unknot.adapters.reduction import as_rows_of, check_reduction
from unknot.adapters.tokens import Rows, as_tokens, token_rows, without_token_labels, words_of
from unknot.datasets.labels import shown
from unknot.errors import UsageError
from unknot.network.maps import Opaque
from unknot.traces.lattice import make_lattice
from unknot.traces.note import Note, as_note
from unknot.traces.representation import Representation, Trace
from unknot.traces.selection import between, check_layers, unique
from unknot.traces.trace_checks import unit_names


def trace_model(
    model: Any,
    data: Any,
    *,
    lattice: bool = True,
    batch_size: int | None = None,
    path: Sequence[str] | None = None,
    layers: Any = None,
    reduce: Any = None,
    points: str = "rows",
    head: str | None = None,
    memory: int | None = None,
    max_points: int | None = None,
    progress: bool = True,
    name: str | None = None,
    colour: str | int | None = None,
    held_out: Any = None,
    identity: Any = None,
) -> Trace:
    """Run points through a model of any supported framework; see ``unknot.trace``."""
    if isinstance(model, str | os.PathLike):
        from unknot.adapters.files import open_model

        model = open_model(model)  # pyright: ignore[reportUnknownArgumentType]
    framework = framework_of(model)
    check_head(head)
    check_layers(layers)
    check_reduction(reduce, points)
    route = Route(_as_path(path), layers)
    batch_size, memory, max_points = as_rows(batch_size), as_bytes(memory), as_most(max_points)
    adapter = load_adapter(framework)
    with ExitStack() as stack:
        stack.enter_context(_blas_threads(framework))
        limit = MEMORY if memory is None else memory
        enter = getattr(adapter, "entered", None)
        enter = enter and partial(enter, model, memory=limit)
        by_token = points == "tokens"
        are_numbers = getattr(adapter, "predicts_numbers", _no)(model)
        about = {"colour": colour, "held_out": held_out, "identity": identity}
        about["are_numbers"] = are_numbers
        given, labels = _given(data, name, by_token, enter, limit, max_points, about)
        output = given.data.output
        model = model if given.rest is None else given.rest
        if given.x.dtype == np.float64 and not getattr(adapter, "takes_double", _no)(model):
            given = replace(given, x=given.x.astype(np.float32))
        if is_several(given.x) and not getattr(adapter, "TAKES_SEVERAL", False):
            raise one_array(framework.title, given.x.dtype.names or ())
        opened = stack.enter_context(
            opened_on_sample(
                adapter,
                model,
                given.x,
                route,
                batch_size,
                lambda network: _check_features(network, given),
            )
        )
        make_view = as_tokens if points == "tokens" else partial(as_rows_of, reduce=reduce)
        view = make_view(opened.network, opened.sample, opened.outputs)
        rows = token_rows(view, given, labels)
        network = view.network
        if output is None:
            rows = rows.among(all_classes(network, rows.class_names))
            network = in_class_order(network, network.outputs or (), rows.class_names)
        outputs, start = network.outputs or (), view.entrance(opened.sample)
        parts, known = settle(network.steps, start, outputs, network.roundoff)
        notes = [
            as_note(note) for note in (*given.notes, *network.notes, *opened.notes, *view.notes)
        ]
        parts, network = as_several(parts, known, network, output)
        parts = with_head(parts, network, head, len(rows.class_names), notes, output)
        if not parts:
            raise UsageError(
                f"The {network.framework} model hands its input on unchanged: there is no map to "
                "see.\nGive a model with one layer at least."
            )
        if output is None:
            rows = rows.among(all_units(network, parts, rows.class_names, notes))
        clouds, parts = capture(
            network,
            parts,
            known,
            given.x,
            batch_size=batch_size,
            memory=memory,
            progress=progress,
            entrance=view.entrance,
            per_point=view.per_point,
        )
        traced = _assemble(network, given, rows, parts, clouds, notes)
        if not lattice or given.x.dtype.kind != "f" or network.takes_whole_numbers:
            return traced
        if opened.rows_matter or view.entrance is not flat:
            return traced  # other points in a batch would be other values
        if traced.is_exact and not any(part.is_guess for part in parts):
            return make_lattice(traced)

        def through(extra: Values) -> list[Values]:
            size = min(MOST_EXTRA, batch_size or MOST_EXTRA)
            return _through(network, parts, known, extra, given.x.shape[1:], size)

        def classify(extra: Values) -> Values | None:
            if traced.colour:
                return traced.colour_probabilities(through(extra)[-1])
            return class_probabilities(network, parts, through(extra)[-1], traced.n_classes)

        return make_lattice(traced, through, classify)


def _given(
    data: Any,
    name: str | None,
    by_token: bool,
    enter: Enter | None,
    memory: int,
    max_points: int | None,
    about: dict[str, Any],
) -> tuple[Points, Any]:
    """The points, and labels of their tokens where there are such."""
    if not by_token:
        return as_points(data, name, enter, memory, max_points, True, **about), None
    if max_points is not None:
        raise UsageError(
            "max_points counts rows, and points='tokens' makes a point of each token.\n"
            "Give fewer rows: trace(model, (x[:500], y[:500]), points='tokens')."
        )
    data, words = words_of(data)
    data, labels = without_token_labels(data)
    read = as_points(data, name, enter, memory, None, True, **about)
    return replace(read, words=words), labels


def _blas_threads(framework: Framework) -> AbstractContextManager[Any]:
    """One for NumPy's products beside a framework that has threads of its own.

    NumPy's threads wait for more work by spinning, on the processors that the others need: on two
    cores PyTorch ran half as fast.
    """
    if framework.runs_on_numpy:
        return nullcontext()
    return _thread_controller().limit(limits=1, user_api="blas")


@cache
def _thread_controller() -> Any:
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController()


def _no(model: Any) -> bool:
    return False


def _through(
    network: Network,
    parts: list[Part],
    known: list[bool],
    x: Values,
    shape: tuple[int, ...],
    batch_size: int,
) -> list[Values]:
    """A few extra points through the model: their images in all representations."""
    batches: list[list[Values]] = []
    for i in range(0, len(x), batch_size):
        batch = x[i : i + batch_size].reshape(-1, *shape)
        batches.append(list(images(parts, own_outputs(network, batch, known), flat(batch))))
    clouds = [np.concatenate(pieces) for pieces in zip(*batches, strict=True)]
    return [x, *(cloud for cloud, part in zip(clouds, parts, strict=True) if part.is_shown)]


def _assemble(
    network: Network,
    given: Points,
    rows: Rows,
    parts: list[Part],
    clouds: list[Cloud],
    notes: list[Note],
) -> Trace:
    data, n_classes = given.data, len(rows.class_names)
    names = name_representations(parts, network.gives_probabilities and n_classes > 1)
    seen = [k for k, part in enumerate(parts, 1) if part.is_shown]
    titles = unique([names[0], *(parts[k - 1].title or names[k] for k in seen)])
    features = data.feature_names if rows.values.shape[1] == data.n_features else None
    # Points were checked when they came.
    first = Representation(
        titles[0], rows.values, unit_names(rows.values.shape[1], features), is_checked=True
    )
    n_units, output = parts[-1].n_units, data.output
    is_titled = output is not None and len(output.names) == n_units
    last_names = output.names if output is not None and is_titled else unit_names(n_units)
    others = [
        Representation(
            title,
            rows.of(cloud.values),
            last_names if k == len(parts) else unit_names(cloud.values.shape[1]),
            cloud.is_finite,
            parts[k - 1].place,
        )
        for k, title, cloud in zip(seen, titles[1:], clouds, strict=True)
    ]
    maps = [
        parts[k - 1].map if k - before == 1 else Opaque(between(k - before))
        for before, k in pairwise([0, *seen])
    ]
    probabilities = class_probabilities(network, parts, clouds[-1].values, n_classes)
    traced = Trace(
        representations=(first, *others) if rows.has_input else tuple(others),
        maps=tuple(maps if rows.has_input else maps[1:]),
        labels=rows.labels,
        class_names=rows.class_names,
        probabilities=None if probabilities is None else rows.of(probabilities),
        name=data.name,
        bayes_accuracy=data.bayes_accuracy,
        notes=tuple(notes),
        colour="" if output is None else output.name,
        held_out=rows.held_out,
        identity=rows.identity,
    )
    if output is None:
        return traced
    return replace(traced, probabilities=traced.colour_probabilities(traced[-1].values))


def _as_path(path: Sequence[str] | None) -> list[str] | None:
    if isinstance(path, str):
        raise UsageError(f"path takes a list of layer names: [{path!r}].")
    return None if path is None else [str(name) for name in path]


def _check_features(network: Network, points: Points) -> None:
    expected, got = network.n_features, points.data.n_features
    if expected is not None and expected != got:
        owner = f"{points.data.name!r} has"
        raise wrong_features(network.framework, (expected,), (got,), owner)
    names = network.feature_names
    if names is not None and points.columns is not None and names != points.columns:
        raise UsageError(
            f"The {network.framework} model was fitted on the columns {shown(names)}; the points "
            f"have {shown(points.columns)}.\nGive the same columns in the same order."
        )
