"""A Run as a header and arrays. Wall times are left out: the bytes depend on the seed alone."""

from dataclasses import asdict
from itertools import pairwise
from math import isfinite, nan
from typing import Any

import numpy as np

from unknot.datasets.dataset import Architecture, Dataset
from unknot.datasets.outputs import Output
from unknot.network.maps import Affine
from unknot.network.mlp import MLP, Dense
from unknot.traces import schema as s
from unknot.traces.container import Arrays, Header
from unknot.traces.identity_format import (
    IDENTITY,
    check_identity_values,
    identity_arrays,
    identity_from_parts,
    identity_to_parts,
)
from unknot.traces.map_format import MAP, is_activation, map_arrays, map_from_parts, map_to_parts
from unknot.traces.recorded import Recorded
from unknot.traces.run import Checkpoint, History, Run
from unknot.traces.trace_format import (
    as_labels,
    as_truths,
    check_trace_values,
    trace_arrays,
    trace_from_parts,
    trace_to_parts,
)

MODEL: Header = {
    "layers": [{"name": s.TEXT, "activation": s.Rule("an activation", is_activation)}],
    "output": s.one_of("sigmoid", "softmax", "linear"),
    "scaling": s.OrNull(MAP),
}
RUN: Header = {
    "data": {
        "class_names": [s.TEXT],
        "feature_names": [s.TEXT],
        "name": s.TEXT,
        "parameters": s.FREE,
        "bayes_accuracy": s.SHARE,
        # Files from before Betti numbers and architectures have none.
        "betti?": s.OrNull([[s.COUNT]]),
        "architecture?": s.OrNull({"hidden": [s.COUNT], "activation": s.TEXT}),
        "output?": {"names": [s.TEXT], "place": s.COUNT},
        "identity?": IDENTITY,
    },
    "model?": MODEL,
    "recorded?": [s.FREE],
    "checkpoints": [{"step": s.COUNT, "epoch": s.MOMENT}],
    "history": {name: [s.METRIC] for name in History.__dataclass_fields__},
    "settings": s.FREE,
    "interrupted": s.TRUTH,
}


def run_to_parts(run: Run) -> tuple[Header, Arrays]:
    """JSON values for the header, and arrays by name.

    Of a network the layers' names stand once and the weights once a checkpoint; of a recording
    every checkpoint is a whole trace.
    """
    arrays: Arrays = {
        "data.x": run.data.x,
        "data.y": run.data.y,
        "validation_rows": run.validation_rows,
    }
    if run.data.held_out is not None:
        arrays["data.held_out"] = run.data.held_out.astype(np.uint8)
    models = _models_to_parts(run, arrays)
    header: Header = {
        "data": {
            "class_names": list(run.data.class_names),
            "feature_names": list(run.data.feature_names),
            "name": run.data.name,
            "parameters": run.data.parameters,
            "bayes_accuracy": run.data.bayes_accuracy,
            "betti": run.data.betti,
            "architecture": run.data.architecture and asdict(run.data.architecture),
        }
        | ({} if run.data.output is None else {"output": asdict(run.data.output)})
        | identity_to_parts(run.data.identity, "data.", arrays),
        **models,
        "checkpoints": [{"step": c.step, "epoch": c.epoch} for c in run.checkpoints],
        "history": {
            name: [value if isfinite(value) else None for value in values]
            for name, values in asdict(run.history).items()
        },
        "settings": run.settings,
        "interrupted": run.interrupted,
    }
    return header, arrays


def _models_to_parts(run: Run, arrays: Arrays) -> Header:
    """The networks of all checkpoints: weights, or recorded clouds."""
    recorded: list[Header] = []
    for i, checkpoint in enumerate(run.checkpoints):
        if isinstance(checkpoint.model, Recorded):
            header, clouds = trace_to_parts(checkpoint.model.trace)
            recorded.append(header)
            arrays |= {f"recorded.{i}.{name}": array for name, array in clouds.items()}
            continue
        for j, layer in enumerate(checkpoint.model.layers):
            arrays[f"checkpoint.{i}.{j}.weight"] = layer.weight
            arrays[f"checkpoint.{i}.{j}.bias"] = layer.bias
    model = run.model
    if isinstance(model, Recorded):
        return {"recorded": recorded}
    scaling = model.scaling
    return {
        "model": {
            "layers": [{"name": e.name, "activation": e.activation} for e in model.layers],
            "output": model.output,
            "scaling": None if scaling is None else map_to_parts(scaling, "scaling", arrays),
        }
    }


def run_arrays(header: Header, listing: s.Listing) -> dict[str, s.Expected]:
    """The arrays of a run, by what its header says.

    Raises
    ------
    DamagedError
        When the header is not that of a run.
    """
    s.check_header(header, RUN)
    n_features, n_classes = (len(header["data"][f"{k}_names"]) for k in ("feature", "class"))
    n_points = s.length(listing, "data.y")
    arrays = {
        "data.x": s.Expected((n_points, n_features)),
        "data.y": s.Expected((n_points,), s.INTEGERS if n_classes else s.FLOATS),
        "validation_rows": s.Expected((None,), s.INTEGERS),
    }
    if "data.held_out" in listing:
        arrays["data.held_out"] = s.Expected((n_points,), ("U8",))
    arrays |= identity_arrays(header["data"], listing, n_points, "data.")
    steps = [each["step"] for each in header["checkpoints"]]
    if not steps or any(a >= b for a, b in pairwise(steps)):
        raise s.DamagedError("the steps of its checkpoints do not rise.")
    if "recorded" in header:
        return arrays | _recorded_arrays(header, listing)
    if "model" not in header:
        raise s.DamagedError("it holds no model.")
    return arrays | _model_arrays(header["model"], len(steps), n_features, n_classes, listing)


def _model_arrays(
    model: Header, n_checkpoints: int, n_features: int, n_classes: int, listing: s.Listing
) -> dict[str, s.Expected]:
    n_layers = len(model["layers"])
    widths = [s.length(listing, f"checkpoint.0.{j}.bias") for j in range(n_layers)]
    if not widths or not all(widths):
        raise s.DamagedError("its network has no layers, or a layer has no units.")
    if model["output"] == "sigmoid" and (widths[-1], n_classes) != (1, 2):
        raise s.DamagedError(
            f"a sigmoid output tells 2 classes by 1 unit; there are {n_classes} and {widths[-1]}."
        )
    arrays: dict[str, s.Expected] = {}
    if model["scaling"] is not None:
        if model["scaling"]["kind"] != "Affine":
            raise s.DamagedError("the scaling of its features is not affine.")
        arrays |= map_arrays(model["scaling"], "scaling", n_features, n_features)
    for i in range(n_checkpoints):
        for j, (n_in, n_out) in enumerate(pairwise([n_features, *widths])):
            arrays[f"checkpoint.{i}.{j}.weight"] = s.Expected((n_in, n_out))
            arrays[f"checkpoint.{i}.{j}.bias"] = s.Expected((n_out,))
    return arrays


def _recorded_arrays(header: Header, listing: s.Listing) -> dict[str, s.Expected]:
    traces = header["recorded"]
    if len(traces) != len(header["checkpoints"]):
        raise s.DamagedError(f"{len(header['checkpoints'])} checkpoints have {len(traces)} traces.")
    arrays: dict[str, s.Expected] = {}
    forms: list[Any] = []
    for i, trace in enumerate(traces):
        own = trace_arrays(trace, listing, f"recorded.{i}.")
        if s.length(listing, f"recorded.{i}.labels") != s.length(listing, "data.y"):
            raise s.DamagedError(f"recorded.{i} has other points than the data.")
        kinds = [(each["kind"], each["name"]) for each in trace["maps"]]
        widths = [len(each["unit_names"]) for each in trace["representations"]]
        forms.append((kinds, widths, trace["class_names"] == header["data"]["class_names"]))
        arrays |= own
    if any(form != forms[0] or not form[2] for form in forms):
        raise s.DamagedError("its checkpoints do not hold the same layers and classes.")
    return arrays


def check_run_values(header: Header, arrays: Arrays) -> None:
    """Hold the values of the arrays of a run to what they stand for.

    Raises
    ------
    DamagedError
    """
    check_identity_values(header["data"], arrays, "data.")
    s.check_labels("data.y", arrays["data.y"], len(header["data"]["class_names"]))
    for name, array in arrays.items():
        if name != "data.y" and not name.endswith(".labels"):
            s.check_finite(name, array)
    rows, n_points = arrays["validation_rows"], len(arrays["data.y"])
    if len(rows) and (rows.min() < 0 or rows.max() >= n_points or len(set(rows)) < len(rows)):
        raise s.DamagedError(f"validation_rows are not different rows from 0 to {n_points - 1}.")
    for i, trace in enumerate(header.get("recorded", ())):
        prefix = f"recorded.{i}."
        check_trace_values(trace, _under(prefix, arrays))


def _under(prefix: str, arrays: Arrays) -> Arrays:
    return {n.removeprefix(prefix): array for n, array in arrays.items() if n.startswith(prefix)}


def run_from_parts(header: Header, arrays: Arrays) -> Run:
    """The run that `run_to_parts` took apart, also where an older version did."""
    entry = header["data"]
    data = Dataset(
        x=arrays["data.x"],
        y=as_labels(arrays["data.y"]),
        class_names=tuple(entry["class_names"]),
        feature_names=tuple(entry["feature_names"]),
        name=str(entry["name"]),
        parameters=dict(entry["parameters"]),
        bayes_accuracy=entry["bayes_accuracy"],
        betti=entry.get("betti") and tuple(tuple(numbers) for numbers in entry["betti"]),
        architecture=_architecture(entry.get("architecture")),
        output=_output(entry.get("output")),
        held_out=as_truths(arrays.get("data.held_out")),
        identity=identity_from_parts(header["data"], arrays, "data."),
    )
    checkpoints = tuple(
        Checkpoint(int(c["step"]), float(c["epoch"]), _network(header, i, arrays))
        for i, c in enumerate(header["checkpoints"])
    )
    return Run(
        model=checkpoints[-1].model,
        history=_history(header["history"]),
        checkpoints=checkpoints,
        data=data,
        validation_rows=arrays["validation_rows"].astype(np.int64, copy=False),
        settings=dict(header["settings"]),
        interrupted=bool(header["interrupted"]),
    )


def _architecture(entry: dict[str, Any] | None) -> Architecture | None:
    if entry is None:
        return None
    return Architecture(tuple(int(width) for width in entry["hidden"]), str(entry["activation"]))


def _output(entry: dict[str, Any] | None) -> Output | None:
    if entry is None:
        return None
    names = tuple(map(str, entry["names"]))
    if int(entry["place"]) >= len(names):
        raise s.DamagedError(f"output {entry['place']} of {len(names)} does not exist.")
    return Output(names, int(entry["place"]))


def _network(header: Header, i: int, arrays: Arrays) -> MLP | Recorded:
    if "recorded" not in header:
        return _model(header["model"], i, arrays)
    return Recorded(trace_from_parts(header["recorded"][i], _under(f"recorded.{i}.", arrays)))


def _history(entry: dict[str, list[float | None]]) -> History:
    fields = History.__dataclass_fields__
    return History(**{n: tuple(nan if v is None else float(v) for v in entry[n]) for n in fields})


def _model(entry: dict[str, Any], i: int, arrays: Arrays) -> MLP:
    scaling = entry["scaling"] and map_from_parts(entry["scaling"], "scaling", arrays)
    if scaling is not None and not isinstance(scaling, Affine):
        raise TypeError("the scaling must be affine")
    return MLP(
        layers=tuple(
            Dense(
                arrays[f"checkpoint.{i}.{j}.weight"],
                arrays[f"checkpoint.{i}.{j}.bias"],
                str(layer["activation"]),
                str(layer["name"]),
            )
            for j, layer in enumerate(entry["layers"])
        ),
        output=entry["output"],
        scaling=scaling,
    )
