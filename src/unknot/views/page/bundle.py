"""The viewer that was built into the package."""

from functools import cache
from pathlib import Path

from unknot.errors import UnknotError

FOLDER = Path(__file__).parent / "bundle"


@cache
def script(name: str) -> str:
    """The viewer's JavaScript: ``"standalone"`` for a page, ``"widget"`` for notebooks.

    Raises
    ------
    UnknotError
        When this unknot was installed without it.
    """
    path = FOLDER / f"{name}.js"
    try:
        text = path.read_text("utf-8")
    except OSError as error:
        raise UnknotError(
            "This installation of unknot has no viewer: it is built when unknot is installed.\n"
            "Install it again: pip install --force-reinstall unknot, or in a checkout: make install"
        ) from error
    if "</script" in text.lower():
        raise UnknotError(f"The viewer in {path} cannot stand in a page: it holds a closing tag.")
    return text
