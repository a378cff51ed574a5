"""Who the points are, in a page file: every text, and every image on a sheet that is small."""

import io

import numpy as np
import pytest
from PIL import Image

import unknot as uk
from unknot.datasets.identity import as_identity, unpacked_texts
from unknot.errors import UnknotError
from unknot.views.page import identity as page_identity
from unknot.views.page import page_file, unpack_page
from unknot.views.page.container import check_page_file, pack_page
from unknot.views.page.identity import MOST_SHEET, SHEET_SIDE, sheet_of

X = np.arange(12, dtype=np.float32).reshape(6, 2)
Y = [0, 1, 0, 1, 0, 1]


def carried(trace):
    header, buffers = unpack_page(page_file(trace))
    return header["runs"][0]["identity"], buffers


def texts_of(column, buffers):
    return unpacked_texts(buffers[column["texts"]], buffers[column["ends"]].astype(np.int64))


def tile_of(images, buffers, row):
    sheet = np.asarray(Image.open(io.BytesIO(buffers[images["sheet"]].tobytes())))
    number = row if images["tiles"] is None else int(buffers[images["tiles"]][row])
    if number < 0:
        return None
    top, left = (
        number // images["across"] * images["height"],
        number % images["across"] * images["width"],
    )
    return sheet[top : top + images["height"], left : left + images["width"]]


def test_texts_and_images_are_those_of_the_points():
    rng = np.random.default_rng(0)
    images = [rng.integers(0, 255, (5, 3), np.uint8) if i != 2 else None for i in range(6)]
    who = {
        "name": ["a", "</script>", "", "\u05d0", "e", "f"],
        "city": list("uvwxyz"),
        "image": images,
    }
    identity, buffers = carried(uk.Trace.from_arrays([X, X], Y, identity=who))
    assert [column["name"] for column in identity["columns"]] == ["name", "city"]
    assert texts_of(identity["columns"][0], buffers) == tuple(who["name"])
    assert texts_of(identity["columns"][1], buffers) == tuple("uvwxyz")
    assert identity["images"]["type"] == "image/png"
    for row in range(6):
        tile = tile_of(identity["images"], buffers, row)
        assert (tile is None) == (row == 2)
        assert row == 2 or (tile == images[row]).all()


def test_of_points_that_nobody_knows_nothing_is_carried():
    assert carried(uk.Trace.from_arrays([X, X], Y))[0] is None


def test_networks_of_the_same_points_share_them():
    traces = [uk.Trace.from_arrays([X, k * X], Y, identity=list("abcdef")) for k in (1, 2)]
    header, _ = unpack_page(page_file(traces))
    assert header["runs"][0]["identity"] == header["runs"][1]["identity"]


def test_only_the_points_of_the_page_are_told(monkeypatch):
    from unknot.views.page import excerpt

    monkeypatch.setattr(excerpt, "MOST_POINTS", 4)
    trace = uk.Trace.from_arrays([X, X], Y, identity=list("abcdef"))
    identity, buffers = carried(trace)
    assert len(texts_of(identity["columns"][0], buffers)) == 4


def test_long_texts_are_cut_where_all_together_are_too_many(monkeypatch):
    monkeypatch.setattr(page_identity, "MOST_TEXT", 500)
    who = {"text": ["x" * 500, *["short"] * 5], "name": list("abcdef")}
    identity, buffers = carried(uk.Trace.from_arrays([X, X], Y, identity=who))
    text, *others = texts_of(identity["columns"][0], buffers)
    assert len(text) == 41
    assert text.endswith(" … (cut: 500 characters)")
    assert others == ["short"] * 5


@pytest.mark.parametrize(
    "shape", [(2_000, 28, 28), (500, 64, 64, 3), (60_000, 8, 8), (600_000, 8, 8), (1, 1, 64)]
)
@pytest.mark.slow
def test_a_sheet_is_small_whatever_is_on_it(shape):
    """Noise is the worst of all images."""
    sheet = sheet_of(np.random.default_rng(0).integers(0, 255, shape, np.uint8))
    if shape[0] > 500_000:
        assert sheet is None  # nothing would be seen of them
        return
    assert len(sheet.encoded) <= MOST_SHEET
    with Image.open(io.BytesIO(sheet.encoded)) as picture:
        assert max(picture.size) <= SHEET_SIDE
        assert picture.size[0] == sheet.across * sheet.width
        assert picture.size[1] >= sheet.height * -(-shape[0] // sheet.across)


def test_two_thousand_digits_take_far_less_than_4_megabytes():
    digits = uk.datasets.digits().identity.take(np.arange(2_000) % 1_797)
    assert len(sheet_of(digits.images).encoded) < 100_000


@pytest.mark.parametrize(
    "change",
    [
        lambda b, c: b.update({c["ends"]: b[c["ends"]][:-1]}),
        lambda b, c: b.update({c["ends"]: b[c["ends"]][::-1]}),
        lambda b, c: b.update({c["texts"]: b[c["texts"]][:-1]}),
    ],
)
def test_texts_that_do_not_fit_are_refused(change):
    trace = uk.Trace.from_arrays([X, X], Y, identity=list("abcdef"))
    header, buffers = unpack_page(page_file(trace))
    change(buffers, header["runs"][0]["identity"]["columns"][0])
    header.pop("buffers")
    header, buffers = unpack_page(pack_page(header, buffers))
    with pytest.raises(UnknotError, match="it does not say who each point is"):
        check_page_file(header, buffers)


def test_an_identity_without_columns_has_images_alone():
    assert as_identity({"image": np.zeros((6, 2, 2))}, 6).columns == {}
    identity, _ = carried(uk.Trace.from_arrays([X, X], Y, identity={"image": np.zeros((6, 2, 2))}))
    assert identity["columns"] == []
    assert identity["images"]["tiles"] is None
