"""All points through a network, in batches, every cloud written straight to its place."""

import sys
import tempfile
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import numpy as np
from numpy.typing import NDArray

from unknot.adapters.network import Array, Network, Places
from unknot.adapters.recognise import apply
from unknot.adapters.settling import Part, flat
from unknot.errors import UnknotError

Values = NDArray[np.floating]

LEAST_BATCH, MOST_BATCH = 16, 16_384
#: Bytes of clouds that are kept in memory when nothing else is asked for.
MEMORY = 2_000_000_000


def capture(
    network: Network,
    parts: Sequence[Part],
    known: Sequence[bool],
    x: Array,
    *,
    batch_size: int | None = None,
    memory: int | None = None,
    progress: bool = True,
) -> list[Values]:
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
    list of (n_points, n_units) float32 arrays
    """
    clouds = allocate(len(x), [part.n_units for part in parts], memory)
    n_units = sum(part.n_units for part in parts)
    size = _batch_size(batch_size, network.numbers_in_a_batch // max(n_units, 1))
    # Values are written while the model is at the next batch.
    with _bar(progress, len(x), size) as advance, ThreadPoolExecutor(1) as writer:
        written: Future[None] | None = None
        for start in range(0, len(x), size):
            batch = x[start : start + size]
            rows = [cloud.rows(start, len(batch)) for cloud in clouds]
            outputs = run(network, batch, known, _places(network, parts, rows))
            if written is not None:
                written.result()
            written = writer.submit(_write, network, clouds, parts, outputs, batch, rows)
            advance(len(batch))
        if written is not None:
            written.result()
    return [cloud.finished() for cloud in clouds]


def _places(network: Network, parts: Sequence[Part], rows: Places) -> Places:
    """For each step, where its output goes."""
    places: list[Array | None] = [None] * len(network.steps)
    for part, place in zip(parts, rows, strict=True):
        if part.step is not None:
            places[part.step] = place
    return places


def _write(
    network: Network,
    clouds: Sequence["InMemory | OnDisk"],
    parts: Sequence[Part],
    outputs: Sequence[Array | None],
    batch: Array,
    rows: Places,
) -> None:
    for cloud, place, image in zip(clouds, rows, images(parts, outputs, batch, rows), strict=True):
        if image.shape != (len(batch), cloud.shape[1]):
            raise UnknotError(_wrong_shape(network, image, len(batch), cloud.shape[1]))
        cloud.write(image, place)


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


class InMemory:
    """A cloud in memory."""

    def __init__(self, n_points: int, n_units: int) -> None:
        self._values = np.empty((n_points, n_units), np.float32)
        self.shape = self._values.shape

    def rows(self, start: int, n: int) -> Values:
        """Where these rows go."""
        return self._values[start : start + n]

    def write(self, values: Values, rows: Values | None) -> None:
        if rows is not None and not np.may_share_memory(rows, values):
            rows[:] = values

    def finished(self) -> Values:
        return self._values


class OnDisk:
    """A cloud in a temporary file that vanishes with the array.

    Rows are written, not mapped, while the network runs: mapped pages would count as memory.
    """

    def __init__(self, n_points: int, n_units: int) -> None:
        self.shape = (n_points, n_units)
        try:
            self._file: Any = tempfile.TemporaryFile(prefix="unknot-")  # noqa: SIM115
        except OSError as error:
            raise _disk_error(error, self.shape) from error

    def rows(self, start: int, n: int) -> None:
        """Not in memory: they are written in order."""

    def write(self, values: Values, rows: Values | None) -> None:
        try:
            self._file.write(np.ascontiguousarray(values, np.float32).data)
        except OSError as error:
            raise _disk_error(error, self.shape) from error

    def finished(self) -> Values:
        # The mapping keeps the nameless file alive; it needs no open one.
        try:
            with self._file as file:
                file.flush()
                return np.memmap(file, np.float32, mode="r", shape=self.shape)
        except OSError as error:
            raise _disk_error(error, self.shape) from error


def _disk_error(error: OSError, shape: tuple[int, int]) -> UnknotError:
    size = 4 * shape[0] * shape[1] / 1e9
    return UnknotError(
        f"Cannot keep {size:.1f} GB of values in {tempfile.gettempdir()}: "
        f"{error.strerror or error}.\n"
        "Set TMPDIR to a folder with room, give more memory=, or trace fewer points."
    )


def allocate(n_points: int, widths: Sequence[int], memory: int | None) -> list["InMemory | OnDisk"]:
    """A place for each cloud: the narrowest in memory as far as it goes, the rest on disk."""
    left = MEMORY if memory is None else memory
    places: dict[int, InMemory | OnDisk] = {}
    for k in sorted(range(len(widths)), key=lambda k: (widths[k], k)):
        size = 4 * n_points * widths[k]
        fits = size <= left
        left -= size if fits else 0
        try:
            places[k] = (InMemory if fits else OnDisk)(n_points, widths[k])
        except MemoryError:
            places[k] = OnDisk(n_points, widths[k])
    return [places[k] for k in range(len(widths))]


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
