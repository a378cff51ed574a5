"""Small images of points, from arrays or from files, brought to one size."""

import contextlib
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from unknot.datasets.point_labels import plain_array
from unknot.errors import UsageError, short
from unknot.files import shown_path

Pixels = NDArray[np.uint8]

#: Pixels along a side of an image that is kept: these are thumbnails.
MOST_SIDE = 64
#: Bytes of all images of a data set.
MOST_BYTES = 400_000_000
#: Numbers of channels: grey, colours, colours with transparency.
CHANNELS = (1, 3, 4)
PAPER = 255


def as_images(
    source: Any, n_points: int, folder: Path | None = None
) -> tuple[Pixels, NDArray[np.bool_] | None]:
    """Images of one size, and which points have one.

    Parameters
    ----------
    source : array or sequence
        ``(n_points, height, width[, channels])``, or a sequence of arrays of any sizes, or of
        paths of image files. What is missing (None, NaN, an empty text) is no image.
    n_points : int
    folder : Path, optional
        Where relative paths begin.

    Returns
    -------
    images : (n_points, height, width) or (n_points, height, width, 3) uint8
        At most 64 pixels along a side; of several sizes each is fitted into the largest.
    has_image : (n_points,) bool, or None where all have one

    Raises
    ------
    UsageError
        For what are no images, not one a point, or files that cannot be read.
    """
    each = _one_each(source)
    n_given = len(each)
    if n_given != n_points:
        raise UsageError(
            f"Got {n_given:,} images for {n_points:,} points.\n"
            "Give one a point; None for a point without one."
        )
    if isinstance(each, np.ndarray):
        levels, is_there = _levels(cast("NDArray[Any]", each))
        images = _of_size(list(levels))
    else:
        images, is_there = _of_list(each, folder)
    return images, None if is_there.all() else is_there


def _one_each(source: Any) -> Any:
    """A numeric array of one size, or a list with an image or a path each."""
    if isinstance(source, list | tuple) or hasattr(source, "to_list"):
        return _listed(source)
    array = plain_array(source, "images")
    return array.tolist() if array.dtype.kind in "OUS" and array.ndim == 1 else array


def _listed(source: Any) -> Any:
    values = list(source.to_list() if hasattr(source, "to_list") else source)
    if any(value is None or isinstance(value, str | os.PathLike | float) for value in values):
        return values
    arrays = [np.asarray(value) for value in values]
    same = len({(array.shape, array.dtype.kind) for array in arrays}) == 1
    return np.stack(arrays) if same else arrays


def _of_list(each: Sequence[Any], folder: Path | None) -> tuple[Pixels, NDArray[np.bool_]]:
    is_there = np.array([not _is_missing(value) for value in each], np.bool_)
    read = [
        (_from_file(value, row, folder) if _is_path(value) else np.asarray(value))
        for row, value in enumerate(each)
        if is_there[row]
    ]
    pixels = _common_levels(read)
    blank = np.full((1, 1), PAPER, np.uint8)
    rest = iter(pixels)
    return _of_size([next(rest) if there else blank for there in is_there], is_there), is_there


def _is_path(value: Any) -> bool:
    return isinstance(value, str | os.PathLike)


def _is_missing(value: Any) -> bool:
    if _is_path(value):
        return not str(value).strip()
    return value is None or str(value) in ("nan", "<NA>", "NaT")


def _from_file(value: Any, row: int, folder: Path | None) -> Pixels:
    """A file's pixels, already small."""
    from PIL import Image

    path = Path(value)
    path = path if folder is None or path.is_absolute() else folder / path
    try:
        with path.open("rb") as file, cast("Any", Image).open(file) as image:
            image.draft("RGB", (4 * MOST_SIDE, 4 * MOST_SIDE))  # of a JPEG a part is decoded
            is_grey = image.mode in ("1", "L", "LA", "I;16", "I", "F")
            image = _on_paper(image) if image.has_transparency_data else image
            image = image.convert("L" if is_grey else "RGB")
            image.thumbnail((MOST_SIDE, MOST_SIDE))
            return np.asarray(image)
    except Exception as error:
        reason = getattr(error, "strerror", None) or f"it is no image: {short(str(error))}"
        raise UsageError(
            f"Cannot read the image {shown_path(path)} of row {row + 1:,}: {reason}.\n"
            "Give paths of image files (PNG, JPEG, …), or leave the cell empty."
        ) from None


def _on_paper(image: Any) -> Any:
    from PIL import Image

    image = image.convert("RGBA")
    paper = Image.new("RGBA", image.size, (PAPER, PAPER, PAPER, PAPER))
    return Image.alpha_composite(paper, image)


def _levels(array: NDArray[Any]) -> tuple[Pixels, NDArray[np.bool_]]:
    """(n, h, w[, 3]) from 0 to 255, and which of them hold a number at all."""
    array = _channels_last(array)
    is_image = array.ndim == 3 or (array.ndim == 4 and array.shape[3] in CHANNELS)
    if not is_image or array.dtype.kind not in "biuf" or 0 in array.shape[1:]:
        raise UsageError(
            f"Images have the shape (n_points, height, width) or (n_points, height, width, 3); got "
            f"{array.shape}, dtype {array.dtype}.\n"
            "Reshape flat ones: x.reshape(-1, height, width). Paths of image files do as well."
        )
    is_there: NDArray[np.bool_] = np.ones(len(array), np.bool_)
    if array.dtype.kind == "f":
        finite = np.isfinite(array)
        is_there = np.logical_or.reduce(finite.reshape(len(array), -1), axis=1)
        array = np.where(finite, array, np.nan)
    pixels = _scaled(array, *_range([array]))
    return _opaque(pixels), is_there


def _common_levels(arrays: Sequence[NDArray[Any]]) -> list[Pixels]:
    """Arrays of several sizes, with one scale of brightness."""
    numbers = [array for array in arrays if array.dtype != np.uint8]
    low, high = _range(numbers)
    result: list[Pixels] = []
    for array in arrays:
        is_number = array.dtype.kind in "biuf"
        pixels = _scaled(array, low, high) if is_number else array
        result.append(_levels(pixels[None])[0][0])
    return result


def _channels_last(array: NDArray[Any]) -> NDArray[Any]:
    """As pictures are: PyTorch has the channels first."""
    is_first = array.ndim == 4 and array.shape[1] in CHANNELS and array.shape[3] not in CHANNELS
    return np.moveaxis(array, 1, -1) if is_first else array


def _range(arrays: Sequence[NDArray[Any]]) -> tuple[float, float]:
    """What is black and what is white: 0 to 1 where all numbers lie there."""
    low, high = 0.0, 1.0
    for array in arrays:
        if array.dtype.kind in "iuf" and array.dtype != np.uint8 and array.size:
            with contextlib.suppress(ValueError), np.errstate(invalid="ignore"):
                numbers = array[np.isfinite(array)]
                low, high = min(low, float(numbers.min())), max(high, float(numbers.max()))
    return low, high


def _scaled(array: NDArray[Any], low: float, high: float) -> Pixels:
    if array.dtype == np.uint8:
        return array
    share = (array.astype(np.float32) - np.float32(low)) / np.float32(high - low)
    return np.rint(255 * np.nan_to_num(np.clip(share, 0, 1), nan=1.0)).astype(np.uint8)


def _opaque(pixels: Pixels) -> Pixels:
    """Grey without a channel, colours without transparency."""
    if pixels.ndim == 4 and pixels.shape[3] == 1:
        return pixels[..., 0]
    if pixels.ndim == 4 and pixels.shape[3] == 4:
        amount = pixels[..., 3:].astype(np.float32) / 255
        return np.rint(pixels[..., :3] * amount + PAPER * (1 - amount)).astype(np.uint8)
    return pixels


def _of_size(pixels: list[Pixels], is_there: NDArray[np.bool_] | None = None) -> Pixels:
    """Images of one size, at most `MOST_SIDE` along a side, each as large as fits."""
    shown = pixels if is_there is None else [p for p, t in zip(pixels, is_there, strict=True) if t]
    has_colours = any(p.ndim == 3 for p in shown)
    height = max((p.shape[0] for p in shown), default=1)
    width = max((p.shape[1] for p in shown), default=1)
    most = min(
        MOST_SIDE, int((MOST_BYTES / max(len(pixels), 1) / (3 if has_colours else 1)) ** 0.5)
    )
    share = min(1.0, max(most, 1) / max(height, width))
    height, width = max(round(height * share), 1), max(round(width * share), 1)
    shape = (len(pixels), height, width, 3) if has_colours else (len(pixels), height, width)
    result = np.full(shape, PAPER, np.uint8)
    for place, image in zip(result, pixels, strict=True):
        if image.shape[:2] != (1, 1) or is_there is None:
            _fit(place, image)
    return result


def _fit(place: Pixels, image: Pixels) -> None:
    """Put an image into the middle of a place, as large as fits."""
    if image.ndim < place.ndim:
        image = np.repeat(image[..., None], 3, axis=2)
    height, width = place.shape[:2]
    if image.shape[:2] != (height, width):
        from PIL import Image

        scale = min(height / image.shape[0], width / image.shape[1])
        size = (max(round(image.shape[1] * scale), 1), max(round(image.shape[0] * scale), 1))
        # What is enlarged keeps its pixels.
        how = Image.Resampling.BOX if scale < 1 else Image.Resampling.NEAREST
        image = np.asarray(Image.fromarray(np.ascontiguousarray(image)).resize(size, how))
    top, left = (height - image.shape[0]) // 2, (width - image.shape[1]) // 2
    place[top : top + image.shape[0], left : left + image.shape[1]] = image
