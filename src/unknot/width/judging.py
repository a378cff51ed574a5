"""Verdicts: enough, too small, or did the optimiser fail?"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf, isfinite
from statistics import median

from unknot.traces.run import Run
from unknot.width.batch import Outcome
from unknot.width.result import Ceiling, Statement, Verdict, Width
from unknot.width.statistics import points_for, restarts_needed, standard_error, wilson

#: An optimum that so many restarts came to by themselves is taken for the best one.
REPEATED = 3
#: Training losses within this share of the lowest one are the same optimum.
SAME = 0.02
#: A network contains all narrower ones: a loss higher than theirs by this share is a failure.
CONTAINED = 0.005
#: Standard errors that make a difference clear.
CLEAR = 2.0


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
        return self.ceiling.accuracy - self.tolerance

    @property
    def error(self) -> float:
        """Standard error of an accuracy at the threshold, where the decision is made."""
        return standard_error(self.threshold, self.n_judging)

    def forbidden(self, width: int) -> Statement | None:
        """The theorem that rules a width out, if one does."""
        return next((s for s in self.theory if s.forbids and width in s.widths), None)


@dataclass(frozen=True)
class _Found:
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
        return min((loss for loss in self.losses if isfinite(loss)), default=inf)

    @property
    def repeated(self) -> int:
        """How many restarts ended at the lowest loss."""
        return sum(loss <= (1 + SAME) * self.lowest_loss for loss in self.losses)


def judged(
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
        The network kept.
    narrower : sequence of Width
        The results of smaller widths.
    """
    kept = max(outcomes, key=lambda outcome: outcome.merit)
    accuracies = tuple(a for outcome in outcomes for a in outcome.accuracies)
    found = _Found(
        accuracy=kept.accuracies[kept.best],
        accuracies=accuracies,
        losses=tuple(loss for outcome in outcomes for loss in outcome.losses),
        n_reached=sum(a >= bar.threshold for a in accuracies),
    )
    gap = bar.threshold - found.accuracy
    verdict, reason = (
        ("enough", _enough(bar, found)) if gap <= 0 else _below(bar, width, found, narrower)
    )
    return Width(
        width=width,
        hidden=outcomes[0].hidden,
        accuracies=accuracies,
        losses=found.losses,
        training_accuracies=tuple(a for outcome in outcomes for a in outcome.training_accuracies),
        best=max(accuracies),
        median=median(accuracies),
        accuracy=found.accuracy,
        standard_error=standard_error(found.accuracy, bar.n_judging),
        n_reached=found.n_reached,
        interval=wilson(found.n_reached, found.n),
        restarts_needed=restarts_needed(found.n_reached / found.n),
        verdict=verdict,
        reason=reason,
        run=run,
    )


def _enough(bar: Bar, found: _Found) -> str:
    missing, spare = bar.ceiling.accuracy - found.accuracy, found.accuracy - bar.threshold
    text = (
        f"It is {f'{missing:.4f} below' if missing > 0 else 'at'} the ceiling; "
        f"{found.n_reached} of {found.n} restarts get there."
    )
    if spare < CLEAR * bar.error:
        text += f" That is close: two standard errors are {CLEAR * bar.error:.4f}."
    return text


def _below(bar: Bar, width: int, found: _Found, narrower: Sequence[Width]) -> tuple[Verdict, str]:
    """Why a width misses the tolerance."""
    gap = bar.threshold - found.accuracy
    contained = min(narrower, key=lambda w: w.lowest_loss, default=None)
    if contained is not None and found.lowest_loss > (1 + CONTAINED) * contained.lowest_loss:
        return (
            "optimiser failed",
            f"Width {contained.width}, which this one contains, got to a lower training loss "
            f"({contained.lowest_loss:.4f} against {found.lowest_loss:.4f}). {_more(found)}",
        )
    if gap < CLEAR * bar.error:
        return (
            "undecided",
            f"It misses the tolerance by {gap:.4f}, less than two standard errors "
            f"({CLEAR * bar.error:.4f}); {points_for(bar.threshold, gap / CLEAR):,} points to "
            "judge with would tell.",
        )
    if found.n_reached:
        return (
            "optimiser failed",
            f"{found.n_reached} of {found.n} restarts come within the tolerance, but not the one "
            f"that is best on the training points. {_more(found)}",
        )
    theorem = bar.forbidden(width)
    cited = (
        ""
        if theorem is None
        else f" It is proved that it cannot enclose the inner class ({theorem.source})."
    )
    falls = f"The best misses the tolerance by {gap:.4f} ({gap / bar.error:.0f} standard errors)"
    if found.repeated >= REPEATED:
        return (
            "too small",
            f"{falls}, and {found.repeated} of {found.n} restarts end at that same optimum: a "
            f"better one to which {min(1.0, 3 / found.n):.0%} of starts lead would have been "
            f"found (95 %).{cited}",
        )
    if theorem is not None and gap > bar.tolerance:
        return "too small", f"{falls}.{cited}"
    came = "restart" if found.repeated == 1 else "restarts"
    return (
        "optimiser failed",
        f"{falls}, but only {found.repeated} {came} of {found.n} came to it: there may be "
        f"better ones. {_more(found)}",
    )


def _more(found: _Found) -> str:
    return f"More restarts would likely help ({4 * found.n})."
