"""What an adapter hands over: where to look in a model, what the maps may be, how to run it.

Here are also the errors that every framework's models share.
"""

from collections.abc import Callable, Generator, Iterable, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

from unknot.datasets.labels import shown
from unknot.errors import UnknotError, UsageError
from unknot.network.maps import Map
from unknot.traces.note import Note
from unknot.traces.selection import ModulePlace

Array = NDArray[Any]
#: For each step, where its output may be written straight away: a float32 array with as many rows
#: as the batch, or None.
Places = Sequence[Array | None]
#: The unit roundoff of single precision.
SINGLE_PRECISION = 2.0**-24
#: Numbers that one batch makes in all representations: 64 MB in single precision.
NUMBERS_IN_A_BATCH = 2**24


class Route(list[str]):
    """Names of layers that the way must pass, in order, and what of the way is seen.

    Attributes
    ----------
    layers
        As for ``trace``; None for what is usual.
    """

    def __init__(self, path: Iterable[str] | None = None, layers: Any = None) -> None:
        super().__init__(path or ())
        self.layers = layers


@dataclass(frozen=True)
class Step:
    """One place in a model whose output can be seen.

    Attributes
    ----------
    name : str
        The layer's own name.
    kind : str
        What it is, for when its map is not known: ``"Conv2D"``.
    maps : tuple of Map
        What it is taken to do, in order: a dense layer with an activation is two. None for a
        layer that only hands on (dropout, flatten).
    names : tuple of str
        A name for each map, where the layer's own will not do.
    is_guess : bool
        True where only the values of the sample speak for the maps: then every point is checked.
    places : tuple of ModulePlace
        Where each map leads, in the whole of the model; empty where that is not known.
    titles : tuple of str
        For each map what its image is called, empty for one that is only worked with; where
        nothing was chosen there are none.
    attends : bool
        True in a model with attention: of two axes of a point, the first are its tokens.
    """

    name: str
    kind: str
    maps: tuple[Map, ...] = ()
    names: tuple[str, ...] = ()
    is_guess: bool = False
    places: tuple[ModulePlace, ...] = ()
    titles: tuple[str, ...] = ()
    attends: bool = False


@dataclass(frozen=True)
class Network:
    """A model as the shared code sees it, while its adapter holds it open.

    Attributes
    ----------
    framework : str
    steps : tuple of Step
        From the input to the output.
    forward : callable
        ``forward(batch, known, places)`` gives the output of each step for a batch of points,
        any shape with the points first. ``known[i]`` says that the maps of step `i` were found
        to be right: where they are as cheap as the model itself, None may be given instead.
        An output that was written to its place is that very array.
    notes : tuple of Note or str
        What a reader of the trace must know.
    head : {"sigmoid", "softmax"} or None
        What turns the output into probabilities, when the model says that it ends before that.
    gives_probabilities : bool
        True when the output is known to be class probabilities, whatever its last map.
    classes : sequence or None
        What the model calls its classes, in the order of its output's units; two for one unit.
    n_features : int or None
        Of one point, where the model says.
    takes_whole_numbers : bool
        True when points with fractions cannot be sent through.
    feature_names : tuple of str or None
        Columns of the data frame that it was fitted on.
    outputs : sequence of arrays or None
        What each step made of the sample, where the adapter had to find out anyway.
    roundoff : float
        Of one operation of the model's, relative: 2⁻²⁴ in single precision.
    token_mask : callable or None
        Gives of a batch (n_points, n_tokens) which tokens the model counts, where it says.
    numbers_in_a_batch : int
        That all steps may make of one batch: few where calls are cheap, so that they are still
        in the processor's cache when they are copied.
    """

    framework: str
    steps: tuple[Step, ...]
    forward: Callable[[Array, Sequence[bool], Places], Iterable[Array | None]]
    notes: tuple[Note | str, ...] = ()
    head: str | None = None
    gives_probabilities: bool = False
    classes: Sequence[Any] | None = None
    n_features: int | None = None
    takes_whole_numbers: bool = False
    feature_names: tuple[str, ...] | None = None
    outputs: Sequence[Array] | None = None
    roundoff: float = SINGLE_PRECISION
    token_mask: Callable[[Array], Array | None] | None = None
    numbers_in_a_batch: int = NUMBERS_IN_A_BATCH


@contextmanager
def forward_pass(framework: str, batch: Array) -> Generator[None]:
    """Inside, an error of the model's own is raised as it is, with a note that says whose it is."""
    try:
        yield
    except UnknotError:
        raise
    except Exception as error:
        error.add_note(
            f"unknot: the {framework} model raised this in its forward pass, for "
            f"{_described(batch)}; the model is as it was before."
        )
        raise


def _described(batch: Array) -> str:
    if batch.dtype.names is None:
        return f"points of shape {batch.shape}, dtype {batch.dtype}"
    return ", ".join(
        f"{name} of shape {batch[name].shape}, dtype {batch[name].dtype}"
        for name in batch.dtype.names
    )


def wrong_features(
    framework: str, expected: Sequence[int], got: Sequence[int], points: str = "the points have"
) -> UsageError:
    """For points of another shape than the model takes; shapes are those of one point."""
    takes, has = (" × ".join(map(str, shape)) for shape in (expected, got))
    return UsageError(
        f"The {framework} model takes {takes} features; {points} {has}.\n"
        "Trace the data it was trained on, or data with the same features."
    )


def several_inputs(framework: str, names: Sequence[str], remedy: str) -> UsageError:
    """For one array to a model of no input or of several."""
    return UsageError(
        f"The {framework} model takes {len(names)} inputs ({shown(names) or 'none'}); got one "
        f"array.\n{remedy}"
    )


def several_outputs(framework: str, output: Any, names: Sequence[str]) -> UsageError:
    """For a model that returns something else than one array; `names` are its arrays' places."""
    kind = type(output).__name__.removeprefix("immutable_")
    article = "an" if kind[0] in "aeiouAEIOU" else "a"
    what = f"{article} {kind} of {len(names)} arrays ({shown(names, 8)})"
    return UsageError(
        f"The {framework} model returns {what if names else f'{article} {kind} without arrays'}; "
        "unknot follows one array.\nSay where to end with path=[…, 'layer'], or trace a model that "
        "returns one of them."
    )
