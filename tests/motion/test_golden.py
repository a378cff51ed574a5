"""Python still works out what golden.json holds; the viewer's unit tests hold it to the same."""

import json

import pytest
from motion import golden

#: Of a number's size, where that is more than 1.
TOLERANCE = 1e-5


@pytest.fixture(scope="module")
def written():
    return json.loads(golden.FILE.read_text("utf-8"))


def differences(got, want, place=""):
    """Where two contents differ, as text."""
    if isinstance(want, dict) and isinstance(got, dict):
        if got.keys() != want.keys():
            return [f"{place}: {sorted(got)} for {sorted(want)}"]
        return [d for key in want for d in differences(got[key], want[key], f"{place}.{key}")]
    if isinstance(want, list) and isinstance(got, list):
        if len(got) != len(want):
            return [f"{place}: {len(got)} entries for {len(want)}"]
        pairs = enumerate(zip(got, want, strict=True))
        return [d for i, (a, b) in pairs for d in differences(a, b, f"{place}[{i}]")]
    if isinstance(want, float) and isinstance(got, float):
        return (
            []
            if abs(got - want) <= TOLERANCE * max(1, abs(want))
            else [f"{place}: {got} for {want}"]
        )
    return [] if got == want else [f"{place}: {got!r} for {want!r}"]


def test_python_gives_the_golden_vectors(written):
    made = json.loads(golden.text(golden.content()))
    # The file of the page holds measures and words too: tests of the page check those.
    written["page"].pop("file")
    made["page"].pop("file")
    assert differences(made, written)[:5] == []


def test_a_difference_is_seen():
    want = {"a": [1.0, 2000.0], "b": "x"}
    assert differences({"a": [1.0 + 9e-6, 2000.01], "b": "x"}, want) == []
    assert differences({"a": [1.0 + 2e-5, 2000.0], "b": "y"}, want) == [
        ".a[0]: 1.00002 for 1.0",
        ".b: 'y' for 'x'",
    ]
    assert differences({"a": [1.0]}, want) != []


def test_every_kind_of_map_is_there(written):
    assert golden.FILE.stat().st_size < 350_000
    sentences = [b[3] for t in written["traces"].values() for s in t["scenes"] for b in s["beats"]]
    notes = [
        n for t in written["traces"].values() for s in t["scenes"] for k in s["notes"] for n in k
    ]
    for words in (
        "pressed flat",
        "squashed to one point",
        "like a card",
        "of 6 units",
        "filled in between",
    ):
        assert any(words in sentence for sentence in sentences), words
    for words in ("mirrors the cloud", "Procrustes residual", "determinant zero"):
        assert any(words in note for note in notes), words
