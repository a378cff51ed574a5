"""The command line: parse, one library call, print."""

import re
import shlex
import sys
import time
from typing import Any

#: When the program started, for the seconds in reports.
STARTED = time.perf_counter()


def main(arguments: list[str] | None = None) -> None:
    """Run the command line and exit.

    Exit codes: 0 done, 1 the work failed, 2 the call was wrong, 130 interrupted. An error is one
    to three lines on stderr; ``--debug`` shows the traceback.
    """
    arguments = sys.argv[1:] if arguments is None else arguments
    debug = "--debug" in arguments
    sys.exit(_run([a for a in arguments if a != "--debug"], debug))


def _run(arguments: list[str], debug: bool) -> int:
    from cyclopts import CycloptsError, MissingArgumentError

    from unknot.cli.app import FIRST, program
    from unknot.cli.surroundings import Stops, drop_stdout, flush_stdout, hushed, open_streams
    from unknot.errors import UnknotError, UsageError
    from unknot.files import shown_path

    has_stdout, stops = open_streams(), Stops()
    try:
        with stops, hushed(debug):
            if arguments:
                program()(
                    arguments,
                    exit_on_error=False,
                    print_error=False,
                    result_action="return_value",
                )
            else:
                print(FIRST)
        flush_stdout()
        if not has_stdout:
            raise UnknotError("The standard output is closed: what was printed is lost.")
    except MissingArgumentError as error:
        return _fail(_missing(error), 2, debug)
    except CycloptsError as error:
        return _fail(f"{error}\nSee: unknot --help, unknot COMMAND --help", 2, debug)
    except UsageError as error:
        return _fail(_with_command(error, arguments), 2, debug)
    except UnknotError as error:
        return _fail(str(error), 1, debug)
    except KeyboardInterrupt:
        return _fail("Interrupted; what was finished before stays.", 128 + stops.last, debug)
    except BrokenPipeError:
        # The reader of stdout went away: nobody to tell.
        drop_stdout()
        return 1
    except MemoryError:
        return _fail("Out of memory.\nUse fewer points or a smaller network.", 1, debug)
    except OSError as error:
        drop_stdout()
        place = "the standard output"
        if isinstance(error.filename, str):
            place = shown_path(error.filename)
        return _fail(f"Cannot write to {place}: {error.strerror or error}.", 1, debug)
    except Exception as error:
        text = f"{type(error).__name__}: {error}".splitlines()[0][:300]
        return _fail(
            f"unknot failed in a way it should not: {text}\n"
            "Add --debug for the traceback and please report it.",
            1,
            debug,
        )
    return 0


def _missing(error: Any) -> str:
    """What was left out, as it is written, and what it is."""
    from unknot.cli.options import with_names

    command, argument = " ".join(error.command_chain or ()), error.argument
    if argument is None or not argument.parameter.help:
        return f"{error}\nSee: unknot --help, unknot COMMAND --help"
    kind, name = argument.field_info.kind, argument.name.lstrip("-").upper()
    if kind is kind.KEYWORD_ONLY:
        option = min(argument.names, key=len)
        name = f"{option} {'FILE' if option == '-o' else name}"
    what = with_names(argument.parameter.help)
    return f"{command} needs {name}: {what[0].lower()}{what[1:]}\nSee: unknot {command} --help"


def _with_command(error: Exception, arguments: list[str]) -> str:
    """The error's text; where another option is meant, with the command that has it."""
    text = str(error)
    # Only labels with too many values have it: importing their error would take a while.
    # A search for a width is one for classes.
    if not getattr(error, "are_numbers", False) or arguments[0] == "width":
        return text
    command = [re.sub(r"^--label(?==|$)", "--target", word) for word in arguments]
    return f"{text.splitlines()[0]}\nTo predict such a number: unknot {shlex.join(command)}"


def _fail(message: str, code: int, debug: bool) -> int:
    if debug:
        import traceback

        traceback.print_exc()
    first, *rest = (_cut(line.strip()) for line in message.strip().splitlines())
    print(f"unknot: {first}", *(f"  {line}" for line in rest[:2]), sep="\n", file=sys.stderr)
    return code


def _cut(line: str, most: int = 500) -> str:
    """A line without its middle, where that is somebody's text of any length."""
    return line if len(line) <= most else f"{line[: most // 2]}…{line[-most // 2 :]}"
