"""scikit-learn: multi-layer perceptrons, linear models, and pipelines that end in anything."""

from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from unknot.adapters.network import Array, Network, Places, Step
from unknot.adapters.sklearn.frames import frame
from unknot.adapters.sklearn.maps import predictor_maps, transformer_map
from unknot.errors import UsageError
from unknot.network.maps import Opaque


@dataclass(frozen=True)
class Link:
    """One estimator of a pipeline: what it is taken to do, and what it does."""

    step: Step
    run: Callable[[Any], Any]


def takes_double(model: Any) -> bool:
    """Trees and others tell points apart that are one in single precision."""
    return True


@contextmanager
def opened(model: Any, sample: Array, path: list[str] | None) -> Generator[Network]:
    """A pipeline is its steps; a perceptron at its end is its layers."""
    if path is not None:
        raise UsageError("A scikit-learn model has one path through it: leave path= out.")
    _check_fitted(model)
    chain = list(_chain(model))
    links = [_link(name, estimator, last) for name, estimator, last in chain]
    names = getattr(model, "feature_names_in_", None)
    yield Network(
        "scikit-learn",
        tuple(link.step for link in links),
        partial(_forward, links),
        gives_probabilities=_predicts(chain[-1][1]) and hasattr(chain[-1][1], "predict_proba"),
        classes=_classes(chain[-1][1]),
        n_features=getattr(model, "n_features_in_", None),
        feature_names=None if names is None else tuple(map(str, names)),
    )


def _classes(estimator: Any) -> list[Any] | None:
    classes = getattr(estimator, "classes_", None)
    return list(classes) if np.ndim(classes) == 1 else None  # pyright: ignore[reportArgumentType]


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
    """Estimators in order, with whether they are the last."""
    model = getattr(model, "best_estimator_", model)
    steps = [
        (title, estimator)
        for title, estimator in getattr(model, "steps", [(name, model)])
        if estimator is not None and not isinstance(estimator, str)
    ]
    for i, (title, estimator) in enumerate(steps):
        last = i == len(steps) - 1
        if hasattr(estimator, "steps"):
            for inner, part, is_end in _chain(estimator, title):
                yield inner, part, is_end and last
        else:
            yield title or type(estimator).__name__, estimator, last


def _predicts(estimator: Any) -> bool:
    """Whether a last estimator is there to predict, whatever else it can do."""
    from sklearn.base import is_classifier, is_clusterer, is_regressor

    if not hasattr(estimator, "transform"):
        return True
    kinds = is_classifier, is_regressor, is_clusterer
    return hasattr(estimator, "predict") and any(kind(estimator) for kind in kinds)


def _link(name: str, estimator: Any, last: bool) -> Link:
    kind = type(estimator).__name__
    if last and _predicts(estimator):
        run = _predict(estimator)
        maps, names = predictor_maps(name, estimator)
        step = Step(name, kind, tuple(maps) or (Opaque(kind),), tuple(names))
    else:
        run = estimator.transform
        step = Step(name, kind, transformer_map(name, estimator))
    return Link(step, lambda values: run(frame(values, estimator)))


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
            return p[:, 1:] if p.shape[1] == 2 and len(estimator.classes_) == 2 else p

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
