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

LIBRARIES = ("torchvision", "timm", "transformers", "keras")
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
    is_keras = row.library == "keras"
    if not is_keras:
        importlib.import_module("torch").manual_seed(0)
    model, points = row.make(library), row.points()
    if not is_keras:
        model.eval()
    n = len(next(iter(points.values())) if isinstance(points, dict) else points)
    start = time.perf_counter()
    traced = uk.trace(model, (points, np.arange(n) % 2), progress=False, **ALL)
    seconds = time.perf_counter() - start
    read = _of_keras if is_keras else _of_torch
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
    return [names[i] for i in np.linspace(0, len(names) - 1, 5).round().astype(int)[1:4]]


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
    names = [r.name for r in traced.representations]
    whole = {r.name: r.values.size for r in traced.representations}
    fitting = [
        name
        for name in names
        if len(seen.get(name, ())) == 1
        and seen[name][0].numel() == whole[name]
        # Behind a dense layer an activation bears the layer's name.
        and f"{name} pre-activation" not in names
    ]
    inner = {name: seen[name][0].numpy() for name in _three(fitting)}
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


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME")
    parser.add_argument("-o", dest="out", help="write the table to this file")
    options = parser.parse_args()
    missing = [name for name in LIBRARIES if importlib.util.find_spec(name) is None]
    lines = [
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
