"""Who each point is: its name, text and image, and other columns that are no features."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, cast

import numpy as np
from numpy.typing import ArrayLike, NDArray

from unknot.datasets.images import Pixels, as_images
from unknot.datasets.labels import counted, shown
from unknot.errors import UsageError, short

#: Columns that views know: what a point is called, what it says, how it looks. All others are
#: listed under their names.
NAME, TEXT, IMAGE = "name", "text", "image"
_KNOWN = {"names": NAME, "texts": TEXT, "images": IMAGE}
#: Characters of a cell that are kept.
MOST_CHARACTERS = 5_000


@dataclass(frozen=True, eq=False, repr=False)
class Identity:
    """Who each point is; nothing is learnt from it.

    Attributes
    ----------
    columns : dict of str to tuple of str
        One text a point and column, empty where it is missing. ``"name"`` is what a point is
        called, ``"text"`` what it says.
    images : (n_points, height, width) or (n_points, height, width, 3) uint8, or None
        At most 64 pixels along a side.
    has_image : (n_points,) bool, or None
        Which points have an image; None for all.
    """

    columns: dict[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    images: Pixels | None = None
    has_image: NDArray[np.bool_] | None = None

    def __post_init__(self) -> None:
        lengths = {len(column) for column in self.columns.values()}
        lengths |= {len(each) for each in (self.images, self.has_image) if each is not None}
        if len(lengths) != 1:
            raise UsageError(
                f"Identity columns have {shown(map(str, sorted(lengths))) or 'no'} rows.\n"
                "Give one or more columns, all with one value a point."
            )

    @property
    def n_points(self) -> int:
        """Rows of every column."""
        columns = self.columns.values()
        return len(next(iter(columns))) if self.images is None else len(self.images)

    @property
    def names(self) -> tuple[str, ...]:
        """What each point is called; empty where they have no names."""
        return self.columns.get(NAME, ())

    @property
    def image_rows(self) -> NDArray[np.int64]:
        """Rows of the points that have an image."""
        if self.images is None:
            return np.zeros(0, np.int64)
        return np.flatnonzero(
            np.ones(len(self.images)) if self.has_image is None else self.has_image
        )

    def __repr__(self) -> str:
        parts = [shown(self.columns)] if self.columns else []
        parts += [] if self.images is None else [f"{counted(len(self.image_rows), 'image')}"]
        return f"Identity of {counted(self.n_points, 'point')}: {', '.join(parts)}"

    def take(self, rows: ArrayLike) -> "Identity":
        """That of some of the points, in the order of `rows`."""
        rows = np.asarray(rows, np.int64)
        chosen: list[int] = rows.tolist()
        columns = {n: tuple(each[row] for row in chosen) for n, each in self.columns.items()}
        images, has_image = self.images, self.has_image
        return Identity(
            columns,
            None if images is None else images[rows],
            None if has_image is None else has_image[rows],
        )

    def of_tokens(self, rows: NDArray[np.integer], names: Sequence[str]) -> "Identity":
        """That of tokens of the points, which have names of their own and no images.

        Parameters
        ----------
        rows : (n_tokens,) int array
            The point of each token.
        names : sequence of str
        """
        columns = (
            replace(self, images=None, has_image=None).take(rows).columns if self.columns else {}
        )
        columns = {"row" if name == NAME else name: column for name, column in columns.items()}
        return Identity({NAME: tuple(names), **columns})


def as_identity(source: Any, n_points: int, folder: Path | None = None) -> Identity | None:
    """Who each point is, as people give it.

    Parameters
    ----------
    source : Identity, mapping, data frame, sequence of str, array of images, or None
        A mapping and a data frame hold a column each: ``name``, ``text`` and ``image`` (or
        ``names``, ``texts``, ``images``) are what views know, others are listed. Texts alone are
        names, an array of 3 or 4 axes alone is images.
    n_points : int
    folder : Path, optional
        Where relative paths of images begin.

    Raises
    ------
    UsageError
        For anything else, and for a column that has not one value a point.
    """
    if source is None:
        return None
    if not isinstance(source, Identity):
        return _of_columns(_named(source), n_points, folder)
    if source.n_points != n_points:
        raise UsageError(
            f"The identity has {source.n_points:,} rows for {n_points:,} points.\n"
            "Give one for each point."
        )
    return source


def _named(source: Any) -> Mapping[str, Any]:
    """Columns by name."""
    if isinstance(source, Mapping):
        return {str(name): column for name, column in cast("Mapping[Any, Any]", source).items()}
    if hasattr(source, "columns") and hasattr(source, "shape"):
        import narwhals as nw

        frame = nw.from_native(source, eager_only=True)
        return {str(column.name): column for column in frame.iter_columns()}
    if hasattr(source, "__len__") and not isinstance(source, str | bytes):
        return {IMAGE if getattr(source, "ndim", 1) > 2 else NAME: source}
    raise UsageError(
        f"identity says who each point is; got a {type(source).__name__}.\n"
        "Give columns by name: identity={'name': names, 'text': texts, 'image': images}."
    )


def _of_columns(columns: Mapping[str, Any], n_points: int, folder: Path | None) -> Identity | None:
    if not columns:
        return None
    texts: dict[str, tuple[str, ...]] = {}
    images, has_image = None, None
    for name, column in columns.items():
        known = _KNOWN.get(name, name)
        if known in texts or (known == IMAGE and images is not None):
            raise UsageError(f"Identity has {known!r} twice: also as {name!r}.\nLeave one out.")
        if known == IMAGE:
            images, has_image = as_images(column, n_points, folder)
        else:
            texts[known] = _texts(column, n_points, name)
    return Identity(texts, images, has_image)


def _texts(column: Any, n_points: int, name: str) -> tuple[str, ...]:
    values = _listed(column, name)
    if len(values) != n_points:
        raise UsageError(
            f"Identity column {short(name)} has {len(values):,} values for {n_points:,} points.\n"
            "Give one a point; None where it is missing."
        )
    return tuple(_text(value) for value in values)


def _listed(column: Any, name: str) -> list[Any]:
    if hasattr(column, "to_list"):
        return list(column.to_list())
    array = cast("NDArray[Any] | None", column if isinstance(column, np.ndarray) else None)
    if array is not None and array.ndim != 1:
        raise UsageError(
            f"Identity column {short(name)} has the shape {array.shape}; one value a point "
            "is needed.\n"
            "Images are the column 'image'; give others a column each."
        )
    if array is not None and array.dtype.kind in "mMf":
        # As they are written: days have no fractions, and single precision has 8 digits.
        return [_text(value) for value in array]
    if isinstance(column, str | bytes) or not isinstance(column, Iterable):
        raise UsageError(
            f"Identity column {short(name)} is a {type(column).__name__}; one value a point "
            "is needed.\n"
            "Give a list, an array or a column of a data frame."
        )
    return list(cast("Iterable[Any]", column))


def _text(value: Any) -> str:
    """A cell in words: nothing where it is missing, whole numbers without a fraction."""
    if isinstance(value, bytes):
        value = value.decode("utf-8", errors="replace")
    if isinstance(value, str):
        text = value.encode("utf-8", errors="replace").decode()
        return text if len(text) <= MOST_CHARACTERS else cut(text, MOST_CHARACTERS)
    number = float(cast("float", value)) if isinstance(value, float | np.floating) else 0.5
    if abs(number) < 1e15 and number.is_integer():
        return str(int(number))
    text = str(cast("object", value))
    if value is None or text in ("nan", "NaT", "<NA>"):
        return ""
    return _text(text)


def cut(text: str, most: int) -> str:
    """The beginning of a text that is longer, and how long it was."""
    whole = len(text)
    said = f" … (cut: {whole:,} characters)"
    return text[: max(most - len(said), 0)] + said


def packed_texts(texts: Sequence[str]) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Texts in UTF-8, one behind the other, and where each ends."""
    parts = [text.encode() for text in texts]
    ends = np.cumsum([len(part) for part in parts], dtype=np.int64)
    return np.frombuffer(b"".join(parts), np.uint8), ends


def unpacked_texts(bytes_: NDArray[np.uint8], ends: NDArray[np.int64]) -> tuple[str, ...]:
    """The texts that `packed_texts` packed.

    Raises
    ------
    ValueError
        Where they are not in UTF-8.
    """
    whole = bytes_.tobytes()
    starts = [0, *ends.tolist()[:-1]]
    return tuple(whole[a:b].decode() for a, b in zip(starts, ends.tolist(), strict=True))
