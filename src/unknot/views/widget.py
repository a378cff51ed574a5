"""The page in a notebook: what Python and the browser share. ``unknot.show`` makes it."""

import base64
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, ClassVar, cast

import anywidget
import numpy as np
import traitlets

from unknot.datasets.dataset import shortened
from unknot.doors import as_beginning, held_run, preview, refuse_arguments, side_by_side
from unknot.errors import UsageError
from unknot.table import unknown
from unknot.traces.representation import layer_index
from unknot.traces.run import Run
from unknot.traces.storage import load
from unknot.views.page import page_file, unpack_page
from unknot.views.page.document import document, script
from unknot.views.page.parts import Playground

#: Colours that are not a unit's.
COLOURS = ("class", "predicted", "error", "confidence")


#: Characters of a page that a notebook keeps as a link; a larger one is written by ``page``.
MOST_KEPT = 2_000_000


class PageWidget(anywidget.AnyWidget):
    """The page in a notebook; made by ``show``.

    Attributes
    ----------
    selected : list of int
        Rows that are selected, in either direction.
    t : float or None
        Along the network, 0 to the number of maps.
    u : float or None
        Along the training: a number of a checkpoint, whole or not.
    tab : str or None
        ``"watch"`` or ``"train"``.
    steps : int
        Of the last training that came from the browser; it changes whenever one rests there.
    colour : str or None
        ``"class"``, ``"predicted"``, ``"error"``, ``"confidence"``, a feature's name, or
        ``"unit:K:J"`` for unit J of representation K.
    height : int
        In pixels, when it is first shown.
    """

    _esm: ClassVar[str] = script("widget")

    page_file = traitlets.Bytes().tag(sync=True)
    selected = traitlets.List(traitlets.Int()).tag(sync=True)
    t = traitlets.Float(None, allow_none=True).tag(sync=True)
    u = traitlets.Float(None, allow_none=True).tag(sync=True)
    colour = traitlets.Unicode(None, allow_none=True).tag(sync=True)
    tab = traitlets.Enum(["watch", "train"], None, allow_none=True).tag(sync=True)
    height = traitlets.Int(620).tag(sync=True)
    steps = traitlets.Int(0)

    def __init__(self, **traits: Any) -> None:
        super().__init__(**traits)
        self._start: Run | None = None
        self._source: Any = None
        self._trained: bytes | None = None
        cast("Any", self).on_msg(self._hear)

    @classmethod
    def of(
        cls,
        source: Any,
        *,
        n_axes: int | None = None,
        title: str | None = None,
        height: int = 620,
        train: bool = False,
        projection: str = "auto",
    ) -> "PageWidget":
        """A widget that shows traces or runs; see ``show``."""
        if not train:
            file = page_file(source, n_axes=n_axes, title=title, projection=projection)
            widget = cls(page_file=file, height=height)
            widget._start = held_run(source)
            widget._source = source
            return widget
        if projection != "auto":
            reason = "its network changes, and a map is of one that does not"
            refuse_arguments("a widget that trains", reason, projection=projection)
        run, others = as_beginning(source)
        is_new = held_run(source) is None
        beside = Playground(tuple(others)) if is_new else None
        axes = 3 if n_axes is None and is_new and run.data.n_features == 3 else n_axes
        shown = page_file(run, n_axes=axes, title=title, playground=beside)
        if unpack_page(shown)[0]["runs"][0].get("training") is None:
            raise UsageError(
                f"The browser cannot train this network: {run.model.architecture}.\n"
                "Give a run that fit() has trained, of up to 20,000 multiplications a point, or "
                "data."
            )
        widget = cls(page_file=shown, height=height, tab="train")
        widget._start = widget._source = run
        return widget

    def __repr__(self) -> str:
        return f"PageWidget of {shortened(self._title)!r}"

    def _repr_mimebundle_(self, **_: Any) -> Any:
        """The widget, and beside it what is seen where widgets do not run, as on GitHub."""
        data, metadata = cast("Any", super())._repr_mimebundle_()
        return {**data, "text/html": self._still()}, metadata

    def _still(self) -> str:
        """Pictures of what the widget shows, and a link that saves its page."""
        sources = [] if self._source is None else side_by_side(self._source)
        pictures = "".join(preview(each) for each in sources)
        name = "".join(c if c.isalnum() else "_" for c in self._title)[:60] or "page"
        page = document(self.page_file)
        if len(page) > MOST_KEPT:
            return f"{pictures}<p>To scrub it: <code>unknot.page(…, '{name}.html')</code></p>"
        kept = base64.b64encode(page.encode()).decode("ascii")
        address = f"data:text/html;base64,{kept}"
        return f'{pictures}<p><a download="{name}.html" href="{address}">Save the page</a></p>'

    @property
    def run(self) -> Run:
        """What was trained in the browser, as it was when it last rested, with every kept moment.

        Before anything was trained there, the run that the widget was made of.

        Raises
        ------
        UsageError
            When the widget shows something else than one run.
        """
        if self._trained is not None:
            with TemporaryDirectory() as folder:
                path = Path(folder, "run.safetensors")
                path.write_bytes(self._trained)
                return cast("Run", load(path))
        if self._start is None:
            raise UsageError(
                "This widget shows no run that can be trained.\n"
                "Make one of a run or of data: show(data, train=True)."
            )
        return self._start

    def _hear(self, _: Any, content: dict[str, Any], buffers: Sequence[memoryview]) -> None:
        """A training has rested in the browser."""
        if content.get("kind") == "run" and buffers:
            self._trained = bytes(buffers[0])
            self.steps = int(content.get("steps", 0))

    @property
    def layer(self) -> str | None:
        """The representation that is shown, by name; set it by name or by number.

        None between two of them, and until it is set.
        """
        names, t = self._layers, self.t
        is_whole = t is not None and float(t).is_integer() and 0 <= t < len(names)
        return names[int(t)] if t is not None and is_whole else None

    @layer.setter
    def layer(self, layer: str | int) -> None:
        self.t = float(layer_index(self._layers, layer))

    @property
    def epoch(self) -> float | None:
        """The moment of training that is shown, in epochs; None until it is set.

        Between two checkpoints the weights are interpolated.
        """
        if self.u is None:
            return None
        return float(np.interp(self.u, np.arange(len(self._epochs)), self._epochs))

    @epoch.setter
    def epoch(self, epoch: float) -> None:
        epochs = self._epochs
        if not epochs[0] <= epoch <= epochs[-1]:
            raise UsageError(
                f"Epoch {epoch:g} lies outside the training.\nChoose 0 to {epochs[-1]:g}."
            )
        self.u = float(np.interp(epoch, epochs, np.arange(len(epochs))))

    @traitlets.validate("colour")
    def _checked_colour(self, proposal: dict[str, Any]) -> str | None:
        colour: str | None = proposal["value"]
        features: list[str] = self._run["feature_names"]
        if colour in features:
            return f"unit:0:{features.index(colour)}"
        if colour is None or colour in COLOURS or self._is_unit(colour):
            return colour
        raise UsageError(unknown("colour", colour, [*COLOURS, *features, "unit:K:J"]))

    def _is_unit(self, colour: str) -> bool:
        prefix, *numbers = colour.split(":")
        if prefix != "unit" or len(numbers) != 2 or not all(n.isdecimal() for n in numbers):
            return False
        k, unit = (int(n) for n in numbers)
        widths = [int(r["n_units"]) for r in self._run["representations"]]
        return k < len(widths) and unit < widths[k]

    @property
    def _title(self) -> str:
        return str(unpack_page(self.page_file)[0]["title"])

    @property
    def _run(self) -> dict[str, Any]:
        """The first network, whose layers and epochs the timeline shows."""
        header, _ = unpack_page(self.page_file)
        return header["runs"][0]

    @property
    def _layers(self) -> list[str]:
        return [str(r["name"]) for r in self._run["representations"]]

    @property
    def _epochs(self) -> list[float]:
        return [float(c["epoch"]) for c in self._run["checkpoints"]]
