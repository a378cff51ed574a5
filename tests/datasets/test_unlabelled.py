"""Points without a label: kept, grey, and left out of whatever counts classes."""

import numpy as np
import pytest
from networks import note_texts, rings

import unknot as uk
from unknot import Activation, UsageError
from unknot.datasets.arrays import from_arrays, from_frame
from unknot.datasets.dataset import subsample
from unknot.datasets.files import from_file, write
from unknot.draw import style
from unknot.draw.colouring import trace_colouring
from unknot.draw.style import rgb
from unknot.measures.faithfulness import readout
from unknot.measures.table import entries
from unknot.motion.projection import ViewedPlace, lda
from unknot.views.films.training import score
from unknot.views.page.container import unpack_page
from unknot.views.page.header import page_file

POINTS = rings(200)
GAPS = np.arange(200) % 10 == 0
EXPECTED = np.where(GAPS, -1, POINTS.y)


def with_gaps(kind):
    pd = pytest.importorskip("pandas")
    words = np.array(["in", "out"], dtype=object)[POINTS.y]
    return {
        "objects": np.where(GAPS, None, POINTS.y.astype(object)),
        "floats": np.where(GAPS, np.nan, POINTS.y),
        "words": np.where(GAPS, None, words),
        "blanks": np.where(GAPS, " ", words),
        "masked": np.ma.masked_array(POINTS.y, GAPS),
        "nullable": pd.Series(np.where(GAPS, None, POINTS.y), dtype="Int64"),
        "categories": pd.Categorical(np.where(GAPS, None, words)),
        "list": [None if gap else int(y) for gap, y in zip(GAPS, POINTS.y, strict=True)],
    }[kind]


KINDS = ["objects", "floats", "words", "blanks", "masked", "nullable", "categories", "list"]


@pytest.mark.parametrize("kind", KINDS)
def test_missing_labels_are_no_class(kind):
    labels = with_gaps(kind)
    traced = uk.trace([lambda x: 2 * x], (POINTS.x, labels))
    for data in (from_arrays(POINTS.x, labels), traced):
        y = data.labels if data is traced else data.y
        np.testing.assert_array_equal(y, EXPECTED)
        assert data.class_names in [("0", "1"), ("in", "out")]
        assert "2 classes" in repr(data)
        assert "20 of 200 points have no label" in repr(data)
    assert (
        "20 of 200 points have no label: they are grey, and no measure counts them."
        in note_texts(traced)
    )


def test_class_numbers_beside_outputs_stay_what_they_are():
    labels = np.where(GAPS, np.nan, 2.0 * POINTS.y)
    for given in (labels, [None if np.isnan(y) else int(y) for y in labels]):
        traced = uk.Trace.from_arrays([POINTS.x], given)
        assert traced.class_names == ("0", "1", "2")
        np.testing.assert_array_equal(traced.labels, np.where(GAPS, -1, 2 * POINTS.y))
    again = uk.Trace.from_arrays([POINTS.x], traced.labels, class_names=traced.class_names)
    np.testing.assert_array_equal(again.labels, traced.labels)
    # Without names, −1 is a label as any other.
    assert from_arrays(POINTS.x, 2 * POINTS.y - 1).class_names == ("-1", "1")


def test_labels_that_are_all_missing_or_infinite_are_refused():
    with pytest.raises(UsageError) as caught:
        from_arrays(POINTS.x, [None] * 200)
    assert str(caught.value) == (
        "y has 200 missing values in 200 rows: no label at all.\n"
        "Give labels to some, or the points alone."
    )
    with pytest.raises(UsageError) as caught:
        from_arrays(POINTS.x, np.where(GAPS, np.inf, POINTS.y))
    assert str(caught.value) == (
        "y has 20 infinite values in 200 rows (the first in row 1).\n"
        "Give a class, or nothing where it is not known."
    )
    with pytest.raises(UsageError, match="y has one class only, 0"):
        from_arrays(POINTS.x, [0, None] * 100)
    with pytest.raises(UsageError, match="missing or infinite value"):
        from_arrays(POINTS.x, np.where(GAPS, np.inf, POINTS.x[:, 0]))


def test_targets_that_are_missing_are_points_without_a_label(tmp_path):
    target = np.where(GAPS, np.nan, POINTS.x[:, 0])
    data = from_arrays(POINTS.x, target)
    np.testing.assert_array_equal(data.y, np.float32(target))
    assert "a number to predict, 20 of 200 points have no label" in repr(data)
    masked = from_arrays(POINTS.x, np.ma.masked_array(POINTS.x[:, 0], mask=GAPS))
    np.testing.assert_array_equal(masked.y, data.y)
    for suffix in (".csv", ".npz", ".parquet"):
        path = write(data, tmp_path / f"gaps{suffix}")
        again = from_file(path, target=None if suffix == ".npz" else "target")
        np.testing.assert_array_equal(again.y, data.y)
    run = uk.fit(data, hidden=[4], steps=60)
    assert not GAPS[run.validation_rows].any()
    traced = uk.trace(uk.load(run.save(tmp_path / "run.safetensors")))
    again = uk.load(traced.save(tmp_path / "trace.safetensors"))
    np.testing.assert_array_equal(again.labels, data.y)
    assert again.goodness == traced.goodness == run.goodness
    some = traced.take(np.flatnonzero(~GAPS))
    assert some.goodness == traced.goodness
    names = ["linear_probe_r2", "r2", "rmse", "r2_training", "rmse_training"]
    assert uk.measure(traced, measures=names)["n_points"][0]["all"] == 180
    look = trace_colouring(traced)
    assert look.note == "grey: no target"
    np.testing.assert_array_equal(look.points[GAPS], np.tile(rgb(style.UNLABELLED), (20, 1)))


def test_named_classes_may_miss():
    names = ["in", "out"]
    for kind in ("objects", "floats", "words", "list"):
        data = from_arrays(POINTS.x, with_gaps(kind), class_names=names)
        np.testing.assert_array_equal(data.y, EXPECTED)
    with pytest.raises(UsageError, match=r"y must hold the class numbers 0 to 1; got '-1' in row"):
        from_arrays(POINTS.x, EXPECTED, class_names=names)


@pytest.mark.parametrize("suffix", [".csv", ".tsv", ".parquet", ".npz"])
def test_files_keep_them(tmp_path, suffix):
    data = from_arrays(POINTS.x, with_gaps("words"))
    path = write(data, tmp_path / f"data{suffix}")
    again = from_file(path, label=None if suffix == ".npz" else "label")
    np.testing.assert_array_equal(again.y, EXPECTED)
    assert again.class_names == ("in", "out")


def test_traces_and_runs_keep_them(tmp_path):
    data = from_arrays(POINTS.x, with_gaps("words"))
    run = uk.fit(data, hidden=[3], epochs=2, seed=0, progress=False)
    for thing, name in [(run, "run"), (uk.trace(run), "trace")]:
        again = uk.load(thing.save(tmp_path / f"{name}.safetensors"))
        np.testing.assert_array_equal(again.data.y if thing is run else again.labels, EXPECTED)


def test_a_frame_and_a_sample_keep_them():
    pd = pytest.importorskip("pandas")
    frame = pd.DataFrame({"a": POINTS.x[:, 0], "town": with_gaps("words")})
    data = from_frame(frame, label="town")
    np.testing.assert_array_equal(data.y, EXPECTED)
    few = subsample(data, 50, seed=0)
    np.testing.assert_array_equal(np.bincount(few.y + 1), [5, 20, 25])
    assert data.labelled().n_points == 180


@pytest.mark.parametrize("n_classes", [2, 3])
def test_training_learns_from_the_others_alone(n_classes):
    """What stands where no label is does not matter, and the rest is learnt as if alone."""
    y = np.arange(200) % n_classes
    names = [str(c) for c in range(n_classes)]
    data = from_arrays(POINTS.x, np.where(GAPS, None, y.astype(object)), class_names=names)
    run = uk.fit(data, hidden=[4], epochs=3, seed=1, progress=False)
    alone = uk.fit(data.labelled(), hidden=[4], epochs=3, seed=1, progress=False)
    assert run.history.loss == alone.history.loss
    assert run.history.validation_accuracy == alone.history.validation_accuracy
    assert not set(run.validation_rows) & set(np.flatnonzero(GAPS))
    traced = uk.trace(run)
    assert traced.n_points == 200
    labelled = traced.take(np.flatnonzero(~GAPS))
    assert traced.accuracy == labelled.accuracy
    assert score(traced) == score(labelled)


def test_no_measure_counts_them():
    traced = uk.trace(uk.fit(POINTS, hidden=[4], epochs=2, seed=1, progress=False))
    kept = np.flatnonzero(~GAPS)
    gaps = uk.Trace(
        traced.representations,
        traced.maps,
        EXPECTED,
        traced.class_names,
        traced.probabilities,
    )
    chosen = [name for name in entries if name not in {"betti"}]
    seen, alone = (uk.measure(t, measures=chosen, progress=False) for t in (gaps, gaps.take(kept)))
    for name in chosen:
        for a, b in zip(seen[name].to_list(), alone[name].to_list(), strict=True):
            assert a == (pytest.approx(b, rel=1e-9) if isinstance(b, float) else b), name
    values = traced.representations[2].values
    assert readout(values, values[:, :2], EXPECTED).probe_full is not None


def test_discriminants_are_those_of_the_others():
    rng = np.random.default_rng(0)
    values = rng.normal(size=(200, 5)) + 2 * POINTS.y[:, None] * np.eye(5)[0]

    def frame(rows, labels):
        place = ViewedPlace(
            values=values[rows],
            labels=labels,
            unit_names=tuple("abcde"),
            after=None,
            n_axes=2,
        )
        return lda(place).frame[:, :1]

    np.testing.assert_allclose(
        frame(slice(None), EXPECTED), frame(~GAPS, EXPECTED[~GAPS]), atol=1e-12
    )


def test_they_are_grey_and_named():
    traced = uk.Trace.from_arrays(
        [POINTS.x, POINTS.x], with_gaps("words"), maps=[Activation("linear")]
    )
    colours = trace_colouring(traced)
    assert colours.class_names == ("in", "out", "unlabelled")
    np.testing.assert_array_equal(
        colours.points[GAPS], np.tile(rgb(style.UNLABELLED), (GAPS.sum(), 1))
    )
    assert style.UNLABELLED not in style.class_colours(30)
    whole = uk.Trace.from_arrays([POINTS.x], POINTS.y)
    assert trace_colouring(whole).class_names == ("0", "1")


@pytest.mark.slow
def test_every_figure_takes_them():
    traced = uk.trace(uk.fit(from_arrays(POINTS.x, with_gaps("words")), hidden=[3], epochs=2))
    for what in ("strip", "pairs", "3d", "diagram", "barcodes", "depth"):
        figure = uk.figure(traced, what=what)
        figure.canvas.draw()
    words = {
        text.get_text() for text in uk.figure(traced).findobj(lambda a: hasattr(a, "get_text"))
    }
    assert {"in", "out", "unlabelled"} <= words


def test_labels_beside_a_run_may_miss():
    run = uk.fit(from_arrays(POINTS.x, with_gaps("words")), hidden=[3], epochs=1)
    for kind in ("words", "floats", "list"):
        traced = uk.trace(run, (POINTS.x, with_gaps(kind)))
        np.testing.assert_array_equal(traced.labels, EXPECTED)


@pytest.mark.slow
def test_the_width_search_is_of_the_others():
    data = from_arrays(POINTS.x, with_gaps("words"))
    options = {"max_width": 1, "restarts": 2, "tolerance": 0.05, "progress": False, "seed": 0}
    assert repr(uk.minimum_width(data, **options)) == repr(
        uk.minimum_width(data.labelled(), **options)
    )


def test_a_page_has_a_colour_for_them():
    run = uk.fit(from_arrays(POINTS.x, with_gaps("words")), hidden=[3], epochs=1)
    (described,) = page_of(run)["runs"]
    assert described["class_names"] == ["in", "out"]
    assert described["class_colours"] == [*style.class_colours(2), style.UNLABELLED]
    (whole,) = page_of(uk.fit(POINTS, hidden=[3], epochs=1))["runs"]
    assert whole["class_colours"] == style.class_colours(2)


def page_of(run):
    header, buffers = unpack_page(page_file(run))
    labels = buffers[header["runs"][0]["labels"]]
    np.testing.assert_array_equal(labels, np.where(run.data.y < 0, 2, run.data.y))
    return header
