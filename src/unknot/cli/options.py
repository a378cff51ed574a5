"""Arguments and options that several commands share, and how their texts become values."""

import re
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from math import inf, isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

from cyclopts import Parameter

from unknot.errors import UsageError

if TYPE_CHECKING:
    from cyclopts import Token

    from unknot.traces.representation import Trace
    from unknot.traces.run import Run

T = TypeVar("T")

#: More different numbers than this in a label column look like a target.
MANY_NUMBERS = 50

#: Where the tables are whose names are choices: ``{module:table}`` in a help text.
NAMES = re.compile(r"\{([a-z_.]+):(\w+)\}")
ACTIVATIONS = "{unknot.network.activations:activations}"
DATA_SETS = "{unknot.datasets:generators}"
FIGURES = "{unknot.views.figures:OF_FILES}"
KINDS = "{unknot.motion.kinds:kinds}"
MEASURES = "{unknot.measures:entries}"
METRICS = "{unknot.width.metrics:METRICS}"
OPTIMISERS = "{unknot.network.optimisers:optimisers}"
PROJECTIONS = "{unknot.motion.projection:projections}"


def with_names(text: str) -> str:
    """A help text with the names of a table in the place of where the table is.

    Only when help is shown is a table imported, which may take a second.
    """
    return NAMES.sub(lambda place: ", ".join(getattr(import_module(place[1]), place[2])), text)


#: Digits and a sign: what a person writes as a whole number, and nothing that must be rounded.
WHOLE_NUMBER = re.compile(r"[+-]?[0-9]{1,18}", re.ASCII)
REAL_NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)(e[+-]?[0-9]{1,3})?", re.A | re.I)
#: Of NumPy's and JAX's generators alike.
LARGEST_SEED = 2**32 - 1


def as_whole(text: str) -> int:
    """A whole number as it is written; 9.6 is none, and nor is 1e3.

    Raises
    ------
    ValueError
    """
    if not WHOLE_NUMBER.fullmatch(text.strip()):
        raise ValueError(f"a whole number is needed; got {text[:100]!r}.")
    return int(text)


def _whole(type_: Any, tokens: Sequence["Token"]) -> int:
    return as_whole(tokens[0].value)


def _seed(type_: Any, tokens: Sequence["Token"]) -> int:
    number = _whole(type_, tokens)
    if not 0 <= number <= LARGEST_SEED:
        raise ValueError(f"a whole number from 0 to {LARGEST_SEED:,} is needed; got {number:,}.")
    return number


def _real(type_: Any, tokens: Sequence["Token"]) -> float:
    text = tokens[0].value.strip()
    number = float(text) if REAL_NUMBER.fullmatch(text) else inf
    if not isfinite(number):
        raise ValueError(f"a number is needed; got {text[:100]!r}.")
    return number


WHOLE, REAL = Parameter(converter=_whole), Parameter(converter=_real)
Data = Annotated[str, Parameter(help=f"A file, or the name of a data set: {DATA_SETS}.")]
Source = Annotated[Path, Parameter(help="A trace or run that unknot wrote (.safetensors).")]
Layers = Annotated[
    str | None,
    Parameter(
        help="Which representations to show besides the input and the output: blocks, modules, "
        "all, or names, numbers and patterns joined by commas: 'layer*,fc'."
    ),
]
Seed = Annotated[int, Parameter(converter=_seed, help="Seed of all random numbers.")]
Json = Annotated[
    bool, Parameter(name="--json", negative="", help="Print one JSON object on stdout.")
]


@Parameter(name="*")
@dataclass(frozen=True)
class DataOptions:
    """Where the points come from."""

    parameter: Annotated[
        list[str],
        Parameter(
            name=["--parameter", "-p"],
            negative="",
            help="A parameter of the data set, NAME=VALUE; repeat it for more.",
        ),
    ] = field(default_factory=list[str])
    n: Annotated[
        int | None, WHOLE, Parameter(name=["--n-points", "-n"], help="Number of points.")
    ] = None
    label: Annotated[str | None, Parameter(help="The column of a file that holds the classes.")] = (
        None
    )
    target: Annotated[
        str | None, Parameter(help="The column of a file that holds a number to predict.")
    ] = None

    held_out: Annotated[
        str | None,
        Parameter(
            help="The column of a file that says which points are held out from training: 0 and 1, "
            "true and false, or train and test."
        ),
    ] = None
    identity: Annotated[
        str | None,
        Parameter(
            help="Columns of a file that identify a point and are not features, joined by commas: "
            "name, text, image (paths of image files) and any others."
        ),
    ] = None

    def load(
        self, data: str, seed: int, *, several: bool = False, colour: str | None = None
    ) -> Any:
        """The data set of that name or in that file; of `several` labels one is the colour."""
        from unknot.datasets import resolve

        loaded = resolve(
            data,
            n=self.n,
            seed=seed,
            parameters=_pairs(self.parameter),
            label=self.label,
            target=self.target,
            colour=colour,
            held_out=self.held_out,
            identity=self.identity,
        )
        if loaded.output is not None and not several:
            raise UsageError(
                f"This command takes one label or target; got {len(loaded.output.names)} columns "
                f"({', '.join(loaded.output.names)[:100]}).\nGive one: the others are features, or "
                "are left out of the file."
            )
        if self.label is not None:
            _doubt_numbers(self.label, loaded.class_names)
            _doubt_words(self.label, loaded.class_names)
            _tell_gaps("--label", self.label, loaded.y)
        if self.target is not None:
            _tell_gaps("--target", self.target, loaded.y)
        return loaded


def _doubt_numbers(label: str, class_names: tuple[str, ...]) -> None:
    """Say on stderr that a column of very many numbers is rather a target."""
    from unknot.datasets.labels import NUMBER

    if len(class_names) <= MANY_NUMBERS or not all(map(NUMBER.fullmatch, class_names)):
        return
    print(
        f"unknot: --label {label}: {len(class_names):,} different numbers are taken as classes.\n"
        f"  If they are to be predicted as numbers: --target {label}",
        file=sys.stderr,
    )


def _tell_gaps(option: str, column: str, labels: Any) -> None:
    """Say on stderr that some points have no label, and what becomes of them."""
    from unknot.datasets.labels import unlabelled_text

    if text := unlabelled_text(labels):
        if option == "--target":
            text = text.removesuffix("label") + "target"
        print(
            f"unknot: {option} {column}: {text}.\n"
            "  They are shown in grey; no training, measure or accuracy counts them.",
            file=sys.stderr,
        )


def _doubt_words(label: str, class_names: tuple[str, ...]) -> None:
    """Say on stderr that a word which often stands for no value is taken as a class."""
    from unknot.datasets.labels import says_no_value

    for name in class_names:
        if says_no_value(name):
            print(
                f"unknot: --label {label}: the text {name} is taken as a class of that name.\n"
                "  If it stands for a missing label, leave the cell empty.",
                file=sys.stderr,
            )


@Parameter(name="*")
@dataclass(frozen=True)
class NetworkOptions:
    """The network and its training."""

    hidden: Annotated[
        str | None,
        Parameter(
            help="Units of each hidden layer: 6 or 64,32. By default the data set's own network, "
            "or two layers of 16, 32 or 64 units, depending on the number of features."
        ),
    ] = None
    readout: Annotated[
        int | None,
        WHOLE,
        Parameter(help="Units of a linear layer before the output; by default there is none."),
    ] = None
    activation: Annotated[
        str | None,
        Parameter(
            help=f"One for all hidden layers, or one for each (relu,tanh), of {ACTIVATIONS}; "
            "with a parameter: 'leaky_relu(slope=0.2)'."
        ),
    ] = None
    steps: Annotated[
        int | None,
        WHOLE,
        Parameter(help="Optimiser steps, at a rate that rises and falls; chosen by default."),
    ] = None
    epochs: Annotated[
        int | None,
        WHOLE,
        Parameter(help="Instead of steps: epochs at a constant rate, as fit does in Keras."),
    ] = None
    batch_size: Annotated[
        int | None,
        WHOLE,
        Parameter(help="Points in each step; by default it depends on their number."),
    ] = None
    optimizer: Annotated[
        str | None,
        Parameter(help=f"One of {OPTIMISERS}; by default adamw, or rmsprop with --epochs."),
    ] = None
    learning_rate: Annotated[
        float | None,
        REAL,
        Parameter(help="The peak rate, or with --epochs the constant rate; chosen by default."),
    ] = None
    weight_decay: Annotated[
        float | None, REAL, Parameter(help="Weight decay of adamw; chosen by default.")
    ] = None
    validation: Annotated[
        float | None,
        REAL,
        Parameter(
            help="Share of the points held out; by default those that --held-out names, or 0.2."
        ),
    ] = None
    standardise: Annotated[
        bool | None,
        Parameter(
            help="Scale features to mean 0 and deviation 1; by default done where scales are "
            "unequal."
        ),
    ] = None

    def arguments(self) -> dict[str, Any]:
        """Keyword arguments of ``fit``."""
        activations = (
            [] if self.activation is None else comma_separated(self.activation, str, "--activation")
        )
        return {
            "hidden": None
            if self.hidden is None
            else comma_separated(self.hidden, as_whole, "--hidden"),
            "readout": self.readout,
            "activation": activations if len(activations) > 1 else next(iter(activations), None),
            "steps": self.steps,
            "epochs": self.epochs,
            "batch_size": self.batch_size,
            "optimizer": self.optimizer,
            "learning_rate": self.learning_rate,
            "weight_decay": self.weight_decay,
            "validation": self.validation,
            "standardise": self.standardise,
        }


@Parameter(name="*")
@dataclass(frozen=True)
class ViewOptions:
    """What is shown of a layer, and how."""

    axes: Annotated[int | None, WHOLE, Parameter(help="2 or 3; by default 2.")] = None
    projection: Annotated[str | None, Parameter(help=f"One of {PROJECTIONS}; by default auto.")] = (
        None
    )
    units: Annotated[
        str | None, Parameter(help="Units to show of wide layers, one for each axis: 1,6.")
    ] = None

    def given(self) -> dict[str, Any]:
        """What was asked for, as keyword arguments of a scene."""
        chosen = {
            "n_axes": self.axes,
            "projection": self.projection,
            "units": self.chosen_units(),
        }
        return {name: value for name, value in chosen.items() if value is not None}

    def chosen_units(self) -> tuple[int, ...] | None:
        """The units asked for, as Python counts them: people count from 1."""
        if self.units is None:
            return None
        numbers = comma_separated(self.units, as_whole, "--units")
        if min(numbers) < 1:
            raise UsageError(f"--units counts from 1, as pictures do; got {self.units[:100]!r}.")
        return tuple(number - 1 for number in numbers)


def comma_separated(text: str, convert: Callable[[str], T], option: str) -> list[T]:
    """``"6,4"`` → 6 and 4."""
    try:
        # A comma between brackets is a parameter's.
        parts = re.split(r",(?![^(]*\))", text)
        return [convert(part.strip()) for part in parts]
    except ValueError:
        example = "6 or 64,32" if option == "--hidden" else "1,6"
        kind = "numbers" if convert is float else "whole numbers"
        raise UsageError(
            f"{option} takes {kind} joined by commas, like {example}; got {text[:100]!r}."
        ) from None


def _pairs(texts: Iterable[str]) -> dict[str, str]:
    pairs: dict[str, str] = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals or not name:
            raise UsageError(
                f"-p takes NAME=VALUE, like -p noise=0.2; got {text[:100]!r}.\n"
                "See the parameters of every data set: unknot datasets"
            )
        name, value = name.strip(), value.strip()
        if pairs.setdefault(name, value) != value:
            raise UsageError(
                f"-p {name} is given twice, as {pairs[name][:50]} and as {value[:50]}.\n"
                "Give it once."
            )
    return pairs


def layer_names(text: str | None) -> list[str | int] | None:
    """``"layer*,-1"`` → ``"layer*"`` and −1."""
    if text is None:
        return None
    parts = [part.strip() for part in text.split(",")]
    return [int(part) if re.fullmatch(r"-?\d{1,9}", part) else part for part in parts]


def load_source(path: Path, layers: str | None = None) -> "Trace | Run":
    """What unknot wrote; of the layers that were asked for a trace.

    Raises
    ------
    UsageError
        For a model's file, which must be traced first, and as ``unknot.load`` does.
    """
    from unknot.adapters.files import OPENERS, REFUSED
    from unknot.errors import UsageError
    from unknot.traces.storage import load

    if path.suffix.lower() in {*OPENERS, *REFUSED}:
        raise UsageError(
            f"{path.name} is a model, not a trace of one.\n"
            f"Trace it first: unknot trace {path} DATA -o {path.stem}.safetensors"
        )
    loaded = load(path)
    if layers is None:
        return loaded
    from unknot.traces.tracing import trace

    return trace(loaded, layers=layer_names(layers))
