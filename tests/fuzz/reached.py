"""Lines of unknot that were run, so that files which reach new ones can be told."""

import sys
import traceback
from pathlib import Path

import unknot

FOLDER = str(Path(unknot.__file__).parent)


class Reached:
    """A context that counts the lines of `folder` that run within it.

    Attributes
    ----------
    lines : set of (code, int)
    fresh : bool
        Whether there was a new one since this was last set to False.
    """

    def __init__(self, folder=FOLDER):
        self.lines, self.fresh = set(), False
        self._folder, self._rest, self._places = folder, {}, set()

    def __enter__(self):
        sys.settrace(self._call)
        return self

    def __exit__(self, *error):
        sys.settrace(None)

    def place(self, error):
        """Count where an error came from: the line of unknot that met it, and its type."""
        while error is not None:
            frames = traceback.extract_tb(error.__traceback__)
            own = [f.lineno for f in frames if f.filename.startswith(self._folder)]
            place = (type(error), *own[-1:])
            self.fresh |= place not in self._places
            self._places.add(place)
            error = error.__cause__ or error.__context__

    def _call(self, frame, event, arg):
        code = frame.f_code
        rest = self._rest.get(code)
        if rest is None:
            is_own = code.co_filename.startswith(self._folder)
            # The first line of a function is its call, which is no event of a line.
            rest = {n for *_, n in code.co_lines() if n} - {code.co_firstlineno} if is_own else ()
            self._rest[code] = rest
        # What has been seen whole costs no more than its call.
        return self._line if rest else None

    def _line(self, frame, event, arg):
        rest = self._rest[frame.f_code]
        if event == "line" and frame.f_lineno in rest:
            rest.remove(frame.f_lineno)
            self.lines.add((frame.f_code, frame.f_lineno))
            self.fresh = True
        return self._line
