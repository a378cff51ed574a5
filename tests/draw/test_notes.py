"""Notes for whoever traced a model do not stand in pictures of it."""

from dataclasses import replace

import pytest
from pictures import demo, sentences

import unknot as uk
from unknot.motion.scene import Scene
from unknot.traces.note import Note, for_readers
from unknot.views.films.layers import LayersFilm, Schedule

PICTURE = "The model branches; its longest chain is shown, without side."
ADVICE = (
    "Traced with torch.fx.",
    "Seen by hooks on its modules, since torch.fx cannot trace it (ValueError).",
    "The model ends in 2 values for 2 classes; if they are logits, trace(…, head='softmax') adds "
    "the probabilities.",
    "The model ends in logits: the softmax behind them is not a layer of its own.",
)


def maker(text):
    return Note(text, "maker")


def test_heavy_notes_come_first_and_tell_of_their_layer():
    notes = (Note("light", weight=0.5), Note("usual", about="readout"), Note("heavy", weight=2))
    traced = replace(demo(), notes=notes)
    assert [note.text for note in for_readers(traced.notes)] == ["heavy", "usual", "light"]
    film = LayersFilm(Scene(traced), Schedule(Scene(traced)), 300, 300)
    assert film._sentence(0) == "heavy · light · rings: 200 points in 2 classes"
    assert film._sentence(3) == "usual"
    lost = replace(traced, notes=(Note("of a layer that is not there", about="nowhere"),))
    assert LayersFilm(Scene(lost), Schedule(Scene(lost)), 300, 300)._sentence(0).startswith("of a")


@pytest.mark.slow
def test_only_what_is_not_seen_belongs_in_a_picture():
    traced = replace(demo(), notes=(maker(ADVICE[0]), PICTURE, *map(maker, ADVICE[1:])))
    assert for_readers(traced.notes) == (Note(PICTURE),)
    for what in ("strip", "pairs", "3d"):
        text = sentences(uk.figure(traced, what=what))
        assert PICTURE in text
        assert not any(note[:12] in text for note in ADVICE)
    film = LayersFilm(Scene(traced), Schedule(Scene(traced)), 300, 300)
    assert film._sentence(0) == f"{PICTURE} · rings: 200 points in 2 classes"
