"""Every example runs as a script and leaves a sound picture."""

import base64
import gzip
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from unknot.views.page.container import unpack

ROOT = Path(__file__).parent.parent
EXAMPLES = sorted((ROOT / "examples").glob("*.py"))
#: They write a page, which tests/browser opens, and no picture.
PAGES = ("side_by_side",)


#: Keras 3 warns of the notebook's own feature extractor.
WARNS = ("keras_notebook",)


@pytest.mark.slow
@pytest.mark.parametrize("script", [e for e in EXAMPLES if e.stem in PAGES], ids=lambda e: e.stem)
def test_page(script, tmp_path):
    page = tmp_path / "page.html"
    subprocess.run([sys.executable, "-W", "error", script, page], check=True, timeout=300)
    packed = re.search(r'id="unknot-scene">([^<]+)<', page.read_text("utf-8"))
    header, _ = unpack(gzip.decompress(base64.b64decode(packed[1])))
    assert len(header["runs"]) >= 2


@pytest.mark.slow
@pytest.mark.parametrize(
    "script", [e for e in EXAMPLES if e.stem not in PAGES], ids=lambda path: path.stem
)
def test_example(script, tmp_path):
    suffix = ".webp" if script.stem == "spiral" else ".png"
    picture = tmp_path / f"picture{suffix}"
    done = subprocess.run(
        [sys.executable, "-W", "ignore" if script.stem in WARNS else "error", script, picture],
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
        cwd=tmp_path,
    )
    assert done.returncode == 0, done.stderr
    with Image.open(picture) as image:
        assert min(image.size) >= 200
        # Not blank: many grey levels.
        assert len(np.unique(np.asarray(image.convert("L")))) > 50
    assert (ROOT / "docs" / "gallery" / f"{script.stem}{suffix}").exists()


def test_there_are_examples():
    assert len(EXAMPLES) >= 6
