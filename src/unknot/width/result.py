"""What the search for the minimum width found."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from math import inf, isfinite
from typing import Any, Literal

from unknot.traces.run import Run

#: Widths that ``repr`` tells.
MOST_WIDTHS = 8

Verdict = Literal["enough", "too small", "optimiser failed", "undecided"]


@dataclass(frozen=True)
class Ceiling:
    """What a network could reach.

    Attributes
    ----------
    accuracy : float
    source : str
        ``"Bayes accuracy"``, ``"gradient boosting"``, …
    candidates : dict of str to float
        Everything that was tried, the ceiling among it.
    """

    accuracy: float
    source: str
    candidates: dict[str, float]


@dataclass(frozen=True)
class Statement:
    """A theorem that applies to this case.

    Attributes
    ----------
    text : str
        What was proved, no wider.
    source : str
    widths : tuple of int
        The widths, among those tried, about which it says something.
    forbids : bool
        Whether those widths cannot have the decision regions that the classes have.
    """

    text: str
    source: str
    widths: tuple[int, ...] = ()
    forbids: bool = False


@dataclass(frozen=True, eq=False)
class Width:
    """One width and its trainings.

    Attributes
    ----------
    width : int
    hidden : tuple of int
    accuracies : tuple of float
        On the judging points, one a restart, in the restarts' order.
    losses, training_accuracies : tuple of float
        On the training points.
    best, median : float
        Of the accuracies.
    accuracy : float
        Of the chosen network, on the judging points. It was chosen by its training points, so this
        number is not flattered by the choice, and the verdict rests on it.
    standard_error : float
        Of that accuracy, from the number of judging points.
    n_reached : int
        Restarts that come within the tolerance of the ceiling.
    interval : (low, high)
        The 95 % interval of the share of restarts that do (Wilson).
    restarts_needed : int or None
        Restarts after which one has come that close with a probability of 95 %; None when none
        of these did.
    verdict : {"enough", "too small", "optimiser failed", "undecided"}
    reason : str
    run : Run
        The chosen network, with checkpoints.
    """

    width: int
    hidden: tuple[int, ...]
    accuracies: tuple[float, ...]
    losses: tuple[float, ...]
    training_accuracies: tuple[float, ...]
    best: float
    median: float
    accuracy: float
    standard_error: float
    n_reached: int
    interval: tuple[float, float]
    restarts_needed: int | None
    verdict: Verdict
    reason: str
    run: Run = field(repr=False)

    @property
    def lowest_loss(self) -> float:
        """Of all restarts, on the training points."""
        return min((loss for loss in self.losses if isfinite(loss)), default=inf)

    @property
    def share(self) -> float:
        """Share of restarts within the tolerance of the ceiling."""
        return self.n_reached / len(self.accuracies)

    def as_json(self) -> dict[str, Any]:
        """Everything but the network."""
        return {
            "width": self.width,
            "hidden": list(self.hidden),
            "best": self.best,
            "median": self.median,
            "accuracy": self.accuracy,
            "standard_error": self.standard_error,
            "verdict": self.verdict,
            "reason": self.reason,
            "reached": self.n_reached,
            "share": self.share,
            "share_interval": list(self.interval),
            "restarts_needed": self.restarts_needed,
            "accuracies": list(self.accuracies),
        }


@dataclass(frozen=True, eq=False, repr=False)
class MinimumWidth:
    """The answer of ``minimum_width``, and all that it rests on.

    Attributes
    ----------
    answer : int or None
        The smallest width whose chosen network is within the tolerance of the ceiling.
    ceiling : Ceiling
    tolerance : float
    widths : tuple of Width
        In ascending order.
    theory : tuple of Statement
    advice : str
        What to try when there is no answer, or none that is sure; otherwise empty.
    settings : dict
        The arguments, with what followed from them. JSON values only.
    n_judging, judged_on
        How many points the accuracies are measured on, and which.
    seconds : dict
        Wall time by phase.
    interrupted : bool
        After Ctrl-C: widths may be missing, so there is no answer.
    """

    answer: int | None
    ceiling: Ceiling
    tolerance: float
    widths: tuple[Width, ...]
    theory: tuple[Statement, ...]
    advice: str
    settings: dict[str, Any]
    n_judging: int
    judged_on: str
    seconds: dict[str, float] = field(default_factory=dict[str, float])
    interrupted: bool = False

    def __repr__(self) -> str:
        settings, ceiling = self.settings, self.ceiling
        answer = "no width is enough" if self.answer is None else f"{self.answer} units are enough"
        if self.interrupted:
            answer = "interrupted, no answer"
        name, activation = settings["dataset"]["name"], settings["activation"]
        lines = [
            f"MinimumWidth of {name!r} with {activation}: {answer}",
            f"  ceiling {ceiling.accuracy:.4f} ({ceiling.source}), tolerance {self.tolerance:g}",
        ]
        tried = [f"{w.width}: {w.accuracy:.4f} {w.verdict}" for w in self.widths]
        if len(tried) > MOST_WIDTHS:
            tried = [*tried[: MOST_WIDTHS - 1], "…", tried[-1]]
        return "\n".join([*lines, *(f"  width {each}" for each in tried)])

    def _repr_html_(self) -> str:
        from unknot.doors import preview

        return preview(self)

    def __iter__(self) -> Iterator[Width]:
        return iter(self.widths)

    def __getitem__(self, width: int) -> Width:
        """The result of a width."""
        for each in self.widths:
            if each.width == width:
                return each
        raise KeyError(width)

    @property
    def threshold(self) -> float:
        """The accuracy from which a width is enough."""
        return self.ceiling.accuracy - self.tolerance

    @property
    def winner(self) -> Width | None:
        """The result of the width that is the answer."""
        return None if self.answer is None else self[self.answer]

    @property
    def best_failing(self) -> Width | None:
        """The most accurate width below the answer; of all widths where there is no answer."""
        below = [w for w in self.widths if self.answer is None or w.width < self.answer]
        return max(below, key=lambda w: w.accuracy, default=None)

    def as_json(self) -> dict[str, Any]:
        """Everything but the networks, as JSON values."""
        return {
            "answer": self.answer,
            "ceiling": self.ceiling.accuracy,
            "ceiling_source": self.ceiling.source,
            "ceiling_candidates": self.ceiling.candidates,
            "tolerance": self.tolerance,
            "advice": self.advice,
            "n_judging": self.n_judging,
            "judged_on": self.judged_on,
            **self.settings,
            "widths": [each.as_json() for each in self.widths],
            "theory": [{"text": s.text, "source": s.source} for s in self.theory],
            "seconds": self.seconds,
            "interrupted": self.interrupted,
        }
