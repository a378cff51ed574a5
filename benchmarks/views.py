"""The share of the full linear probe that each view keeps, layer by layer.

    python benchmarks/views.py [--only NAME] [--axes 3]

Of digits, iris, wine, breast cancer and 7 classes of 54 features made by scikit-learn (in place
of covertype), each through the network that `fit` chooses; of digits through a small convolutional
network; of sentences in 6 topics through a small transformer (both need PyTorch). The share is the
held-out accuracy of a linear probe in the shown plane over that in the whole layer. A view that
sees the labels (`lda`, `logistic`) is fitted to rows that the probe is judged by, too. Of numbers
to predict (`diabetes`, and prices of 1,200 houses made here) it is the share of R², of points held
out from network, plane and probe. Tables as docs/views.md has them.
"""

import argparse
from typing import Any

import numpy as np

import unknot as uk
from unknot.measures.faithfulness import MAX_PROBE_POINTS, probe_score
from unknot.motion.projection import project

DATA = ("digits", "iris", "wine", "breast_cancer", "7 classes", "digits, CNN", "6 topics")
TARGETS = ("diabetes", "houses")
VIEWS = ("following", "lda", "corners", "logistic", "auto")
TARGET_VIEWS = ("following", "pca", "regression", "auto")


def data_of(name: str) -> uk.Dataset:
    """A built-in data set, the one that stands for covertype, or the one of prices."""
    if name == "houses":
        rng = np.random.default_rng(0)
        area, age, distance = (
            rng.uniform(40, 260, 1_200),
            *rng.uniform(0, [[90], [30]], (2, 1_200)),
        )
        price = 9e3 * area - 3e3 * age - 2e4 * distance + 8e4 * np.sin(area / 20)
        price += 6e4 * rng.normal(size=1_200)
        x = np.column_stack([area, np.round(area / 30), age, distance])
        return uk.datasets.from_arrays(x, price, name=name)
    if name != "7 classes":
        return uk.datasets.make(name)
    from sklearn.datasets import make_classification

    x, y = make_classification(
        n_samples=4_000,
        n_features=54,
        n_informative=12,
        n_redundant=10,
        n_classes=7,
        n_clusters_per_class=2,
        class_sep=1.5,
        random_state=0,
    )
    return uk.datasets.from_arrays(x.astype(np.float32), y, name=name)


def trained(model: Any, x: Any, y: Any, epochs: int) -> Any:
    """A PyTorch model after so many epochs of Adam."""
    import torch

    optimiser = torch.optim.Adam(model.parameters(), lr=3e-3)
    generator = torch.Generator().manual_seed(0)
    for _ in range(epochs):
        for rows in torch.randperm(len(x), generator=generator).split(64):
            optimiser.zero_grad()
            torch.nn.functional.cross_entropy(model(x[rows]), y[rows]).backward()
            optimiser.step()
    return model.eval()


def convolutional() -> uk.Trace:
    """Digits in a network of two convolutions."""
    import torch
    from torch import nn

    torch.manual_seed(0)
    data = uk.datasets.make("digits")
    x = torch.from_numpy(data.x.reshape(-1, 1, 8, 8) / 16)
    model = nn.Sequential(
        *(nn.Conv2d(1, 8, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)),
        *(nn.Conv2d(8, 8, 3, padding=1), nn.ReLU(), nn.Flatten()),
        *(nn.Linear(128, 32), nn.ReLU(), nn.Linear(32, 10)),
    )
    trained(model, x, torch.from_numpy(data.y), 10)
    return uk.trace(model, (x.numpy(), data.y), head="softmax")


def transformer() -> uk.Trace:
    """Sentences of 12 words, most of them of one of 6 topics, the others of all."""
    import torch
    from torch import nn

    torch.manual_seed(0)
    rng = np.random.default_rng(0)
    y = np.arange(2_400) % 6
    own = 10 * y[:, None] + rng.integers(10, size=(len(y), 12))
    words = np.where(rng.random(own.shape) < 0.35, own, rng.integers(60, size=own.shape))

    class Reader(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.embedding = nn.Embedding(60, 32)
            layer = nn.TransformerEncoderLayer(32, 4, 64, dropout=0.0, batch_first=True)
            self.encoder = nn.TransformerEncoder(layer, 2, enable_nested_tensor=False)
            self.hidden = nn.Linear(32, 32)
            self.output = nn.Linear(32, 6)

        def forward(self, words: Any) -> Any:
            pooled = self.encoder(self.embedding(words)).mean(dim=1)
            return self.output(torch.relu(self.hidden(pooled)))

    model = trained(Reader(), torch.from_numpy(words), torch.from_numpy(y), 6)
    return uk.trace(model, (words, y), head="softmax", reduce="mean")


def trace_of(name: str) -> uk.Trace:
    """One of `DATA` in its network."""
    if name == "digits, CNN":
        return convolutional()
    if name == "6 topics":
        return transformer()
    return uk.trace(uk.fit(data_of(name), seed=0), lattice=False)


def shares(name: str, n_axes: int) -> None:
    """Print one table."""
    trace = trace_of(name)
    views = VIEWS if trace.n_classes else TARGET_VIEWS
    reached = f"accuracy {trace.accuracy:.3f}" if trace.n_classes else trace.goodness.facts[0]
    print(f"\n{name}: {trace.architecture}, {reached}\n")
    print("| layer | units | full | " + " | ".join(views) + " |")
    print("|---|---:|---:|" + "---:|" * len(views))
    rows = np.arange(trace.n_points)[:MAX_PROBE_POINTS]
    for k, layer in enumerate(trace.representations):
        if layer.n_units <= n_axes:
            continue
        labels = trace.labels[rows]
        judges = None if trace.n_classes else trace.held_out
        full = probe_score(layer.values[rows], labels, judges) or 0.0
        kept: list[str] = []
        for view in views:
            frame = project(trace, k, view, n_axes).frame[: layer.n_units]
            seen = probe_score(layer.values[rows] @ frame, labels, judges) or 0
            kept.append(f"{seen / full:.2f}")
        print(f"| {layer.name} | {layer.n_units} | {full:.3f} | {' | '.join(kept)} |")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", choices=(*DATA, *TARGETS))
    parser.add_argument("--axes", type=int, default=2, choices=(2, 3))
    chosen = parser.parse_args()
    for each in [chosen.only] if chosen.only else (*DATA, *TARGETS):
        shares(each, chosen.axes)
