"""``/question/…``: the questions of the library, each at an address that asks it with any values.

The parameters are those of the question and ``timeout``. A suffix names the format of the answer, as in
``/question/who-supports.csv``; ``.html`` is the page, and ``.rq`` the query itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple
from urllib.parse import quote, urlencode

from cfit_graph import library
from cfit_graph.collection import asking
from cfit_graph.errors import UnknownEntity
from cfit_graph.store.formats import ANSWERS
from cfit_graph.store.lexer import outline
from cfit_graph.web import protocol

if TYPE_CHECKING:
    from cfit_graph.queries import Question
    from cfit_graph.web.protocol import Parameters, QueryRequest
    from cfit_graph.web.site import Site

START: Final = "/question/"
PAGE: Final = "html"
QUERY: Final = "rq"
TIMEOUT: Final = "timeout"
_NO_ANSWERS: Final = (PAGE, QUERY)


class Asked(NamedTuple):
    """A question, the values it is asked with, the format (empty: the header decides), and the timeout, if any."""

    question: Question
    sent: Parameters
    suffix: str
    timeout: list[str]


def asks(path: str) -> bool:
    """Tell whether what is at a path is the answer to a question, or may be.

    >>> asks("/question/who-supports.csv"), asks("/question/who-supports.rq"), asks("/question")
    (True, False, False)
    """
    return path.startswith(START) and path.rpartition(".")[2] not in _NO_ANSWERS


def read(site: Site, path: str, query_string: str) -> Asked:
    """Return which question is asked.

    Raises:
        UnknownEntity: if there is no such question, or its answer has no such format.
        UsageError: if what is sent with it are no parameters, or too many.
    """
    name, dot, suffix = path.removeprefix(START).partition(".")
    question, sent = library.find(site.questions, name), asking.parse(query_string)
    known = [*formats(question), *_NO_ANSWERS]
    if dot and suffix not in known:
        raise UnknownEntity(f"There is no format .{suffix[:100]}; there are {', '.join(known)}.")
    return Asked(question, sent, suffix, sent.pop(TIMEOUT, []) if suffix != QUERY else [])


def formats(question: Question) -> dict[str, str]:
    """Return the formats of the answer to a question: media types by suffix."""
    return {each.name: each.media_type for each in ANSWERS[outline(question.sparql).form]}


def query(site: Site, asked: Asked) -> str:
    """Return the query that a question asks.

    Raises:
        BadParameters: if the values are not to be had.
    """
    return library.query(asked.question, asked.sent, site.collections.values)


def request(site: Site, asked: Asked) -> QueryRequest:
    """Return the query that a question asks, as if that had been sent; raises as :func:`query` does.

    Raises:
        UsageError: if the timeout is none.
    """
    how = {TIMEOUT: asked.timeout, "format": [asked.suffix.removesuffix(PAGE)]}
    return protocol.request({"query": [query(site, asked)], **{name: sent for name, sent in how.items() if any(sent)}})


def address(question: Question, sent: Parameters, suffix: str = "") -> str:
    """Return the path that asks a question with values, in a format if one is named."""
    parameters = urlencode(sent, doseq=True)
    name = f"{START}{quote(question.slug)}{f'.{suffix}' if suffix else ''}"
    return f"{name}?{parameters}" if parameters else name
