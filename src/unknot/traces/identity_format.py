"""Who the points are, as a header and arrays: texts as bytes, images as pixels."""

from typing import Any

import numpy as np

from unknot.datasets.identity import Identity, packed_texts, unpacked_texts
from unknot.traces import schema as s
from unknot.traces.container import Arrays, Header

IDENTITY: Header = {"columns": [s.TEXT]}


def identity_to_parts(identity: Identity | None, prefix: str, arrays: Arrays) -> Header:
    """``{"identity": …}`` for a header, or nothing; the arrays are added."""
    if identity is None:
        return {}
    for i, column in enumerate(identity.columns.values()):
        arrays[f"{prefix}identity.{i}"], arrays[f"{prefix}identity.{i}.ends"] = packed_texts(column)
    if identity.images is not None:
        arrays[f"{prefix}identity.images"] = identity.images
    if identity.has_image is not None:
        arrays[f"{prefix}identity.has_image"] = identity.has_image.astype(np.uint8)
    return {"identity": {"columns": list(identity.columns)}}


def identity_arrays(
    header: Header, listing: s.Listing, n_points: int, own: str = "", prefix: str = ""
) -> dict[str, s.Expected]:
    """The arrays of an identity, by what the header says.

    Parameters
    ----------
    header : dict
    listing : mapping
    n_points : int
    own : str
        What the names of its arrays begin with.
    prefix : str
        What stands before that in the file.
    """
    if "identity" not in header:
        return {}
    columns = header["identity"]["columns"]
    if len(set(columns)) < len(columns):
        raise s.DamagedError("two identity columns have the same name.")
    arrays: dict[str, s.Expected] = {}
    for i in range(len(columns)):
        arrays[f"{own}identity.{i}"] = s.Expected((None,), ("U8",))
        arrays[f"{own}identity.{i}.ends"] = s.Expected((n_points,), ("I64",))
    images = f"{prefix}{own}identity.images"
    if images in listing:
        is_grey = len(s.listed_entry(listing, images).shape) == 3
        shape = (n_points, None, None) if is_grey else (n_points, None, None, 3)
        arrays[f"{own}identity.images"] = s.Expected(shape, ("U8",))
        if f"{prefix}{own}identity.has_image" in listing:
            arrays[f"{own}identity.has_image"] = s.Expected((n_points,), ("U8",))
    elif not columns:
        raise s.DamagedError("its identity has neither columns nor images.")
    return arrays


def check_identity_values(header: Header, arrays: Arrays, own: str = "") -> None:
    """Hold texts to UTF-8 and their ends to the bytes that there are.

    Raises
    ------
    DamagedError
    """
    if "identity" not in header:
        return
    for i in range(len(header["identity"]["columns"])):
        packed, ends = arrays[f"{own}identity.{i}"], arrays[f"{own}identity.{i}.ends"]
        rises = bool((np.diff(ends, prepend=0) >= 0).all())
        if not rises or (ends[-1] if len(ends) else 0) != len(packed):
            raise s.DamagedError(f"the texts of identity column {i + 1} do not end where they say.")
        try:
            unpacked_texts(packed, ends)
        except ValueError:
            raise s.DamagedError(f"identity column {i + 1} holds text that is not UTF-8.") from None
    images = arrays.get(f"{own}identity.images")
    if images is not None and 0 in images.shape[1:]:
        raise s.DamagedError("its images have no pixels.")


def identity_from_parts(header: Header, arrays: Arrays, own: str = "") -> Identity | None:
    """The identity that `identity_to_parts` took apart; older files have names of points alone."""
    if "identity" not in header:
        names = header.get("point_names")
        return Identity({"name": tuple(names)}) if names else None
    texts = {
        str(name): unpacked_texts(arrays[f"{own}identity.{i}"], arrays[f"{own}identity.{i}.ends"])
        for i, name in enumerate(header["identity"]["columns"])
    }
    has_image: Any = arrays.get(f"{own}identity.has_image")
    return Identity(
        texts, arrays.get(f"{own}identity.images"), None if has_image is None else has_image != 0
    )
