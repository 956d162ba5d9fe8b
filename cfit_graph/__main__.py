"""``python -m cfit_graph``, and the command ``cfit``: the command line."""

import atexit
import os
import sys

from cfit_graph.cli import main

_codes: list[int] = []
"""The exit code, when the command is done."""


def run() -> None:
    """Run one command and leave the process with its code."""
    atexit.register(_leave)  # the first to be registered is the last to be called: all others clean up before
    _codes.append(main())
    sys.exit(_codes[0])


def _leave() -> None:
    """Leave at once: to take a million statements apart, which end with the process, takes a second."""
    for code in _codes:
        for stream in filter(None, (sys.stdout, sys.stderr)):
            stream.flush()
        os._exit(code)


if __name__ == "__main__":
    run()
