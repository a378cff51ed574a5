"""Every example leaves a sound picture, with fewer points and steps than for the gallery."""

import base64
import gzip
import re
import runpy
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from waiting import PATIENCE

from unknot.views.page.container import unpack_page

ROOT = Path(__file__).parent.parent
EXAMPLES = sorted((ROOT / "examples").glob("*.py"))
#: What is smaller in a test; the rest of the script is as it stands.
SMALLER = {
    "before_during_after": {"20_000": "2_000"},
    "digits": {"epochs=40": "epochs=5"},
    "digits_thumbnails": {"steps=1_500": "steps=60", "digits()": "digits(300)"},
    "digits_blocks": {"range(250)": "range(10)", "digits.images / 16": "digits.images[:300] / 16"}
    | {"digits.target)": "digits.target[:300])", "1_200": "200"},
    "frame_pipeline": {"1_500": "400", "1_000": "300"},
    "folding_and_bending": {"epochs=60": "epochs=6"},
    "how_tangled": {"4_000": "1_000", "epochs=60": "epochs=6"},
    "keras_notebook": {"100_000": "4_000"},
    "neighbours": {"epochs=60": "epochs=2", "seconds=10": "seconds=1"}
    | {'make("digits")': 'make("digits").take(range(0, 1_797, 9))'},
    "notebook": {"100_000": "4_000"},
    "playground": {},
    "predictions": {"3_000": "600", "4_000": "300"},
    "persistence": {"6_000": "1_500", "epochs=60": "epochs=6"},
    "pytorch_film": {
        "images / 16": "images[:400] / 16",
        "digits.target": "digits.target[:400]",
        "291": "31",
        "290": "30",
    },
    "regions": {"20_000": "4_000", "steps=6_000": "steps=1_500"},
    "restarts": {"20_000": "4_000", "steps=6_000": "steps=1_500"},
    "side_by_side": {"20_000": "4_000", "steps=6_000": "steps=1_500"},
    "text_tokens": {"range(2_000)": "range(200)", "range(300)": "range(5)"},
    "seeds": {"epochs=40": "epochs=2"},
    "spiral": {"epochs=150": "epochs=15", "seconds=10": "seconds=2"},
    "width": {"20_000": "4_000", "steps=6_000": "steps=1_500"},
}
#: They are programs of their own in the tests too; Keras 3 warns of the notebook's own extractor.
PROGRAMS = {"keras_notebook": "ignore", "folding_and_bending": "error"}
#: They need a package that the tests do without.
NEEDS = {"text_tokens": "transformers", "keras_notebook": "tensorflow"}
NEEDS |= {"digits_blocks": "torch", "pytorch_film": "torch"}
#: They write a page, which tests/browser opens, and no picture.
PAGES = ("side_by_side", "playground")


def run_example(script, folder, monkeypatch, output):
    """Run a copy of the script, in a folder of its own, with numbers that are smaller."""
    text = script.read_text("utf-8")
    for number, smaller in SMALLER[script.stem].items():
        assert text.count(number) >= 1, number
        text = text.replace(number, smaller)
    copy = folder / script.name
    copy.write_text(text, "utf-8")
    monkeypatch.chdir(folder)
    if script.stem in PROGRAMS:
        done = subprocess.run(
            [sys.executable, "-W", PROGRAMS[script.stem], copy, output],
            capture_output=True,
            text=True,
            check=False,
            timeout=PATIENCE,
        )
        assert done.returncode == 0, done.stderr
    else:
        monkeypatch.setattr(sys, "argv", [str(copy), str(output)])
        runpy.run_path(str(copy), run_name="__main__")


@pytest.mark.slow
@pytest.mark.parametrize("script", [e for e in EXAMPLES if e.stem in PAGES], ids=lambda e: e.stem)
def test_page(script, tmp_path, monkeypatch):
    page = tmp_path / "page.html"
    run_example(script, tmp_path, monkeypatch, page)
    packed = re.search(r'id="unknot-page">([^<]+)<', page.read_text("utf-8"))
    header, _ = unpack_page(gzip.decompress(base64.b64decode(packed[1])))
    assert len(header["runs"]) + len(header.get("datasets", ())) >= 2


@pytest.mark.slow
@pytest.mark.parametrize(
    "script", [e for e in EXAMPLES if e.stem not in PAGES], ids=lambda path: path.stem
)
def test_example(script, tmp_path, monkeypatch):
    needed = NEEDS.get(script.stem)
    if needed and not find_spec(needed):
        pytest.skip(f"{needed} is not installed")
    suffix = ".webp" if script.stem in ("spiral", "neighbours") else ".png"
    picture = tmp_path / f"picture{suffix}"
    run_example(script, tmp_path, monkeypatch, picture)
    with Image.open(picture) as image:
        assert min(image.size) >= 200
        # Not blank: many grey levels.
        assert len(np.unique(np.asarray(image.convert("L")))) > 50
    assert (ROOT / "docs" / "gallery" / f"{script.stem}{suffix}").exists()


def test_there_are_examples():
    assert len(EXAMPLES) >= 6
