"""Real models at tiny sizes, none with weights to fetch: traced and compared with themselves.

``python tests/adapters/real_models.py [NAME …] [-o FILE.md]`` runs them all and writes a table.
Each is compared with its own output, and three inner layers with what hooks (PyTorch) or
sub-models (Keras) read there. `LIBRARIES` says what is needed; what is not installed is left out
and said.
"""

import argparse
import importlib.util
import inspect
import os
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

os.environ.setdefault("KERAS_BACKEND", "jax")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np

import unknot as uk

LIBRARIES = ("torchvision", "timm", "transformers", "keras", "torch", "sklearn", "onnxruntime")
#: A share of a layer's largest value.
ROUNDING = 1e-4


@dataclass(frozen=True)
class Model:
    """How to make a model, and points for it: images, words or a sound."""

    library: str
    make: Callable[[Any], Any]
    points: Callable[[], Any]


def images(n: int = 12, size: int = 32, last: bool = False) -> Any:
    x = np.random.default_rng(0).normal(size=(n, 3, size, size)).astype(np.float32)
    return np.ascontiguousarray(x.transpose(0, 2, 3, 1)) if last else x


def pixels() -> Any:
    return images(last=True)


def words() -> dict[str, Any]:
    rng = np.random.default_rng(0)
    mask = (np.arange(12) < rng.integers(3, 13, (40, 1))).astype(int)
    return {"input_ids": rng.integers(3, 50, (40, 12)) * mask, "attention_mask": mask}


def sentences() -> dict[str, Any]:
    """That end in the token of an end."""
    ids = np.random.default_rng(0).integers(3, 50, (40, 12))
    ids[:, -1] = 2
    return {"input_ids": ids, "attention_mask": np.ones_like(ids)}


def sounds() -> dict[str, Any]:
    return {"input_values": np.random.default_rng(0).normal(size=(20, 400)).astype(np.float32)}


SIZES: dict[str, Any] = {
    **{"hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2},
    "intermediate_size": 24,
}
TEXT: dict[str, Any] = {
    **SIZES,
    **{"vocab_size": 50, "max_position_embeddings": 32, "pad_token_id": 0},
    **{"bos_token_id": 1, "eos_token_id": 2},
}
VISION: dict[str, Any] = {**SIZES, "image_size": 32, "patch_size": 8}


def _hugging_face(kind: str, task: str, data: Callable[[], Any], **config: Any) -> Model:
    def make(transformers: Any) -> Any:
        return getattr(transformers, kind + task)(getattr(transformers, f"{kind}Config")(**config))

    return Model("transformers", make, data)


def _text(kind: str, **config: Any) -> Model:
    return _hugging_face(kind, "ForSequenceClassification", words, **{**TEXT, **config})


def _vision(kind: str, **config: Any) -> Model:
    return _hugging_face(kind, "ForImageClassification", images, **config)


def _torchvision(name: str, data: Callable[[], Any] = images, **options: Any) -> Model:
    return Model("torchvision", lambda v: getattr(v.models, name)(num_classes=3, **options), data)


def _timm(name: str, data: Callable[[], Any] = images, **options: Any) -> Model:
    return Model("timm", lambda t: t.create_model(name, num_classes=3, **options), data)


def _keras(name: str, **options: Any) -> Model:
    def make(keras: Any) -> Any:
        kind = getattr(keras.applications, name)
        return kind(weights=None, input_shape=(32, 32, 3), classes=3, **options)

    return Model("keras", make, pixels)


def _swin(torchvision: Any) -> Any:
    return torchvision.models.SwinTransformer([4, 4], 16, [1, 1], [2, 2], [4, 4], num_classes=3)


def _vit(torchvision: Any) -> Any:
    return torchvision.models.VisionTransformer(32, 8, 2, 2, 16, 24, num_classes=3)


def features(n: int = 40, width: int = 6) -> Any:
    return np.random.default_rng(0).normal(size=(n, width)).astype(np.float32)


def tokens() -> Any:
    return np.random.default_rng(0).normal(size=(20, 7, 8)).astype(np.float32)


def _transformer(torch: Any) -> Any:
    nn = torch.nn
    layer = nn.TransformerEncoderLayer(8, 2, 16, batch_first=True)
    return nn.Sequential(nn.TransformerEncoder(layer, 2), nn.Flatten(), nn.Linear(56, 3))


def _convolutions(torch: Any) -> Any:
    nn = torch.nn
    return nn.Sequential(
        *(nn.Conv2d(3, 6, 3, padding=1), nn.BatchNorm2d(6), nn.ReLU(), nn.MaxPool2d(2)),
        *(nn.Conv2d(6, 8, 3, groups=2), nn.GELU(), nn.AdaptiveAvgPool2d(2), nn.Flatten()),
        nn.Linear(32, 3),
    )


def _recurrent(torch: Any) -> Any:
    class Reader(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.before = torch.nn.Linear(8, 6)
            self.lstm = torch.nn.LSTM(6, 5, batch_first=True)
            self.norm = torch.nn.LayerNorm(5)
            self.after = torch.nn.Linear(5, 3)

        def forward(self, x: Any) -> Any:
            values, _ = self.lstm(torch.tanh(self.before(x)))
            return self.after(self.norm(values[:, -1]))

    return Reader()


def _residual(torch: Any) -> Any:
    nn = torch.nn

    class Block(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.norm, self.up, self.down = nn.LayerNorm(6), nn.Linear(6, 12), nn.Linear(12, 6)

        def forward(self, x: Any) -> Any:
            return x + self.down(nn.functional.gelu(self.up(self.norm(x))))

    return nn.Sequential(Block(), Block(), Block(), nn.Linear(6, 3))


def _two_ways(torch: Any) -> Any:
    """An encoder with a bridge to the decoder, as in a U-Net."""
    nn = torch.nn

    class Bridge(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.down1, self.down2 = nn.Linear(6, 5), nn.Linear(5, 3)
            self.up1, self.up2 = nn.Linear(3, 5), nn.Linear(10, 4)

        def forward(self, x: Any) -> Any:
            wide = torch.relu(self.down1(x))
            back = torch.relu(self.up1(torch.relu(self.down2(wide))))
            return self.up2(torch.cat([wide, back], dim=1))

    return Bridge()


def _pipeline(end: str, *steps: str, **options: Any) -> Callable[[Any], Any]:
    """Fitted on the points of the comparison."""

    def make(sklearn: Any) -> Any:
        kinds = "preprocessing", "decomposition", "linear_model", "neural_network", "pipeline"
        for kind in kinds:
            importlib.import_module(f"sklearn.{kind}")
        parts = vars(sklearn.preprocessing) | vars(sklearn.decomposition)
        parts |= vars(sklearn.linear_model) | vars(sklearn.neural_network)
        model = sklearn.pipeline.make_pipeline(*(parts[s]() for s in steps), parts[end](**options))
        return model.fit(features(), np.arange(40) % 2)

    return make


def _graph(*nodes: tuple[Any, ...], width: int) -> Callable[[Any], Any]:
    """An ONNX model out of nodes: operator, output, inputs, attributes; shapes are weights."""

    def make(onnxruntime: Any) -> Any:
        onnx: Any = importlib.import_module("onnx")
        helper, rng = onnx.helper, np.random.default_rng(0)
        weights: list[Any] = []
        made: list[Any] = []
        for kind, output, inputs, options in nodes:
            names: list[str] = []
            for given in inputs:
                if not isinstance(given, str):
                    values = rng.normal(size=given).astype(np.float32)
                    weights.append(onnx.numpy_helper.from_array(values, f"w{len(weights)}"))
                    given = weights[-1].name
                names.append(given)
            made.append(helper.make_node(kind, names, [output], name=output, **options))
        number = onnx.TensorProto.FLOAT
        ends = [
            helper.make_tensor_value_info(name, number, ["n", size])
            for name, size in (("x", width), (nodes[-1][1], 3))
        ]
        graph = helper.make_graph(made, "net", ends[:1], ends[1:], weights)
        opset = [helper.make_opsetid("", 17)]
        return helper.make_model(graph, opset_imports=opset, ir_version=8)

    return make


def _dense(output: str, before: str, n_in: int, n_out: int) -> tuple[Any, ...]:
    return "Gemm", output, (before, (n_in, n_out), (n_out,)), {}


def _small_keras(keras: Any) -> Any:
    layers = keras.layers
    start = keras.Input((6,))
    wide = layers.Dense(8, activation="gelu", name="wide")(start)
    branch = layers.Dense(8, activation="tanh", name="branch")(wide)
    joined = layers.LayerNormalization(name="norm")(layers.Add(name="sum")([wide, branch]))
    return keras.Model(start, layers.Dense(3, activation="softmax")(joined))


PATCHES = {"img_size": 32, "patch_size": 8, "embed_dim": 16, "depth": 2, "num_heads": 2}
MODELS: dict[str, Model] = {
    "resnet18": _torchvision("resnet18"),
    "vgg11_bn": _torchvision("vgg11_bn"),
    "squeezenet1_1": _torchvision("squeezenet1_1"),
    "googlenet": _torchvision("googlenet", aux_logits=False, init_weights=False),
    "shufflenet_v2_x0_5": _torchvision("shufflenet_v2_x0_5"),
    "mobilenet_v3_small": _torchvision("mobilenet_v3_small"),
    "mnasnet0_5": _torchvision("mnasnet0_5"),
    "regnet_y_400mf": _torchvision("regnet_y_400mf"),
    "efficientnet_b0": _torchvision("efficientnet_b0"),
    "vision transformer": Model("torchvision", _vit, images),
    "swin": Model("torchvision", _swin, images),
    "timm resnet10t": _timm("resnet10t"),
    "timm vit_tiny": _timm("vit_tiny_patch16_224", **PATCHES),
    "timm xcit_nano": _timm("xcit_nano_12_p8_224", **PATCHES),
    "timm cait_xxs24": _timm("cait_xxs24_224", **PATCHES),
    "timm convnext_atto": _timm("convnext_atto", depths=(1, 1, 1, 1), dims=(8, 8, 16, 16)),
    "timm repvgg_a0": _timm("repvgg_a0"),
    "BERT": _text("Bert"),
    "DistilBERT": _text("DistilBert", dim=16, n_layers=2, n_heads=2, hidden_dim=24),
    "RoBERTa": _text("Roberta"),
    "ALBERT": _text("Albert", embedding_size=16),
    "ELECTRA": _text("Electra", embedding_size=16),
    "DeBERTa-v2": _text("DebertaV2"),
    "MobileBERT": _text("MobileBert", embedding_size=16, intra_bottleneck_size=16),
    "GPT-2": _text("GPT2", n_embd=16, n_layer=2, n_head=2, n_positions=32),
    "OPT": _text("OPT", ffn_dim=24, word_embed_proj_dim=16),
    "Llama": _text("Llama"),
    "Mistral": _text("Mistral", num_key_value_heads=1),
    "Qwen2": _text("Qwen2", num_key_value_heads=1),
    "BART": _hugging_face(
        "Bart",
        "ForSequenceClassification",
        sentences,
        **{"d_model": 16, "encoder_layers": 1, "decoder_layers": 1, "vocab_size": 50},
        **{"encoder_attention_heads": 2, "decoder_attention_heads": 2, "encoder_ffn_dim": 24},
        **{"decoder_ffn_dim": 24, "max_position_embeddings": 32, "pad_token_id": 0},
        **{"bos_token_id": 1, "eos_token_id": 2, "decoder_start_token_id": 2},
    ),
    "wav2vec 2.0": _hugging_face(
        "Wav2Vec2",
        "ForSequenceClassification",
        sounds,
        **SIZES,
        **{"conv_dim": [8, 8], "conv_stride": [4, 4], "conv_kernel": [8, 8]},
        **{"num_feat_extract_layers": 2, "num_conv_pos_embeddings": 4},
        **{"num_conv_pos_embedding_groups": 2, "classifier_proj_size": 8},
    ),
    "ViT": _vision("ViT", **VISION),
    "DeiT": _vision("DeiT", **VISION),
    "Swin": _vision(
        "Swin",
        **{"image_size": 32, "patch_size": 4, "embed_dim": 8, "window_size": 4},
        **{"depths": [1, 1], "num_heads": [1, 2]},
    ),
    "ConvNeXt": _vision(
        "ConvNext", hidden_sizes=[8, 8, 16, 16], depths=[1, 1, 1, 1], image_size=32
    ),
    "ResNet": _vision("ResNet", embedding_size=8, hidden_sizes=[8, 16], depths=[1, 1]),
    "MobileNet": _keras("MobileNet", alpha=0.25),
    "MobileNetV2": _keras("MobileNetV2", alpha=0.35),
    "MobileNetV3Small": _keras("MobileNetV3Small"),
    "EfficientNetB0": _keras("EfficientNetB0"),
    "ResNet50": _keras("ResNet50"),
    "DenseNet121": _keras("DenseNet121"),
    "ConvNeXtTiny": _keras("ConvNeXtTiny"),
    "residual perceptron": Model("keras", _small_keras, features),
    "TransformerEncoder": Model("torch", _transformer, tokens),
    "convolutions": Model("torch", _convolutions, images),
    "LSTM": Model("torch", _recurrent, tokens),
    "residual blocks": Model("torch", _residual, features),
    "encoder and decoder": Model("torch", _two_ways, features),
    "logistic regression": Model(
        "sklearn",
        _pipeline("LogisticRegression", "StandardScaler", "PolynomialFeatures", "PCA"),
        features,
    ),
    "perceptron": Model(
        "sklearn",
        _pipeline("MLPRegressor", "RobustScaler", "PCA", "Normalizer", max_iter=2_000),
        features,
    ),
    "splines": Model(
        "sklearn",
        _pipeline("Ridge", "MinMaxScaler", "SplineTransformer", "StandardScaler"),
        features,
    ),
    "dense": Model(
        "onnxruntime",
        _graph(
            *(_dense("one", "x", 6, 8), ("Relu", "relu", ("one",), {})),
            *(_dense("two", "relu", 8, 5), ("Tanh", "tanh", ("two",), {})),
            *(_dense("three", "tanh", 5, 3), ("Softmax", "p", ("three",), {})),
            width=6,
        ),
        features,
    ),
    "residual": Model(
        "onnxruntime",
        _graph(
            *(_dense("one", "x", 6, 6), ("Sigmoid", "gate", ("one",), {})),
            *(("Mul", "gated", ("gate", "x"), {}), ("Add", "sum", ("gated", "x"), {})),
            *(_dense("two", "sum", 6, 3), ("LogSoftmax", "p", ("two",), {})),
            width=6,
        ),
        features,
    ),
}


@dataclass(frozen=True)
class Outcome:
    """Of one model: what its trace has, and how far it is from the model itself."""

    n_representations: int
    seconds: float
    output: float
    inner: dict[str, float]

    @property
    def holds(self) -> bool:
        return max(self.output, *self.inner.values()) <= ROUNDING


def outcome_of(name: str) -> Outcome:
    """Trace a model and compare."""
    row = MODELS[name]
    library = importlib.import_module(row.library)
    read = READERS.get(row.library, _of_torch)
    if read is _of_torch:
        importlib.import_module("torch").manual_seed(0)
    model, points = row.make(library), row.points()
    if read is _of_torch:
        model.eval()
    n = len(next(iter(points.values())) if isinstance(points, dict) else points)
    start = time.perf_counter()
    traced = uk.trace(model, (points, np.arange(n) % 2), progress=False, **ALL)
    seconds = time.perf_counter() - start
    output, inner = read(model, points, traced)
    ends = {key: _apart(traced[key].values, values) for key, values in inner.items()}
    last = _apart(traced.representations[-1].values, output)
    return Outcome(len(traced.representations), seconds, last, ends)


#: Every representation in full, whatever the default is.
ALL: dict[str, Any] = {
    key: value
    for key, value in {"layers": "all", "reduce": "flatten"}.items()
    if key in inspect.signature(uk.trace).parameters
}


def _apart(values: Any, expected: Any) -> float:
    rows = np.asarray(expected).reshape(len(values), -1)
    return float(np.abs(values - rows).max() / max(float(np.abs(rows).max()), 1e-12))


def _three(names: list[str]) -> list[str]:
    if len(names) < 5:
        return names[:3]
    return [names[i] for i in np.linspace(0, len(names) - 1, 5).round().astype(int)[1:4]]


def _title(name: str, shown: Any) -> str | None:
    """What a trace calls what a layer of this name makes; None where it does not show it."""
    # Behind a dense layer an activation bears the layer's name.
    plain = (name, f"layer {name}")
    titles = (*(f"{title} pre-activation" for title in plain), *plain)
    return next((title for title in titles if title in shown), None)


def _of_torch(model: Any, points: Any, traced: Any) -> tuple[Any, dict[str, Any]]:
    """The output, and what hooks read in three layers that were called once."""
    torch: Any = sys.modules["torch"]
    seen: dict[str, list[Any]] = {}

    def keep(name: str) -> Callable[..., None]:
        def hook(part: Any, args: Any, output: Any) -> None:
            value = output[0] if isinstance(output, tuple) else output
            seen.setdefault(name, []).append(value.detach().clone())

        return hook

    handles = [
        part.register_forward_hook(keep(name))
        for name, part in model.named_modules()
        if name and not list(part.children())
    ]
    with torch.no_grad():
        if isinstance(points, dict):
            output = model(**{key: torch.tensor(x) for key, x in points.items()})
        else:
            output = model(torch.tensor(points))
    for handle in handles:
        handle.remove()
    whole = {r.name: r.values.size for r in traced.representations}
    read = {title: values for name, values in seen.items() if (title := _title(name, whole))}
    fitting = [
        name
        for name in whole
        if len(made := read.get(name, [])) == 1 and made[0].numel() == whole[name]
    ]
    inner = {name: read[name][0].numpy() for name in _three(fitting)}
    return getattr(output, "logits", output).numpy(), inner


def _of_keras(model: Any, points: Any, traced: Any) -> tuple[Any, dict[str, Any]]:
    """The output, and what a sub-model reads in three layers."""
    keras: Any = sys.modules["keras"]
    own = {layer.name for layer in model.layers}
    names = _three([r.name for r in traced.representations[1:-1] if r.name in own])
    sub_model = keras.Model(model.inputs, [model.get_layer(name).output for name in names])
    made = sub_model(points, training=False)
    inner = {name: np.asarray(value) for name, value in zip(names, made, strict=True)}
    return np.asarray(model(points, training=False)), inner


def _of_sklearn(model: Any, points: Any, traced: Any) -> tuple[Any, dict[str, Any]]:
    """The output, and what the first steps make."""
    names = [name for name, _ in model.steps[:-1]]
    inner = {name: model[: i + 1].transform(points) for i, name in enumerate(names)}
    end = getattr(model, "predict_proba", None)
    output = model.predict(points) if end is None else end(points)[:, 1:]
    return output, inner


def _of_onnx(model: Any, points: Any, traced: Any) -> tuple[Any, dict[str, Any]]:
    """The output, and what a model with more outputs gives of three nodes."""
    onnx, runtime = map(importlib.import_module, ("onnx", "onnxruntime"))
    whole = onnx.ModelProto()
    whole.CopyFrom(model)
    nodes = [node.output[0] for node in model.graph.node]
    shown = {r.name: r.n_units for r in traced.representations}
    # What the last node turns into probabilities is called so.
    titles = {name: _title(name, shown) for name in nodes} | {nodes[-2]: "logit"}
    names = _three([name for name, title in titles.items() if title in shown])
    for name in names:
        kind, shape = onnx.TensorProto.FLOAT, ["n", shown[titles[name] or name]]
        whole.graph.output.append(onnx.helper.make_tensor_value_info(name, kind, shape))
    session = runtime.InferenceSession(whole.SerializeToString())
    output, *made = session.run(None, {"x": points})
    return output, {titles[name] or name: made[i] for i, name in enumerate(names)}


READERS: dict[str, Callable[..., tuple[Any, dict[str, Any]]]] = {
    "keras": _of_keras,
    "sklearn": _of_sklearn,
    "onnxruntime": _of_onnx,
}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME")
    parser.add_argument("-o", dest="out", help="write the table to this file")
    options = parser.parse_args()
    missing = [name for name in LIBRARIES if importlib.util.find_spec(name) is None]
    lines = [
        "# Real models",
        "",
        "These are small models of other libraries. Each is traced, and the trace is compared with "
        "the model itself (`make models`). “Output” is the largest difference from the model's own "
        "output; “three layers” is the largest difference in three inner layers, which hooks, "
        "sub-models or the first steps read. Both are shares of the largest value.",
        "",
        "| library | model | representations | output | three layers |",
        "|---|---|--:|--:|--:|",
    ]
    failed = 0
    for name in options.names or MODELS:
        row = MODELS[name]
        if row.library in missing:
            continue
        try:
            made = outcome_of(name)
        except Exception as error:
            failed += 1
            print(f"{name}: {type(error).__name__}: {error}", file=sys.stderr)
            continue
        failed += not made.holds
        print(f"{name}: {made}", file=sys.stderr)
        inner = max(made.inner.values())
        lines.append(
            f"| {row.library} | {name} | {made.n_representations} | {made.output:.0e} "
            f"| {inner:.0e} |"
        )
    for library in missing:
        print(f"Left out: {library} is not installed.", file=sys.stderr)
    text = "\n".join(lines) + "\n"
    if options.out:
        Path(options.out).write_text(text, "utf-8")
    else:
        print(text)
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main())
