"""Which rows go through a model together: the sample, and whether its rows matter to each other.

Every adapter is opened on a sample of the points. A model whose rows do not go through by
themselves (batch normalisation with the batch's own statistics, attention along the wrong axis)
is shown only as one batch of all rows, and only where that was asked for.
"""

from collections.abc import Callable, Generator, Iterable, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from types import ModuleType
from typing import Any

import numpy as np

from unknot.adapters.capture import own_outputs
from unknot.adapters.claims import flat
from unknot.adapters.network import Array, Network, Places, Route, Step
from unknot.datasets.dataset import spread_rows
from unknot.errors import UnknotError, UsageError

#: Points on which every map is checked before all are sent through: a prime, so that an error
#: that names it is about the number of rows.
SAMPLE = 251
#: Rows of extra points, such as a lattice's, that go through at once.
MOST_EXTRA = 4_096
#: A model that fails on the sample is tried with all rows, up to so many.
MOST_TRIED = 20_000
#: A share of a step's largest value: rounding among other rows is far below, a batch's own
#: statistics far above.
APART = 1e-3


@dataclass(frozen=True)
class Opened:
    """A network with the sample that it was opened on.

    Attributes
    ----------
    network : Network
    sample : (n, …) array
    outputs : sequence of (n, …) arrays
        What each step made of the sample.
    rows_matter : bool
        True where a row's values depend on the rows that go through with it.
    notes : tuple of str
        What a reader of the trace must know of that.
    """

    network: Network
    sample: Array
    outputs: Sequence[Array]
    rows_matter: bool = False
    notes: tuple[str, ...] = ()


@contextmanager
def opened_on_sample(
    adapter: ModuleType,
    model: Any,
    x: Array,
    path: Route,
    batch_size: int | None,
    check: Callable[[Network], None],
) -> Generator[Opened]:
    """Open a model on a sample of the points, never more than `batch_size` at once.

    `check` refuses a network that does not fit the points, before it is run.

    Raises
    ------
    UsageError
        When rows depend on each other, and they do not all go in one batch that was asked for.
    """
    n = len(x)
    size = min(SAMPLE, batch_size or SAMPLE, n)
    with ExitStack() as stack:

        def enter(rows: Array, **options: bool) -> Network:
            network: Network = stack.enter_context(adapter.opened(model, rows, path, **options))
            check(network)
            return network

        try:
            sample = x[spread_rows(n, size)]
            network, is_tied = enter(sample), False
        except UnknotError:
            raise
        except Exception as error:
            if batch_size is None or min(batch_size, n) <= size:
                if size < n <= MOST_TRIED and str(size) in str(error):
                    _refuse_part(enter, x, size)
                raise
            # Some models take one number of rows and no other.
            sample = x[:batch_size]
            network, is_tied = enter(sample), True
        outputs = _outputs(network, sample)
        step = _first_that_mixes(network, sample, outputs)
        if step is not None:
            if batch_size is None or batch_size < n:
                raise _rows_matter(network, step, n)
            fills_up = getattr(adapter, "FILLS_UP", False)
            if len(sample) < n or fills_up:
                stack.close()
                sample = x
                network = enter(sample, is_whole=True) if fills_up else enter(sample)
                outputs = _outputs(network, sample)
        elif batch_size is not None:
            network = _filled_up(network, len(sample), is_tied)
            if size < min(SAMPLE, n):
                sample, outputs = _more(network, x, size)
                network = replace(network, outputs=None)
        yield Opened(network, sample, outputs, step is not None, _notes(step, n))


def _refuse_part(enter: Callable[[Array], Network], x: Array, size: int) -> None:
    """UsageError where the model takes all rows, and only all of them."""
    try:
        network = enter(x)
    except Exception:
        return  # what it raised for some of them says more
    n = len(x)
    raise UsageError(
        f"The {network.framework} model takes all {n:,} rows at once; a sample of {size} of them "
        f"does not go through.\nGive batch_size={n}."
    )


def _outputs(network: Network, sample: Array) -> Sequence[Array]:
    """Of every step, for the sample."""
    if network.outputs is not None:
        return network.outputs
    outputs = own_outputs(network, sample, [False] * len(network.steps))
    arrays = [output for output in outputs if output is not None]
    if len(arrays) != len(network.steps):
        raise UnknotError(
            f"The {network.framework} model gave {len(arrays)} of {len(network.steps)} outputs."
        )
    return arrays


def _more(network: Network, x: Array, size: int) -> tuple[Array, Sequence[Array]]:
    """A sample of several small batches: a few rows alone tell little."""
    sample = x[spread_rows(len(x), min(len(x), SAMPLE // size * size))]
    pieces = [
        _outputs(replace(network, outputs=None), sample[i : i + size])
        for i in range(0, len(sample), size)
    ]
    return sample, [np.concatenate(outputs) for outputs in zip(*pieces, strict=True)]


def _first_that_mixes(network: Network, sample: Array, outputs: Sequence[Array]) -> Step | None:
    """The first step whose output for a row changes with the other rows of the batch."""
    n = len(sample)
    if n < 2:
        return None
    # Every other row is another: what comes before a row is changed, and what comes after it.
    other = sample.copy()
    other[1::2] = sample[0]
    differing = _differing(outputs, _outputs_again(network, other), slice(0, n, 2))
    if differing is None:
        return None
    # A model that gives other values at every call is no matter of the rows.
    again = _outputs_again(network, sample.copy())
    is_restless = _differing(outputs, again, slice(n)) is not None
    return None if is_restless else network.steps[differing]


def _outputs_again(network: Network, batch: Array) -> Sequence[Array] | None:
    """None where the model does not take such a batch: that is told where all go through."""
    try:
        return _outputs(replace(network, outputs=None), batch)
    except Exception:
        return None


def _differing(one: Sequence[Array], other: Sequence[Array] | None, rows: slice) -> int | None:
    """The number of the first step whose values of these rows are not the same."""
    for i, (a, b) in enumerate(zip(one, other or (), strict=other is not None)):
        if a.shape != b.shape:
            continue
        before, after = flat(a[rows]), flat(b[rows])
        allowed = APART * np.abs(before[np.isfinite(before)]).max(initial=0)
        with np.errstate(invalid="ignore"):
            if np.any(np.abs(before - after) > allowed):
                return i
    return None


def _rows_matter(network: Network, step: Step, n: int) -> UsageError:
    kind = f" ({step.kind})" if step.kind != step.name else ""
    usual = " (batch_first=True, track_running_stats=True)" * (network.framework == "PyTorch")
    return UsageError(
        f"What the {network.framework} model makes of a row at ‘{step.name}’{kind} depends on the "
        f"other rows of its batch.\nGive batch_size={n} to send all rows as one batch, or trace a "
        f"model whose rows go through by themselves{usual}."
    )


def _notes(step: Step | None, n: int) -> tuple[str, ...]:
    if step is None:
        return ()
    return (
        f"All {n:,} rows went through the model as one batch: from ‘{step.name}’ on, other rows "
        "beside a row give it other values.",
    )


def _filled_up(network: Network, size: int, is_tied: bool) -> Network:
    """The network in batches of at most `size` rows; short ones are filled up.

    They are where the model is tied to that number, or fails on another.
    """
    fills = is_tied

    def forward(batch: Array, known: Sequence[bool], places: Places) -> Iterable[Array | None]:
        nonlocal fills
        if len(batch) > size:
            pieces = [of_piece(batch[i : i + size], known) for i in range(0, len(batch), size)]
            return [_joined(values) for values in zip(*pieces, strict=True)]
        if fills or len(batch) == size:
            return of_piece(batch, known) if len(batch) < size else as_is(batch, known, places)
        try:
            return as_is(batch, known, places)
        except Exception:
            try:
                outputs = of_piece(batch, known)
            except Exception:
                outputs = None
            if outputs is None:
                raise
            fills = True
            return outputs

    def as_is(batch: Array, known: Sequence[bool], places: Places) -> list[Array | None]:
        return list(network.forward(batch, known, places))

    def of_piece(rows: Array, known: Sequence[bool]) -> list[Array | None]:
        filled = np.concatenate([rows, np.repeat(rows[-1:], size - len(rows), axis=0)])
        outputs = network.forward(filled, known, [None] * len(network.steps))
        return [None if output is None else output[: len(rows)] for output in outputs]

    return replace(network, forward=forward)


def _joined(pieces: Sequence[Array | None]) -> Array | None:
    arrays = [piece for piece in pieces if piece is not None]
    return np.concatenate(arrays) if len(arrays) == len(pieces) else None
