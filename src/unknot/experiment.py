"""The whole way in one call: train, trace, and write the numbers, the figures and the films."""

import contextlib
import importlib
import json
import os
import time
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from unknot.datasets.dataset import Dataset
from unknot.datasets.labels import counted
from unknot.errors import UnknotError
from unknot.files import alone, whole_file, writable_folder

if TYPE_CHECKING:
    from unknot.traces.goodness import Goodness
    from unknot.traces.representation import Trace
    from unknot.traces.run import Run
    from unknot.views.films.apart import Order

#: The page among them.
PAGE = "page.html"
#: Everything that an experiment writes.
OUTPUTS = (
    "run.safetensors",
    "trace.safetensors",
    "strip.png",
    "units.png",
    "training.png",
    PAGE,
    "layers.mp4",
    "layers-3d.mp4",
    "training.mp4",
    "report.json",
)
#: What a number to predict has besides, behind the strip.
PREDICTIONS = "predictions.png"


def experiment(
    data: Dataset,
    out: str | os.PathLike[str],
    *,
    started: float | None = None,
    **settings: Any,
) -> dict[str, Any]:
    """Train a network and write everything there is to see of it to a folder.

    Parameters
    ----------
    data : Dataset
    out : path-like
        A folder; made when it is missing. Files of earlier experiments are replaced one by one,
        each only when the new one is whole.
    started : float, optional
        ``time.perf_counter()`` when the program started, for ``seconds``.
    **settings
        Arguments of ``fit``.

    Returns
    -------
    dict
        The content of ``report.json``.

    Raises
    ------
    UsageError
        For settings that ``fit`` refuses.
    UnknotError
        When training fails or the folder cannot be written.
    """
    started = time.perf_counter() if started is None else started
    folder = Path(out)
    is_new = not folder.exists()
    writable_folder(folder, "Name another with --out")
    try:
        with alone(folder, "run"):
            return _written(data, folder, started, settings)
    except UnknotError:
        if is_new:
            with contextlib.suppress(OSError):  # it is not empty
                folder.rmdir()
        raise


def _written(
    data: Dataset, folder: Path, started: float, settings: dict[str, Any]
) -> dict[str, Any]:
    from unknot.views.films.apart import films_apart

    clock = time.perf_counter()
    with films_apart(data.n_points) as order_films:
        _import_everything()
        seconds = {"import": time.perf_counter() - clock}

        from unknot.traces.storage import save
        from unknot.traces.tracing import trace
        from unknot.training import fit

        run = fit(data, **settings)
        _give_memory_back()
        seconds |= {name: run.seconds[name] for name in ("compile", "train")}
        clock = time.perf_counter()
        traced = trace(run)
        save(run, folder / "run.safetensors")
        save(traced, folder / "trace.safetensors")
        _draw_views(run, traced, folder, order_films)
    seconds["draw"] = time.perf_counter() - clock
    seconds["total"] = time.perf_counter() - started
    report = make_report(run, seconds, traced)
    with whole_file(folder / "report.json") as temporary:
        temporary.write_text(json.dumps(report, indent=2) + "\n", "utf-8")
    return report


#: Seconds of a film along the layers, at most: it goes faster through a deep network.
LONGEST = 30.0


def _draw_views(run: "Run", traced: "Trace", folder: Path, order_films: "Order") -> None:
    """Figures first: they are quick, and there is something to look at while the films are made."""
    from threadpoolctl import threadpool_limits

    from unknot.motion.scene import Scene
    from unknot.views.figures import figure, save_figure
    from unknot.views.films import animate
    from unknot.views.films.layers import Schedule
    from unknot.views.page import page

    scene = Scene(traced)
    is_long = Schedule(scene).seconds > LONGEST
    length = {"seconds": LONGEST} if is_long else {}
    films = {
        str(folder / "layers.mp4"): length,
        str(folder / "layers-3d.mp4"): length | {"n_axes": 3},
    }
    order_films(traced, folder / "trace.safetensors", films)
    # The other core has the films.
    with threadpool_limits(1, user_api="blas"):
        save_figure(figure(scene), folder / "strip.png")
        if not traced.n_classes:
            save_figure(figure(traced, what="predictions"), folder / PREDICTIONS)
        save_figure(figure(traced, what="pairs"), folder / "units.png")
        save_figure(figure(run, what="training"), folder / "training.png")
        page(run, folder / PAGE)
        animate(run, folder / "training.mp4", along="training")


def make_report(run: "Run", seconds: dict[str, float], traced: "Trace") -> dict[str, Any]:
    """The content of ``report.json``: JSON values only, keys as documented in docs/report.md."""
    return {
        "dataset": {
            "name": run.data.name,
            "n_points": run.data.n_points,
            "n_features": run.data.n_features,
            "class_names": list(run.data.class_names),
            "parameters": run.data.parameters,
        },
        "bayes_accuracy": run.data.bayes_accuracy,
        "architecture": run.model.architecture,
        "settings": run.settings,
        "history": {name: list(values) for name, values in asdict(run.history).items()},
        "accuracy": {
            "held_out": traced.accuracies.held_out,
            "training": traced.accuracies.training,
        },
        "r2": _each(traced.goodness, "r2"),
        "rmse": _each(traced.goodness, "rmse"),
        "seconds": {name: round(value, 3) for name, value in seconds.items()},
        "versions": _versions(),
        "seed": run.settings.get("seed"),
        "advice": advice(run),
        "interrupted": run.interrupted,
        "files": [*OUTPUTS[:3], *([] if run.data.class_names else [PREDICTIONS]), *OUTPUTS[3:]],
    }


def _each(reached: "Goodness", name: str) -> dict[str, float | None]:
    """R² or error of points held out and of points trained on; null of classes."""
    parts = {"held_out": reached.held_out, "training": reached.training}
    return {part: None if fit is None else getattr(fit, name) for part, fit in parts.items()}


#: A run is far below what is possible when more is missing than this, and than twice the standard
#: error of the accuracy on the rows that judge.
FAR = 0.02
#: Of fewer points held out than this an accuracy says little: its standard error is up to 0.11.
FEW = 20
#: Rows that the neighbours are looked for among, and rows that they judge, at most.
NEIGHBOURS, JUDGED = 20_000, 5_000


def advice(run: "Run") -> str | None:
    """One line for a run to distrust: far below what is possible, judged by few points, or misled.

    Possible is the Bayes accuracy or, where that is not known, what k-nearest neighbours reach on
    the held-out rows. None where nothing is far below, and where nothing was held out.
    """
    if name := _numbers_the_rows(run.data):
        return (
            f"The feature {name!r} numbers the rows, and the network learnt from it. If it is no "
            f"measurement, give it as identity={name!r} (--identity)."
        )
    reached = run.history.validation_accuracy[-1:]
    if not reached or run.interrupted:
        return None
    n = len(run.validation_rows)
    if n < FEW:
        return (
            f"Only {counted(n, 'point')} held out: an accuracy of so few says little. "
            "Give more points, or hold out a larger share of them."
        )
    possible, source = run.data.bayes_accuracy, "the best possible (Bayes)"
    if possible is None:
        possible, source = _neighbours_accuracy(run), "what nearest neighbours reach"
    error = max((p * (1 - p) / n) ** 0.5 for p in (possible, reached[0]))
    margin = max(FAR, 2 * error)
    if reached[0] >= possible - margin:
        return None
    said = f"Held out {reached[0]:.3f} is far below {possible:.3f}, {source}."
    if run.settings["steps"] is None:
        return f"{said} Leave epochs out: steps and rate are then chosen."
    if run.history.accuracy[-1] >= possible - margin:
        return (
            f"{said} The training rows are learnt ({run.history.accuracy[-1]:.3f}): use more rows."
        )
    hidden = run.settings["hidden"]
    wider = [max(16, 2 * width) for width in (hidden if len(hidden) > 1 else (hidden or [8]) * 2)]
    return f"{said} Try more units, hidden={wider}, or more steps than {run.settings['steps']:,}."


def _numbers_the_rows(data: Dataset) -> str | None:
    """The first feature that counts 0, 1, 2, … or 1, 2, 3, … down the rows, as an id does."""
    start = data.x[0]
    counts = (data.x[1:] - data.x[:-1] == 1).all(axis=0) & ((start == 0) | (start == 1))
    names = [name for name, is_id in zip(data.feature_names, counts, strict=True) if is_id]
    return names[0] if names and len(data.x) >= FEW else None


def _neighbours_accuracy(run: "Run") -> float:
    """Of k-nearest neighbours among the training rows, on the held-out rows; features scaled."""
    import numpy as np

    from unknot.datasets.labels import labelled_rows
    from unknot.training.held_out import scaled, standardisation
    from unknot.width.ceiling import baseline_accuracy

    training = np.setdiff1d(labelled_rows(run.data.y), run.validation_rows)[:NEIGHBOURS]
    judged = run.validation_rows[:JUDGED]
    x = scaled(run.data.x, standardisation(run.data.x[training]))
    y = run.data.y.astype(np.int64)
    rows = (x[training], y[training]), (x[judged], y[judged])
    return baseline_accuracy("nearest_neighbours", *rows, 0)


def _give_memory_back() -> None:
    """To the system, what the training has freed: of 10,000,000 points half a gigabyte.

    glibc keeps it, and large arrays do not come from what it keeps; others have no such function.
    """
    import ctypes

    with contextlib.suppress(AttributeError, OSError, TypeError):
        ctypes.CDLL(None).malloc_trim(0)


def _import_everything() -> None:
    """Import what takes long, so that the report can time it apart from the work."""
    for name in ("jax", "optax", "matplotlib.figure"):
        importlib.import_module(name)


def _versions() -> dict[str, str]:
    import platform
    from importlib.metadata import version

    packages = ("unknot", "jax", "jaxlib", "optax", "numpy", "scipy", "scikit-learn", "matplotlib")
    return {"python": platform.python_version()} | {name: version(name) for name in packages}
