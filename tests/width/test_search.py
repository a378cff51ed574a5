"""The search as a whole: numbers that are known, bad input, going on from a file."""

import json
from dataclasses import replace

import numpy as np
import pytest

import unknot as uk
from unknot.errors import UsageError
from unknot.training import optimisers
from unknot.width import batch, search, workers
from unknot.width.result import Ceiling
from unknot.width.search import _tolerance

#: The best accuracy of one hidden layer of 1 to 6 relu units on circles(noise=0.2, factor=0.5);
#: for 2 the one of least loss.
OPTIMA = (0.609, 0.719, 0.8866, 0.8889, 0.8889, 0.8894)
#: So that a search takes a second.
QUICK = {"max_width": 3, "restarts": 8, "steps": 1_500, "tolerance": 0.02, "progress": False}


@pytest.fixture(scope="module")
def data():
    return uk.datasets.circles(4_000, noise=0.2, factor=0.5, seed=1)


@pytest.fixture(scope="module")
def quick(data):
    return uk.minimum_width(data, activation="tanh", **QUICK)


def numbers(result):
    return [(w.accuracies, w.losses, w.verdict, w.reason) for w in result]


@pytest.mark.slow(first=True)
@pytest.mark.parametrize(
    ("activation", "optima"), [("relu", OPTIMA), ("tanh", (None, None, 0.8899, None))]
)
def test_the_known_optima_of_circles(activation, optima):
    data = uk.datasets.circles(100_000, noise=0.2, factor=0.5, seed=2)
    result = uk.minimum_width(data, activation=activation, max_width=len(optima), progress=False)
    assert result.answer == 3
    assert result[2].verdict == result[1].verdict == "too small"
    for width, optimum in zip(result, optima, strict=True):
        if optimum is not None:
            assert width.accuracy == pytest.approx(optimum, abs=0.002)


@pytest.mark.slow
def test_three_units_for_a_ring_around_a_disc(quick, data):
    assert quick.answer == 3
    assert [w.width for w in quick] == [1, 2, 3]
    assert quick[2].verdict == "too small"
    assert quick[2].accuracy < 0.75
    assert quick.ceiling.source == "Bayes accuracy"
    assert quick.ceiling.accuracy == data.bayes_accuracy
    assert quick.winner is quick[3]
    assert quick.best_failing is quick[2]
    assert not quick.advice


@pytest.mark.slow
def test_the_kept_network_is_a_run_for_every_view(quick):
    run = quick[3].run
    assert run.model.architecture == "2 → 3 tanh → 1 sigmoid"
    assert len(run.checkpoints) > 5
    trace = uk.trace(run)
    accuracy = ((trace.probabilities[:, -1] > 0.5) == (run.data.y == 1)).mean()
    assert accuracy == pytest.approx(max(quick[3].training_accuracies), abs=1e-3)


@pytest.mark.slow
def test_json_has_the_public_keys_and_no_odd_numbers(quick):
    text = json.dumps(quick.as_json(), allow_nan=False)
    value = json.loads(text)
    assert {"answer", "ceiling", "ceiling_source", "tolerance", "widths"} <= set(value)
    assert value["metric"] == "accuracy"
    assert value["answer_range"] == [value["answer"]] * 2
    assert value["majority_share"] == pytest.approx(0.5, abs=0.01)
    for each in value["widths"]:
        assert {"width", "best", "median", "accuracies", "verdict", "reason"} <= set(each)
        assert each["best"] == max(each["accuracies"])
        assert each["scores"] == each["accuracies"]
        assert set(each["recalls"]) == {"large", "small"}
        assert np.mean(list(each["recalls"].values())) == pytest.approx(each["accuracy"], abs=1e-4)


@pytest.mark.slow
def test_the_same_seed_gives_the_same_answer_and_another_another(quick, data):
    assert numbers(uk.minimum_width(data, activation="tanh", **QUICK)) == numbers(quick)
    other = uk.minimum_width(data, activation="tanh", seed=1, **QUICK)
    assert numbers(other) != numbers(quick)


@pytest.mark.slow
def test_data_without_a_generator_are_held_to_strong_models(data):
    own = uk.datasets.from_arrays(data.x, data.y)
    result = uk.minimum_width(own, activation="tanh", **(QUICK | {"tolerance": 0.03}))
    assert result.judged_on == "held-out rows"
    assert set(result.ceiling.candidates) == {
        "gradient boosting",
        "nearest neighbours",
        "networks of width 64",
    }
    assert set(result.ceiling.choice) == set(result.ceiling.candidates)
    # Chosen on other rows than those it is measured on.
    source = result.ceiling.source
    assert result.ceiling.choice[source] == max(result.ceiling.choice.values())
    assert result.ceiling.accuracy == result.ceiling.candidates[source]
    assert len(result[1].run.validation_rows) == result.n_judging == 800
    assert result.answer == 3


def test_no_width_is_enough(data):
    result = uk.minimum_width(data, **(QUICK | {"max_width": 1, "tolerance": 0.01}))
    assert result.answer is None
    assert result.winner is None
    assert result.best_failing is result[1]
    assert result.advice == (
        "No width up to 1 comes within 0.01 of the ceiling 0.8899; the best is "
        f"{result[1].accuracy:.4f} at width 1. Try a larger max_width (2), more depth, or a larger "
        "tolerance."
    )


@pytest.mark.slow
def test_it_goes_on_from_its_file(data, tmp_path, monkeypatch):
    path = tmp_path / "w.parquet"
    options = {"activation": "tanh", "out": path} | QUICK
    few = uk.minimum_width(data, **(options | {"max_width": 2}))
    done = []

    def counted(points, task, interrupt=None):
        done.append(task.hidden)
        return batch.train_batch(points, task, interrupt)

    monkeypatch.setattr(workers, "train_batch", counted)
    all_ = uk.minimum_width(data, **options)
    assert done == [(3,)]
    assert numbers(all_)[:2] == numbers(few)
    again = uk.minimum_width(data, **(options | {"tolerance": 0.05}))
    assert done == [(3,)]
    weights = [result[3].run.model.layers[0].weight for result in (all_, again)]
    assert np.array_equal(*weights)
    assert all_[3].run.history == again[3].run.history


def test_ctrl_c_keeps_what_was_finished(data, tmp_path, monkeypatch):
    path = tmp_path / "w.parquet"

    def interrupted(points, task, interrupt=None):
        if task.hidden == (1,):
            interrupt.requested = True
        return batch.train_batch(points, task, interrupt)

    monkeypatch.setattr(workers, "train_batch", interrupted)
    monkeypatch.setattr(workers, "_n_threads", lambda: 1)
    options = {"activation": "tanh", "out": path} | QUICK
    result = uk.minimum_width(data, **options)
    assert result.interrupted
    assert result.answer is None
    assert [w.width for w in result] == [2, 3]
    monkeypatch.undo()
    assert uk.minimum_width(data, **options).answer == 3


@pytest.mark.parametrize(
    ("change", "text"),
    [
        (
            {"max_width": 0},
            "Got 0 as largest width; allowed: a whole number, 1 to 512.",
        ),
        (
            {"restarts": 0},
            "Got 0 as number of restarts; allowed: a whole number, 1 to 1,000,000.",
        ),
        ({"depth": 21}, "Got 21 as depth; allowed: a whole number, 1 to 20."),
        ({"steps": 1}, "Got 1 as number of steps; allowed: a whole number, 10 to 1,000,000."),
        (
            {"tolerance": 0},
            "Got 0 as tolerance; allowed: above 0, below 0.5.\n"
            "It is the accuracy that may be missing to the ceiling; the usual one is 0.005.",
        ),
        (
            {"tolerance": "much"},
            "Got 'much' as tolerance; allowed: above 0, below 0.5.\n"
            "It is the accuracy that may be missing to the ceiling; the usual one is 0.005.",
        ),
        (
            {"optimizer": "adma"},
            f"Unknown optimiser 'adma'. Did you mean 'adam'?\nAllowed: {', '.join(optimisers)}.",
        ),
        (
            {"out": "w.csv"},
            "Cannot write w.csv: .csv is not a supported type.\nAllowed: .parquet.",
        ),
    ],
)
def test_bad_arguments(data, change, text):
    with pytest.raises(UsageError) as error:
        uk.minimum_width(data, **(QUICK | change))
    assert str(error.value) == text


def test_an_unknown_activation(data):
    with pytest.raises(UsageError, match="Did you mean 'relu'"):
        uk.minimum_width(data, activation="rleu")


@pytest.mark.slow
def test_a_tolerance_below_the_standard_error():
    with pytest.raises(UsageError) as error:
        uk.minimum_width(uk.datasets.iris(), tolerance=0.005, steps=50, progress=False)
    first, second = str(error.value).splitlines()
    assert first.startswith("A tolerance of 0.005 is below the standard error of an accuracy on ")
    assert "the 30 points that judge" in first
    assert second.startswith("Ask for a tolerance of at least ")
    assert second.endswith(" can be held out.")


def test_without_a_tolerance_it_is_what_the_points_can_tell():
    def chosen(accuracy, n, wanted=None):
        return _tolerance(wanted, Ceiling(accuracy, "a", {}), n)

    assert chosen(0.99, 1_000_000) == 0.005
    assert chosen(0.99, 1_000_000, 0.02) == 0.02
    for accuracy, n in ((0.967, 30), (0.97, 359), (0.9, 100)):
        level = chosen(accuracy, n)
        error = np.sqrt((accuracy - level) * (1 - accuracy + level) / n)
        assert 2.5 * error - 1e-9 <= level <= 2.5 * error + 0.002
    assert chosen(0.6, 4) == 0.499


def test_one_class():
    x = np.random.default_rng(0).normal(size=(50, 2))
    data = uk.datasets.Dataset(x.astype(np.float32), np.zeros(50, np.int64), ("a", "b"), ("u", "v"))
    with pytest.raises(UsageError) as error:
        uk.minimum_width(data)
    assert str(error.value) == (
        "The data have one class only; a classifier needs rows of at least two.\n"
        "Choose another label, or leave out class names for a regression."
    )


def test_fewer_points_than_classes():
    x = np.zeros((3, 2), np.float32)
    data = uk.datasets.Dataset(x, np.arange(3), tuple("abcd"), ("u", "v"))
    with pytest.raises(UsageError) as error:
        uk.minimum_width(data)
    assert str(error.value) == (
        "Got 3 points of 4 classes: fewer points than classes.\nGive more points, or join classes."
    )


def test_a_number_to_predict():
    with pytest.raises(UsageError) as error:
        uk.minimum_width(uk.datasets.swiss_roll(200))
    assert str(error.value) == (
        "The minimum width is that of a classifier; these data have a number to predict.\n"
        "Choose a label with classes, or cut the number into classes."
    )


def test_the_search_module_has_the_public_function():
    assert uk.minimum_width is search.minimum_width


def rare_disc(n, share, seed=0):
    """A disc in the middle of a ring, with a gap between them."""
    random = np.random.default_rng(seed)
    y = (np.arange(n) < share * n).astype(int)
    radius = np.where(y == 1, 0.2 * np.sqrt(random.random(n)), 1 + 0.05 * random.normal(size=n))
    angle = random.uniform(0, 2 * np.pi, n)
    x = radius[:, None] * np.stack([np.cos(angle), np.sin(angle)], axis=1)
    return uk.datasets.from_arrays(x, y, class_names=["ring", "disc"])


@pytest.mark.slow
def test_a_rare_class_is_neither_forgotten_nor_lost():
    options = QUICK | {"tolerance": 0.03, "activation": "tanh"}
    result = uk.minimum_width(rare_disc(6_000, 0.04), **options)
    assert result.metric == "balanced_accuracy"
    assert result.majority_share > 0.95
    assert result.constant_score == 0.5
    assert result.answer == 3
    assert result[3].recalls["disc"] == 1
    assert result[1].recalls["disc"] > 0.5, "rows of the rare class weigh too little"
    assert result[1].verdict == "too small"
    # By the accuracy always answering "ring" comes within the tolerance, and so does one unit.
    changed = options | {"max_width": 1, "tolerance": 0.06}
    plain = uk.minimum_width(rare_disc(6_000, 0.04), metric="accuracy", **changed)
    assert plain.answer is plain.answer_range is None
    assert plain[1].verdict == "undecided"
    assert plain.advice.startswith("Always giving the same answer comes within the tolerance too")


@pytest.mark.slow
def test_labels_that_say_nothing_of_the_features():
    random = np.random.default_rng(0)
    data = uk.datasets.from_arrays(random.normal(size=(3_000, 2)), random.integers(2, size=3_000))
    result = uk.minimum_width(data, **(QUICK | {"max_width": 1, "tolerance": 0.05}))
    assert result.answer is result.answer_range is None
    assert result.advice.startswith("There is nothing to learn by this measure")


@pytest.mark.slow
def test_ten_rows_tell_nothing():
    random = np.random.default_rng(0)
    ten = uk.datasets.from_arrays(random.normal(size=(10, 2)), np.arange(10) % 2, name="ten")
    result = uk.minimum_width(ten, **(QUICK | {"max_width": 1, "tolerance": None}))
    assert result.answer is result.answer_range is None
    assert result.advice == (
        "Only 2 points of 'ten' can judge, which tells no width from another. "
        "Give more points: 20 to judge are the least that can tell anything."
    )


@pytest.mark.slow
def test_by_the_log_loss(data):
    own = uk.datasets.from_arrays(data.x, data.y)
    options = QUICK | {"activation": "tanh", "metric": "log_loss", "tolerance": 0.05}
    result = uk.minimum_width(own, **options)
    assert result.answer == 3
    assert result[2].verdict == "too small"
    for width in result:
        # The network with the lowest training loss is chosen.
        assert width.training_score == pytest.approx(-width.lowest_loss)
        assert max(width.scores) < 0
    assert result.constant_score == pytest.approx(-np.log(2), abs=0.01)


def test_a_bayes_accuracy_that_a_constant_answer_beats(data):
    y = (np.arange(data.n_points) < 0.7 * data.n_points).astype(int)
    wrong = replace(uk.datasets.from_arrays(data.x, y), bayes_accuracy=0.5)
    with pytest.raises(UsageError) as error:
        uk.minimum_width(wrong, **QUICK)
    assert str(error.value) == (
        "The data set has 0.5000 as its Bayes accuracy, but 0.7000 of its points are of one "
        "class: always answering that class is better.\n"
        "Correct bayes_accuracy, or leave it out."
    )
