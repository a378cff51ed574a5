"""All points through a network, in batches, every cloud written straight to its place.

Clouds are in memory as far as was asked, the rest in temporary files.
"""

import tempfile
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from unknot.adapters.claims import Part, agrees, apply, flat
from unknot.adapters.network import Array, Network, Places, forward_pass
from unknot.adapters.points import MEMORY
from unknot.errors import UnknotError, whole_number
from unknot.network.maps import Opaque
from unknot.progress import progress_bar
from unknot.traces.trace_checks import surely_finite

Values = NDArray[np.floating]
MOST_BYTES = 10**15
LEAST_BATCH, MOST_BATCH = 16, 16_384


class Storage:
    """Where the values of one cloud go: memory, or a temporary file that vanishes with the array.

    Rows are written to the file, not mapped, while the network runs: mapped pages would count as
    memory.
    """

    def __init__(self, n_points: int, n_units: int, in_memory: bool) -> None:
        self.shape = (n_points, n_units)
        self._array = np.empty(self.shape, np.float32) if in_memory else None
        if not in_memory:
            with self._disk():
                self._file: Any = tempfile.TemporaryFile(prefix="unknot-")  # noqa: SIM115

    def rows(self, start: int, n: int) -> Values | None:
        """Where these rows go; None on disk, where they are written in order."""
        return None if self._array is None else self._array[start : start + n]

    def write(self, values: Values, rows: Values | None) -> None:
        """Keep the values of the next rows."""
        if rows is None:
            with self._disk():
                self._file.write(np.ascontiguousarray(values, np.float32).data)
        elif not np.may_share_memory(rows, values):
            rows[:] = values

    def values(self) -> Values:
        """The whole cloud."""
        if self._array is not None:
            return self._array
        # The mapping keeps the nameless file alive; it needs no open one.
        with self._disk(), self._file as file:
            file.flush()
            return np.memmap(file, np.float32, mode="r", shape=self.shape)

    @contextmanager
    def _disk(self) -> Generator[None]:
        try:
            yield
        except OSError as error:
            size = 4 * self.shape[0] * self.shape[1] / 1e9
            raise UnknotError(
                f"Cannot keep {size:.1f} GB of values in {tempfile.gettempdir()}: "
                f"{error.strerror or error}.\n"
                "Set TMPDIR to a folder with room, give more memory=, or trace fewer points."
            ) from error


def allocate(n_points: int, widths: Sequence[int], memory: int | None) -> list[Storage]:
    """A place for each cloud: the narrowest in memory as far as it goes, the rest on disk."""
    left = MEMORY if memory is None else memory
    places: dict[int, Storage] = {}
    for k in sorted(range(len(widths)), key=lambda k: (widths[k], k)):
        size = 4 * n_points * widths[k]
        fits = size <= left
        left -= size if fits else 0
        try:
            places[k] = Storage(n_points, widths[k], fits)
        except MemoryError:
            places[k] = Storage(n_points, widths[k], False)
    return [places[k] for k in range(len(widths))]


def as_rows(batch_size: Any) -> int | None:
    """Rows sent through a model at once; UsageError for what is no whole number of 1 or more."""
    remedy = "Leave it out for as many as the model is quickest with."
    return None if batch_size is None else whole_number(batch_size, "batch size", 1, remedy=remedy)


def as_bytes(memory: Any) -> int | None:
    """Bytes of clouds to keep in memory; UsageError for what is no whole number of 0 or more."""
    remedy = "Write one gigabyte as 1_000_000_000, or leave it out for two."
    return None if memory is None else whole_number(memory, "bytes", 0, MOST_BYTES, remedy=remedy)


def as_most(max_points: Any) -> int | None:
    """Points to take at most; UsageError for what is no whole number of 2 or more."""
    remedy = "Leave it out for all that there are."
    return None if max_points is None else whole_number(max_points, "points", 2, remedy=remedy)


def capture(
    network: Network,
    parts: Sequence[Part],
    known: Sequence[bool],
    x: Array,
    *,
    batch_size: int | None = None,
    memory: int | None = None,
    progress: bool = True,
    entrance: Callable[[Array], Values] = flat,
    per_point: int = 1,
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
    entrance : callable
        (n_rows, n_features) of a batch: where the maps begin.
    per_point : int
        Rows of a cloud for each point.

    Returns
    -------
    clouds : list of Cloud
        Of the parts that are shown.
    parts : list of Part
        A map that was only guessed, and does not hold for every point, is opaque now.
    """
    shown = [i for i, part in enumerate(parts) if part.is_shown]
    storage = allocate(len(x) * per_point, [parts[i].n_units for i in shown], memory)
    places = [None if i not in shown else storage[shown.index(i)] for i in range(len(parts))]
    n_units = per_point * sum(part.n_units for part in parts)
    quickest = network.numbers_in_a_batch // max(n_units, 1)
    size = batch_size or max(LEAST_BATCH, min(MOST_BATCH, quickest))
    # Values are written while the model is at the next batch, unless it wrote them itself.
    takes_time = len(x) > 4 * size
    with (
        progress_bar(progress and takes_time, len(x), "tracing", transient=True) as show,
        ThreadPoolExecutor(1) as writer,
    ):
        written: Future[None] | None = None
        faults = Faults()
        for start in range(0, len(x), size):
            batch = x[start : start + size]
            rows = [
                place and place.rows(start * per_point, len(batch) * per_point) for place in places
            ]
            steps = _places(network, parts, rows)
            outputs = own_outputs(network, batch, known, steps)
            if written is not None:
                written.result()
            rest = (network, places, parts, outputs, entrance(batch), rows, faults)
            if any(output is not place for output, place in zip(outputs, steps, strict=True)):
                written = writer.submit(_write, *rest)
            else:
                _write(*rest)
            show(start + len(batch))
        if written is not None:
            written.result()
    clouds = [
        Cloud(place.values(), i not in faults.suspect) for i, place in enumerate(places) if place
    ]
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
    places: Sequence[Storage | None],
    parts: Sequence[Part],
    outputs: Sequence[Array | None],
    before: Values,
    rows: Places,
    faults: Faults,
) -> None:
    n = len(before)
    for i, image in enumerate(images(parts, outputs, before, rows)):
        place, part = places[i], parts[i]
        if image.shape != (n, part.n_units):
            raise UnknotError(
                f"The {network.framework} model gave values of shape {image.shape} for "
                f"{n} points where it had given {part.n_units} units before.\n"
                "Every point must go through by itself, with one row a point."
            )
        if place is not None:
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
    values: Values,
    rows: Places | None = None,
) -> Generator[Values]:
    """The images of one batch, part by part; `rows` is where each may be written already.

    `values` are where the maps begin.
    """
    for part, place in zip(parts, rows or [None] * len(parts), strict=True):
        output = None if part.step is None else outputs[part.step]
        if output is not None:
            values = flat(output)
        else:
            image = apply(part.map, values, place)
            assert image is not None
            values = image
        yield values


def own_outputs(
    network: Network, batch: Array, known: Sequence[bool], places: Places | None = None
) -> list[Array | None]:
    """The model's own outputs; an exception of the model's gets one line of ours."""
    nowhere = [None] * len(network.steps)
    try:
        with forward_pass(network.framework, batch):
            return list(network.forward(batch, known, places or nowhere))
    except MemoryError as error:
        raise UnknotError(
            f"There is not enough memory to send {len(batch):,} rows through the model.\n"
            "Give a smaller batch_size."
        ) from error
