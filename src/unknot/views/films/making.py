"""animate: one call from a run, a trace or a scene to a film."""

import os
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from unknot.doors import as_shown, as_trace
from unknot.motion.scene import Scene
from unknot.traces.representation import Trace
from unknot.traces.run import Run
from unknot.views.encode import Film, check_suffix, encode
from unknot.views.films.checks import (
    check_pace,
    check_pause,
    check_size,
    check_way,
    check_what_moves,
)
from unknot.views.films.progress import film_bar
from unknot.width.result import MinimumWidth


def animate(
    source: Run | Trace | Scene | MinimumWidth,
    path: str | os.PathLike[str],
    *,
    n_axes: int = 2,
    along: str = "layers",
    layer: str | int | None = None,
    size: int | tuple[int, int] | None = None,
    fps: float = 30,
    seconds: float | None = None,
    pause: float | None = None,
    projection: str = "following",
    units: Sequence[int] | None = None,
    kind: str = "honest",
    scale: str = "animated",
    lattice: bool = True,
    boundary: bool = True,
    seed: int = 0,
    progress: bool = True,
) -> Path:
    """Make a film: the cloud flowing through the layers, or every layer while it learns.

    Parameters
    ----------
    source : Run, Trace, Scene, Film or MinimumWidth
        A scene brings its own axes, projection, kind and scale. Of a search for the minimum
        width: the best network that fails beside the winner, along the layers.
    path : path-like
        ``.mp4`` (H.264, plays in every browser), ``.gif``, ``.webp``, or ``.apng``.
    n_axes : int
        2 or 3; with 3 the view swings slowly.
    along : str
        ``"layers"``: from the input to the output, with a pause at each representation.
        ``"training"`` (needs a Run): all layers side by side, from the first checkpoint to the
        last. Between checkpoints the weights are interpolated and the network is run, so every
        frame is a real network.
    layer : str or int, optional
        Along the training: show this representation only, by name or number.
    size : int or (int, int), optional
        Width and height in pixels, rounded up to even numbers. Left out: 800 × 800 along the
        layers, 1280 × 640 for several layers along the training.
    fps : float
        Frames a second.
    seconds : float, optional
        Length; left out, it follows from what there is to see. The film has
        ``round(seconds * fps)`` frames, one at least.
    pause : float, optional
        Seconds at each representation, or before and after the training.
    projection, units, kind, scale, seed
        As for ``Scene``. Along the training the scale is fixed, so that only the network moves.
    lattice, boundary : bool
        Whether to draw the input's grid, and the decision boundary with the confidence.
    progress : bool
        Show a bar on stderr while it is a terminal.

    Returns
    -------
    Path
        `path`.

    Raises
    ------
    UsageError
        When an argument is not allowed.
    UnknotError
        When the file cannot be written whole; nothing is left of it then.
    """
    if isinstance(source, MinimumWidth):
        from unknot.views.width import side_by_side

        return side_by_side(
            source, path, n_axes=n_axes, size=size, fps=fps, seconds=seconds, progress=progress
        )
    source = as_shown(source)
    suffix = check_suffix(path)
    check_way(source, along, layer)
    rate = check_pace(fps, seconds, suffix)
    check_pause(pause)
    frame = check_size(size, (1280, 640) if along == "training" and layer is None else (800, 800))
    chosen = None if units is None else tuple(units)
    view = {"n_axes": n_axes, "projection": projection, "units": chosen, "seed": seed}
    drawn = {"lattice": lattice, "boundary": boundary, "pause": pause, "seconds": seconds}
    with _one_thread():
        if along == "training":
            assert isinstance(source, Run)
            film = _along_training(source, layer, frame, rate, view, drawn)
        else:
            film = _along_layers(source, frame, rate, view | {"kind": kind, "scale": scale}, drawn)
        with film_bar(progress, film.n_frames, Path(path).name) as advance:
            encode(path, replace(film, advance=advance))
    return Path(path)


def _along_layers(
    source: Run | Trace | Scene,
    frame: tuple[int, int],
    fps: float,
    view: dict[str, Any],
    drawn: dict[str, Any],
) -> Film:
    from unknot.views.films.layers import LayersFilm
    from unknot.views.films.schedule import Schedule

    if isinstance(source, Scene):
        scene = source
    else:
        traced = as_trace(source)
        check_what_moves(traced)
        scene = Scene(traced, **view)
    seconds, pause = drawn.pop("seconds"), drawn.pop("pause")
    n_frames = None if seconds is None else count_frames(seconds, fps)
    length = None if n_frames is None else n_frames / fps
    schedule = Schedule(scene, seconds=length, pause=pause)
    film = LayersFilm(scene, schedule, *frame, **drawn)
    return film.film(fps, n_frames or count_frames(schedule.seconds, fps))


def _along_training(
    run: Run,
    layer: str | int | None,
    frame: tuple[int, int],
    fps: float,
    view: dict[str, Any],
    drawn: dict[str, Any],
) -> Film:
    from unknot.views.films.training import SECONDS, TrainingFilm
    from unknot.views.films.training_view import TrainingView

    seconds = drawn.pop("seconds")
    n_frames = count_frames(SECONDS if seconds is None else seconds, fps)
    film = TrainingFilm(TrainingView(run, layer=layer, **view), n_frames / fps, *frame, **drawn)
    return film.film(fps, n_frames)


def count_frames(seconds: float, fps: float) -> int:
    """Frames of a film: one at least."""
    return max(1, round(seconds * fps))


@contextmanager
def _one_thread() -> Generator[None]:
    """Thin matrix products on one thread: the others would wait for each other and for ffmpeg."""
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1, user_api="blas"):
        yield
