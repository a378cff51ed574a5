"""Verdicts: enough, too small, or did the optimiser fail? And the statistics they rest on."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from unknot.traces.run import Run
from unknot.width.batch import Outcome, best_outcome
from unknot.width.metrics import SHOWN, Metric
from unknot.width.result import Ceiling, Statement, Verdict, Width

#: An optimum that so many restarts came to by themselves is taken for the best one.
REPEATED = 3
#: Training losses within this share of the lowest one are the same optimum.
SAME = 0.02
#: A network contains all narrower ones: a loss higher than theirs by this share is a failure.
CONTAINED = 0.005
#: Standard errors that make a difference clear.
CLEAR = 2.0
#: Of the normal distribution: 95 % lie within so many standard deviations.
Z = 1.959964


@dataclass(frozen=True)
class Bar:
    """What a width is held to.

    Attributes
    ----------
    ceiling : Ceiling
    tolerance : float
    n_judging : int
    theory : tuple of Statement
    metric : {"accuracy", "balanced_accuracy", "log_loss"}
    constant : float
        The score of the answer that is the same for all points.
    constant_loss : float
        Its loss on the training points.
    learnable : bool
        Whether some model clearly does better than that answer.
    """

    ceiling: Ceiling
    tolerance: float
    n_judging: int
    theory: tuple[Statement, ...]
    metric: Metric = "accuracy"
    constant: float = -math.inf
    constant_loss: float = math.inf
    learnable: bool = True

    @property
    def threshold(self) -> float:
        """The score that is enough."""
        return self.ceiling.accuracy - self.tolerance

    @property
    def error(self) -> float:
        """Standard error of an accuracy at the threshold, where the decision is made."""
        return standard_error(min(max(self.threshold, 0.0), 1.0), self.n_judging)

    def forbidden(self, width: int) -> Statement | None:
        """The theorem that rules a width out, if one does."""
        return next((s for s in self.theory if s.forbids and width in s.widths), None)

    @property
    def objection(self) -> str:
        """Why coming within the tolerance means nothing here; otherwise empty."""
        if self.constant < self.threshold:
            return ""
        name = SHOWN[self.metric]
        if not self.learnable:
            return (
                f"There is nothing to learn by this measure: no model does clearly better than "
                f"always giving the same answer ({name} {self.constant:.4f}, the ceiling "
                f"{self.ceiling.accuracy:.4f}). The labels look independent of the features."
            )
        other = "" if self.metric == "balanced_accuracy" else " or metric='balanced_accuracy'"
        return (
            f"Always giving the same answer comes within the tolerance too ({name} "
            f"{self.constant:.4f} of {self.ceiling.accuracy:.4f}), so that is not enough; a "
            f"tolerance below {self.ceiling.accuracy - self.constant:.2g}{other} can tell."
        )


@dataclass(frozen=True)
class Judged:
    """The chosen network of a width on the judging points, beside the ceiling.

    Attributes
    ----------
    shortfall, error : float
        How far it is below the ceiling, and the standard error of that.
    n_points : int
        On so many points.
    recalls : dict of str to float, or None
    """

    shortfall: float
    error: float
    n_points: int
    recalls: dict[str, float] | None = None


@dataclass(frozen=True)
class _Trials:
    """The trainings of a width, as the verdict sees them."""

    score: float
    training_score: float
    losses: tuple[float, ...]
    n_reached: int
    judged: Judged

    @property
    def n(self) -> int:
        return len(self.losses)

    @property
    def slack(self) -> float:
        """What chance is worth."""
        return CLEAR * self.judged.error

    @property
    def lowest_loss(self) -> float:
        return min((loss for loss in self.losses if math.isfinite(loss)), default=math.inf)

    @property
    def repeated(self) -> int:
        """How many restarts ended at the lowest loss."""
        return sum(loss <= (1 + SAME) * self.lowest_loss for loss in self.losses)


def verdict_on(
    bar: Bar,
    width: int,
    outcomes: Sequence[Outcome],
    run: Run,
    narrower: Sequence[Width],
    judged: Judged | None = None,
) -> Width:
    """The result of a width from its trainings.

    Parameters
    ----------
    bar : Bar
    width : int
    outcomes : sequence of Outcome
        In the restarts' order.
    run : Run
        The network winner.
    narrower : sequence of Width
        The results of smaller widths.
    judged : Judged, optional
        The winner beside the ceiling; left out, by its score and the bar's error.
    """
    winner = best_outcome(outcomes)
    accuracies = tuple(a for outcome in outcomes for a in outcome.accuracies)
    scores = tuple(s for o in outcomes for s in (o.scores or o.accuracies))
    score = (winner.scores or winner.accuracies)[winner.best]
    trials = _Trials(
        score=score,
        training_score=winner.merit[0],
        losses=tuple(loss for outcome in outcomes for loss in outcome.losses),
        n_reached=sum(s >= bar.threshold for s in scores),
        judged=judged or Judged(bar.ceiling.accuracy - score, bar.error, bar.n_judging),
    )
    verdict, reason = _verdict(bar, width, trials, narrower)
    accuracy = winner.accuracies[winner.best]
    return Width(
        width=width,
        hidden=outcomes[0].hidden,
        accuracies=accuracies,
        losses=trials.losses,
        training_accuracies=tuple(a for outcome in outcomes for a in outcome.training_accuracies),
        best=max(accuracies),
        median=median(accuracies),
        accuracy=accuracy,
        standard_error=standard_error(accuracy, bar.n_judging),
        n_reached=trials.n_reached,
        interval=wilson(trials.n_reached, trials.n),
        restarts_needed=restarts_needed(trials.n_reached / trials.n),
        verdict=verdict,
        reason=reason,
        run=run,
        score=score,
        scores=scores,
        training_score=trials.training_score,
        shortfall=trials.judged.shortfall,
        shortfall_error=trials.judged.error,
        recalls=trials.judged.recalls,
    )


def answer_range(widths: Sequence[Width]) -> tuple[int, int | None] | None:
    """The narrowest width that may be enough, and the narrowest that surely is.

    A width contains all narrower ones: where one is too small, so are those.
    """
    enough = next((w.width for w in widths if w.verdict == "enough"), None)
    below = [w for w in widths if enough is None or w.width < enough]
    excluded = max((w.width for w in below if w.verdict == "too small"), default=0)
    doubtful = [w.width for w in below if w.verdict == "undecided" and w.width > excluded]
    if doubtful:
        return doubtful[0], enough
    return None if enough is None else (enough, enough)


def _verdict(
    bar: Bar, width: int, trials: _Trials, narrower: Sequence[Width]
) -> tuple[Verdict, str]:
    gap = trials.judged.shortfall - bar.tolerance
    if gap + trials.slack <= 0:
        return ("undecided", bar.objection) if bar.objection else ("enough", _enough(trials))
    if gap <= 0:
        return "undecided", bar.objection or _unsure(gap, trials)
    return _below(bar, width, trials, narrower)


def _enough(trials: _Trials) -> str:
    missing, slack = trials.judged.shortfall, trials.slack
    where = "at" if not missing else f"{abs(missing):.4f} {'below' if missing > 0 else 'above'}"
    return (
        f"It is {where} the ceiling, give or take {slack:.4f} (2 standard errors); "
        f"{trials.n_reached} of {trials.n} random starts get there."
    )


def _unsure(gap: float, trials: _Trials) -> str:
    """Why it may be enough, and may be not."""
    side = "misses the tolerance" if gap > 0 else "is within the tolerance"
    text = (
        f"It {side} by {abs(gap):.4f}, which may be chance (2 standard errors are "
        f"{trials.slack:.4f})"
    )
    needed = trials.judged.n_points * (trials.slack / gap) ** 2 if gap else math.inf
    # Of a difference that is smaller still, no number of points is worth naming.
    if needed > 1e9:
        return f"{text}."
    return f"{text}; {math.ceil(round(needed, 3)):,} points to judge with would tell."


def _below(bar: Bar, width: int, trials: _Trials, narrower: Sequence[Width]) -> tuple[Verdict, str]:
    """Why a width misses the tolerance."""
    gap = trials.judged.shortfall - bar.tolerance
    is_clear = gap >= trials.slack
    if is_clear and trials.training_score >= bar.threshold:
        return (
            "does not generalise",
            f"On the training points it gets there ({trials.training_score:.4f}), on the judging "
            f"points it misses the tolerance by {gap:.4f}. More random starts would not help; "
            "more points to train on might.",
        )
    contained = min(narrower, key=lambda w: w.lowest_loss, default=None)
    if contained is not None and trials.lowest_loss > (1 + CONTAINED) * contained.lowest_loss:
        return (
            "optimiser failed",
            f"Width {contained.width} got to a lower training loss ({contained.lowest_loss:.4f} "
            f"against {trials.lowest_loss:.4f}), and this one can do all that it can. "
            f"{_more(trials)}",
        )
    if not is_clear:
        return "undecided", _unsure(gap, trials)
    better = max(narrower, key=lambda w: w.score, default=None)
    if better is not None and better.score - trials.score > trials.slack:
        return _narrower_is_better(bar, better, trials)
    if trials.n_reached:
        return (
            "optimiser failed",
            f"{trials.n_reached} of {trials.n} random starts come within the tolerance, but not "
            f"the one that is best on the training points. {_more(trials)}",
        )
    return _far_below(bar, width, trials, gap)


def _narrower_is_better(bar: Bar, better: Width, trials: _Trials) -> tuple[Verdict, str]:
    """Whatever the restarts agree on, a narrower network does better."""
    name = SHOWN[bar.metric]
    text = f"Width {better.width} has a better {name} ({better.score:.4f} against "
    if better.training_score < trials.training_score:
        return (
            "does not generalise",
            f"{text}{trials.score:.4f}), though not on the training points "
            f"({better.training_score:.4f} against {trials.training_score:.4f}): this one fits "
            "them more closely than the rest bears out. More points to train on might help.",
        )
    return (
        "optimiser failed",
        f"{text}{trials.score:.4f}), and this one can do all that it can. {_more(trials)}",
    )


def _far_below(bar: Bar, width: int, trials: _Trials, gap: float) -> tuple[Verdict, str]:
    """Whether nothing better was there to find."""
    theorem = bar.forbidden(width)
    cited = (
        ""
        if theorem is None
        else f" It is proved that it cannot enclose the inner class ({theorem.source})."
    )
    errors = gap / trials.judged.error if trials.judged.error else math.inf
    falls = f"The best misses the tolerance by {gap:.4f} ({errors:.0f} standard errors)"
    is_lost = trials.lowest_loss >= (1 - SAME) * bar.constant_loss
    if trials.repeated >= REPEATED and not is_lost:
        return (
            "too small",
            f"{falls}, and {trials.repeated} of {trials.n} random starts end there. If "
            f"{100 * min(1.0, 3 / trials.n):.0f} % of starts led to a better network, "
            f"{trials.n} starts would have found it with 95 % probability.{cited}",
        )
    if theorem is not None and gap > bar.tolerance:
        return "too small", f"{falls}.{cited}"
    if is_lost:
        return (
            "optimiser failed",
            f"No training got clearly below the loss of always giving the same answer "
            f"({bar.constant_loss:.4f}). That they agree on it says nothing of the width. "
            f"{_more(trials)}",
        )
    noun = "start" if trials.repeated == 1 else "starts"
    return (
        "optimiser failed",
        f"{falls}, but only {trials.repeated} random {noun} of {trials.n} came to it: there may be "
        f"better ones. {_more(trials)}",
    )


def _more(trials: _Trials) -> str:
    return f"More random starts would likely help ({4 * trials.n})."


def standard_error(accuracy: float, n_points: int) -> float:
    """Of an accuracy measured on independent points: √(p (1 − p) / n)."""
    return math.sqrt(max(accuracy * (1 - accuracy), 0.0) / n_points)


def points_needed(accuracy: float, error: float) -> int:
    """Points that bring the standard error of an accuracy down to `error`."""
    return math.ceil(accuracy * (1 - accuracy) / error**2)


def wilson(successes: int, trials: int) -> tuple[float, float]:
    """The 95 % interval of a share, Wilson (1927); it holds for shares of 0 and 1 too."""
    share, z2 = successes / trials, Z**2
    middle = (share + z2 / (2 * trials)) / (1 + z2 / trials)
    half = Z / (1 + z2 / trials) * math.sqrt(share * (1 - share) / trials + z2 / (4 * trials**2))
    # Rounding must not put the share itself outside.
    return min(max(0.0, middle - half), share), max(min(1.0, middle + half), share)


def restarts_needed(share: float, probability: float = 0.95) -> int | None:
    """Starts after which one has succeeded with this probability: ⌈log(1 − p) / log(1 − s)⌉.

    None where none ever succeeds.
    """
    if share <= 0:
        return None
    if share >= 1:
        return 1
    return max(1, math.ceil(math.log(1 - probability) / math.log1p(-share)))
