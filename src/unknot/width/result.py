"""What the search for the minimum width found."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from math import inf, isfinite
from typing import TYPE_CHECKING, Any, Literal

from numpy.typing import NDArray

from unknot.traces.run import Run
from unknot.width.metrics import SHOWN, Metric

if TYPE_CHECKING:
    import polars

#: Widths that ``repr`` tells.
MOST_WIDTHS = 8

Verdict = Literal["enough", "too small", "optimiser failed", "does not generalise", "undecided"]


@dataclass(frozen=True)
class Ceiling:
    """What a network could reach.

    Attributes
    ----------
    accuracy : float
        Or its score by another metric, on the judging rows.
    source : str
        ``"Bayes accuracy"``, ``"gradient boosting"``, …
    candidates : dict of str to float
        Everything that was tried, the ceiling among it.
    choice : dict of str to float
        Their scores on rows set apart from the training rows, by which the ceiling was chosen.
        Empty for a Bayes accuracy.
    values : (n_rows,) float64, or None
        What each of the first judging rows adds to the ceiling's score. None for a Bayes accuracy.
    """

    accuracy: float
    source: str
    candidates: dict[str, float]
    choice: dict[str, float] = field(default_factory=dict[str, float])
    values: NDArray[Any] | None = field(default=None, repr=False, compare=False)


@dataclass(frozen=True)
class Statement:
    """A theorem that applies to this case.

    Attributes
    ----------
    text : str
        What was proved, no wider.
    source : str
    domain : str
        Where it was proved: on which inputs, in which sense.
    widths : tuple of int
        The widths, among those tried, about which it says something.
    forbids : bool
        Whether those widths cannot have the decision regions that the classes have.
    promises : bool
        Whether those widths can come as near as one likes, noise apart.
    """

    text: str
    source: str
    widths: tuple[int, ...] = ()
    forbids: bool = False
    domain: str = ""
    promises: bool = False


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
        number is not flattered by the choice.
    score, scores, training_score : float, tuple of float, float
        Of the chosen network and of each restart on the judging points, and of the chosen network
        on the training points, by the metric of the search: larger is better, so a log loss counts
        negatively. The verdict rests on `score`.
    shortfall, shortfall_error : float
        How far the chosen network is below the ceiling, compared on the same rows where the
        ceiling is a model, and the standard error of that.
    recalls : dict of str to float, or None
        For each class the share of its judging points that the chosen network finds.
    standard_error : float
        Of that accuracy, from the number of judging points.
    n_reached : int
        Restarts that come within the tolerance of the ceiling.
    interval : (low, high)
        The 95 % interval of the share of restarts that do (Wilson).
    restarts_needed : int or None
        Restarts after which one has come that close with a probability of 95 %; None when none
        of these did.
    verdict : {"enough", "too small", "optimiser failed", "does not generalise", "undecided"}
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
    score: float
    scores: tuple[float, ...]
    training_score: float
    shortfall: float
    shortfall_error: float
    recalls: dict[str, float] | None = None

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
            "score": self.score,
            "scores": list(self.scores),
            "training_score": self.training_score,
            "shortfall": self.shortfall,
            "shortfall_error": self.shortfall_error,
            "recalls": self.recalls,
        }


@dataclass(frozen=True, eq=False, repr=False)
class MinimumWidth:
    """The answer of ``minimum_width``, and all that it rests on.

    Attributes
    ----------
    answer : int or None
        The smallest width whose chosen network is surely within the tolerance of the ceiling, if
        none that is narrower may be.
    answer_range : (int, int or None), or None
        The narrowest width that may be enough and the narrowest that surely is: twice the answer
        where there is one. None where no width tried may be enough.
    metric : {"accuracy", "balanced_accuracy", "log_loss"}
        By which widths are judged.
    majority_share : float
        Share of the largest class among the judging points.
    constant_score : float
        What always giving the same answer scores.
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
    answer_range: tuple[int, int | None] | None = None
    metric: Metric = "accuracy"
    majority_share: float = 0.0
    constant_score: float = 0.0

    @property
    def metric_name(self) -> str:
        """What people read for the metric: ``"balanced accuracy"``."""
        return SHOWN[self.metric]

    @property
    def answer_text(self) -> str:
        """The answer in words: a width, a range, or that there is none."""
        if self.interrupted:
            return "interrupted, no answer"
        if self.answer is not None:
            return "1 unit is enough" if self.answer == 1 else f"{self.answer} units are enough"
        if self.answer_range is None:
            return "no width is enough"
        return range_text(*self.answer_range)

    def __repr__(self) -> str:
        settings, ceiling, answer = self.settings, self.ceiling, self.answer_text
        name, activation = settings["dataset"]["name"], settings["activation"]
        lines = [
            f"MinimumWidth of {name!r} with {activation}: {answer}",
            f"  ceiling {ceiling.accuracy:.4f} ({ceiling.source}), tolerance {self.tolerance:g}",
        ]
        if self.metric != "accuracy":
            lines[1] += f", {self.metric_name}"
        tried = [f"{w.width}: {w.score:.4f} {w.verdict}" for w in self.widths]
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
        """The score from which a width is enough."""
        return self.ceiling.accuracy - self.tolerance

    @property
    def winner(self) -> Width | None:
        """The result of the width that is the answer; of a range, of the one surely enough."""
        high = None if self.answer_range is None else self.answer_range[1]
        return None if high is None else self[high]

    @property
    def best_failing(self) -> Width | None:
        """The best width below the answer or its range; of all widths where there is none."""
        low = None if self.answer_range is None else self.answer_range[0]
        below = [w for w in self.widths if low is None or w.width < low]
        return max(below, key=lambda w: w.score, default=None)

    def as_json(self) -> dict[str, Any]:
        """Everything but the networks, as JSON values."""
        return {
            "answer": self.answer,
            "answer_range": None if self.answer_range is None else list(self.answer_range),
            "metric": self.metric,
            "majority_share": self.majority_share,
            "constant_score": self.constant_score,
            "ceiling": self.ceiling.accuracy,
            "ceiling_source": self.ceiling.source,
            "ceiling_candidates": self.ceiling.candidates,
            "ceiling_choice": self.ceiling.choice,
            "tolerance": self.tolerance,
            "advice": self.advice,
            "n_judging": self.n_judging,
            "judged_on": self.judged_on,
            **self.settings,
            "widths": [each.as_json() for each in self.widths],
            "theory": [
                {"text": s.text, "source": s.source, "domain": s.domain} for s in self.theory
            ],
            "seconds": self.seconds,
            "interrupted": self.interrupted,
        }


def range_text(low: int, high: int | None, noun: str = "unit") -> str:
    """``"2 to 5 units, the data cannot tell"``; ``"1 unit or more, …"`` where no width is sure."""
    if high is None:
        return f"{low} {noun}{'s' * (low > 1)} or more, the data cannot tell"
    joint = "or" if high == low + 1 else "to"
    return f"{low} {joint} {high} {noun}s, the data cannot tell"


#: Data set, activation, layers, units of each.
Cell = tuple[str, str, int, int]


@dataclass(frozen=True, eq=False)
class Atlas:
    """What ``atlas`` returns.

    Attributes
    ----------
    table : polars.DataFrame
        A row a cell; the columns are listed in docs/atlas.md.
    runs : dict
        The best network of each cell by (data, activation, depth, width), chosen by its training
        points.
    interrupted : bool
        True after Ctrl-C: of the last data set only the whole cells are there.
    tolerance : float
        Accuracy that may be missing to the best possible one.
    """

    table: "polars.DataFrame"
    runs: dict[Cell, Run] = field(default_factory=dict[Cell, Run], repr=False)
    interrupted: bool = False
    tolerance: float = 0.005

    def _repr_html_(self) -> str:
        from unknot.doors import preview

        return preview(self)
