"""Python still says what verdict_golden.json holds; the page's own search is held to the same."""

import json
import re

import verdict_golden as golden

#: A part of each sentence that a verdict can have without a theorem.
KINDS = (
    "at the ceiling|(below|above) the ceiling",
    "which may be chance",
    "points to judge with would tell",
    "On the training points it gets there",
    "got to a lower training loss",
    "this one can do all that it can",
    "this one fits them more closely",
    "but not the one that is best on the training points",
    "random starts end there",
    "there may be better ones",
    "has a better balanced accuracy",
    "has a better minus log loss",
    r"too \(balanced accuracy .* a tolerance below [^ ]* can tell",
    r"too \(minus log loss .* or metric='balanced_accuracy' can tell",
    "It is proved that it cannot enclose the inner class",
    "No training got clearly below the loss",
    "nothing to learn by this measure",
    "Always giving the same answer comes within",
)


def test_python_gives_the_golden_verdicts():
    assert golden.text(golden.content()) == golden.FILE.read_text("utf-8")


def test_every_kind_of_sentence_is_among_them():
    written = json.loads(golden.FILE.read_text("utf-8"))
    reasons = [width["reason"] for case in written["cases"] for width in case["widths"]]
    for kind in KINDS:
        assert any(re.search(kind, reason) for reason in reasons), kind
    assert {width["verdict"] for case in written["cases"] for width in case["widths"]} == {
        "enough",
        "too small",
        "optimiser failed",
        "does not generalise",
        "undecided",
    }
    assert golden.FILE.stat().st_size < 200_000
