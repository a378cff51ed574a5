"""scikit-learn: multi-layer perceptrons, linear models, and pipelines that end in anything."""

import importlib
import sys
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from unknot.adapters.entrance import Entrance, first_numbers
from unknot.adapters.levels import along
from unknot.adapters.network import Array, Network, Places, Route, Step
from unknot.adapters.sklearn_maps import Inverse, known_class, predictor_maps, transformer_map
from unknot.datasets.labels import shown
from unknot.errors import UsageError, short
from unknot.network.maps import Opaque


@dataclass(frozen=True)
class Link:
    """One estimator of a pipeline: what it is taken to do, and what it does."""

    step: Step
    run: Callable[[Any], Any]


def takes_double(model: Any) -> bool:
    """Trees and others tell points apart that are one in single precision."""
    return True


def predicts_numbers(model: Any) -> bool:
    """Whether it was fitted on a target, which may be whole numbers: marks, counts, years."""
    from sklearn.base import is_regressor

    return hasattr(model, "predict") and is_regressor(model)


@dataclass(frozen=True)
class Rest:
    """What of a pipeline comes after the steps that made numbers of the points."""

    steps: list[tuple[str, Any]]


def entered(model: Any, x: Any, memory: int) -> tuple[Entrance, list[str] | None, Rest] | None:
    """Points that are no numbers, behind the first steps of a pipeline that makes such of them."""
    _check_fitted(model)
    chain = list(_chain(model))
    makers = [
        (name, estimator)
        for name, estimator, last in chain
        if hasattr(estimator, "transform") and not (last and _predicts(estimator))
    ]
    if not makers:
        return None
    _check_columns(chain[0][1], x)
    steps = [(name, estimator.transform) for name, estimator in makers]
    entrance = first_numbers(type(model).__name__, steps, x, memory)
    n = entrance.n_steps
    names: Any = list(map(str, getattr(x, "columns", ()))) or None
    for _, estimator in makers[:n]:
        names = _names_out(estimator, names)
    fits = names is not None and len(names) == entrance.x.shape[1]
    return entrance, names if fits else None, Rest([(s, e) for s, e, _ in chain[n:]])


def _names_out(estimator: Any, names: list[str] | None) -> list[str] | None:
    """The names of the features that a transformer makes, where it tells."""
    try:
        return list(map(str, estimator.get_feature_names_out(names)))
    except Exception:
        return None


def _check_columns(estimator: Any, x: Any) -> None:
    """A data frame has the columns that the model was fitted on; it may have more."""
    columns = [str(name) for name in getattr(x, "columns", ())]
    wanted = [str(name) for name in getattr(estimator, "feature_names_in_", ())]
    missing = [name for name in wanted if name not in columns]
    if columns and missing:
        raise UsageError(
            f"The scikit-learn model was fitted on a column {short(missing[0])}, which the points "
            f"lack.\nTheir columns: {shown(columns)}."
        )


@contextmanager
def opened(model: Any, sample: Array, path: Route) -> Generator[Network]:
    """A pipeline is its steps; a perceptron at its end is its layers."""
    if path:
        raise UsageError("A scikit-learn model has one path through it: leave path= out.")
    if not isinstance(model, Rest):
        _check_fitted(model)
    chain = list(_chain(model))
    if not chain:
        raise UsageError(
            "The pipeline ends where its points become numbers: there is no map to see.\n"
            "Give one with a step after that."
        )
    links = [_link(name, estimator, last) for name, estimator, last in chain]
    names = getattr(model, "feature_names_in_", None)
    network = Network(
        "scikit-learn",
        tuple(link.step for link in links),
        partial(_forward, links),
        head=None if hasattr(chain[-1][1], "predict") else "none",
        gives_probabilities=_gives_probabilities(chain[-1][1]),
        classes=_classes(chain[-1][1]),
        n_features=getattr(model, "n_features_in_", None),
        feature_names=None if names is None else tuple(map(str, names)),
    )
    yield along(network, path)


def _classes(estimator: Any) -> list[Any] | None:
    if _has_several_labels(estimator):
        return None
    classes = getattr(estimator, "classes_", None)
    # Of several outputs each has classes of its own.
    if not isinstance(classes, list | tuple | np.ndarray) or any(map(np.ndim, classes)):
        return None
    return list(classes) or None


def _has_several_labels(estimator: Any) -> bool:
    """Whether it gives a probability a label, of labels that do not exclude each other."""
    several = getattr(estimator, "multilabel_", False) is True
    is_logistic = getattr(estimator, "out_activation_", None) == "logistic"
    return several or (is_logistic and getattr(estimator, "n_outputs_", 1) > 1)


def _check_fitted(model: Any) -> None:
    from sklearn.exceptions import NotFittedError
    from sklearn.utils.validation import check_is_fitted

    try:
        check_is_fitted(model)
    except NotFittedError as error:
        raise UsageError(
            f"The {type(model).__name__} is not fitted yet.\nCall its fit(x, y) before tracing it."
        ) from error
    except TypeError as error:
        raise UsageError(
            f"The {type(model).__name__} is no estimator that can be fitted.\n"
            "Give one with fit and predict or transform."
        ) from error


def _chain(model: Any, name: str | None = None) -> Generator[tuple[str, Any, bool]]:
    """Estimators in order, with whether they are the last that is a part of the model's own."""
    model = getattr(model, "best_estimator_", model)
    steps = [
        (title, estimator)
        for title, estimator in getattr(model, "steps", [(name, model)])
        if estimator is not None and not isinstance(estimator, str)
    ]
    n = sum(not isinstance(estimator, Inverse) for _, estimator in steps)
    for i, (title, estimator) in enumerate(steps, 1):
        last = i == n
        if hasattr(estimator, "steps"):
            for inner, part, is_end in _chain(estimator, title):
                yield inner, part, is_end and last
        elif last and known_class(estimator, "predict", {"TransformedTargetRegressor"}):
            yield from _chain(estimator.regressor_, title)
            yield "target", Inverse(estimator.transformer_), False
        else:
            yield title or type(estimator).__name__, estimator, last


def _predicts(estimator: Any) -> bool:
    """Whether a last estimator is there to predict, whatever else it can do."""
    from sklearn.base import is_classifier, is_clusterer, is_regressor

    if not hasattr(estimator, "transform"):
        return True
    kinds = is_classifier, is_regressor, is_clusterer
    return hasattr(estimator, "predict") and any(kind(estimator) for kind in kinds)


def _gives_probabilities(estimator: Any) -> bool:
    is_one = not _has_several_labels(estimator)
    return is_one and _predicts(estimator) and hasattr(estimator, "predict_proba")


def _link(name: str, estimator: Any, last: bool) -> Link:
    kind = type(estimator).__name__
    if last and _predicts(estimator):
        run = _predict(estimator)
        maps, names = predictor_maps(name, estimator)
        step = Step(name, kind, tuple(maps) or (Opaque(kind),), tuple(names))
    else:
        run = estimator.transform
        step = Step(name, kind, transformer_map(name, estimator))
    return Link(step, lambda values: run(_frame(values, estimator)))


def _predict(estimator: Any) -> Callable[[Any], Any]:
    """Probabilities, or scores where there are none, or the prediction."""
    if hasattr(estimator, "predict_proba"):

        def probabilities(x: Any) -> Any:
            p = estimator.predict_proba(x)
            if isinstance(p, list):
                raise UsageError(
                    f"The {type(estimator).__name__} has several outputs; unknot follows one.\n"
                    "Fit a model with one output, or trace(list of functions)."
                )
            is_pair = p.shape[1] == 2 and len(_classes(estimator) or ()) == 2
            return p[:, 1:] if is_pair else p

        return probabilities
    if hasattr(estimator, "decision_function"):
        return estimator.decision_function
    classes = _classes(estimator)
    if classes is not None:
        # Labels may be words: a unit a class, 1 for the one that is predicted.
        return lambda x: np.asarray(estimator.predict(x))[:, None] == np.asarray(classes)
    return estimator.predict


def _forward(
    links: list[Link], batch: Array, known: Sequence[bool], places: Places
) -> Generator[Array | None]:
    """Nothing after the last step that must be asked is worth asking: its maps are as cheap."""
    needed = max((i for i, is_known in enumerate(known) if not is_known), default=-1)
    values: Any = batch.reshape(len(batch), -1)
    for i, link in enumerate(links):
        if i > needed:
            yield None
            continue
        values = _dense(link.run(values))
        yield values


def _dense(values: Any) -> Array:
    array = np.asarray(values.toarray() if hasattr(values, "toarray") else values)
    if array.dtype.kind not in "biuf":
        raise UsageError(
            f"The model gives {array.dtype} values, which have no place in a cloud.\n"
            "Give a model whose steps and output are numbers."
        )
    return array.reshape(len(array), -1)


def _frame(values: Array, estimator: Any) -> Any:
    """The values with the names of their columns, where the estimator asks for columns by name."""
    names = getattr(estimator, "feature_names_in_", None)
    if names is None or len(names) != values.shape[1]:
        return values
    for package in sorted(("pandas", "polars"), key=lambda package: package not in sys.modules):
        try:
            library: Any = importlib.import_module(package)
        except ImportError:
            continue
        if package == "pandas":
            return library.DataFrame(values, columns=list(names))
        return library.DataFrame(values, schema=list(names))
    return values
