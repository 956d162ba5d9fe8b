"""What came, looked at before it is used: a truth value, rows, statements."""

from __future__ import annotations

import json
from typing import Any, Literal

import rdflib
from rdflib.exceptions import ParserError
from rdflib.plugins.parsers import ntriples

from cfit_graph.client.asking import ROWS, TABLE, AskingFailed


def parsed(answer: bytes) -> dict[str, Any]:
    """Return an object in JSON.

    Raises:
        AskingFailed: if it is none.
    """
    try:
        found = json.loads(answer)
    except (ValueError, RecursionError) as error:
        raise AskingFailed(f"What came is not JSON: {error}.") from None
    if not isinstance(found, dict):
        raise AskingFailed("What came is JSON, but no object.")
    return found


def truth(answer: dict[str, Any]) -> bool:
    """Return an answer to ASK.

    Raises:
        AskingFailed: if it is none.
    """
    if "results" in answer:
        raise AskingFailed("The answer is a table, not a truth value; use table() for a query of the form SELECT.")
    if not isinstance(answer.get("boolean"), bool):
        raise AskingFailed("What came is no truth value of SPARQL 1.1 Query Results JSON.")
    return answer["boolean"] is True


def questions(described: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the questions in a description in OpenAPI.

    Raises:
        AskingFailed: if it is none.
    """
    try:
        return [_question(path["get"]) for path in described["paths"].values()]
    except (KeyError, TypeError, AttributeError, IndexError):
        raise AskingFailed("What came is no list of questions.") from None


def _question(get: dict[str, Any]) -> dict[str, Any]:
    kinds = get["responses"]["200"]["content"]
    answer = "table" if TABLE in kinds else "ask" if ROWS in kinds else "graph"
    told = {"name": get["operationId"], "title": get["summary"], "group": get["tags"][0], "answer": answer}
    own = {each["name"]: each["schema"]["default"] for each in get["parameters"] if "default" in each["schema"]}
    return {**told, "parameters": own}


def solutions(answer: dict[str, Any]) -> tuple[list[str], list[dict[str, dict[str, str]]]]:
    """Return the variables and rows of an answer to SELECT.

    Raises:
        AskingFailed: if it is none, or holds triples.
    """
    if "boolean" in answer:
        raise AskingFailed("The answer is a truth value, not a table; use ask() for a query of the form ASK.")
    head, results = answer.get("head"), answer.get("results")
    names = head.get("vars") if isinstance(head, dict) else None
    rows = results.get("bindings") if isinstance(results, dict) else None
    if not isinstance(names, list) or not isinstance(rows, list) or not all(map(_is_row, rows)):
        raise AskingFailed("What came are no rows of SPARQL 1.1 Query Results JSON, or a value in them is a triple.")
    return names, rows


def _is_row(row: Any) -> bool:
    return isinstance(row, dict) and all(map(_is_value, row.values()))


def _is_value(cell: Any) -> bool:
    return isinstance(cell, dict) and isinstance(cell.get("value"), str) and "type" in cell


class _Parser(ntriples.W3CNTriplesParser):
    """rdflib's own writes values anew: ``01`` and ``1`` become one statement, and INF becomes inf."""

    __slots__ = ()

    def literal(self) -> Literal[False] | rdflib.Literal:
        if not self.peek('"'):
            return False
        text, language, datatype = self.eat(ntriples.r_literal).groups()
        kind = rdflib.URIRef(ntriples.unquote(datatype)) if datatype else None
        return rdflib.Literal(ntriples.unquote(text), language or None, kind, normalize=False)


def graph(answer: bytes) -> rdflib.Graph:
    """Return an answer in N-Triples, each value as it is written.

    Raises:
        AskingFailed: if it is none, or has terms of RDF 1.2, which rdflib does not know.
    """
    found = rdflib.Graph()
    try:
        _Parser(ntriples.NTGraphSink(found)).parsestring(answer)
    except (ParserError, ValueError) as error:
        raise AskingFailed(f"What came cannot be read as N-Triples of RDF 1.1: {error}.") from None
    return found
