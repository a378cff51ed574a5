"""The same moving points in plotly and in k3d, for page.py; run by the Python that has them.

    python page_others.py FOLDER

reads FOLDER/positions.npy (n_keyframes, n_points, 2) and FOLDER/labels.npy, and writes
plotly.html and k3d.html beside them.
"""

import json
import sys
from pathlib import Path

import k3d
import numpy as np
import plotly
from plotly.offline import get_plotlyjs

COLOURS = ["#e8781a", "#00568f"]

#: One trace a class, as anybody would draw it, and a frame a keyframe.
PLOTLY = """<!doctype html><meta charset="utf-8">
<style>html, body, #plot {{ margin: 0; height: 100% }}</style><div id="plot"></div>
<script>{library}</script><script>
const packed = {packed}, counts = {counts}, colours = {colours};
const all = new Float32Array(Uint8Array.from(atob(packed), c => c.charCodeAt(0)).buffer);
const total = counts.reduce((a, b) => a + b), keyframes = all.length / 2 / total;
const data = k => counts.map((n, c) => {{
  const start = 2 * total * k + 2 * counts.slice(0, c).reduce((a, b) => a + b, 0);
  return {{ x: all.subarray(start, start + n), y: all.subarray(start + n, start + 2 * n) }};
}});
const frames = Array.from({{ length: keyframes }}, (_, k) => ({{ name: `${{k}}`, data: data(k) }}));
const traces = data(0).map((d, c) => ({{ ...d, type: 'scattergl', mode: 'markers',
  marker: {{ size: 2, color: colours[c] }} }}));
const axis = {{ range: [-{reach}, {reach}], autorange: false }};
const layout = {{ xaxis: axis, yaxis: {{ ...axis, scaleanchor: 'x' }} }};
Plotly.newPlot('plot', {{ data: traces, layout, frames }}).then(() => {{
  window.step = share => Plotly.animate('plot', [`${{Math.round(share * (keyframes - 1))}}`],
    {{ mode: 'immediate', transition: {{ duration: 0 }}, frame: {{ duration: 0, redraw: true }} }});
}});
</script>"""


def write_plotly(folder, positions, labels):
    import base64

    counts = [int((labels == c).sum()) for c in range(len(COLOURS))]
    parts = [cloud[labels == c].T.ravel() for cloud in positions for c in range(len(COLOURS))]
    packed = base64.b64encode(np.concatenate(parts).astype("<f4").tobytes()).decode()
    page = PLOTLY.format(
        library=get_plotlyjs(),
        packed=json.dumps(packed),
        counts=counts,
        colours=COLOURS,
        reach=float(np.abs(positions).max()),
    )
    (folder / "plotly.html").write_text(page, "utf-8")


def write_k3d(folder, positions, labels):
    flat = np.zeros((*positions.shape[:2], 3), np.float32)
    flat[..., :2] = positions
    colours = np.array([int(c[1:], 16) for c in COLOURS], np.uint32)[labels]
    series = {str(k): cloud for k, cloud in enumerate(flat)}
    plot = k3d.plot(camera_auto_fit=True, grid_visible=True)
    size = 0.004 * float(np.abs(positions).max())
    plot += k3d.points(positions=series, colors=colours, point_size=size, shader="flat")
    last = len(positions) - 1
    code = f"window.step = share => K3DInstance.setTime(share * {last});"
    snapshot = plot.get_snapshot(additional_js_code=code)
    (folder / "k3d.html").write_text(snapshot, "utf-8")


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    positions = np.load(folder / "positions.npy")
    labels = np.load(folder / "labels.npy")
    write_plotly(folder, positions, labels)
    write_k3d(folder, positions, labels)
    print(f"plotly {plotly.__version__}, k3d {k3d.__version__}")
