"""Parts of a page that can be left out, and how it is shown to a class."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from unknot.datasets.dataset import Dataset
from unknot.errors import UsageError
from unknot.table import unknown

#: The names that ``hide`` takes; viewer/src/panels/parts.ts says where each part stands.
PARTS = (
    "colours",
    "compare",
    "data",
    "layers",
    "learning",
    "lessons",
    "network",
    "readout",
    "saving",
    "searching",
    "selection",
    "sharing",
    "starts",
    "tabs",
    "view",
)


@dataclass(frozen=True)
class Teaching:
    """How a page is shown to a class.

    Attributes
    ----------
    hide : tuple of str
        Parts that are left out, of ``PARTS``.
    predict_first : bool
        Whether the class votes before the training is unlocked.
    """

    hide: tuple[str, ...] = ()
    predict_first: bool = False

    @classmethod
    def of(cls, hide: str | Sequence[str], predict_first: bool) -> "Teaching":
        """Names in a list, or in a text with commas.

        Raises
        ------
        UsageError
            For a part that there is not.
        """
        names = hide.split(",") if isinstance(hide, str) else list(hide)
        names = [name.strip() for name in names]
        for name in names:
            if name and name not in PARTS:
                raise UsageError(unknown("part of the page", name, PARTS))
        return cls(tuple(sorted({name for name in names if name})), bool(predict_first))

    def as_json(self) -> dict[str, Any]:
        """As the page file has it."""
        return {"hide": list(self.hide), "predict_first": self.predict_first}


@dataclass(frozen=True)
class Playground:
    """What makes a page begin with its tab "Train".

    Attributes
    ----------
    others : tuple of Dataset
        To choose from, beside the run's own.
    is_empty : bool
        Whether the run's own points are left out: the page makes some itself.
    """

    others: tuple[Dataset, ...] = ()
    is_empty: bool = False
