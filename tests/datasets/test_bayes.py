"""Bayes accuracies against independent methods and exact limits.

The independent method: points are drawn with the data set's own function, the class densities
at these points are summed by brute force, and the mean of the largest posterior estimates the
accuracy. Its standard error is known, so the tolerance is.
"""

import math
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from scipy import integrate, special, stats

from unknot import datasets
from unknot.datasets import bayes


def smeared(points: np.ndarray, nodes: np.ndarray, noise: float) -> np.ndarray:
    """(n_points,) mean of the Gaussians round the nodes, up to a factor common to all classes."""
    squared = (points**2).sum(axis=1)[:, None] + (nodes**2).sum(axis=1)
    squared -= 2 * points @ nodes.T
    return np.exp(-np.maximum(squared, 0) / (2 * noise**2)).mean(axis=1)


def agrees(accuracy: float | None, densities: list[np.ndarray], labels: np.ndarray) -> None:
    """Both the mean largest posterior and the share of points that the rule gets right."""
    assert accuracy is not None
    table = np.array(densities)
    largest = (table / table.sum(axis=0)).max(axis=0)
    for estimate in (largest, (table.argmax(axis=0) == labels).astype(float)):
        error = max(estimate.std() / math.sqrt(len(estimate)), 1e-5)
        assert abs(estimate.mean() - accuracy) < 4.5 * error


def evenly(n: int) -> np.ndarray:
    return (np.arange(n) + 0.5) / n


@pytest.mark.parametrize(("noise", "factor"), [(0.2, 0.5), (0.3, 0.0), (0.05, 0.8), (1.0, 0.5)])
def test_circles(noise: float, factor: float) -> None:
    data = datasets.circles(20_000, noise=noise, factor=factor, seed=1)
    circle = np.exp(2j * np.pi * evenly(400))[:, None].view(float)
    agrees(
        data.bayes_accuracy,
        [smeared(data.x, r * circle, noise) for r in (1, factor)],
        data.y,
    )


def test_the_two_figures_that_are_known() -> None:
    assert round(datasets.circles(10, noise=0.2, factor=0.5).bayes_accuracy or 0, 4) == 0.8899
    assert round(datasets.moons(10, noise=0.2).bayes_accuracy or 0, 4) == 0.9710


def test_circles_by_adaptive_quadrature_of_rice_densities() -> None:
    def share(r: float) -> float:
        return max(stats.rice.pdf(r, 5, scale=0.2), stats.rice.pdf(r, 2.5, scale=0.2)) / 2

    expected, error = integrate.quad(share, 0, 3, points=[0.7, 0.75, 0.8], limit=200, epsabs=1e-9)
    assert error < 1e-7
    assert abs(bayes.spheres((1, 0.5), 0.2, 2) - expected) < 1e-5


@pytest.mark.parametrize("noise", [0.2, 0.4, 1.0])
def test_moons(noise: float) -> None:
    data = datasets.moons(20_000, noise=noise, seed=2)
    angle = np.pi * evenly(400)
    left = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    right = np.stack([1 - np.cos(angle), 0.5 - np.sin(angle)], axis=1)
    agrees(data.bayes_accuracy, [smeared(data.x, c, noise) for c in (left, right)], data.y)


@pytest.mark.slow
def test_moons_by_a_plain_sum_over_one_grid() -> None:
    noise, angle = 0.5, np.pi * evenly(100)
    left = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    right = np.stack([1 - np.cos(angle), 0.5 - np.sin(angle)], axis=1)
    step = noise / 40
    x, y = np.arange(-4.5, 5.5, step), np.arange(-4.5, 5, step)
    total = 0.0
    for rows in np.array_split(x, 20):
        points = np.stack(np.meshgrid(rows, y), axis=-1).reshape(-1, 2)
        total += np.maximum(*(smeared(points, nodes, noise) for nodes in (left, right))).sum()
    expected = total * step**2 / (2 * np.pi * noise**2) / 2
    assert abs((datasets.moons(10, noise=noise).bayes_accuracy or 0) - expected) < 3e-5


@pytest.mark.slow
@pytest.mark.parametrize(("arms", "turns", "noise"), [(2, 1.5, 0.1), (5, 0.5, 0.08), (3, 2, 0.05)])
def test_spirals(arms: int, turns: float, noise: float) -> None:
    data = datasets.spirals(20_000, arms=arms, turns=turns, noise=noise, seed=3)
    arm = datasets.spirals(2 * arms * 900, arms=arms, turns=turns, noise=0, seed=4)
    radius = np.sort(np.linalg.norm(arm.x, axis=1))[:: 2 * arms]
    nodes = radius * np.exp(2j * np.pi * turns * radius)
    densities = []
    for k in range(arms):
        turned = nodes * np.exp(2j * np.pi * k / arms)
        densities.append(smeared(data.x, np.stack([turned.real, turned.imag], axis=1), noise))
    agrees(data.bayes_accuracy, densities, data.y)


@pytest.mark.slow
@pytest.mark.parametrize("noise", [0.1, 0.5])
def test_interval(noise: float) -> None:
    data = datasets.interval(50_000, noise=noise, seed=5)
    inner = 0.4 * (2 * evenly(500) - 1)
    outer = np.concatenate([0.6 + 0.4 * evenly(250), -0.6 - 0.4 * evenly(250)])
    densities = [smeared(data.x, nodes[:, None], noise) for nodes in (inner, outer)]
    agrees(data.bayes_accuracy, densities, data.y)


@pytest.mark.parametrize(
    ("dimension", "classes", "noise"),
    [(1, 2, 0.3), (3, 2, 0.2), (3, 4, 0.1), (10, 3, 0.1), (63, 2, 0.1), (200, 2, 0.05)],
)
def test_shells(dimension: int, classes: int, noise: float) -> None:
    data = datasets.shells(20_000, dimension=dimension, classes=classes, noise=noise, seed=6)
    squared = (data.x.astype(float) ** 2).sum(axis=1) / noise**2
    densities = [
        stats.ncx2.pdf(squared, dimension, ((k + 1) / classes / noise) ** 2) for k in range(classes)
    ]
    agrees(data.bayes_accuracy, densities, data.y)


def test_distances_have_a_density_of_mass_one() -> None:
    for dimension in (1, 2, 3, 61, 62, 63, 1000):
        for radius in (0.0, 0.1, 1.0):
            centre = math.sqrt(radius**2 + 0.01 * dimension)
            distance = np.linspace(max(1e-9, centre - 1), centre + 1, 20_001)
            density = np.exp(bayes.log_distance_density(distance, radius, 0.1, dimension))
            assert abs(np.trapezoid(density, distance) - 1) < 1e-6


def test_both_forms_of_the_bessel_function_agree() -> None:
    z = np.geomspace(1e-3, 1e4, 200)
    order = 32.0
    exact = np.log(special.ive(order, z)) - order * np.log(z / 2)
    assert np.abs(bayes._log_scaled_bessel(order, z) - exact).max() < 1e-6


@pytest.mark.parametrize("noise", [0.2, 0.35, 1.0])
def test_linked_rings(noise: float) -> None:
    data = datasets.linked_rings(20_000, noise=noise, seed=7)
    angle = 2 * np.pi * evenly(300)
    flat = np.stack([np.cos(angle), np.sin(angle), 0 * angle], axis=1)
    upright = np.stack([1 + np.cos(angle), 0 * angle, np.sin(angle)], axis=1)
    agrees(data.bayes_accuracy, [smeared(data.x, c, noise) for c in (flat, upright)], data.y)


@pytest.mark.parametrize(("classes", "noise"), [(2, 0.7), (3, 0.5), (7, 0.4)])
def test_blobs(classes: int, noise: float) -> None:
    data = datasets.blobs(50_000, classes=classes, noise=noise, seed=8)
    corners = np.exp(2j * np.pi * np.arange(classes) / classes)[:, None].view(float)
    densities = [smeared(data.x, corner[None], noise) for corner in corners]
    agrees(data.bayes_accuracy, densities, data.y)


def test_two_blobs_are_a_normal_tail() -> None:
    for noise in (0.2, 1.0, 30.0):
        assert abs(bayes.polygon(2, noise) - special.ndtr(1 / noise)) < 1e-9


def test_blobs_by_the_plane_quadrature() -> None:
    corners = np.exp(2j * np.pi * np.arange(5) / 5)[:, None].view(float)
    points = [lambda u, c=corner: np.tile(c, (len(u), 1)) for corner in corners]
    for noise in (0.3, 0.6, 3.0):
        assert abs(bayes.curves(points, noise) - bayes.polygon(5, noise)) < 2e-5


@pytest.mark.parametrize(("dimension", "noise"), [(1, 0.8), (2, 0.6), (4, 0.5)])
def test_xor(dimension: int, noise: float) -> None:
    data = datasets.xor(50_000, dimension=dimension, noise=noise, seed=9)
    corners = np.array(np.meshgrid(*[[-1, 1]] * dimension)).reshape(dimension, -1).T
    odd = (corners > 0).sum(axis=1) % 2
    densities = [smeared(data.x, corners[odd == k], noise) for k in (0, 1)]
    agrees(data.bayes_accuracy, densities, data.y)


@pytest.mark.slow
@pytest.mark.parametrize(("classes", "noise"), [(2, 0.2), (4, 0.1)])
@pytest.mark.parametrize("make", [datasets.swiss_roll, datasets.s_curve])
def test_bands(make, classes: int, noise: float) -> None:
    data = make(20_000, classes=classes, noise=noise, seed=10)
    fine = make(100_000, noise=0, seed=12)
    curve = fine.x[np.argsort(fine.y)][:: 100_000 // (500 * classes), ::2].astype(float)
    bands = np.array_split(curve, classes)
    agrees(data.bayes_accuracy, [smeared(data.x[:, ::2], b, noise) for b in bands], data.y)


@pytest.mark.parametrize("noise", [1e-2, 1e-3, 1e-4])
def test_bands_lose_in_proportion_to_little_noise(noise: float) -> None:
    # A straight cut of a line of length L loses 2 noise / (L √(2π)).
    loss = 1 - (datasets.s_curve(100, classes=4, noise=noise).bayes_accuracy or 0)
    assert loss == pytest.approx(3 * 2 * noise / (3 * np.pi * math.sqrt(2 * np.pi)), rel=0.02)


@pytest.mark.parametrize("noise", [30.0, 1000.0])
def test_great_noise_leaves_the_distance_between_the_means(noise: float) -> None:
    # Two classes far below the noise are two Gaussians at their means.
    moons = math.hypot(1, 4 / math.pi - 0.5)
    for accuracy, distance in (
        (datasets.moons(10, noise=noise).bayes_accuracy, moons),
        (datasets.linked_rings(10, noise=noise).bayes_accuracy, 1.0),
    ):
        assert accuracy is not None
        assert abs(accuracy - special.ndtr(distance / (2 * noise))) < 1e-4
    assert abs((datasets.circles(10, noise=noise).bayes_accuracy or 0) - 0.5) < 1e-3 / noise + 1e-4


def test_accuracy_falls_with_noise() -> None:
    for name in ("circles", "moons", "spirals", "interval", "shells", "linked_rings", "blobs"):
        accuracies = [
            datasets.make(name, 10, parameters={"noise": noise}).bayes_accuracy or 0
            for noise in (0, 1e-6, 1e-4, 0.01, 0.03, 0.1, 0.3, 1, 3, 10, 100, 1000)
        ]
        assert accuracies[:3] == pytest.approx([1.0, 1.0, 1.0], abs=1e-4)
        assert all(b <= a + 1e-5 for a, b in pairwise(accuracies))
        assert accuracies[-1] < 1 / 2 + 0.01


def test_finer_steps_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def all_three() -> list[float]:
        return [
            datasets.moons(10, noise=0.3).bayes_accuracy or 0,
            datasets.spirals(20, arms=4, noise=0.06).bayes_accuracy or 0,
            bayes.linked_rings(0.3),
        ]

    coarse = all_three()
    monkeypatch.setattr(bayes, "TILE_STEPS", 360)
    monkeypatch.setattr(bayes, "RING_STEPS", 25)
    assert all_three() == pytest.approx(coarse, abs=2e-5)


def test_computing_is_little_work(monkeypatch: pytest.MonkeyPatch) -> None:
    """Counted, not timed: what a processor does in some hundredths of a second."""
    exponentials, products = [0], [0]
    on_a_grid, on_a_line = bayes._density, bayes.log_distance_density

    def count_grid(near: Any, x: Any, y: Any) -> Any:
        exponentials.append(len(near[0]) * (len(x) + len(y)))
        products.append(len(near[0]) * len(x) * len(y))
        return on_a_grid(near, x, y)

    def count_line(distance: Any, *arguments: Any) -> Any:
        exponentials.append(len(distance))
        return on_a_line(distance, *arguments)

    monkeypatch.setattr(bayes, "_density", count_grid)
    monkeypatch.setattr(bayes, "log_distance_density", count_line)
    for noise in (0.01, 0.04, 0.2, 5):
        datasets.circles(10, noise=noise)
        datasets.moons(10, noise=noise)
    assert 0 < sum(exponentials) < 1e6
    assert 0 < sum(products) < 3e7
