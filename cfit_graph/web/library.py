"""``/question/…``: the questions of the library, each at an address that asks it with any values.

The parameters are those of the question and ``timeout``. A suffix names the format of the answer, as in
``/question/who-supports.csv``; ``.rq`` is the query itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple
from urllib.parse import quote, urlencode

from cfit_graph import library
from cfit_graph.web import protocol

if TYPE_CHECKING:
    from cfit_graph.queries import Question
    from cfit_graph.web.protocol import Parameters, QueryRequest
    from cfit_graph.web.site import Site

START: Final = "/question/"
QUERY: Final = "rq"
"""The suffix of a question's query."""
_TIMEOUT: Final = "timeout"


class Asked(NamedTuple):
    """A question, the values it is asked with, and how: parameters of a query."""

    question: Question
    sent: Parameters
    how: Parameters


def asks(path: str) -> bool:
    """Tell whether at a path a question is asked.

    >>> asks("/question/who-supports.csv"), asks("/question/who-supports.rq"), asks("/question")
    (True, False, False)
    """
    return path.startswith(START) and not path.endswith(f".{QUERY}")


def read(site: Site, path: str, query_string: str) -> Asked:
    """Return which question is asked.

    Raises:
        UnknownEntity: if there is no such question.
        UsageError: if what is sent with it are no parameters.
    """
    name, dot, suffix = path.removeprefix(START).partition(".")
    question, sent = library.find(site.questions, name), protocol.parse(query_string)
    how = {_TIMEOUT: sent.pop(_TIMEOUT)} if _TIMEOUT in sent else {}
    return Asked(question, sent, how | ({"format": [suffix or dot]} if dot else {}))


def request(site: Site, path: str, query_string: str) -> QueryRequest:
    """Return the query that a question asks, as if that had been sent; raises as :func:`read` does.

    Raises:
        BadParameters: if the values are not to be had.
    """
    asked = read(site, path, query_string)
    sparql = library.query(asked.question, asked.sent, site.collections.values)
    return protocol.request({"query": [sparql], **asked.how})


def address(question: Question, sent: Parameters, suffix: str = "") -> str:
    """Return the path that asks a question with values, in a format if one is named."""
    parameters = urlencode(sent, doseq=True)
    name = f"{START}{quote(question.slug)}{f'.{suffix}' if suffix else ''}"
    return f"{name}?{parameters}" if parameters else name
