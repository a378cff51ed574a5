"""Who the points are, on disk: the same after loading, and nothing else is loaded."""

import json

import numpy as np
import pytest
from safetensors import safe_open
from safetensors.numpy import save_file

import unknot as uk

X = np.arange(8, dtype=np.float32).reshape(4, 2)
WHO = {
    "name": ["a", "<b>", "", "\u05d0\U0001f600"],
    "city": ["Rome", None, "x", "y"],
    "image": [np.full((3, 2), 9, np.uint8), None, np.zeros((3, 2), np.uint8), None],
}


def same(a, b):
    assert a.columns == b.columns
    assert (a.images == b.images).all()
    assert (a.has_image == b.has_image).all()


def test_a_trace_and_a_run_keep_it(tmp_path):
    trace = uk.Trace.from_arrays([X, X], [0, 1, 0, 1], identity=WHO)
    same(uk.load(trace.save(tmp_path / "t.safetensors")).identity, trace.identity)
    data = uk.datasets.from_arrays(X, [0, 1, 0, 1], identity=WHO)
    run = uk.fit(data, hidden=[2], steps=2, validation=0, progress=False)
    same(uk.load(run.save(tmp_path / "r.safetensors")).data.identity, data.identity)


def test_a_recorded_run_holds_it_once(tmp_path):
    film = uk.Film((X, [0, 1, 0, 1]), identity=WHO)
    film.record([np.tanh], step=0)
    film.record([np.sin], step=1)
    path = film.run().save(tmp_path / "f.safetensors")
    with safe_open(path, "np") as file:
        assert [name for name in file.keys() if "image" in name] == [  # noqa: SIM118
            "data.identity.has_image",
            "data.identity.images",
        ]
    same(uk.trace(uk.load(path)).identity, film.data.identity)


def test_names_of_an_older_file_are_read(tmp_path):
    path = uk.Trace.from_arrays([X, X], [0, 1, 0, 1]).save(tmp_path / "t.safetensors")
    changed(path, lambda header, _: header.update(point_names=list("abcd")))
    assert uk.load(path).point_names == tuple("abcd")


def changed(path, change):
    with safe_open(path, "np") as file:
        arrays = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        header = json.loads(file.metadata()["unknot"])
    change(header, arrays)
    save_file(arrays, path, metadata={"unknot": json.dumps(header)})


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda h, a: h["identity"]["columns"].append("more"), "the array identity.2 is missing"),
        (lambda h, a: h["identity"].update(columns=["x", "x"]), "have the same name"),
        (lambda h, a: h.update(identity=3), "identity is 3; expected named values"),
        (
            lambda h, a: a.update({"identity.0.ends": np.array([5, 3, 5, 5])}),
            "identity column 1 do not end where they say",
        ),
        (
            lambda h, a: a.update({"identity.0.ends": a["identity.0.ends"] + 10**12}),
            "identity column 1 do not end where they say",
        ),
        (
            lambda h, a: a.update({"identity.0.ends": a["identity.0.ends"][:3]}),
            r"identity.0.ends has shape \[3\]",
        ),
        (
            lambda h, a: a["identity.0"].__setitem__(0, 255),
            "identity column 1 holds text that is not UTF-8",
        ),
        (
            lambda h, a: a.update({"identity.images": a["identity.images"][:3]}),
            r"identity.images has shape \[3, 3, 2\]",
        ),
        (
            lambda h, a: a.update({"identity.images": np.zeros((4, 0, 2), np.uint8)}),
            "its images have no pixels",
        ),
        (
            lambda h, a: a.update({"identity.images": np.zeros((4, 3, 2, 4), np.uint8)}),
            r"expected \[4, any, any, 3\]",
        ),
        (
            lambda h, a: a.update({"identity.images": a["identity.images"].astype(np.float32)}),
            "identity.images is of type F32",
        ),
    ],
)
def test_a_damaged_file_is_refused_in_a_sentence(tmp_path, change, message):
    path = uk.Trace.from_arrays([X, X], [0, 1, 0, 1], identity=WHO).save(tmp_path / "t.safetensors")
    changed(path, change)
    with pytest.raises(uk.UsageError, match=message):
        uk.load(path)
