"""The page while it trains: its frames, its steps and its first step, in one browser.

    git clone --branch gh-pages https://github.com/tensorflow/playground /tmp/playground_page
    .venv/bin/python benchmarks/page_training.py [--playground /tmp/playground_page]

Measured on a page of 100,000 circles (2 → 6 relu → 2 linear → 1 sigmoid, 1366 × 768, everything on,
the readout layer shown), Chromium drawing with the processor (SwiftShader) unless ``--hardware``:

- milliseconds from one frame to the next while the layers are scrubbed, while it trains as fast as
  it can, and both at once;
- milliseconds from the press of Train until the first step is on the screen;
- visible steps a second: optimiser steps of 32 points, the picture following on every frame; and of
  TensorFlow Playground's page, if it is given, in the same browser: epochs counted on its page,
  times 25 steps of 10 points;
- the notebook's experiment: seconds from Train to step 12,500, also with its score on all rows, and
  what it holds out;
- what the page says of 20 layers of 64 units, and its megabytes.

Printed are medians, and every round beside them.
"""

import argparse
import os
import platform
import shutil
import statistics
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

import unknot as uk

FLAGS = ["--no-sandbox"]
SOFTWARE = ["--use-angle=swiftshader", "--enable-unsafe-swiftshader"]
SIZE = {"width": 1366, "height": 768}
STEPS = 12_500
#: Steps of an epoch of Playground's page: 250 training points, batches of 10.
PLAYGROUND_STEPS = 25

RESTS = """() => window.unknot && unknot.studio && !unknot.studio.isTraining
  && !unknot.studio.trainer.isBusy"""
FRAMES = """async ([seconds, scrubs, trains]) => {
  const frame = () => new Promise(requestAnimationFrame);
  const { studio } = unknot, { length } = unknot.leader;
  if (trains) studio.train(Infinity);
  const go = async until => {
    let n = 0;
    for (; performance.now() < until; n++) {
      await frame();
      const share = (performance.now() / 4000) % 1;
      if (scrubs) unknot.set({ t: length * (0.02 + 0.96 * Math.abs(2 * share - 1)) });
    }
    return n;
  };
  await go(performance.now() + 1500);
  const [start, before] = [performance.now(), studio.shown.step];
  const n = await go(start + 1000 * seconds);
  const passed = performance.now() - start;
  const steps = studio.shown.step - before;
  studio.pause();
  return [passed / n, 1000 * steps / passed];
}"""
FIRST = """async () => {
  const frame = () => new Promise(requestAnimationFrame);
  const buttons = [...unknot.element.shadowRoot.querySelectorAll('button')];
  const button = buttons.find(b => b.textContent === 'Train' && b.getAttribute('role') !== 'tab');
  const start = performance.now();
  button.click();
  while (unknot.studio.shown.step < 1) await frame();
  // It is drawn in the next frame at the latest, and shown when there is one after that.
  await frame();
  await frame();
  const passed = performance.now() - start;
  unknot.studio.pause();
  return passed;
}"""
NOTEBOOK = """async steps => {
  const { studio } = unknot;
  const tick = () => new Promise(requestAnimationFrame);
  studio.restart();
  while (studio.trainer.isBusy) await tick();
  const start = performance.now();
  studio.train(steps);
  while (studio.shown.step < steps) await tick();
  const trained = performance.now() - start;
  while (studio.isTraining || studio.trainer.isBusy) await tick();
  const rested = performance.now() - start;
  return [trained / 1000, rested / 1000, studio.shown.heldOut.accuracy];
}"""
PLAYGROUND = """async seconds => {
  const frame = () => new Promise(requestAnimationFrame);
  const epoch = () => Number(document.getElementById('iter-number').textContent.replace(/,/g, ''));
  document.getElementById('play-pause-button').click();
  await new Promise(go => setTimeout(go, 1000));
  const [start, before] = [performance.now(), epoch()];
  let n = 0;
  for (; performance.now() < start + 1000 * seconds; n++) await frame();
  const passed = performance.now() - start;
  return [(1000 * (epoch() - before)) / passed, passed / n];
}"""


def opened(browser, path, fragment):
    page = browser.new_page(viewport=SIZE)
    page.goto(path.as_uri() + fragment)
    page.wait_for_function(RESTS)
    page.wait_for_timeout(500)
    return page


def measure(browser, path, fragment, seconds):
    """One round."""
    page = opened(browser, path, fragment)
    row = {"first step, ms": page.evaluate(FIRST)}
    page.close()
    page = opened(browser, path, fragment + "&pace=free")
    row["scrubbing, ms a frame"] = page.evaluate(FRAMES, [seconds, True, False])[0]
    frame, rate = page.evaluate(FRAMES, [seconds, False, True])
    row["training, ms a frame"] = frame
    row["× scrubbing"] = frame / row["scrubbing, ms a frame"]
    row["visible steps a second"] = rate
    row["both, ms a frame"] = page.evaluate(FRAMES, [seconds, True, True])[0]
    page.wait_for_function(RESTS)
    trained, rested, accuracy = page.evaluate(NOTEBOOK, STEPS)
    row[f"{STEPS:,} steps, s"] = trained
    row["with their score, s"] = rested
    row["held out"] = accuracy
    page.close()
    return row


def playground(browser, folder, seconds):
    page = browser.new_page(viewport=SIZE)
    # Its fonts and its statistics are on the network.
    page.route("http*://**", lambda route: route.abort())
    page.goto((folder / "index.html").as_uri(), wait_until="domcontentloaded")
    page.wait_for_selector("#play-pause-button", state="attached")
    epochs, frame = page.evaluate(PLAYGROUND, seconds)
    page.close()
    return {
        "Playground, steps a second": PLAYGROUND_STEPS * epochs,
        "Playground, ms a frame": frame,
    }


def large(browser, path):
    """What is said of 20 layers of 64 units."""
    page = browser.new_page(viewport=SIZE)
    page.goto(path.as_uri() + "#tab=train&network=" + ",".join(["64-relu"] * 20))
    page.wait_for_function(RESTS)
    said = page.locator(".said").inner_text()
    page.close()
    return said


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--playground", type=Path, help="a folder with its built page")
    parser.add_argument("--points", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=4)
    parser.add_argument("--fragment", default="", help="more of the address: &lattice=0")
    parser.add_argument("--hardware", action="store_true")
    options = parser.parse_args()
    flags = FLAGS + ([] if options.hardware else SOFTWARE)
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as temporary:
        path = Path(temporary) / "circles.html"
        data = uk.datasets.circles(options.points, noise=0.2, factor=0.5, seed=1)
        uk.page(uk.fit(data, hidden=[6], readout=2, epochs=5, seed=1), path)
        program = shutil.which("chromium") or shutil.which("google-chrome")
        browser = playwright.chromium.launch(executable_path=program, args=flags)
        print(f"{platform.platform()}, {os.cpu_count()} cores, Chromium {browser.version}")
        print(f"{options.points:,} points, {path.stat().st_size / 1e6:.2f} MB")
        print(f"20 layers of 64: {large(browser, path)}")
        rows = []
        for _ in range(options.rounds):
            row = measure(browser, path, "#tab=train&t=3" + options.fragment, options.seconds)
            if options.playground:
                row |= playground(browser, options.playground, options.seconds)
                row["× Playground's page"] = (
                    row["visible steps a second"] / row["Playground, steps a second"]
                )
            rows.append(row)
        for name in rows[0]:
            each = [row[name] for row in rows]
            shown = "  ".join(f"{value:.3f}" if value < 10 else f"{value:,.0f}" for value in each)
            median = statistics.median(each)
            print(
                f"  {name:28}{median:10.3f}" if median < 10 else f"  {name:28}{median:10,.0f}",
                f"   {shown}",
            )
        browser.close()


if __name__ == "__main__":
    main()
