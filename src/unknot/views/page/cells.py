"""The page of an atlas: a table of cells; a click on one opens its best network in the viewer."""

import html
import json
from collections.abc import Mapping
from typing import Any

import numpy as np

from unknot.draw import style
from unknot.traces.tracing import trace
from unknot.views.page.document import POLICY, TEMPLATE, digest_of, packed_text, script
from unknot.views.page.header import page_file
from unknot.width.result import Atlas

#: Points that are shown of a cell's network.
POINTS = 2_000
#: What the policy of the viewer's page allows, and that page itself in a frame.
FRAMES = "; frame-src blob:"

DOCUMENT = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Atlas of widths</title>
<style>
body {{ margin: 0; font: 14px/1.4 system-ui, sans-serif; color: #222; background: #fff }}
main {{ display: grid; grid-template-columns: minmax(0, 47rem) minmax(24rem, 1fr); height: 100vh }}
#map {{ overflow: auto; padding: 1rem }}
#map > div {{ display: flex; flex-wrap: wrap; gap: 1rem 1.1rem }}
h1 {{ font-size: 1.3rem; margin: 0 0 .3rem }}
p {{ margin: .3rem 0 .8rem; max-width: 44rem }}
table {{ border-spacing: 2px }}
caption {{ text-align: left; font-weight: 600 }}
th {{ font-weight: 400; color: #666; font-size: .75rem; min-width: 1rem }}
td {{ padding: 0 }}
button, .key {{ width: 1.7rem; height: 1.7rem; border: 2px solid transparent; padding: 0;
  font: .72rem system-ui, sans-serif; border-radius: 3px }}
button {{ cursor: pointer }}
.key {{ display: inline-block; vertical-align: middle; background-color: #3b528b }}
ul {{ list-style: none; margin: 0 0 1rem; padding: 0; line-height: 2.2 }}
.forbidden {{
  background-image: repeating-linear-gradient(45deg, #fff9 0 1px, transparent 1px 6px)
}}
.promised {{ border-bottom: 4px solid #d55e00 }}
.contradiction {{ outline: 2px dashed #e4002b }}
button[aria-pressed=true] {{ box-shadow: 0 0 0 3px #222 }}
button:focus-visible {{ box-shadow: 0 0 0 3px #0072b2 }}
#cell {{ display: flex; flex-direction: column; border-left: 1px solid #ccc; min-height: 0 }}
#cell p {{ margin: .6rem 1rem }}
iframe {{ flex: 1; border: 0; min-height: 0 }}
@media (max-width: 60rem) {{
  main {{ display: block; height: auto }}
  #cell {{ border: 0; height: 100vh }}
}}
</style>
</head>
<body>
<main>
<section id="map" aria-label="Cells">
<h1>Atlas of widths</h1>
<p>Of 100 random starts, so many come within {tolerance} of the best possible accuracy: units of
each layer from left to right, layers from above to below. Choose a cell to see its best network.
</p>
<ul>
<li><span class="key forbidden"></span> a theorem forbids a region closed round the inner class</li>
<li><span class="key promised"></span> a theorem promises that the width can do it</li>
<li><span class="key contradiction"></span> training and theorem disagree</li>
</ul>
<div>
{tables}
</div>
</section>
<section id="cell" aria-label="The best network of a cell">
<p id="says" aria-live="polite">No cell is chosen.</p>
</section>
</main>
<script type="application/json" id="unknot-document">{document}</script>
<script type="text/plain" id="unknot-viewer">{viewer}</script>
{files}
<script>{script}</script>
</body>
</html>
"""


def cells_html(source: Atlas) -> str:
    """The text of the page of an atlas.

    Parameters
    ----------
    source : Atlas
    """
    viewer, own = script("standalone"), script("atlas")
    # The frame's page has the policy of the page that makes it, and its own.
    digest = f"{digest_of(viewer)}' 'sha256-{digest_of(own)}"
    inner = TEMPLATE.format(
        policy=POLICY.format(digest=digest_of(viewer)),
        title="Atlas of widths",
        description="The best network of a cell.",
        poster="",
        file="\0",
        script="\0",
    )
    rows = source.table.to_dicts()
    tables: list[str] = []
    files: list[str] = []
    for name in dict.fromkeys((row["data"], row["activation"]) for row in rows):
        cells = [row for row in rows if (row["data"], row["activation"]) == name]
        tables.append(_table(name, cells))
        for row in cells:
            run = source.runs[row["data"], row["activation"], row["depth"], row["width"]]
            some = run.data.take(np.arange(min(run.data.n_points, POINTS)))
            file = page_file(trace(run, some), title=_title(row))
            files.append(
                f'<script type="application/octet-stream" id="{html.escape(_key(row))}">'
                f"{packed_text(file)}</script>"
            )
    return DOCUMENT.format(
        policy=POLICY.format(digest=digest) + FRAMES,
        tolerance=source.tolerance,
        tables="\n".join(tables),
        document=json.dumps(inner.split("\0")).replace("<", "\\u003c"),
        viewer=viewer,
        files="\n".join(files),
        script=own,
    )


def _key(row: Mapping[str, Any]) -> str:
    return f"{row['data']}-{row['activation']}-{row['depth']}-{row['width']}".replace(" ", "-")


def _title(row: Mapping[str, Any]) -> str:
    return f"{row['data']}, {row['activation']}, {row['depth']} × {row['width']}"


def _table(name: tuple[str, str], cells: list[dict[str, Any]]) -> str:
    """Layers from above to below, units from left to right."""
    widths = sorted({cell["width"] for cell in cells})
    lines = [f"<table><caption>{html.escape(', '.join(name))}</caption>"]
    for depth in sorted({cell["depth"] for cell in cells}):
        buttons = {cell["width"]: _button(cell) for cell in cells if cell["depth"] == depth}
        line = "".join(f"<td>{buttons.get(width, '')}</td>" for width in widths)
        lines.append(f'<tr><th scope="row">{depth}</th>{line}</tr>')
    heads = "".join(f'<th scope="col">{width}</th>' for width in widths)
    return "\n".join([*lines, f"<tr><td></td>{heads}</tr></table>"])


def _button(cell: Mapping[str, Any]) -> str:
    from matplotlib import colormaps
    from matplotlib.colors import to_hex

    marks = {
        "forbidden": cell["forbidden_by"],
        "promised": cell["promised_by"],
        "contradiction": cell["contradiction"],
    }
    share = cell["share"]
    colour: Any = colormaps[style.CONTINUOUS]
    look = f"background-color: {to_hex(colour(share))}; "
    look += f"color: {'#000' if share > 0.55 else '#fff'}"
    return (
        f'<button data-cell="{html.escape(_key(cell))}" aria-pressed="false" '
        f'class="{" ".join(mark for mark, why in marks.items() if why is not None)}" '
        f'style="{look}" title="{html.escape(_sentence(cell))}">{100 * share:.0f}</button>'
    )


def _sentence(cell: Mapping[str, Any]) -> str:
    """What is known of a cell."""
    low, high = (f"{100 * cell[f'share_{end}']:.0f}" for end in ("low", "high"))
    known = [
        f"{_title(cell)}: {cell['found']} of {cell['restarts']} starts ({low} to {high} %), best "
        f"accuracy {cell['best']:.3f} of {cell['bayes_accuracy']:.3f} possible"
    ]
    if cell["bounded_pieces"] is not None:
        known.append(f"bounded pieces of its decision regions: {cell['bounded_pieces']}")
    if cell["betti"] is not None:
        layers = ["input", *(f"hidden {k}" for k in range(1, cell["depth"] + 1)), "logit"]
        numbers = (
            f"{layer} {' '.join(f'({pieces}, {holes})' for pieces, holes in classes)}"
            for layer, classes in zip(layers, cell["betti"], strict=True)
        )
        known.append(f"pieces and holes of each class: {', '.join(numbers)}")
    known += [f"forbidden by {cell['forbidden_by']}"] * (cell["forbidden_by"] is not None)
    known += [f"promised by {cell['promised_by']}"] * (cell["promised_by"] is not None)
    known += [cell["contradiction"]] * (cell["contradiction"] is not None)
    return "; ".join(known) + "."
