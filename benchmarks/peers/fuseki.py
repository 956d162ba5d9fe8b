"""Apache Jena Fuseki with TDB2, from Maven Central where that can be reached."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from benchmarks.generate import ROOT
from benchmarks.peers.base import Failed, Peer, absent, program
from benchmarks.processes import Server, run

if TYPE_CHECKING:
    from pathlib import Path

VERSION: Final = "5.6.0"
ARTIFACT: Final = f"org.apache.jena:jena-fuseki-server:{VERSION}"
JARS: Final = ROOT / "build" / "jars"


class Fuseki(Peer):
    """``jena-fuseki-server`` on a TDB2 folder that was loaded before."""

    name = "fuseki"
    title = f"Fuseki {VERSION}, TDB2"
    path = "/ds/sparql"

    @classmethod
    def missing(cls) -> str:
        """Say what is missing: Java, Maven, or the way to Maven Central."""
        return absent("java", "Debian package openjdk-17-jre-headless") or ("" if _jar() else _fetch())

    def launch(self) -> Server:
        """Load and serve."""
        jar, store = _jar(), self.folder / "store"
        if jar is None:
            raise Failed("its jar is gone")
        java = [program("java"), "-Xmx4G", "-cp", jar]
        run([*java, "tdb2.tdbloader", "--loc", store, self.graph], self.folder / "load.log")
        options = [
            "--quiet",
            "--localhost",
            "--port",
            str(self.port),
            "--loc",
            store,
            "--set",
            "tdb2:unionDefaultGraph=true",
        ]
        main = "org.apache.jena.fuseki.main.cmds.FusekiServerCmd"
        base = {"FUSEKI_BASE": str(self.folder / "base")}
        return Server([*java, main, *options, "/ds"], self.folder / "log", base)


def _jar() -> Path | None:
    return next(JARS.glob(f"jena-fuseki-server-{VERSION}.jar"), None)


def _fetch() -> str:
    absence = absent("mvn", "Debian package maven")
    if absence:
        return absence
    target = [f"-Dartifact={ARTIFACT}", f"-DoutputDirectory={JARS}"]
    try:
        run([program("mvn"), "-q", "-B", "dependency:copy", *target], JARS / "fetch.log", seconds=300)
    except RuntimeError:
        return f"{ARTIFACT} could not be fetched by Maven"
    return "" if _jar() else f"{ARTIFACT} could not be fetched by Maven"
