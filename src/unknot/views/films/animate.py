"""animate: one call from a run, a trace, a scene or a search to a film."""

import math
import os
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from numbers import Integral, Real
from pathlib import Path
from typing import Any, cast

import numpy as np

from unknot.doors import as_run, as_shown, as_trace
from unknot.errors import UsageError
from unknot.files import check_suffix
from unknot.motion.scene import Scene
from unknot.progress import progress_bar
from unknot.table import unknown
from unknot.traces.representation import Trace
from unknot.traces.run import Run
from unknot.views.films.encode import Pixels, Reel, encode, encoders
from unknot.width.result import MinimumWidth, Width


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
    projection: str = "auto",
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
        return _side_by_side(
            source, path, n_axes=n_axes, size=size, fps=fps, seconds=seconds, progress=progress
        )
    source = as_shown(source)
    suffix = check_suffix(path, encoders)
    _check_way(source, along, layer)
    rate = _check_pace(fps, seconds, suffix)
    _check_pause(pause)
    frame = _check_size(size, (1280, 640) if along == "training" and layer is None else (800, 800))
    chosen = None if units is None else tuple(units)
    view = {"n_axes": n_axes, "projection": projection, "units": chosen, "seed": seed}
    drawn = {"lattice": lattice, "boundary": boundary, "pause": pause, "seconds": seconds}
    with _one_thread():
        if along == "training":
            assert isinstance(source, Run)
            film = _along_training(source, layer, frame, rate, view, drawn)
        else:
            film = _along_layers(source, frame, rate, view | {"kind": kind, "scale": scale}, drawn)
        with progress_bar(progress, film.n_frames, Path(path).name[-40:], unit="frames") as advance:
            encode(path, replace(film, advance=advance))
    return Path(path)


def _along_layers(
    source: Run | Trace | Scene,
    frame: tuple[int, int],
    fps: float,
    view: dict[str, Any],
    drawn: dict[str, Any],
) -> Reel:
    from unknot.views.films.layers import LayersFilm, Schedule

    if isinstance(source, Scene):
        scene = source
    else:
        traced = as_trace(source)
        _check_what_moves(traced)
        scene = Scene(traced, **view)
    seconds, pause = drawn.pop("seconds"), drawn.pop("pause")
    n_frames = None if seconds is None else _count_frames(seconds, fps)
    length = None if n_frames is None else n_frames / fps
    schedule = Schedule(scene, seconds=length, pause=pause)
    film = LayersFilm(scene, schedule, *frame, **drawn)
    return film.film(fps, n_frames or _count_frames(schedule.seconds, fps))


def _along_training(
    run: Run,
    layer: str | int | None,
    frame: tuple[int, int],
    fps: float,
    view: dict[str, Any],
    drawn: dict[str, Any],
) -> Reel:
    from unknot.views.films.training import SECONDS, TrainingFilm
    from unknot.views.films.training_view import TrainingView

    seconds = drawn.pop("seconds")
    n_frames = _count_frames(SECONDS if seconds is None else seconds, fps)
    film = TrainingFilm(TrainingView(run, layer=layer, **view), n_frames / fps, *frame, **drawn)
    return film.film(fps, n_frames)


def _count_frames(seconds: float, fps: float) -> int:
    """Frames of a film: one at least."""
    return max(1, round(seconds * fps))


@contextmanager
def _one_thread() -> Generator[None]:
    """Thin matrix products on one thread: the others would wait for each other and for ffmpeg."""
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1, user_api="blas"):
        yield


HALF = 640
#: Grey of the line between the halves.
RULE = (201, 201, 201, 255)


def _side_by_side(
    result: MinimumWidth,
    path: str | os.PathLike[str],
    *,
    n_axes: int = 2,
    size: int | tuple[int, int] | None = None,
    fps: float = 30,
    seconds: float | None = None,
    progress: bool = True,
) -> Path:
    """Two films in one: on the left the best network that fails, on the right the winner.

    Both halves, of `size` pixels each, reach each layer at the same moment.
    """
    from unknot.views.films.captions import scale_of
    from unknot.views.films.layers import LayersFilm, Schedule

    suffix = check_suffix(path, encoders)
    rate = _check_pace(fps, seconds, suffix)
    width, height = _check_size(size, (HALF, HALF))
    winner, failing = result.winner, result.best_failing
    if winner is None or failing is None:
        raise UsageError(
            "This film shows a width that fails beside one that is enough; "
            f"{result.answer_text if winner is None else 'none fails'} here.\n"
            "Film one of them: unknot.animate(result[width].run, path)"
        )
    scenes = [Scene(each.run, n_axes=n_axes) for each in (failing, winner)]
    length = seconds or max(Schedule(scene).seconds for scene in scenes)
    n_frames = _count_frames(length, rate)
    halves = [
        LayersFilm(scene, Schedule(scene, seconds=n_frames / rate), width, height).film(
            rate, n_frames
        )
        for scene in scenes
    ]

    left, right = halves
    banner = _banner((failing, winner), left.width, scale_of(min(width, height)))

    def draw(seconds: float) -> Pixels:
        both = np.concatenate([left.draw(seconds), right.draw(seconds)], axis=1)
        both[:, left.width - 1 : left.width + 1] = RULE
        return np.concatenate([banner, both])

    tall = left.height + len(banner)
    with progress_bar(progress, n_frames, Path(path).name[-40:], unit="frames") as advance:
        encode(path, Reel(draw, 2 * left.width, tall, rate, n_frames, advance))
    return Path(path)


def _banner(widths: tuple[Width, Width], width: int, unit: float) -> Pixels:
    """Which half is which, (height, 2 · width, 4)."""
    from unknot.draw import style
    from unknot.draw.canvas import Canvas, Region
    from unknot.views.films.captions import fitted

    size = 19.0 * unit
    height = 2 * round(0.95 * size)
    canvas = Canvas(2 * width, height)
    for i, each in enumerate(widths):
        text = f"{each.width} unit{'s' * (each.width > 1)}: {each.verdict}, {each.score:.4f}"
        words = fitted(text, size, width - 40 * unit, bold=True)
        colour = style.INK if each.verdict == "enough" else style.WARNING
        canvas.words(words, i * width + 16 * unit, 1.4 * size, colour)
    return canvas.view(Region(0, 0, 2 * width, height)).copy()


WAYS = ("layers", "training")
LEAST_SIZE, MOST_SIZE = 240, 4096
MOST_FPS, MOST_GIF_FPS = 120, 50
MOST_SECONDS = 3600


def _check_way(source: Any, along: str, layer: str | int | None) -> None:
    """What is to be animated, and along what."""
    if along not in WAYS:
        raise UsageError(unknown("way of a film", along, WAYS))
    if along == "layers" and layer is not None:
        raise UsageError(
            f"layer={layer!r} has no meaning along the layers, which shows them all.\n"
            "Use along='training' to watch one layer learn."
        )
    if along == "training":
        _check_run(source)
    elif isinstance(source, Trace | Scene):
        _check_what_moves(source if isinstance(source, Trace) else source.trace)


def _check_run(source: Any) -> None:
    source = as_run(source, purpose="A film along the training")
    if len(source.checkpoints) < 2:
        raise UsageError(
            f"A film along the training needs 2 checkpoints at least; the run has "
            f"{len(source.checkpoints)}.\nTrain for one step at least, or use along='layers'."
        )


def _check_what_moves(trace: Trace) -> None:
    """There must be points, and somewhere for them to go."""
    if not trace.maps:
        raise UsageError(
            f"The trace has one representation ({trace.representations[0].name}) and no map: "
            "nothing would move.\nUse figure(trace) for a still picture."
        )
    if trace.n_points == 0:
        raise UsageError("The trace has no points: there is nothing to show.")


def _check_pace(fps: Any, seconds: Any, suffix: str) -> float:
    """Frames a second and length."""
    most = MOST_GIF_FPS if suffix == ".gif" else MOST_FPS
    if not _is_number(fps) or not 1 <= fps <= most:
        kind = "A GIF" if suffix == ".gif" else "A film"
        raise UsageError(f"{kind} has 1 to {most} frames a second; got fps={fps!r}.")
    if seconds is not None and (not _is_number(seconds) or not 0 < seconds <= MOST_SECONDS):
        raise UsageError(
            f"A film is longer than 0 and at most {MOST_SECONDS} seconds long; "
            f"got seconds={seconds!r}."
        )
    return float(fps)


def _check_pause(pause: Any) -> None:
    """Seconds at each representation."""
    if pause is not None and (not _is_number(pause) or not 0 <= pause <= 60):
        raise UsageError(f"A pause is 0 to 60 seconds long; got pause={pause!r}.")


def _check_size(size: Any, default: tuple[int, int]) -> tuple[int, int]:
    """Width and height, rounded up to even numbers as the codecs need them."""
    if size is None:
        return default
    pair: Any = (size, size) if isinstance(size, Integral) else size
    if (
        not _is_pair(pair)
        or not all(_is_whole(side) for side in pair)
        or not all(LEAST_SIZE <= side <= MOST_SIZE for side in pair)
    ):
        raise UsageError(
            f"A film is {LEAST_SIZE} to {MOST_SIZE} pixels wide and high; got size={size!r}.\n"
            "Give one number for a square, or (width, height)."
        )
    width, height = (int(side) + int(side) % 2 for side in pair)
    return width, height


def _is_pair(value: Any) -> bool:
    return isinstance(value, tuple | list) and len(cast("Sequence[Any]", value)) == 2


def _is_whole(value: Any) -> bool:
    # True is an int in Python.
    return not isinstance(value, bool) and isinstance(value, Integral)


def _is_number(value: Any) -> bool:
    return not isinstance(value, bool) and isinstance(value, Real) and math.isfinite(value)
