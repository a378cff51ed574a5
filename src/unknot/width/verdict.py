"""Verdicts: enough, too small, or did the optimiser fail? And the statistics they rest on."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from unknot.traces.run import Run
from unknot.width.batch import Outcome
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
    """

    ceiling: Ceiling
    tolerance: float
    n_judging: int
    theory: tuple[Statement, ...]

    @property
    def threshold(self) -> float:
        """The accuracy that is enough."""
        return self.ceiling.accuracy - self.tolerance

    @property
    def error(self) -> float:
        """Standard error of an accuracy at the threshold, where the decision is made."""
        return standard_error(self.threshold, self.n_judging)

    def forbidden(self, width: int) -> Statement | None:
        """The theorem that rules a width out, if one does."""
        return next((s for s in self.theory if s.forbids and width in s.widths), None)


@dataclass(frozen=True)
class _Trials:
    """The trainings of a width, as the verdict sees them."""

    accuracy: float
    accuracies: tuple[float, ...]
    losses: tuple[float, ...]
    n_reached: int

    @property
    def n(self) -> int:
        return len(self.accuracies)

    @property
    def lowest_loss(self) -> float:
        return min((loss for loss in self.losses if math.isfinite(loss)), default=math.inf)

    @property
    def repeated(self) -> int:
        """How many restarts ended at the lowest loss."""
        return sum(loss <= (1 + SAME) * self.lowest_loss for loss in self.losses)


def verdict_on(
    bar: Bar, width: int, outcomes: Sequence[Outcome], run: Run, narrower: Sequence[Width]
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
    """
    winner = max(outcomes, key=lambda outcome: outcome.merit)
    accuracies = tuple(a for outcome in outcomes for a in outcome.accuracies)
    trials = _Trials(
        accuracy=winner.accuracies[winner.best],
        accuracies=accuracies,
        losses=tuple(loss for outcome in outcomes for loss in outcome.losses),
        n_reached=sum(a >= bar.threshold for a in accuracies),
    )
    gap = bar.threshold - trials.accuracy
    verdict, reason = (
        ("enough", _enough(bar, trials)) if gap <= 0 else _below(bar, width, trials, narrower)
    )
    return Width(
        width=width,
        hidden=outcomes[0].hidden,
        accuracies=accuracies,
        losses=trials.losses,
        training_accuracies=tuple(a for outcome in outcomes for a in outcome.training_accuracies),
        best=max(accuracies),
        median=median(accuracies),
        accuracy=trials.accuracy,
        standard_error=standard_error(trials.accuracy, bar.n_judging),
        n_reached=trials.n_reached,
        interval=wilson(trials.n_reached, trials.n),
        restarts_needed=restarts_needed(trials.n_reached / trials.n),
        verdict=verdict,
        reason=reason,
        run=run,
    )


def _enough(bar: Bar, trials: _Trials) -> str:
    missing, spare = bar.ceiling.accuracy - trials.accuracy, trials.accuracy - bar.threshold
    text = (
        f"It is {f'{missing:.4f} below' if missing > 0 else 'at'} the ceiling; "
        f"{trials.n_reached} of {trials.n} random starts get there."
    )
    if spare < CLEAR * bar.error:
        text += f" That is close: chance is worth {CLEAR * bar.error:.4f} (2 standard errors)."
    return text


def _below(bar: Bar, width: int, trials: _Trials, narrower: Sequence[Width]) -> tuple[Verdict, str]:
    """Why a width misses the tolerance."""
    gap = bar.threshold - trials.accuracy
    contained = min(narrower, key=lambda w: w.lowest_loss, default=None)
    if contained is not None and trials.lowest_loss > (1 + CONTAINED) * contained.lowest_loss:
        return (
            "optimiser failed",
            f"Width {contained.width} got to a lower training loss ({contained.lowest_loss:.4f} "
            f"against {trials.lowest_loss:.4f}), and this one can do all that it can. "
            f"{_more(trials)}",
        )
    if gap < CLEAR * bar.error:
        return (
            "undecided",
            f"It misses the tolerance by {gap:.4f}, which may be chance (2 standard errors are "
            f"{CLEAR * bar.error:.4f}); {points_needed(bar.threshold, gap / CLEAR):,} points to "
            "judge with would tell.",
        )
    if trials.n_reached:
        return (
            "optimiser failed",
            f"{trials.n_reached} of {trials.n} random starts come within the tolerance, but not "
            f"the one that is best on the training points. {_more(trials)}",
        )
    theorem = bar.forbidden(width)
    cited = (
        ""
        if theorem is None
        else f" It is proved that it cannot enclose the inner class ({theorem.source})."
    )
    falls = f"The best misses the tolerance by {gap:.4f} ({gap / bar.error:.0f} standard errors)"
    if trials.repeated >= REPEATED:
        return (
            "too small",
            f"{falls}, and {trials.repeated} of {trials.n} random starts end there: a better "
            f"network to which {min(1.0, 3 / trials.n):.0%} of starts lead would have turned up "
            f"with 95 % probability.{cited}",
        )
    if theorem is not None and gap > bar.tolerance:
        return "too small", f"{falls}.{cited}"
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
