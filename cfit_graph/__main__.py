"""``python -m cfit_graph``: the command line."""

import sys

from cfit_graph.cli import main

sys.exit(main())
