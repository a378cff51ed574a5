"""
The blocks of a convolutional network
=====================================

Digits that a small residual network of PyTorch has not seen, after each of its blocks. It is
trained here, on handwritten digits.

``python examples/digits_blocks.py [PICTURE]``

Needs ``pip install 'unknot[torch]'``.
"""

import sys
from collections import OrderedDict

import torch
from sklearn.datasets import load_digits
from torch import nn

import unknot as uk

picture = sys.argv[1] if len(sys.argv) > 1 else "docs/gallery/digits_blocks.png"


class Residual(nn.Module):
    """Two convolutions beside a shortcut, as in a ResNet."""

    def __init__(self, n_in: int, n_out: int, stride: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(n_in, n_out, 3, stride, padding=1, bias=False)
        self.norm1 = nn.BatchNorm2d(n_out)
        self.conv2 = nn.Conv2d(n_out, n_out, 3, padding=1, bias=False)
        self.norm2 = nn.BatchNorm2d(n_out)
        self.shortcut = nn.Conv2d(n_in, n_out, 1, stride, bias=False)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        inner = torch.relu(self.norm1(self.conv1(x)))
        return torch.relu(self.norm2(self.conv2(inner)) + self.shortcut(x))


digits = load_digits()
images = torch.tensor(digits.images / 16, dtype=torch.float32)[:, None]
labels = torch.tensor(digits.target)

torch.manual_seed(0)
model = nn.Sequential(
    OrderedDict(
        block1=Residual(1, 16, stride=1),
        block2=Residual(16, 32, stride=2),
        block3=Residual(32, 32, stride=2),
        pool=nn.AdaptiveAvgPool2d(1),
        flat=nn.Flatten(),
        output=nn.Linear(32, 10),
    )
)
optimiser = torch.optim.AdamW(model.parameters(), lr=0.003, weight_decay=0.05)
generator = torch.Generator().manual_seed(0)
order = torch.randperm(len(images), generator=generator)
training, held_out = order[:1_200], order[1_200:]
for _ in range(250):
    rows = training[torch.randint(len(training), (64,), generator=generator)]
    loss = nn.functional.cross_entropy(model(images[rows]), labels[rows])
    optimiser.zero_grad()
    loss.backward()
    optimiser.step()
model.eval()

# Digits that it was not trained on, after every block: of the ten classes five that look alike.
shown = held_out[torch.isin(labels[held_out], torch.tensor([1, 3, 5, 8, 9]))]
trace = uk.trace(
    model,
    (images[shown], [f"digit {label}" for label in labels[shown].tolist()]),
    layers=["block*", "pool"],
    name="digits that the network has not seen",
)
print(trace)
uk.save_figure(uk.figure(trace), picture, dpi=110, small=True)
