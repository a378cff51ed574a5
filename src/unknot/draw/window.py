"""Window: the rectangle of the shown plane that a panel looks at, at equal scale on both axes."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from unknot.traces.lattice import nice_step

Points = NDArray[np.floating]


@dataclass(frozen=True)
class Window:
    """A rectangle of the plane and the pixels that it fills.

    Attributes
    ----------
    x, y : float
        Its centre, in the plane's units.
    scale : float
        Units of the plane per pixel, the same on both axes.
    width, height : int
        In pixels.
    """

    x: float
    y: float
    scale: float
    width: int
    height: int

    @classmethod
    def around(cls, x: float, y: float, radius: float, width: int, height: int) -> "Window":
        """The window of `width` × `height` pixels in which a square of that radius just fits."""
        return cls.holding(x, y, radius, radius, width, height)

    @classmethod
    def holding(
        cls, x: float, y: float, half_width: float, half_height: float, width: int, height: int
    ) -> "Window":
        """The window of `width` × `height` pixels in which a rectangle just fits."""
        scale = 2 * max(half_width / width, half_height / height)
        return cls(x, y, scale, width, height)

    @property
    def low(self) -> tuple[float, float]:
        """The lower left corner."""
        return (self.x - self.width * self.scale / 2, self.y - self.height * self.scale / 2)

    @property
    def high(self) -> tuple[float, float]:
        """The upper right corner."""
        return (self.x + self.width * self.scale / 2, self.y + self.height * self.scale / 2)

    def pixels(self, points: Points) -> Points:
        """Places in pixels from the lower left corner, (n, 2), for points (n, 2) of the plane."""
        low = np.array(self.low, dtype=points.dtype)
        return (points - low) * points.dtype.type(1 / self.scale)

    def coarser(self, factor: int) -> "Window":
        """The same rectangle with `factor` pixels made one along each side (rounded up)."""
        width, height = -(-self.width // factor), -(-self.height // factor)
        # Rounding up adds a strip at the right and at the bottom: the upper left corner stays.
        x = self.low[0] + width * self.scale * factor / 2
        y = self.high[1] - height * self.scale * factor / 2
        return Window(x, y, self.scale * factor, width, height)


def ticks(low: float, high: float, count: int) -> list[float]:
    """Round numbers from `low` to `high`, about `count` of them."""
    if not high > low:
        return []
    step = nice_step(high - low, count)
    first, last = int(np.ceil(low / step - 1e-9)), int(np.floor(high / step + 1e-9))
    return [i * step for i in range(first, last + 1)]


def tick_label(value: float, step: float) -> str:
    """A number with just the digits that its step needs, and a true minus sign."""
    if value == 0 or abs(value) < step * 1e-6:
        return "0"
    if abs(value) >= 1e5 or step < 1e-4:
        return f"{value:.2g}".replace("-", "−")
    decimals = max(0, -int(np.floor(np.log10(step) + 1e-9)))
    return f"{value:.{decimals}f}".replace("-", "−")
