"""The training figure: curves are the history."""

from dataclasses import replace

import numpy as np
import pytest
from networks import rings
from pictures import check_texts, run, sentences, words

from unknot import UsageError
from unknot.traces.run import History
from unknot.views.figures import figure


def training(source, **options):
    return figure(source, what="training", **options)


def curves(axes):
    return {line.get_label(): line for line in axes.lines if not line.get_label().startswith("_")}


def test_curves_are_the_history():
    source = run()
    accuracy, loss = training(source).axes
    for axes, name in ((accuracy, "accuracy"), (loss, "loss")):
        drawn = curves(axes)
        assert axes.get_ylabel() == name
        assert axes.get_xlabel() == "epoch"
        for label, prefix in (("training", ""), ("validation", "validation_")):
            assert tuple(drawn[label].get_ydata()) == getattr(source.history, prefix + name)
            assert list(drawn[label].get_xdata()) == [1, 2, 3]


def test_bayes_accuracy_is_dashed_and_labelled():
    accuracy, loss = training(run()).axes
    line = curves(accuracy)["Bayes"]
    assert set(line.get_ydata()) == {0.95}
    assert line.is_dashed()
    assert "Bayes" not in curves(loss)
    assert "Bayes 0.950" in words(training(run()))


def test_without_a_known_bayes_accuracy():
    source = run()
    source = replace(source, data=replace(source.data, bayes_accuracy=None))
    assert "Bayes" not in words(training(source))


def test_every_line_is_labelled_at_its_end():
    drawn = training(run())
    text = words(drawn).splitlines()
    for label in ("training 0.900", "validation 0.800", "training 0.400", "validation 0.500"):
        assert label in text
    drawn.canvas.draw()
    renderer = drawn.canvas.get_renderer()
    for axes in drawn.axes:
        boxes = [t.get_window_extent(renderer) for t in axes.texts]
        for i, a in enumerate(boxes):
            assert not any(a.overlaps(b) for b in boxes[i + 1 :])


def test_regression_has_a_loss_only():
    history = History(loss=(3.0, 2.0), validation_loss=(3.5, 2.5))
    assert [axes.get_ylabel() for axes in training(run(history)).axes] == ["loss"]


def target_run(scale=1e4, **history):
    """Of a number: in units of scale² its variance is 2 among the trained, else 0.25."""
    source = run(History(**history))
    is_judge = np.isin(np.arange(100), source.validation_rows)
    y = np.empty(100, np.float32)
    y[~is_judge] = np.resize([-np.sqrt(2), np.sqrt(2)], 80) * scale
    y[is_judge] = np.resize([-0.5, 0.5], 20) * scale
    return replace(source, data=replace(source.data, y=y, class_names=(), bayes_accuracy=None))


def test_a_target_has_r2_in_place_of_accuracy():
    source = target_run(1.0, loss=(5.0, 0.2), validation_loss=(2.5, 0.05))
    drawn = training(source)
    r2, loss = drawn.axes
    assert (r2.get_ylabel(), loss.get_ylabel()) == ("R²", "loss (log scale)")
    for label, wanted in (("training", (-1.5, 0.9)), ("validation", (-9, 0.8))):
        np.testing.assert_allclose(curves(r2)[label].get_ydata(), wanted, atol=1e-6)
    assert r2.get_ylim()[0] == 0
    assert {"training 0.900", "validation 0.800"} <= set(words(drawn).splitlines())
    assert "R² below 0, where the mean of the target is nearer, is cut off." in sentences(drawn)
    # What another loop logged may be no squared error.
    assert [axes.get_ylabel() for axes in training(replace(source, settings={})).axes] == [
        "loss (log scale)"
    ]


def test_large_losses_are_written_without_an_exponent():
    drawn = training(target_run(loss=(9e3, 3_766.8), validation_loss=(5e3, 2_186.2)))
    assert {"training 3,767", "validation 2,186"} <= set(words(drawn).splitlines())


def test_numbers_of_thousands_of_epochs_stand_apart():
    loss = tuple(2 + 1 / np.arange(1, 5_000))
    drawn = training(target_run(1.0, loss=loss, validation_loss=loss))
    drawn.canvas.draw()
    check_texts(drawn)
    renderer = drawn.canvas.get_renderer()
    for axes in drawn.axes:
        marks = [t for t in axes.get_xticklabels() if t.get_text()]
        boxes = [t.get_window_extent(renderer) for t in marks]
        inside = [b for b in boxes if b.x0 < axes.bbox.x1 and b.x1 > axes.bbox.x0]
        assert len(inside) > 1
        assert not any(a.overlaps(b) for i, a in enumerate(inside) for b in inside[i + 1 :])


def test_nothing_held_out():
    drawn = training(run(History(loss=(1.0, 0.5), accuracy=(0.5, 0.6))))
    assert "validation" not in curves(drawn.axes[0])
    assert "Validation" not in sentences(drawn)


def test_what_another_loop_logged_is_not_called_a_mean_over_batches():
    ours = run(History(loss=(1.0, 0.5), validation_loss=(1.0, 0.6)))
    assert "mean over the epoch's batches" in sentences(training(ours))
    text = sentences(training(replace(ours, settings={})))
    assert "batches" not in text
    assert "held-out points" not in text
    assert "as the training's own loop logged them" in text


def test_a_loss_over_orders_of_magnitude():
    axes = training(run(History(loss=tuple(10.0 ** -np.arange(5))))).axes[0]
    assert axes.get_yscale() == "log"
    assert axes.get_ylabel() == "loss (log scale)"


def test_settings_and_interruption_are_told():
    text = sentences(training(run(interrupted=True)))
    assert "2 → 3 relu → 1 sigmoid" in text
    assert "80 points, 20 held out · optimizer rmsprop · learning rate 0.001" in text
    assert "The training was interrupted." in text


@pytest.mark.slow
@pytest.mark.parametrize("n_epochs", [1, 2, 40, 1_000])
@pytest.mark.parametrize("size", [3, 8])
def test_any_number_of_epochs_fits(n_epochs, size):
    loss = tuple(1 / np.arange(1, n_epochs + 1))
    accuracy = tuple(1 - 0.5 / np.arange(1, n_epochs + 1))
    source = run(History(loss, accuracy, loss, accuracy))
    source = replace(source, data=replace(rings(50), name="$x_{}^\n" * 500))
    drawn = training(source, size=size)
    drawn.canvas.draw()
    check_texts(drawn)


def test_constant_history():
    drawn = training(run(History((0.0, 0.0), (1.0, 1.0), (0.0, 0.0), (1.0, 1.0))))
    drawn.canvas.draw()
    check_texts(drawn)


def test_no_history():
    with pytest.raises(UsageError) as error:
        training(run(History(), interrupted=True))
    assert str(error.value) == (
        "The run has no history to draw: it ended before its first epoch did.\n"
        "Train for one whole epoch at least."
    )
