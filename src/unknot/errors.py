"""The two errors that unknot raises on purpose.

Every message says what was got, what is allowed and what to do next, in one to three lines.
The command line turns them into exit codes.
"""


class UnknotError(Exception):
    """The work itself failed (exit code 1): training diverged, a disk is full, …"""


class UsageError(UnknotError, ValueError):
    """The call was wrong (exit code 2): an unknown name, a bad value, a file that is not one."""
