"""Packages that not everyone needs: the error for a missing one is the command that brings it."""

import importlib
from typing import Any

from unknot.errors import UnknotError


def need(package: str, extra: str, why: str) -> Any:
    """The package.

    Raises
    ------
    UnknotError
        When it is not installed.
    """
    try:
        return importlib.import_module(package)
    except ModuleNotFoundError as error:
        if error.name is None or error.name.partition(".")[0] != package.partition(".")[0]:
            raise
        raise UnknotError(
            f"{why} needs {package}, which is not installed.\n"
            f"Install it: pip install 'unknot[{extra}]'"
        ) from error
