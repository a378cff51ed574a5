"""Traces and runs on disk: back as they were, or a clear error."""

import json
import os
import pickle
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from networks import network, readout_network, rings
from safetensors import safe_open
from safetensors.numpy import save_file

from unknot.errors import UnknotError, UsageError
from unknot.network.maps import Activation, Affine, Opaque, Softmax
from unknot.traces.container import VERSION
from unknot.traces.map_format import map_from_parts
from unknot.traces.representation import Trace
from unknot.traces.run import Checkpoint, History, Run
from unknot.traces.storage import load, save
from unknot.traces.tracing import trace


def make_run():
    model = replace(
        readout_network(),
        scaling=Affine(np.eye(2, dtype=np.float32), np.zeros(2, np.float32), "scaling"),
    )
    before = replace(readout_network(seed=5), scaling=model.scaling)
    return Run(
        model=model,
        history=History((0.5, 0.25), (0.7, 0.8), (0.6, 0.3), (0.65, 0.75)),
        checkpoints=(Checkpoint(0, 0.0, before), Checkpoint(20, 2.0, model)),
        data=rings(),
        validation_rows=np.arange(5),
        settings={"hidden": [6], "seed": 1},
        seconds={"train": 1.0},
    )


def test_a_trace_comes_back(tmp_path):
    traced = trace(readout_network(), rings())
    path = tmp_path / "t.safetensors"
    traced.save(path)
    back = load(path)
    assert isinstance(back, Trace)
    for a, b in zip(traced.representations, back.representations, strict=True):
        assert (a.name, a.unit_names) == (b.name, b.unit_names)
        np.testing.assert_array_equal(a.values, b.values)
    assert [type(m) for m in back.maps] == [type(m) for m in traced.maps]
    np.testing.assert_array_equal(back.maps[0].weight, traced.maps[0].weight)
    np.testing.assert_array_equal(back.labels, traced.labels)
    np.testing.assert_array_equal(back.probabilities, traced.probabilities)
    np.testing.assert_array_equal(back.lattice.offsets, traced.lattice.offsets)
    for a, b in zip(traced.lattice.values, back.lattice.values, strict=True):
        np.testing.assert_array_equal(a, b)
    assert (back.notes, back.class_names, back.name) == (
        traced.notes,
        traced.class_names,
        traced.name,
    )


def test_maps_come_back_with_their_parameters(tmp_path):
    x = np.random.default_rng(0).normal(size=(20, 3)).astype(np.float32)
    maps = (
        Activation("leaky_relu", slope=np.float32([0.1, 0.2, -0.3])),
        Activation("elu", alpha=0.1),
        Activation("relu6"),
        Softmax(),
    )
    clouds = [x]
    for map_ in maps:
        clouds.append(map_(clouds[-1]))
    save(Trace.from_arrays(clouds, np.arange(20) % 3, maps=maps), tmp_path / "t.safetensors")
    assert load(tmp_path / "t.safetensors").maps == maps


def test_what_older_files_say_of_maps():
    for entry, expected in (
        ({"kind": "Opaque", "name": "softmax"}, Softmax()),
        ({"kind": "Opaque", "name": "pooling"}, Opaque("pooling")),
        ({"kind": "Activation", "name": "leaky_relu"}, Activation("leaky_relu", slope=0.01)),
        ({"kind": "Activation", "name": "gelu"}, Activation("gelu")),
    ):
        assert map_from_parts(entry, "map.0", {}) == expected


def test_a_run_comes_back_without_its_wall_times(tmp_path):
    run = make_run()
    save(run, tmp_path / "r.safetensors")
    back = load(tmp_path / "r.safetensors")
    assert isinstance(back, Run)
    assert back.history == run.history
    assert back.settings == run.settings
    assert back.seconds == {}
    assert [c.step for c in back.checkpoints] == [0, 20]
    assert back.model.architecture == run.model.architecture
    for a, b in zip(run.checkpoints, back.checkpoints, strict=True):
        for left, right in zip(a.model.layers, b.model.layers, strict=True):
            np.testing.assert_array_equal(left.weight, right.weight)
            np.testing.assert_array_equal(left.bias, right.bias)
    np.testing.assert_array_equal(back.model.scaling.weight, np.eye(2))
    np.testing.assert_array_equal(back.data.x, run.data.x)


def test_the_same_content_gives_the_same_bytes(tmp_path):
    for name in ("a", "b"):
        save(replace(make_run(), seconds={"train": len(name)}), tmp_path / f"{name}.safetensors")
    assert (tmp_path / "a.safetensors").read_bytes() == (tmp_path / "b.safetensors").read_bytes()


@settings(deadline=None, max_examples=30)
@given(names=st.lists(st.text(max_size=20), min_size=2, max_size=2), opaque=st.text(max_size=20))
def test_any_text_survives(tmp_path_factory, names, opaque):
    path = tmp_path_factory.mktemp("t") / "t.safetensors"
    x = np.ones((2, 2), np.float32)
    names = [name.encode("utf-8", "replace").decode() for name in names]
    opaque = opaque.encode("utf-8", "replace").decode()
    made = Trace.from_arrays(
        [x, x], [0, 1], names=names, class_names=names, feature_names=names, maps=[Opaque(opaque)]
    )
    made.save(path)
    back = load(path)
    assert [r.name for r in back.representations] == names
    assert back.class_names == tuple(names)
    assert back.maps[0].name == opaque


def written(tmp_path):
    path = tmp_path / "t.safetensors"
    trace(network([2, 3, 1]), rings(10)).save(path)
    return path


def test_missing_and_folder(tmp_path):
    for path, what in ((tmp_path / "no.safetensors", "does not exist"), (tmp_path, "is a folder")):
        with pytest.raises(UsageError) as caught:
            load(path)
        assert str(caught.value) == f"{path} {what}.\nGive a .safetensors file that unknot wrote."


def test_a_folder_of_files_names_them(tmp_path):
    path = written(tmp_path)
    with pytest.raises(UsageError) as caught:
        load(tmp_path)
    assert str(caught.value) == f"{tmp_path} is a folder.\nGive a file in it: {path}."


def test_every_truncation_is_a_clear_error(tmp_path):
    path = written(tmp_path)
    whole = path.read_bytes()
    for length in [0, 1, 7, 8, 9, 100, len(whole) // 2, len(whole) - 1]:
        path.write_bytes(whole[:length])
        with pytest.raises(UsageError, match="is not a whole safetensors file"):
            load(path)


@settings(deadline=None, max_examples=200)
@given(position=st.floats(0, 1, exclude_max=True), byte=st.integers(0, 255))
def test_no_edited_byte_gives_anything_but_a_trace_or_a_clear_error(
    tmp_path_factory, position, byte
):
    path = written(tmp_path_factory.mktemp("t"))
    content = bytearray(path.read_bytes())
    # Most of the file is numbers; aim at the header.
    content[int(position * 3000) % len(content)] = byte
    path.write_bytes(content)
    with suppress(UsageError):
        assert isinstance(load(path), Trace)


class Bomb:
    def __reduce__(self):
        return (open, ("exploded", "w"))


def test_a_renamed_pickle_is_refused_and_not_run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "t.safetensors"
    path.write_bytes(pickle.dumps(Bomb()))
    with pytest.raises(UsageError, match="is not a whole safetensors file"):
        load(path)
    assert not (tmp_path / "exploded").exists()


def with_header(tmp_path, **changes):
    path = tmp_path / "h.safetensors"
    header = {"kind": "trace", "version": VERSION, **changes}
    save_file({"a": np.zeros(1)}, path, metadata={"unknot": json.dumps(header)})
    return path


def test_newer_version_other_kind_and_foreign_file(tmp_path):
    path = with_header(tmp_path, version=VERSION + 1)
    with pytest.raises(UsageError) as caught:
        load(path)
    assert str(caught.value) == (
        f"{path} has format version {VERSION + 1}; this unknot reads up to {VERSION}.\n"
        "Upgrade it: pip install --upgrade unknot"
    )
    path = with_header(tmp_path, kind="soup")
    with pytest.raises(UsageError) as caught:
        load(path)
    assert str(caught.value) == f"{path} holds a 'soup'; this unknot reads trace and run."
    save_file({"a": np.zeros(1)}, path)
    with pytest.raises(UsageError) as caught:
        load(path)
    assert str(caught.value) == (
        f"{path} is a safetensors file, but not a trace or a run of unknot's.\n"
        "Give a file written by `unknot run` or `Trace.save`."
    )
    path = with_header(tmp_path)
    with pytest.raises(UsageError) as caught:
        load(path)
    assert str(caught.value) == (
        f"{path} is not a whole trace: representations is missing.\n"
        "It was edited or damaged; make it again with unknot."
    )


def test_other_suffix_and_other_thing(tmp_path):
    with pytest.raises(UsageError) as caught:
        save(make_run(), tmp_path / "run.pkl")
    assert str(caught.value) == (
        f"Cannot write {tmp_path / 'run.pkl'}: .pkl is not a supported type.\n"
        "Allowed: .safetensors."
    )
    with pytest.raises(UsageError) as caught:
        save({}, tmp_path / "a.safetensors")
    assert str(caught.value) == "Only a Trace or a Run can be saved; got dict."


def test_a_folder_that_cannot_be_written(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(UnknotError, match="Cannot write"):
        save(make_run(), tmp_path / "file" / "a.safetensors")


def changed(tmp_path, kind, header=None, arrays=None):
    """The error for a sound file in which these entries and arrays were replaced."""
    path = tmp_path / f"{kind}.safetensors"
    if kind == "trace":
        trace(network([2, 3, 1]), rings(10)).save(path)
    else:
        make_run().save(path)
    with safe_open(path, "np") as file:
        own = json.loads(file.metadata()["unknot"])
        content = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    for place, value in (header or {}).items():
        *way, last = [int(part) if part.isdigit() else part for part in place.split(".")]
        inner = own
        for part in way:
            inner = inner[part]
        inner[last] = value
    for name, change in (arrays or {}).items():
        content[name] = change(content[name].copy())
    save_file(content, path, metadata={"unknot": json.dumps(own)})
    with pytest.raises(UsageError) as caught:
        load(path)
    first, second = str(caught.value).splitlines()
    assert second == "It was edited or damaged; make it again with unknot."
    assert first.startswith(f"{path} is not a whole {kind}: ")
    return first.removeprefix(f"{path} is not a whole {kind}: ")


def put(row, value):
    def change(array):
        array[row] = value
        return array

    return change


@pytest.mark.parametrize(
    ("kind", "header", "arrays", "told"),
    [
        ("trace", {}, {"labels": put(3, 513)}, "labels hold class 513; there are 2 classes."),
        ("trace", {}, {"labels": put(3, -2)}, "labels hold class -2; there are 2 classes."),
        (
            "trace",
            {},
            {"lattice.offsets": lambda o: o[::-1].copy()},
            "the offsets of the lattice's lines do not rise from 0 to its",
        ),
        ("trace", {"n_grid_lines": 9_999}, {}, "n_grid_lines is 9999; there are"),
        ("trace", {"n_grid_lines": 1.5}, {}, "n_grid_lines is 1.5; expected a whole number of 0"),
        ("trace", {"name": 5}, {}, "name is 5; expected text."),
        ("trace", {"name": float("inf")}, {}, "the header holds a number that is not finite."),
        ("trace", {"name": [[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]}, {}, "the header nests deeper"),
        ("trace", {"bayes_accuracy": 1.5}, {}, "bayes_accuracy is 1.5; expected a number from 0"),
        ("trace", {"notes": [{"text": "a"}]}, {}, "notes[0].audience is missing."),
        ("trace", {"maps.0.kind": "Soup"}, {}, "maps[0].kind is 'Soup'; expected Affine or"),
        (
            "trace",
            {"representations.1.unit_names": ["a"]},
            {},
            "map.1 keeps the units, but 1 become 3.",
        ),
        ("trace", {}, {"map.0.weight": put(0, np.nan)}, "the array map.0.weight holds NaN or inf"),
        (
            "trace",
            {},
            {"map.0.bias": lambda a: a.astype(np.uint8)},
            "the array map.0.bias is of type U8; expected F16, F32, F64.",
        ),
        (
            "trace",
            {},
            {"probabilities": lambda a: a.reshape((1,) * 20 + a.shape)},
            "the array probabilities has 22 axes; at most 8.",
        ),
        ("run", {"checkpoints.1.step": float("inf")}, {}, "the header holds a number that is not"),
        ("run", {"checkpoints.1.step": 2.5}, {}, "checkpoints[1].step is 2.5; expected a whole"),
        ("run", {"checkpoints.1.step": 0}, {}, "the steps of its checkpoints do not rise."),
        ("run", {"checkpoints.1": "BOOL"}, {}, "checkpoints[1] is 'BOOL'; expected named values."),
        ("run", {"data.class_names": ["one"]}, {}, "a sigmoid output tells 2 classes by 1 unit"),
        ("run", {"model.layers.0.activation": "soup"}, {}, "model.layers[0].activation is 'soup'"),
        (
            "run",
            {},
            {"validation_rows": put(0, 400)},
            "validation_rows are not different rows from 0 to 399.",
        ),
        ("run", {}, {"checkpoint.1.0.weight": put(0, np.inf)}, "the array checkpoint.1.0.weight"),
        ("run", {"settings": 3}, {}, "settings is 3; expected named values."),
    ],
)
def test_what_does_not_fit_is_told(tmp_path, kind, header, arrays, told):
    assert changed(tmp_path, kind, header, arrays).startswith(told)


def test_a_loss_that_was_not_finite_comes_back(tmp_path):
    run = replace(make_run(), history=History((0.5, float("nan")), (0.5, 0.5)))
    run.save(tmp_path / "r.safetensors")
    assert np.isnan(load(tmp_path / "r.safetensors").history.loss[1])


def test_a_loss_that_is_a_very_large_whole_number_is_a_number(tmp_path):
    """JSON has one kind of number: 1e20 may stand there as 100000000000000000000."""
    run = replace(make_run(), history=History((10**20, 0.5), (0.5, 0.5)))
    run.save(tmp_path / "r.safetensors")
    assert type(load(tmp_path / "r.safetensors").history.loss[0]) is float


def test_what_could_not_be_loaded_is_not_saved(tmp_path):
    sound = trace(network([2, 3, 1]), rings(10))
    path = tmp_path / "t.safetensors"
    with pytest.raises(UsageError) as caught:
        replace(sound, labels=np.full(10, 7)).save(path)
    assert str(caught.value) == (
        "The trace cannot be saved: labels hold class 7; there are 2 classes.\n"
        "What is saved must be sound, or it could not be loaded again."
    )
    assert not path.exists()


def test_what_is_no_file_on_a_disk(tmp_path):
    os.mkfifo(tmp_path / "pipe.safetensors")
    for path, what in (
        (tmp_path / "pipe.safetensors", "is a pipe, not a file on a disk"),
        (Path("/dev/null"), "is a device, not a file"),
        (tmp_path / ("n" * 300), "cannot be read: File name too long"),
    ):
        with pytest.raises(UsageError) as caught:
            load(path)
        shown = str(path) if len(str(path)) <= 200 else f"{str(path)[:100]}…{str(path)[-80:]}"
        assert str(caught.value) == f"{shown} {what}.\nGive a .safetensors file that unknot wrote."
