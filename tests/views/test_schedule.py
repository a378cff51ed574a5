"""Schedule: film time covers every visible beat and every pause, in order."""

from itertools import pairwise

import numpy as np
import pytest
from pictures import ZOO, demo

from unknot.errors import UsageError
from unknot.motion.scene import Scene
from unknot.views.films.layers import LONGEST, Schedule, eased


@pytest.fixture(scope="module")
def scene():
    return Scene(demo())


def test_segments_follow_each_other(scene):
    segments = Schedule(scene).segments
    assert segments[0].start == 0
    for before, after in pairwise(segments):
        assert before.stop == after.start
        assert before.seconds > 0
    pauses = [s.k for s in segments if s.beat is None]
    assert pauses == list(range(len(scene.stops)))
    beats = [s.beat for s in segments if s.beat is not None]
    assert beats == [beat for beat in scene.beats if beat.is_visible]


def test_demo_takes_about_twelve_seconds(scene):
    assert 10 < Schedule(scene).seconds < 14


@pytest.mark.parametrize("seconds", [0.5, 7.0, 33.3])
def test_asked_for_length(scene, seconds):
    assert Schedule(scene, seconds=seconds).seconds == pytest.approx(seconds)


def test_asked_for_pauses(scene):
    schedule = Schedule(scene, seconds=20, pause=1.5)
    assert schedule.seconds == pytest.approx(20)
    pauses = [s.seconds for s in schedule.segments if s.beat is None]
    assert pauses == pytest.approx([1.5] * len(scene.stops))
    without = Schedule(scene, pause=0)
    assert [s.seconds for s in without.segments if s.beat is None] == [0.0] * len(scene.stops)


def test_pauses_that_leave_no_time(scene):
    with pytest.raises(UsageError) as raised:
        Schedule(scene, seconds=6, pause=1)
    assert str(raised.value) == (
        "6 pauses of 1 s leave nothing of 6 s for the motion.\n"
        "Ask for more than 6 seconds, or for shorter pauses."
    )


def test_time_goes_forward_and_stands_at_stops(scene):
    schedule = Schedule(scene)
    times = np.linspace(0, schedule.seconds, 2_000)
    ts = [schedule.at(float(time)).t for time in times]
    assert (np.diff(ts) >= 0).all()
    assert (ts[0], ts[-1]) == (0, scene.length)
    for segment in schedule.segments:
        if segment.beat is None:
            middle = schedule.at((segment.start + segment.stop) / 2)
            assert middle.t == segment.k
            assert middle.presence == 1


def test_film_jumps_over_beats_that_are_not_seen(scene):
    schedule = Schedule(scene)
    shown = [schedule.at(float(time)).t for time in np.linspace(0, schedule.seconds, 5_000)]
    for beat in scene.beats:
        inside = [t for t in shown if beat.start < t < beat.stop]
        assert bool(inside) == beat.is_visible


def test_motion_starts_and_stops_softly(scene):
    schedule = Schedule(scene)
    beat = next(s for s in schedule.segments if s.beat is not None)
    h = beat.seconds / 1_000
    first = schedule.at(beat.start + h).t - schedule.at(beat.start).t
    middle = beat.start + beat.seconds / 2
    fastest = schedule.at(middle + h).t - schedule.at(middle).t
    assert first < 0.02 * fastest
    assert eased(0) == 0
    assert eased(1) == 1
    assert eased(0.5) == 0.5


def test_names_come_and_go_but_stay_at_both_ends(scene):
    schedule = Schedule(scene)
    first, last = schedule.segments[0], schedule.segments[-1]
    assert schedule.at(0).presence == schedule.at(schedule.seconds).presence == 1
    assert schedule.at(first.stop - 1e-6).presence < 0.01
    assert schedule.at(last.start + 1e-6).presence < 0.01


def test_columns_stay_up_between_two_lines(scene):
    schedule = Schedule(scene)
    logit = next(s for s in schedule.segments if s.beat is None and s.k == scene.length - 1)
    assert schedule.at(logit.start + 1e-6).lift < 0.01
    assert schedule.at(logit.stop - 1e-6).lift == 1
    assert schedule.at(schedule.segments[-1].start).lift == 1


def test_columns_of_a_one_feature_input_go_down():
    schedule = Schedule(Scene(ZOO["one feature"]()))
    first = schedule.segments[0]
    assert schedule.at(0).lift == 1
    assert schedule.at(first.stop - 1e-6).lift < 0.01


def test_deep_networks_do_not_take_for_ever():
    scene = Scene(ZOO["deep"]())
    assert Schedule(scene).seconds <= LONGEST
