"""The program: what every command file adds its command to, and how help is shown."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar, cast

from cyclopts import App, Group

from unknot.cli.options import with_names

if TYPE_CHECKING:
    from cyclopts.help import HelpPanel
    from rich.console import Console, ConsoleOptions

F = TypeVar("F", bound=Callable[..., None])

DEBUG = "Any command takes --debug, which shows the traceback of an error."

FIRST = """unknot: watch a neural network untangle your data, layer by layer. To begin with:

  unknot demo         100,000 points through 6 units: figures, films and a page
  unknot run moons    train a network on a data set, or on a file: unknot run FILE --label COLUMN
  unknot playground   a page in which you train a network yourself

unknot open demo shows what was written; unknot --help lists every command."""


def command(*examples: str) -> Callable[[F], F]:
    """Add a command, with examples under its ``--help``; use as a decorator."""

    def add(function: F) -> F:
        epilogue = "\n".join(["Examples:", *(f"  {example}" for example in examples), "", DEBUG])
        app.command(function, help_epilogue=epilogue)
        return function

    return add


def program() -> App:
    """The program with the commands of every file of this folder."""
    from unknot.table import import_files

    import_files("unknot.cli")
    return app


class _Help:
    """cyclopts' own panels, with names of tables filled in only when help is shown."""

    def __init__(self) -> None:
        from cyclopts.help import DefaultFormatter

        self._inner = DefaultFormatter()

    def __call__(self, console: "Console", options: "ConsoleOptions", panel: "HelpPanel") -> None:
        from rich.text import Text

        for entry in panel.entries:
            text: Any = getattr(entry.description, "primary_renderable", None)
            if isinstance(text, Text):
                text.plain = with_names(text.plain)
        self._inner(console, options, panel)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)


app = App(
    name="unknot",
    help="Watch a neural network untangle your data, layer by layer.",
    help_epilogue=DEBUG,
    help_format="plaintext",
    help_formatter=_Help(),
    group_commands=Group("Commands", sort_key=0),
    version_flags=["--version"],
    # Ctrl-C is answered in one place, with a word of what stays.
    suppress_keyboard_interrupt=False,
)

cast("Any", app).register_install_completion_command(
    help="Let Tab complete commands and options: bash, zsh, fish or PowerShell."
)
