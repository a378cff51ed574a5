"""From traces and runs to a page file: one header a network, by weights or by values."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from unknot.datasets.dataset import Dataset
from unknot.datasets.labels import unlabelled_text
from unknot.draw import style
from unknot.errors import UsageError
from unknot.motion.corners import class_order, class_scores
from unknot.motion.scene import Scene
from unknot.network.activations import activations
from unknot.network.maps import Activation, Affine, Map, Softmax
from unknot.network.mlp import MLP
from unknot.network.optimisers import optimisers
from unknot.traces.accuracy import comparable
from unknot.traces.lattice import box
from unknot.traces.note import for_readers
from unknot.traces.representation import Trace
from unknot.traces.run import History, Run
from unknot.traces.trace_checks import unit_names
from unknot.traces.tracing import trace
from unknot.views.page.container import Buffers, check_page_file, pack_page
from unknot.views.page.excerpt import Excerpt, excerpt_of, probe_curves, statistics
from unknot.views.page.identity import identity_header
from unknot.views.page.maps import carried, map_header, map_numbers
from unknot.views.page.metrics import Metrics, checkpoint_metrics
from unknot.views.page.neighbours import (
    Mapped,
    check_projection,
    mapped_source,
    neighbours_header,
    thinning,
)
from unknot.views.page.parts import Playground, Teaching
from unknot.views.page.planes import aligned_scenes, plane_header, share_corners
from unknot.views.page.sources import Showable, several, showable, shows_maps
from unknot.views.page.targets import label_values, target_header, target_numbers, trace_target
from unknot.views.page.values import quantise, values_of

#: Multiplications a point up to which the browser runs the network itself, on every frame.
MOST_WORK = 20_000
#: Rows of a step in the page's own training, where a run does not say it.
BATCH_SIZE = 32


@dataclass(frozen=True)
class Described:
    """A network in the header of a page file.

    Attributes
    ----------
    header : dict
        JSON values.
    title : str
    sentence : str
        What it is, for people.
    """

    header: dict[str, Any]
    title: str
    sentence: str


def network_header(
    source: Trace | Run,
    buffers: Buffers,
    i: int,
    colours: Mapping[str, str],
    maps: Mapped | None = None,
    n_axes: int = 2,
    aligned: Sequence[Scene] = (),
) -> Described:
    """Put a network's numbers among the buffers, and the rest into a header."""
    last = source if isinstance(source, Trace) else trace(source, lattice=False)
    carries_weights = last.is_exact and _work(last) <= MOST_WORK
    excerpt = excerpt_of(source, last, carries_weights)
    name = f"run{i}"
    header = _common(source, last, excerpt, buffers, name)
    header["planes"] = plane_header(excerpt, buffers, name, aligned)
    header["class_colours"] = _class_colours(last.class_names, last.labels, colours)
    if carries_weights:
        header |= _weights(excerpt, buffers, name)
    else:
        header |= values_of(excerpt, buffers, name)
    if carries_weights:
        header["training"] = _training(source, name)
    n_points, n_shown = last.n_points, len(excerpt.rows)
    if maps is not None:
        n_points = maps.n_points
        header["notes"] += thinning(maps)
        header["neighbours"] = neighbours_header(maps, excerpt, n_axes, buffers, name)
    header["statistics"] = statistics(excerpt, header["representations"], buffers, name)
    facts = [
        f"{n_points:,} points" + ("" if n_shown == n_points else f" ({n_shown:,} shown)"),
        *_reached(source, last, header["metrics"]),
    ]
    return Described(header, last.name, f"{_architecture(source, last)} · {' · '.join(facts)}")


def _reached(source: Trace | Run, last: Trace, metrics: Metrics | None) -> list[str]:
    """Training and held-out points apart, where it is known which is which."""
    if last.n_classes and isinstance(source, Run) and metrics and source.held_out is not None:
        curves = {name: tuple(v or 0.0 for v in vs) for name, vs in metrics.items()}
        return History(**curves).reached.beside(last.bayes_accuracy)
    return last.reached


def _common(
    source: Trace | Run, last: Trace, excerpt: Excerpt, buffers: Buffers, name: str
) -> dict[str, Any]:
    """What both carriers have."""
    checkpoints = [{"step": 0, "epoch": 0.0}]
    history = None
    if isinstance(source, Run):
        checkpoints = [{"step": c.step, "epoch": float(c.epoch)} for c in excerpt.checkpoints]
        history = {
            key: [_finite(v) for v in values] for key, values in asdict(source.history).items()
        }
    clock = {"clock": source.clock} if isinstance(source, Run) else {}
    return {
        "name": _architecture(source, last),
        **clock,
        "n_points": len(excerpt.rows),
        "class_names": list(last.class_names),
        "notes": [note.text for note in for_readers(last.notes)],
        "feature_names": list(last.representations[0].unit_names),
        "labels": buffers.add(
            f"{name}.labels", label_values(last.labels, last.n_classes, excerpt.rows)
        ),
        "representations": [
            {
                "name": r.name,
                "n_units": r.n_units,
                "unit_names": _own_names(last, k),
                "shown_units": r.n_units,
                "whole_units": r.n_units,
                "reduced": None,
            }
            for k, r in enumerate(last.representations)
        ],
        "maps": [
            map_header(
                moments, last.representations[k].n_units, last.representations[k + 1].n_units
            )
            for k, moments in enumerate(zip(*excerpt.maps, strict=True))
        ],
        "corners": corner_header(last),
        "planes": None,
        "output": _output(last),
        "n_outputs": last.representations[-1].n_units,
        "colour_unit": last.label_unit,
        "checkpoints": checkpoints,
        "history": history,
        "metrics": checkpoint_metrics(excerpt),
        "best_possible": comparable(last.bayes_accuracy, last.held_out),
        "held_out": _held_out(source, excerpt, buffers, name),
        "identity": identity_header(last.identity, excerpt.rows, buffers, name),
        "lattice": None,
        "target": trace_target(last, excerpt.rows, buffers, name),
        "measures": probe_curves(excerpt),
        "readouts": None,
    }


def corner_header(last: Trace) -> dict[str, Any] | None:
    """The order of the classes, and how many of the last representations have them as units."""
    places = class_scores(last)
    return {"order": list(class_order(last)), "n_scores": len(places)} if places else None


def _weights(excerpt: Excerpt, buffers: Buffers, name: str) -> dict[str, Any]:
    """Inputs, and the weights of every checkpoint: the browser runs the network."""
    inputs = excerpt.last.representations[0].values[excerpt.rows]
    weights = _numbers(excerpt.maps, excerpt.last)
    lattice = None
    if inputs.shape[1] == 2 and len(inputs):
        low, high = box(excerpt.last.representations[0].values)
        lattice = {"low": low.tolist(), "high": high.tolist(), "rows": 0, "columns": 0}
    return {
        "carrier": "weights",
        "inputs": quantise(inputs).header(buffers, f"{name}.inputs"),
        "weights": buffers.add(f"{name}.weights", weights),
        "lattice": lattice,
    }


def _training(source: Trace | Run, name: str) -> dict[str, Any] | None:
    """What the page needs to train the network of a run itself; None where it cannot."""
    if not isinstance(source, Run) or not isinstance(source.model, MLP):
        return None
    is_number = source.data.task == "regression"
    settings = source.settings
    return {
        "optimiser": settings.get("optimizer", "rmsprop"),
        "rate": settings.get("learning_rate", optimisers["rmsprop"].learning_rate),
        "is_scheduled": settings.get("steps") is not None,
        "batch": settings.get("batch_size", BATCH_SIZE),
        "decay": settings.get("weight_decay") or 0.0,
        "n_fixed": int(source.model.scaling is not None),
        "targets": f"{name}.targets" if is_number else None,
        "activations": [
            {"name": name, "formula": activation.function.tree(), "sentence": activation.sentence}
            for name in activations
            if (activation := Activation(name)).name != "linear"
        ],
        "colours": list(style.CLASS_COLOURS),
    }


def _numbers(moments: list[tuple[Map, ...]], last: Trace) -> NDArray[np.float32]:
    """(n_checkpoints, n_parameters): what each map has of numbers, in order."""
    widths = [r.n_units for r in last.representations[1:]]
    names = [carried(maps) for maps in zip(*moments, strict=True)]
    rows = [
        [
            part
            for m, n, own in zip(maps, widths, names, strict=True)
            for part in map_numbers(m, n, own)
        ]
        for maps in moments
    ]
    return np.stack([np.concatenate(row) if row else np.zeros(0, np.float32) for row in rows])


def _work(last: Trace) -> int:
    return sum(prod(map_.shape) for map_ in last.maps if isinstance(map_, Affine))


def _output(last: Trace) -> str:
    final = last.maps[-1] if last.maps else None
    is_head = isinstance(final, Softmax) or final == Activation("sigmoid")
    return final.name if final is not None and is_head else "identity"


def _class_colours(
    names: Sequence[str], labels: NDArray[Any], colours: Mapping[str, str]
) -> list[str]:
    """One a class, and one more where points have no label."""
    own = [colours[each] for each in names]
    return [*own, style.UNLABELLED] if unlabelled_text(labels) else own


def _held_out(source: Trace | Run, excerpt: Excerpt, buffers: Buffers, name: str) -> str | None:
    """1 a point that was not trained on; None where there is none, or where nobody knows."""
    held_out = source.held_out
    if held_out is None or not held_out.any():
        return None
    return buffers.add(f"{name}.held_out", held_out[excerpt.rows].astype(np.uint8))


def _own_names(trace: Trace, k: int) -> list[str] | None:
    """Of the units of a representation; None where they are numbers."""
    titles = trace.unit_titles(k)
    is_numbered = 0 < k < len(trace.maps) and titles == unit_names(len(titles))
    return None if is_numbered else list(titles)


def _architecture(source: Trace | Run, last: Trace) -> str:
    if isinstance(source, Run):
        return source.model.architecture
    return last.architecture if last.maps else last.name


def _finite(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


def _dataset_header(data: Dataset, buffers: Buffers, name: str) -> dict[str, Any]:
    """A data set that the page can train on."""
    rows = np.arange(data.n_points)
    is_number = data.task == "regression"
    colours = style.shared_colours([data.class_names])
    return {
        "title": data.name,
        "n_points": data.n_points,
        "class_names": list(data.class_names),
        "class_colours": _class_colours(data.class_names, data.y, colours),
        "feature_names": list(data.feature_names),
        "labels": buffers.add(f"{name}.labels", label_values(data.y, data.n_classes, rows)),
        "inputs": quantise(data.x).header(buffers, f"{name}.inputs"),
        "targets": buffers.add(f"{name}.targets", target_numbers(data.y)) if is_number else None,
        "target": target_header(data.y, None),
        "best_possible": data.bayes_accuracy,
    }


def page_file(
    source: Showable | Sequence[Showable],
    *,
    n_axes: int | None = None,
    title: str | None = None,
    description: str | None = None,
    playground: Playground | None = None,
    teaching: Teaching | None = None,
    projection: str = "auto",
) -> bytes:
    """What a page shows, as docs/page_file.md describes it.

    Parameters
    ----------
    source : Trace, Run, Scene or Alignment, or a sequence of 2 to 4 networks
        Several are shown side by side.
    n_axes : int, optional
        2 or 3: the view at first. Left out: those of a scene, otherwise 2.
    title, description : str, optional
        Left out: what is known of the data and the network.
    playground : Playground, optional
        For a page that begins with training.
    teaching : Teaching, optional
        What is left out, and whether a class votes first.
    projection : str
        ``"auto"`` or ``"neighbours"``: what is seen at first.

    Returns
    -------
    bytes

    Raises
    ------
    UsageError
        When something else than traces and runs is given, or too many of them; for a scene that
        is seen or moves in another way than a page shows it at first.
    """
    check_projection(projection)
    shown = [showable(each) for each in several(source, n_axes or 2)]
    if n_axes is None:
        n_axes = next((each.n_axes for each in shown if isinstance(each, Scene)), 2)
    if n_axes not in (2, 3):
        raise UsageError(f"A view has 2 or 3 axes; got {n_axes}.")
    is_mapped = projection == "neighbours" or any(shows_maps(each) for each in shown)
    maps = [mapped_source(each, n_axes) if is_mapped else None for each in shown]
    sources = [
        own.source if own else each.trace if isinstance(each, Scene) else each
        for own, each in zip(maps, shown, strict=True)
    ]
    buffers = Buffers()
    classes = [s.class_names if isinstance(s, Trace) else s.data.class_names for s in sources]
    colours = style.shared_colours(classes)
    aligned = aligned_scenes(source, shown)
    described = [
        network_header(each, buffers, i, colours, own, n_axes, turned)
        for i, (each, own, turned) in enumerate(zip(sources, maps, aligned, strict=True))
    ]
    share_corners(aligned, [each.header for each in described])
    if len({each.header["name"] for each in described}) < len(described):
        for i, each in enumerate(described, 1):
            each.header["name"] = f"{i}: {each.header['name']}"
    header: dict[str, Any] = {
        "title": described[0].title if title is None else title,
        "description": _sentence(described) if description is None else description,
        "n_axes": n_axes,
        "runs": [each.header for each in described],
    }
    if playground is not None:
        header["playground"] = {"is_empty": playground.is_empty}
        header["datasets"] = [
            _dataset_header(data, buffers, f"dataset{i}")
            for i, data in enumerate(playground.others)
        ]
    if teaching is not None and teaching != Teaching():
        header["teaching"] = teaching.as_json()
    check_page_file(header, buffers.arrays)
    return pack_page(header, buffers.arrays)


def _sentence(described: Sequence[Described]) -> str:
    return " · ".join(dict.fromkeys(each.sentence for each in described))
