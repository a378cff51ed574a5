"""All points through a network, in batches, every cloud written straight to its place."""

import sys
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from unknot.adapters.keeping import Place, allocate
from unknot.adapters.network import Array, Network, Places
from unknot.adapters.recognise import agrees, apply
from unknot.adapters.settling import Part, flat
from unknot.errors import UnknotError
from unknot.network.maps import Opaque
from unknot.traces.trace_checks import surely_finite

Values = NDArray[np.floating]

LEAST_BATCH, MOST_BATCH = 16, 16_384


def capture(
    network: Network,
    parts: Sequence[Part],
    known: Sequence[bool],
    x: Array,
    *,
    batch_size: int | None = None,
    memory: int | None = None,
    progress: bool = True,
) -> tuple[list["Cloud"], list[Part]]:
    """The image of every point after every map.

    Parameters
    ----------
    network : Network
    parts : sequence of Part
    known : sequence of bool
        For each step of the network.
    x : (n_points, …) array
    batch_size : int, optional
        Rows sent through the model at once; left out, as many as the network is quickest with.
    memory : int, optional
        Bytes of clouds to keep in memory; wider ones go to a temporary file.
    progress : bool
        Show a bar on stderr, where that is a terminal and there is time to see it.

    Returns
    -------
    clouds : list of Cloud
    parts : list of Part
        A map that was only guessed, and does not hold for every point, is opaque now.
    """
    places = allocate(len(x), [part.n_units for part in parts], memory)
    n_units = sum(part.n_units for part in parts)
    size = _batch_size(batch_size, network.numbers_in_a_batch // max(n_units, 1))
    # Values are written while the model is at the next batch, unless it wrote them itself.
    with _bar(progress, len(x), size) as advance, ThreadPoolExecutor(1) as writer:
        written: Future[None] | None = None
        faults = Faults()
        for start in range(0, len(x), size):
            batch = x[start : start + size]
            rows = [place.rows(start, len(batch)) for place in places]
            steps = _places(network, parts, rows)
            outputs = run(network, batch, known, steps)
            if written is not None:
                written.result()
            rest = (network, places, parts, outputs, batch, rows, faults)
            if any(output is not place for output, place in zip(outputs, steps, strict=True)):
                written = writer.submit(_write, *rest)
            else:
                _write(*rest)
            advance(len(batch))
        if written is not None:
            written.result()
    clouds = [Cloud(place.finished(), i not in faults.suspect) for i, place in enumerate(places)]
    return clouds, [
        replace(part, map=Opaque(part.kind)) if i in faults.wrong else part
        for i, part in enumerate(parts)
    ]


@dataclass(frozen=True)
class Cloud:
    """(n_points, n_units) float32 values, and whether all were seen to be finite."""

    values: Values
    is_finite: bool


@dataclass
class Faults:
    """Numbers of the parts whose map was guessed wrongly, and of those with suspect values."""

    wrong: set[int] = field(default_factory=set[int])
    suspect: set[int] = field(default_factory=set[int])


def _places(network: Network, parts: Sequence[Part], rows: Places) -> Places:
    """For each step, where its output goes."""
    places: list[Array | None] = [None] * len(network.steps)
    for part, place in zip(parts, rows, strict=True):
        if part.step is not None:
            places[part.step] = place
    return places


def _write(
    network: Network,
    places: Sequence[Place],
    parts: Sequence[Part],
    outputs: Sequence[Array | None],
    batch: Array,
    rows: Places,
    faults: Faults,
) -> None:
    before = flat(batch)
    for i, image in enumerate(images(parts, outputs, batch, rows)):
        place, part = places[i], parts[i]
        if image.shape != (len(batch), place.shape[1]):
            raise UnknotError(_wrong_shape(network, image, len(batch), place.shape[1]))
        place.write(image, rows[i])
        if not surely_finite(image):
            faults.suspect.add(i)
        if part.is_guess:
            predicted = apply(part.map, before)
            if predicted is None or not agrees(part.map, before, predicted, image):
                faults.wrong.add(i)
        before = image


def images(
    parts: Sequence[Part],
    outputs: Sequence[Array | None],
    batch: Array,
    rows: Places | None = None,
) -> Generator[Values]:
    """The images of one batch, part by part; `rows` is where each may be written already."""
    values = flat(batch)
    for part, place in zip(parts, rows or [None] * len(parts), strict=True):
        output = None if part.step is None else outputs[part.step]
        if output is not None:
            values = flat(output)
        else:
            image = apply(part.map, values, place)
            assert image is not None
            values = image
        yield values


def run(
    network: Network, batch: Array, known: Sequence[bool], places: Places | None = None
) -> list[Array | None]:
    """The model's own outputs; an exception of the model's gets one line of ours."""
    nowhere = [None] * len(network.steps)
    try:
        outputs = list(network.forward(batch, known, places or nowhere))
    except (UnknotError, KeyboardInterrupt):
        raise
    except MemoryError as error:
        raise UnknotError(
            f"There is not enough memory to send {len(batch):,} rows through the model.\n"
            "Give a smaller batch_size."
        ) from error
    except Exception as error:
        error.add_note(
            f"unknot: the {network.framework} model raised this in its forward pass, for points of "
            f"shape {batch.shape}, dtype {batch.dtype}; the model is as it was before."
        )
        raise
    return outputs


def _batch_size(asked: int | None, proposed: int) -> int:
    if asked is None:
        return max(LEAST_BATCH, min(MOST_BATCH, proposed))
    return asked


def _wrong_shape(network: Network, values: Values, n_points: int, n_units: int) -> str:
    return (
        f"The {network.framework} model gave values of shape {values.shape} for {n_points} points "
        f"where it had given {n_units} units before.\n"
        "Every point must go through by itself, with one row a point."
    )


@contextmanager
def _bar(wanted: bool, n_points: int, batch: int) -> Generator[Callable[[int], object]]:
    """Give a function to call with the rows done; it does nothing where no bar is shown."""
    if not wanted or n_points <= 4 * batch or not sys.stderr.isatty():
        yield lambda rows: None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("tracing", total=n_points)
        yield lambda rows: bar.advance(task, rows)
