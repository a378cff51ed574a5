"""Encoders: the film has the frames, length and colours that were drawn, whole or not at all."""

import sys
from fractions import Fraction
from pathlib import Path

import imageio_ffmpeg
import numpy as np
import pytest
from films import ffmpeg, frames_of
from PIL import Image

from unknot.errors import UnknotError, UsageError
from unknot.views.films.encode import Reel, encode, encoders, palette_of

WIDTH, HEIGHT = 64, 48
RED, BLUE, WHITE = (213, 94, 0), (0, 114, 178), (255, 255, 255)


def draw(seconds):
    """A red block that moves one pixel in a tenth of a second over white, beside a blue one."""
    pixels = np.full((HEIGHT, WIDTH, 4), 255, np.uint8)
    left = 4 + int(seconds * 10)
    pixels[8:24, left : left + 16, :3] = RED
    pixels[30:44, 40:60, :3] = BLUE
    return pixels


def film(fps=10, n_frames=20, draw=draw):
    return Reel(draw, WIDTH, HEIGHT, fps, n_frames)


@pytest.mark.parametrize("suffix", list(encoders))
def test_every_frame_is_there_and_looks_as_drawn(tmp_path, suffix):
    path = tmp_path / f"film{suffix}"
    encode(path, film())
    frames, _ = frames_of(path, WIDTH, HEIGHT)
    assert len(frames) == 20
    tolerance = {".mp4": 12, ".webp": 40}.get(suffix, 4)
    for i, frame in enumerate(frames):
        drawn = draw((i + 0.5) / 10)[..., :3].astype(int)
        # Colour is kept for blocks of two by two: away from edges it is what was drawn.
        for y, x in ((16, 12 + i), (36, 50), (2, 2)):
            assert np.abs(frame[y, x] - drawn[y, x]).max() <= tolerance, (suffix, i, y, x)


@pytest.mark.parametrize("fps", [10, 30, 24, 29.97, 12.5])
@pytest.mark.parametrize("suffix", [".gif", ".webp", ".apng"])
def test_length_is_what_was_asked_for(tmp_path, suffix, fps):
    path = tmp_path / f"film{suffix}"
    encode(path, film(fps, 31))
    _, durations = frames_of(path, WIDTH, HEIGHT)
    tick = {".gif": 10, ".webp": 1, ".apng": 0}[suffix]
    assert sum(durations) == pytest.approx(31 / fps * 1_000, abs=tick / 2 + 1e-6)


@pytest.mark.parametrize(("fps", "n_frames"), [(30, 45), (24, 1), (29.97, 30), (60, 7)])
def test_mp4_has_the_frames_and_the_length(tmp_path, fps, n_frames):
    path = tmp_path / "film.mp4"
    encode(path, film(fps, n_frames))
    count, seconds = imageio_ffmpeg.count_frames_and_secs(str(path))
    assert count == n_frames
    assert seconds == pytest.approx(n_frames / fps, abs=0.01)


def test_mp4_plays_in_a_browser(tmp_path):
    path = tmp_path / "film.mp4"
    encode(path, film())
    _, about = ffmpeg("-i", path)
    assert "h264 (Main)" in about
    assert "yuv420p(tv, bt709" in about
    assert f"{WIDTH}x{HEIGHT}" in about
    data = path.read_bytes()
    assert data.index(b"moov") < data.index(b"mdat"), "the index comes first"


@pytest.mark.parametrize("suffix", [".gif", ".webp", ".apng"])
def test_pictures_repeat_for_ever(tmp_path, suffix):
    path = tmp_path / f"film{suffix}"
    encode(path, film())
    with Image.open(path) as image:
        assert image.info["loop"] == 0


def test_frames_that_do_not_change_are_frames(tmp_path):
    for suffix in (".gif", ".apng"):
        path = tmp_path / f"still{suffix}"
        encode(path, film(draw=lambda seconds: draw(0)))
        frames, _ = frames_of(path, WIDTH, HEIGHT)
        assert len(frames) == 20
        np.testing.assert_array_equal(frames[0], frames[-1])


def test_palette_has_white_and_the_colours_drawn():
    colours = palette_of(film())
    assert len(colours) <= 256
    for colour in (WHITE, RED, BLUE):
        assert np.abs(colours.astype(int) - colour).max(axis=1).min() <= 3


def test_only_what_changes_is_written(tmp_path):
    path = tmp_path / "film.gif"
    encode(path, film())
    with Image.open(path) as image:
        for i in range(1, image.n_frames):
            image.seek(i)
            left, top, right, bottom = image.dispose_extent
            assert 0 < (right - left) * (bottom - top) < WIDTH * HEIGHT / 5


def test_durations_do_not_drift():
    durations = film(30, 300).durations(Fraction(1, 100))
    assert set(durations) == {3, 4}
    assert sum(durations) == 1_000


def test_suffixes():
    with pytest.raises(UsageError) as raised:
        encode("film.avi", film())
    assert str(raised.value) == (
        "Cannot write film.avi: .avi is not a supported type.\n"
        "Allowed: .mp4, .gif, .webp, .apng, .png."
    )


class StopError(Exception):
    """Something went wrong while drawing."""


@pytest.mark.parametrize("error", [KeyboardInterrupt, StopError])
@pytest.mark.parametrize("suffix", list(encoders))
def test_nothing_is_left_when_drawing_fails(tmp_path, suffix, error):
    path = tmp_path / f"film{suffix}"
    path.write_bytes(b"what stood here before")
    count = 0

    def fails(seconds):
        nonlocal count
        count += 1
        if count > 15:
            raise error
        return draw(seconds)

    before = children()
    with pytest.raises(error):
        encode(path, film(draw=fails))
    assert path.read_bytes() == b"what stood here before"
    assert [entry.name for entry in tmp_path.iterdir()] == [path.name]
    assert children() == before


def children():
    """Processes that this one has started and that still run (Linux; empty elsewhere)."""
    tasks = Path("/proc/self/task")
    lists = [task / "children" for task in tasks.iterdir()] if tasks.exists() else []
    return sorted(number for file in lists if file.exists() for number in file.read_text().split())


def test_ffmpeg_that_fails_says_why(tmp_path, monkeypatch):
    fake = tmp_path / "ffmpeg"
    fake.write_text("#!/bin/sh\necho 'Unknown encoder libx264' >&2\nexit 1\n")
    fake.chmod(0o755)
    monkeypatch.setattr(imageio_ffmpeg, "get_ffmpeg_exe", lambda: str(fake))
    with pytest.raises(UnknotError) as raised:
        encode(tmp_path / "film.mp4", film())
    assert str(raised.value) == (
        "ffmpeg could not write the film: Unknown encoder libx264\n"
        "It must have libx264. Reinstall imageio-ffmpeg, name another one in IMAGEIO_FFMPEG_EXE, "
        "or write .webp."
    )
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["ffmpeg"]


def test_ffmpeg_that_is_not_there(tmp_path, monkeypatch):
    def missing():
        raise RuntimeError("No ffmpeg exe could be found.")

    monkeypatch.setattr(imageio_ffmpeg, "get_ffmpeg_exe", missing)
    with pytest.raises(UnknotError) as raised:
        encode(tmp_path / "film.mp4", film())
    assert str(raised.value) == (
        "No ffmpeg was found, and only WebP is written without one.\n"
        "Reinstall imageio-ffmpeg, or name one in IMAGEIO_FFMPEG_EXE, "
        "or write .webp."
    )
    monkeypatch.setattr(imageio_ffmpeg, "get_ffmpeg_exe", lambda: str(tmp_path / "nowhere"))
    with pytest.raises(UnknotError, match="nowhere: No such file or directory"):
        encode(tmp_path / "film.mp4", film())


def test_full_disk(tmp_path, monkeypatch):
    fake = tmp_path / "ffmpeg"
    fake.write_text(
        "#!/bin/sh\necho 'av_interleaved_write_frame(): No space left on device' >&2\nexit 1\n"
    )
    fake.chmod(0o755)
    monkeypatch.setattr(imageio_ffmpeg, "get_ffmpeg_exe", lambda: str(fake))
    path = tmp_path / "film.mp4"
    with pytest.raises(UnknotError) as raised:
        encode(path, film())
    assert str(raised.value).splitlines()[0] == f"Cannot write {path}: No space left on device."


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="/dev/full is Linux's")
@pytest.mark.parametrize("suffix", [".gif", ".webp", ".apng"])
def test_full_disk_of_pictures(tmp_path, suffix, monkeypatch):
    def to_full(self, target):
        raise AssertionError("an unwritten file must not be renamed")

    monkeypatch.setattr(Path, "replace", to_full)
    write = encoders[suffix]
    with pytest.raises(OSError, match="No space left on device"):
        write(Path("/dev/full"), film())


@pytest.mark.skipif(sys.platform == "win32", reason="modes are POSIX's")
def test_folder_that_cannot_be_made(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(UnknotError, match=r"Cannot write .*film\.gif"):
        encode(tmp_path / "file" / "film.gif", film())
