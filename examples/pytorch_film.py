"""
A convolutional network of PyTorch, filmed by its own loop
==========================================================

Handwritten digits as images, while the reader's own loop trains the network. Before training the
last layers tell less than the pixels do; the probe's accuracy returns from the filters to the
output.

``python examples/pytorch_film.py [PICTURE] [FILM.mp4]``

Needs ``pip install 'unknot[torch]'``.
"""

import sys
from collections import OrderedDict

import torch
from sklearn.datasets import load_digits
from torch import nn

import unknot as uk

picture = sys.argv[1] if len(sys.argv) > 1 else "docs/gallery/pytorch_film.png"

digits = load_digits()
images = torch.tensor(digits.images / 16, dtype=torch.float32)[:, None]
labels = torch.tensor(digits.target)

torch.manual_seed(1)
model = nn.Sequential(
    OrderedDict(
        filters=nn.Conv2d(1, 16, 3),
        edges=nn.ReLU(),
        pooled=nn.MaxPool2d(2),
        flat=nn.Flatten(),
        hidden=nn.Linear(144, 16),
        relu=nn.ReLU(),
        output=nn.Linear(16, 10),
    )
)
optimiser = torch.optim.Adam(model.parameters(), lr=0.005)

film = uk.Film((images, labels), head="softmax", steps_per_epoch=29, name="digits")
for step in range(291):
    if film.is_due(step) or step == 290:
        film.record(model, step=step)
    rows = torch.randint(len(images), (64,))
    loss = nn.functional.cross_entropy(model(images[rows]), labels[rows])
    optimiser.zero_grad()
    loss.backward()
    optimiser.step()

# What a linear probe reads from every layer, from before the training to its end.
run = film.run()
uk.save_figure(uk.figure(run, what="heatmap"), picture, dpi=110, small=True)
if len(sys.argv) > 2:
    uk.animate(run, sys.argv[2], along="training")
