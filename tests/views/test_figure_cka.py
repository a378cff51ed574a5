"""The CKA figure: a matrix of similarities."""

import numpy as np
import pytest
from networks import network, rings
from pictures import ZOO, check_texts, demo, panels, sentences

from unknot.measures import similarities
from unknot.measures.similarity import cka_matrix
from unknot.traces.run import Checkpoint, History, Run
from unknot.views.figures import figure


def cka(source, **options):
    return figure(source, what="cka", **options)


def test_cells_are_the_similarities():
    source = demo(150)
    expected = cka_matrix([r.values.astype(float) for r in source.representations])
    axes = panels(cka(source))[0]
    assert np.asarray(axes.images[0].get_array()) == pytest.approx(expected)
    assert len(axes.texts) == expected.size
    assert axes.texts[0].get_text() == "1.00"


def test_names_stand_on_both_sides():
    source = demo(50)
    names = [r.name for r in source.representations]
    axes = panels(cka(source))[0]
    assert [t.get_text() for t in axes.get_xticklabels()] == names
    assert [t.get_text() for t in axes.get_yticklabels()] == names


def test_a_cloud_without_extent_has_a_dash():
    drawn = cka(ZOO["dead"]())
    assert "–" in [t.get_text() for t in panels(drawn)[0].texts]
    assert "a cloud without extent" in sentences(drawn)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["demo", "hostile names", "deep", "one point"])
@pytest.mark.parametrize("size", [3, 6])
def test_nothing_is_cut_off(name, size):
    check_texts(cka(ZOO[name](), size=size))


def trained(n_checkpoints=3, n_points=150):
    models = [network([2, 4, 1], seed=i) for i in range(n_checkpoints)]
    checkpoints = tuple(Checkpoint(i, float(i), model) for i, model in enumerate(models))
    return Run(models[-1], History(), checkpoints, rings(n_points), np.arange(0))


def test_a_run_shows_every_epoch():
    source = trained()
    drawn = cka(source)
    axes = panels(drawn)[0]
    assert np.asarray(axes.images[0].get_array()) == pytest.approx(similarities(source).values)
    # A name a representation, in the middle of its epochs.
    names = [t.get_text() for t in axes.get_yticklabels()]
    assert names[:2] == ["input", "hidden 1 pre-activation"]
    assert list(axes.get_yticks())[:2] == [1, 4]
    assert "epoch 0 to 2 in 3 checkpoints" in sentences(drawn)


def test_checkpoints_too_many_to_see_are_left_out():
    drawn = cka(trained(60, 40), size=3)
    n = len(np.asarray(panels(drawn)[0].images[0].get_array()))
    assert n < 60 * 5
    assert f"in {n // 5} checkpoints" in sentences(drawn)


def test_thinned_points_are_told():
    assert "2,000 of 3,200 points, drawn at random." in sentences(cka(ZOO["density"]()))


@pytest.mark.parametrize("size", [3, 6])
def test_nothing_of_a_run_is_cut_off(size):
    check_texts(cka(trained(), size=size))
