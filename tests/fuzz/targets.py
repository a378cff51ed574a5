"""What a damaged file is given to. Each either does its work or raises unknot's own error."""

import contextlib

from unknot.errors import UnknotError


def use(path, out, random):
    """Load a file; draw, measure, write or save what it holds, if that is a trace or a run.

    Returns
    -------
    str
        ``"refused"``, or the name of what was done with it.
    """
    try:
        thing = READERS[path.suffix](path)
    except UnknotError as error:
        if not 1 <= len(str(error).splitlines()) <= 3:
            raise ValueError(f"an error of many lines: {error}") from error
        return "refused"
    repr(thing)
    if path.suffix != ".safetensors":
        return f"read {path.suffix}"
    name, work = random.choice(WORKS)
    # A figure that has no meaning for this thing says so.
    with contextlib.suppress(UnknotError):
        work(thing, out, random)
    return name


def _trace_or_run(path):
    from unknot.traces.storage import load

    return load(path)


def _results(path):
    from seeds import EXPERIMENT

    from unknot.width.results_file import Results

    with Results(path, EXPERIMENT) as results:
        return results


def _table(path):
    from unknot.datasets import from_file

    return from_file(path, label="y" if path.suffix == ".npz" else "label")


def _model(path):
    from unknot.adapters.files import open_model

    return open_model(path)


READERS = {
    ".safetensors": _trace_or_run,
    ".parquet": _results,
    **dict.fromkeys((".csv", ".npz"), _table),
    **dict.fromkeys((".onnx", ".keras", ".skops"), _model),
}


def _page(thing, out, random):
    from unknot.views.page import page

    page(thing, out / "a.html", n_axes=random.choice([2, 3]))


def _figure(thing, out, random):
    from matplotlib import pyplot

    from unknot.views.figures import figure, figures, save_figure

    what = random.choice([name for name in figures if name not in SLOW])
    try:
        save_figure(figure(thing, what=what), out / "a.png", dpi=40)
    finally:
        pyplot.close("all")


def _measure(thing, out, random):
    from unknot.measures import entries
    from unknot.measures.measurement import measure

    measure(thing, measures=[random.choice(list(entries))], progress=False)


def _save(thing, out, random):
    from unknot.traces.storage import load

    thing.save(out / "again.safetensors")
    assert repr(load(out / "again.safetensors")) == repr(thing)


def _morph(thing, out, random):
    from unknot.doors import as_scene
    from unknot.motion.kinds import kinds
    from unknot.motion.projection import projections

    scene = as_scene(
        thing,
        n_axes=random.choice([2, 3]),
        kind=random.choice(list(kinds)),
        projection=random.choice([p for p in projections if p != "units"]),
    )
    t = random.random() * scene.length
    scene.points(t), scene.lines(t), scene.extent(t), scene.beat(t)
    scene.readout(round(t))


def _film(thing, out, random):
    from unknot.views.films import animate

    along = random.choice(["layers", "training"])
    animate(thing, out / "a.gif", along=along, size=120, fps=2, seconds=1)


#: Of many seconds, whatever they draw.
SLOW = ("homology",)
WORKS = [
    ("page", _page),
    ("page", _page),
    ("figure", _figure),
    ("measure", _measure),
    ("save", _save),
    ("morph", _morph),
    ("film", _film),
]
