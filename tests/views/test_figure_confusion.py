"""The confusion matrix counts what scikit-learn counts, of the points that it names."""

import numpy as np
import pytest
from matplotlib.figure import Figure

import unknot as uk
from unknot.errors import UsageError
from unknot.motion.corners import class_order
from unknot.views.figures.confusion import confusion_counts


def scores_of(n_classes, n_points=200, held_out=None):
    rng = np.random.default_rng(0)
    y = np.arange(n_points) % n_classes
    logits = 2 * np.eye(n_classes)[y] + rng.normal(size=(n_points, n_classes))
    p = uk.Softmax()(logits)
    return uk.Trace.from_arrays(
        [logits, p],
        y,
        maps=[uk.Softmax()],
        probabilities=p,
        class_names=[f"$c_{c}$" for c in range(n_classes)],
        held_out=held_out,
    )


def texts_of(figure):
    return [text.get_text() for axes in figure.axes for text in axes.texts]


def test_counts_agree_with_scikit_learn():
    from sklearn.metrics import confusion_matrix

    traced = scores_of(6)
    rows = np.arange(0, 200, 3)
    want = confusion_matrix(traced.labels[rows], traced.probabilities[rows].argmax(axis=1))
    np.testing.assert_array_equal(confusion_counts(traced, rows), want)


def test_the_points_held_out_are_counted_where_they_are_known():
    held_out = np.arange(200) % 4 == 0
    traced = scores_of(5, held_out=held_out)
    order = list(class_order(traced))
    for points, rows in {
        None: np.flatnonzero(held_out),
        "training": np.flatnonzero(~held_out),
        "all": np.arange(200),
    }.items():
        figure = uk.figures.confusion(traced, points=points)
        counts = confusion_counts(traced, rows)[np.ix_(order, order)]
        numbers = [int(text) for text in texts_of(figure) if text.isdigit()]
        assert numbers == [n for n in counts.ravel() if n]
        wrong = counts.sum() - np.trace(counts)
        said = " ".join(text.get_text() for text in figure.texts)
        everyone = f"all {len(rows)} points,"
        assert f"Of {everyone if points == 'all' else len(rows)} " in said
        assert f", {wrong} are wrong." in said


@pytest.mark.parametrize("n_classes", [2, 60])
def test_few_and_many_classes(n_classes):
    figure = uk.figures.confusion(scores_of(n_classes))
    assert len(texts_of(figure)) == (4 if n_classes == 2 else 0)


def test_in_axes_of_ones_own():
    axes = Figure().subplots()
    uk.figures.confusion(scores_of(3), ax=axes)
    assert axes.get_ylabel() == "class (columns: prediction)"


def test_what_has_no_right_and_wrong_is_told():
    traced = uk.Trace.from_arrays([np.eye(6)], np.arange(6) % 2)
    with pytest.raises(UsageError) as caught:
        uk.figures.confusion(traced)
    assert str(caught.value) == (
        "The figure 'confusion' needs class probabilities of two or more classes.\n"
        "Trace a classifier, or give probabilities= to Trace.from_arrays."
    )
    with pytest.raises(UsageError) as caught:
        uk.figures.confusion(scores_of(3), points="held out")
    assert str(caught.value) == (
        "It is not known which points are held out.\n"
        "Give held_out=, or points='all' for every point."
    )
    with pytest.raises(UsageError, match="points is one of all, held out, training; got 'some'"):
        uk.figures.confusion(scores_of(3), points="some")
