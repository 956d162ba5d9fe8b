"""Validators under test, each a whole process that reads the same two files and writes a W3C validation report."""

from __future__ import annotations

import shutil
import sys
from importlib import util
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Final

from benchmarks.generate import ROOT
from benchmarks.peers import fuseki
from benchmarks.peers.base import absent, program

if TYPE_CHECKING:
    from collections.abc import Sequence

HERE: Final = Path(__file__).parent
NODE: Final = ROOT / "build" / "node"
"""Where the packages of npm lie: ``npm install --prefix build/node`` and their names."""


class Validator:
    """One validator; subclasses say how it is called."""

    name: ClassVar[str]
    title: ClassVar[str]

    @classmethod
    def missing(cls) -> str:
        """Return why it cannot be had on this machine; nothing if it can."""
        return ""

    @classmethod
    def command(cls, data: Path, shapes: Path) -> Sequence[object]:
        """Return the command that validates; its standard output is the report in Turtle."""
        raise NotImplementedError


class Ours(Validator):
    """``cfit validate``."""

    name, title = "cfit", "cfit validate"

    @classmethod
    def command(cls, data: Path, shapes: Path) -> Sequence[object]:
        """Call our command line."""
        return [sys.executable, "-m", "cfit_graph", "validate", "--shapes", shapes, "--format", "turtle", data]


class PySHACL(Validator):
    """The command line of pySHACL."""

    name, title = "pyshacl", "pySHACL"

    @classmethod
    def command(cls, data: Path, shapes: Path) -> Sequence[object]:
        """Call its command line."""
        return [sys.executable, "-m", "pyshacl", "-s", shapes, "-sf", "turtle", "-df", "nt", "-f", "turtle", data]


class Jena(Validator):
    """Apache Jena's ``shacl validate``, from the jar that the comparison of servers fetches."""

    name, title = "jena", f"Apache Jena {fuseki.VERSION}"

    @classmethod
    def missing(cls) -> str:
        """Say if Java or the jar is missing."""
        return fuseki.Fuseki.missing()

    @classmethod
    def command(cls, data: Path, shapes: Path) -> Sequence[object]:
        """Call it from the jar."""
        jar = next(fuseki.JARS.glob("jena-fuseki-server-*.jar"))
        log = f"-Dlog4j2.configurationFile={Path(__file__).with_name('log4j2.properties')}"
        java = [program("java"), "-Xmx8G", log, "-cp", jar]
        return [*java, "shacl.shacl", "validate", "--shapes", shapes, "--data", data]


class PyRudof(Validator):
    """rudof, through its Python package."""

    name, title = "pyrudof", "pyrudof"

    @classmethod
    def missing(cls) -> str:
        """Say if the package is missing."""
        return "" if util.find_spec("pyrudof") else "the Python package pyrudof is not installed"

    @classmethod
    def command(cls, data: Path, shapes: Path) -> Sequence[object]:
        """Call it from a script."""
        return [sys.executable, HERE / "rudof.py", data, shapes]


class ShaclEngine(Validator):
    """shacl-engine for JavaScript, with its SPARQL plug-in."""

    name, title = "shacl-engine", "shacl-engine (npm)"

    @classmethod
    def missing(cls) -> str:
        """Say if Node.js or the packages are missing."""
        packages = "npm packages shacl-engine, rdf-ext and n3 in build/node"
        installed = (NODE / "node_modules" / "shacl-engine").is_dir()
        return absent("node", "Debian package nodejs") or ("" if installed else f"{packages} are not installed")

    @classmethod
    def command(cls, data: Path, shapes: Path) -> Sequence[object]:
        """Call it from a script that lies beside its packages."""
        script = NODE / "shacl-engine.mjs"
        shutil.copyfile(HERE / script.name, script)
        return [program("node"), "--max-old-space-size=12000", script, data, shapes]


VALIDATORS: Final[dict[str, type[Validator]]] = {it.name: it for it in (Ours, PySHACL, Jena, PyRudof, ShaclEngine)}
"""All validators by name; the first is ours."""
