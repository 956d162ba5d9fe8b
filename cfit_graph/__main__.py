"""``python -m cfit_graph``, and the command ``cfit``: the command line."""

import gc
import sys

from cfit_graph.cli import main


def run() -> None:
    """Run one command and leave the process with its code."""
    code = main()
    gc.freeze()  # all that is left ends with the process: to look for cycles in a million statements takes seconds
    sys.exit(code)


if __name__ == "__main__":
    run()
