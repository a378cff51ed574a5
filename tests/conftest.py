"""Make the helpers of every test folder importable, and let no test depend on who starts it."""

import gc
import os
import shutil
import signal
import sys
from pathlib import Path

import pytest
from hypothesis import settings

sys.path.insert(0, str(Path(__file__).parent))

# No test looks at a clock.
settings.register_profile("no clock", deadline=None)
settings.load_profile("no clock")


NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = (
    "--no-sandbox",
    # WebGL alone: drawing the rest as if by a graphics card doubles what a frame costs a processor.
    "--use-angle=swiftshader-webgl",
    "--enable-unsafe-swiftshader",
    "--disable-background-networking",
    "--force-color-profile=srgb",
    # The list of the address bar is two pages more in each window. This list takes the place of
    # Playwright's: what of that matters here is in it.
    "--disable-features=WebUIOmniboxPopup,WebUIOmniboxAimPopup,AimEnabled,HttpsUpgrades,"
    "MediaRouter,OptimizationHints,PaintHolding,Translate",
)


def pytest_collection_modifyitems(items):
    """What is slow comes first: at the end nobody waits for one test that began last."""
    slow = {item.path for item in items if item.get_closest_marker("slow")}

    def place(item):
        mark = item.get_closest_marker("slow")
        return 0 if mark and mark.kwargs.get("first") else 1 if item.path in slow else 2

    items.sort(key=place)


def pytest_collection_finish():
    """Python looks for cycles among what tests make: seldom, and not in all that is imported."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 10, 10)


@pytest.fixture(scope="session", autouse=True)
def own_compilation_cache(tmp_path_factory, worker_id):
    """Compiled code goes to a folder of this test run, which all its processes share."""
    folder = tmp_path_factory.mktemp("cache")
    if worker_id != "master":
        folder = tmp_path_factory.getbasetemp().parent / "cache"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(folder))
        patch.delenv("UNKNOT_COMPILATION_CACHE", raising=False)
        yield


@pytest.fixture(scope="session", autouse=True)
def listens_to_signals():
    """What is started in the background (`&`, `nohup`) ignores some, and so would every child."""
    defaults = {"SIGINT": signal.default_int_handler, "SIGHUP": signal.SIG_DFL}
    ignored = [
        name
        for name in defaults
        if hasattr(signal, name) and signal.getsignal(getattr(signal, name)) is signal.SIG_IGN
    ]
    for name in ignored:
        signal.signal(getattr(signal, name), defaults[name])
    yield
    for name in ignored:
        signal.signal(getattr(signal, name), signal.SIG_IGN)


@pytest.fixture
def small_films(monkeypatch):
    """Every film has few and small pictures, whoever asks for it."""
    from unknot.views import films
    from unknot.views.films import apart

    animate = films.animate

    def small(source, path, **options):
        return animate(source, path, **{**options, "size": 240, "fps": 5, "seconds": 2})

    monkeypatch.setattr(films, "animate", small)
    # A process of its own would know nothing of this.
    monkeypatch.setattr(apart, "MOST_POINTS", -1)


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
    from waiting import PATIENCE

    path = chromium_path()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=path, args=list(FLAGS), timeout=1_000 * PATIENCE
        )
        yield browser
        browser.close()
