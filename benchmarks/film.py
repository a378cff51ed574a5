"""A film of 100,000 points along the layers against matplotlib's FuncAnimation with scatter.

    .venv/bin/python benchmarks/film.py [--frames-of-matplotlib 12]
    .venv/bin/python benchmarks/film.py --table

Both write an MP4 of 800 × 800 pixels and 120 frames with the same ffmpeg, moving the same points
through the same network. unknot draws the grid, the decision boundary, the confidence, numbers,
words and a timeline with them; FuncAnimation draws the points alone, as dots of one point's area
without edges, the cheapest that scatter has. FuncAnimation is timed on fewer frames and scaled;
the time for 2 frames is taken off, so that its start counts once.
"""

import argparse
import platform
import resource
import tempfile
import time
from functools import partial
from pathlib import Path

import imageio_ffmpeg
import matplotlib
import numpy as np

import unknot as uk

N_POINTS, N_FRAMES, SIZE = 100_000, 120, 800


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--frames-of-matplotlib", type=int, default=12)
    parser.add_argument("--table", action="store_true", help="frames a second by points and pixels")
    chosen = parser.parse_args()
    if chosen.table:
        table()
        return
    n_few = chosen.frames_of_matplotlib
    data = uk.datasets.circles(N_POINTS, noise=0.2, factor=0.5, seed=1)
    trace = uk.trace(uk.fit(data, hidden=[6], readout=2, activation="relu", epochs=5, seed=1))
    with tempfile.TemporaryDirectory() as folder:
        film = Path(folder) / "unknot.mp4"
        unknot_film(trace, film, 10)  # imports, which are not what is measured
        ours, cpu = timed(lambda: unknot_film(trace, film, N_FRAMES))
        count, _ = imageio_ffmpeg.count_frames_and_secs(str(film))
        theirs = Path(folder) / "matplotlib.mp4"
        start, _ = timed(lambda: matplotlib_film(trace, theirs, 2))
        few, _ = timed(lambda: matplotlib_film(trace, theirs, n_few))
    each = (few - start) / (n_few - 2)
    scaled = start + each * (N_FRAMES - 2)
    print(f"{machine()}, Python {platform.python_version()}, matplotlib {matplotlib.__version__}")
    print(f"{N_POINTS:,} points, {count} frames, {SIZE} × {SIZE}, MP4")
    print(f"unknot         {ours:7.2f} s {ours / N_FRAMES * 1e3:7.1f} ms a frame (CPU {cpu:.2f} s)")
    print(f"FuncAnimation  {scaled:7.2f} s {each * 1e3:7.1f} ms a frame (scaled from {n_few})")
    print(f"ratio          {scaled / ours:7.1f}")


#: Points, and sides of squares of 0.5, 1 and 2 megapixels.
POINTS, SIDES, FRAMES = (10_000, 100_000, 1_000_000), (708, 1_000, 1_414), 60


def table() -> None:
    """Frames a second of making, drawn and encoded: along the layers, and along the training."""
    print(f"{machine()}, Python {platform.python_version()}, {FRAMES} frames each")
    print(f"{'points':>10s} " + " ".join(f"{side**2 / 1e6:12.1f} MP" for side in SIDES))
    for n_points in POINTS:
        data = uk.datasets.circles(n_points, noise=0.2, factor=0.5, seed=1)
        run = uk.fit(data, hidden=[6], readout=2, activation="relu", epochs=1, seed=1)
        trace = uk.trace(run)
        for what, source, options in (
            ("layers", trace, {}),
            ("training", run, {"along": "training"}),
        ):
            cells = []
            for side in SIDES:
                seconds = [timed(partial(_film, source, n, side, options)) for n in (2, FRAMES)]
                # What comes before the first frame is not a frame's.
                (wall, cpu), (start, start_cpu) = seconds[1], seconds[0]
                n = FRAMES - 2
                cells.append(f"{n / (wall - start):5.0f} ({n / (cpu - start_cpu):3.0f} CPU)")
            print(
                f"{n_points:10,d} " + " ".join(f"{cell:>15s}" for cell in cells), what, flush=True
            )


def _film(source, n_frames: int, side: int, options: dict) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "film.mp4")
        uk.animate(source, path, size=side, seconds=n_frames / 30, progress=False, **options)


def timed(work) -> tuple[float, float]:
    """Wall time and CPU time (ffmpeg's included) of a call."""
    cpu, wall = cpu_seconds(), time.perf_counter()
    work()
    return time.perf_counter() - wall, cpu_seconds() - cpu


def cpu_seconds() -> float:
    own, children = (
        resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime


def unknot_film(trace: uk.Trace, path: Path, n_frames: int) -> None:
    uk.animate(trace, path, size=SIZE, fps=30, seconds=n_frames / 30, progress=False)


def matplotlib_film(trace: uk.Trace, path: Path, n_frames: int) -> None:
    from matplotlib.animation import FFMpegWriter, FuncAnimation
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    matplotlib.rcParams["animation.ffmpeg_path"] = imageio_ffmpeg.get_ffmpeg_exe()
    scene = uk.Scene(trace)
    figure = Figure(figsize=(8, 8), dpi=100)
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    colours = np.array(["#d55e00", "#0072b2"])[trace.labels]
    dots = axes.scatter(*scene.points(0.0).T, s=1, c=colours, linewidths=0)
    times = np.linspace(0, scene.length, N_FRAMES)

    def update(i: int):
        extent = scene.extent(times[i])
        dots.set_offsets(scene.points(times[i]))
        axes.set_xlim(extent.centre[0] - extent.radius, extent.centre[0] + extent.radius)
        axes.set_ylim(extent.centre[1] - extent.radius, extent.centre[1] + extent.radius)
        return (dots,)

    # Frames from all over the film, so that the few stand for the many.
    chosen = np.linspace(0, N_FRAMES - 1, n_frames).round().astype(int)
    animation = FuncAnimation(figure, update, frames=chosen.tolist(), blit=False)
    animation.save(path, writer=FFMpegWriter(fps=30))


def machine() -> str:
    """The processor's name and how many cores there are."""
    import os

    cpuinfo = Path("/proc/cpuinfo")
    lines = cpuinfo.read_text().splitlines() if cpuinfo.exists() else []
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return f"{names[0] if names else platform.processor()}, {os.cpu_count()} cores"


if __name__ == "__main__":
    main()
