"""The widget in a real JupyterLab and a real marimo."""

import json
import socket
import subprocess
import sys
import urllib.request
from contextlib import contextmanager
from pathlib import Path

import pytest
from calling import environment
from networks import readout_network
from playwright.sync_api import TimeoutError as NothingYet
from waiting import PATIENCE, wait_until

pytestmark = pytest.mark.slow(first=True)

#: Shows the widget; a selection is written down, and answered by another layer and epoch.
CELL = """
import json, pathlib, numpy
import unknot as uk
from networks import readout_network, rings
from unknot.traces.run import Checkpoint, History, Run

models = [readout_network(seed) for seed in range(3)]
steps = tuple(Checkpoint(10 * i, float(i), model) for i, model in enumerate(models))
run = Run(models[-1], History(), steps, rings(200), numpy.arange(0))
widget = uk.show(run, height=500)

def answer(change):
    pathlib.Path("selected.json").write_text(json.dumps(change["new"]))
    widget.layer = "readout"
    widget.epoch = 0.5

def back(change):
    last = widget.run.checkpoints[-1]
    text = json.dumps([change["new"], last.step, last.model.architecture])
    pathlib.Path("trained.json").write_text(text)

widget.observe(answer, "selected")
widget.observe(back, "steps")
"""

NOTEBOOK = {
    "cells": [
        {
            "cell_type": "code",
            "execution_count": None,
            "id": "one",
            "metadata": {},
            "outputs": [],
            "source": CELL + "widget",
        }
    ],
    "metadata": {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}
    },
    "nbformat": 4,
    "nbformat_minor": 5,
}

NETWORK = readout_network(0).architecture
MARIMO = f"""
import marimo
app = marimo.App()

@app.cell
def _():
{"".join(f"    {line}" for line in CELL.strip().splitlines(keepends=True))}
    widget
    return

if __name__ == "__main__":
    app.run()
"""


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextmanager
def server(folder, url, *command):
    """A program of this Python's, until it answers and as long as it is needed."""
    helpers = Path(__file__).absolute().parents[1]
    variables = environment(
        helpers,
        HOME=str(folder),
        JUPYTER_CONFIG_DIR=str(folder / "config"),
        JUPYTER_DATA_DIR=str(folder / "data"),
        JUPYTER_RUNTIME_DIR=str(folder / "runtime"),
    )
    log = (folder / "log.txt").open("w")
    process = subprocess.Popen(
        [sys.executable, "-m", *command], cwd=folder, env=variables, stdout=log, stderr=log
    )
    try:
        wait_until(lambda: process.poll() is not None or answers(url), "the server does not answer")
        assert process.poll() is None, (folder / "log.txt").read_text()
        yield
    finally:
        process.terminate()
        process.wait(timeout=PATIENCE)
        log.close()


def answers(url):
    try:
        urllib.request.urlopen(url, timeout=PATIENCE).close()
    except OSError:
        return False
    return True


def patient_page(chromium):
    page = chromium.new_page(viewport={"width": 1300, "height": 900})
    page.set_default_timeout(1_000 * PATIENCE)
    return page


def check_widget(page, folder):
    """It renders, can be scrubbed, tells Python what is selected, and does what Python says."""
    layers = page.locator("[role=slider][aria-label='Place in the network']")
    training = page.locator("[role=slider][aria-label='Moment of training']")

    def stands_at(slider, value):
        return lambda: float(slider.get_attribute("aria-valuenow")) == value

    def wait_for(condition, what):
        wait_until(condition, what, lambda _: page.wait_for_timeout(50))

    layers.wait_for()
    canvas = page.locator("canvas[aria-label^='Points of']")
    assert canvas.bounding_box()["height"] > 100
    for key, t in (("End", 5), ("Home", 0)):
        layers.focus()
        page.keyboard.press(key)
        wait_for(stands_at(layers, t), f"{key} does not scrub")
    search = page.locator("input[aria-label^='Find a row']")
    search.fill("4 6 9")
    search.press("Enter")
    note = folder / "selected.json"
    wait_for(note.exists, "the selection did not reach Python")
    wait_for(stands_at(layers, 3), "the layer that Python set is not shown")
    wait_for(stands_at(training, 0.5), "the epoch that Python set is not shown")
    assert json.loads(note.read_text()) == [3, 5, 8]
    page.get_by_role("tab", name="Train").click()
    page.get_by_role("button", name="1 epoch", exact=True).click()
    trained = folder / "trained.json"
    wait_for(trained.exists, "what was trained in the browser did not reach Python")
    steps, step, network = json.loads(trained.read_text())
    # 200 rows in batches of 32.
    assert steps == step == 7
    assert network == NETWORK


def run_first_cell(page):
    """On a busy machine a notebook may not hear a key at first, or ask which kernel is meant."""
    running = page.locator(".jp-InputPrompt:has-text('[1]'), .jp-InputPrompt:has-text('[*]')")
    choose = page.locator(".jp-Dialog .jp-mod-accept")

    def runs():
        if choose.count():
            choose.first.click()
        page.locator(".jp-Notebook .jp-Cell .cm-content").first.click()
        page.keyboard.press("Shift+Enter")
        try:
            running.or_(choose).first.wait_for(timeout=3_000)
        except NothingYet:
            return False
        return running.count() > 0

    wait_until(runs, "the cell does not run")


def test_jupyterlab(chromium, tmp_path):
    (tmp_path / "widget.ipynb").write_text(json.dumps(NOTEBOOK))
    port = free_port()
    url = f"http://127.0.0.1:{port}/lab"
    options = ["--no-browser", "--allow-root", f"--port={port}", "--IdentityProvider.token="]
    with server(tmp_path, url, "jupyterlab", *options, "--ServerApp.password="):
        page = patient_page(chromium)
        page.goto(f"{url}/tree/widget.ipynb")
        page.locator(".jp-Notebook .jp-Cell").first.wait_for()
        # Until the kernel has started there is nobody to run a cell.
        page.locator(".jp-Notebook-ExecutionIndicator[data-status=idle]").wait_for()
        run_first_cell(page)
        check_widget(page, tmp_path)
        page.close()


def test_marimo(chromium, tmp_path):
    (tmp_path / "app.py").write_text(MARIMO)
    port = free_port()
    url = f"http://127.0.0.1:{port}/"
    options = ["--headless", "--no-token", "--port", str(port)]
    with server(tmp_path, url, "marimo", "run", "app.py", *options):
        page = patient_page(chromium)
        page.goto(url)
        check_widget(page, tmp_path)
        page.close()
