"""The notebook of the docs runs as Jupyter runs it and as marimo does, with fewer points."""

import json
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest
from calling import environment
from waiting import PATIENCE

ROOT = Path(__file__).parent.parent
NOTEBOOK = ROOT / "docs" / "howto" / "rings.ipynb"
SMALLER = {
    "n_points = 100_000": "n_points = 1_000",
    "epochs = 5": "epochs = 2",
    "max_width=4, restarts=16, steps=3_000": "max_width=1, restarts=4, steps=200",
}

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not find_spec("keras"), reason="keras is not installed"),
]


@pytest.fixture
def small(tmp_path):
    """The notebook with smaller numbers, in a folder of its own."""
    text = NOTEBOOK.read_text("utf-8")
    for number, smaller in SMALLER.items():
        assert text.count(number) == 1, number
        text = text.replace(number, smaller)
    path = tmp_path / "rings.ipynb"
    path.write_text(text, "utf-8")
    return path


def called(folder, *command, **variables):
    # Other tests of this process may have chosen a backend.
    own = {name: value for name, value in environment().items() if name != "KERAS_BACKEND"}
    done = subprocess.run(
        [sys.executable, "-m", *command],
        cwd=folder,
        env={**own, "HOME": str(folder), **variables},
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE,
    )
    assert done.returncode == 0, done.stderr[-3_000:]
    return done


def outputs_of(path):
    """By the last line of a cell, what it shows: type → text."""
    cells = [c for c in json.loads(path.read_text("utf-8"))["cells"] if c["cell_type"] == "code"]
    shown = {}
    for cell in cells:
        parts = [output.get("data", {}) for output in cell["outputs"]]
        last = "".join(cell["source"]).splitlines()[-1]
        shown[last] = {kind: "".join(text) for part in parts for kind, text in part.items()}
    return shown


def test_as_jupyter_runs_it(small):
    pytest.importorskip("nbconvert")
    options = ["--to", "notebook", "--execute", "--output", "out.ipynb", small.name]
    called(small.parent, "nbconvert", *options)
    shown = outputs_of(small.parent / "out.ipynb")
    backend = "tensorflow" if find_spec("tensorflow") else "jax"
    assert f"computes with {backend}" in str(shown.values())
    drawn = [last for last, kinds in shown.items() if "image/png" in kinds]
    assert drawn == [
        *(f"{name}_figure" for name in ("points", "hidden", "plane", "spline")),
        'uk.figures.pairs(new_trace, layer="hidden")',
    ]
    for last in ("trace", "run"):
        assert "data:image/png" in shown[last]["text/html"]
    (widget,) = [kinds for last, kinds in shown.items() if last.startswith("uk.show")]
    assert "application/vnd.jupyter.widget-view+json" in widget
    assert "Save the page" in widget["text/html"]
    (training,) = [kinds for last, kinds in shown.items() if last.startswith("run = uk.fit")]
    assert training["text/html"].count("<polyline") == 4
    assert "<table" in shown["uk.measure(trace)"]["text/html"]


def test_as_marimo_runs_it(small):
    pytest.importorskip("marimo")
    # With the other of Keras' backends that the notebook names.
    folder, backend = small.parent, {"KERAS_BACKEND": "jax"}
    called(folder, "marimo", "convert", small.name, "-o", "rings.py")
    called(folder, "marimo", "export", "html", "rings.py", "-o", "out.html", **backend)
    page = (folder / "out.html").read_text("utf-8")
    assert "computes with jax" in page
    assert "marimo-anywidget" in page
    assert page.count("polyline points=") == 4


def test_it_is_kept_without_outputs():
    cells = json.loads(NOTEBOOK.read_text("utf-8"))["cells"]
    assert not any(cell.get("outputs") or cell.get("execution_count") for cell in cells)


INTERRUPTED = """
import unknot as uk
run = uk.fit("moons", steps=10**7, checkpoints=[], show=True)
print(run.interrupted, run.checkpoints[-1].step > 0)
"""


def test_an_interrupted_cell_keeps_what_was_trained(tmp_path, monkeypatch):
    client_of = pytest.importorskip("jupyter_client")
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path))
    # Sockets of its own kind: over TCP every kernel warns that it is not encrypted.
    manager = client_of.KernelManager(
        kernel_name="python3", transport="ipc", ip=str(tmp_path / "k")
    )
    manager.start_kernel(env=environment(HOME=str(tmp_path)))
    client = manager.blocking_client()
    client.start_channels()
    try:
        client.wait_for_ready(timeout=PATIENCE)
        client.execute(INTERRUPTED)
        seen, kinds = [], []
        while not seen or kinds[-1] != "status" or seen[-1]["execution_state"] != "idle":
            message = client.get_iopub_msg(timeout=PATIENCE)
            kinds.append(message["msg_type"])
            seen.append(message["content"])
            if kinds[-1] == "update_display_data" and kinds.count(kinds[-1]) == 1:
                manager.interrupt_kernel()
        drawn = [c["data"]["text/plain"] for c in seen if "data" in c]
        assert drawn[-1].startswith("Interrupted at step ")
        assert [c["text"] for c in seen if c.get("name") == "stdout"] == ["True True\n"]
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
