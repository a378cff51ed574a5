"""Waiting for a state, as long as it takes."""

import time

#: Seconds after which something hangs, on the slowest machine. No test that passes waits so long.
PATIENCE = 300.0


def wait_until(condition, what, pause=time.sleep):
    """Return when ``condition()`` is true; fail with `what` when it never gets so."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, what
        pause(0.02)
