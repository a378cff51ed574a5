"""Who each point is: what is understood, what becomes of what is missing, and what is refused."""

import numpy as np
import pandas as pd
import polars as pl
import pytest
from PIL import Image

import unknot as uk
from unknot.datasets.identity import MOST_CHARACTERS, as_identity
from unknot.datasets.images import MOST_SIDE, as_images

X = np.arange(8, dtype=np.float32).reshape(4, 2)
Y = [0, 1, 0, 1]


def columns_of(source, n_points=4):
    return as_identity(source, n_points).columns


class TestColumns:
    def test_a_mapping_a_frame_and_names_alone_are_understood(self):
        table = {"name": list("abcd"), "age": [1, 2, 3, 4]}
        wanted = {"name": ("a", "b", "c", "d"), "age": ("1", "2", "3", "4")}
        assert columns_of(table) == wanted
        assert columns_of(pd.DataFrame(table)) == wanted
        assert columns_of(pl.DataFrame(table)) == wanted
        assert columns_of(list("abcd")) == {"name": ("a", "b", "c", "d")}
        assert columns_of({"names": list("abcd"), "texts": list("efgh")}).keys() == {"name", "text"}

    def test_what_is_missing_is_empty(self):
        day = np.array(["2024-05-01", "NaT", "2024-05-03", "NaT"], "datetime64[D]")
        found = columns_of(
            {
                "number": [1.0, np.nan, 0.5, None],
                "city": pd.Series(["Rome", None, pd.NA, "nan"], dtype=object),
                "day": day,
                "gap": pl.Series([None] * 4),
                "single": np.array([0.1, 2, np.nan, 1e20], np.float32),
            }
        )
        assert found["number"] == ("1", "", "0.5", "")
        assert found["city"] == ("Rome", "", "", "nan")
        assert found["day"] == ("2024-05-01", "", "2024-05-03", "")
        assert found["gap"] == ("",) * 4
        assert found["single"] == ("0.1", "2", "", "1e+20")

    def test_a_long_text_is_cut_and_says_so(self):
        text = columns_of({"text": ["x" * 1_000_000, "y", "", "\ud800z"]})["text"]
        assert len(text[0]) == MOST_CHARACTERS
        assert text[0].endswith(" … (cut: 1,000,000 characters)")
        assert text[1:] == ("y", "", "?z")

    @pytest.mark.parametrize(
        ("source", "message"),
        [
            (
                {"city": ["Rome"]},
                "Identity column 'city' has 1 values for 4 points.\n"
                "Give one a point; None where it is missing.",
            ),
            (
                {"name": list("abcd"), "names": list("abcd")},
                "Identity has 'name' twice: also as 'names'.\nLeave one out.",
            ),
            (
                {"city": np.zeros((4, 2))},
                "Identity column 'city' has the shape (4, 2); one value a point is needed.\n"
                "Images are the column 'image'; give others a column each.",
            ),
            (
                {"city": 3},
                "Identity column 'city' is a int; one value a point is needed.\n"
                "Give a list, an array or a column of a data frame.",
            ),
            (
                7,
                "identity says who each point is; got a int.\n"
                "Give columns by name: identity={'name': names, 'text': texts, 'image': images}.",
            ),
        ],
    )
    def test_what_has_no_meaning_is_refused(self, source, message):
        with pytest.raises(uk.UsageError) as error:
            as_identity(source, 4)
        assert str(error.value) == message


class TestImages:
    def test_brightness_goes_from_black_to_white(self):
        grey = np.arange(4 * 6, dtype=np.int64).reshape(4, 2, 3)
        images, has_image = as_images(grey, 4)
        assert has_image is None
        assert (images.min(), images.max(), images.shape) == (0, 255, (4, 2, 3))
        shares = np.full((4, 2, 2), 0.5)
        assert (as_images(shares, 4)[0] == 128).all()  # 0 to 1 is black to white
        bits = np.ones((4, 2, 2), bool)
        assert (as_images(bits, 4)[0] == 255).all()

    def test_channels_first_and_transparency(self):
        torch_like = np.zeros((4, 3, 8, 9), np.uint8)
        torch_like[:, 0] = 200
        images = as_images(torch_like, 4)[0]
        assert images.shape == (4, 8, 9, 3)
        assert (images[0, 0, 0] == (200, 0, 0)).all()
        clear = np.zeros((4, 2, 2, 4), np.uint8)
        assert (as_images(clear, 4)[0] == 255).all()
        assert as_images(np.zeros((4, 1, 5, 7)), 4)[0].shape == (4, 5, 7)

    def test_mixed_sizes_are_fitted_and_what_is_missing_is_none(self):
        wide, high = np.zeros((2, 8), np.uint8), np.full((20, 10, 3), 7, np.uint8)
        images, has_image = as_images([wide, None, high, float("nan")], 4)
        assert images.shape == (4, 20, 10, 3)
        assert has_image.tolist() == [True, False, True, False]
        assert (images[2] == 7).all()
        assert (images[0, 9:11] == 0).all()  # in the middle, as wide as there is room
        assert (images[0, 0] == 255).all()
        assert (images[1] == 255).all()

    def test_an_image_of_nothing_but_nan_is_none(self):
        some = np.zeros((4, 3, 3))
        some[2] = np.nan
        some[3, 0, 0] = np.nan
        images, has_image = as_images(some, 4)
        assert has_image.tolist() == [True, True, False, True]
        assert images[3, 0, 0] == 255

    def test_large_ones_become_thumbnails(self):
        images = as_images(np.zeros((4, 300, 150), np.uint8), 4)[0]
        assert images.shape == (4, MOST_SIDE, MOST_SIDE // 2)

    def test_files_are_read_from_their_folder(self, tmp_path):
        Image.new("RGB", (200, 100), (1, 2, 3)).save(tmp_path / "a.png")
        Image.new("L", (8, 8), 9).save(tmp_path / "b.gif")
        images, has_image = as_images(["a.png", None, "b.gif", ""], 4, tmp_path)
        assert images.shape == (4, MOST_SIDE // 2, MOST_SIDE, 3)
        assert (images[0, 16, 32] == (1, 2, 3)).all()
        assert has_image.tolist() == [True, False, True, False]

    def test_what_is_no_image_is_said(self, tmp_path):
        (tmp_path / "text.png").write_text("no image")
        with pytest.raises(
            uk.UsageError, match=r"of row 2: No such file or directory\.\nGive paths"
        ):
            as_images(["", "none.png", "", ""], 4, tmp_path)
        with pytest.raises(uk.UsageError, match=r"text\.png of row 1: it is no image"):
            as_images(["text.png", "", "", ""], 4, tmp_path)
        with pytest.raises(uk.UsageError) as error:
            as_images(np.zeros((4, 64)), 4)
        assert str(error.value) == (
            "Images have the shape (n_points, height, width) or (n_points, height, width, 3); got "
            "(4, 64), dtype float64.\n"
            "Reshape flat ones: x.reshape(-1, height, width). Paths of image files do as well."
        )
        with pytest.raises(uk.UsageError, match="Got 3 images for 4 points"):
            as_images(np.zeros((3, 8, 8)), 4)


class TestDoors:
    def test_columns_of_a_frame_are_no_features(self):
        frame = pl.DataFrame({"a": X[:, 0], "b": X[:, 1], "city": list("wxyz"), "kind": Y})
        data = uk.datasets.from_frame(frame, label="kind", identity=["city", "a"])
        assert data.feature_names == ("b",)
        assert data.identity.columns == {"city": ("w", "x", "y", "z"), "a": ("0", "2", "4", "6")}
        both = uk.datasets.from_frame(
            frame, label="kind", features=["a", "b"], identity="city,a,kind"
        )
        assert both.feature_names == ("a", "b")
        assert both.identity.columns["kind"] == ("0", "1", "0", "1")
        with pytest.raises(uk.UsageError, match=r"no column 'cite'\. Did you mean 'city'"):
            uk.datasets.from_frame(frame, label="kind", identity="cite")

    def test_a_code_of_a_file_stays_text(self, tmp_path):
        Image.new("L", (4, 4), 50).save(tmp_path / "one.png")
        (tmp_path / "d.csv").write_text("zip,image,x,y\n01234,one.png,1,a\n00007,,2,b\n")
        data = uk.datasets.from_file(tmp_path / "d.csv", label="y", identity="zip,image")
        assert data.feature_names == ("x",)
        assert data.identity.columns == {"zip": ("01234", "00007")}
        assert data.identity.image_rows.tolist() == [0]
        assert data.name == "d"
        assert data.parameters["identity"] == "zip,image"

    def test_arrays_of_an_npz_file(self, tmp_path):
        np.savez(tmp_path / "d.npz", x=X, y=Y, images=np.zeros((4, 8, 8)), who=list("abcd"))
        data = uk.datasets.from_file(tmp_path / "d.npz", identity=["images", "who"])
        assert data.identity.images.shape == (4, 8, 8)
        with pytest.raises(uk.UsageError, match="has no array 'other'"):
            uk.datasets.from_file(tmp_path / "d.npz", identity="other")

    def test_digits_know_how_they_look_and_others_take_no_columns(self):
        digits = uk.datasets.digits(50)
        ink = (16 - digits.x.reshape(-1, 8, 8)) * 255 / 16
        assert np.abs(digits.identity.images - ink).max() <= 0.5
        with pytest.raises(uk.UsageError, match="got identity='name'"):
            uk.datasets.resolve("moons", identity="name")

    def test_it_goes_with_the_rows(self):
        data = uk.datasets.from_arrays(X, Y, identity=list("abcd"))
        assert data.take(np.array([3, 0])).identity.names == ("d", "a")
        trace = uk.Trace.from_arrays([X, X], Y, identity=list("abcd"))
        assert trace.take(np.array([2])).point_names == ("c",)
        with pytest.raises(uk.UsageError, match="has 4 rows for 2 points"):
            uk.datasets.from_arrays(X[:2], Y[:2], identity=data.identity)

    def test_a_run_a_film_and_a_model_hand_it_on(self):
        data = uk.datasets.from_arrays(X, Y, identity=list("abcd"))
        run = uk.fit(data, hidden=[2], steps=2, validation=0, progress=False)
        assert uk.trace(run).point_names == tuple("abcd")
        assert uk.trace(run, identity=list("efgh")).point_names == tuple("efgh")
        assert uk.trace(uk.trace(run), identity=list("efgh")).point_names == tuple("efgh")
        assert uk.trace([np.tanh], (X, Y), identity=list("abcd")).point_names == tuple("abcd")
        film = uk.Film((X, Y), identity=list("abcd"))
        film.record([np.tanh], step=0)
        film.record([np.sin], step=1)
        recorded = film.run()
        assert recorded.checkpoints[0].model.trace.identity is None  # it stands once
        assert uk.trace(recorded).point_names == tuple("abcd")
