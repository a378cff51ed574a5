"""Traces and runs on disk: safetensors with a JSON header. Loading a file never runs code."""

import os
from pathlib import Path

from unknot.errors import UsageError
from unknot.traces.container import Form, damaged_file, read, write_container
from unknot.traces.representation import Trace
from unknot.traces.run import Run
from unknot.traces.run_format import check_run_values, run_arrays, run_from_parts, run_to_parts
from unknot.traces.trace_format import (
    check_trace_values,
    trace_arrays,
    trace_from_parts,
    trace_to_parts,
)

_FORMS = {
    "trace": Form(trace_arrays, check_trace_values),
    "run": Form(run_arrays, check_run_values),
}


def save(thing: Trace | Run, path: str | os.PathLike[str]) -> Path:
    """Write a trace or a run to a ``.safetensors`` file, whole or not at all.

    The bytes depend on the content alone.

    Returns
    -------
    Path
        `path`.

    Raises
    ------
    UsageError
        When it is neither, or not sound, or the path has another suffix.
    UnknotError
        When the file cannot be written.
    """
    if isinstance(thing, Trace):
        header, arrays = trace_to_parts(thing)
        write_container(path, "trace", header, arrays, _FORMS["trace"])
    elif isinstance(thing, Run):  # pyright: ignore[reportUnnecessaryIsInstance]
        header, arrays = run_to_parts(thing)
        write_container(path, "run", header, arrays, _FORMS["run"])
    else:
        raise UsageError(f"Only a Trace or a Run can be saved; got {type(thing).__name__}.")
    return Path(path)


def load(path: str | os.PathLike[str]) -> Trace | Run:
    """Read what ``save`` wrote.

    Raises
    ------
    UsageError
        When the file is missing, is not one of unknot's, is truncated or edited, or was written
        by a newer unknot.
    """
    kind, header, arrays = read(path, _FORMS)
    reader = {"trace": trace_from_parts, "run": run_from_parts}[kind]
    try:
        return reader(header, arrays)
    except (KeyError, TypeError, ValueError, IndexError, AttributeError) as error:
        raise damaged_file(path, kind, error) from error
