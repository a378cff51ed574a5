"""Keras files that are hostile or damaged are refused, and real ones load; on JAX."""

import io
import json
import os
import sys
import zipfile

import numpy as np
import pytest
from model_archives import error_of, write

from unknot.adapters.files import open_model

AGAIN = "It is damaged, or made by another version; save the model again."
PYTHON = "Load it in Python, if you trust it, and trace the model: unknot.trace(model, data)."
LAYER = "Use a keras.layers.Layer of your own instead, and trace the model in Python."

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::FutureWarning"),
    pytest.mark.filterwarnings("ignore::UserWarning"),
]


@pytest.fixture(scope="module")
def keras():
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("KERAS_BACKEND", os.environ.get("KERAS_BACKEND", "jax"))
        return pytest.importorskip("keras")


@pytest.fixture(scope="module")
def honest(keras, tmp_path_factory):
    """The entries of a saved model."""
    path = tmp_path_factory.mktemp("keras") / "m.keras"
    layers = keras.layers
    keras.Sequential([keras.Input((2,)), layers.Dense(3, activation="relu"), layers.Dense(1)]).save(
        path
    )
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def refused(tmp_path, entries, what, instead=PYTHON):
    assert error_of(write(tmp_path / "m.keras", entries)) == (
        f"m.keras {what}, so unknot does not load it.\n{instead}"
    )


def with_part(honest, part, place="activation"):
    """The same model with something else where its activation is."""
    config = json.loads(honest["config.json"])
    config["config"]["layers"][1]["config"][place] = part
    return honest | {"config.json": json.dumps(config).encode()}


def part(module, name, config=None, registered=None):
    return {
        "module": module,
        "class_name": name,
        "config": {} if config is None else config,
        "registered_name": registered,
    }


def test_very_many_files_in_it(tmp_path, honest):
    many = {f"assets/a{i}": b"" for i in range(60_000)}
    assert error_of(write(tmp_path / "m.keras", honest | many)) == (
        "m.keras is not a whole .keras file: 60,003 files are in it, 10,000 at most are read\n"
        f"{AGAIN}"
    )


@pytest.mark.parametrize(
    ("name", "told"),
    [
        *(("Lambda", "Lambda"), ("layers.Lambda", "Lambda"), ("__lambda__", "Lambda")),
        *((name, name) for name in ("TorchModuleWrapper", "TFSMLayer", "JaxLayer", "FlaxLayer")),
    ],
)
@pytest.mark.parametrize("module", ["keras.layers", "keras", None])
def test_layers_that_are_code(tmp_path, honest, name, told, module):
    what = f"has a {told} layer, which is Python code"
    refused(tmp_path, with_part(honest, part(module, name)), what, LAYER)
    deep = {"a": [[{"b": part(module, name)}]]}
    refused(tmp_path, with_part(honest, deep), what, LAYER)


@pytest.mark.parametrize(
    ("module", "name"),
    [
        *(("keras.utils", "get_file"), ("keras.saving", "load_model"), ("builtins", "exec")),
        *(("keras.config", "enable_unsafe_deserialization"), ("os", "system"), ("keras", "os")),
        *(("keras.ops", "os.system"), ("keras.activations", "deserialize"), ("keras.src", "x")),
        *(("keras.src.utils.file_utils", "get_file"), ("keras.losses", "get"), (None, "system")),
    ],
)
def test_functions_that_are_no_part_of_a_network(tmp_path, honest, module, name):
    for registered in (None, name, "function"):
        entries = with_part(honest, part(module, "function", name, registered))
        refused(tmp_path, entries, f"needs the code of {module} ({name})")


@pytest.mark.parametrize(
    ("module", "name"),
    [
        *(
            ("os", "system"),
            ("keras.utils", "FeatureSpace"),
            ("keras.callbacks", "ModelCheckpoint"),
        ),
        *(("keras.layers", "os"), ("keras.layers", "InputSpec"), ("keras.src.layers", "Dense")),
        *(("keras.models", "clone_model"), ("keras.metrics", "AUC"), ("subprocess", "Popen")),
        *(("keras.src.ops.operation", "Operation.os"), (None, "Dense"), ("", "Dense")),
        *(("keras.src.backend.common.variables", "Variable"), ("builtins", "dict")),
        *(("keras.src.saving.saving_lib", "NpzIOStore"), (None, "__typespec__")),
    ],
)
def test_classes_that_are_no_part_of_a_network(tmp_path, honest, module, name):
    refused(tmp_path, with_part(honest, part(module, name)), f"needs the code of {module} ({name})")


def test_a_registered_class(tmp_path, honest):
    entries = with_part(honest, part("keras.layers", "Dense", registered="mine>Dense"))
    refused(tmp_path, entries, "needs the code of keras.layers (mine>Dense)")


def test_a_module_of_the_working_folder_is_not_imported(tmp_path, honest, monkeypatch):
    (tmp_path / "evil_keras.py").write_text("import os\nos.mkdir('ran')\nclass A: pass\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    refused(
        tmp_path, with_part(honest, part("evil_keras", "A")), "needs the code of evil_keras (A)"
    )
    assert "evil_keras" not in sys.modules
    assert not (tmp_path / "ran").exists()


def test_a_vocabulary_in_another_file(tmp_path, honest):
    lookup = part("keras.layers", "StringLookup", {"vocabulary": "/etc/passwd"})
    refused(tmp_path, with_part(honest, lookup), "reads another file (/etc/passwd)")


def test_values_of_strange_types(tmp_path, honest):
    for name in ("__numpy__", "__tensor__"):
        value = part(None, name, {"value": ["a"], "dtype": "S1000000000"})
        what = f"needs the code of S1000000000 ({name})"
        refused(tmp_path, with_part(honest, value), what)


@pytest.mark.parametrize(
    "name",
    ["/etc/passwd", "../evil", "assets/../../evil", "assets/.evil", "model.weights.npz", "a"],
)
def test_files_of_other_names(tmp_path, honest, name):
    refused(tmp_path, honest | {name: b""}, f"holds what is no part of a model ({name})")


def test_two_configurations(tmp_path, honest):
    path = write(tmp_path / "m.keras", honest | {"CONFIG.JSON": honest["config.json"]})
    told = "CONFIG.JSON is in it twice"
    assert error_of(path) == f"m.keras is not a whole .keras file: {told}\n{AGAIN}"
    twice = honest["config.json"].replace(b"{", b'{"module": "os", ', 1)
    path = write(tmp_path / "m.keras", honest | {"config.json": twice})
    told = "a key is given twice"
    assert error_of(path) == f"m.keras is not a whole .keras file: {told}\n{AGAIN}"


def test_an_archive_that_unpacks_to_much(tmp_path, honest):
    entries = honest | {"config.json": honest["config.json"] + b" " * (300 << 20)}
    path = write(tmp_path / "m.keras", entries, zipfile.ZIP_DEFLATED)
    assert error_of(path) == (
        "m.keras unpacks to 300 MB, from 0.3 MB; allowed are 14 MB.\n"
        "Save the model again with the library it was made with, which does not compress it."
    )


def test_json_that_is_nested_deeply(tmp_path, honest):
    for deep in (b"[" * 200_000, b'{"a":' * 500 + b"1" + b"}" * 500):
        path = write(tmp_path / "m.keras", honest | {"config.json": deep})
        told = "it is nested too deeply"
        assert error_of(path) == f"m.keras is not a whole .keras file: {told}\n{AGAIN}"


@pytest.mark.parametrize("name", ["config.json", "model.weights.h5"])
def test_a_file_that_lacks_something(tmp_path, honest, name):
    path = write(tmp_path / "m.keras", {n: c for n, c in honest.items() if n != name})
    told = f"{name} is not in it"
    assert error_of(path) == f"m.keras is not a whole .keras file: {told}\n{AGAIN}"


def test_a_damaged_checksum(tmp_path, honest):
    path = write(tmp_path / "m.keras", honest)
    content = path.read_bytes()
    path.write_bytes(content.replace(b'"units": 3', b'"units": 4'))
    told = "Bad CRC-32 for file 'config.json'"
    assert error_of(path) == f"m.keras is not a whole .keras file: {told}\n{AGAIN}"


def weights_changed(honest, change):
    import h5py

    content = io.BytesIO(honest["model.weights.h5"])
    with h5py.File(content, "r+") as file:
        del file["layers/dense/vars/0"]
        change(h5py, file, file["layers/dense/vars"])
    return honest | {"model.weights.h5": content.getvalue()}


def external_link(h5py, file, group):
    group["0"] = h5py.ExternalLink("/etc/passwd", "/a")


def soft_link(h5py, file, group):
    group["0"] = h5py.SoftLink("/layers/dense_1/vars/0")


def external_storage(h5py, file, group):
    group.create_dataset("0", (2, 3), "f4", external=[("/etc/passwd", 0, 24)])


def virtual(h5py, file, group):
    layout = h5py.VirtualLayout((2, 3), "f4")
    layout[...] = h5py.VirtualSource("/etc/passwd", "a", (2, 3))
    group.create_virtual_dataset("0", layout)


def claimed(h5py, file, group):
    group.create_dataset("0", (10**7, 10**7), "f4", chunks=(1000, 1000))


def compressed(h5py, file, group):
    group.create_dataset("0", (5000, 5000), "f4", data=np.zeros((5000, 5000)), compression="gzip")


def texts(h5py, file, group):
    group.create_dataset("0", data=["a"] * 6)


LINK = "its weights are a link to elsewhere (/layers/dense/vars/0)"
PLAIN = "its weights are not plain numbers in it (/layers/dense/vars/0)"


@pytest.mark.parametrize(
    ("change", "told"),
    [
        *((external_link, LINK), (soft_link, LINK), (external_storage, PLAIN), (virtual, PLAIN)),
        *((claimed, PLAIN), (compressed, PLAIN), (texts, PLAIN)),
    ],
)
def test_weights_that_are_not_in_the_file(tmp_path, honest, change, told):
    path = write(tmp_path / "m.keras", weights_changed(honest, change))
    assert error_of(path) == f"m.keras is not a whole .keras file: {told}\n{AGAIN}"


def test_weights_that_are_claimed_but_never_written(tmp_path, honest):
    def late(h5py, file, group):
        plist = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
        plist.set_alloc_time(h5py.h5d.ALLOC_TIME_LATE)
        space = h5py.h5s.create_simple((10**5, 10**5))
        h5py.h5d.create(group.id, b"0", h5py.h5t.NATIVE_FLOAT, space, plist)

    path = write(tmp_path / "m.keras", weights_changed(honest, late))
    told = "its weights claim more bytes than there are"
    assert error_of(path) == f"m.keras is not a whole .keras file: {told}\n{AGAIN}"


def test_weights_in_a_circle(tmp_path, honest):
    def circle(h5py, file, group):
        group["0"] = file["layers"]

    path = write(tmp_path / "m.keras", weights_changed(honest, circle))
    first, second = error_of(path).split("\n")
    assert first.startswith(
        "m.keras is not a whole .keras file: its weights are linked in a circle"
    )
    assert second == AGAIN


def test_layers_wider_than_the_file(tmp_path, honest):
    path = write(tmp_path / "m.keras", with_part(honest, 10**9, "units"))
    told = "a layer asks for 2,000,000,000 weights, which are not in it"
    assert told in error_of(path)


def test_real_models_load(tmp_path, keras):
    layers = keras.layers
    rng = np.random.default_rng(0)
    x = rng.normal(size=(50, 2)).astype(np.float32)
    y = (x[:, 0] > 0).astype(np.float32)
    scaled = layers.Normalization()
    scaled.adapt(x)
    start = keras.Input((2,))
    h = layers.Dense(
        4, activation="relu", kernel_regularizer="l2", kernel_constraint=keras.constraints.MaxNorm()
    )(scaled(start))
    h = layers.Dropout(0.1)(layers.BatchNormalization()(h))
    side = layers.Dense(4, activation=keras.activations.gelu)(start)
    h = layers.Concatenate()([layers.Add()([h, side]), h * 2.0])
    h = layers.Activation("swish")(layers.LeakyReLU()(keras.ops.tanh(h)))
    functional = keras.Model(start, layers.Dense(1, activation="sigmoid")(h))
    schedule = keras.optimizers.schedules.ExponentialDecay(0.1, 10, 0.9)
    functional.compile(
        keras.optimizers.AdamW(schedule),
        loss=keras.losses.BinaryCrossentropy(),
        metrics=["accuracy", keras.metrics.AUC(), keras.losses.mean_squared_error],
        weighted_metrics=["mae"],
    )
    functional.fit(x, y, verbose=0)
    inner = keras.Sequential([keras.Input((4,)), layers.Dense(3)])
    recurrent = keras.Sequential(
        [
            *(keras.Input((6, 4)), layers.Bidirectional(layers.LSTM(3, return_sequences=True))),
            *(layers.TimeDistributed(layers.Dense(4)), layers.Conv1D(4, 2), layers.MaxPooling1D()),
            *(layers.GlobalAveragePooling1D(), inner, layers.LayerNormalization()),
        ]
    )
    recurrent.compile(loss="mse", optimizer="sgd")
    tokens = keras.Input((5, 4))
    attended = layers.Add()([layers.MultiHeadAttention(2, 3)(tokens, tokens), tokens])
    attention = keras.Model(tokens, layers.Dense(1)(attended[:, 0]))
    half = keras.Sequential([keras.Input((3,)), layers.Dense(2, dtype="bfloat16")])
    for model in (functional, recurrent, attention, half):
        model.save(tmp_path / "m.keras")
        opened = open_model(tmp_path / "m.keras")
        points = rng.normal(size=(7, *model.input_shape[1:])).astype(np.float32)
        np.testing.assert_array_equal(
            *(np.asarray(one(points)).astype(np.float32) for one in (opened, model))
        )
        assert (opened.loss is None) == (getattr(model, "loss", None) is None)
    assert keras.Layer.add_weight.__qualname__ == "Layer.add_weight"
