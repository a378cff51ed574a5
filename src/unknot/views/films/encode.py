"""From drawn frames to a film file: one function a suffix."""

import errno
import os
import struct
import subprocess
import tempfile
import zlib
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import IO, Any, Protocol

import numpy as np
from numpy.typing import NDArray
from PIL import GifImagePlugin, Image

from unknot.errors import UnknotError, UsageError
from unknot.files import whole_file

Pixels = NDArray[np.uint8]

#: Frames from which the colours of a palette are taken.
SAMPLES = 12


class Draw(Protocol):
    """Draws the moment at so many seconds and gives its pixels, (height, width, 4).

    The pixels may be drawn over at the next call.
    """

    def __call__(self, seconds: float) -> Pixels: ...


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

    def __call__(self) -> None: ...


#: Thin lines need a low quantiser; a fast preset keeps up with the drawing.
QUALITY = ("-preset", "veryfast", "-crf", "21")
#: sRGB on white: the matrix is said, so that every player shows the same colours.
COLOURS = ("-colorspace", "bt709", "-color_primaries", "bt709", "-color_trc", "bt709")
#: Bytes that wait between us and ffmpeg, where the system lets us choose.
PIPE_BYTES = 1 << 20


def write_mp4(path: Path, film: Reel) -> None:
    """H.264 in yuv420p with the index first: it plays in every browser while it loads."""
    with _ffmpeg(_command(path, film), path) as give:
        for pixels in film.frames():
            give(pixels)


def _command(path: Path, film: Reel) -> list[str]:
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


#: Bits of each of red, green and blue that choose a colour of the palette.
BITS = 6


@dataclass(frozen=True)
class Palette:
    """Colours and, for every colour there is, the nearest of them.

    Attributes
    ----------
    colours : (n_colours, 3) uint8
        At most 256.
    nearest : (2^18,) uint8
        By the upper six bits of red, green and blue.
    """

    colours: NDArray[np.uint8]
    nearest: NDArray[np.uint8]

    def indices(self, pixels: Pixels) -> NDArray[np.uint8]:
        """(height, width) of a frame (height, width, 4)."""
        key = pixels[..., 0].astype(np.int32) >> (8 - BITS)
        for channel in (1, 2):
            key <<= BITS
            key |= pixels[..., channel] >> (8 - BITS)
        return self.nearest[key]

    @property
    def flat(self) -> bytes:
        """768 bytes: red, green and blue of 256 colours, the rest black."""
        return self.colours.tobytes().ljust(768, b"\0")


def palette_of(film: Reel) -> Palette:
    """The colours of a few frames from all over the film."""
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
    found = np.array(chosen, dtype=np.uint8).reshape(-1, 3)
    return _with_lookup(np.unique(np.concatenate([[[255, 255, 255]], found]), axis=0))


def _with_lookup(colours: NDArray[np.integer]) -> Palette:
    from scipy.spatial import KDTree

    levels = (np.arange(1 << BITS) * 255 / ((1 << BITS) - 1)).round()
    every = np.stack(np.meshgrid(levels, levels, levels, indexing="ij"), axis=-1).reshape(-1, 3)
    _, nearest = KDTree(colours).query(every)
    return Palette(colours.astype(np.uint8), np.asarray(nearest).astype(np.uint8))


@dataclass(frozen=True)
class Patch:
    """The part of a frame that differs from the frame before.

    Attributes
    ----------
    left, top : int
    indices : (height, width) uint8
        One pixel at least.
    """

    left: int
    top: int
    indices: NDArray[np.uint8]


def patches(film: Reel, palette: Palette) -> Iterator[Patch]:
    """Every frame as what changed since the one before; the first is whole."""
    before: NDArray[np.uint8] | None = None
    for pixels in film.frames():
        indices = palette.indices(pixels)
        if before is None:
            yield Patch(0, 0, indices)
        else:
            changed = indices != before
            rows, columns = np.flatnonzero(changed.any(axis=1)), np.flatnonzero(changed.any(axis=0))
            top, bottom = (int(rows[0]), int(rows[-1]) + 1) if len(rows) else (0, 1)
            left, right = (int(columns[0]), int(columns[-1]) + 1) if len(columns) else (0, 1)
            yield Patch(left, top, indices[top:bottom, left:right])
        before = indices


#: The format's clock.
TICK = Fraction(1, 100)


def write_gif(path: Path, film: Reel) -> None:
    """A GIF that repeats for ever."""
    palette = palette_of(film)
    with path.open("wb") as file:
        # 256 colours for all frames (0xF7), then the extension that makes it repeat.
        file.write(b"GIF89a" + struct.pack("<HHBBB", film.width, film.height, 0xF7, 0, 0))
        file.write(palette.flat)
        file.write(b"\x21\xff\x0bNETSCAPE2.0\x03\x01\x00\x00\x00")
        for patch, ticks in zip(patches(film, palette), film.durations(TICK), strict=True):
            file.write(b"\x21\xf9\x04\x04" + struct.pack("<HBB", ticks, 0, 0))
            image = Image.fromarray(patch.indices, mode=None)
            file.writelines(GifImagePlugin.getdata(image, (patch.left, patch.top)))
        file.write(b";")


#: zlib's level: a step slower would gain a twentieth in size.
LEVEL = 6


def write_apng(path: Path, film: Reel) -> None:
    """An animated PNG that repeats for ever; its first frame is what other programs show."""
    palette = palette_of(film)
    rate = film.rate
    # A frame stands for a ratio of two 16-bit numbers.
    delay = struct.pack(">HHBB", rate.denominator, rate.numerator, 0, 0)
    numbers = iter(range(2 * film.n_frames))
    with path.open("wb") as file:
        file.write(b"\x89PNG\r\n\x1a\n")
        # Eight bits a pixel, by palette.
        file.write(_chunk(b"IHDR", struct.pack(">IIBBBBB", film.width, film.height, 8, 3, 0, 0, 0)))
        file.write(_chunk(b"acTL", struct.pack(">II", film.n_frames, 0)))
        file.write(_chunk(b"PLTE", palette.flat[: 3 * len(palette.colours)]))
        for i, patch in enumerate(patches(film, palette)):
            height, width = patch.indices.shape
            place = struct.pack(">IIII", width, height, patch.left, patch.top)
            file.write(_chunk(b"fcTL", struct.pack(">I", next(numbers)) + place + delay))
            file.write(_data(patch.indices, None if i == 0 else numbers))
        file.write(_chunk(b"IEND", b""))


def _data(indices: NDArray[np.uint8], numbers: Iterator[int] | None) -> bytes:
    """The pixels of the first frame, or of a later one, which carries a number."""
    # Each row begins with its filter: none, as is best for palettes.
    rows = np.pad(indices, ((0, 0), (1, 0)))
    data = zlib.compress(rows.tobytes(), LEVEL)
    if numbers is None:
        return _chunk(b"IDAT", data)
    return _chunk(b"fdAT", struct.pack(">I", next(numbers)) + data)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


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


def encode(path: str | os.PathLike[str], film: Reel) -> None:
    """Draw and write a film, whole or not at all.

    Raises
    ------
    UnknotError
        When the file cannot be written, the disk is full, or ffmpeg is missing or fails.
    """
    write = encoders[check_suffix(path)]
    with whole_file(path) as temporary:
        write(temporary, film)
