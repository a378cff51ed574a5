"""Files are written whole or not at all."""

import hashlib
import os
import platform
import re
import secrets
import stat
import tempfile
from collections.abc import Generator, Iterable
from contextlib import contextmanager, suppress
from pathlib import Path

from unknot.errors import UnknotError, UsageError


@contextmanager
def whole_file(path: str | os.PathLike[str]) -> Generator[Path]:
    """Give a temporary path beside `path` and rename it to `path` when the block succeeds.

    Missing parent folders are made. When the block raises (Ctrl-C included) the temporary file
    is removed and what stood at `path` before is untouched. A link is kept: what it leads to is
    written. Temporary files of programs that were killed are removed from the folder.

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
    path = writable(path)
    own = f"{_MACHINE}-{os.getpid()}-{secrets.token_hex(4)}"
    temporary = path.with_name(f".{path.stem[:100]}.{own}.part{path.suffix}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _sweep(path.parent)
        yield temporary
        # Some writers make private files: what is published has the user's usual permissions.
        temporary.chmod(0o666 & ~_umask())
        temporary.replace(path)
    except OSError as error:
        reason = error.strerror or str(error)
        raise UnknotError(
            f"Cannot write {shown_path(path)}: {reason}.\n"
            "Choose a folder that exists or can be made, that you may write to and that has room."
        ) from error
    finally:
        # The folder may be unreadable or may never have been made.
        with suppress(OSError):
            temporary.unlink(missing_ok=True)


@contextmanager
def alone(path: str | os.PathLike[str], what: str) -> Generator[None]:
    """Nobody else writes `path` while the block lasts.

    A lock file stands beside it meanwhile; the system frees it when the program dies. Where the
    place knows no locks, or cannot be written, there is none.

    Parameters
    ----------
    path : path-like
        A file, or a folder.
    what : str
        What writes there: ``"search"``.

    Raises
    ------
    UnknotError
        When another program holds it.
    """
    from filelock import FileLock, Timeout

    path = Path(path)
    inside = path.is_dir()
    place = path / ".unknot.lock" if inside else path.with_name(f".{path.name[:100]}.lock")
    lock = FileLock(place, timeout=0, thread_local=False)
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        lock.acquire()
    except Timeout:
        raise UnknotError(
            f"Another {what} is writing {shown_path(path)} at this moment.\n"
            f"Wait until it has ended, or name another {'folder' if inside else 'file'}."
        ) from None
    except (OSError, NotImplementedError):
        # What cannot be written is told when it is written.
        yield
        return
    try:
        yield
    finally:
        # Before it is released, so that nobody's lock is taken away.
        with suppress(OSError):
            place.unlink(missing_ok=True)
        lock.release()


def writable(path: str | os.PathLike[str]) -> Path:
    """Where a file of this name is, once links are followed.

    Raises
    ------
    UnknotError
        For a name that no file can have, a folder, and what is no file: a pipe, a device.
    """
    place = Path(path)
    try:
        place = Path(os.path.realpath(path)) if place.is_symlink() else place
        mode = place.stat().st_mode
    except FileNotFoundError:
        return place
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise UnknotError(
            f"Cannot write {shown_path(path)}: {reason}.\n"
            "Choose a folder that exists or can be made, that you may write to and that has room."
        ) from error
    if stat.S_ISDIR(mode):
        raise UnknotError(f"Cannot write {path}: it is a folder.\nName a file in it instead.")
    if not stat.S_ISREG(mode):
        raise UnknotError(f"Cannot write {path}: it {_kind(mode)}.\nName a file instead.")
    return place


#: Processes are numbered by each machine for itself.
_MACHINE = hashlib.sha256(platform.node().encode()).hexdigest()[:6]
_PART = re.compile(r"\..*\.([0-9a-f]{6})-([0-9]+)-[0-9a-f]{8}\.part(\.\w+)?")


def writable_folder(folder: Path, remedy: str) -> Path:
    """The folder, made where there is none; UnknotError before the work where it cannot be used."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=folder).close()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise UnknotError(
            f"Cannot write to the folder {shown_path(folder)}: {reason}.\n"
            f"{remedy}: one that exists or can be made, and that you may write to."
        ) from error
    return folder


def _sweep(folder: Path) -> None:
    """Remove the temporary files of programs of this machine that have ended."""
    with suppress(OSError):
        for entry in os.scandir(folder):
            left = _PART.fullmatch(entry.name)
            if left and left[1] == _MACHINE and not _is_running(int(left[2])):
                with suppress(OSError):
                    Path(entry.path).unlink()


def _is_running(process: int) -> bool:
    # On Windows a signal would end it, and asking in another way needs more than Python has.
    if os.name == "nt":
        return True
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except (OSError, OverflowError):
        return True
    return True


def _umask() -> int:
    """The permissions that this process withholds; it can only be read by setting it."""
    mask = os.umask(0o077)
    os.umask(mask)
    return mask


def disk_file(path: str | os.PathLike[str], remedy: str) -> Path:
    """The path of a file that can be opened; `remedy` says what to give instead.

    Raises
    ------
    UsageError
        For a path at which nothing is, or something else (a folder, a pipe, a device), or a file
        that may not be read.
    """
    path = Path(path)
    try:
        mode = path.stat().st_mode
        what = "" if stat.S_ISREG(mode) else _kind(mode)
        if not what and not os.access(path, os.R_OK):
            what = "may not be read: you have no permission"
    except FileNotFoundError:
        what = "does not exist"
    except (OSError, ValueError) as error:
        # A name of 300 letters, a folder that may not be entered, a NUL in the name.
        what = f"cannot be read: {getattr(error, 'strerror', None) or error}"
    if what:
        raise UsageError(f"{shown_path(path)} {what}.\n{remedy}")
    return path


def _kind(mode: int) -> str:
    """What is at a place where no file is, as the end of a sentence."""
    kinds = {
        stat.S_IFDIR: "is a folder",
        stat.S_IFIFO: "is a pipe, not a file on a disk",
        stat.S_IFCHR: "is a device, not a file",
        stat.S_IFSOCK: "is a socket, not a file",
    }
    return kinds.get(stat.S_IFMT(mode), "is not a file")


def shown_path(path: str | os.PathLike[str]) -> str:
    """A path on one line, cut in the middle where it is very long."""
    text = "".join(c if c.isprintable() else "�" for c in os.fspath(path))
    return text if len(text) <= 200 else f"{text[:100]}…{text[-80:]}"


def check_suffix(path: str | os.PathLike[str], suffixes: Iterable[str], verb: str = "write") -> str:
    """The suffix of a path in lower case, before any work is done for that file.

    Raises
    ------
    UsageError
        When it is none of `suffixes`.
    UnknotError
        When no file can be written there.
    """
    try:
        suffix = Path(path).suffix.lower()
    except TypeError:
        raise UsageError(
            f"Expected the path of a file to {verb}; got a {type(path).__name__}.\n"
            f"Its name ends in {', '.join(suffixes)}."
        ) from None
    if suffix not in suffixes:
        kind = suffix[:50] or "a file without a suffix"
        raise UsageError(
            f"Cannot {verb} {str(path)[-150:]}: {kind} is not a supported type.\n"
            f"Allowed: {', '.join(suffixes)}."
        )
    if verb == "write":
        writable(path)
    return suffix
