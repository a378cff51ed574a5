"""Standard errors, intervals, and how often one must try."""

import math

#: Of the normal distribution: 95 % lie within so many standard deviations.
Z = 1.959964


def standard_error(accuracy: float, n_points: int) -> float:
    """Of an accuracy measured on independent points: √(p (1 − p) / n)."""
    return math.sqrt(max(accuracy * (1 - accuracy), 0.0) / n_points)


def points_for(accuracy: float, error: float) -> int:
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
