"""The code in README and docs runs as it stands there, on fewer points."""

import itertools
import os
import re
import shlex
import webbrowser
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from calling import call

import unknot as uk
from unknot.width import search, sweep

ROOT = Path(__file__).parent.parent
TEXTS = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]

#: A block after a paragraph with these words is shown, not run.
NOT_RUN = "not run by our tests"
#: Sizes in the texts, and in the tests.
SMALLER = {"100_000": "3_000", "-n 100000": "-n 3000"}
#: What trainings of many networks take here where a text leaves it to the default.
FEW = {"restarts": 8, "steps": 1_500, "max_width": 4, "tolerance": 0.02}


@dataclass(frozen=True)
class Block:
    line: int
    language: str
    text: str
    introduction: str

    @property
    def is_run(self):
        """Python, or a call of unknot; nothing else is run from a text."""
        return NOT_RUN not in self.introduction and (
            self.language == "python" or self.text.startswith("unknot ")
        )


def blocks(path):
    text = path.read_text("utf-8")
    # A directive of the site, ```{lesson} 2, is a block too.
    for match in re.finditer(r"^```(\w*|\{[^\n]*)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL):
        before = text[: match.start()]
        *_, introduction = [p for p in before.split("\n\n") if p.strip()] or [""]
        yield Block(before.count("\n") + 1, match[1], match[2], introduction)


BLOCKS = {path: list(blocks(path)) for path in TEXTS}
RUN = [path for path in TEXTS if any(block.is_run for block in BLOCKS[path])]


@cache
def run():
    return uk.fit(uk.datasets.circles(300, noise=0.1, seed=1), hidden=[6], readout=2, epochs=5)


def narrow():
    return uk.fit(uk.datasets.circles(300, noise=0.1, seed=1), hidden=[2], epochs=1)


def torch_model():
    torch = pytest.importorskip("torch")
    torch.manual_seed(0)
    return torch.nn.Sequential(torch.nn.Linear(2, 6), torch.nn.ReLU(), torch.nn.Linear(6, 1))


def train(model, batch):
    """A step of the reader's own loop."""
    import torch

    x, y = batch
    loss = torch.nn.functional.binary_cross_entropy_with_logits(model(x)[:, 0], y)
    loss.backward()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter -= 0.1 * parameter.grad
            parameter.grad = None


def models_world():
    torch = pytest.importorskip("torch")

    data = run().data
    batch = torch.tensor(data.x), torch.tensor(data.y, dtype=torch.float32)
    return {
        "model": torch_model(),
        "x": data.x,
        "y": data.y,
        "data": data,
        "train": train,
        "batches": itertools.repeat(batch, 30),
    }


def page_world():
    wide = run()
    data = wide.data
    names = {"run": wide, "narrow": narrow(), "wide": wide}
    return {"uk": uk, "data": data, "x": data.x, "y": data.y, **names}


#: What the words of a text have introduced before its code.
WORLDS = {
    "atlas.md": lambda: {"uk": uk},
    "figures.md": lambda: {"uk": uk},
    "measures.md": lambda: {"uk": uk, "run": run(), "trace": uk.trace(run())},
    "models.md": models_world,
    "page.md": page_world,
    "width.md": lambda: {"uk": uk},
}


def write_table(path):
    rows = [f"{i % 7},{i % 5 / 2},{'abc'[i % 3]}" for i in range(120)]
    path.write_text("petal,sepal,species\n" + "\n".join(rows) + "\n")


def write_keras(path):
    keras = pytest.importorskip("keras")
    layers = [keras.Input((2,)), keras.layers.Dense(4, activation="relu"), keras.layers.Dense(1)]
    keras.Sequential([*layers, keras.layers.Activation("sigmoid")]).save(path)


def write_onnx(path):
    to_onnx = pytest.importorskip("skl2onnx").to_onnx
    from sklearn.linear_model import LogisticRegression

    x = np.random.default_rng(0).normal(size=(60, 2)).astype(np.float32)
    model = LogisticRegression().fit(x, np.arange(60) % 3)
    path.write_bytes(to_onnx(model, x[:1]).SerializeToString())


#: Files that a text takes as there, and how they come about.
FILES = {
    "flowers.csv": write_table,
    "demo/run.safetensors": lambda path: uk.save(run(), path),
    "demo/trace.safetensors": lambda path: uk.trace(run()).save(path),
    "a/run.safetensors": lambda path: uk.save(run(), path),
    "b/run.safetensors": lambda path: uk.save(narrow(), path),
    "model.keras": write_keras,
    "flowers.onnx": write_onnx,
}


def few(function, **options):
    """The function with cheaper defaults."""

    def called(*arguments, **given):
        return function(*arguments, **{**options, **given})

    return called


@pytest.fixture
def place(tmp_path, monkeypatch, small_films):
    """An empty folder; films, width searches and the browser cost little."""
    monkeypatch.chdir(tmp_path)
    opened = []
    monkeypatch.setattr(webbrowser, "open", lambda url: opened.append(url) or True)
    monkeypatch.setattr(search, "minimum_width", few(search.minimum_width, **FEW))
    monkeypatch.setattr(sweep, "sweep", few(sweep.sweep, steps=100))
    # The package keeps what it has looked up once.
    for name in ("minimum_width", "sweep", "animate"):
        monkeypatch.delitem(vars(uk), name, raising=False)
    monkeypatch.setenv("KERAS_BACKEND", os.environ.get("KERAS_BACKEND", "jax"))
    yield tmp_path
    for name in ("minimum_width", "sweep", "animate"):
        vars(uk).pop(name, None)


def run_shell(text, capsys):
    for line in text.splitlines():
        command, *arguments = shlex.split(line, comments=True)
        assert command == "unknot", line
        if arguments[0] == "width":
            arguments += [f"--{name.replace('_', '-')}={value}" for name, value in FEW.items()]
        done = call(capsys, *arguments)
        assert done.code == 0, f"{line}\n{done.err}"


@pytest.mark.slow(first=True)
@pytest.mark.filterwarnings("ignore::DeprecationWarning:keras|tensorflow|onnx")
@pytest.mark.parametrize("path", RUN, ids=lambda path: path.stem)
def test_code(path, place, capsys):
    text = path.read_text("utf-8")
    for name, write in FILES.items():
        if re.search(rf"(?<![\w/]){re.escape(name)}", text):
            Path(name).parent.mkdir(exist_ok=True)
            write(Path(name))
    world = {"__name__": "__main__", **WORLDS.get(path.name, dict)()}
    for block in BLOCKS[path]:
        if not block.is_run:
            continue
        code = block.text
        for size, smaller in SMALLER.items():
            code = code.replace(size, smaller)
        if block.language == "python":
            # Errors name the text's own line.
            exec(compile("\n" * block.line + code, path, "exec"), world)
        else:
            run_shell(code, capsys)


def test_few_blocks_are_not_run_and_say_so():
    shown = [
        (path.name, block.line)
        for path, blocks in BLOCKS.items()
        for block in blocks
        if NOT_RUN in block.introduction
    ]
    assert 0 < len(shown) <= 6, shown
    # What stands for itself is not left out by mistake.
    assert sum(block.is_run for blocks in BLOCKS.values() for block in blocks) >= 12
