"""``uk.playground``: what a page for training oneself holds, and what it refuses."""

import base64
import gzip
import re

import numpy as np
import pytest

import unknot as uk
from unknot.errors import UsageError
from unknot.training import start
from unknot.views.page import unpack_page
from unknot.views.page.container import check_page_file


def opened(path):
    """Header and buffers of the page file in a page."""
    packed = re.search(r'id="unknot-page">([^<]+)<', path.read_text("utf-8"))
    header, buffers = unpack_page(gzip.decompress(base64.b64decode(packed[1])))
    check_page_file(header, buffers)
    return header, buffers


def test_without_data_the_page_makes_its_own(tmp_path):
    path = uk.playground(path=tmp_path / "p.html")
    header, _ = opened(path)
    assert header["playground"] == {"is_empty": True}
    assert header["datasets"] == []
    (run,) = header["runs"]
    assert run["name"] == "2 → 6 relu → 1 sigmoid"
    assert len(run["checkpoints"]) == 1
    assert len(run["training"]["colours"]) >= 12
    # The same call gives the same file.
    assert path.read_bytes() == uk.playground(path=tmp_path / "q.html").read_bytes()


def test_data_of_every_kind_stand_beside_each_other(tmp_path):
    x = np.random.default_rng(0).normal(size=(50, 3)).astype(np.float32)
    y = (x[:, 0] > 0).astype(int)
    roll = uk.datasets.swiss_roll(60)
    header, buffers = opened(uk.playground([(x, y), "iris", roll], tmp_path / "p.html"))
    assert header["playground"] == {"is_empty": False}
    assert header["n_axes"] == 3
    (run,) = header["runs"]
    assert run["n_points"] == 50
    iris, swiss = header["datasets"]
    assert [d["title"] for d in header["datasets"]] == ["iris", "swiss_roll"]
    assert iris["class_names"] == ["setosa", "versicolor", "virginica"]
    assert len(iris["class_colours"]) == 3
    low, high = (np.array(swiss["inputs"][end]) for end in ("low", "high"))
    values = low + (high - low) * buffers[swiss["inputs"]["buffer"]] / 65_535
    # Half a step of sixteen bits.
    assert np.abs(values - roll.x).max() <= (high - low).max() / 131_070 + 1e-6
    assert np.array_equal(buffers[swiss["targets"]], roll.y)
    assert swiss["class_names"] == []
    labels = buffers[swiss["labels"]]
    assert labels.min() == 0
    assert labels.max() == 1


def test_a_frame_has_its_label_and_many_points_are_a_sample(tmp_path, monkeypatch):
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame({"a": range(20), "b": range(20), "kind": ["x", "y"] * 10})
    header, _ = opened(uk.playground(frame, tmp_path / "p.html", label="kind", title="Mine"))
    assert header["title"] == "Mine"
    assert header["runs"][0]["maps"][0]["name"] == "scaling"
    monkeypatch.setattr(start, "MOST_POINTS", 30)
    header, _ = opened(uk.playground(uk.datasets.moons(50), tmp_path / "q.html"))
    assert header["runs"][0]["n_points"] == 30


def test_a_wide_network_is_made_as_narrow_as_the_page_needs():
    wide = np.random.default_rng(0).normal(size=(40, 1_000)).astype(np.float32)
    data = uk.Dataset(wide, np.arange(40) % 2, ("a", "b"), tuple(f"x{i}" for i in range(1_000)))
    run = start.start_of([data], 20_000)
    assert run.model.architecture == "1,000 → 16 relu → 16 relu → 1 sigmoid"
    assert uk.trace(run).is_exact


def test_what_it_refuses(tmp_path):
    wide = uk.Dataset(
        np.random.default_rng(0).normal(size=(4, 20_001)).astype(np.float32),
        np.arange(4) % 2,
        ("a", "b"),
        tuple(f"x{i}" for i in range(20_001)),
        "genes",
    )
    with pytest.raises(UsageError) as error:
        uk.playground(wide, tmp_path / "p.html")
    assert str(error.value) == (
        "genes: 20,001 features are too many to train on in a page, which does up to 20,000 "
        "multiplications a point.\n"
        "Give fewer features, or train with fit() and write a page of the run."
    )
    with pytest.raises(UsageError, match="up to 12 data sets; got 13"):
        uk.playground(["moons"] * 13, tmp_path / "p.html")
    with pytest.raises(UsageError, match=r"got no data\.\nGive data too"):
        uk.playground(path=tmp_path / "p.html", label="kind")
    with pytest.raises(UsageError, match="one class only"):
        uk.playground((np.zeros((4, 2)), np.zeros(4)), tmp_path / "p.html")
    with pytest.raises(UsageError, match="html"):
        uk.playground("moons", tmp_path / "p.png")
    assert not list(tmp_path.iterdir())
