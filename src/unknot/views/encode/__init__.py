"""From drawn frames to a film file: one function a suffix."""

import os
from collections.abc import Callable
from pathlib import Path

from unknot.errors import UsageError
from unknot.files import whole_file
from unknot.views.encode.film import Film
from unknot.views.encode.gif import write_gif
from unknot.views.encode.mp4 import write_mp4
from unknot.views.encode.png import write_apng
from unknot.views.encode.webp import write_webp

__all__ = ["Film", "check_suffix", "encode"]

#: Suffix → function of a path and a film.
encoders: dict[str, Callable[[Path, Film], None]] = {
    ".mp4": write_mp4,
    ".gif": write_gif,
    ".webp": write_webp,
    ".apng": write_apng,
    ".png": write_apng,
}


def check_suffix(path: str | os.PathLike[str]) -> str:
    """The suffix of a film's path, in lower case.

    Raises
    ------
    UsageError
        When no film can be written to such a file.
    """
    suffix = Path(path).suffix.lower()
    if suffix not in encoders:
        got = f"a film cannot be written as {suffix}" if suffix else "the name has no suffix"
        raise UsageError(
            f"Cannot write {str(path)[-200:]!r}: {got}.\n"
            f"Allowed: {', '.join(encoders)} (.png is an animated PNG). "
            "MP4 plays in every browser."
        )
    return suffix


def encode(path: str | os.PathLike[str], film: Film) -> None:
    """Draw and write a film, whole or not at all.

    Raises
    ------
    UnknotError
        When the file cannot be written, the disk is full, or ffmpeg is missing or fails.
    """
    write = encoders[check_suffix(path)]
    with whole_file(path) as temporary:
        write(temporary, film)
