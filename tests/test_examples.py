"""Every example runs as a script and leaves a sound picture."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

ROOT = Path(__file__).parent.parent
EXAMPLES = sorted((ROOT / "examples").glob("*.py"))


#: Keras 3 warns of the notebook's own feature extractor.
WARNS = ("keras_notebook",)


@pytest.mark.slow
@pytest.mark.parametrize("script", EXAMPLES, ids=lambda path: path.stem)
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
