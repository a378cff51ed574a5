"""Loops are cut into calls, completely and at the ends that are asked for."""

from hypothesis import given
from hypothesis import strategies as st

from unknot.training.interrupt import MAX_BATCHES, SECONDS_PER_CALL, Interrupt, Pace


@given(st.lists(st.integers(1, 100_000), min_size=1, max_size=5, unique=True).map(sorted))
def test_spans_cover_everything_in_order(ends):
    spans = list(Pace(Interrupt()).spans(ends))
    assert spans[0][0] == 0
    assert [stop for _, stop in spans[:-1]] == [start for start, _ in spans[1:]]
    assert set(ends) <= {stop for _, stop in spans}
    assert spans[-1][1] == ends[-1]
    assert all(0 < stop - start <= MAX_BATCHES for start, stop in spans)


def test_slow_batches_are_run_few_at_a_time(monkeypatch):
    now = 0.0
    monkeypatch.setattr("unknot.training.interrupt.time.perf_counter", lambda: now)
    lengths = []
    for start, stop in Pace(Interrupt()).spans([60]):
        now += (stop - start) * SECONDS_PER_CALL / 8.5
        lengths.append(stop - start)
    assert lengths == [1, 4, 8, 8, 8, 8, 8, 8, 7]


def test_no_more_spans_after_ctrl_c():
    interrupt = Interrupt()
    spans = Pace(interrupt).spans([1000])
    assert next(spans) == (0, 1)
    interrupt.requested = True
    assert list(spans) == []
