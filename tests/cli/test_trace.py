"""unknot trace: models from files, and files that must not be opened."""

import json
import os
import pickle
import zipfile

import numpy as np
import pytest
from calling import call

import unknot as uk

pytestmark = pytest.mark.filterwarnings("ignore:.*(max_iter|iterations).*")


class Bomb:
    """Leaves a mark when it is unpickled."""

    def __init__(self, mark):
        self.mark = str(mark)

    def __reduce__(self):
        return os.mkdir, (self.mark,)


@pytest.fixture
def torch():
    return pytest.importorskip("torch")


def exported(torch, path):
    net = torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.Tanh(), torch.nn.Linear(3, 1)).eval()
    points = ({0: torch.export.Dim("points")},)
    torch.export.save(torch.export.export(net, (torch.zeros(4, 2),), dynamic_shapes=points), path)
    return net


def rewritten(source, target, change):
    """A copy of an archive, with each file's content given to a function."""
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w") as new:
        for name in old.namelist():
            new.writestr(name, change(name, old.read(name)))


def test_layers_are_chosen_at_the_command_line(capsys, tmp_path, torch):
    exported(torch, tmp_path / "net.pt2")
    out = tmp_path / "t.safetensors"
    model = ("trace", tmp_path / "net.pt2", "circles", "-n", 50, "-o", out)
    done = call(capsys, *model, "--layers", "layer 0,-1", "--json")
    assert done.code == 0, done.err
    names = [r["name"] for r in json.loads(done.out)["representations"]]
    assert names == ["input", "layer 0", "layer 2"]
    done = call(capsys, "measure", out, "--layers", "input", "--measures", "gdv", "--json")
    assert [row["representation"] for row in json.loads(done.out)["rows"]] == ["input", "layer 2"]
    done = call(capsys, *model, "--layers", "layre 0")
    assert done.code == 2
    assert "Did you mean 'layer 0'?" in done.err
    done = call(capsys, *model, "--reduce", "median")
    assert done.code == 2
    assert "Unknown reduction 'median'." in done.err


def test_one_of_several_labels_colours(capsys, tmp_path, torch):
    net = exported(torch, tmp_path / "net.pt2")
    assert net
    table = tmp_path / "days.csv"
    rows = [f"{i},{-i},{i % 2},{i % 3 % 2}" for i in range(30)]
    table.write_text("\n".join(["a,b,rain,frost", *rows]))
    out = tmp_path / "t.safetensors"
    asked = ("trace", tmp_path / "net.pt2", table, "-o", out, "--label", "rain,frost")
    done = call(capsys, *asked, "--colour", "frost")
    assert done.code == 0, done.err
    traced = uk.load(out)
    assert (traced.colour, traced.class_names) == ("frost", ("frost = 0", "frost = 1"))
    np.testing.assert_array_equal(traced.labels, np.arange(30) % 3 % 2)
    done = call(capsys, *asked, "--colour", "forst")
    assert done.code == 2
    assert "There is no output 'forst' to colour by. Did you mean 'frost'?" in done.err
    done = call(capsys, "run", table, "--label", "rain,frost", "--out", tmp_path / "run")
    assert done.code == 2
    assert "This command takes one label or target; got 2 columns (rain, frost)." in done.err


def test_an_exported_program(capsys, tmp_path, torch):
    net = exported(torch, tmp_path / "net.pt2")
    out = tmp_path / "t.safetensors"
    done = call(
        capsys,
        *("trace", tmp_path / "net.pt2", "circles", "-n", 200, "--head", "sigmoid"),
        *("-o", out, "--json"),
    )
    assert done.code == 0, done.err
    report = json.loads(done.out)
    assert [r["name"] for r in report["representations"]] == [
        *("input", "layer 0 pre-activation", "layer 0", "logit", "probability")
    ]
    assert [m["kind"] for m in report["maps"]] == ["affine", "activation", "affine", "activation"]
    traced = uk.load(out)
    with torch.no_grad():
        values = net(torch.tensor(traced.representations[0].values)).numpy()
    np.testing.assert_allclose(traced.representations[3].values, values, atol=1e-6)
    assert traced.n_points == 200


def test_onnx_and_skops(capsys, tmp_path):
    skops = pytest.importorskip("skops.io")
    to_onnx = pytest.importorskip("skl2onnx").to_onnx
    from sklearn.neural_network import MLPClassifier

    data = uk.datasets.moons(200)
    model = MLPClassifier((4,), max_iter=5, random_state=0).fit(data.x, data.y)
    skops.dump(model, tmp_path / "m.skops")
    (tmp_path / "m.onnx").write_bytes(to_onnx(model, data.x[:1]).SerializeToString())
    for name in ("m.skops", "m.onnx"):
        done = call(capsys, "trace", tmp_path / name, "moons", "-o", tmp_path / "t.safetensors")
        assert done.code == 0, done.err
        assert done.out.endswith("t.safetensors (2,000 points)\n")
    assert uk.trace(tmp_path / "m.skops", data).n_points == 200


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.filterwarnings("ignore::FutureWarning")
@pytest.mark.filterwarnings("ignore::UserWarning")
def test_keras(capsys, tmp_path, monkeypatch):
    monkeypatch.setenv("KERAS_BACKEND", "jax")
    keras = pytest.importorskip("keras")
    layers = keras.layers
    model = keras.Sequential(
        [keras.Input((2,)), layers.Dense(3, activation="relu"), layers.Dense(1)]
    )
    model.compile(loss=keras.losses.BinaryCrossentropy(from_logits=True))
    model.save(tmp_path / "m.keras")
    done = call(capsys, "trace", tmp_path / "m.keras", "moons", "-o", tmp_path / "t.safetensors")
    assert done.code == 0, done.err
    assert "probability: 1 unit\n" in done.out
    code = keras.Sequential([keras.Input((2,)), layers.Lambda(lambda z: z * 2)])
    code.save(tmp_path / "code.keras")
    done = call(capsys, "trace", tmp_path / "code.keras", "moons", "-o", tmp_path / "t.safetensors")
    assert (done.code, done.err) == (
        2,
        "unknot: code.keras has a Lambda layer, which is Python code, so unknot does not load it.\n"
        "  Use a keras.layers.Layer of your own instead, and trace the model in Python.\n",
    )
    config = {"class_name": "system", "module": "os", "config": {}, "registered_name": None}
    with zipfile.ZipFile(tmp_path / "os.keras", "w") as archive:
        archive.writestr("config.json", json.dumps(config))
    done = call(capsys, "trace", tmp_path / "os.keras", "moons", "-o", tmp_path / "t.safetensors")
    assert done.err.startswith("unknot: os.keras needs the code of os (system), so unknot does not")


def test_what_is_wrong_with_the_data_is_said_before_the_model_is_opened(capsys, tmp_path):
    (tmp_path / "m.keras").write_bytes(b"no model")
    done = call(capsys, "trace", tmp_path / "m.keras", "crcles", "-o", tmp_path / "t.safetensors")
    assert done.code == 2
    assert done.err.startswith("unknot: Unknown data set 'crcles'. Did you mean 'circles'?\n")


def test_frameworks_are_told_to_be_quiet(monkeypatch):
    from unknot.cli.surroundings import hushed

    monkeypatch.setenv("TF_ENABLE_ONEDNN_OPTS", "1")
    monkeypatch.delenv("TF_CPP_MIN_LOG_LEVEL", raising=False)
    with hushed(debug=False):
        pass
    assert os.environ["TF_CPP_MIN_LOG_LEVEL"] == "2"
    # What the user set stays.
    monkeypatch.setenv("TF_CPP_MIN_LOG_LEVEL", "0")
    with hushed(debug=False):
        pass
    assert os.environ["TF_CPP_MIN_LOG_LEVEL"] == "0"


PT2 = "export the module: torch.export.save(torch.export.export(module, (x,)), 'model.pt2')"


@pytest.mark.parametrize(
    ("name", "instead"),
    [
        ("m.pkl", "save the model with skops: skops.io.dump(model, 'model.skops')"),
        ("m.joblib", "save the model with skops: skops.io.dump(model, 'model.skops')"),
        ("m.pt", PT2),
        ("m.pth", PT2),
        ("m.h5", "save the model as .keras: model.save('model.keras')"),
    ],
)
def test_files_that_run_code_are_refused(capsys, tmp_path, name, instead):
    mark = tmp_path / "ran"
    (tmp_path / name).write_bytes(pickle.dumps(Bomb(mark)))
    done = call(capsys, "trace", tmp_path / name, "moons", "-o", tmp_path / "t.safetensors")
    assert (done.code, done.out, done.err) == (
        2,
        "",
        f"unknot: Loading {name} can run code that is in it, so unknot does not.\n"
        f"  Instead {instead}.\n",
    )
    assert not mark.exists()


def test_skops_with_strangers(capsys, tmp_path):
    skops = pytest.importorskip("skops.io")
    from sklearn.preprocessing import FunctionTransformer

    skops.dump(FunctionTransformer(os.getcwd), tmp_path / "m.skops")
    done = call(capsys, "trace", tmp_path / "m.skops", "moons", "-o", tmp_path / "t.safetensors")
    assert done.code == 2
    assert done.err == (
        "unknot: m.skops holds types that skops does not know to be safe (posix.getcwd), so unknot "
        "does not load it.\n"
        "  If you trust it, load it in Python with skops.io.load and trace the model.\n"
    )


def hostile_weights(mark):
    bomb = pickle.dumps(Bomb(mark))

    def change(name, content):
        if name.endswith("model_weights_config.json"):
            return content.replace(b'"use_pickle": false', b'"use_pickle": true')
        return bomb if "weights/weight_" in name else content

    return change, "holds pickled objects"


def hostile_target(mark):
    def change(name, content):
        return content.replace(b"torch.ops.aten.tanh.default", b"torch.os.mkdir")

    return change, "calls 'torch.os.mkdir', which is no operation of ATen"


def hostile_size(mark):
    text = f"__import__('os').mkdir('{mark}')"

    def change(name, content):
        if not name.endswith("models/model.json"):
            return content
        parsed = json.loads(content)
        sizes = parsed["graph_module"]["graph"]["tensor_values"]["input"]["sizes"]
        sizes[0]["as_expr"]["expr_str"] = text
        return json.dumps(parsed).encode()

    return change, f"has a size that is no number ({text[:60]!r})"


@pytest.mark.parametrize("make", [hostile_weights, hostile_target, hostile_size])
def test_hostile_exported_programs(capsys, tmp_path, torch, make):
    mark = tmp_path / "ran"
    exported(torch, tmp_path / "net.pt2")
    change, what = make(mark)
    rewritten(tmp_path / "net.pt2", tmp_path / "bad.pt2", change)
    done = call(capsys, "trace", tmp_path / "bad.pt2", "moons", "-o", tmp_path / "t.safetensors")
    assert (done.code, done.err) == (
        2,
        f"unknot: bad.pt2 {what}, so unknot does not load it.\n"
        "  Load it in Python, if you trust it, and trace the model: unknot.trace(program, data).\n",
    )
    assert not mark.exists()


def test_pickled_sample_inputs_do_not_run(capsys, tmp_path, torch):
    mark = tmp_path / "ran"
    exported(torch, tmp_path / "net.pt2")
    torch.save(Bomb(mark), tmp_path / "inputs.pt")
    bomb = (tmp_path / "inputs.pt").read_bytes()
    rewritten(
        tmp_path / "net.pt2",
        tmp_path / "bad.pt2",
        lambda name, content: bomb if "sample_inputs" in name else content,
    )
    done = call(capsys, "trace", tmp_path / "bad.pt2", "moons", "-o", tmp_path / "t.safetensors")
    assert done.code == 0, done.err  # they are left out
    assert not mark.exists()


@pytest.mark.parametrize(
    ("suffix", "kind", "package"),
    [
        (".onnx", "ONNX file", "onnx"),
        (".pt2", "exported program", "torch"),
        (".keras", ".keras file", "keras"),
        (".skops", ".skops file", "skops"),
    ],
)
@pytest.mark.parametrize("content", [b"", b"nonsense" * 50])
def test_damaged_files(capsys, tmp_path, suffix, kind, package, content):
    pytest.importorskip(package)
    (tmp_path / f"m{suffix}").write_bytes(content)
    done = call(capsys, "trace", tmp_path / f"m{suffix}", "moons", "-o", tmp_path / "t.safetensors")
    assert done.code == 2, done.err
    first, second = done.err.splitlines()
    assert first.startswith(f"unknot: m{suffix} is not a whole {kind}: ")
    assert second == "  It is damaged, or made by another version; save the model again."
    assert not (tmp_path / "t.safetensors").exists()


def test_onnx_that_reads_elsewhere(capsys, tmp_path):
    onnx = pytest.importorskip("onnx")
    graph = onnx.helper.make_graph([onnx.helper.make_node("Relu", ["x"], ["y"])], "g", [], [])
    tensor = graph.initializer.add(name="w", data_type=1, data_location=1, dims=[1])
    tensor.external_data.add(key="location", value="../secret")
    (tmp_path / "m.onnx").write_bytes(onnx.helper.make_model(graph).SerializeToString())
    done = call(capsys, "trace", tmp_path / "m.onnx", "moons", "-o", tmp_path / "t.safetensors")
    assert (done.code, done.err) == (
        2,
        "unknot: m.onnx takes weights from outside its folder (../secret), so unknot does not "
        "load it.\n  Save it with its weights inside: onnx.save_model(model, path).\n",
    )


@pytest.mark.parametrize(
    ("model", "out", "message"),
    [
        (
            "m.txt",
            "t.safetensors",
            "unknot: m.txt is not a model file that unknot reads: .txt.\n"
            "  Allowed: .keras, .onnx, .pt2, .skops.\n",
        ),
        (
            "m.onnx",
            "t.safetensors",
            "unknot: m.onnx does not exist.\n  Give a model file: .keras, .onnx, .pt2, .skops.\n",
        ),
        (
            "m.onnx",
            "t.png",
            "unknot: Cannot write t.png: .png is not a supported type.\n  Allowed: .safetensors.\n",
        ),
    ],
)
def test_wrong_calls(capsys, monkeypatch, tmp_path, model, out, message):
    monkeypatch.chdir(tmp_path)
    done = call(capsys, "trace", model, "moons", "-o", out)
    assert (done.code, done.err) == (2, message)


def test_wrong_width(capsys, tmp_path, torch):
    exported(torch, tmp_path / "net.pt2")
    done = call(capsys, "trace", tmp_path / "net.pt2", "iris", "-o", tmp_path / "t.safetensors")
    assert done.code == 1
    assert done.err.startswith("unknot: The model in net.pt2 raised an error in its forward pass.")
