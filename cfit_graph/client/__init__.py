"""Ask the graph from Python: tables whose columns have types, graphs, names and citations.

Needs pandas, rdflib and a server, and of ours nothing but names: no data, shapes or store.
"""

from __future__ import annotations

from datetime import date
from importlib import resources
from string import Template
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote, urlencode

import pandas as pd

from cfit_graph.client import asking, results
from cfit_graph.client.asking import AskingFailed
from cfit_graph.client.columns import IRI, column, iris_in
from cfit_graph.namespaces import shorten

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rdflib import Graph

__all__ = ["AskingFailed", "Client"]

_NAMES: Final = Template(resources.files(__package__).joinpath("names.rq").read_text("utf-8"))
_TOGETHER: Final = 100
"""Things whose names are asked for at once."""


class Client:
    """Asks a server of ours; what it asks of ``/sparql`` any other SPARQL endpoint at such an address answers, too."""

    def __init__(self, address: str, release: str = "", seconds: float = 60.0) -> None:
        """Ask the server at ``address``, or one release of it; ``seconds`` is how long it may keep silent."""
        self.address = address.rstrip("/").removesuffix("/sparql")
        self.release = release
        self._seconds = seconds
        self._base = f"{self.address}/release/{quote(release, safe='')}" if release else self.address

    def pinned(self) -> Client:
        """Return a client that asks the present release only, so that all answers go together and can be cited.

        Raises:
            AskingFailed: if there is none.
        """
        release = self.cite().get("release")
        if not isinstance(release, str) or not release:
            raise AskingFailed(f"{self.address} does not say which release it serves.")
        return Client(self.address, release, self._seconds)

    def table(self, query: str) -> pd.DataFrame:
        """Return the answer to SELECT, with a column for each variable.

        Whole numbers are ``Int64``, other numbers ``Float64``, truth values ``boolean``, days and times
        ``datetime64`` (in UTC if all say their offset); all else is ``string``. What is not bound is missing. A column
        of values that do not go together, such as days and months, or that these types cannot hold, is text, as in
        the graph. ``attrs`` of the table holds the query, the address asked, and which columns are IRIs.

        Raises:
            AskingFailed: in the words of the server, or if the answer is not complete.
        """
        names, rows = results.solutions(self._answer(query))
        cells = {name: [row.get(name) for row in rows] for name in names}
        columns = {name: column(found) for name, found in cells.items()}
        table = pd.DataFrame(columns, columns=names, index=range(len(rows)))
        iris = [name for name, found in cells.items() if iris_in(found)]
        table.attrs = {"query": query, "address": self._endpoint, "iris": iris}
        return table

    def ask(self, query: str) -> bool:
        """Return the answer to ASK; raises as :meth:`table` does."""
        return results.truth(self._answer(query))

    def graph(self, query: str) -> Graph:
        """Return the answer to CONSTRUCT or DESCRIBE; raises as :meth:`table` does."""
        return results.graph(self._asked(query, asking.STATEMENTS))

    def questions(self) -> pd.DataFrame:
        """Return the question library: ``name``, ``title``, ``group``, ``parameters`` with what they are by themselves.

        ``answer`` is the method for the query of a question: ``table``, ``ask`` or ``graph``.

        Raises:
            AskingFailed: as :meth:`table`.
        """
        described = results.parsed(asking.read(f"{self._base}/question.json", asking.JSON, self._seconds))
        return pd.DataFrame(results.questions(described), columns=["name", "title", "group", "answer", "parameters"])

    def question(self, name: str, /, **values: str | date | Iterable[str | date]) -> str:
        """Return the query of a question in the library, with other values for its parameters: one each, or several.

        Raises:
            AskingFailed: as :meth:`table`, and if there is no such question, parameter or value.
        """
        sent = {each: _texts(given) for each, given in values.items()}
        if empty := [each for each, given in sent.items() if not given]:
            raise AskingFailed(f"There is no value for {', '.join(empty)}; leave it out to ask with the examples.")
        address = f"{self._base}/question/{asking.encoded(name)}.rq{'?' if sent else ''}{asking.encoded(sent)}"
        return asking.read(address, asking.QUERY, self._seconds).decode()

    def named(self, table: pd.DataFrame, *columns: str, language: str = "en") -> pd.DataFrame:
        """Return a copy of a table with names beside the IRIs of some columns, by default of all that are IRIs.

        The name of ``organization`` is in ``organization_name``: in the language, else in English, else any; for what
        has no name its IRI, as short as it goes. A column that was renamed must be said: it is not known to hold IRIs.

        Raises:
            AskingFailed: as :meth:`table`.
            KeyError: if there is no column of that name.
            ValueError: if there is one with names already.
        """
        columns = columns or tuple(name for name in table.attrs.get("iris", ()) if name in table.columns)
        found = self._names({iri for name in columns for iri in table[name].dropna()}, language)
        named = table.copy()
        for name in columns:
            place = named.columns.get_loc(name) + 1
            named.insert(place, f"{name}_name", named[name].map(found, na_action="ignore").astype("string"))
        return named

    def cite(self, query: str = "") -> dict[str, Any]:
        """Return how to cite the answer to a query, or without one the release.

        ``text``, ``bibtex`` and ``cff`` are citations; ``url`` gives the same answer as long as the release is kept,
        and ``sha256`` is its hash.

        Raises:
            AskingFailed: as :meth:`table`, and if what is served is no release.
        """
        asked = f"?{urlencode({'query': query})}" if query else ""
        return results.parsed(asking.read(f"{self._base}/cite.json{asked}", asking.JSON, self._seconds))

    @property
    def _endpoint(self) -> str:
        return f"{self._base}/sparql"

    def _answer(self, query: str) -> dict[str, Any]:
        """Return the answer to SELECT or ASK."""
        return results.parsed(self._asked(query, asking.ROWS))

    def _asked(self, query: str, media_type: str) -> bytes:
        return asking.ask(self._endpoint, query, media_type, self._seconds)

    def _names(self, iris: Iterable[str], language: str) -> dict[str, str]:
        """Return a name for each IRI."""
        wanted = sorted(iri for iri in iris if isinstance(iri, str) and IRI.fullmatch(iri))
        found: dict[str, dict[str, str]] = {}
        for start in range(0, len(wanted), _TOGETHER):
            things = " ".join(f"<{iri}>" for iri in wanted[start : start + _TOGETHER])
            _, rows = results.solutions(self._answer(_NAMES.substitute(things=things)))
            for row in rows:
                name = row["name"]
                found.setdefault(row["thing"]["value"], {}).setdefault(name.get("xml:lang", ""), name["value"])
        return {iri: _best(found.get(iri, {}), language) or shorten(str(iri)) for iri in iris}


def _best(names: dict[str, str], language: str) -> str:
    """Return the name in a language, else the English one, that of no language, or the first there is."""
    order = (language, "en", "", *sorted(names))
    return next((names[tag] for tag in order if tag in names), "")


def _texts(given: str | date | Iterable[str | date]) -> list[str]:
    """Return values, one or several, as they are sent."""
    several = [given] if isinstance(given, str | date) else given
    return [f"{each:%Y-%m-%d}" if isinstance(each, date) else str(each) for each in several]
