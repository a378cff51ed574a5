"""Archives (zip) from strangers: names from a list, each once, and no more than the file is worth.

Python's reader alone sees the file. Readers differ in which of two entries of one name they
take and whether case counts, so no other library gets the original: what was read and checked
is packed anew.
"""

import json
import re
import shutil
import stat
import threading
import zipfile
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from unknot.errors import UnknotError, UsageError

MEGABYTE = 1 << 20
#: What a file may unpack to: weights hardly shrink, and both libraries store them as they are.
TIMES, FLOOR = 20, 8 * MEGABYTE
#: Of a JSON file, which becomes a tree of objects many times its size.
TEXT = 64 * MEGABYTE
#: Files in an archive: a model has one a layer or weight, and each takes its time.
MOST = 10_000
_ALONE = threading.RLock()


class RefusedError(Exception):
    """Says what a file would do that unknot does not let it: continues "the file …"."""


def damaged(path: Path, error: object, kind: str) -> UsageError:
    """For a file that its own library cannot read."""
    lines = str(error).strip().splitlines() or [type(error).__name__]
    return UsageError(
        f"{path.name} is not a whole {kind}: {lines[0][:200]}\n"
        "It is damaged, or made by another version; save the model again."
    )


def hostile(path: Path, what: str, instead: str) -> UsageError:
    """For a file that would run code."""
    return UsageError(f"{path.name} {what}, so unknot does not load it.\n{instead}")


@contextmanager
def reading(path: Path, kind: str) -> Generator[None]:
    """Whatever a library raises on a file that is not whole becomes one clear error."""
    try:
        yield
    except UnknotError:
        raise
    except RecursionError as error:
        raise damaged(path, "it is nested too deeply", kind) from error
    except Exception as error:
        raise damaged(path, error, kind) from error


def entries(archive: zipfile.ZipFile, path: Path, kind: str) -> dict[str, zipfile.ZipInfo]:
    """The files in an archive by name, each name once and all of bounded size.

    Raises
    ------
    UsageError
    """
    if len(archive.infolist()) > MOST:
        raise damaged(
            path, f"{len(archive.infolist()):,} files are in it, {MOST:,} at most are read", kind
        )
    files: dict[str, zipfile.ZipInfo] = {}
    seen: set[str] = set()
    for info in archive.infolist():
        name = info.filename
        folded = name.replace("\\", "/").casefold()
        if folded in seen:
            raise damaged(path, f"{name[:80]} is in it twice", kind)
        seen.add(folded)
        if stat.S_ISLNK(info.external_attr >> 16):
            raise damaged(path, f"{name[:80]} is a link", kind)
        if info.flag_bits & 1:
            raise damaged(path, f"{name[:80]} is encrypted", kind)
        if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise damaged(path, f"{name[:80]} is packed in an unusual way", kind)
        if not info.is_dir():
            files[name] = info
    allowed = FLOOR + TIMES * path.stat().st_size
    total = sum(info.file_size for info in files.values())
    if total > allowed:
        raise UsageError(
            f"{path.name} unpacks to {total / MEGABYTE:,.0f} MB, from "
            f"{path.stat().st_size / MEGABYTE:,.1f} MB; allowed are {allowed / MEGABYTE:,.0f} MB.\n"
            "Save the model again with the library it was made with, which does not compress it."
        )
    return files


def text(archive: zipfile.ZipFile, info: zipfile.ZipInfo, limit: int = TEXT) -> bytes:
    """The content of a small file."""
    if info.file_size > limit:
        raise ValueError(f"{info.filename[:80]} has more than {limit // MEGABYTE or 1} MB")
    with archive.open(info) as file:
        return file.read(limit)


def tree(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> Any:
    """The content of a JSON file, in which no key is given twice."""
    return json.loads(text(archive, info), object_pairs_hook=_once)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    entry = dict(pairs)
    if len(entry) < len(pairs):
        raise ValueError("a key is given twice")
    return entry


def packed(
    target: Path | IO[bytes],
    contents: Mapping[str, bytes],
    archive: zipfile.ZipFile,
    copies: Mapping[str, zipfile.ZipInfo],
) -> None:
    """A new archive of contents made here and of entries of the old one, none compressed."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as new:
        for name, content in contents.items():
            new.writestr(name, content)
        for name, info in copies.items():
            with archive.open(info) as source, new.open(name, "w", force_zip64=True) as file:
                shutil.copyfileobj(source, file, MEGABYTE)


def word(value: object, pattern: str) -> bool:
    """Whether a value is a text of this form, in plain letters."""
    return isinstance(value, str) and re.fullmatch(pattern, value, re.ASCII) is not None


@contextmanager
def replaced(owner: Any, name: str, make: Callable[[Any], Callable[..., Any]]) -> Generator[None]:
    """While a file is read, this thread calls ``make(function)`` in place of a function.

    A second thread that put back what it came upon would leave the first one's in place, so
    threads wait for each other.
    """
    with _ALONE:
        original, here = getattr(owner, name), threading.get_ident()
        replacement = make(original)

        def call(*args: Any, **kwargs: Any) -> Any:
            function = replacement if threading.get_ident() == here else original
            return function(*args, **kwargs)

        setattr(owner, name, call)
        try:
            yield
        finally:
            setattr(owner, name, original)
