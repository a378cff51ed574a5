"""Where clouds are kept: in memory as far as asked, the rest in temporary files."""

import tempfile
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from unknot.errors import UnknotError

Values = NDArray[np.floating]
#: Bytes of clouds that are kept in memory when nothing else is asked for.
MEMORY = 2_000_000_000


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


Place = InMemory | OnDisk


def allocate(n_points: int, widths: Sequence[int], memory: int | None) -> list[Place]:
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
