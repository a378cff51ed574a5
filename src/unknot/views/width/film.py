"""The film of the best failing width beside that of the winner, moving together."""

import os
from pathlib import Path

import numpy as np

from unknot.draw import style
from unknot.draw.canvas import Canvas, Region
from unknot.errors import UsageError
from unknot.motion.scene import Scene
from unknot.traces.tracing import trace
from unknot.views.encode import Film, check_suffix, encode
from unknot.views.encode.film import Pixels
from unknot.views.films.checks import check_pace, check_size
from unknot.views.films.heading import fitted, scale_of
from unknot.views.films.layers import LayersFilm
from unknot.views.films.progress import film_bar
from unknot.views.films.schedule import Schedule
from unknot.width.result import MinimumWidth, Width

SIZE = 640
#: Grey of the line between the halves.
RULE = (201, 201, 201, 255)


def side_by_side(
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

    Parameters
    ----------
    result : MinimumWidth
    path : path-like
        As for ``animate``.
    n_axes : int
    size : int or (int, int), optional
        Of each half, in pixels; 640 × 640 by default.
    fps, seconds : float
        Both halves reach each layer at the same moment.
    progress : bool

    Raises
    ------
    UsageError
        When there is no winner, or nothing failed.
    """
    suffix = check_suffix(path)
    rate = check_pace(fps, seconds, suffix)
    width, height = check_size(size, (SIZE, SIZE))
    winner, failing = result.winner, result.best_failing
    if winner is None or failing is None:
        raise UsageError(
            "This film shows a width that fails beside one that is enough; "
            f"{'no width is enough' if winner is None else 'none fails'} here.\n"
            "Film one of them: unknot.animate(result[width].run, path)"
        )
    scenes = [Scene(trace(found.run), n_axes=n_axes) for found in (failing, winner)]
    length = seconds or max(Schedule(scene).seconds for scene in scenes)
    n_frames = max(1, round(length * rate))
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
    with film_bar(progress, n_frames, Path(path).name) as advance:
        encode(path, Film(draw, 2 * left.width, tall, rate, n_frames, advance))
    return Path(path)


def _banner(found: tuple[Width, Width], width: int, unit: float) -> Pixels:
    """Which half is which, (height, 2 · width, 4)."""
    size = 19.0 * unit
    height = 2 * round(0.95 * size)
    canvas = Canvas(2 * width, height)
    for i, each in enumerate(found):
        text = f"{each.width} unit{'s' * (each.width > 1)}: {each.verdict}, {each.accuracy:.4f}"
        words = fitted(text, size, width - 40 * unit, bold=True)
        colour = style.INK if each.verdict == "enough" else style.WARNING
        canvas.words(words, i * width + 16 * unit, 1.4 * size, colour)
    return canvas.view(Region(0, 0, 2 * width, height)).copy()
