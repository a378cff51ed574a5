"""What animate accepts, checked before any work."""

import math
from numbers import Integral, Real
from typing import Any

from unknot.doors import as_run
from unknot.errors import UsageError
from unknot.motion.scene import Scene
from unknot.table import unknown
from unknot.traces.representation import Trace

WAYS = ("layers", "training")
LEAST_SIZE, MOST_SIZE = 240, 4096
MOST_FPS, MOST_GIF_FPS = 120, 50
MOST_SECONDS = 3600


def check_way(source: Any, along: str, layer: str | int | None) -> None:
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
        check_what_moves(source if isinstance(source, Trace) else source.trace)


def _check_run(source: Any) -> None:
    source = as_run(source, purpose="A film along the training")
    if len(source.checkpoints) < 2:
        raise UsageError(
            f"A film along the training needs 2 checkpoints at least; the run has "
            f"{len(source.checkpoints)}.\nTrain for one step at least, or use along='layers'."
        )


def check_what_moves(trace: Trace) -> None:
    """There must be points, and somewhere for them to go."""
    if not trace.maps:
        raise UsageError(
            f"The trace has one representation ({trace.representations[0].name}) and no map: "
            "nothing would move.\nUse figure(trace) for a still picture."
        )
    if trace.n_points == 0:
        raise UsageError("The trace has no points: there is nothing to show.")


def check_pace(fps: Any, seconds: Any, suffix: str) -> float:
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


def check_pause(pause: Any) -> None:
    """Seconds at each representation."""
    if pause is not None and (not _is_number(pause) or not 0 <= pause <= 60):
        raise UsageError(f"A pause is 0 to 60 seconds long; got pause={pause!r}.")


def check_size(size: Any, default: tuple[int, int]) -> tuple[int, int]:
    """Width and height, rounded up to even numbers as the codecs need them."""
    if size is None:
        return default
    pair: Any = (size, size) if isinstance(size, Integral) else size
    if (
        not isinstance(pair, tuple | list)
        or len(pair) != 2
        or not all(_is_whole(side) for side in pair)
        or not all(LEAST_SIZE <= side <= MOST_SIZE for side in pair)
    ):
        raise UsageError(
            f"A film is {LEAST_SIZE} to {MOST_SIZE} pixels wide and high; got size={size!r}.\n"
            "Give one number for a square, or (width, height)."
        )
    width, height = (int(side) + int(side) % 2 for side in pair)
    return width, height


def _is_whole(value: Any) -> bool:
    # True is an int in Python.
    return not isinstance(value, bool) and isinstance(value, Integral)


def _is_number(value: Any) -> bool:
    return not isinstance(value, bool) and isinstance(value, Real) and math.isfinite(value)
