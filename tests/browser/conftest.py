"""Pages of unknot, opened in the Chromium of all tests."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))


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
