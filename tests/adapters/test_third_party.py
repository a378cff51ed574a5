"""Models that no one here wrote, as packages ship them or as their examples build them.

Each is traced, drawn, filmed, paged and saved; the source stands beside it.
"""

import base64
import gzip
import re
from pathlib import Path

import numpy as np
import pytest

import unknot as uk
from unknot.views.page.container import unpack_page

pytestmark = pytest.mark.filterwarnings("ignore")
RNG = np.random.default_rng(0)


def points(*shape):
    return RNG.normal(size=shape).astype(np.float32), np.arange(shape[0]) % 2


def onnxruntime_logreg():
    """Shipped: onnxruntime/datasets/logreg_iris.onnx."""
    datasets = pytest.importorskip("onnxruntime.datasets")
    data = uk.datasets.iris()
    return datasets.get_example("logreg_iris.onnx"), (data.x[:, :2], data.y)


def onnxruntime_sigmoid():
    """Shipped: onnxruntime/datasets/sigmoid.onnx, for just three points of 4 × 5 at once."""
    datasets = pytest.importorskip("onnxruntime.datasets")
    return datasets.get_example("sigmoid.onnx"), points(40, 4, 5)


def onnx_backend(name, *shape):
    """Shipped: onnx/backend/test/data, models that were converted from PyTorch."""
    onnx = pytest.importorskip("onnx")
    path = Path(onnx.__file__).parent / "backend/test/data/pytorch-converted" / name / "model.onnx"
    return str(path), points(*shape)


def onnx_elu():
    return onnx_backend("test_ELU", 40, 2, 5)


def onnx_convolution():
    return onnx_backend("test_Conv2d", 40, 3, 7, 5)


def lightning_demo():
    """Shipped: lightning.pytorch.demos.boring_classes.DemoModel."""
    demos = pytest.importorskip("lightning.pytorch.demos.boring_classes")
    return demos.DemoModel(), points(60, 32)


def lightning_boring():
    """Shipped: lightning.pytorch.demos.boring_classes.BoringModel."""
    demos = pytest.importorskip("lightning.pytorch.demos.boring_classes")
    return demos.BoringModel(), points(60, 32)


def skorch_toy():
    """Shipped: skorch.toy.make_classifier, its defaults for width and depth."""
    toy = pytest.importorskip("skorch.toy")
    return toy.make_classifier(input_units=20, hidden_units=10, num_hidden=2)(), points(60, 20)


def skorch_regressor():
    """Shipped: skorch.toy.make_regressor."""
    toy = pytest.importorskip("skorch.toy")
    x, _ = points(60, 20)
    return toy.make_regressor(input_units=20, hidden_units=10)(), (x, x[:, 0])


def torch_transformer():
    """Shipped: torch.nn.TransformerEncoderLayer (post-norm), for four tokens of eight units."""
    torch = pytest.importorskip("torch")
    torch.manual_seed(0)
    return torch.nn.TransformerEncoderLayer(8, 2, 16, batch_first=True), points(60, 4, 8)


def torch_quickstart():
    """The network of PyTorch's quickstart tutorial (pytorch.org, Build the Neural Network)."""
    torch = pytest.importorskip("torch")
    nn = torch.nn

    class Quickstart(nn.Module):
        def __init__(self):
            super().__init__()
            self.flatten = nn.Flatten()
            self.linear_relu_stack = nn.Sequential(
                *(nn.Linear(28 * 28, 512), nn.ReLU(), nn.Linear(512, 512), nn.ReLU()),
                nn.Linear(512, 10),
            )

        def forward(self, x):
            return self.linear_relu_stack(self.flatten(x))

    return Quickstart(), points(60, 28, 28)


def equinox_mlp():
    """Shipped: equinox.nn.MLP."""
    eqx, jax = pytest.importorskip("equinox"), pytest.importorskip("jax")
    return eqx.nn.MLP(2, 1, 8, 2, key=jax.random.key(0)), points(60, 2)


def flax_readme():
    """The MLP of Flax NNX's documentation (flax.readthedocs.io, NNX Basics)."""
    nnx = pytest.importorskip("flax.nnx")

    class Perceptron(nnx.Module):
        def __init__(self, din, dmid, dout, *, rngs):
            self.linear1 = nnx.Linear(din, dmid, rngs=rngs)
            self.dropout = nnx.Dropout(rate=0.1, rngs=rngs)
            self.bn = nnx.BatchNorm(dmid, rngs=rngs)
            self.linear2 = nnx.Linear(dmid, dout, rngs=rngs)

        def __call__(self, x):
            return self.linear2(self.dropout(nnx.gelu(self.bn(self.linear1(x)))))

    return Perceptron(2, 16, 5, rngs=nnx.Rngs(0)), points(60, 2)


def sklearn_varying_regularisation():
    """scikit-learn's example plot_mlp_alpha: scaled features and two hidden layers."""
    from sklearn.datasets import make_moons
    from sklearn.neural_network import MLPClassifier
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    x, y = make_moons(noise=0.3, random_state=0)
    model = make_pipeline(
        StandardScaler(),
        MLPClassifier(
            solver="lbfgs",
            alpha=1.0,
            random_state=1,
            max_iter=200,
            early_stopping=True,
            hidden_layer_sizes=[10, 10],
        ),
    )
    return model.fit(x, y), (x, y)


def sklearn_digits():
    """scikit-learn's example plot_digits_pipe: scaling, PCA, logistic regression."""
    from sklearn.datasets import load_digits
    from sklearn.decomposition import PCA
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import Pipeline
    from sklearn.preprocessing import StandardScaler

    x, y = load_digits(return_X_y=True)
    model = Pipeline(
        [
            ("scaler", StandardScaler()),
            ("pca", PCA(15)),
            ("logistic", LogisticRegression(max_iter=2_000, tol=0.1)),
        ]
    )
    return model.fit(x, y), (x[:300], y[:300])


MODELS = [
    onnxruntime_logreg,
    onnxruntime_sigmoid,
    onnx_elu,
    onnx_convolution,
    lightning_demo,
    lightning_boring,
    skorch_toy,
    skorch_regressor,
    torch_transformer,
    torch_quickstart,
    equinox_mlp,
    flax_readme,
    sklearn_varying_regularisation,
    sklearn_digits,
]


def _names_on(page):
    """The representations that a page carries."""
    packed = re.search(r'id="unknot-page">([^<]+)<', page.read_text("utf-8"))
    header, _ = unpack_page(gzip.decompress(base64.b64decode(packed[1])))
    return [r["name"] for r in header["runs"][0]["representations"]]


@pytest.mark.parametrize("make", MODELS, ids=lambda make: make.__name__)
def test_traced_and_drawn(make, tmp_path):
    model, data = make()
    traced = uk.trace(model, data)
    assert len(traced.maps) >= 1
    assert all(np.isfinite(r.values).all() for r in traced.representations)
    uk.save_figure(uk.figure(traced), tmp_path / "strip.png")
    uk.animate(traced, tmp_path / "film.gif", fps=2, seconds=1, size=240)
    names = _names_on(uk.page(traced, tmp_path / "page.html"))
    assert names == [r.name for r in traced.representations]
    traced.save(tmp_path / "t.safetensors")
    assert uk.load(tmp_path / "t.safetensors").n_points == traced.n_points
