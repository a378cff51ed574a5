"""When weights are kept."""

from hypothesis import given
from hypothesis import strategies as st

from unknot.training.settings import MAX_EPOCH_CHECKPOINTS, checkpoint_steps


def test_the_demo():
    assert checkpoint_steps(12, 2500, 5) == (
        *(0, 1, 2, 4, 7, 14, 26, 50, 96, 184, 354, 679, 1303),
        *(2500, 5000, 7500, 10_000, 12_500),
    )


def test_steps_of_ones_own():
    assert checkpoint_steps([30, 7, 7], 10, 5) == (0, 7, 30, 50)
    assert checkpoint_steps([], 10, 5) == (0, 50)


@given(n=st.integers(0, 50), per_epoch=st.integers(1, 10_000), epochs=st.integers(1, 1000))
def test_a_number_is_dense_early_and_sparse_later(n, per_epoch, epochs):
    steps = checkpoint_steps(n, per_epoch, epochs)
    assert steps[0] == 0
    assert steps[-1] == per_epoch * epochs
    assert list(steps) == sorted(set(steps))
    first = [step for step in steps if 0 < step < per_epoch]
    assert len(first) <= n
    assert all(step % per_epoch == 0 for step in steps if step > per_epoch)
    ends = [step for step in steps if step >= per_epoch]
    assert len(ends) == min(epochs, MAX_EPOCH_CHECKPOINTS)
    if n and per_epoch > 1:
        assert first[0] == 1
