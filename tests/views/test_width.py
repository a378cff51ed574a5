"""Pictures and the film of a search for the minimum width."""

import numpy as np
import polars
import pytest
from films import frames_of

import unknot as uk
from unknot.errors import UsageError
from unknot.views.figures import figure
from unknot.views.figures.width import NearCeiling, swarm


@pytest.fixture(scope="module")
def result():
    data = uk.datasets.circles(2_000, noise=0.2, factor=0.5, seed=1)
    return uk.minimum_width(
        data, activation="tanh", max_width=3, restarts=6, steps=1_200, tolerance=0.03
    )


def texts(drawn):
    words = [t.get_text() for t in drawn.texts]
    for axes in drawn.axes:
        words += [t.get_text() for t in (*axes.texts, *axes.get_xticklabels())]
    return words


@pytest.mark.slow
def test_every_training_is_a_dot_and_the_kept_one_a_ring(result):
    dots = figure(result).axes[0]
    scale = NearCeiling(result.ceiling.accuracy, result.tolerance)
    drawn = [np.asarray(c.get_offsets()) for c in dots.collections if len(c.get_offsets())]
    assert [len(each) for each in drawn] == [6, 1] * 3
    for width, trained, chosen in zip(result, drawn[::2], drawn[1::2], strict=True):
        assert trained[:, 1] == pytest.approx(scale.height(width.accuracies))
        assert chosen[0, 1] == pytest.approx(float(scale.height(width.accuracy)))
        low, high = dots.get_ylim()
        assert (trained[:, 1] > low).all()
        assert (trained[:, 1] < high).all()


@pytest.mark.slow
def test_the_answer_the_verdicts_and_the_shares_are_told(result):
    words = texts(figure(result))
    assert "circles: 3 hidden units are enough" in words
    assert words.count("too\nsmall") == 2
    assert words.count("enough") == 1
    assert f"{result[3].n_reached}/6" in words
    shares = figure(result).axes[1]
    heights = [bar.get_height() for bar in shares.patches]
    assert heights == pytest.approx([w.share for w in result])


@pytest.mark.slow
def test_a_panel_of_regions_a_width(result):
    drawn = figure(result, what="regions")
    assert len(drawn.axes) >= 3
    words = texts(drawn)
    assert "2 units" in words
    assert f"{result[2].accuracy:.4f}, too small" in words


@pytest.mark.slow
def test_regions_need_a_plane():
    data = uk.datasets.shells(300, dimension=3, seed=1)
    result = uk.minimum_width(data, max_width=1, restarts=2, steps=50, tolerance=0.1)
    with pytest.raises(UsageError) as error:
        figure(result, what="regions")
    assert str(error.value) == (
        "The figure 'regions' shows the plane of 2 features; 'shells' has 3.\n"
        "Use 'accuracy' for this search."
    )
    with pytest.raises(UsageError) as error:
        uk.animate(result, "film.gif")
    assert str(error.value) == (
        "This film shows a width that fails beside one that is enough; no width is enough here.\n"
        "Film one of them: unknot.animate(result[width].run, path)"
    )


def test_unknown_figures_and_options(result):
    with pytest.raises(UsageError, match="got a MinimumWidth"):
        figure(result, what="pairs")
    with pytest.raises(UsageError) as error:
        uk.figures.accuracy(result[1].run)
    assert str(error.value) == (
        "The figure 'accuracy' shows a search for the minimum width; got a Run.\n"
        "Give what unknot.minimum_width returned."
    )
    with pytest.raises(UsageError, match="shows the table of a sweep; got a MinimumW"):
        uk.figures.sweep(result)
    with pytest.raises(UsageError) as error:
        figure(result, units=[0, 1])
    assert "takes no units; these do: " in str(error.value)
    assert str(error.value).endswith("\nArguments of 'accuracy': size, figure.")


def test_the_film_shows_both_networks(result, tmp_path):
    path = tmp_path / "film.gif"
    assert uk.animate(result, path, size=240, fps=4, seconds=1.5) == path
    frames, _ = frames_of(path, 0, 0)
    assert len(frames) == 6
    height, width, _ = frames[0].shape
    assert width == 480
    assert height > 240
    # In the middle of the film the two clouds differ.
    left, right = frames[3][-240:, :239], frames[3][-240:, 241:]
    assert np.abs(left.astype(int) - right.astype(int)).mean() > 1


def test_the_scale_rises_and_keeps_ticks_apart():
    scale = NearCeiling(0.89, 0.005)
    accuracies = np.linspace(0, 0.8915, 500)
    assert (np.diff(scale.height(accuracies)) > 0).all()
    assert np.isfinite(scale.height([0.0, 0.89, 1.0])).all()
    ticks = scale.ticks(0.5, 0.2)
    assert {0.89, 0.885} <= set(ticks)
    assert (np.diff(scale.height(ticks)) >= 0.2 - 1e-9).sum() >= len(ticks) - 2


def test_dots_of_one_height_lie_side_by_side():
    places = swarm(np.zeros(40), 0.1)
    assert len(np.unique(places)) == 40
    assert np.abs(places).max() <= 0.5
    assert places.mean() == pytest.approx(0)
    assert (swarm(np.arange(5.0), 0.1) == 0).all()


def test_the_map_of_a_sweep_holds_the_best_of_each_cell():
    table = polars.DataFrame(
        {
            "depth": [1, 1, 1, 2, 2],
            "width": [2, 2, 3, 2, None],
            "activation": ["relu"] * 5,
            "accuracy": [0.5, 0.7, 0.9, 0.8, 1.0],
            "bayes_accuracy": [0.95] * 5,
        }
    )
    drawn = figure(table)
    cells = [t.get_text() for t in drawn.axes[0].texts]
    assert cells[:3] == ["0.700", "0.900", "0.800"]
    assert any("No classifier can beat 0.9500." in t.get_text() for t in drawn.texts)


def test_a_table_that_is_no_sweep():
    with pytest.raises(UsageError) as error:
        uk.figures.sweep(polars.DataFrame({"a": [1]}))
    assert str(error.value) == (
        "This table has no depth, width, activation, accuracy: it is not that of a sweep.\n"
        "Make one: unknot.sweep(data, hidden=[[2], [3], [2, 2], [3, 3]])"
    )
