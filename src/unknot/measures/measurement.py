"""measure: every measure of every representation, as one table."""

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from unknot.doors import as_shown, as_trace
from unknot.errors import UsageError
from unknot.measures.clouds import View, n_points_for, place_of, random_order
from unknot.measures.replicates import over_runs
from unknot.measures.table import Measure, Missing, Place, entries
from unknot.measures.table import measures as table
from unknot.progress import progress_bar
from unknot.traces.representation import Trace, Values
from unknot.traces.run import Run

if TYPE_CHECKING:
    import polars

#: What may be measured.
Measurable = Trace | Run | View


def measure(
    source: Measurable | Sequence[Measurable],
    *,
    measures: Sequence[str] | None = None,
    against: Sequence[Measurable] | None = None,
    seed: int = 0,
    progress: bool = False,
) -> "polars.DataFrame":
    """How tangled the classes are at every place in a network, and much else, in numbers.

    Parameters
    ----------
    source : Trace, Run or Scene, or a sequence of them
        A run is measured at each of its checkpoints. A scene is measured as its trace, and also for
        how faithful its picture of each representation is. Several are replicates, such as
        trainings from other seeds: each is measured after its last step, and the table gives the
        mean over them with its interval.
    measures : sequence of str, optional
        Names from the table of measures; by default, all but those computed only on request.
    against : sequence of Trace, Run or Scene, optional
        For several sources: equally many others, to test pair by pair (for example, the same seeds)
        whether they differ.
    seed : int
        Draws the points for a measure that cannot use all of them, and the halves of a probe.
    progress : bool
        Show a bar on stderr, where that is a terminal.

    Returns
    -------
    polars.DataFrame
        One row a representation, one block of rows an epoch. Columns: ``representation``,
        ``epoch`` (null unless a run is measured), ``bayes_accuracy`` where it is known, one a
        measure (null where it has no meaning), ``reasons`` (for the nulls) and ``n_points``
        (``all``, and how many of them each measure was given).
        Of several networks: ``representation`` and for each measure that is a number its mean,
        ``…_low`` and ``…_high`` (95 % percentile bootstrap over networks), beside `against`
        ``…_difference`` (mean of the pairs) and ``…_p`` (paired permutation test), and ``n_runs``.
        See ``measures/replicates.py``.

    Raises
    ------
    UsageError
        For an unknown measure, or something that cannot be measured.
    """
    if isinstance(source, list | tuple):
        return _replicated(source, against or (), measures, seed, progress)
    if against is not None:
        raise UsageError(
            "against compares groups of networks; got one network.\n"
            "Give lists: measure([run_a, …], against=[run_b, …])."
        )
    source = as_shown(source)
    chosen = _chosen(source, measures)
    rows: list[dict[str, Any]] = []
    n_numbers = _n_rows(source) * len(chosen)
    with progress_bar(progress, n_numbers, "measuring", transient=True) as advance:
        for epoch, trace, view in _traces(source):
            order = random_order(trace.labels, seed)
            shown: Values | None = None
            for k in range(len(trace.representations)):
                before = shown if k else None
                shown = None if view is None else view.points(k)
                rows.append(
                    {
                        "representation": trace.representations[k].name,
                        "epoch": epoch,
                        "bayes_accuracy": trace.bayes_accuracy,
                    }
                    | _measured(
                        chosen, trace, k, order, seed, (shown, before), advance, _lengths(view, k)
                    )
                )
    return _as_frame(rows, chosen)


def _replicated(
    sources: Sequence[Any],
    against: Sequence[Any],
    names: Sequence[str] | None,
    seed: int,
    progress: bool,
) -> "polars.DataFrame":
    if not isinstance(against, list | tuple):
        raise UsageError("against takes a list of networks: measure([run_a], against=[run_b]).")
    if not sources:
        raise UsageError("There is no network to measure: the list is empty.")
    shown = [as_shown(each) for each in (*sources, *against)]
    ready = [as_trace(each) if isinstance(each, Run) else each for each in shown]
    chosen = _chosen(ready[0], names)
    lists = [entry.name for entry in chosen if entry.is_list]
    if lists and names is not None:
        raise UsageError(f"{lists[0]} is a list of numbers: several networks have no mean of it.")
    numbers = [entry for entry in chosen if not entry.is_list]
    tables = [
        measure(each, measures=[entry.name for entry in numbers], seed=seed, progress=progress)
        for each in ready
    ]
    return over_runs(tables[: len(sources)], tables[len(sources) :], numbers, seed)


def _measured(
    chosen: Sequence[Measure],
    trace: Trace,
    k: int,
    order: NDArray[np.int64],
    seed: int,
    shown: tuple[Values | None, Values | None],
    advance: Callable[[], object],
    without: Sequence[str] = (),
) -> dict[str, Any]:
    """One row of the table; `without` are measures of lengths that a map does not keep."""
    every = [r.n_units for r in trace.representations]
    places: dict[tuple[int, int], Place] = {}
    values: dict[str, Any] = {}
    reasons: list[dict[str, str]] = []
    used = {"all": len(order)}
    for entry in chosen:
        widths = every if entry.same_points else every[: k + 1]
        n, fewest = n_points_for(entry, widths, len(order)), entry.fewest_of_class
        if (n, fewest) not in places:
            places[n, fewest] = place_of(trace, k, order, n, seed, *shown, fewest)
        place = places[n, fewest]
        used[entry.name] = len(place.values)
        try:
            if entry.name in without:
                raise Missing("lengths in a map of neighbours mean nothing")
            values[entry.name] = value_at(entry, place)
        except Missing as missing:
            values[entry.name] = None
            reasons.append({"measure": entry.name, "reason": str(missing)})
        advance()
    return values | {"reasons": reasons, "n_points": used}


def _lengths(view: Any, k: int) -> list[str]:
    """The measures that have no meaning where maps of neighbours are seen."""
    if view is None or not view.shows_maps:
        return []
    places = {"variance_shown": k, "displacement_shown": max(k - 0.5, 0)}
    return [name for name, t in places.items() if view.is_map(t)]


def value_at(entry: Measure, place: Place) -> Any:
    """A measure of a place.

    Raises
    ------
    Missing
        When it has no meaning there.
    """
    _check_needs(entry, place)
    try:
        value = entry.function(place)
    except np.linalg.LinAlgError as error:
        raise Missing(f"the numbers did not converge ({error})") from error
    except MemoryError as error:
        raise Missing("there was not enough memory for it") from error
    if not entry.is_list and not np.isfinite(value):
        raise Missing("the result is not a finite number")
    return value if entry.is_list else float(value)


def _check_needs(entry: Measure, place: Place) -> None:
    if not len(place.values):
        raise Missing("there are no points")
    if "classes" in entry.needs:
        if not place.has_classes:
            raise Missing("the labels are numbers to predict, not classes")
        if len(np.unique(place.labels)) < 2:
            raise Missing("only one class has points")
    if "target" in entry.needs and place.has_classes:
        raise Missing("the labels are classes, not numbers to predict")
    if "map" in entry.needs and place.map is None:
        raise Missing("no map leads to the input")
    if "view" in entry.needs and place.shown is None:
        raise Missing("no view was given: measure a Scene")


def _chosen(source: Measurable, names: Sequence[str] | None) -> list[Measure]:
    if isinstance(names, str):
        raise UsageError(f"measures takes a list of names: [{names!r}].")
    if names is None:
        has_view = not isinstance(source, Trace | Run)
        is_number = not _n_classes(source)
        return [
            entry
            for entry in entries.values()
            if entry.by_default
            and (has_view or "view" not in entry.needs)
            and (is_number or "target" not in entry.needs)
        ]
    for name in names:
        _ = table[name]  # says what is allowed
    return [entries[name] for name in dict.fromkeys(names)]


def _n_classes(source: Measurable) -> int:
    if isinstance(source, Run):
        return source.data.n_classes
    return (source if isinstance(source, Trace) else source.trace).n_classes


def _traces(source: Measurable) -> Iterator[tuple[float | None, Trace, View | None]]:
    if isinstance(source, Trace):
        yield None, source, None
    elif isinstance(source, Run):
        from unknot.traces.tracing import trace

        for i, checkpoint in enumerate(source.checkpoints):
            yield checkpoint.epoch, trace(source, checkpoint=i, lattice=False), None
    else:
        yield None, source.trace, source


def _n_rows(source: Measurable) -> int:
    if isinstance(source, Run):
        n_maps = sum(1 for _ in source.model.maps())
        return len(source.checkpoints) * (n_maps + 1)
    return len((source if isinstance(source, Trace) else source.trace).representations)


def _as_frame(rows: list[dict[str, Any]], chosen: Sequence[Measure]) -> "polars.DataFrame":
    import polars

    schema: dict[str, Any] = {
        "representation": polars.String,
        "epoch": polars.Float64,
        "bayes_accuracy": polars.Float64,
    }
    for entry in chosen:
        schema[entry.name] = (
            polars.List(polars.List(polars.Int64)) if entry.is_list else polars.Float64
        )
    reason = polars.Struct({"measure": polars.String, "reason": polars.String})
    schema["reasons"] = polars.List(reason)
    schema["n_points"] = polars.Struct(
        dict.fromkeys(("all", *(entry.name for entry in chosen)), polars.Int64)
    )
    frame = polars.DataFrame(rows, schema=schema)
    known = frame["bayes_accuracy"].is_not_null().any()
    return frame if known else frame.drop("bayes_accuracy")
