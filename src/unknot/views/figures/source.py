"""What a figure is drawn from: a trace, a run or a scene, asked for what the figure needs."""

import inspect
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from unknot.errors import UsageError
from unknot.motion.scene import Scene
from unknot.network.maps import Activation, Affine
from unknot.table import unknown
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
        """Check the type."""
        if not isinstance(given, Trace | Run | Scene):
            raise UsageError(
                f"Cannot draw a {type(given).__name__}: a figure shows a Trace, a Run or a Scene.\n"
                "Make a trace with unknot.trace(model, data)."
            )
        return cls(given)

    @cached_property
    def trace(self) -> Trace:
        """The trace; of a run, the one after its last step, with the run's own points."""
        if isinstance(self.given, Run):
            from unknot.traces.tracing import trace

            return trace(self.given)
        return self.given.trace if isinstance(self.given, Scene) else self.given

    def run(self, what: str) -> Run:
        """The run, for a figure that shows the training."""
        if isinstance(self.given, Run):
            return self.given
        raise UsageError(
            f"The figure {what!r} shows a training run; "
            f"a {type(self.given).__name__} does not hold one.\n"
            "Give the Run that unknot.fit returned or that was saved as run.safetensors."
        )

    def scene(self, **options: Any) -> Scene:
        """A scene with these options; a scene that was given takes none."""
        if isinstance(self.given, Scene):
            if options:
                raise UsageError(
                    f"A Scene already has its {', '.join(options)}.\n"
                    "Give the trace instead, or leave that out."
                )
            return self.given
        return Scene(self.trace, **options)


def layer_index(trace: Trace, layer: int | str | None, default: int) -> int:
    """The number of a representation given by its number (negative: from the end) or name."""
    if layer is None:
        return default
    names = [r.name for r in trace.representations]
    if isinstance(layer, str) and layer in names:
        return names.index(layer)
    try:
        k = int(layer)
    except ValueError:
        raise UsageError(unknown("layer", layer, names)) from None
    if not -len(names) <= k < len(names):
        raise UsageError(
            f"Layer {k} does not exist: choose 0 to {len(names) - 1}, or a name.\n"
            f"Allowed: {', '.join(names)}."
        )
    return k % len(names)


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
