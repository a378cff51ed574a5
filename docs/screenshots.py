"""The pictures of the page in these docs.

    .venv/bin/unknot demo
    .venv/bin/python docs/screenshots.py demo/run.safetensors

needs a Chromium; writes docs/gallery/page-*.webp. The comparison is examples/side_by_side.py.
"""

import io
import math
import runpy
import shutil
import string
import sys
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import sync_playwright

import unknot as uk

GALLERY = Path(__file__).parent / "gallery"
FLAGS = ["--no-sandbox", "--use-angle=swiftshader", "--enable-unsafe-swiftshader"]
#: Name: width, height, pixels a CSS pixel, the moment that is shown.
SCREENS = {
    "phone": (390, 844, 2, "t=2"),
    "laptop": (1366, 768, 1, "t=2&view=3d"),
    "projector": (1920, 1080, 1, "t=1.6"),
}


def main(run):
    """The pages of a saved run and of the comparison, in every size and both colour schemes."""
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        page = uk.page(uk.load(run), Path(folder) / "page.html")
        both = Path(folder) / "both.html"
        example = Path(__file__).parent.parent / "examples" / "side_by_side.py"
        sys.argv = [str(example), str(both)]
        runpy.run_path(str(example))
        program = shutil.which("chromium") or shutil.which("google-chrome")
        browser = playwright.chromium.launch(executable_path=program, args=FLAGS)
        for name, (width, height, ratio, moment) in SCREENS.items():
            for scheme in ("light", "dark"):
                address = f"{page.as_uri()}#{moment}"
                shoot(browser, address, f"{name}-{scheme}", (width, height), ratio, scheme)
        address = f"{page.as_uri()}#t=3&tab=train&pace=free"
        train = "() => unknot.studio.train(3_000)"
        shoot(browser, address, "train", (1366, 768), 1, "light", train)
        shoot(browser, f"{both.as_uri()}#t=1.6", "compare", (1366, 768), 1, "light")
        shoot_playground(browser, Path(folder) / "playground.html")
        shoot_lessons(browser, Path(folder) / "playground.html")
        shoot_drawing(browser, Path(folder) / "playground.html")
        browser.close()


def shoot_playground(browser, path):
    """Spirals in the second hidden layer of a trained network."""
    address = (
        f"{uk.playground(path=path).as_uri()}#data=spirals&network=12-sin,12-sin&pace=free&t=4"
    )
    train = "() => unknot.studio.train(1_500)"
    shoot(browser, address, "playground", (1366, 768), 1, "light", train)


def shoot_drawing(browser, path):
    """Two rings of points on the sheet, drawn on a phone."""
    angles = [2 * math.pi * k / 36 for k in range(36)]
    rings = [(0, 0.8), (1, 0.35)]
    # Class, then across and up in steps of the sheet, six bits a character.
    digits = string.ascii_uppercase + string.ascii_lowercase + string.digits + "-_"
    steps = [
        (c, *(round((radius * f(angle) + 1) * 4095 / 2) for f in (math.cos, math.sin)))
        for c, radius in rings
        for angle in angles
    ]
    place = "".join(
        digits[c] + "".join(digits[s >> 6] + digits[s & 63] for s in xy) for c, *xy in steps
    )
    root = "document.querySelector('#unknot').shadowRoot"
    sheet = f"() => {root}.querySelector('[aria-label=\"Draw points\"]').click()"
    shoot(
        browser, f"{path.as_uri()}#data=drawn,points:{place}", "draw", (390, 844), 2, "light", sheet
    )


def shoot_lessons(browser, path):
    """A lesson whose answer is told, and the small pictures of 32 starts."""
    root = "document.querySelector('#unknot').shadowRoot"
    press = (
        f"text => [...{root}.querySelectorAll('button')].find(b => b.innerText === text).click()"
    )
    vote = f"{root}.querySelectorAll('.vote button')[4].click()"
    told = f"({press})('3 units'); {vote}; {vote}; unknot.studio.train(2_000)"
    lesson = f"() => {{ {told}; ({press})('What came true?') }}"
    address = f"{path.as_uri()}#lesson=2&pace=free"
    shoot(browser, address, "lesson", (1366, 768), 1, "light", lesson)
    starts = f"() => ({press})('32 starts')"
    shoot(browser, f"{path.as_uri()}#lesson=3", "starts", (1366, 768), 1, "light", starts)


def shoot(browser, address, name, size, ratio, scheme, act=None):
    """One picture of a page, once its numbers are there."""
    tab = browser.new_page(
        viewport={"width": size[0], "height": size[1]},
        device_scale_factor=ratio,
        color_scheme=scheme,
        reduced_motion="reduce",
    )
    tab.goto(address)
    tab.wait_for_function("() => window.unknot")
    if act:
        tab.evaluate(act)
        tab.wait_for_function("() => !unknot.studio.isTraining", timeout=120_000)
    tab.wait_for_timeout(2_500)  # the readout's numbers come when the hand rests
    out = GALLERY / f"page-{name}.webp"
    picture = Image.open(io.BytesIO(tab.screenshot()))
    picture.convert("RGB").save(out, quality=82, method=6)
    tab.close()
    print(out, out.stat().st_size)


if __name__ == "__main__":
    main(sys.argv[1])
