"""The probe in captions."""

import pytest
from networks import network, readout_network, rings
from pictures import regression

from unknot.draw.words import probe_caption
from unknot.measures import measure
from unknot.motion.scene import Scene
from unknot.traces.tracing import trace


@pytest.mark.parametrize("n", [400, 25_000])
def test_it_is_the_number_of_the_table(n):
    source = trace(readout_network(), rings(n))
    table = measure(source, measures=["linear_probe"])["linear_probe"]
    scene = Scene(source)
    for k in (0, 3, 4):
        assert probe_caption(scene, k) == f"straight cut: {table[k]:.1%} right"


def test_the_caption_of_a_number_to_predict_is_the_measure():
    source = regression()
    table = measure(source, measures=["linear_probe_r2"])["linear_probe_r2"]
    assert -0.1 < table[0] < 0 < table[3]
    assert probe_caption(Scene(source), 0) == "linear probe: R² below 0"
    assert probe_caption(Scene(source), 3) == f"linear probe: R² {table[3]:.3f}"


def test_none_where_the_readout_tells_it_or_nothing_can_be_told():
    scene = Scene(trace(network([2, 6, 1]), rings(100)))
    assert probe_caption(scene, 1) == ""
    assert probe_caption(Scene(trace(network([2, 3, 1]), rings(2))), 0) == ""
