"""The application for any ASGI server: ``uvicorn server:app``."""

import os

from cfit_graph.settings import Settings
from cfit_graph.web import create_app

app = create_app(Settings.from_env(os.environ))
