"""One Chromium for all tests of this folder, with software WebGL."""

import os
import shutil
import sys
from pathlib import Path

import pytest
from waiting import PATIENCE

sys.path.insert(0, str(Path(__file__).parent))

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = (
    "--no-sandbox",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--disable-background-networking",
    "--force-color-profile=srgb",
    # The list of the address bar is two pages more in each window. This list takes the place of
    # Playwright's: what of that matters here is in it.
    "--disable-features=WebUIOmniboxPopup,WebUIOmniboxAimPopup,AimEnabled,HttpsUpgrades,"
    "MediaRouter,OptimizationHints,PaintHolding,Translate",
)


def chromium_path():
    """The browser; without one these tests are skipped, unless `make test` asks for them."""
    named = os.environ.get("UNKNOT_CHROMIUM")
    path = named or next((path for name in NAMES if (path := shutil.which(name))), None)
    if path is None and os.environ.get("UNKNOT_BROWSER_TESTS") != "required":
        pytest.skip("no Chromium: apt-get install chromium, or set UNKNOT_CHROMIUM")
    assert path, "no Chromium: apt-get install chromium, or set UNKNOT_CHROMIUM"
    return path


@pytest.fixture(scope="session")
def chromium():
    from playwright.sync_api import sync_playwright

    path = chromium_path()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=path, args=list(FLAGS), timeout=1_000 * PATIENCE
        )
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def windows(chromium):
    """A window for each kind of device, opened once: a page in it costs half of one in its own."""
    from pages import Windows

    return Windows(chromium)


@pytest.fixture
def open_page(windows, tmp_path):
    """Open a page and hold it to two promises: nothing goes wrong in it, nothing leaves it."""
    from pages import Opened

    opened = []

    def start(source, *, fragment="", check=True, script=None, **options):
        options = {"viewport": {"width": 900, "height": 600}, **options}
        page = Opened(windows, tmp_path / f"page{len(opened)}.html", options, check)
        opened.append(page)
        page.open(source, fragment, script)
        return page

    yield start
    for page in opened:
        page.close()
