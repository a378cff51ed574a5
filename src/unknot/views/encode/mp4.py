"""MP4 (H.264), through the ffmpeg that imageio-ffmpeg brings along."""

import errno
import os
import subprocess
import tempfile
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from unknot.errors import UnknotError
from unknot.views.encode.film import Film, Pixels

#: Thin lines need a low quantiser; a fast preset keeps up with the drawing.
QUALITY = ("-preset", "veryfast", "-crf", "21")
#: sRGB on white: the matrix is said, so that every player shows the same colours.
COLOURS = ("-colorspace", "bt709", "-color_primaries", "bt709", "-color_trc", "bt709")
#: Bytes that wait between us and ffmpeg, where the system lets us choose.
PIPE_BYTES = 1 << 20


def write_mp4(path: Path, film: Film) -> None:
    """H.264 in yuv420p with the index first: it plays in every browser while it loads."""
    with _ffmpeg(_command(path, film), path) as give:
        for pixels in film.frames():
            give(pixels)


def _command(path: Path, film: Film) -> list[str]:
    rate = str(film.rate)
    source = ["-f", "rawvideo", "-pix_fmt", "rgba", "-s", f"{film.width}x{film.height}"]
    source += ["-framerate", rate, "-i", "pipe:0"]
    matrix = "scale=out_color_matrix=bt709:out_range=tv:flags=fast_bilinear,format=yuv420p"
    coding = ["-an", "-vf", matrix, "-c:v", "libx264", *QUALITY, *COLOURS]
    # A key frame every two seconds: a lecture film is scrubbed back and forth.
    coding += ["-g", str(max(round(2 * film.fps), 1)), "-movflags", "+faststart"]
    quiet = ["-hide_banner", "-nostdin", "-loglevel", "error", "-y"]
    return [_executable(), *quiet, *source, *coding, "-f", "mp4", str(path)]


def _executable() -> str:
    import imageio_ffmpeg

    try:
        return imageio_ffmpeg.get_ffmpeg_exe()
    except RuntimeError as error:
        raise UnknotError(
            "No ffmpeg was found, and MP4 needs one.\n"
            "Reinstall imageio-ffmpeg, or name one in IMAGEIO_FFMPEG_EXE, "
            "or write .gif, .webp or .apng."
        ) from error


@contextmanager
def _ffmpeg(command: list[str], path: Path) -> Generator["_Give"]:
    """A running ffmpeg that takes frames; gone when the block ends, however it ends."""
    with tempfile.TemporaryFile() as log:
        try:
            process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=log,
                # Ctrl-C is for us: we stop ffmpeg ourselves.
                start_new_session=True,
            )
        except OSError as error:
            raise _failed(f"{command[0]}: {error.strerror}") from error
        assert process.stdin is not None
        _widen(process.stdin)
        try:
            try:
                yield _Give(process.stdin)
                process.stdin.close()
            except BrokenPipeError:
                # ffmpeg has stopped: its own message says why.
                process.wait()
            if process.wait() != 0:
                raise _reason(log)
        finally:
            process.kill()
            process.wait()
            # Closing flushes to a process that is gone.
            with suppress(OSError):
                process.stdin.close()


class _Give:
    """Hands frames to ffmpeg without copying them."""

    def __init__(self, pipe: IO[bytes]) -> None:
        self._pipe = pipe

    def __call__(self, pixels: Pixels) -> None:
        self._pipe.write(pixels.data)


def _widen(pipe: IO[bytes]) -> None:
    """A wide pipe: fewer switches between the two processes (Linux only)."""
    with suppress(ImportError, AttributeError, OSError):
        import fcntl

        fcntl.fcntl(pipe.fileno(), fcntl.F_SETPIPE_SZ, PIPE_BYTES)


def _reason(log: IO[bytes]) -> Exception:
    """Why ffmpeg failed, from its own messages."""
    log.seek(0)
    lines = log.read().decode(errors="replace").strip().splitlines()
    if any("No space left on device" in line for line in lines):
        return OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    return _failed(lines[-1].strip()[:300] if lines else "it gave no reason")


def _failed(reason: str) -> UnknotError:
    return UnknotError(
        f"ffmpeg could not write the film: {reason}\n"
        "It must have libx264. Reinstall imageio-ffmpeg, name another one in IMAGEIO_FFMPEG_EXE, "
        "or write .gif, .webp or .apng."
    )
