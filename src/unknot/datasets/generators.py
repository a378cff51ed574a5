"""The table of built-in data sets, and how one is made by name."""

import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, ParamSpec

import numpy as np
from numpy.typing import NDArray

from unknot.datasets.dataset import Dataset, Task
from unknot.datasets.parameters import as_arguments, check_arguments, check_points, parameters_of
from unknot.errors import UsageError
from unknot.table import Table, unknown

P = ParamSpec("P")
COMMON = ("n", "seed")
generators: Table[Callable[..., Dataset]] = Table("data set")


def generator(function: Callable[P, Dataset]) -> Callable[P, Dataset]:
    """Add a data set to the table: a function ``(n, *, seed, …) -> Dataset``.

    Arguments are converted and checked against the annotations before the function runs, and
    the data set that it returns gets its name and the arguments it was made with.
    """

    @functools.wraps(function)
    def checked(*args: P.args, **kwargs: P.kwargs) -> Dataset:
        named = as_arguments(list(parameters_of(function)), args, kwargs)
        arguments: dict[str, Any] = check_arguments(function, named)
        data = function(**arguments)  # pyright: ignore[reportCallIssue]
        arguments["n"] = data.n_points
        return replace(data, name=function.__name__, parameters=arguments)

    return generators.add(checked)


def make(
    name: str,
    n: int | None = None,
    *,
    seed: int = 0,
    parameters: Mapping[str, object] | None = None,
) -> Dataset:
    """Make a built-in data set by its name.

    Parameters
    ----------
    name : str
        A key of ``generators``.
    n : int, optional
        Number of points; the data set's default when left out.
    seed : int
    parameters : mapping, optional
        The data set's own parameters; values may be numbers or their text (``"0.2"``).

    Raises
    ------
    UsageError
        For an unknown name or parameter, or a value out of bounds.
    """
    function = generators[name]
    own = [key for key in parameters_of(function) if key not in COMMON]
    for key in parameters or {}:
        if key not in own:
            raise UsageError(
                unknown(f"parameter of {name}", key, own)
                if own
                else f"{name} has no parameters but n and seed; got {key!r}.\nLeave {key!r} out."
            )
    size = {} if n is None else {"n": n}
    return function(**(parameters or {}), **size, seed=seed)


@dataclass(frozen=True)
class Description:
    """One row of the list of data sets; the counts and the accuracy are those of the defaults.

    ``parameters`` holds each of the data set's own parameters as its default and, in words,
    what is allowed; ``n`` and ``seed``, which every data set has, are left out.
    """

    name: str
    summary: str
    task: Task
    n_points: int
    n_features: int
    n_classes: int
    bayes_accuracy: float | None
    parameters: dict[str, tuple[float | None, str]]


def describe() -> list[Description]:
    """A row for every built-in data set, in the table's order."""
    return [_description(name) for name in generators]


def _description(name: str) -> Description:
    function, data = generators[name], generators[name]()
    return Description(
        name=name,
        summary=(function.__doc__ or "").strip().partition("\n")[0].rstrip("."),
        task=data.task,
        n_points=data.n_points,
        n_features=data.n_features,
        n_classes=data.n_classes,
        bayes_accuracy=data.bayes_accuracy,
        parameters={
            key: (parameter.default, parameter.allowed)
            for key, parameter in parameters_of(function).items()
            if key not in COMMON
        },
    )


def balanced_labels(
    n: int, n_classes: int, rng: np.random.Generator, n_features: int = 2
) -> NDArray[np.int64]:
    """(n,) class numbers in random order, each class as often as the others, give or take one.

    Raises
    ------
    UsageError
        When there are not two points for every class.
    """
    check_points(n, n_classes, n_features)
    labels = np.arange(n, dtype=np.int64)
    labels %= n_classes
    rng.shuffle(labels)
    return labels


def gaussian_noise(
    shape: tuple[int, int], noise: float, rng: np.random.Generator
) -> NDArray[np.float32]:
    """(n_points, n_features) normal noise of standard deviation `noise`, in single precision."""
    values = rng.standard_normal(shape, dtype=np.float32)
    values *= np.float32(noise)
    return values
