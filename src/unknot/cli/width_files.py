"""What `width --figures` writes."""

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from unknot.width.result import MinimumWidth


def write_files(result: "MinimumWidth", folder: Path) -> list[Path]:
    """Pictures, the film of the best failing width beside the winner, and their networks.

    Returns
    -------
    list of Path
        What was written.
    """
    from unknot.traces.storage import save
    from unknot.views.figures import figure, save_figure
    from unknot.views.films import animate

    written = [folder / "accuracy.png"]
    save_figure(figure(result), written[0], dpi=150)
    if result.widths[0].run.data.n_features == 2:
        written.append(folder / "regions.png")
        save_figure(figure(result, what="regions"), written[-1], dpi=150)
    pair = [found for found in (result.best_failing, result.winner) if found is not None]
    for found in pair:
        written.append(folder / f"width-{found.width}.safetensors")
        save(found.run, written[-1])
    if len(pair) == 2:
        written.append(folder / "film.mp4")
        animate(result, written[-1])
    return written
