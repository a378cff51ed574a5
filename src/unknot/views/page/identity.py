"""Who the points are, for a page: texts one behind the other, images on one sheet."""

import io
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from unknot.datasets.identity import Identity, cut, packed_texts
from unknot.views.page.container import Buffers

#: Bytes of all texts of a network's points, about: where they are more, long cells are cut.
MOST_TEXT = 8_000_000
#: Characters that a cell keeps in any case.
FEWEST_CHARACTERS = 40
#: Bytes of a sheet of images: 4 MB in a page, which writes them as text.
MOST_SHEET = 3_000_000
#: Pixels along a side of a sheet that any browser shows, and of an image that says anything.
SHEET_SIDE, LEAST_SIDE = 4_096, 6
#: Bytes of pixels up to which a sheet is tried without loss.
MOST_LOSSLESS = 8_000_000


def identity_header(
    identity: Identity | None, rows: NDArray[np.int64], buffers: Buffers, name: str
) -> dict[str, Any] | None:
    """What a page knows of who its points are; None where nothing is.

    Networks of the same points share what is stored.
    """
    if identity is None:
        return None
    own = identity if len(rows) == identity.n_points else identity.take(rows)
    columns: list[dict[str, str]] = []
    n_bytes = sum(len(text.encode()) for column in own.columns.values() for text in column)
    most = max(MOST_TEXT // max(own.n_points * len(own.columns), 1), FEWEST_CHARACTERS)
    for i, (title, texts) in enumerate(own.columns.items()):
        if n_bytes > MOST_TEXT:
            texts = [text if len(text) <= most else cut(text, most) for text in texts]
        packed, ends = packed_texts(texts)
        columns.append(
            {
                "name": title,
                "texts": buffers.shared(f"{name}.identity.{i}", packed),
                "ends": buffers.shared(f"{name}.identity.{i}.ends", ends.astype(np.int32)),
            }
        )
    return {"columns": columns, "images": _images(own, buffers, f"{name}.identity")}


def _images(identity: Identity, buffers: Buffers, name: str) -> dict[str, Any] | None:
    rows = identity.image_rows
    sheet = None if identity.images is None else sheet_of(identity.images[rows])
    if sheet is None:
        return None
    tiles = None
    if len(rows) < identity.n_points:
        numbers = np.full(identity.n_points, -1, np.int32)
        numbers[rows] = np.arange(len(rows))
        tiles = buffers.shared(f"{name}.tiles", numbers)
    encoded = np.frombuffer(sheet.encoded, np.uint8)
    return {
        "sheet": buffers.shared(f"{name}.sheet", encoded),
        "type": sheet.type,
        "width": sheet.width,
        "height": sheet.height,
        "across": sheet.across,
        "tiles": tiles,
    }


@dataclass(frozen=True)
class SpriteSheet:
    """Images side by side in rows, as one picture.

    Attributes
    ----------
    encoded : bytes
    type : str
        ``"image/png"`` or ``"image/webp"``.
    width, height : int
        Of an image, in pixels.
    across : int
        Images in a row.
    """

    encoded: bytes
    type: str
    width: int
    height: int
    across: int


def sheet_of(images: NDArray[np.uint8]) -> SpriteSheet | None:
    """All images on one sheet of `MOST_SHEET` bytes at most; smaller ones where that is needed.

    None where there are no images, or so many that nothing is seen of them.
    """
    if not len(images):
        return None
    n, height, width = images.shape[:3]
    across = int(np.ceil((n * height / width) ** 0.5))
    down = -(-n // across)
    share = min(SHEET_SIDE / (across * width), SHEET_SIDE / (down * height), 1.0)
    whole = _tiled(images, across, down)
    while True:
        size = (max(int(share * width), 1), max(int(share * height), 1))
        if share < 1 and max(size) < LEAST_SIDE:
            return None
        encoded, kind = _encoded(_shrunk(whole, across * size[0], down * size[1]))
        if len(encoded) <= MOST_SHEET:
            return SpriteSheet(encoded, kind, *size, across)
        share *= 0.95 * (MOST_SHEET / len(encoded)) ** 0.5


def _shrunk(sheet: NDArray[np.uint8], width: int, height: int) -> NDArray[np.uint8]:
    """Each pixel is the mean of a box; none reaches from one image into the next."""
    from PIL import Image

    if sheet.shape[:2] == (height, width):
        return sheet
    return np.asarray(Image.fromarray(sheet).resize((width, height), Image.Resampling.BOX))


def _tiled(images: NDArray[np.uint8], across: int, down: int) -> NDArray[np.uint8]:
    height, width, *channels = images.shape[1:]
    places = np.full((across * down, height, width, *channels), 255, np.uint8)
    places[: len(images)] = images
    grid = places.reshape(down, across, height, width, *channels)
    return grid.swapaxes(1, 2).reshape(down * height, across * width, *channels)


def _encoded(pixels: NDArray[np.uint8]) -> tuple[bytes, str]:
    """Without loss where that is small."""
    from PIL import Image

    picture = Image.fromarray(pixels)
    buffer = io.BytesIO()
    if pixels.nbytes <= MOST_LOSSLESS:
        picture.save(buffer, "PNG", optimize=True)
        if buffer.tell() <= MOST_SHEET // 2:
            return buffer.getvalue(), "image/png"
        buffer = io.BytesIO()
    picture.convert("RGB").save(buffer, "WEBP", quality=80, method=4)
    return buffer.getvalue(), "image/webp"
