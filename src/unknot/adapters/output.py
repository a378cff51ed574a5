"""What a model's output means: which unit is which class, and what makes probabilities of it."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from unknot.adapters.claims import Part, Values, flat
from unknot.adapters.network import Array, Network, Places, Step
from unknot.datasets.labels import counted, plain_names, shown, sort_names
from unknot.datasets.outputs import Output
from unknot.errors import UsageError
from unknot.network.maps import Activation, Affine, Map, Opaque, Softmax
from unknot.traces.note import Note
from unknot.traces.trace_checks import as_probabilities

#: What makes probabilities of logits, by name.
HEADS: dict[str, Map] = {"sigmoid": Activation("sigmoid"), "softmax": Softmax()}
#: By how much more or less than 1 the probabilities of one distribution sum up to.
SUM_OF_ONE = 1e-3
#: A legend has room for so many classes, with points or without.
MOST_CLASSES = 20
#: What they make of units in another order is in that order.
ROW_WISE = (Softmax(), Opaque("log_softmax"))


def all_classes(network: Network, class_names: Sequence[str]) -> Sequence[str]:
    """The model's classes, where the data have some of them only; otherwise the data's."""
    names = plain_names(network.classes or ())
    return sort_names(names) if _are_some(class_names, names) else class_names


def all_units(
    network: Network, parts: Sequence[Part], class_names: Sequence[str], notes: list[Note]
) -> Sequence[str]:
    """Numbers of a softmax's units, where the data's classes are some of them; or the data's."""
    last, n = parts[-1], len(class_names)
    is_softmax = network.gives_probabilities or last.map in ROW_WISE or _is_log_softmax(last.map)
    if network.classes is not None or not is_softmax or n < 2 or last.n_units in (1, n):
        return class_names
    numbers = [str(k) for k in range(last.n_units)]
    if _are_some(class_names, numbers):
        return numbers
    text = (
        f"The model ends in {last.n_units:,} probabilities, and the data have {n:,} classes "
        f"({shown(class_names, 5)}): there is no accuracy."
    )
    notes.append(Note(text, "maker"))
    return class_names


def _are_some(names: Sequence[str], of: Sequence[str]) -> bool:
    """Whether these are classes of others, of which not too many are without points."""
    is_part = len(set(of)) == len(of) and set(names) < set(of)
    return is_part and len(names) > 1 and len(of) <= max(MOST_CLASSES, 2 * len(names))


def in_class_order(
    network: Network, outputs: Sequence[Array], class_names: Sequence[str]
) -> Network:
    """The network with its output's units in the order of these classes.

    Parameters
    ----------
    network : Network
    outputs : sequence of arrays
        Of each step, for the sample.
    class_names : sequence of str
        Of the data.

    Returns
    -------
    Network
        With its outputs. Where the classes are not the same, it gives no probabilities, and a
        note says why.
    """
    network = replace(network, outputs=outputs)
    if network.classes is None or len(class_names) < 2:
        return network
    order = _order(network.classes, class_names)
    if order is None:
        return _without_probabilities(network, class_names)
    if order == list(range(len(order))):
        return network
    width = flat(outputs[-1]).shape[1]
    if width == len(order):
        return _reordered(network, outputs, order)
    return _mirrored(network, outputs) if (width, len(order)) == (1, 2) else network


def _order(classes: Sequence[Any], class_names: Sequence[str]) -> list[int] | None:
    """For each class of the data its place among the model's."""
    n = len(class_names)
    if len(classes) != n:
        return None
    numbers = [c for c in classes if isinstance(c, int | np.integer) and not isinstance(c, bool)]
    if sorted(numbers) == list(range(n)):
        # Fitted on the class numbers themselves.
        return [numbers.index(k) for k in range(n)]
    names = plain_names(classes)
    if len(set(names)) != n or set(names) != set(class_names):
        return None
    return [names.index(name) for name in class_names]


def _without_probabilities(network: Network, class_names: Sequence[str]) -> Network:
    names = plain_names(network.classes or ())
    note = (
        f"The model's classes ({shown(names, 5)}) are not the data's ({shown(class_names, 5)}), "
        "so its output is not read as their probabilities."
    )
    *before, last = network.steps
    maps = tuple(
        Opaque(f"{map_.name} of other classes") if _is_head(map_) else map_ for map_ in last.maps
    )
    return replace(
        network,
        steps=(*before, replace(last, maps=maps)),
        gives_probabilities=False,
        head="none",
        notes=(*network.notes, note),
    )


def _is_head(map_: Map) -> bool:
    return map_ == Activation("sigmoid") or map_ in ROW_WISE


def _reordered(network: Network, outputs: Sequence[Array], order: list[int]) -> Network:
    """The units of the last dense layer, and of what comes of them, change places."""
    steps = list(network.steps)
    first = len(steps) - 1
    while first > 0 and all(_keeps_order(map_) for map_ in steps[first].maps):
        if outputs[first - 1].shape != outputs[-1].shape:
            break
        first -= 1
    maps = list(steps[first].maps)
    k = max((k for k, map_ in enumerate(maps) if isinstance(map_, Affine)), default=None)
    if k is not None:
        map_ = maps[k]
        assert isinstance(map_, Affine)
        if len(map_.bias) == len(order):
            # Units that change places are scaled by a matrix that is diagonal no more.
            maps[k] = Affine(map_.weight[:, order], map_.bias[order], map_.name)
    steps[first] = replace(steps[first], maps=tuple(maps))
    return _turned(
        network, steps, outputs, lambda i, values: flat(values)[:, order] if i >= first else values
    )


def _keeps_order(map_: Map) -> bool:
    return (isinstance(map_, Activation) and map_.n_units is None) or map_ in ROW_WISE


def _mirrored(network: Network, outputs: Sequence[Array]) -> Network:
    """One unit speaks for the model's second class, which is the data's first."""
    *before, last = network.steps
    # 1 − sigmoid(z) = sigmoid(−z)
    maps = tuple(
        Affine(-map_.numbers, -map_.bias, map_.name)
        if isinstance(map_, Affine) and k >= len(last.maps) - 2
        else map_
        for k, map_ in enumerate(last.maps)
    )
    whole = 1 if network.gives_probabilities else 0
    end = len(before)
    return _turned(
        network,
        [*before, replace(last, maps=maps)],
        outputs,
        lambda i, values: whole - values if i == end else values,
    )


def _turned(
    network: Network,
    steps: Sequence[Step],
    outputs: Sequence[Array],
    turn: Callable[[int, Array], Array],
) -> Network:
    """The network with other outputs of these steps."""
    changed = [turn(i, output) is not output for i, output in enumerate(outputs)]

    def forward(batch: Array, known: Sequence[bool], places: Places) -> Iterable[Array | None]:
        free = [None if moves else place for moves, place in zip(changed, places, strict=True)]
        for i, output in enumerate(network.forward(batch, known, free)):
            yield None if output is None else turn(i, output)

    return replace(
        network,
        steps=tuple(steps),
        forward=forward,
        outputs=[turn(i, output) for i, output in enumerate(outputs)],
    )


def is_head(map_: Map) -> bool:
    """Whether a map makes probabilities of logits."""
    return map_ in HEADS.values()


def check_head(head: str | None) -> None:
    """UsageError for a head that unknot does not have."""
    if head is not None and head not in (*HEADS, "none"):
        raise UsageError(
            f"Unknown head {str(head)[:100]!r}.\nAllowed: {', '.join(HEADS)} (what turns the "
            "model's output into probabilities) or none."
        )


def as_several(
    parts: list[Part], known: list[bool], network: Network, output: Output | None
) -> tuple[list[Part], Network]:
    """A model beside labels of several outputs: none of its units are classes of one of them.

    Independent sigmoids stay what they are; a softmax, and one sigmoid for several labels, are
    probabilities of something else than the label that colours.
    """
    if output is None or not parts:
        return parts, network
    last, fits = parts[-1], parts[-1].n_units == len(output.names)
    head = "sigmoid" if network.head == "sigmoid" and fits else "none"
    network = replace(network, gives_probabilities=False, classes=None, head=head)
    if not is_head(last.map) or (fits and last.map == HEADS["sigmoid"]):
        return parts, network
    if last.step is not None:
        known[last.step] = False
    opaque = Opaque(f"{last.map.name} of several outputs")
    return [*parts[:-1], replace(last, map=opaque)], network


def with_head(
    parts: list[Part],
    network: Network,
    asked: str | None,
    n_classes: int,
    notes: list[Note],
    output: Output | None = None,
) -> list[Part]:
    """The parts, with what reads logits as probabilities where that is known to be meant."""
    if not parts or is_head(parts[-1].map):
        return parts
    head = network.head if asked is None else asked
    n_units = parts[-1].n_units
    if asked in HEADS:
        _check_fits(asked, n_units, output)
    elif head == "softmax" and n_units == 1:
        head = None
    if head in HEADS:
        text = f"The model ends in logits: the {head} behind them is not a layer of its own."
        notes.append(Note(text, "maker"))
        return [*parts, Part("probability", HEADS[head], None, n_units)]
    if asked is None and output is None and n_units == 1 and n_classes > 2:
        text = (
            f"The model ends in 1 value for {n_classes:,} classes: there is no accuracy. If the "
            "labels are a number to predict, give datasets.from_arrays(x, y, task='regression')."
        )
        notes.append(Note(text, "maker"))
    is_open = network.head != "none" or output is not None
    if asked is None and is_open and _may_be_logits(parts[-1], n_classes, output):
        fitting = "sigmoid" if n_units == 1 or output is not None else "softmax"
        of = f"{n_classes} classes" if output is None else counted(n_units, "label")
        text = (
            f"The model ends in {counted(n_units, 'value')} for {of}; if they are logits, "
            f"trace(…, head={fitting!r}) adds the probabilities."
        )
        notes.append(Note(text, "maker"))
    return parts


def _may_be_logits(part: Part, n_classes: int, output: Output | None) -> bool:
    if not isinstance(part.map, Affine) or n_classes < 2:
        return False
    if output is not None:
        return n_classes == 2 and part.n_units == len(output.names)
    return part.n_units == n_classes or (part.n_units, n_classes) == (1, 2)


def _check_fits(head: str, n_units: int, output: Output | None) -> None:
    """Softmax of one value is 1 whatever it is; sigmoids of several do not sum to 1."""
    if output is not None:
        n = len(output.names)
        if head == "sigmoid" and n_units == n:
            return
        raise UsageError(
            f"The head {head} has no meaning here: the labels are {n} outputs, and the model ends "
            f"in {counted(n_units, 'value')}.\n"
            "The head of labels that do not exclude each other is sigmoid, one a value."
        )
    if head == "softmax" and n_units == 1:
        raise UsageError(
            "The head softmax needs two logits or more; the model ends in one value.\n"
            "For one logit the head is sigmoid."
        )
    if head == "sigmoid" and n_units > 1:
        raise UsageError(
            f"The head sigmoid reads one logit; the model ends in {n_units} values.\n"
            "For one logit a class the head is softmax."
        )


def class_probabilities(
    network: Network, parts: list[Part], output: Values, n_classes: int
) -> Values | None:
    """(n_points, n_classes) of a model's output; None where it is none, or of other classes."""
    last = parts[-1].map
    if network.gives_probabilities and n_classes > 1:
        if (output.shape[1], n_classes) == (1, 2):
            return np.hstack([1 - output, output])
        is_one = np.allclose(output.sum(axis=1), 1, atol=SUM_OF_ONE)
        return output if output.shape[1] == n_classes and is_one else None
    if _is_log_softmax(last):
        return np.exp(output) if output.shape[1] == n_classes else None
    return as_probabilities(output, tuple(part.map for part in parts), n_classes)


def _is_log_softmax(map_: Map) -> bool:
    return isinstance(map_, Opaque) and map_.name.replace("_", "").lower() == "logsoftmax"
