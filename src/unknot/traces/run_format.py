"""A Run as a header and arrays. Wall times are left out: the bytes depend on the seed alone."""

from dataclasses import asdict
from typing import Any

from unknot.datasets.dataset import Architecture, Dataset
from unknot.network.maps import Affine
from unknot.network.mlp import MLP, Dense
from unknot.traces.container import Arrays, Header
from unknot.traces.map_format import map_from_parts, map_to_parts
from unknot.traces.recorded import Recorded
from unknot.traces.run import Checkpoint, History, Run
from unknot.traces.trace_format import trace_from_parts, trace_to_parts


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
        },
        **models,
        "checkpoints": [{"step": c.step, "epoch": c.epoch} for c in run.checkpoints],
        "history": asdict(run.history),
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


def run_from_parts(header: Header, arrays: Arrays) -> Run:
    """The run that `run_to_parts` took apart, also where an older version did."""
    entry = header["data"]
    data = Dataset(
        x=arrays["data.x"],
        y=arrays["data.y"],
        class_names=tuple(entry["class_names"]),
        feature_names=tuple(entry["feature_names"]),
        name=str(entry["name"]),
        parameters=dict(entry["parameters"]),
        bayes_accuracy=entry["bayes_accuracy"],
        # Files from before Betti numbers and architectures have none.
        betti=entry.get("betti") and tuple(tuple(numbers) for numbers in entry["betti"]),
        architecture=_architecture(entry.get("architecture")),
    )
    checkpoints = tuple(
        Checkpoint(int(c["step"]), float(c["epoch"]), _network(header, i, arrays))
        for i, c in enumerate(header["checkpoints"])
    )
    return Run(
        model=checkpoints[-1].model,
        history=History(**{name: tuple(values) for name, values in header["history"].items()}),
        checkpoints=checkpoints,
        data=data,
        validation_rows=arrays["validation_rows"],
        settings=dict(header["settings"]),
        interrupted=bool(header["interrupted"]),
    )


def _architecture(entry: dict[str, Any] | None) -> Architecture | None:
    if entry is None:
        return None
    return Architecture(tuple(int(width) for width in entry["hidden"]), str(entry["activation"]))


def _network(header: Header, i: int, arrays: Arrays) -> MLP | Recorded:
    if "recorded" not in header:
        return _model(header["model"], i, arrays)
    prefix = f"recorded.{i}."
    own = {n.removeprefix(prefix): array for n, array in arrays.items() if n.startswith(prefix)}
    return Recorded(trace_from_parts(header["recorded"][i], own))


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
