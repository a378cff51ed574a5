"""The curves of a training that still runs, as SVG: a notebook draws them anew as they grow."""

import html
from collections.abc import Sequence

import numpy as np

from unknot.draw import style

#: Pixels of one chart, and around it.
WIDTH, HEIGHT, LEFT, TOP, BOTTOM = 330, 150, 52, 24, 22
#: Points of a curve at most.
MOST = 300
#: Of training and of held-out points.
COLOURS = {"training": "#1a6ea0", "held out": "#b04a00"}


def growing_curves(metrics: Sequence[dict[str, float]], n_epochs: int, text: str) -> str:
    """HTML of loss and accuracy up to now, on an axis of all epochs, with a line of text below.

    Parameters
    ----------
    metrics : sequence of dict
        One an epoch, as ``fit`` gives them to its callback.
    n_epochs : int
        Epochs that are planned.
    text : str
    """
    names = [name for name in ("loss", "accuracy") if metrics and name in metrics[0]]
    charts = [_chart(name, metrics, n_epochs, i * WIDTH) for i, name in enumerate(names)]
    drawn = ""
    if charts:
        width = len(charts) * WIDTH
        drawn = (
            f'<svg role="img" aria-label="{html.escape(text)}" width="{width}" height="{HEIGHT}" '
            f'viewBox="0 0 {width} {HEIGHT}" style="max-width: 100%; background: '
            f'{style.BACKGROUND}" font-family="sans-serif" font-size="11">{"".join(charts)}</svg>'
        )
    return f'<div style="white-space: pre-wrap">{drawn}\n{html.escape(text)}</div>'


def _chart(name: str, metrics: Sequence[dict[str, float]], n_epochs: int, left: float) -> str:
    keys = {"training": name, "held out": f"validation_{name}"}
    lines = {who: [m[key] for m in metrics] for who, key in keys.items() if key in metrics[0]}
    values = np.concatenate([np.asarray(line) for line in lines.values()])
    low, high = float(values.min()), float(values.max())
    if low == high:
        low -= abs(low) / 20 or 0.05
    rows = np.unique(np.linspace(0, len(metrics) - 1, MOST).astype(int))
    x0, x1, y0, y1 = left + LEFT, left + WIDTH - 12, HEIGHT - BOTTOM, TOP
    x = x0 + (x1 - x0) * rows / max(n_epochs - 1, 1)
    parts = [
        f'<path d="M{x0} {y1}V{y0}H{x1}" fill="none" stroke="{style.GRID}"/>',
        _text(x0, 12, name, style.INK),
        _text(x0 - 4, y0, f"{low:.3g}", style.MUTED, "end"),
        _text(x0 - 4, y1 + 8, f"{high:.3g}", style.MUTED, "end"),
        _text(x0, HEIGHT - 6, "epoch 1", style.MUTED),
        _text(x1, HEIGHT - 6, f"{n_epochs:,}", style.MUTED, "end"),
    ]
    for i, (who, line) in enumerate(lines.items()):
        y = y0 + (y1 - y0) * (np.asarray(line)[rows] - low) / (high - low)
        points = " ".join(f"{a:.1f},{b:.1f}" for a, b in zip(x, y, strict=True))
        colour = COLOURS[who]
        parts.append(
            f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="1.6"/>'
            f'<circle cx="{x[-1]:.1f}" cy="{y[-1]:.1f}" r="2.5" fill="{colour}"/>'
        )
        parts.append(_text(x1 - 62 * (len(lines) - 1 - i), 12, who, colour, "end"))
    return "".join(parts)


def _text(x: float, y: float, text: str, colour: str, anchor: str = "start") -> str:
    return f'<text x="{x}" y="{y}" fill="{colour}" text-anchor="{anchor}">{text}</text>'
