"""Every verdict, from trainings made by hand, with its full text."""

from made import bar, outcome

from unknot.width.result import Statement
from unknot.width.verdict import verdict_on

THEOREM = Statement("It cannot be.", "Someone 2021", (2,), forbids=True)


def judge(accuracies, losses=None, narrower=(), width=2, **options):
    return verdict_on(bar(**options), width, [outcome(accuracies, losses, width)], None, narrower)


def test_enough():
    judged = judge([0.895, 0.6, 0.896, 0.7])
    assert judged.verdict == "enough"
    assert judged.reason == "It is 0.0040 below the ceiling; 2 of 4 random starts get there."
    assert (judged.best, judged.n_reached, judged.restarts_needed) == (0.896, 2, 5)
    assert judged.median == (0.7 + 0.895) / 2


def test_enough_but_close():
    assert judge([0.8905]).reason == (
        "It is 0.0095 below the ceiling; 1 of 1 random starts get there. "
        "That is close: chance is worth 0.0020 (2 standard errors)."
    )


def test_too_small_because_the_best_is_found_again_and_again():
    judged = judge([0.72] * 8 + [0.6] * 24)
    assert judged.verdict == "too small"
    assert judged.reason == (
        "The best misses the tolerance by 0.1700 (172 standard errors), and 8 of 32 random "
        "starts end there: a better network to which 9% of starts lead would have turned up with "
        "95 % probability."
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
