"""The Circular and Fair ICT Pact as a validated, published knowledge graph."""

from importlib.metadata import version

__version__ = version("cfit-graph")
