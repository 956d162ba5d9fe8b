"""Drafts of strangers, judged within a release: each in a process of its own, with limits, and nothing is kept.

``process.py`` has read the release and forks a worker for each draft, ``standing.py`` judges, ``answers.py`` makes what
was asked for of it, and ``checker.py`` asks from outside.
"""

from cfit_graph.checking.answers import DRAFT, FIXED, PAGE, SAFE, VIEWS, Asked
from cfit_graph.checking.checker import Checker, Limits

__all__ = ["DRAFT", "FIXED", "PAGE", "SAFE", "VIEWS", "Asked", "Checker", "Limits"]
