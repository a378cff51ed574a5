"""What a figure is drawn from: a trace, a run or a scene, asked for what the figure needs."""

import inspect
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from unknot.doors import as_run, as_scene, as_shown, as_trace
from unknot.errors import UsageError
from unknot.motion.scene import Scene
from unknot.network.maps import Activation, Affine
from unknot.traces.representation import Representation, Trace
from unknot.traces.run import Run


@dataclass(frozen=True)
class Source:
    """One thing to draw.

    Attributes
    ----------
    given : Trace, Run or Scene
    """

    given: Trace | Run | Scene

    @classmethod
    def of(cls, given: Any) -> "Source":
        """What a figure can be drawn from."""
        return cls(as_shown(given))

    @cached_property
    def trace(self) -> Trace:
        """The trace; of a run, the one after its last step, with the run's own points."""
        return as_trace(self.given)

    def run(self, what: str) -> Run:
        """The run, for a figure that shows the training."""
        return as_run(self.given, purpose=f"The figure {what!r}")

    def scene(self, **options: Any) -> Scene:
        """A scene with these options; a scene that was given takes none."""
        return as_scene(self.given if isinstance(self.given, Scene) else self.trace, **options)


def layer_index(trace: Trace, layer: int | str | None, default: int) -> int:
    """The number of a representation given by its number (negative: from the end) or name."""
    return default if layer is None else trace.index(layer)


def last_hidden(trace: Trace, least: int = 2) -> int:
    """The last hidden layer with at least `least` units; failing that, the widest representation.

    A hidden layer is what an activation makes, the output's own aside; where maps are opaque,
    any representation between the input and the output.
    """
    n = len(trace.representations)
    known = [
        k + 1 for k, map_ in enumerate(trace.maps) if isinstance(map_, Activation) and k + 1 < n - 1
    ]
    between = [k for k in range(1, n - 1) if not isinstance(trace.maps[k - 1], Affine)]
    for candidates in (known, between):
        wide = [k for k in candidates if trace.representations[k].n_units >= least]
        if wide:
            return wide[-1]
    return int(np.argmax([r.n_units for r in trace.representations]))


def check_units(
    representation: Representation, units: Any, fewest: int, most: int
) -> tuple[int, ...]:
    """Units that were asked for, checked against a representation."""
    n = representation.n_units
    try:
        chosen = tuple(int(u) for u in units)
    except (TypeError, ValueError):
        raise UsageError(f"Units are whole numbers, such as [0, 2, 5]; got {units!r}.") from None
    allowed = str(fewest) if fewest == most else f"{fewest} to {most}"
    if not fewest <= len(chosen) <= most or len(set(chosen)) < len(chosen):
        raise UsageError(f"Give {allowed} different units; got {list(chosen)}.")
    for unit in chosen:
        if not 0 <= unit < n:
            raise UsageError(
                f"Unit {unit} of {representation.name!r} does not exist: choose from 0 to {n - 1}."
            )
    return chosen


def asked(options: dict[str, Any]) -> dict[str, Any]:
    """Only those options that differ from a scene's defaults."""
    parameters = inspect.signature(Scene).parameters
    return {k: value for k, value in options.items() if value != parameters[k].default}
