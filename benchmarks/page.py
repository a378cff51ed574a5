"""The page against plotly and k3d, and its two carriers against each other, in one browser.

    python -m venv /tmp/page && /tmp/page/bin/pip install -r benchmarks/requirements_page.txt
    .venv/bin/python benchmarks/page.py --others /tmp/page/bin/python

Measured: milliseconds a frame while the same 100,000 or 1,000,000 points (circles through
2 → 6 relu → 2 linear → 1 sigmoid) are scrubbed from the first representation to the last, a new
place on every frame; of these, what the main thread is busy; and seconds from opening the file to
the first frame. plotly's scattergl shows ready-made frames, k3d a time series of as many keyframes,
between which it interpolates; the page works every place out. All have the same window.

Chromium without a graphics processor draws with the processor itself (SwiftShader), so the whole
frame says more about filling pixels than about the libraries; the main thread's time does not
depend on that. ``--hardware`` leaves out the flags that ask for software.
"""

import argparse
import platform
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

import numpy as np
from playwright.sync_api import sync_playwright

import unknot as uk
from unknot.motion.scene import Scene
from unknot.views.page import header

KEYFRAMES = 21
FRAMES = 20
FLAGS = ["--no-sandbox"]
SOFTWARE = ["--use-angle=swiftshader", "--enable-unsafe-swiftshader"]
#: Shares of the way: all of it, and as far as the points fill a plane. After that they lie on a
#: line, where the page also draws how many lie where, and the others do not.
WAYS = {"whole way": (0.02, 0.98), "in the plane": (0.02, 0.6)}

#: Name, file, address. plotly and k3d draw points and nothing else: with the boundary, the lattice
#: and the confidence of every pixel switched off, so does the page.
SHOWN = (
    ("unknot, points", "unknot.html", "#lattice=0&boundary=0&shading=0"),
    ("unknot, all", "unknot.html", ""),
    ("plotly", "plotly.html", ""),
    ("k3d", "k3d.html", ""),
)
#: Called before the first frame of a page, so that pages that have no `step` get one.
UNKNOT_STEP = """() => {
  const length = unknot.file.runs[0].length;
  window.step = share => unknot.set({ t: share * length });
}"""
SCRUB = """async ([from, to, n]) => {
  const frame = () => new Promise(requestAnimationFrame);
  for (let i = 0; i < n; i++) { await step(from + (to - from) * i / n); await frame(); }
}"""
FIRST = """() => (window.unknot || window.step)
  && (window.first ??= new Promise(r => requestAnimationFrame(() => setTimeout(() =>
    r(performance.now() / 1000)))))"""


def measure(browser, path, way, frames=FRAMES, fragment=""):
    """Milliseconds a frame, of them on the main thread, seconds to the first frame, bytes."""
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    page.goto(path.as_uri() + fragment, timeout=300_000)
    page.wait_for_function(FIRST, timeout=300_000, polling=10)
    first = page.evaluate("() => window.first")
    if page.evaluate("() => window.unknot !== undefined"):
        page.evaluate(UNKNOT_STEP)
    page.evaluate(SCRUB, [0, 0.02, 2])
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable")
    still = drained(page)
    busy_before, start = busy(session), time.perf_counter()
    page.evaluate(SCRUB, [*way, frames])
    main = 1_000 * (busy(session) - busy_before) / frames
    # What the graphics queue still holds counts too: a screenshot waits for it.
    drained(page)
    whole = 1_000 * (time.perf_counter() - start - still) / frames
    page.close()
    return whole, main, first, path.stat().st_size


def drained(page):
    """Seconds that a screenshot takes once nothing is left to draw."""
    page.screenshot()
    start = time.perf_counter()
    page.screenshot()
    return time.perf_counter() - start


def busy(session):
    metrics = session.send("Performance.getMetrics")["metrics"]
    return next(m["value"] for m in metrics if m["name"] == "TaskDuration")


def compare(browser, n_points, others, folder):
    """unknot, plotly and k3d on the same points."""
    data = uk.datasets.circles(n_points, noise=0.2, factor=0.5, seed=1)
    run = uk.fit(data, hidden=[6], readout=2, epochs=5 if n_points <= 100_000 else 1, seed=1)
    uk.page(run, folder / "unknot.html")
    scene = Scene(uk.trace(run, lattice=False))
    places = np.linspace(0, scene.length, KEYFRAMES)
    np.save(folder / "positions.npy", np.stack([scene.points(float(t)) for t in places]))
    np.save(folder / "labels.npy", data.y)
    done = subprocess.run(
        [others, Path(__file__).with_name("page_others.py"), folder],
        check=True,
        capture_output=True,
        text=True,
    )
    print(f"\n{n_points:,} points, {done.stdout.strip()}")
    for title, way in WAYS.items():
        rows = {}
        for name, file, fragment in SHOWN:
            try:
                rows[name] = measure(browser, folder / file, way, fragment=fragment)
            except Exception as error:
                print(f"{name}: {str(error).splitlines()[0][:200]}")
        report(title, rows)


def carriers(browser, folder, n_points=100_000):
    """The same network carried by its weights and by its values."""
    data = uk.datasets.circles(n_points, noise=0.2, factor=0.5, seed=1)
    for hidden in ([6], [32, 32], [64, 64], [128, 128]):
        run = uk.fit(data, hidden=hidden, readout=2, epochs=1, checkpoints=2, seed=1)
        print(f"\n{n_points:,} points, {run.model.architecture}")
        rows = {}
        for name, most in (("weights", 10**9), ("values", -1)):
            header.MOST_WORK = most
            source = run if name == "weights" else uk.trace(run, lattice=False)
            uk.page(source, folder / f"{name}.html")
            rows[name] = measure(browser, folder / f"{name}.html", (0.02, 0.6), 15)
        report("in the plane", rows)


def report(title, rows):
    """A table with ratios to the first row."""
    base = next(iter(rows.values()))
    print(f"{title:18}{'ms a frame':>16}{'main thread, ms':>22}{'first frame, s':>18}{'MB':>8}")
    for name, (whole, main, first, size) in rows.items():
        print(
            f"  {name:16}{whole:10.1f} ×{whole / base[0]:4.1f}{main:15.2f} ×{main / base[1]:5.1f}"
            f"{first:11.2f} ×{first / base[2]:4.1f}{size / 1e6:9.2f}",
            flush=True,
        )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--others", required=True, help="a Python that has k3d and plotly")
    parser.add_argument("--points", type=int, nargs="*", default=[100_000, 1_000_000])
    parser.add_argument("--no-carriers", action="store_true")
    parser.add_argument("--hardware", action="store_true")
    arguments = parser.parse_args()
    flags = FLAGS + ([] if arguments.hardware else SOFTWARE)
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as temporary:
        program = shutil.which("chromium") or shutil.which("google-chrome")
        browser = playwright.chromium.launch(executable_path=program, args=flags)
        how = "as the machine has it" if arguments.hardware else "SwiftShader"
        print(f"{platform.platform()}, Chromium {browser.version}, WebGL: {how}")
        for n_points in arguments.points:
            compare(browser, n_points, arguments.others, Path(temporary))
        if not arguments.no_carriers:
            carriers(browser, Path(temporary))
        browser.close()
