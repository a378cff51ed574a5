"""Maps of neighbours on a page: carried as values, said, and nothing of the network lost."""

import numpy as np
import pytest
from networks import network

import unknot as uk
from unknot.cli import main
from unknot.errors import UsageError
from unknot.motion import neighbours
from unknot.motion.scene import Scene
from unknot.traces.representation import Trace
from unknot.traces.tracing import trace
from unknot.views.page import page_file, unpack_page

MEANING = "a map of neighbours: distances and paths mean nothing"


def clouds(n=90):
    """Three groups through 5 tanh units."""
    rng = np.random.default_rng(0)
    y = np.arange(n) % 3
    x = (3 * np.eye(3, 4)[y] + rng.normal(size=(n, 4))).astype(np.float32)
    return uk.datasets.from_arrays(x, y, name="groups")


def traced(n=90):
    return trace(network([4, 5, 3], "tanh", "softmax"), clouds(n))


def opened(source, **options):
    header, buffers = unpack_page(page_file(source, projection="neighbours", **options))
    return header, header["runs"][0], buffers


def places(run, buffers, i, k):
    """Of one map, as the page reads it."""
    stored = run["neighbours"]["values"][i][k]
    low, high = np.array(stored["low"]), np.array(stored["high"])
    return low + (high - low) * buffers[stored["buffer"]] / 65_535


@pytest.mark.parametrize("n_axes", [2, 3])
def test_a_page_carries_the_maps_of_a_scene_beside_the_network(n_axes):
    source = traced()
    header, run, buffers = opened(source, n_axes=n_axes)
    scene = Scene(source, projection="neighbours", n_axes=n_axes)
    assert header["n_axes"] == run["neighbours"]["n_axes"] == n_axes
    assert run["carrier"] == "weights"
    assert run["neighbours"]["meaning"] == MEANING
    for k in range(len(source)):
        np.testing.assert_allclose(places(run, buffers, 0, k), scene.points(k), atol=1e-4)
        readout, trust = scene.readout(k), run["neighbours"]["trustworthiness"][0][k]
        assert trust == (readout and pytest.approx(readout.trustworthiness, abs=1e-6))
    again = opened(scene, n_axes=n_axes)[1]["neighbours"]
    assert again["values"] == run["neighbours"]["values"]


def test_a_run_has_maps_at_each_checkpoint_and_those_that_stay_once():
    run = uk.fit(clouds(), hidden=[5], activation="tanh", steps=30, seed=0)
    _, described, buffers = opened(run)
    maps = described["neighbours"]
    n = len(described["checkpoints"])
    assert 2 <= n <= 12
    assert described["checkpoints"][-1]["step"] == run.checkpoints[-1].step
    assert len(maps["values"]) == len(maps["trustworthiness"]) == n
    assert len({each[0]["buffer"] for each in maps["values"]}) == 1
    assert len({each[-1]["buffer"] for each in maps["values"]}) == n
    assert buffers["run0.weights"].shape[0] == n
    # The network can still be trained there.
    assert described["training"] is not None


def test_of_many_points_the_page_has_those_that_are_mapped_and_says_so(monkeypatch):
    monkeypatch.setattr(neighbours, "MOST_POINTS", 40)
    monkeypatch.setattr("unknot.views.page.neighbours.MOST_POINTS", 40)
    header, run, _ = opened(traced())
    assert run["n_points"] == 40
    assert "90 points (40 shown)" in header["description"]
    assert run["notes"].count("It is of 40 of the 90 points.") == 1


def test_other_pages_have_no_maps_and_begin_with_no_other_projection():
    header, _ = unpack_page(page_file(traced()))
    assert "neighbours" not in header["runs"][0]
    with pytest.raises(UsageError) as caught:
        page_file(traced(), projection="pca")
    assert str(caught.value) == (
        "A page begins with projection 'auto' or 'neighbours'; got 'pca'.\n"
        "Leave projection out, and choose what is seen in the page."
    )


def test_the_widget_has_them_too():
    pytest.importorskip("anywidget")
    run = unpack_page(uk.show(traced(), projection="neighbours").page_file)[0]["runs"][0]
    assert run["neighbours"]["meaning"] == MEANING
    with pytest.raises(UsageError) as caught:
        uk.show(clouds(), train=True, projection="neighbours")
    assert str(caught.value).startswith("projection has no meaning for a widget that trains: ")


def test_measures_of_a_scene_of_maps():
    scene = Scene(traced(), projection="neighbours")
    frame = uk.measure(scene, measures=["variance_shown", "displacement_shown", "trustworthiness"])
    first = frame.row(1, named=True)
    assert first["trustworthiness"] == pytest.approx(scene.readout(1).trustworthiness)
    assert first["variance_shown"] is first["displacement_shown"] is None
    assert {r["reason"] for r in first["reasons"]} == {
        "lengths in a map of neighbours mean nothing"
    }


@pytest.mark.parametrize(
    ("command", "name"),
    [("figure", "a.svg"), ("page", "a.html"), ("animate", "a.gif")],
)
def test_on_the_command_line(command, name, tmp_path, capsys):
    small = Trace.from_arrays([r.values for r in traced(40)][:2], clouds(40).y)
    source = small.save(tmp_path / "t.safetensors")
    more = ["--size", "240", "--seconds", "0.2"] if command == "animate" else []
    options = ["--projection", "neighbours", "-o", str(tmp_path / name), *more]
    with pytest.raises(SystemExit) as ended:
        main([command, str(source), *options])
    assert ended.value.code == 0
    capsys.readouterr()
    if command == "figure":
        words = " ".join((tmp_path / name).read_text("utf-8").split())
        assert "distances and paths mean nothing" in words
    else:
        assert (tmp_path / name).stat().st_size > 0
