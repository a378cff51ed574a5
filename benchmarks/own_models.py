"""Real networks at their real size: trace, strip and page, with time and peak memory.

- resnet18 (torchvision), 32 × 32 inputs, 512 points: aim 30 s and 3 GB in all;
- a vision transformer of 12 blocks, 2,000 points: a strip of 14 panels, a page of 5 MB at most.

    python benchmarks/own_models.py [resnet18] [vit]

Needs torch; resnet18 needs torchvision. Each in a process of its own. `wall` is what a clock says,
`CPU` the processors' time: on a machine that does other things, only the second is the program's.
"""

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np


def resnet18():
    import torch
    import torchvision

    torch.manual_seed(0)
    model = torchvision.models.resnet18(num_classes=10).eval()
    return model, np.random.default_rng(0).normal(size=(512, 3, 32, 32)).astype(np.float32)


def vit():
    import torch

    nn = torch.nn

    class Patches(nn.Module):
        def __init__(self):
            super().__init__()
            self.project = nn.Conv2d(3, 64, 8, 8)
            self.position = nn.Parameter(torch.randn(1, 16, 64) / 8)

        def forward(self, x):
            return self.project(x).flatten(2).transpose(1, 2) + self.position

    class Head(nn.Module):
        def __init__(self):
            super().__init__()
            self.norm, self.classes = nn.LayerNorm(64), nn.Linear(64, 10)

        def forward(self, x):
            return self.classes(self.norm(x).mean(1))

    torch.manual_seed(0)
    blocks = [
        nn.TransformerEncoderLayer(64, 4, 128, batch_first=True, norm_first=True) for _ in range(12)
    ]
    names = {f"block{i + 1}": block for i, block in enumerate(blocks)}
    parts = {"patches": Patches(), **names, "head": Head()}
    model = nn.Sequential()
    for name, part in parts.items():
        model.add_module(name, part)
    return model.eval(), np.random.default_rng(0).normal(size=(2_000, 3, 32, 32)).astype(np.float32)


MODELS = {"resnet18": resnet18, "vit": vit}


def measured(name):
    import unknot as uk

    uk.figures  # noqa: B018  Imports are no part of it.
    model, x = MODELS[name]()
    y = np.arange(len(x)) % 10
    folder = Path(tempfile.mkdtemp())
    marks = [(time.perf_counter(), time.process_time())]

    def mark():
        marks.append((time.perf_counter(), time.process_time()))
        return [now - before for now, before in zip(marks[-1], marks[-2], strict=True)]

    traced = uk.trace(model, (x, y), progress=False)
    took = {"trace": mark()}
    uk.save_figure(uk.figure(traced), folder / "strip.png")
    took["strip"] = mark()
    uk.page(traced, folder / "page.html")
    took["page"] = mark()
    wall, cpu = (now - start for now, start in zip(marks[-1], marks[0], strict=True))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    size = (folder / "page.html").stat().st_size / 1e6
    parts = ", ".join(f"{part} {w:.1f} s ({c:.1f} CPU)" for part, (w, c) in took.items())
    print(f"{name}: {len(x):,} points, {len(traced)} panels: {parts}", flush=True)
    print(f"  in all {wall:.1f} s ({cpu:.1f} CPU), peak {peak:.2f} GB, page {size:.1f} MB")
    print(f"  {', '.join(r.name for r in traced)}", flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("names", nargs="*", default=[])
    parser.add_argument("--one", choices=MODELS)
    arguments = parser.parse_args()
    if arguments.one:
        measured(arguments.one)
    else:
        for name in arguments.names or MODELS:
            command = [sys.executable, "-W", "ignore", __file__, "--one", name]
            subprocess.run(command, check=False)
