"""What can go wrong, as one tree.

CfitError
├── SourceError          a file cannot be read or parsed
├── DoesNotConform       the data break a rule that blocks publishing
├── ReleaseError         there is no release, or it is damaged
├── StoreUnavailable     the store behind the questions does not answer
├── Overloaded           more queries wait than can be answered soon
├── BatchTooLarge        the request has more in it than is answered at once
├── UsageError           the request or command asks for something that does not exist
│   └── BadParameters        parameters of the request are wrong; says all that is
├── QueryError           your query
│   ├── QuerySyntaxError     it is not SPARQL 1.1, or not a query
│   ├── QueryForbidden       it asks for something this endpoint does not do
│   ├── QueryTooLarge        it is too long or too deep to be parsed
│   ├── QueryTimedOut        it ran for longer than it may
│   ├── QueryTooCostly       it needed more memory than it may have
│   ├── ResultTooLarge       its result is larger than it may be
│   ├── ResultDiffers        its result is not the one that was cited
│   └── UpdateRefused        it is an update
├── DraftError           your draft
│   ├── UnreadableDraft      it cannot be read or parsed
│   ├── DraftTooLarge        it is larger than it may be
│   └── DraftTooCostly       judging it takes more time or memory than it may
├── UnknownEntity        nothing in the graph has this IRI
├── UnknownRelease       no release has this version
├── NotAcceptable        no offered media type suits the client
└── UnsupportedMediaType the request has a body of a type not taken here

None of them knows HTTP or exit codes: ``web/problems.py`` and ``cli`` hold one table each.
"""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple, Self

from cfit_graph import reasons, slips
from cfit_graph.reasons import Reason

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path


class CfitError(Exception):
    """Base of every error this package raises on purpose. ``str()`` of it is one line for people."""

    def told(self, language: str) -> str:
        """Return that line in a language, as far as there are words for it in another than English."""
        return str(reasons.tell(self.args[0], language)) if self.args else ""


class SourceError(CfitError):
    """A file cannot be read or parsed: path, place, and what was expected.

    Line and column are from 1, and 0 where unknown; of a table there is the cell, as in ``affiliations!C7``.
    """

    def __init__(self, path: Path, reason: str, line: int = 0, column: int = 0, cell: str = "") -> None:
        self.path, self.reason, self.line, self.column, self.cell = path, reason, line, column, cell
        where = f"{path}:{line}:{column}" if line else str(path)
        super().__init__(Reason("at", f"{where} ({cell})" if cell else where, reason))

    @classmethod
    def from_syntax(cls, path: Path, error: SyntaxError, lines: Iterable[str] = ()) -> Self:
        """Take position and reason from a parser's ``SyntaxError``; the lines of the text, if given, tell more."""
        reason = re.sub(r"[ \t\r\n]+", " ", re.sub(r"^Parser error .*?\d: ", "", str(error.msg)).rstrip("."))
        line, column = error.lineno or 0, error.offset or 0
        written = next(islice(lines, line - 1, None), "") if line else ""
        return cls(path, slips.in_words(reason, written, column), line, column)

    @classmethod
    def from_system(cls, path: Path, error: OSError) -> Self:
        """Take the reason for which the system refuses a file."""
        return cls(path, reasons.of_system(error))


class DoesNotConform(CfitError):
    """The data break a rule that blocks publishing; ``report`` is the ``validation.Report`` that says which."""

    def __init__(self, report: Any) -> None:
        self.report = report
        super().__init__("The data do not conform, so nothing was published.")


class ReleaseError(CfitError):
    """There is no release, or it is damaged."""


class StoreUnavailable(CfitError):
    """The store behind the questions does not answer."""


class Overloaded(CfitError):
    """More queries wait than can be answered soon; the same query may succeed later."""


class BatchTooLarge(CfitError):
    """The request has more in it than is answered at once; says how much may be."""


class UsageError(CfitError):
    """The request or command asks for something that does not exist; says what does."""


class WrongParameter(NamedTuple):
    """What is wrong with one parameter of a request."""

    parameter: str
    detail: str


class BadParameters(UsageError):
    """Parameters of the request are wrong; ``errors`` has all that is."""

    def __init__(self, errors: Sequence[WrongParameter]) -> None:
        self.errors = tuple(errors)
        super().__init__(" ".join(f"{wrong.parameter}: {wrong.detail}" for wrong in self.errors))


class QueryError(CfitError):
    """Something is wrong with the query; nothing is wrong with the service."""


class QuerySyntaxError(QueryError):
    """The text is not a SPARQL 1.1 query: line and column (from 1; 0 where unknown), what was expected, what is there.

    The token is empty where it is unknown, and at the end.
    """

    def __init__(self, reason: str, line: int = 0, column: int = 0, token: str = "") -> None:
        self.reason, self.line, self.column, self.token = reason, line, column, token
        where = f"line {line}, column {column}: " if line else ""
        super().__init__(where + reason)


class QueryForbidden(QueryError):
    """The query asks for something this endpoint does not do."""


class QueryTooLarge(QueryError):
    """The query is too long or too deep to be parsed; says which limit it passes."""


class QueryTimedOut(QueryError):
    """The query ran for longer than it may; ``seconds`` is how long that is."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        super().__init__(
            f"The query was stopped after {seconds:g} s; no part of its result was kept. Ask for less: fewer patterns "
            "that share no variable, a narrower FILTER, or LIMIT inside a subquery. All data are in the dumps."
        )


class QueryTooCostly(QueryError):
    """The query needed more memory than it may have, or ended its worker in another way."""

    def __init__(self, megabytes: int) -> None:
        self.megabytes = megabytes
        super().__init__(
            f"The query was stopped: it needs more memory than the {megabytes} MB it may have, or more depth than the "
            "engine has. Ask for less: fewer groups, shorter strings, no sorting of everything."
        )


class ResultTooLarge(QueryError):
    """The result is larger than it may be; ``megabytes`` is how large that is."""

    def __init__(self, megabytes: int) -> None:
        self.megabytes = megabytes
        super().__init__(f"The result is larger than {megabytes} MB. Ask in parts, or take the dump.")


class ResultDiffers(QueryError):
    """The result is not the one that was cited: the SHA-256 (hex) that was cited, and the one it has."""

    def __init__(self, cited: str, found: str) -> None:
        self.cited, self.found = cited, found
        super().__init__(
            f"The answer has the SHA-256 {found}, and {cited} was cited. A query without ORDER BY over all that tells "
            "its rows apart may give them in another order: ask without sha256 to see the answer, and compare its rows."
        )


class UpdateRefused(QueryError):
    """The request is an update; the graph changes by releases only."""

    def __init__(self) -> None:
        super().__init__("This endpoint is read-only: data change by releases, never through SPARQL Update.")


class DraftError(CfitError):
    """Something is wrong with a draft that was sent to be judged; nothing is wrong with the service."""


class UnreadableDraft(DraftError):
    """A draft cannot be read or parsed: why, line and column (from 1; 0 where unknown), and of a table the cell."""

    def __init__(self, reason: str, line: int = 0, column: int = 0, cell: str = "") -> None:
        self.reason, self.line, self.column, self.cell = reason, line, column, cell
        where: str = f"({cell})" if cell else ""
        if line:
            where = Reason("line-column", line, f"{column} {where}" if where else column)
        super().__init__(Reason("at", where, reason) if where else reason)


class DraftTooLarge(DraftError):
    """A draft is larger than it may be; ``megabytes`` is how large that is."""

    def __init__(self, megabytes: float) -> None:
        self.megabytes = megabytes
        super().__init__(Reason("draft-size", f"{megabytes:g}"))


class DraftTooCostly(DraftError):
    """Judging a draft takes more time than it may (``seconds``, else 0) or more memory (``megabytes``)."""

    def __init__(self, seconds: float, megabytes: int) -> None:
        self.seconds, self.megabytes = seconds, megabytes
        super().__init__(Reason("draft-seconds", f"{seconds:g}") if seconds else Reason("draft-memory", megabytes))


class UnknownEntity(CfitError):
    """Nothing in the graph has this IRI; ``nearest`` lists things that have one like it, as ``pact/cfit``."""

    def __init__(self, message: str, nearest: Sequence[str] = ()) -> None:
        self.nearest = tuple(nearest)
        super().__init__(f"{message} Nearest: {', '.join(self.nearest)}." if nearest else message)


class UnknownRelease(CfitError):
    """No release has this version; ``nearest`` lists those whose versions come nearest."""

    def __init__(self, message: str, nearest: Sequence[str] = ()) -> None:
        self.nearest = tuple(nearest)
        super().__init__(message)


class NotAcceptable(CfitError):
    """No offered media type suits the client; ``offers`` lists those there are."""

    def __init__(self, offers: Sequence[str], message: str = "") -> None:
        self.offers = tuple(offers)
        said = f"Nothing here suits the Accept header. Ask for one of: {', '.join(self.offers)}."
        super().__init__(message or said)


class UnsupportedMediaType(CfitError):
    """The request has a body of a type not taken here; says which types are."""
