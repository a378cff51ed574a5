"""Reading films back."""

import subprocess

import imageio_ffmpeg
import numpy as np
from PIL import Image


def ffmpeg(*arguments):
    """What ffmpeg writes to stdout, and what it says."""
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-hide_banner", "-nostdin", *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, check=False)
    return done.stdout, done.stderr.decode(errors="replace")


def frames_of(path, width, height):
    """Every frame, (height, width, 3) uint8, and the milliseconds that each stands (not MP4)."""
    if path.suffix == ".mp4":
        data, _ = ffmpeg("-i", path, "-f", "rawvideo", "-pix_fmt", "rgb24", "-")
        return list(np.frombuffer(data, np.uint8).reshape(-1, height, width, 3)), []
    frames, durations = [], []
    with Image.open(path) as image:
        for i in range(image.n_frames):
            image.seek(i)
            image.load()
            frames.append(np.asarray(image.convert("RGB")))
            durations.append(image.info["duration"])
    return frames, durations
