"""A corpus of seeded errors: records of the real data, each with one mistake, written in every format that is read.

Whoever makes a mistake knows which statement it changed, and whoever writes the file knows where that stands; so the
place expected of a finding never comes from the program that is measured. ``python -m benchmarks.corpus`` prints what
is found and placed, by format.

``mutations`` are the kinds of mistake, ``writers`` write files and tell places, ``judging`` asks the program.
"""
