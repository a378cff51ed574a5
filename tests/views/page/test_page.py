"""The page is one file that runs one script and asks for nothing."""

import base64
import gzip
import hashlib
import re
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from calling import call
from networks import readout_network, rings

import unknot as uk
from unknot.errors import UnknotError, UsageError
from unknot.traces.run import Checkpoint, History, Run
from unknot.views.page import document, page_html, unpack_page
from unknot.views.page.parts import PARTS


class Tags(HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.tags, self.data = [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.data.append((self.tags[-1][0] if self.tags else "", data))


@pytest.fixture
def trace():
    return uk.trace(readout_network(), rings(100))


def test_only_the_viewer_runs_and_nothing_is_fetched(trace):
    text = page_html(trace, title="</script><script>alert(1)</script>")
    tags = Tags(text).tags
    scripts = [attributes for tag, attributes in tags if tag == "script"]
    assert scripts == [{"type": "application/octet-stream", "id": "unknot-page"}, {}]
    policy = next(a["content"] for tag, a in tags if tag == "meta" and "http-equiv" in a)
    code = text.rpartition("<script>")[2].partition("</script>")[0]
    digest = base64.b64encode(hashlib.sha256(code.encode()).digest()).decode()
    assert f"script-src 'sha256-{digest}';" in policy
    assert policy.startswith("default-src 'none';")
    assert "connect-src" not in policy
    assert not {tag for tag, _ in tags} & {"link", "iframe", "object", "img"}
    assert not [a for _, a in tags if "src" in a or "href" in a]


def test_the_scene_in_the_page_is_the_scene(trace):
    text = page_html(trace)
    packed = re.search(r'id="unknot-page">([^<]*)<', text)
    assert packed is not None
    header, _ = unpack_page(gzip.decompress(base64.b64decode(packed[1])))
    assert header["title"] == "rings"
    assert text == page_html(trace)  # byte for byte


def test_a_missing_viewer_is_told(trace, tmp_path, monkeypatch):
    document.script.cache_clear()
    monkeypatch.setattr(document, "FOLDER", tmp_path)
    with pytest.raises(UnknotError) as caught:
        uk.page(trace, tmp_path / "page.html")
    assert str(caught.value) == (
        "This installation of unknot has no viewer: it is built when unknot is installed.\n"
        "Install it again: pip install --force-reinstall unknot, or in a checkout: make install"
    )
    assert not (tmp_path / "page.html").exists()
    (tmp_path / "standalone.js").write_text("let stub = 1;")
    assert "<script>let stub = 1;</script>" in page_html(trace)
    document.script.cache_clear()
    (tmp_path / "standalone.js").write_text("'</SCRIPT>'")
    with pytest.raises(UnknotError, match="holds a closing tag"):
        page_html(trace)
    document.script.cache_clear()


def test_other_suffixes_are_refused(trace, tmp_path):
    with pytest.raises(UsageError) as caught:
        uk.page(trace, tmp_path / "page.pdf")
    assert str(caught.value) == (
        f"Cannot write {tmp_path}/page.pdf: .pdf is not a supported type.\nAllowed: .html, .htm."
    )


def run_of(n_points, n_checkpoints=18):
    rng = np.random.default_rng(0)
    data = rings(8)
    x = rng.normal(size=(n_points, 2)).astype(np.float32)
    data = type(data)(x, np.arange(n_points) % 2, data.class_names, data.feature_names, "big")
    models = [readout_network(seed) for seed in range(n_checkpoints)]
    steps = tuple(Checkpoint(i, float(i), m) for i, m in enumerate(models))
    return Run(models[-1], History((0.5,) * 5), steps, data, np.arange(0))


@pytest.mark.slow
@pytest.mark.parametrize(("n_points", "most"), [(100_000, 1_500_000), (1_000_000, 8_000_000)])
def test_pages_are_small(n_points, most):
    assert len(page_html(run_of(n_points)).encode()) <= most


def test_the_viewer_is_small():
    for name in ("standalone", "widget"):
        assert len(gzip.compress(document.script(name).encode(), 9)) <= 150_000


def test_the_command_writes_a_page(capsys, tmp_path, trace):
    for name in ("a", "b"):
        trace.save(tmp_path / f"{name}.safetensors")
    out = tmp_path / "both.html"
    files = [tmp_path / "a.safetensors", tmp_path / "b.safetensors"]
    result = call(capsys, "page", *files, "-o", out, "--axes", "3", "--title", "a < b")
    assert (result.code, result.out, result.err) == (0, f"written: {out}\n", "")
    assert "<title>a &lt; b</title>" in out.read_text("utf-8")
    assert call(capsys, "page", files[0], "-o", tmp_path / "x.png").code == 2
    assert call(capsys, "page", files[0]).code == 2


def test_the_command_opens_the_browser(capsys, tmp_path, trace, monkeypatch):
    trace.save(tmp_path / "a.safetensors")
    opened = []
    monkeypatch.setattr("webbrowser.open", lambda url: opened.append(url) or True)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    result = call(capsys, "view", tmp_path / "a.safetensors")
    assert result.code == 0
    assert result.out.startswith("opened: ")
    path = result.out.removeprefix("opened: ").strip()
    assert opened == [f"file://{path}"]


def test_a_page_of_nothing_but_an_input(tmp_path):
    path = uk.page(uk.Trace.from_arrays([[[0.0, 1.0]]], [0]), tmp_path / "one.html")
    assert path.is_file()


def test_parts_are_left_out_by_names_that_the_viewer_knows(capsys, tmp_path, trace):
    text = (Path(__file__).parents[3] / "viewer/src/panels/parts.ts").read_text("utf-8")
    table = text[text.index("PARTS:") : text.index("};")]
    assert tuple(re.findall(r"^  (\w+):", table, re.M)) == PARTS
    file = tmp_path / "t.safetensors"
    trace.save(file)
    out = tmp_path / "class.html"
    assert (
        call(capsys, "page", file, "-o", out, "--hide", "view, data", "--predict-first").code == 0
    )
    assert header_of(out)["teaching"] == {"hide": ["data", "view"], "predict_first": True}
    # Of a page as usual nothing is said.
    assert "teaching" not in header_of(uk.page(trace, out))
    with pytest.raises(UsageError, match="Did you mean 'learning'"):
        uk.page(trace, out, hide=["lerning"])


def header_of(path):
    """That of the file in a page."""
    text = re.search(r'id="unknot-page">([^<]*)<', path.read_text("utf-8"))[1]
    return unpack_page(gzip.decompress(base64.b64decode(text)))[0]
