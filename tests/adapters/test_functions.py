"""A list of functions, and what all adapters share: points, batches, checks of claims."""

import numpy as np
import pytest
from networks import note_texts, rings

import unknot as uk
from unknot import Activation, Affine, Opaque, UsageError
from unknot.adapters import capture
from unknot.traces.trace_checks import check_values

UP = Affine(np.float32([[1, 2, 3], [4, 5, 6]]), np.float32([1, 0, -1]), "up")


def identity(z):
    return z


def half(z):
    return z / 2


def test_functions_are_steps():
    data = rings()
    traced = uk.trace([UP, np.tanh, half, lambda z: np.maximum(z, 0), lambda z: z[:, :1]], data)
    assert [m.name for m in traced.maps] == ["up", "tanh", "half", "relu", "function 5"]
    assert [type(m) for m in traced.maps] == [Affine, Activation, Opaque, Activation, Opaque]
    assert [r.name for r in traced.representations] == [
        "input",
        "up pre-activation",
        "up",
        "half",
        "function 4",
        "function 5",
    ]
    expected = np.tanh(data.x @ UP.weight + UP.bias) / 2
    np.testing.assert_allclose(traced.representations[3].values, expected, rtol=1e-6)
    # The grid goes through functions that are not known, too.
    assert traced.lattice.values[-1].shape[1] == 1


def test_a_name_that_lies_is_found_out():
    def relu(z):
        return np.abs(z)

    def sigmoid(z):
        return z * 1.001

    traced = uk.trace([relu, sigmoid], rings())
    assert traced.maps == (Opaque("relu"), Opaque("sigmoid"))


def test_images_keep_their_shape_for_the_model():
    x = np.random.default_rng(0).normal(size=(20, 4, 5)).astype(np.float32)
    seen = []

    def pool(images):
        seen.append(images.shape[1:])
        return images.max(axis=2)

    traced = uk.trace([pool], x)
    assert set(seen) == {(4, 5)}
    assert traced.representations[0].values.shape == (20, 20)
    np.testing.assert_array_equal(traced.representations[1].values, x.max(axis=2))
    assert traced.class_names == ("points",)


def test_batches_join_without_a_seam():
    x = np.random.default_rng(0).normal(size=(1_003, 2)).astype(np.float32)
    whole = uk.trace([UP, half], x)
    cut = uk.trace([UP, half], x, batch_size=100)
    for a, b in zip(whole.representations, cut.representations, strict=True):
        np.testing.assert_allclose(a.values, b.values, rtol=1e-6, atol=1e-6)


def test_wide_representations_go_to_disk():
    x = np.random.default_rng(0).normal(size=(1_000, 2)).astype(np.float32)
    maps = [UP, half, lambda z: np.repeat(z, 50, axis=1)]
    in_memory = uk.trace(maps, x)
    # Room for the narrow ones only: 1,000 rows of 3 units are 12 kB.
    streamed = uk.trace(maps, x, memory=30_000, batch_size=64)
    on_disk = [isinstance(r.values, np.memmap) for r in streamed.representations]
    assert on_disk == [False, False, False, True]
    for a, b in zip(in_memory.representations, streamed.representations, strict=True):
        np.testing.assert_allclose(a.values, b.values, rtol=1e-6, atol=1e-6)
    check_values("streamed", streamed.representations[-1].values, 1_000)


def test_a_full_disk_is_said(monkeypatch):
    class Full:
        def write(self, data):
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(capture.tempfile, "TemporaryFile", lambda **options: Full())
    monkeypatch.setattr(capture.tempfile, "gettempdir", lambda: "/somewhere")
    with pytest.raises(uk.UnknotError) as caught:
        uk.trace([UP], np.zeros((1_000_000, 2)), memory=0)
    assert str(caught.value) == (
        "Cannot keep 0.0 GB of values in /somewhere: No space left on device.\n"
        "Set TMPDIR to a folder with room, give more memory=, or trace fewer points."
    )


def test_an_exception_of_the_models_stays_its_own():
    class MineError(Exception):
        pass

    def fails(z):
        raise MineError("too cold")

    with pytest.raises(MineError) as caught:
        uk.trace([UP, fails], rings())
    assert caught.value.args == ("too cold",)
    assert caught.value.__notes__ == [
        "unknot: the list-of-functions model raised this in its forward pass, for points of shape "
        "(251, 2), dtype float32; the model is as it was before."
    ]


@pytest.mark.parametrize(
    ("model", "data", "message"),
    [
        (
            [UP],
            None,
            "A model knows no points: trace(model, data) with a Dataset or an array.",
        ),
        ([UP], np.zeros((0, 2)), "There are no points to trace: the data has shape (0, 2)."),
        (
            [UP],
            np.array([["a", "b"]]),
            "Points are numbers, one point a row; got shape (1, 2), dtype <U1, with 'a' in row 1, "
            "column 1.\nGive a Dataset, an array with one point a row, or a pair (x, y).",
        ),
        (
            [UP],
            np.array([[1, np.nan], [0, 1]]),
            "Feature 'x2' has 1 missing or infinite value in 2 rows (the first in row 1: nan).\n"
            "Remove or fill them first.",
        ),
        (
            [UP],
            np.zeros((5, 3)),
            "The list-of-functions model takes 2 features; 'data' has 3.\n"
            "Trace the data it was trained on, or data with the same features.",
        ),
        (
            [lambda z: (z, z + 1)],
            np.zeros((5, 2)),
            "'function 1' returns a tuple of 2 (0, 1); unknot follows one array.\n"
            "Return one of them, or wrap it in a function that does.",
        ),
        (
            [identity],
            np.zeros((5, 2)),
            "The list-of-functions model hands its input on unchanged: there is no map to see.\n"
            "Give a model with one layer at least.",
        ),
    ],
)
def test_errors(model, data, message):
    with pytest.raises(UsageError) as caught:
        uk.trace(model, data)
    assert str(caught.value) == message


def test_bad_arguments():
    for options, message in [
        ({"path": "up"}, "path takes a list of layer names: ['up']."),
        (
            {"path": ["up"]},
            "A list of functions has one path: leave path= out and shorten the list instead.",
        ),
        (
            {"head": "argmax"},
            "Unknown head 'argmax'.\nAllowed: sigmoid, softmax (what turns the model's output "
            "into probabilities) or none.",
        ),
    ]:
        with pytest.raises(UsageError) as caught:
            uk.trace([UP], rings(), **options)
        assert str(caught.value) == message


def test_logits_are_read_as_probabilities_only_when_told():
    data = rings()
    last = Affine(np.float32([[1], [2]]), np.float32([0.5]), "last")
    plain = uk.trace([last], data)
    assert plain.probabilities is None
    assert note_texts(plain) == (
        "The model ends in 1 value for 2 classes; if they are logits, "
        "trace(…, head='sigmoid') adds the probabilities.",
    )
    asked = uk.trace([last], data, head="sigmoid")
    assert [r.name for r in asked.representations] == ["input", "logit", "probability"]
    assert asked.probabilities.shape == (400, 2)
    assert note_texts(uk.trace([last], data, head="none")) == ()


def clipped(z):
    return np.clip(z, 0, 6)


def far_away(n=1_000):
    """All points near zero, but one that is not in the sample."""
    x = np.random.default_rng(0).normal(size=(n, 2)).astype(np.float32)
    x[7] = 60, -60
    return x


def test_a_guess_is_checked_on_every_point():
    # On the sample it is relu; on one point of all it is not.
    x = far_away()
    traced = uk.trace([clipped], x)
    assert traced.maps == (Opaque("clipped"),)
    np.testing.assert_array_equal(traced.representations[1].values, np.clip(x, 0, 6))
    x[7] = 5, -60
    assert uk.trace([clipped], x).maps == (Activation("relu"),)


def test_the_grid_goes_through_the_model_where_maps_are_guessed():
    # The corners of the grid lie where no point does.
    x = np.random.default_rng(0).uniform(-6, 6, size=(1_000, 2)).astype(np.float32)
    lattice = uk.trace([clipped], x).lattice
    assert lattice.values[0].max() > 6
    np.testing.assert_array_equal(lattice.values[1], np.clip(lattice.values[0], 0, 6))


def test_rounding_is_no_excuse_on_data_far_from_zero():
    # The values are large, what distinguishes relu from nothing is small beside them.
    x = (2_000 + np.random.default_rng(0).normal(size=(1_000, 2))).astype(np.float32)
    shift = Affine(np.eye(2, dtype=np.float32), np.float32([-2_000, -2_000]), "shift")

    def folded(z):
        return np.maximum(shift(z), 0)

    traced = uk.trace([folded], x)
    assert traced.maps == (Opaque("folded"),)


def test_nan_in_any_batch_is_found():
    def root(z):
        with np.errstate(invalid="ignore"):
            return np.sqrt(z)

    x = np.abs(far_away(40_000))
    x[39_990:39_993] = -1
    with pytest.raises(UsageError) as error:
        uk.trace([root], x, batch_size=1_000)
    assert str(error.value) == (
        "Representation 'root' has NaN or infinity in 3 of 40000 rows.\n"
        "Drop those rows or find out why the network makes them."
    )


def test_values_too_large_to_square_are_no_fault():
    x = np.full((300, 2), 1e25, np.float32)
    assert uk.trace([half], x, lattice=False).representations[1].values.max() == np.float32(5e24)


@pytest.mark.parametrize("size", [8, np.int64(8)])
def test_sizes_of_numpy(size):
    data = rings()
    traced = uk.trace([np.tanh], data, batch_size=size, memory=np.int64(10**6))
    np.testing.assert_allclose(traced.representations[1].values, np.tanh(data.x), rtol=1e-6)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {"memory": "1GB"},
            "Got '1GB' as bytes; allowed: a whole number, 0 to 1,000,000,000,000,000.\n"
            "Write one gigabyte as 1_000_000_000, or leave it out for two.",
        ),
        (
            {"memory": -1},
            "Got -1 as bytes; allowed: a whole number, 0 to 1,000,000,000,000,000.\n"
            "Write one gigabyte as 1_000_000_000, or leave it out for two.",
        ),
        (
            {"batch_size": 2.5},
            "Got 2.5 as batch size; allowed: a whole number, 1 to 1,000,000,000.\n"
            "Leave it out for as many as the model is quickest with.",
        ),
        (
            {"batch_size": 0},
            "Got 0 as batch size; allowed: a whole number, 1 to 1,000,000,000.\n"
            "Leave it out for as many as the model is quickest with.",
        ),
        (
            {"batch_size": True},
            "Got True as batch size; allowed: a whole number, 1 to 1,000,000,000.\n"
            "Leave it out for as many as the model is quickest with.",
        ),
    ],
)
def test_sizes_that_are_none(options, message):
    with pytest.raises(UsageError) as caught:
        uk.trace([np.tanh], rings(), **options)
    assert str(caught.value) == message
