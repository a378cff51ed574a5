"""A trace of a model that unknot did not train."""

import os
from collections.abc import Sequence
from contextlib import AbstractContextManager, ExitStack, nullcontext
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np

from unknot.adapters.capture import Cloud, capture, images, run
from unknot.adapters.class_order import in_order
from unknot.adapters.limits import as_bytes, as_rows
from unknot.adapters.naming import HEADS, is_head, name_representations
from unknot.adapters.network import Array, Network
from unknot.adapters.points import Points, as_points
from unknot.adapters.settling import Part, Values, flat, settle
from unknot.adapters.table import find, load_adapter, refuse
from unknot.datasets.labels import shown
from unknot.errors import UnknotError, UsageError
from unknot.network.maps import Activation, Affine, Opaque
from unknot.traces.lattice import make_lattice
from unknot.traces.note import Note, as_note
from unknot.traces.representation import Representation, Trace, as_probabilities, unit_names

#: Points on which every map is checked before all are sent through.
SAMPLE = 251


def trace_foreign(
    model: Any,
    data: Any,
    *,
    lattice: bool = True,
    batch_size: int | None = None,
    path: Sequence[str] | None = None,
    head: str | None = None,
    memory: int | None = None,
    progress: bool = True,
    name: str | None = None,
) -> Trace:
    """Run points through a model of any supported framework; see ``unknot.trace``."""
    if isinstance(model, str | os.PathLike):
        from unknot.adapters.files import open_model

        model = open_model(model)  # pyright: ignore[reportUnknownArgumentType]
    framework = find(model)
    if framework is None:
        raise refuse(model)
    _check_head(head)
    batch_size, memory = as_rows(batch_size), as_bytes(memory)
    adapter = load_adapter(framework)
    with ExitStack() as stack:
        stack.enter_context(_blas_threads(framework))
        points = as_points(data, name)
        if points.x.dtype == np.float64 and not getattr(adapter, "takes_double", _no)(model):
            points = replace(points, x=points.x.astype(np.float32))
        sample = points.x[_spread(points.n_points)]
        network: Network = stack.enter_context(adapter.opened(model, sample, _as_path(path)))
        _check_features(network, points)
        outputs = _outputs(network, sample)
        network = in_order(network, outputs, points.data.class_names)
        outputs = network.outputs or outputs
        parts, known = settle(network.steps, flat(sample), outputs, network.roundoff)
        notes = [as_note(note) for note in (*points.notes, *network.notes)]
        parts = _with_head(parts, network, head, points, notes)
        if not parts:
            raise UsageError(
                f"The {network.framework} model hands its input on unchanged: there is no map to "
                "see.\nGive a model with one layer at least."
            )
        clouds, parts = capture(
            network,
            parts,
            known,
            points.x,
            batch_size=batch_size,
            memory=memory,
            progress=progress,
        )
        traced = _assemble(network, points, parts, clouds, notes)
        if not lattice or points.x.dtype.kind != "f" or network.takes_whole_numbers:
            return traced
        if traced.is_exact and not any(part.is_guess for part in parts):
            return make_lattice(traced)

        def through(extra: Values) -> list[Values]:
            return _through(network, parts, known, extra, points.x.shape[1:])

        def classify(extra: Values) -> Values | None:
            return _probabilities(network, parts, through(extra)[-1], traced.n_classes)

        return make_lattice(traced, through, classify)


def _blas_threads(adapter: str) -> AbstractContextManager[Any]:
    """One for NumPy's products beside a framework that has threads of its own.

    NumPy's threads wait for more work by spinning, on the processors that the others need: on two
    cores PyTorch ran half as fast.
    """
    if adapter in ("sklearn", "functions"):
        return nullcontext()
    return _thread_controller().limit(limits=1, user_api="blas")


@cache
def _thread_controller() -> Any:
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController()


def _no(model: Any) -> bool:
    return False


def _spread(n_points: int) -> Any:
    return np.unique(np.linspace(0, n_points - 1, min(SAMPLE, n_points)).round().astype(int))


def _outputs(network: Network, sample: Array) -> Sequence[Array]:
    """Of every step, for the sample."""
    if network.outputs is not None:
        return network.outputs
    outputs = run(network, sample, [False] * len(network.steps))
    found = [output for output in outputs if output is not None]
    if len(found) != len(network.steps):
        raise UnknotError(
            f"The {network.framework} model gave {len(found)} of {len(network.steps)} outputs."
        )
    return found


def _through(
    network: Network, parts: list[Part], known: list[bool], x: Values, shape: tuple[int, ...]
) -> list[Values]:
    """A few extra points through the model: their images in all representations."""
    batches: list[list[Values]] = []
    for i in range(0, len(x), 4_096):
        batch = x[i : i + 4_096].reshape(-1, *shape)
        batches.append(list(images(parts, run(network, batch, known), batch)))
    return [x, *(np.concatenate(pieces) for pieces in zip(*batches, strict=True))]


def _assemble(
    network: Network, points: Points, parts: list[Part], clouds: list[Cloud], notes: list[Note]
) -> Trace:
    data = points.data
    names = name_representations(parts, network.gives_probabilities and data.n_classes > 1)
    all_clouds = [Cloud(data.x, True), *clouds]  # points were checked when they came
    return Trace(
        representations=tuple(
            Representation(
                name,
                cloud.values,
                unit_names(cloud.values.shape[1], data.feature_names if k == 0 else None),
                cloud.is_finite,
            )
            for k, (name, cloud) in enumerate(zip(names, all_clouds, strict=True))
        ),
        maps=tuple(part.map for part in parts),
        labels=data.y,
        class_names=data.class_names,
        probabilities=_probabilities(network, parts, clouds[-1].values, data.n_classes),
        name=data.name,
        bayes_accuracy=data.bayes_accuracy,
        notes=tuple(notes),
    )


def _probabilities(
    network: Network, parts: list[Part], output: Values, n_classes: int
) -> Values | None:
    last = parts[-1].map
    if network.gives_probabilities and n_classes > 1:
        if (output.shape[1], n_classes) == (1, 2):
            return np.hstack([1 - output, output])
        return output if output.shape[1] == n_classes else None
    if isinstance(last, Opaque) and last.name.replace("_", "").lower() == "logsoftmax":
        return np.exp(output) if output.shape[1] == n_classes else None
    return as_probabilities(output, tuple(part.map for part in parts), n_classes)


def _with_head(
    parts: list[Part], network: Network, asked: str | None, points: Points, notes: list[Note]
) -> list[Part]:
    """The parts, with what reads logits as probabilities where that is known to be meant."""
    if not parts or is_head(parts[-1].map):
        return parts
    head = network.head if asked is None else asked
    n_units, n_classes = parts[-1].n_units, points.data.n_classes
    if asked in HEADS:
        _check_fits(asked, n_units)
    elif head == "softmax" and n_units == 1:
        head = None
    if head in HEADS:
        text = f"The model ends in logits: the {head} behind them is not a layer of its own."
        notes.append(Note(text, "maker"))
        map_ = Activation("sigmoid") if head == "sigmoid" else Opaque("softmax")
        return [*parts, Part("probability", map_, None, n_units)]
    if asked is None and _may_be_logits(parts[-1], n_classes):
        fitting = "sigmoid" if n_units == 1 else "softmax"
        text = (
            f"The model ends in {n_units} value{'s' * (n_units > 1)} for {n_classes} classes; "
            f"if they are logits, trace(…, head={fitting!r}) adds the probabilities."
        )
        notes.append(Note(text, "maker"))
    return parts


def _may_be_logits(part: Part, n_classes: int) -> bool:
    if not isinstance(part.map, Affine) or n_classes < 2:
        return False
    return part.n_units == n_classes or (part.n_units, n_classes) == (1, 2)


def _check_fits(head: str, n_units: int) -> None:
    """Softmax of one value is 1 whatever it is; sigmoids of several do not sum to 1."""
    if head == "softmax" and n_units == 1:
        raise UsageError(
            "The head softmax needs two logits or more; the model ends in one value.\n"
            "For one logit the head is sigmoid."
        )
    if head == "sigmoid" and n_units > 1:
        raise UsageError(
            f"The head sigmoid reads one logit; the model ends in {n_units} values.\n"
            "For one logit a class the head is softmax."
        )


def _check_head(head: str | None) -> None:
    if head is not None and head not in (*HEADS, "none"):
        raise UsageError(
            f"Unknown head {str(head)[:100]!r}.\nAllowed: {', '.join(HEADS)} (what turns the "
            "model's output into probabilities) or none."
        )


def _as_path(path: Sequence[str] | None) -> list[str] | None:
    if isinstance(path, str):
        raise UsageError(f"path takes a list of layer names: [{path!r}].")
    return None if path is None else [str(name) for name in path]


def _check_features(network: Network, points: Points) -> None:
    expected, got = network.n_features, points.data.n_features
    if expected is not None and expected != got:
        raise UsageError(
            f"The {network.framework} model takes {expected} features; {points.data.name!r} has "
            f"{got}.\nTrace the data it was trained on, or data with the same features."
        )
    names = network.feature_names
    if names is not None and points.columns is not None and names != points.columns:
        raise UsageError(
            f"The {network.framework} model was fitted on the columns {shown(names)}; the points "
            f"have {shown(points.columns)}.\nGive the same columns in the same order."
        )
