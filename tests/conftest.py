"""Make the helpers of every test folder importable, and keep the user's cache untouched."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))


@pytest.fixture(scope="session", autouse=True)
def own_compilation_cache(tmp_path_factory):
    """Compiled code goes to a folder of this test run."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        patch.delenv("UNKNOT_COMPILATION_CACHE", raising=False)
        yield
