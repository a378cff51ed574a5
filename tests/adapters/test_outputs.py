"""Labels of several outputs: one colours, and no unit of the model is taken for its classes."""

import numpy as np
import pytest
from networks import note_texts

import unknot as uk
from unknot import Activation, Affine, Opaque, Softmax, UsageError
from unknot.views.page import page_file, unpack_page

RNG = np.random.default_rng(0)
X = RNG.normal(size=(80, 2)).astype(np.float32)
#: Labels that do not exclude each other: all four pairs occur.
Y = np.stack([X[:, 0] > 0, X[:, 1] > 0.3], axis=1).astype(int)
TARGETS = np.stack([X[:, 0] + X[:, 1], X[:, 0] - X[:, 1], X[:, 0] ** 2], axis=1)
LOGITS = Affine(np.float32([[3, 0], [0, 5]]), np.float32([0, -1.5]), "two logits")


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


@pytest.mark.parametrize(("colour", "place"), [(None, 0), (0, 0), (1, 1), (-1, 1), ("output 2", 1)])
def test_independent_sigmoids_are_one_probability_a_label(colour, place):
    traced = uk.trace([LOGITS, Activation("sigmoid")], (X, Y), colour=colour)
    name = f"output {place + 1}"
    assert traced.colour == name
    assert traced.class_names == (f"{name} = 0", f"{name} = 1")
    np.testing.assert_array_equal(traced.labels, Y[:, place])
    p = sigmoid(LOGITS(X)[:, place])
    np.testing.assert_allclose(traced.probabilities, np.stack([1 - p, p], axis=1), atol=1e-6)
    assert traced.accuracy == pytest.approx(np.mean((p > 0.5) == Y[:, place]))
    assert traced.unit_titles(2) == ("P(output 1)", "P(output 2)")
    other = "output 2" if place == 0 else "output 1"
    note = f"The labels are 2 outputs (output 1, output 2): {name} colours the points; another"
    assert f"{note} does with colour={other!r}." in note_texts(traced)
    # The boundary is that of the label that colours: a straight line along the other feature.
    _, boundary = traced.lattice.split(traced.lattice.values[0])
    line = np.concatenate(boundary)
    np.testing.assert_allclose(line[:, place], (0, 0.3)[place], atol=0.02)


@pytest.mark.parametrize("last", [Softmax(), Activation("sigmoid")], ids=str)
def test_what_sums_over_labels_is_no_distribution_of_one(last):
    """A softmax over two labels, and one sigmoid for two of them, are of something else."""
    n = 2 if isinstance(last, Softmax) else 1
    traced = uk.trace([Affine(LOGITS.weight[:, :n], LOGITS.bias[:n], "logits"), last], (X, Y))
    assert traced.probabilities is None
    assert traced.accuracy is None
    assert isinstance(traced.maps[-1], Opaque)
    assert traced.maps[-1].name == f"{last.name} of several outputs"
    assert traced.class_probabilities(X) is None
    assert not traced.holds_probabilities(len(traced.maps))


def test_advice_and_heads_are_for_labels_that_do_not_exclude_each_other():
    traced = uk.trace([LOGITS], (X, Y))
    advice = "The model ends in 2 values for 2 labels; if they are logits, trace(…, head='sigmoid')"
    assert any(note.startswith(advice) for note in note_texts(traced))
    assert not any("softmax" in note for note in note_texts(traced))
    headed = uk.trace([LOGITS], (X, Y), head="sigmoid", colour=1)
    p = sigmoid(LOGITS(X)[:, 1])
    np.testing.assert_allclose(headed.probabilities[:, 1], p, atol=1e-6)
    with pytest.raises(UsageError) as caught:
        uk.trace([LOGITS], (X, Y), head="softmax")
    assert str(caught.value) == (
        "The head softmax has no meaning here: the labels are 2 outputs, and the model ends in "
        "2 values.\nThe head of labels that do not exclude each other is sigmoid, one a value."
    )


def test_several_targets_keep_their_points_and_one_colours():
    weight = np.float32([[1, 1, 0], [1, -1, 0]])
    model = [Affine(weight, np.zeros(3, np.float32), "targets")]
    traced = uk.trace(model, (X, TARGETS), colour="output 2")
    np.testing.assert_allclose(traced.labels, TARGETS[:, 1])
    assert traced.class_names == ()
    assert traced.representations[-1].unit_names == ("output 1", "output 2", "output 3")
    assert traced.goodness.overall.r2 == pytest.approx(1)
    assert uk.trace(model, (X, TARGETS), colour=2).goodness.overall.r2 < 0.1
    # One unit is the answer to a question that nobody knows.
    one = uk.trace([Affine(weight[:, :1], np.zeros(1, np.float32), "one")], (X, TARGETS))
    assert one.goodness.facts == []
    assert not any("head=" in note for note in note_texts(traced))


def test_columns_of_frames_are_outputs_by_name(tmp_path):
    pandas = pytest.importorskip("pandas")
    labels = pandas.DataFrame(Y, columns=["rain", "frost"])
    traced = uk.trace([LOGITS, Activation("sigmoid")], (X, labels), colour="frost")
    assert (traced.colour, traced.class_names) == ("frost", ("frost = 0", "frost = 1"))
    assert unpack_page(page_file(traced))[0]["runs"][0]["colour_unit"] == traced.label_unit == 1
    loaded = uk.load(traced.save(tmp_path / "frost.safetensors"))
    assert loaded.colour == "frost"
    np.testing.assert_allclose(loaded.class_probabilities(X), traced.probabilities, atol=1e-6)
    assert "= 1" in uk.figure(loaded).texts[0].get_text() or uk.figure(loaded).axes
    words = pandas.DataFrame({"sky": ["grey", "blue"] * 40, "wind": ["none", "some"] * 40})
    named = uk.trace([LOGITS, Activation("sigmoid")], (X, words))
    assert named.class_names == ("sky = blue", "sky = grey")
    # Which of two words a sigmoid speaks for is not known.
    assert named.probabilities is None
    assert unpack_page(page_file(named))[0]["runs"][0]["colour_unit"] is None


def test_films_are_of_one_output():
    film = uk.Film((X, Y), colour=1)
    for step in range(3):
        grown = Affine(LOGITS.weight * (step + 1), LOGITS.bias, "logits")
        film.record([grown, Activation("sigmoid")], step=step)
    run = film.run()
    traced = uk.trace(run)
    np.testing.assert_array_equal(traced.labels, Y[:, 1])
    p = sigmoid((LOGITS(X) - LOGITS.bias)[:, 1] * 3 + LOGITS.bias[1])
    np.testing.assert_allclose(traced.probabilities[:, 1], p, atol=1e-5)


def test_a_film_of_several_targets_is_saved_with_its_output(tmp_path):
    film = uk.Film((X, TARGETS), colour=1)
    film.record([Affine(np.float32([[1, 1, 0], [1, -1, 0]]), np.zeros(3, np.float32))], step=0)
    run = uk.load(film.run().save(tmp_path / "film.safetensors"))
    traced = uk.trace(run)
    assert traced.colour == "output 2"
    assert traced.goodness.overall.r2 == pytest.approx(1)


@pytest.mark.parametrize(
    ("labels", "colour", "message"),
    [
        (
            Y,
            "rain",
            "There is no output 'rain' to colour by.\n"
            "Outputs: output 1, output 2, or their numbers from 0 to 1.",
        ),
        (
            Y,
            2,
            "There is no output '2' to colour by.\n"
            "Outputs: output 1, output 2, or their numbers from 0 to 1.",
        ),
        (
            Y[:, 0],
            0,
            "colour='0' names one of several outputs in the labels; they are 1 column.\n"
            "Leave colour out.",
        ),
    ],
)
def test_other_colours_are_refused(labels, colour, message):
    for call in (
        lambda: uk.trace([LOGITS], (X, labels), colour=colour),
        lambda: uk.Film((X, labels), colour=colour),
    ):
        with pytest.raises(UsageError) as caught:
            call()
        assert str(caught.value) == message


def test_training_has_one_answer():
    with pytest.raises(UsageError, match="one column"):
        uk.fit((X, Y), hidden=[2], epochs=1)


def test_perceptrons_of_scikit_learn_with_labels_that_do_not_exclude_each_other():
    neural = pytest.importorskip("sklearn.neural_network")
    multiclass = pytest.importorskip("sklearn.multiclass")
    linear = pytest.importorskip("sklearn.linear_model")
    model = neural.MLPClassifier([4], max_iter=20, random_state=0)
    with pytest.warns(UserWarning, match="Maximum iterations"):
        model.fit(X, Y)
    traced = uk.trace(model, (X, Y), colour=1)
    np.testing.assert_allclose(traced[-1].values, model.predict_proba(X), atol=1e-6)
    np.testing.assert_allclose(traced.probabilities[:, 1], model.predict_proba(X)[:, 1], atol=1e-6)
    # Beside labels of two classes it is no distribution of them.
    assert uk.trace(model, (X, Y[:, 0])).probabilities is None
    several = multiclass.OneVsRestClassifier(linear.LogisticRegression()).fit(X, Y)
    for labels in (Y, Y[:, 0]):
        traced = uk.trace(several, (X, labels))
        np.testing.assert_allclose(traced[-1].values, several.predict_proba(X), atol=1e-6)
        assert traced.probabilities is None


def of_ten_units(*more):
    torch = pytest.importorskip("torch")
    torch.manual_seed(0)
    return torch.nn.Sequential(torch.nn.Linear(2, 10), *more)


def test_class_numbers_are_places_of_a_softmax_with_more_units():
    torch = pytest.importorskip("torch")
    data = uk.datasets.circles(90, seed=1)
    y = np.where(data.y > 0, 7, 3)
    for model, options in [
        (of_ten_units(torch.nn.Softmax(1)), {}),
        (of_ten_units(torch.nn.LogSoftmax(1)), {}),
        (of_ten_units(), {"head": "softmax"}),
    ]:
        traced = uk.trace(model, (data.x, y), **options)
        np.testing.assert_array_equal(traced.labels, y)
        assert traced.class_names == tuple("0123456789")
        logits = model[0](torch.tensor(data.x)).detach()
        expected = torch.softmax(logits, 1).numpy()
        np.testing.assert_allclose(traced.probabilities, expected, atol=1e-5)
    # What ends in no probabilities may be no classifier.
    assert uk.trace(of_ten_units(), (data.x, y)).class_names == ("3", "7")
    film = uk.Film((data.x, y))
    film.record(of_ten_units(torch.nn.Softmax(1)), step=0)
    assert film.run().data.class_names == tuple("0123456789")
    np.testing.assert_array_equal(film.run().data.y, y)


def test_classes_that_are_no_units_are_told():
    torch = pytest.importorskip("torch")
    data = uk.datasets.circles(90, seed=1)
    traced = uk.trace(of_ten_units(torch.nn.Softmax(1)), (data.x, np.where(data.y > 0, 12, 3)))
    assert traced.class_names == ("3", "12")
    said = "ends in 10 probabilities, and the data have 2 classes (3, 12): there is no accuracy."
    assert any(note.text.endswith(said) for note in traced.notes)
