"""Python still works out what training_golden.json holds; the viewer is held to the same."""

import json

import numpy as np
import pytest
import training_golden as golden

#: After 100 steps one activation for each optimiser and output: each is compiled.
SOME = list(
    zip(
        sorted(golden.activations),
        3 * sorted(golden.OUTPUTS) * 2,
        [o for o in golden.optimisers for _ in range(4)],
        strict=False,
    )
)


@pytest.fixture(scope="module")
def written():
    return json.loads(golden.FILE.read_text("utf-8"))


def apart(got, want):
    """The largest difference as a share of the largest entry."""
    got, want = np.asarray(got), np.asarray(want)
    return np.abs(got - want).max() / np.abs(want).max()


@pytest.mark.slow
def test_python_gives_the_golden_vectors_of_training(written):
    made = golden.content(SOME)
    for name in ("sizes", "batch", "steps", "formulas", "rates", "start", "x", "y", "random"):
        assert made[name] == written[name], name
    for name, (loss, gradient) in written["first"].items():
        assert abs(made["first"][name][0] - loss) < 1e-5 * loss, name
        assert apart(made["first"][name][1], gradient) < 1e-5, name
    for name, weights in written["updated"].items():
        assert apart(made["updated"][name], weights) < 1e-5, name
    for name, weights in made["trained"].items():
        assert apart(weights, written["trained"][name]) < 1e-3, name
    assert apart(made["weighed"]["gradient"], written["weighed"]["gradient"]) < 1e-5


def test_every_combination_is_written(written):
    n = len(golden.activations) * len(golden.OUTPUTS) * len(golden.optimisers)
    assert len(written["updated"]) == len(written["trained"]) == n
    assert set(golden.OUTPUTS) == set(golden.losses)
    assert {name.split()[2] for name in written["trained"]} == set(golden.optimisers)
    assert golden.FILE.stat().st_size < 200_000
