"""What a damaged file is given to. Each either does its work or raises unknot's own error."""

from unknot.errors import UnknotError


def use(path, out, random, reached=None):
    """Load a file; draw, measure, write, save or run what it holds.

    Returns
    -------
    str
        ``"refused"``, or the name of what was done with it.
    """
    try:
        thing = READERS[path.suffix](path)
    except UnknotError as error:
        _check_sentence(error, reached)
        return "refused"
    if WORKS.get(path.suffix) is not OF_MODELS:
        repr(thing)
    name, work = random.choice(WORKS.get(path.suffix, OF_TRACES))
    try:
        work(thing, out, random)
    except UnknotError as error:
        # A figure that has no meaning for this thing says so.
        _check_sentence(error, reached)
    return name


def _check_sentence(error, reached):
    text = str(error)
    if not 1 <= len(text.splitlines()) <= 3 or len(text) > 1_000:
        raise ValueError(f"an error of many lines: {text}") from error
    if reached:
        reached.place(error)


def _trace_or_run(path):
    from unknot.traces.storage import load

    return load(path)


def _search(path):
    from seeds import search

    return search(path)


def _table(path):
    from unknot.datasets import from_file

    return from_file(path, label="y" if path.suffix == ".npz" else "label")


def _model(path):
    from unknot.adapters.files import open_model

    return open_model(path)


READERS = {
    ".safetensors": _trace_or_run,
    ".parquet": _search,
    **dict.fromkeys((".csv", ".npz"), _table),
    **dict.fromkeys((".onnx", ".keras", ".skops", ".pt2"), _model),
}


def _page(thing, out, random):
    from unknot.views.page import page

    page(thing, out / "a.html", n_axes=random.choice([2, 3]))


def _preview(thing, out, random):
    thing._repr_html_()


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


def _run(model, out, random):
    import numpy as np

    from unknot.adapters.trace import trace_model

    x = np.random.default_rng(0).normal(size=(12, 2)).astype(np.float32)
    try:
        trace_model(model, (x, np.arange(12) % 2), lattice=random.random() < 0.2, progress=False)
    except Exception as error:
        # The model's own errors pass, with a note that says whose they are.
        if not any(note.startswith("unknot: ") for note in getattr(error, "__notes__", ())):
            raise


def _write(data, out, random):
    from unknot.datasets import from_file, write

    path = write(data, out / random.choice(["again.csv", "again.npz"]))
    answer = "label" if data.class_names else "target"
    again = from_file(path, **({answer: answer} if path.suffix == ".csv" else {}))
    assert again.n_points == data.n_points


def _learn(data, out, random):
    from unknot.views.page.playground import playground

    playground([data], out / "a.html")


#: Of many seconds, whatever they draw.
SLOW = ("homology",)
OF_TRACES = [
    ("page", _page),
    ("page", _page),
    ("preview", _preview),
    ("figure", _figure),
    ("measure", _measure),
    ("save", _save),
    ("morph", _morph),
    ("film", _film),
]
#: Models are their own libraries', and so is how they show themselves.
OF_MODELS = (("run", _run),)
WORKS = {
    **dict.fromkeys((".csv", ".npz"), (("write", _write), ("playground", _learn))),
    **dict.fromkeys((".onnx", ".keras", ".skops", ".pt2"), OF_MODELS),
    ".parquet": [("search", lambda result, out, random: result.widths)],
}
