"""From drawn frames to a film file: one function a suffix.

ffmpeg, which imageio-ffmpeg brings along, writes all but WebP; frames go to it as they are drawn.
"""

import errno
import os
import subprocess
import tempfile
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import IO, Any, Protocol

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from unknot.errors import UnknotError
from unknot.files import check_suffix, whole_file

Pixels = NDArray[np.uint8]

#: Frames from which the colours of a palette are taken.
SAMPLES = 12


class Draw(Protocol):
    """Draws the moment at so many seconds and gives its pixels, (height, width, 4).

    The pixels may be drawn over at the next call.
    """

    def __call__(self, seconds: float) -> Pixels:
        """Pixels of the moment so many seconds after the film's start."""
        ...


@dataclass(frozen=True)
class Reel:
    """What an encoder needs to know.

    Attributes
    ----------
    draw : function of seconds
    width, height : int
        In pixels, both even.
    fps : float
        Frames a second.
    n_frames : int
    advance : function or None
        Called after each frame.
    """

    draw: Draw
    width: int
    height: int
    fps: float
    n_frames: int
    advance: "Advance | None" = None

    @property
    def rate(self) -> Fraction:
        """Frames a second as a ratio of small numbers: 23.976 is 2997/125."""
        return Fraction(self.fps).limit_denominator(500)

    def frames(self) -> Iterator[Pixels]:
        """Every frame in order, each at the middle of its time."""
        for i in range(self.n_frames):
            yield self.draw((i + 0.5) / self.fps)
            if self.advance is not None:
                self.advance()

    def samples(self) -> Iterator[Pixels]:
        """A few frames from all over the film."""
        n = min(SAMPLES, self.n_frames)
        for i in range(n):
            yield self.draw((i + 0.5) / n * self.n_frames / self.fps)

    def durations(self, tick: Fraction) -> list[int]:
        """How long each frame stands, in ticks of so many seconds.

        Rounded so that every frame begins within half a tick of its time: the film has the
        length that was asked for, not the sum of its rounding errors.
        """
        starts = [round(i / self.rate / tick) for i in range(self.n_frames + 1)]
        return [after - before for before, after in pairwise(starts)]


class Advance(Protocol):
    """Called after each frame: moves a progress bar."""

    def __call__(self) -> None:
        """Called without a number: frames come in order, one a call."""


#: Thin lines need a low quantiser. What "ultrafast" leaves out and costs little is put back: as
#: near to what was drawn as "veryfast" at 21 in two thirds of its processor time, files 1.1 times
#: as large (benchmarks/README.md).
TOOLS = "cabac=1:deblock=0,0:mbtree=1:rc-lookahead=10:bframes=3:b-adapt=0"
QUALITY = ("-preset", "ultrafast", "-crf", "23", "-x264-params", TOOLS)
#: Pixels up to which one thread encodes as fast as frames are drawn: more of them cost a tenth of
#: processor time that drawing can use. The film is the same.
ONE_THREAD = 1_300_000
#: sRGB on white: the matrix is said, so that every player shows the same colours.
COLOURS = ("-colorspace", "bt709", "-color_primaries", "bt709", "-color_trc", "bt709")
#: Bytes that wait between us and ffmpeg, where the system lets us choose.
PIPE_BYTES = 1 << 20


def write_mp4(path: Path, film: Reel) -> None:
    """H.264 in yuv420p with the index first: it plays in every browser while it loads."""
    matrix = "scale=out_color_matrix=bt709:out_range=tv:flags=fast_bilinear,format=yuv420p"
    coding = ["-an", "-vf", matrix, "-c:v", "libx264", *QUALITY, *COLOURS]
    if film.width * film.height <= ONE_THREAD:
        coding += ["-threads", "1"]
    # A key frame every two seconds: a lecture film is scrubbed back and forth.
    coding += ["-g", str(max(round(2 * film.fps), 1)), "-movflags", "+faststart", "-f", "mp4"]
    _write(path, film, [], coding)


def write_gif(path: Path, film: Reel) -> None:
    """A GIF that repeats for ever."""
    _write_with_palette(path, film, ["-loop", "0", "-f", "gif"])


def write_apng(path: Path, film: Reel) -> None:
    """An animated PNG that repeats for ever; its first frame is what other programs show."""
    # No filter is best for palettes.
    packing = ["-pred", "none", "-compression_level", "6"]
    _write_with_palette(path, film, ["-pix_fmt", "pal8", *packing, "-plays", "0", "-f", "apng"])


def _write_with_palette(path: Path, film: Reel, coding: list[str]) -> None:
    """256 colours for the whole film: a palette of its own for each frame would make it flicker."""
    with tempfile.TemporaryDirectory() as folder:
        palette = Path(folder, "palette.png")
        colours = palette_of(film)
        # ffmpeg takes 256 of them.
        whole = np.concatenate([colours, np.repeat(colours[-1:], 256 - len(colours), axis=0)])
        Image.fromarray(whole.reshape(16, 16, 3)).save(palette)
        look = ["-lavfi", "paletteuse=dither=none:diff_mode=rectangle"]
        _write(path, film, ["-i", str(palette)], [*look, *coding])


def palette_of(film: Reel) -> NDArray[np.uint8]:
    """(n, 3) colours, at most 256, of a few frames from all over the film."""
    # Every second pixel in either direction, shifted from frame to frame, shows all there is.
    parts = [
        frame[i % 2 :: 2, i // 2 % 2 :: 2, :3].copy() for i, frame in enumerate(film.samples())
    ]
    rows = min(len(part) for part in parts)
    columns = min(part.shape[1] for part in parts)
    mosaic = np.concatenate([part[:rows, :columns] for part in parts])
    # White covers most of every frame: count it, and every other colour, by its root.
    colours, counts = np.unique(mosaic.reshape(-1, 3), axis=0, return_counts=True)
    weighted = np.repeat(colours, np.ceil(np.sqrt(counts)).astype(np.int64), axis=0)
    image = Image.fromarray(weighted[None])
    chosen = image.quantize(255, Image.Quantize.MEDIANCUT, kmeans=1).getpalette() or [0, 0, 0]
    white = np.full((1, 3), 255, np.uint8)
    return np.unique(np.concatenate([white, np.reshape(chosen, (-1, 3))]), axis=0).astype(np.uint8)


def _write(path: Path, film: Reel, inputs: list[str], coding: list[str]) -> None:
    """Draw the film into ffmpeg."""
    source = ["-f", "rawvideo", "-pix_fmt", "rgba", "-s", f"{film.width}x{film.height}"]
    source += ["-framerate", str(film.rate), "-i", "pipe:0"]
    quiet = ["-hide_banner", "-nostdin", "-loglevel", "error", "-y"]
    with _ffmpeg([_executable(), *quiet, *source, *inputs, *coding, str(path)]) as give:
        for pixels in film.frames():
            give(pixels)


def _executable() -> str:
    import imageio_ffmpeg

    try:
        return imageio_ffmpeg.get_ffmpeg_exe()
    except RuntimeError as error:
        raise UnknotError(
            "No ffmpeg was found, and only WebP is written without one.\n"
            "Reinstall imageio-ffmpeg, or name one in IMAGEIO_FFMPEG_EXE, "
            "or write .webp."
        ) from error


@contextmanager
def _ffmpeg(command: list[str]) -> Generator["_Give"]:
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
        "or write .webp."
    )


#: The format's clock.
TICK = Fraction(1, 1000)


def write_webp(path: Path, film: Reel) -> None:
    """A WebP that repeats for ever."""
    reel = _Reel(film)
    # A file that Pillow opens stays open when Ctrl-C comes.
    with path.open("wb") as file:
        reel.save(
            file,
            format="WEBP",
            save_all=True,
            duration=film.durations(TICK),
            loop=0,
            quality=82,
            method=1,
        )


class _Reel(Image.Image):
    """A film as Pillow sees one: an image of many frames, each drawn when it is asked for."""

    def __init__(self, film: Reel) -> None:
        super().__init__()
        self.n_frames = film.n_frames
        self._frames: Iterator[Pixels] = film.frames()
        self._at = -1
        first = Image.new("RGB", (film.width, film.height))
        self._show(first)

    def seek(self, frame: int) -> None:
        if frame > self._at:
            self._show(Image.fromarray(next(self._frames)[..., :3]))
            self._at = frame

    def tell(self) -> int:
        return max(self._at, 0)

    def _show(self, picture: Any) -> None:
        self._im, self._mode, self._size = picture.im, picture.mode, picture.size


#: Suffix → function of a path and a film.
encoders: dict[str, Callable[[Path, Reel], None]] = {
    ".mp4": write_mp4,
    ".gif": write_gif,
    ".webp": write_webp,
    ".apng": write_apng,
    ".png": write_apng,
}


def encode(path: str | os.PathLike[str], film: Reel) -> None:
    """Draw and write a film, whole or not at all.

    Raises
    ------
    UnknotError
        When the file cannot be written, the disk is full, or ffmpeg is missing or fails.
    """
    write = encoders[check_suffix(path, encoders)]
    with whole_file(path) as temporary:
        write(temporary, film)
