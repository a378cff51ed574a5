"""Maps of neighbours: how long eight of them take, and how near one stays to the next.

    python benchmarks/neighbours.py [--points 5000] [--library openTSNE]

Digits, each mixed with another of its class, through two layers of 32 units: eight representations
of 64, 32 and 10 units, mapped as a scene maps them (with the time for the readouts left out), and
at the end of the training against the moment before. Displacements are the mean way of a point in
radii of the map; *alone*, every map begins anew. Last figures, one thread on a busy machine:
40.6 s of processor, 441 MB, trustworthiness 0.97 to 0.99.

With `--library` one map of the first hidden layer by that library's own settings and one thread
(umap-learn has to be installed for it; of scikit-learn `--steps 250` is the least there is):
docs/dependencies.md has the figures.
"""

import argparse
import resource
import time
from itertools import pairwise

import numpy as np
import openTSNE
from sklearn.manifold import trustworthiness

import unknot as uk
from unknot.motion.neighbours import displacement, mapped


def digits_like(n: int) -> uk.Dataset:
    """Digits, mixed with others of their class, and a little noise."""
    data = uk.datasets.make("digits")
    rng = np.random.default_rng(0)
    one = rng.integers(data.n_points, size=n)
    other = np.array([rng.choice(np.flatnonzero(data.y == data.y[i])) for i in one])
    share = rng.uniform(0, 0.5, size=(n, 1))
    mixed = (1 - share) * data.x[one] + share * data.x[other] + rng.normal(0, 0.05, (n, 64))
    return uk.datasets.from_arrays(mixed.astype(np.float32), data.y[one], name="digits-like")


def by_itself(values: np.ndarray, seed: int) -> np.ndarray:
    """A map from a random start."""
    return np.asarray(openTSNE.TSNE(initialization="random", random_state=seed).fit(values))


def by_library(name: str, values: np.ndarray, steps: int) -> np.ndarray:
    """A map by one of three libraries."""
    if name == "umap-learn":
        import umap

        return umap.UMAP(random_state=0, n_jobs=1).fit_transform(values)
    if name == "scikit-learn":
        from sklearn.manifold import TSNE

        return TSNE(n_jobs=1, random_state=0, max_iter=steps).fit_transform(values)
    return np.asarray(openTSNE.TSNE(n_jobs=1, random_state=0).fit(values))


def trusted(values: np.ndarray, places: np.ndarray, k: int = 15, most: int = 2_000) -> float:
    """Trustworthiness of some of the points among all, which fit no matrix of n × n."""
    n = len(values)
    rows = np.unique(np.linspace(0, n - 1, min(n, most)).round().astype(int))
    strangers = 0
    for some in np.array_split(rows, max(len(rows) // 200, 1)):
        own = np.arange(len(some)), some
        apart = [(x**2).sum(axis=1) - 2 * x[some] @ x.T for x in (values, places)]
        apart[0][own], apart[1][own] = -np.inf, np.inf
        near = np.argpartition(apart[1], k, axis=1)[:, :k]
        rank = np.empty(apart[0].shape, np.int32)
        np.put_along_axis(rank, apart[0].argsort(axis=1), np.arange(n, dtype=np.int32)[None], 1)
        strangers += np.maximum(np.take_along_axis(rank, near, axis=1) - k, 0).sum()
    return 1 - 2 * strangers / (len(rows) * k * (2 * n - 3 * k - 1))


def compare(name: str, n_points: int, steps: int) -> None:
    """Print what one map costs, and what it is worth."""
    run = uk.fit(uk.datasets.make("digits"), hidden=[32, 32], epochs=60, seed=0)
    values = uk.trace(run, digits_like(n_points), lattice=False)["hidden 1"].values
    start, processor = time.perf_counter(), time.process_time()
    places = by_library(name, values, steps)
    wall, processor = time.perf_counter() - start, time.process_time() - processor
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{name}, {n_points:,} points: {wall:.1f} s ({processor:.1f} s of processor), ", end="")
    print(f"{peak:.0f} MB, trustworthiness {trusted(values, places):.4f}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--points", type=int, default=5_000)
    parser.add_argument("--library", choices=("openTSNE", "umap-learn", "scikit-learn"))
    parser.add_argument("--steps", type=int, default=1_000)
    chosen = parser.parse_args()
    n_points = chosen.points
    if chosen.library:
        compare(chosen.library, n_points, chosen.steps)
        raise SystemExit
    run = uk.fit(uk.datasets.make("digits"), hidden=[32, 32], epochs=60, seed=0)
    data = digits_like(n_points)
    last, before = (uk.trace(run.checkpoints[i].model, data, lattice=False) for i in (-1, -6))
    start, processor = time.perf_counter(), time.process_time()
    maps = mapped(last, 2)
    wall, processor = time.perf_counter() - start, time.process_time() - processor
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{n_points:,} points, {len(last)} representations: {wall:.1f} s ", end="")
    print(f"({processor:.1f} s of processor), at most {peak:.0f} MB in all")
    rows = np.arange(n_points)[:2_000]
    for layer, places in zip(last, maps.places, strict=True):
        trust = trustworthiness(layer.values[rows], places[rows], n_neighbors=15)
        print(f"  {layer.name}: trustworthiness {trust:.3f}")
    through = [displacement(pair) for pair in pairwise(maps.places)]
    alone = [by_itself(r.values, k) for k, r in enumerate(last)]
    apart = [displacement(pair) for pair in pairwise(alone)]
    print(f"through layers: {np.mean(through):.3f}, alone {np.mean(apart):.3f}: ", end="")
    print(f"{np.mean(through) / np.mean(apart):.2f} of it")
    earlier = mapped(before, 2, later=(last, maps))
    places = zip(maps.places[2:], earlier.places[2:], strict=True)
    moved = np.mean([displacement(pair) for pair in places])
    news = [by_itself(r.values, 9 + k) for k, r in enumerate(before)]
    anew = np.mean([displacement(pair) for pair in zip(alone[2:], news[2:], strict=True)])
    epochs = [run.checkpoints[i].epoch for i in (-1, -6)]
    print(f"epoch {epochs[1]:.0f} to {epochs[0]:.0f}: {moved:.3f}, alone {anew:.3f}: ", end="")
    print(f"{moved / anew:.2f} of it")
