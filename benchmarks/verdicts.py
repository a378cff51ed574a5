"""What the width search answers where the data cannot tell much: rare classes and small real data.

    python benchmarks/verdicts.py

A disc of 0.2 to 5 % of 40,000 points within a ring (tanh), then wine, iris, breast cancer and
digits (relu), each over three seeds of the points and of the search alike. One line a search, as
docs/width.md has them; `--only NAME` does one of them, `--reasons` prints every verdict's reason.
"""

import argparse
import time

import numpy as np

import unknot as uk

SEEDS = range(3)
SHARES = (0.002, 0.005, 0.01, 0.02, 0.05)
#: Of each data set: activation, largest width, tolerance.
REAL = {
    "wine": ("relu", 4, 0.1),
    "iris": ("relu", 4, 0.1),
    "breast_cancer": ("relu", 4, 0.05),
    "digits": ("relu", 12, 0.05),
}
BUDGET = {"restarts": 16, "steps": 4_000, "progress": False}


def disc(share: float, seed: int, n: int = 40_000):
    """A disc of radius 0.2 that has this share of the points, in the middle of a ring."""
    random = np.random.default_rng(seed)
    y = (random.random(n) < share).astype(int)
    inner = 0.2 * np.sqrt(random.random(n))
    radius = np.where(y == 1, inner, 1 + 0.05 * random.normal(size=n))
    angle = random.uniform(0, 2 * np.pi, n)
    x = radius[:, None] * np.stack([np.cos(angle), np.sin(angle)], axis=1)
    return uk.datasets.from_arrays(
        x, y, class_names=["ring", "disc"], name=f"disc of {100 * share:g} %"
    )


def searches():
    """Name, data by seed, and the search's arguments."""
    for share in SHARES:
        yield (
            f"disc {100 * share:g} %",
            lambda seed, share=share: disc(share, seed),
            {"activation": "tanh", "max_width": 4, "tolerance": 0.01},
        )
    for name, (activation, widest, tolerance) in REAL.items():
        yield (
            name,
            lambda seed, name=name: getattr(uk.datasets, name)(),
            {"activation": activation, "max_width": widest, "tolerance": tolerance},
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", help="one of the data sets, by the start of its name")
    parser.add_argument("--reasons", action="store_true", help="every width's verdict and reason")
    arguments = parser.parse_args()
    began = time.perf_counter()
    for name, make, options in searches():
        if arguments.only and not name.startswith(arguments.only):
            continue
        for seed in SEEDS:
            result = uk.minimum_width(make(seed), seed=seed, **options, **BUDGET)
            print(row(name, seed, result), flush=True)
            if arguments.reasons:
                print_reasons(result)
    print(f"{time.perf_counter() - began:.0f} seconds")


def row(name: str, seed: int, result) -> str:
    """A line of the table: the answer, and what speaks for it."""
    smallest = min(result.widths[-1].recalls, key=lambda k: result.widths[-1].recalls[k])
    verdicts = ", ".join(f"{w.width}: {w.verdict}" for w in result)
    return (
        f"| {name} | {seed} | {result.metric} | {result.majority_share:.3f} | "
        f"{result.ceiling.accuracy:.4f} ({result.ceiling.source}) | {result.answer_text} | "
        f"{verdicts} | least recall at {result.widths[-1].width}: {smallest} "
        f"{result.widths[-1].recalls[smallest]:.3f} |"
    )


def print_reasons(result) -> None:
    """Each width as a reader sees it."""
    print(f"    candidates {result.ceiling.candidates}")
    print(f"    set apart  {result.ceiling.choice}; constant {result.constant_score:.4f}")
    for w in result:
        print(
            f"    {w.width}: {w.score:.4f} (training {w.training_score:.4f}, below "
            f"{w.shortfall:.4f} ± {w.shortfall_error:.4f}) {w.verdict}. {w.reason}"
        )
    if result.advice:
        print(f"    {result.advice}")


if __name__ == "__main__":
    main()
