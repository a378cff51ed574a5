"""Films made in another process, and films and pages of more points than they can show."""

import os
import sys

import pytest
from networks import cloud, network

import unknot as uk
from unknot.errors import UnknotError
from unknot.motion.scene import Scene
from unknot.views.films import apart, layers
from unknot.views.films.apart import films_apart
from unknot.views.films.layers import LayersFilm, Schedule
from unknot.views.page import excerpt, page_file, unpack_page

SHORT = {"size": 240, "seconds": 0.2}


@pytest.fixture
def saved(tmp_path):
    trace = uk.trace(network([2, 3, 1]), cloud(400, 2, 2))
    return trace, trace.save(tmp_path / "t.safetensors")


@pytest.fixture(params=["another process", "this process"])
def place(request, monkeypatch):
    monkeypatch.setattr(os, "cpu_count", lambda: 1 if request.param == "this process" else 2)
    return request.param


@pytest.mark.slow
def test_films_are_there_when_the_block_ends_the_same_in_either_process(saved, place, tmp_path):
    trace, file = saved
    uk.animate(trace, tmp_path / "own.mp4", **SHORT)
    with films_apart(trace.n_points) as order:
        films = {
            str(tmp_path / f"{name}.mp4"): SHORT | {"n_axes": n} for name, n in (("a", 2), ("b", 3))
        }
        order(trace, file, films)
    assert (tmp_path / "a.mp4").read_bytes() == (tmp_path / "own.mp4").read_bytes()
    assert (tmp_path / "b.mp4").stat().st_size > 1_000


@pytest.mark.slow
def test_what_fails_there_is_said_here(saved, place):
    trace, file = saved
    path = file / "a.mp4"
    with pytest.raises(UnknotError) as error, films_apart(trace.n_points) as order:
        order(trace, file, {str(path): SHORT})
    with pytest.raises(UnknotError) as same:
        uk.animate(trace, path, **SHORT)
    assert str(error.value) == str(same.value)


@pytest.mark.slow
def test_the_other_process_ends_with_the_block(saved, tmp_path, monkeypatch):
    started = []
    popen = apart.subprocess.Popen
    monkeypatch.setattr(
        apart.subprocess, "Popen", lambda *a, **o: started.append(popen(*a, **o)) or started[-1]
    )
    with pytest.raises(KeyboardInterrupt), films_apart(10):
        raise KeyboardInterrupt
    assert started[0].poll() is not None
    # One that dies of itself says why.
    monkeypatch.setattr(apart, "CALL", "raise ValueError('no')")
    with pytest.raises(UnknotError) as error, films_apart(10) as order:
        order(*saved, {str(tmp_path / "a.mp4"): SHORT})
    assert str(error.value) == ("The films along the layers could not be made: ValueError: no")


@pytest.mark.slow
def test_a_trace_of_many_points_is_not_read_again(saved, tmp_path, monkeypatch):
    monkeypatch.setattr(apart, "MOST_POINTS", 10)
    trace, file = saved
    file.unlink()
    with films_apart(trace.n_points) as order:
        order(trace, file, {str(tmp_path / "a.mp4"): SHORT})
    assert (tmp_path / "a.mp4").is_file()


def test_nobody_is_started_for_many_points_or_without_a_python(monkeypatch):
    monkeypatch.setattr(apart.subprocess, "Popen", None)
    with films_apart(apart.MOST_POINTS + 1):
        pass
    monkeypatch.setattr(sys, "executable", "")
    with films_apart(10):
        pass


def test_a_film_of_more_points_than_it_can_show_says_so(saved, monkeypatch):
    trace, _ = saved
    monkeypatch.setattr(layers, "MOST_POINTS", 100)
    scene = Scene(trace)
    film = LayersFilm(scene, Schedule(scene), 240, 240)
    assert "400 points (100 shown)" in film._sentence(0)
    assert film.scene.points(0.5).shape == (100, 2)
    assert film.draw(0.5).shape == (240, 240, 4)
    # What is said and how large the box is come from all points.
    assert film._sentence(scene.length) == LayersFilm(scene, Schedule(scene), 240, 240)._sentence(
        scene.length
    )
    assert f"{100 * trace.accuracy:.1f} %" in film._sentence(scene.length)
    assert film.scene.extent(1.0).radius == scene.extent(1.0).radius
    assert scene.points(0.5).shape == (400, 2)


def test_a_page_of_more_points_than_it_can_move_says_so(saved, monkeypatch):
    trace, _ = saved
    monkeypatch.setattr(excerpt, "MOST_POINTS", 100)
    header, _ = unpack_page(page_file(trace))
    assert header["runs"][0]["n_points"] == 100
    assert "400 points (100 shown)" in header["description"]
