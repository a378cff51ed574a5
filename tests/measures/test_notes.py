"""What is said beside numbers that need a warning."""

from dataclasses import replace

import numpy as np
from networks import network, rings

from unknot.measures import notes
from unknot.traces.representation import Trace
from unknot.traces.run import Checkpoint, History, Run
from unknot.traces.tracing import trace


def traced(n_wrong, n=200):
    labels = np.arange(n) % 2
    probabilities = np.eye(2)[labels]
    probabilities[:n_wrong] = probabilities[:n_wrong, ::-1]
    return Trace.from_arrays([np.eye(2)[labels]], labels, probabilities=probabilities)


def test_collapse_past_training_error_is_called_meaningless():
    (note,) = notes(traced(5), ["gdv", "nc1", "nc4"])
    assert note.text == (
        "nc1, nc4: neural collapse is a statement about training past zero error; "
        "here 2.5% of the points are wrong, so these numbers compare layers and no more."
    )


def test_nothing_is_said_without_error_or_without_collapse():
    assert notes(traced(0), ["nc1"]) == []
    assert notes(traced(5), ["gdv"]) == []
    assert notes(Trace.from_arrays([np.ones((3, 1))], [0, 1, 0]), ["nc1"]) == []


def test_a_run_is_judged_by_the_points_it_was_trained_on():
    model = network([2, 3, 1])
    data = rings(100)
    wrong = np.flatnonzero(trace(model, data).probabilities.argmax(axis=1) != data.y)
    assert 0 < len(wrong) < 100
    run = Run(model, History(), (Checkpoint(0, 0.0, model),), data, wrong)
    assert notes(run, ["nc1"]) == []
    assert (
        f"{len(wrong) / 100:.1%}" in notes(replace(run, validation_rows=wrong[:0]), ["nc1"])[0].text
    )


def test_units_that_outnumber_points_are_told():
    """Chance looks like order there: the note names the layers and how many points there are."""
    rng = np.random.default_rng(0)
    clouds = [rng.normal(size=(50, n)) for n in (3, 50, 80)]
    wide = Trace.from_arrays(clouds, np.arange(50) % 2)
    (note,) = notes(wide, ["gdv", "margin", "nc1"])
    assert note.text == (
        "margin, nc1: in layer 1, layer 2 there are as many units as points (50): classes drawn at "
        "random are apart there too."
    )
    assert notes(wide, ["gdv", "silhouette"]) == []
    assert notes(wide.take(np.arange(50)[:0]), ["gdv"]) == []
    assert notes(Trace.from_arrays(clouds[:1], np.arange(50) % 2), ["margin"]) == []
