"""A trace of a model that unknot did not train."""

import os
import re
from collections import Counter
from collections.abc import Sequence
from contextlib import AbstractContextManager, ExitStack, nullcontext
from dataclasses import replace
from functools import cache, partial
from typing import Any

import numpy as np

from unknot.adapters.batches import MOST_EXTRA, opened_on_sample
from unknot.adapters.capture import Cloud, as_bytes, as_most, as_rows, capture, images, own_outputs
from unknot.adapters.claims import Part, Values, flat, known_name, settle
from unknot.adapters.frameworks import Framework, framework_of, load_adapter
from unknot.adapters.inputs import is_several, one_array
from unknot.adapters.network import Network, wrong_features
from unknot.adapters.output import (
    check_head,
    class_probabilities,
    in_class_order,
    is_head,
    with_head,
)
from unknot.adapters.points import MEMORY, Points, as_points
from unknot.datasets.labels import shown
from unknot.errors import UsageError
from unknot.network.formulas import plain
from unknot.network.maps import Activation, Affine, Map, Opaque
from unknot.traces.lattice import make_lattice
from unknot.traces.note import Note, as_note
from unknot.traces.representation import Representation, Trace, unit_names

#: Activations whose formula unknot does not have, as `plain` writes them.
OTHER_ACTIVATIONS = {
    *("hardshrink", "hardsigmoid", "hardsilu", "hardswish", "logsigmoid", "rrelu", "softshrink"),
    *("softsign", "squareplus", "tanhshrink", "threshold", "thresholdedrelu"),
}


def trace_model(
    model: Any,
    data: Any,
    *,
    lattice: bool = True,
    batch_size: int | None = None,
    path: Sequence[str] | None = None,
    head: str | None = None,
    memory: int | None = None,
    max_points: int | None = None,
    progress: bool = True,
    name: str | None = None,
) -> Trace:
    """Run points through a model of any supported framework; see ``unknot.trace``."""
    if isinstance(model, str | os.PathLike):
        from unknot.adapters.files import open_model

        model = open_model(model)  # pyright: ignore[reportUnknownArgumentType]
    framework = framework_of(model)
    check_head(head)
    batch_size, memory, max_points = as_rows(batch_size), as_bytes(memory), as_most(max_points)
    adapter = load_adapter(framework)
    with ExitStack() as stack:
        stack.enter_context(_blas_threads(framework))
        enter = getattr(adapter, "entered", None)
        limit = MEMORY if memory is None else memory
        enter = enter and partial(enter, model, memory=limit)
        points = as_points(data, name, enter, limit, max_points)
        model = model if points.rest is None else points.rest
        if points.x.dtype == np.float64 and not getattr(adapter, "takes_double", _no)(model):
            points = replace(points, x=points.x.astype(np.float32))
        if is_several(points.x) and not getattr(adapter, "TAKES_SEVERAL", False):
            raise one_array(framework.title, points.x.dtype.names or ())
        opened = stack.enter_context(
            opened_on_sample(
                adapter,
                model,
                points.x,
                _as_path(path),
                batch_size,
                lambda network: _check_features(network, points),
            )
        )
        network, sample, outputs = opened.network, opened.sample, opened.outputs
        network = in_class_order(network, outputs, points.data.class_names)
        outputs = network.outputs or outputs
        parts, known = settle(network.steps, flat(sample), outputs, network.roundoff)
        notes = [as_note(note) for note in (*points.notes, *network.notes, *opened.notes)]
        parts = with_head(parts, network, head, points.data.n_classes, notes)
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
        if opened.rows_matter:
            return traced  # other points in a batch would be other values
        if traced.is_exact and not any(part.is_guess for part in parts):
            return make_lattice(traced)

        def through(extra: Values) -> list[Values]:
            size = min(MOST_EXTRA, batch_size or MOST_EXTRA)
            return _through(network, parts, known, extra, points.x.shape[1:], size)

        def classify(extra: Values) -> Values | None:
            return class_probabilities(network, parts, through(extra)[-1], traced.n_classes)

        return make_lattice(traced, through, classify)


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
        batches.append(list(images(parts, own_outputs(network, batch, known), batch)))
    return [x, *(np.concatenate(pieces) for pieces in zip(*batches, strict=True))]


def _assemble(
    network: Network, points: Points, parts: list[Part], clouds: list[Cloud], notes: list[Note]
) -> Trace:
    data = points.data
    names = name_representations(parts, network.gives_probabilities and data.n_classes > 1)
    all_clouds = [Cloud(points.cloud, True), *clouds]  # points were checked when they came
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
        probabilities=class_probabilities(network, parts, clouds[-1].values, data.n_classes),
        name=data.name,
        bayes_accuracy=data.bayes_accuracy,
        notes=tuple(notes),
    )


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


def name_representations(parts: Sequence[Part], gives_probabilities: bool = False) -> list[str]:
    """The input's name and one a map.

    What a dense layer makes before its activation is the layer's pre-activation, and what the
    activation makes bears the layer's name; behind another layer it bears its own. A last sigmoid
    or softmax makes the probability, out of the logit.
    """
    names = ["input"]
    for k, part in enumerate(parts):
        following = parts[k + 1].map if k + 1 < len(parts) else None
        dense = k > 0 and _is_dense(parts[k - 1].map)
        if following is not None and k + 2 == len(parts) and is_head(following):
            name = "logit"
        elif following is None and (is_head(part.map) or gives_probabilities):
            name = "probability"
        elif _is_dense(part.map) and _is_activation(following):
            name = f"{part.name} pre-activation"
        elif _is_activation(part.map):
            name = parts[k - 1].name if dense else _activation_name(part)
        else:
            name = part.name
        names.append(name)
    return _unique(names)


def _is_dense(map_: Map) -> bool:
    """Whether a map mixes units: batch normalisation and scalers are affine, too."""
    if not isinstance(map_, Affine):
        return False
    n_in, n_out = map_.weight.shape
    if n_in != n_out or n_in == 1:
        return True
    return bool(np.count_nonzero(map_.weight) > np.count_nonzero(np.diagonal(map_.weight)))


def _is_activation(map_: Map | None) -> bool:
    """Also one whose formula is not unknot's, such as hardswish."""
    if not isinstance(map_, Opaque):
        return isinstance(map_, Activation)
    word = plain(map_.name)
    # A dense layer along tokens is opaque, too.
    return word in OTHER_ACTIVATIONS or (word != "linear" and known_name(map_.name))


def _activation_name(part: Part) -> str:
    """``"relu"`` for ``"layer 3"``, ``"re_lu_1"`` and ``"activation"``; a name that says more."""
    word = part.map.name.lower()
    stem = plain(re.sub(r"[ _]?\d+$", "", part.name))
    says_nothing = stem in ("layer", "activation", plain(word), plain(part.kind))
    return word if says_nothing or re.fullmatch(r".*\.\d+", part.name) else part.name


def _unique(names: list[str]) -> list[str]:
    """A second layer of a name is ``"name (2)"``: views find representations by name."""
    taken: Counter[str] = Counter()
    originals = set(names)
    unique_names: list[str] = []
    for name in names:
        taken[name] += 1
        unique = name
        while unique in unique_names or (taken[name] > 1 and unique in originals):
            unique = f"{name} ({taken[name]})"
            if unique in unique_names:
                taken[name] += 1
        unique_names.append(unique)
    return unique_names
