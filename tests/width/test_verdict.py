"""Every verdict, from trainings made by hand, with its full text."""

from dataclasses import replace

import pytest
from made import bar, outcome

from unknot.width.result import Statement
from unknot.width.verdict import Judged, answer_range, verdict_on

THEOREM = Statement("It cannot be.", "Someone 2021", (2,), forbids=True)


def judge(accuracies, losses=None, narrower=(), width=2, **options):
    return verdict_on(bar(**options), width, [outcome(accuracies, losses, width)], None, narrower)


def test_enough():
    judged = judge([0.895, 0.6, 0.896, 0.7])
    assert judged.verdict == "enough"
    assert judged.reason == (
        "It is 0.0040 below the ceiling, give or take 0.0020 (2 standard errors); 2 of 4 random "
        "starts get there."
    )
    assert (judged.best, judged.n_reached, judged.restarts_needed) == (0.896, 2, 5)
    assert judged.median == (0.7 + 0.895) / 2


def test_what_is_too_close_to_tell_is_not_called_enough():
    judged = judge([0.8905])
    assert judged.verdict == "undecided"
    assert judged.reason == (
        "It is within the tolerance by 0.0005, which may be chance (2 standard errors are "
        "0.0020); 1,566,400 points to judge with would tell."
    )


def test_too_small_because_the_best_is_found_again_and_again():
    judged = judge([0.72] * 8 + [0.6] * 24)
    assert judged.verdict == "too small"
    assert judged.reason == (
        "The best misses the tolerance by 0.1700 (172 standard errors), and 8 of 32 random "
        "starts end there. If 9 % of starts led to a better network, 32 starts would have found "
        "it with 95 % probability."
    )


def test_too_small_by_a_theorem_though_the_best_was_found_once():
    judged = judge([0.72, 0.6, 0.6, 0.6], theory=(THEOREM,))
    assert judged.verdict == "too small"
    assert judged.reason == (
        "The best misses the tolerance by 0.1700 (172 standard errors). It is proved that it "
        "cannot enclose the inner class (Someone 2021)."
    )
    assert judge([0.72, 0.6], width=3, theory=(THEOREM,)).verdict == "optimiser failed"


def test_the_optimiser_failed_when_the_best_was_found_once():
    judged = judge([0.72, 0.6, 0.6, 0.6])
    assert judged.verdict == "optimiser failed"
    assert judged.reason == (
        "The best misses the tolerance by 0.1700 (172 standard errors), but only 1 random "
        "start of 4 came to it: there may be better ones. More random starts would likely help "
        "(16)."
    )


def test_the_optimiser_failed_when_a_narrower_network_does_better():
    narrow = judge([0.85] * 4, width=1)
    judged = judge([0.8] * 4, narrower=[narrow])
    assert judged.verdict == "optimiser failed"
    assert judged.reason == (
        "Width 1 got to a lower training loss (0.1500 against 0.2000), and this one can do all "
        "that it can. More random starts would likely help (16)."
    )


def test_the_optimiser_failed_when_only_others_reach_the_tolerance():
    # The second is better on the training points, the first on the judging points.
    made = outcome([0.895, 0.8])
    made = type(made)(**{**made.__dict__, "training_accuracies": (0.8, 0.85), "best": 1})
    judged = verdict_on(bar(), 2, [made], None, ())
    assert (judged.verdict, judged.best, judged.accuracy) == ("optimiser failed", 0.895, 0.8)
    assert judged.reason == (
        "1 of 2 random starts come within the tolerance, but not the one that is best on the "
        "training points. More random starts would likely help (8)."
    )


def test_undecided_when_the_gap_is_within_the_error():
    judged = judge([0.889] * 4)
    assert judged.verdict == "undecided"
    assert judged.reason == (
        "It misses the tolerance by 0.0010, which may be chance (2 standard errors are 0.0020); "
        "391,600 points to judge with would tell."
    )


def test_a_diverged_training_counts_as_a_failure():
    judged = judge([0.5, 0.72, 0.72, 0.72], losses=[float("nan"), 0.3, 0.3, 0.3])
    assert judged.verdict == "too small"
    assert judged.lowest_loss == 0.3


def test_the_kept_network_is_the_best_over_all_batches():
    judged = verdict_on(bar(), 2, [outcome([0.6, 0.7]), outcome([0.8, 0.5], first=2)], None, ())
    assert judged.accuracy == 0.8
    assert judged.accuracies == (0.6, 0.7, 0.8, 0.5)


def test_what_was_learnt_does_not_generalise():
    made = replace(outcome([0.8] * 4), training_accuracies=(0.95,) * 4)
    judged = verdict_on(bar(), 2, [made], None, ())
    assert judged.verdict == "does not generalise"
    assert judged.reason == (
        "On the training points it gets there (0.9500), on the judging points it misses the "
        "tolerance by 0.0900. More random starts would not help; more points to train on might."
    )


def test_agreement_is_void_where_a_narrower_network_is_more_accurate():
    narrow = judge([0.85] * 4, losses=[0.3] * 4, width=1)
    judged = judge([0.8] * 4, losses=[0.2] * 4, narrower=[narrow])
    assert judged.verdict == "optimiser failed"
    assert judged.reason == (
        "Width 1 has a better accuracy (0.8500 against 0.8000), and this one can do all that it "
        "can. More random starts would likely help (16)."
    )
    # By less than chance is worth it is not.
    near = judge([0.8015] * 4, losses=[0.3] * 4, width=1)
    assert judge([0.8] * 4, losses=[0.2] * 4, narrower=[near]).verdict == "too small"


def test_a_narrower_network_that_is_better_only_off_the_training_points():
    narrow = judge([0.85] * 4, losses=[0.3] * 4, width=1)
    made = replace(outcome([0.8] * 4, losses=[0.2] * 4), training_accuracies=(0.88,) * 4)
    judged = verdict_on(bar(), 2, [made], None, [narrow])
    assert judged.verdict == "does not generalise"
    assert "though not on the training points (0.8500 against 0.8800)" in judged.reason


def test_agreement_on_nothing_says_nothing():
    losses = [0.0260] * 16
    lost = replace(bar(ceiling=1.0), constant_loss=0.0261)
    judged = verdict_on(lost, 2, [outcome([0.5] * 16, losses)], None, ())
    assert judged.verdict == "optimiser failed"
    assert judged.reason == (
        "No training got clearly below the loss of always giving the same answer (0.0261). That "
        "they agree on it says nothing of the width. More random starts would likely help (64)."
    )
    assert judge([0.5] * 16, losses, ceiling=1.0).verdict == "too small"


def test_what_a_constant_answer_reaches_too_is_not_enough():
    rare = replace(bar(ceiling=1.0), constant=0.996)
    judged = verdict_on(rare, 2, [outcome([0.996] * 4)], None, ())
    assert judged.verdict == "undecided"
    assert judged.reason == (
        "Always giving the same answer comes within the tolerance too (accuracy 0.9960 of "
        "1.0000), so that is not enough; a tolerance below 0.004 or metric='balanced_accuracy' "
        "can tell."
    )


def test_nothing_to_learn_is_said():
    none = replace(bar(ceiling=0.502), constant=0.5, learnable=False)
    judged = verdict_on(none, 2, [outcome([0.5] * 4)], None, ())
    assert judged.verdict == "undecided"
    assert judged.reason == (
        "There is nothing to learn by this measure: no model does clearly better than always "
        "giving the same answer (accuracy 0.5000, the ceiling 0.5020). The labels look "
        "independent of the features."
    )


def test_a_paired_difference_decides_more_finely_than_the_accuracy():
    """The same accuracy, once beside a ceiling on the same rows, once by itself."""
    made = [outcome([0.8905])]
    assert verdict_on(bar(), 2, made, None, ()).verdict == "undecided"
    paired = Judged(shortfall=0.0095, error=0.0002, n_points=100_000)
    assert verdict_on(bar(), 2, made, None, (), paired).verdict == "enough"


def test_other_scores_than_the_accuracy_decide():
    scored = replace(outcome([0.99] * 4), scores=(0.5,) * 4, training_scores=(0.5,) * 4)
    judged = verdict_on(bar(), 2, [scored], None, ())
    assert judged.verdict == "too small"
    assert (judged.accuracy, judged.score, judged.n_reached) == (0.99, 0.5, 0)


@pytest.mark.parametrize(
    ("verdicts", "expected"),
    [
        (["too small", "enough", "enough"], (2, 2)),
        (["undecided", "enough"], (1, 2)),
        (["too small", "undecided", "undecided"], (2, None)),
        # Width 2 contains width 1: where the one is too small, so is the other.
        (["undecided", "too small", "enough"], (3, 3)),
        (["undecided", "does not generalise", "optimiser failed", "enough"], (1, 4)),
        (["too small", "does not generalise"], None),
        (["enough", "undecided"], (1, 1)),
    ],
)
def test_the_answer_is_a_range_where_the_data_cannot_tell(verdicts, expected):
    widths = [replace(judge([0.8], width=i + 1), verdict=v) for i, v in enumerate(verdicts)]
    assert answer_range(widths) == expected
