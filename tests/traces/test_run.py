"""The Run is plain data: defaults, and nothing that can be changed by accident."""

from dataclasses import FrozenInstanceError, replace

import numpy as np
import pytest
from networks import readout_network, rings

from unknot.traces.run import Checkpoint, History, Run


def test_history_is_empty_until_something_is_recorded():
    assert History() == History((), (), (), ())


def test_a_run_is_frozen_and_its_extras_are_its_own():
    model = readout_network()
    run, other = (
        Run(model, History(), (Checkpoint(0, 0.0, model),), rings(10), np.arange(2))
        for _ in range(2)
    )
    assert run.settings == run.seconds == {}
    assert run.settings is not other.settings
    assert not run.interrupted
    with pytest.raises(FrozenInstanceError):
        run.model = None


def test_a_run_without_a_finite_output_shows_itself():
    model = readout_network()
    huge = [replace(each, weight=np.full_like(each.weight, 1e38)) for each in model.layers]
    model = replace(model, layers=tuple(huge))
    run = Run(model, History(), (Checkpoint(0, 0.0, model),), rings(10), np.arange(2))
    assert repr(run).splitlines()[-1] == "  its outputs are not finite numbers"
    assert run._repr_html_().endswith("not finite numbers</pre>")
