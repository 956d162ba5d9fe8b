"""Virtuoso, open-source edition, as Debian packages it."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from benchmarks.peers.base import Peer, absent, program
from benchmarks.processes import Server, free_port, run

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

GRAPH = "https://w3id.org/cfit/graph/all"
INI = """\
[Database]
DatabaseFile = virtuoso.db
ErrorLogFile = virtuoso.log
LockFile = virtuoso.lck
TransactionFile = virtuoso.trx
xa_persistent_file = virtuoso.pxa
ErrorLogLevel = 3
FileExtend = 200
MaxCheckpointRemap = 2000
[TempDatabase]
DatabaseFile = virtuoso-temp.db
TransactionFile = virtuoso-temp.trx
MaxCheckpointRemap = 2000
[Parameters]
ServerPort = {sql_port}
DisableUnixSocket = 1
ServerThreads = 10
NumberOfBuffers = 340000
MaxDirtyBuffers = 250000
MaxQueryMem = 2G
DirsAllowed = .
VectorSize = 1000
AdjustVectorSize = 0
[HTTPServer]
ServerPort = {port}
ServerThreads = 10
MaxKeepAlives = 10
KeepAliveTimeout = 60
[SPARQL]
ResultSetMaxRows = 100000000
MaxQueryCostEstimationTime = 100000
MaxQueryExecutionTime = 600
"""


class Virtuoso(Peer):
    """``virtuoso-t`` with a database of its own, in its folder."""

    name = "virtuoso"
    title = "Virtuoso 7 (Debian)"
    note = "all statements in one graph, named in each request: the union of all would hold graphs of its own"
    parameters: ClassVar[Mapping[str, str]] = {"default-graph-uri": GRAPH}

    _sql_port = 0

    @classmethod
    def missing(cls) -> str:
        """Say which package is missing."""
        return absent("virtuoso-t", "Debian package virtuoso-opensource-7") or absent("isql-vt", "the same")

    def launch(self) -> Server:
        """Start it on an empty database."""
        self._sql_port = free_port()
        ini = self.folder / "virtuoso.ini"
        ini.write_text(INI.format(port=self.port, sql_port=self._sql_port), "utf-8")
        return Server([program("virtuoso-t"), "+foreground", "+wait", "+configfile", ini], self.folder / "log")

    def fill(self) -> None:
        """Load the statements without their graphs, by its bulk loader."""
        flatten(self.graph, self.folder / "graph.nt")
        self._sql(f"ld_dir('.', 'graph.nt', '{GRAPH}')")
        self._sql("rdf_loader_run()")
        self._sql("checkpoint")

    def _sql(self, statement: str) -> None:
        user = ["dba", "dba"]  # what a new database has; it listens on this machine only and is gone at the end
        command = [program("isql-vt"), str(self._sql_port), *user, f"exec={statement};"]
        run(command, self.folder / "isql.log")


def flatten(graph: Path, out: Path) -> None:
    """Write the statements of N-Quads as N-Triples; lines of ours end with the graph."""
    with graph.open(encoding="utf-8") as quads, out.open("w", encoding="utf-8", newline="\n") as triples:
        triples.writelines(line[: line.rindex(" <")] + " .\n" for line in quads)
