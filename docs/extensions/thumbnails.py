"""The small pictures of the gallery: of each example's picture, what is readable at that size."""

from pathlib import Path

import gallery
from PIL import Image

SIZE = (600, 420)
GAP = 12
#: Left, top, right and bottom in percent of the picture's width; several parts stand side by side.
PARTS = {
    "notebook": [(38.5, 76.7, 84, 108)],
    "folding_and_bending": [(41, 10.7, 63, 34), (41, 40.7, 63, 64)],
    "width": [(24.5, 12, 49, 40), (50, 12, 74.5, 40)],
    "regions": [(35, 1, 66.5, 37), (69, 1, 99.5, 37)],
    "side_by_side": [(0, 7, 81, 40)],
    "playground": [(0, 2, 79, 38)],
    "before_during_after": [(42, 11.7, 62.5, 32.2), (42, 74.1, 62.5, 94.6)],
    "how_tangled": [(1, 8, 55.5, 44)],
    "persistence": [(33, 48.5, 66, 75)],
    "digits": [(3, 14.6, 34, 48), (67.5, 57.6, 98.5, 91)],
    "digits_thumbnails": [(3, 10.4, 34.5, 42.5), (34.5, 49.8, 66.5, 82.5)],
    "digits_blocks": [(3, 14.6, 34, 48), (67.5, 57.6, 98.5, 91)],
    "frame_pipeline": [(3, 21.5, 51, 70), (51, 21.5, 99, 70)],
    "keras_notebook": [(2, 14.6, 34, 48), (67, 14.6, 99, 48)],
    "neighbours": [(0, 0, 100, 71)],
    "predictions": [(58, 7, 99, 46)],
    "pytorch_film": [(1, 9, 55, 46.5)],
    "seeds": [(36, 16.4, 67, 49), (36, 65, 67, 97.6)],
    "text_tokens": [(51, 90.7, 99, 133)],
}


def thumbnail(name: str, picture: Path) -> Image.Image:
    """The parts of an example's picture, as large as fits; all of it where none are named."""
    with Image.open(picture) as opened:
        image = opened.convert("RGB")
    parts = PARTS.get(name, [(0, 0, 100, 100 * image.height / image.width)])
    width = (SIZE[0] - GAP * (len(parts) - 1)) // len(parts)
    whole = Image.new("RGB", SIZE, "white")
    for k, box in enumerate(parts):
        part = image.crop([round(side * image.width / 100) for side in box])
        scale = min(width / part.width, SIZE[1] / part.height)
        part = part.resize([round(scale * side) for side in part.size], Image.Resampling.LANCZOS)
        left = k * (width + GAP) + (width - part.width) // 2
        whole.paste(part, (left, (SIZE[1] - part.height) // 2))
    return whole


def make(app) -> None:
    """In the place of those of sphinx-gallery."""
    images = gallery.MADE / "images"
    for path in gallery.scripts():
        picture = next(images.glob(f"sphx_glr_{path.stem}_001.*"))
        for small in (images / "thumb").glob(f"sphx_glr_{path.stem}_thumb.*"):
            thumbnail(path.stem, picture).save(small)


def setup(app):
    """Sphinx asks for this."""
    app.connect("builder-inited", make, priority=700)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
