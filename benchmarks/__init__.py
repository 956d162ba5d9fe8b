"""Benchmarks: a generator of coalition graphs, a mix of questions, the peers that answer them, and what breaks servers.

``python -m benchmarks.run`` compares; ``docs/performance.md`` says how to read it.
"""
