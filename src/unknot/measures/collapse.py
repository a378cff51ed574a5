"""Neural collapse: how far the classes have shrunk to a regular simplex that the head mirrors.

Papyan, Han and Donoho, *Prevalence of neural collapse during the terminal phase of deep learning
training*, PNAS 117 (2020). The four numbers describe what happens after the training error has
reached 0, at the last representation before the head; while the network still makes mistakes, or
at earlier layers, they are numbers without that meaning.

Classes count the same however many points they have; for the balanced data of the paper that is
its own definition.
"""

from collections.abc import Sequence
from functools import partial

import numpy as np
from numpy.typing import NDArray

from unknot.datasets.labels import labelled_rows
from unknot.measures.clouds import n_points_for, unit_scale
from unknot.measures.table import Matrix, Missing, Place, entries, measure_of
from unknot.network.maps import Affine
from unknot.traces.note import Note
from unknot.traces.representation import Trace
from unknot.traces.run import Run

#: Directions in which the class means spread by less than this share of the most hold rounding.
RANK = 1e-6


_collapse = partial(
    measure_of, direction="lower", max_points=100_000, max_values=4_000_000, needs=("classes",)
)


@_collapse(title="neural collapse 1: spread within classes", range=(0, None))
def nc1(place: Place) -> float:
    """Spread within classes against that of the class means: ``tr(S_W S_B⁺) / C``.

    S_W is the mean over the C classes of their covariances, S_B the covariance of the class
    means, S_B⁺ its pseudo-inverse (directions with under 10⁻⁶ of the largest spread of the means
    left out). From 0, lower is less tangled. Any invertible affine map within the span of the
    class means leaves it as it is, rotations and scale included.

    Known failings: describes the terminal phase of training, so it says little while the
    training error is above 0; where units outnumber points it goes to 0 for any labels, as the
    means of a few points lie far apart in many directions (about ``(1 − 1/C) n_points / n_units``
    for labels drawn at random); blind to shape, as all that looks at means (huge for two rings
    around one centre); a class of one point counts as collapsed.

    Source: Papyan, Han, Donoho (2020).
    """
    x = unit_scale(place.values)
    means, index = _class_means(x, place.labels)
    centred = _spread_out(means, x)
    _, sigma, directions = np.linalg.svd(centred, full_matrices=False)
    is_leading = sigma > RANK * sigma[0]
    seen = (x - means[index]) @ (directions[is_leading] / sigma[is_leading, None]).T
    per_point = (seen * seen).sum(axis=1)
    return float(np.mean([per_point[index == c].mean() for c in range(len(means))]))


@_collapse(
    title="neural collapse 2: distance from a simplex", range=(0, np.sqrt(2)), by_default=False
)
def nc2(place: Place) -> float:
    """How far the class means are from equal lengths and equal angles.

    ``‖G / ‖G‖ − (I − 11ᵀ/C) / √(C − 1)‖``, Frobenius norms, G the (C, C) inner products of the
    class means about their mean. 0 exactly when all are equally long and at equal, widest
    angles; at most √2. Lower is nearer to collapse. Rotating, shifting or scaling the cloud
    changes nothing.

    Missing with two classes: they always lie opposite each other. With more classes than units
    plus one, 0 is out of reach.

    Known failings: describes the terminal phase of training, meaningless while the training
    error is above 0; it takes noise in the means of small classes for their place, and where units
    outnumber points that noise alone is a simplex: classes of equal size drawn at random go to 0.

    Source: the property is Papyan, Han, Donoho's (2020), the one number that of Zhu et al., *A
    geometric analysis of neural collapse with unconstrained features* (2021).
    """
    x = unit_scale(place.values)
    means, _ = _class_means(x, place.labels)
    n_classes = len(means)
    if n_classes == 2:
        raise Missing("two class means always lie opposite each other")
    centred = _spread_out(means, x)
    gram = centred @ centred.T
    simplex = (np.eye(n_classes) - 1 / n_classes) / np.sqrt(n_classes - 1)
    return float(np.linalg.norm(gram / np.linalg.norm(gram) - simplex))


@_collapse(title="neural collapse 3: head against class means", range=(0, 2), by_default=False)
def nc3(place: Place) -> float:
    """Self-duality: how far the head's weights are from the class means, up to scale.

    ``‖W / ‖W‖ − M / ‖M‖‖``, Frobenius norms; M (C, n_units) the class means about their mean, W
    the head's weights to each class, about their mean (a softmax does not see a part that all
    share). A head with one logit is −w/2 and w/2. 0 to 2, lower is nearer to collapse. Rotating
    the representation together with the head changes nothing.

    Missing where no head reads the representation.

    Known failings: describes the terminal phase of training, meaningless while the training
    error is above 0; without weight decay the weights keep what they started with, and the value
    stays high in networks that have collapsed.

    Source: Papyan, Han, Donoho (2020).
    """
    head = _head(place)
    x = unit_scale(place.values)
    means, _ = _class_means(x, place.labels)
    centred = _spread_out(means, x)
    weight = head.weight.astype(np.float64).T
    if len(weight) == 1:
        weight = np.vstack([-weight / 2, weight / 2])
    weight = weight[np.unique(place.labels).astype(np.int64)]
    weight = weight - weight.mean(axis=0)
    length = float(np.linalg.norm(weight))
    if length == 0:
        raise Missing("the head has the same weights for every class")
    return float(np.linalg.norm(weight / length - centred / np.linalg.norm(centred)))


@_collapse(
    title="neural collapse 4: head against nearest class mean", range=(0, 1), by_default=False
)
def nc4(place: Place) -> float:
    """Share of the points whose nearest class mean is not the class that the head decides for.

    0 to 1, lower is nearer to collapse. The head decides for its largest output; with one logit,
    for class 1 where it is positive. Rotating the representation together with the head changes
    nothing.

    Missing where no head reads the representation.

    Known failings: describes the terminal phase of training, meaningless while the training
    error is above 0; a head and class means that make the same mistakes score 0.

    Source: Papyan, Han, Donoho (2020).
    """
    head = _head(place)
    # The offset is taken out of the distances, where it would drown small differences.
    x = place.values - place.values.mean(axis=0)
    means, _ = _class_means(x, place.labels)
    distances = (means * means).sum(axis=1) - 2 * x @ means.T
    nearest = np.unique(place.labels)[distances.argmin(axis=1)]
    logits = place.values @ head.weight.astype(np.float64) + head.bias.astype(np.float64)
    decided = logits.argmax(axis=1) if logits.shape[1] > 1 else (logits[:, 0] > 0).astype(np.int64)
    return float((nearest != decided).mean())


def _class_means(x: Matrix, labels: NDArray[np.generic]) -> tuple[Matrix, NDArray[np.intp]]:
    """(n_classes, n_units) means in the order of the classes, and the class of each point."""
    classes, index = np.unique(labels, return_inverse=True)
    return np.stack([x[index == c].mean(axis=0) for c in range(len(classes))]), index


def _spread_out(means: Matrix, x: Matrix) -> Matrix:
    """Class means about their mean."""
    centred = means - means.mean(axis=0)
    if float(np.abs(centred).max()) <= 1e-12 * float(np.abs(x).max()):
        raise Missing("the class means are equal")
    return centred


def _head(place: Place) -> Affine:
    """The head, with an output for every class."""
    if not isinstance(place.head, Affine):
        raise Missing("the network's last affine map does not read this representation")
    n_out = place.head.shape[1]
    n_classes = 2 if n_out == 1 else n_out
    if place.labels.min() < 0 or place.labels.max() >= n_classes:
        raise Missing(f"the head tells {n_classes} classes apart, the labels name others")
    return place.head


#: Statements about a network that makes no training error (Papyan et al. 2020).
COLLAPSE = ("nc1", "nc2", "nc3", "nc4")
#: What labels drawn at random reach where units outnumber points.
BY_CHANCE = ("nc1", "nc2", "margin")
#: Layers that a note names.
MOST_NAMED = 3


def notes(source: Trace | Run, measures: Sequence[str]) -> list[Note]:
    """Warnings about measures of this source, a sentence each.

    Parameters
    ----------
    source : Trace or Run
        Of a run, the network after its last step and the points it was trained on.
    measures : sequence of str
        Names of the measures in the table.

    Returns
    -------
    list of Note
    """
    outnumbered = _outnumbered(source, [name for name in measures if name in BY_CHANCE])
    collapse = [name for name in measures if name in COLLAPSE]
    error = _error(source) if collapse else None
    if not error:
        return outnumbered
    points = "training points" if source.held_out is not None else "points"
    text = (
        f"{', '.join(collapse)}: neural collapse is a statement about training past zero error; "
        f"here {error:.1%} of the {points} are wrong, so these numbers compare layers and no more."
    )
    return [Note(text), *outnumbered]


def _outnumbered(source: Trace | Run, measures: Sequence[str]) -> list[Note]:
    """Where units outnumber the points that a measure is given, chance looks like order."""
    if not measures:
        return []
    if isinstance(source, Run):
        from unknot.traces.tracing import trace

        source = trace(source, lattice=False)
    n_labelled = len(labelled_rows(source.labels))
    widths = [r.n_units for r in source.representations]
    layers: dict[str, int] = {}
    for k, representation in enumerate(source.representations):
        n = min(n_points_for(entries[name], widths[: k + 1], n_labelled) for name in measures)
        if representation.n_units >= n:
            layers[representation.name] = n
    if not layers:
        return []
    most = f" and {len(layers) - MOST_NAMED} more" if len(layers) > MOST_NAMED else ""
    text = (
        f"{', '.join(measures)}: in {', '.join(list(layers)[:MOST_NAMED])}{most} there are as many "
        f"units as points ({min(layers.values()):,}): classes drawn at random are apart there too."
    )
    return [Note(text)]


def _error(source: Trace | Run) -> float | None:
    """Share of points that the network puts in the wrong class; None where it is not known."""
    if isinstance(source, Run):
        from unknot.traces.tracing import trace

        source = trace(source, lattice=False)
    known = source.accuracies
    right = known.overall if known.training is None else known.training
    return None if right is None else 1 - right
