"""Files are written whole or not at all."""

import os
import secrets
from collections.abc import Generator, Iterable
from contextlib import contextmanager, suppress
from pathlib import Path

from unknot.errors import UnknotError, UsageError


@contextmanager
def whole_file(path: str | os.PathLike[str]) -> Generator[Path]:
    """Give a temporary path beside `path` and rename it to `path` when the block succeeds.

    Missing parent folders are made. When the block raises (Ctrl-C included) the temporary file
    is removed and what stood at `path` before is untouched.

    Parameters
    ----------
    path : path-like
        Where the file shall be in the end.

    Yields
    ------
    Path
        A path in the same folder with the same suffix, to be written in the block.

    Raises
    ------
    UnknotError
        When the folder or the file cannot be written, or the disk is full.
    """
    path = Path(path)
    if path.is_dir():
        raise UnknotError(f"Cannot write {path}: it is a folder.\nName a file in it instead.")
    temporary = path.with_name(f".{path.stem[:100]}.{secrets.token_hex(4)}.part{path.suffix}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        yield temporary
        # Some writers make private files: what is published has the user's usual permissions.
        temporary.chmod(0o666 & ~_umask())
        temporary.replace(path)
    except OSError as error:
        reason = error.strerror or str(error)
        raise UnknotError(
            f"Cannot write {path}: {reason}.\n"
            "Choose a folder that exists or can be made, that you may write to and that has room."
        ) from error
    finally:
        # The folder may be unreadable or may never have been made.
        with suppress(OSError):
            temporary.unlink(missing_ok=True)


def _umask() -> int:
    """The permissions that this process withholds; it can only be read by setting it."""
    mask = os.umask(0o077)
    os.umask(mask)
    return mask


def check_suffix(path: str | os.PathLike[str], suffixes: Iterable[str], verb: str = "write") -> str:
    """The suffix of a path in lower case, before any work is done for that file.

    Raises
    ------
    UsageError
        When it is none of `suffixes`.
    """
    suffix = Path(path).suffix.lower()
    if suffix not in suffixes:
        kind = suffix[:50] or "a file without a suffix"
        raise UsageError(
            f"Cannot {verb} {str(path)[-150:]}: {kind} is not a supported type.\n"
            f"Allowed: {', '.join(suffixes)}."
        )
    return suffix
