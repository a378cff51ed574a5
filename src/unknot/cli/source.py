"""The trace or run in a file, for the commands that draw or measure one."""

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from unknot.traces.representation import Trace
    from unknot.traces.run import Run


def load_source(path: Path) -> "Trace | Run":
    """What unknot wrote.

    Raises
    ------
    UsageError
        For a model's file, which must be traced first, and as ``unknot.load`` does.
    """
    from unknot.adapters.files import OPENERS, REFUSED
    from unknot.errors import UsageError
    from unknot.traces.storage import load

    if path.suffix.lower() in {*OPENERS, *REFUSED}:
        raise UsageError(
            f"{path.name} is a model, not a trace of one.\n"
            f"Trace it first: unknot trace {path} DATA -o {path.stem}.safetensors"
        )
    return load(path)
