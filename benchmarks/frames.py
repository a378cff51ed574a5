"""Frames a second of a page without a graphics processor, against an older page in the same run.

    .venv/bin/python benchmarks/frames.py [--old OLD/SRC] [--points 10000 100000]

Measured: how many frames a second a page shows while the layers play and move (circles through
2 → 6 relu → 2 linear → 1 sigmoid, 1366 × 768, grid, boundary, confidence and axes on), and how much
processor time one takes in all processes of the browser, which other work on the machine disturbs
less. Chromium draws with the processor (SwiftShader), as on a virtual desktop. ``--old`` is the
``src`` folder of another version of unknot, with its viewer built; the two take turns. ``--parts``
switches off one part of the picture after the other.
``--canvas`` gives instead the milliseconds of each thing that is moved and
drawn on the canvas, waited for, as a slow frame and a full one have them.

    .venv/bin/python benchmarks/frames.py --hardware

is for a machine with a graphics processor: 100,000, 1,000,000 and 4,000,000 points, Chromium with
that processor and without a limit to the frames a second; what draws is printed, and whether the
frames were drawn in full. ``--headed`` opens windows, where a headless browser does not get it.
"""

import argparse
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

SOFTWARE = ["--no-sandbox", "--use-angle=swiftshader", "--enable-unsafe-swiftshader"]
#: Chromium's own list of unfit drivers is not asked.
HARDWARE = [
    "--no-sandbox",
    "--ignore-gpu-blocklist",
    "--enable-gpu",
    "--disable-gpu-vsync",
    "--disable-frame-rate-limit",
]
SIZE = {"width": 1366, "height": 768}
#: Pages hold a sample of more points than a browser is expected to move: here all of them.
MAKE = """
import sys, unknot as uk
from unknot.views.page import excerpt
n = int(sys.argv[1])
excerpt.MOST_POINTS = max(n, 1_000_000)
data = uk.datasets.circles(n, noise=0.2, factor=0.5, seed=1)
run = uk.fit(data, hidden=[6], readout=2, epochs=5 if n <= 100_000 else 1, seed=1)
uk.page(run, sys.argv[2])
"""
#: What draws, and whether the last frame had all points and lines.
RENDERER = """() => {
  const gl = document.createElement('canvas').getContext('webgl2');
  return gl.getParameter(gl.getExtension('WEBGL_debug_renderer_info').UNMASKED_RENDERER_WEBGL);
}"""
IS_ROUGH = "() => unknot.isRough"
#: Each part alone, and a pixel read back after it, so that it is waited for.
CANVAS = """([rough, t, repeats]) => {
  const { stage, store } = unknot, { gl, painters: [painter] } = stage;
  unknot.set({ t });
  unknot.drawNow(1, rough);
  const { state } = store, { theme, sceneries } = unknot, { instant } = sceneries[0];
  const { dots, sheet, grid } = painter.shown(rough), { colouring } = painter;
  const at = { moment: instant.scene.moment, parts: instant.parts, colouring };
  const move = of => () => of && painter.flow.move(of.set, at);
  const draw = () => stage.draw(sceneries, state, theme, rough);
  const only = name => () => {
    const others = ['points', 'lines', 'sheets'].filter(other => other !== name);
    const kept = others.map(other => painter.painters[other].draw);
    for (const other of others) painter.painters[other].draw = () => {};
    draw();
    others.forEach((other, i) => { painter.painters[other].draw = kept[i]; });
  };
  const parts = {
    nothing: () => {}, 'move points': move(dots), 'move ground': move(sheet),
    'move grid': move(grid), 'move boundary': move(painter.boundary), 'draw points': only('points'),
    'draw ground': only('sheets'), 'draw lines': only('lines'),
    all: () => { painter.move(instant, state, rough); draw(); },
  };
  const pixel = new Uint8Array(4);
  const wait = () => gl.readPixels(0, 0, 1, 1, gl.RGBA, gl.UNSIGNED_BYTE, pixel);
  const times = Object.fromEntries(Object.keys(parts).map(name => [name, []]));
  for (let i = 0; i < repeats; i++) for (const [name, part] of Object.entries(parts)) {
    wait();
    const start = performance.now();
    part();
    wait();
    times[name].push(performance.now() - start);
  }
  const low = all => all.sort((a, b) => a - b)[Math.floor(0.3 * all.length)];
  return Object.fromEntries(Object.entries(times).map(([name, all]) => [name, low(all)]));
}"""
PLACES = (0.4, 1.5, 2.5)
PLAY = """async seconds => {
  const frame = () => new Promise(requestAnimationFrame);
  let [n, passed] = [0, 0];
  let [t, last] = [unknot.get().t, performance.now()];
  const stop = last + 1000 * seconds;
  while (last < stop) {
    await frame();
    const now = performance.now();
    // At a stop nothing moves: such frames are not counted, nor their time.
    if (unknot.get().t !== t) { n++; passed += now - last; }
    [t, last] = [unknot.get().t, now];
  }
  return [n, passed];
}"""
PARTS = {
    "all": "",
    "no confidence": "&shading=0",
    "no grid, no boundary": "&lattice=0&boundary=0",
    "no axes": "&axes=0",
    "points alone": "&shading=0&lattice=0&boundary=0&axes=0",
}


def measure(browser, path, part, seconds):
    """Frames a second, milliseconds of processor time a frame, whether it is drawn in part."""
    page = browser.new_page(viewport=SIZE)
    page.goto(path.as_uri() + "#t=0" + part, timeout=300_000)
    page.wait_for_function("() => window.unknot?.file", timeout=300_000)
    page.evaluate("() => unknot.player.play('layers')")
    page.evaluate(PLAY, 1)
    before = processor_seconds()
    frames, passed = page.evaluate(PLAY, seconds)
    taken = processor_seconds() - before
    is_rough = page.evaluate(IS_ROUGH)
    page.close()
    return 1_000 * frames / passed, 1_000 * taken / frames, is_rough


def processor_seconds():
    """Of all processes that this one has started, and of theirs."""
    children = {}
    times = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            fields = (folder / "stat").read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue
        children.setdefault(int(fields[1]), []).append(int(folder.name))
        times[int(folder.name)] = int(fields[11]) + int(fields[12])
    total, left = 0, [os.getpid()]
    while left:
        process = left.pop()
        total += times.get(process, 0)
        left += children.get(process, [])
    return total / os.sysconf("SC_CLK_TCK")


def make(n_points, path, source):
    environment = {**os.environ, "PYTHONPATH": str(source)}
    subprocess.run([sys.executable, "-c", MAKE, str(n_points), path], check=True, env=environment)


def canvas(browser, path, repeats=20):
    """Milliseconds of each part: the 30th percentile of its times, the mean of three places."""
    page = browser.new_page(viewport=SIZE)
    page.goto(path.as_uri(), timeout=300_000)
    page.wait_for_function("() => window.unknot?.file", timeout=300_000)
    page.wait_for_timeout(500)
    columns = [
        [page.evaluate(CANVAS, [rough, t, repeats]) for t in PLACES] for rough in (True, False)
    ]
    page.close()
    print(f"  {'ms':16}{'in part':>10}{'in full':>10}")
    for name in columns[0][0]:
        means = [statistics.mean(row[name] for row in rows) for rows in columns]
        print(f"  {name:16}" + "".join(f"{mean:10.1f}" for mean in means), flush=True)


def compare(browser, pages, parts, rounds, seconds):
    for part in parts:
        rows = {name: [] for name in pages}
        for _ in range(rounds):
            for name, path in pages.items():
                rows[name].append(measure(browser, path, PARTS[part], seconds))
        for name, measured in rows.items():
            rate, taken, rough = (statistics.median(c) for c in zip(*measured, strict=True))
            how = "in part" if rough else "in full"
            print(
                f"  {part:22}{name:8}{rate:6.1f} frames a second ({1_000 / rate:.1f} ms), "
                f"{taken:.1f} ms of processor, drawn {how}",
                flush=True,
            )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--old", type=Path, help="the src folder of another version")
    parser.add_argument("--points", type=int, nargs="*")
    parser.add_argument("--hardware", action="store_true", help="with the graphics processor")
    parser.add_argument("--headed", action="store_true")
    parser.add_argument("--parts", action="store_true")
    parser.add_argument("--canvas", action="store_true")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=4)
    parser.add_argument("--size", type=int, nargs=2, default=list(SIZE.values()))
    arguments = parser.parse_args()
    SIZE.update(zip(SIZE, arguments.size, strict=True))
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as temporary:
        import unknot as uk

        program = shutil.which("chromium") or shutil.which("google-chrome")
        flags = HARDWARE if arguments.hardware else SOFTWARE
        browser = playwright.chromium.launch(
            executable_path=program, args=flags, headless=not arguments.headed
        )
        print(f"{platform.platform()}, {os.cpu_count()} cores, Chromium {browser.version}")
        print(browser.new_page().evaluate(RENDERER))
        few, many = [10_000, 100_000], [100_000, 1_000_000, 4_000_000]
        for n_points in arguments.points or (many if arguments.hardware else few):
            folder = Path(temporary)
            sources = {"now": Path(uk.__file__).parent.parent}
            if arguments.old:
                sources = {"old": arguments.old, **sources}
            pages = {name: folder / f"{name}.html" for name in sources}
            for name, source in sources.items():
                make(n_points, pages[name], source)
            print(f"{n_points:,} points")
            if arguments.canvas:
                canvas(browser, pages["now"])
                continue
            parts = list(PARTS) if arguments.parts else ["all"]
            compare(browser, pages, parts, arguments.rounds, arguments.seconds)
        browser.close()
