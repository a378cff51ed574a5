"""The CKA figure: a matrix of similarities."""

import numpy as np
import pytest
from pictures import ZOO, check_texts, demo, panels, sentences

from unknot.measures.similarity import cka_matrix
from unknot.views.figure import figure


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


@pytest.mark.parametrize("name", ["demo", "hostile names", "deep", "one point"])
@pytest.mark.parametrize("size", [3, 6])
def test_nothing_is_cut_off(name, size):
    check_texts(cka(ZOO[name](), size=size))
