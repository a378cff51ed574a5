"""What scikit-learn's estimators are as maps, where their formula is known."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from unknot.adapters.claims import flat
from unknot.adapters.network import Array
from unknot.adapters.parameters import activation_of
from unknot.network.maps import Activation, Affine, Map, Opaque, Softmax


@dataclass(frozen=True)
class Inverse:
    """The way back to a regression's target, of whatever was learnt in its place."""

    transformer: Any

    def transform(self, values: Array) -> Any:
        """From what was learnt, (n, n_outputs), to the target."""
        return self.transformer.inverse_transform(values)


def known_class(estimator: Any, method: str, names: set[str]) -> str:
    """The first of these classes of scikit-learn's that an estimator is of, or nothing.

    A method that is defined outside of scikit-learn may do anything.
    """
    line = type(estimator).__mro__
    home = next((base.__module__ for base in line if method in vars(base)), "")
    own = [base.__name__ for base in line if base.__module__.startswith("sklearn.")]
    return next((name for name in own if name in names and home.startswith("sklearn.")), "")


def transformer_map(name: str, estimator: Any) -> tuple[Map, ...]:
    """What ``transform`` is, where it is linear; nothing for one that hands on."""
    kind = type(estimator).__name__
    if isinstance(estimator, Inverse):
        return _inverse(name, estimator.transformer)
    known = known_class(estimator, "transform", {*_TRANSFORMERS, "FunctionTransformer"})
    if known == "FunctionTransformer" and estimator.func is None:
        return ()
    maker = _TRANSFORMERS.get(known)
    if maker is None or getattr(estimator, "clip", False):
        return (Opaque(kind),)
    return (_affine(name, *maker(estimator)),)


def _inverse(name: str, transformer: Any) -> tuple[Map, ...]:
    """Of scaling, which is done unit by unit, it is one too."""
    forward = transformer_map(name, transformer)
    match forward:
        case (Affine(scale=scale, bias=bias),) if scale is not None:
            return (_affine(name, 1 / scale, -bias / scale),)
        case ():
            return ()
        case _:
            return (Opaque(f"inverse of {type(transformer).__name__}"),)


def predictor_maps(name: str, estimator: Any) -> tuple[list[Map], list[str]]:
    """The maps of a last estimator and their layers' names; empty where they are not known."""
    gives_probabilities = hasattr(estimator, "predict_proba")
    method = "predict_proba" if gives_probabilities else "predict"
    if known_class(estimator, method, {"MLPClassifier", "MLPRegressor"}):
        return _perceptron(estimator)
    if not hasattr(estimator, "coef_") or not hasattr(estimator, "intercept_"):
        return [], []
    # What is between a dense layer and probabilities nobody sees: then the class must vouch.
    linear = {"LinearClassifierMixin"}
    if gives_probabilities and not (
        known_class(estimator, method, linear)
        and known_class(estimator, "decision_function", linear)
    ):
        return [], []
    try:
        return _linear(name, estimator)
    except Exception:
        # A class of one's own, whose attributes are not what they are called.
        return [], []


def _affine(name: str, weight: Any, bias: Any) -> Affine:
    weight = np.asarray(weight)
    return Affine(weight if weight.ndim == 1 else flat(weight), np.asarray(bias), name)


def _perceptron(estimator: Any) -> tuple[list[Map], list[str]]:
    maps: list[Map] = []
    names: list[str] = []
    n = len(estimator.coefs_)
    for i, (weight, bias) in enumerate(
        zip(estimator.coefs_, estimator.intercepts_, strict=True), 1
    ):
        layer = "output" if i == n else f"hidden {i}"
        kind = estimator.out_activation_ if i == n else estimator.activation
        known = activation_of("sklearn", kind, {}.get)
        activation = Softmax() if kind == "softmax" else known or Opaque(kind)
        if activation == Activation("linear"):
            maps.append(_affine(layer, weight, bias))
        else:
            maps += [_affine(layer, weight, bias), activation]
        names += [layer] * (len(maps) - len(names))
    return maps, names


def _linear(name: str, estimator: Any) -> tuple[list[Map], list[str]]:
    coef = np.atleast_2d(np.asarray(estimator.coef_))
    bias = np.broadcast_to(np.asarray(estimator.intercept_), (len(coef),))
    maps: list[Map] = [_affine(name, coef.T, bias)]
    if hasattr(estimator, "predict_proba"):
        maps.append(_head(estimator, len(coef)))
    return maps, [name] * len(maps)


def _head(estimator: Any, n_units: int) -> Map:
    """What makes probabilities of a linear classifier's scores."""
    loss = getattr(estimator, "loss", None)
    if loss == "modified_huber":
        return Opaque("modified huber")
    if n_units == 1:
        return Activation("sigmoid")
    one_by_one = getattr(estimator, "multi_class", None) == "ovr"
    if loss == "log_loss" or one_by_one or getattr(estimator, "solver", None) == "liblinear":
        return Opaque("normalised sigmoids")
    return Softmax()


def _standard(e: Any) -> tuple[Any, Any]:
    scale = np.ones(e.n_features_in_) if e.scale_ is None else 1 / e.scale_
    return scale, np.zeros(e.n_features_in_) if not e.with_mean else -e.mean_ * scale


def _robust(e: Any) -> tuple[Any, Any]:
    scale = np.ones(e.n_features_in_) if e.scale_ is None else 1 / e.scale_
    centre = np.zeros(e.n_features_in_) if e.center_ is None else e.center_
    return scale, -centre * scale


def _principal(e: Any) -> tuple[Any, Any]:
    weight = e.components_.T
    if e.whiten:
        weight = weight / np.sqrt(e.explained_variance_)
    return weight, -e.mean_ @ weight


def _components(e: Any) -> tuple[Any, Any]:
    weight = e.components_
    weight = (weight.toarray() if hasattr(weight, "toarray") else weight).T
    return weight, np.zeros(weight.shape[1])


def _discriminant(e: Any) -> tuple[Any, Any]:
    n = min(e.scalings_.shape[1], len(e.classes_) - 1, e.n_components or len(e.classes_) - 1)
    weight = e.scalings_[:, :n]
    centre = e.xbar_ if hasattr(e, "xbar_") else np.zeros(len(weight))
    return weight, -centre @ weight


def _selection(e: Any) -> tuple[Any, Any]:
    weight = np.eye(e.n_features_in_)[:, e.get_support()]
    return weight, np.zeros(weight.shape[1])


_TRANSFORMERS: dict[str, Callable[[Any], tuple[Any, Any]]] = {
    "StandardScaler": _standard,
    "MinMaxScaler": lambda e: (e.scale_, e.min_),
    "MaxAbsScaler": lambda e: (1 / e.scale_, np.zeros(e.n_features_in_)),
    "RobustScaler": _robust,
    "PCA": _principal,
    "IncrementalPCA": _principal,
    "TruncatedSVD": _components,
    "GaussianRandomProjection": _components,
    "SparseRandomProjection": _components,
    "LinearDiscriminantAnalysis": _discriminant,
    "SelectorMixin": _selection,
}
