"""The figure of predictions against targets."""

from dataclasses import replace

import numpy as np
import pytest
from matplotlib.figure import Figure
from pictures import demo, regression, sentences, words
from sklearn.metrics import r2_score

import unknot as uk
from unknot import UsageError
from unknot.draw import style
from unknot.network.maps import Opaque
from unknot.traces.representation import Trace
from unknot.views.figures import figure


def straight(n=40, held_out=None, **changes):
    """Predictions that are one too low in the last half."""
    y = np.linspace(0, 10, n, dtype=np.float32)
    said = y - (np.arange(n) >= n // 2)
    x = y[:, None]
    made = Trace.from_arrays([x, said[:, None]], y, maps=[Opaque("model")], held_out=held_out)
    return replace(made, **changes) if changes else made


def panel(drawn):
    """The axes that have both names."""
    return next(axes for axes in drawn.axes if axes.get_ylabel() == "prediction")


def clouds(axes):
    """Places of the points, by collection."""
    return [np.asarray(each.get_offsets()) for each in axes.collections]


def test_points_stand_at_target_and_prediction_with_the_diagonal():
    drawn = figure(straight(), what="predictions")
    axes = panel(drawn)
    (places,) = clouds(axes)
    np.testing.assert_allclose(places[:, 0], np.linspace(0, 10, 40), atol=1e-6)
    np.testing.assert_allclose(places[:, 0] - places[:, 1], np.arange(40) >= 20, atol=1e-6)
    x, y = axes.lines[0].get_data()
    np.testing.assert_allclose(x, y)
    assert axes.get_xlim() == axes.get_ylim()
    colours = axes.collections[0].get_facecolors()
    # No residual is grey, a prediction that is too low orange.
    ends = [style.rgb(colour) for colour in style.RESIDUALS]
    np.testing.assert_allclose(colours[0][:3], ends[1], atol=0.02)
    np.testing.assert_allclose(colours[-1][:3], ends[2], atol=0.02)
    r2 = r2_score(places[:, 0], places[:, 1])
    assert f"R² {r2:.3f} (held out or not: unknown) · RMSE 0.707" in words(drawn)


def test_points_held_out_are_judged_and_the_others_stand_behind():
    drawn = figure(straight(held_out=np.arange(40) >= 30), what="predictions")
    behind, judged = clouds(panel(drawn))
    assert (len(behind), len(judged)) == (30, 10)
    assert "Coloured: 10 points held out." in sentences(drawn)
    assert "trained on" in words(drawn)
    r2 = r2_score(*behind.T)
    assert f"held out R² below 0 (training {r2:.3f})" in words(drawn)
    for points, n in (("training", 30), ("all", 40)):
        drawn = figure(straight(held_out=np.arange(40) >= 30), what="predictions", points=points)
        assert [len(each) for each in clouds(panel(drawn))] == [n]


def test_a_prediction_far_off_does_not_make_the_rest_a_dot():
    made = straight()
    last = made.representations[-1]
    values = last.values.copy()
    values[3] = 1e9
    made = replace(made, representations=(*made.representations[:-1], replace(last, values=values)))
    drawn = figure(made, what="predictions")
    assert panel(drawn).get_xlim()[1] < 20
    assert "1 prediction far off lies outside the picture." in sentences(drawn)


@pytest.mark.parametrize("target", ["equal", "huge", "gaps", "one"])
def test_targets_that_are_hard_to_draw(target):
    made = straight(4 if target == "one" else 40)
    n = made.n_points
    y = {
        "equal": np.full(n, 3),
        "huge": made.labels * np.float32(1e12),
        "gaps": np.where(np.arange(n) % 4 == 0, np.nan, made.labels),
        "one": np.where(np.arange(n) < n - 1, np.nan, 1),
    }[target]
    drawn = figure(replace(made, labels=y.astype(np.float32)), what="predictions")
    (places,) = clouds(panel(drawn))
    assert len(places) == np.isfinite(y).sum()
    assert ("R² undefined" in words(drawn)) == (target in ("equal", "one"))


def test_it_draws_into_axes_and_many_points_as_density():
    paper = Figure(figsize=(4, 4))
    axes = paper.add_subplot()
    assert uk.figures.predictions(straight(4_000), ax=axes) is paper
    assert len(axes.images) == 1
    assert axes.get_ylabel() == "prediction"


def test_a_network_of_unknot_s_own():
    assert "bowl: predictions" in words(figure(regression(), what="predictions"))


@pytest.mark.parametrize(
    ("make", "points", "message"),
    [
        (
            demo,
            None,
            "The figure 'predictions' needs a network that predicts a number, and its target.\n"
            "Of classes 'confusion' shows right and wrong.",
        ),
        (
            lambda: Trace.from_arrays([np.eye(3), np.eye(3)[:, :2]], [0.5, 1, 2]),
            None,
            "The figure 'predictions' needs a network that predicts a number, and its target.\n"
            "Give the targets as labels; of several outputs colour= says which.",
        ),
        (straight, "some", "points is one of all, held out, training; got 'some'."),
        (
            straight,
            "held out",
            "It is not known which points are held out.\n"
            "Give held_out=, or points='all' for every point.",
        ),
        (
            lambda: straight(held_out=np.zeros(40, bool)),
            "held out",
            "There are no points held out with a target.\nChoose other points.",
        ),
    ],
)
def test_refused(make, points, message):
    with pytest.raises(UsageError) as caught:
        figure(make(), what="predictions", points=points)
    assert str(caught.value) == message
