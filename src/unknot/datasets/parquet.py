"""Parquet files, read by polars."""

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from unknot.errors import UsageError

if TYPE_CHECKING:
    import polars

DAMAGED = 3
TRIAL = f"""
import sys, polars
try:
    polars.read_parquet(sys.argv[1], glob=False, hive_partitioning=False)
except BaseException:
    sys.exit({DAMAGED})
"""


def read_parquet(path: Path) -> "polars.DataFrame":
    """Read a Parquet file.

    Raises
    ------
    UsageError
        When it is damaged or no Parquet file.
    """
    import polars

    if not _survives(path):
        raise _damaged(path)
    try:
        return polars.read_parquet(path, glob=False, hive_partitioning=False)
    except (Exception, polars.exceptions.PanicException):
        raise _damaged(path) from None


def _survives(path: Path) -> bool:
    """Read the file in a process of its own first.

    A flipped bit in a page's size makes polars ask for more memory than there is, which ends
    the process on the spot: nothing can be caught, and a notebook would lose all it holds.
    """
    command = [sys.executable, "-P", "-c", TRIAL, str(path)]
    try:
        code = subprocess.run(command, capture_output=True, check=False).returncode
    except OSError:
        return True
    # 1: polars could not be imported there, which says nothing of the file.
    return code in (0, 1)


def _damaged(path: Path) -> UsageError:
    return UsageError(
        f"Cannot read {path} as Parquet: it is damaged or something else.\n"
        "Write it again, for example with polars: frame.write_parquet(path)."
    )
