"""Make the helpers of every test folder importable, and let no test depend on who starts it."""

import gc
import signal
import sys
from pathlib import Path

import pytest
from hypothesis import settings

sys.path.insert(0, str(Path(__file__).parent))

# No test looks at a clock.
settings.register_profile("no clock", deadline=None)
settings.load_profile("no clock")


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
