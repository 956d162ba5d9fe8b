"""What a request to ``/sparql`` asks, and the tag of the answer."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from cfit_graph.errors import NotAcceptable, QueryError, UsageError
from cfit_graph.store.asking import Question
from cfit_graph.store.formats import ANSWERS
from cfit_graph.store.lexer import outline
from cfit_graph.store.threads import aside
from cfit_graph.web import negotiation, problems

if TYPE_CHECKING:
    from cfit_graph.store.lexer import Outline
    from cfit_graph.web.headers import Wanted
    from cfit_graph.web.protocol import QueryRequest
    from cfit_graph.web.site import Site

_NAMES: Final = {name for formats in ANSWERS.values() for it in formats for name in it.names}
_OFFERS: Final = {form: tuple(it.media_type for it in formats) for form, formats in ANSWERS.items()}


async def outlined(sparql: str) -> Outline:
    """Return the outline of a query.

    Raises:
        QueryError: if there is something wrong with it.
    """
    return await aside(len(sparql), outline, sparql)


async def is_for_page(sparql: str, accept: str) -> bool:
    """Tell whether a client likes the page best of what there is; of a query that is none it shows what is wrong."""
    if not negotiation.prefers_html(accept):
        return False
    try:
        offers = _OFFERS[(await outlined(sparql)).form]
    except QueryError:
        offers = (problems.MEDIA_TYPE,)
    return negotiation.prefers_html(accept, offers)


async def question(site: Site, asked: QueryRequest, wanted: Wanted, media_type: str = "") -> Question:
    """Return the question in a request, to be answered in ``media_type``, else as the request says.

    Raises:
        QueryError: if there is something wrong with the query.
        UsageError: if its format or time is not to be had.
        NotAcceptable: if it accepts none of the formats.
    """
    return question_of(site, asked, wanted, await outlined(asked.sparql), media_type)


def question_of(site: Site, asked: QueryRequest, wanted: Wanted, seen: Outline, media_type: str = "") -> Question:
    """Return the question in a request whose query has an outline; as :func:`question`, but at once."""
    media_type = media_type or _media_type(seen.form, asked.formats, wanted.accepted)
    limits = site.limits
    if asked.seconds > limits.seconds:
        raise UsageError(f"timeout is in seconds, and {limits.seconds:g} is the most; leave it out to have that.")
    if asked.seconds:
        limits = replace(limits, seconds=asked.seconds)
    return Question(asked.sparql, seen, media_type, asked.dataset, limits, wanted.coding)


def _media_type(form: str, names: tuple[str, ...], accept: str) -> str:
    """Return the media type for an answer; a ``format`` given by name wins over the header.

    SPARQLWrapper gives several names at once, of which one or the other is ours.
    """
    if not names:
        return negotiation.choose(accept, _OFFERS[form])
    found = {it.media_type for it in ANSWERS[form] if not set(names).isdisjoint(it.names)}
    if len(found) == 1:
        return found.pop()
    there_are = ", ".join(it.name for it in ANSWERS[form])
    if found:
        raise UsageError(f"Give one format, not {len(found)}; for {form} there are {there_are}.")
    if not _NAMES.isdisjoint(names):
        raise NotAcceptable(_OFFERS[form], f"The answer to {form} cannot be had as {names[0]}; there are {there_are}.")
    raise UsageError(f"There is no format {names[0][:50]!r}; for {form} there are {there_are}.")


def etag(site: Site, asked: Question) -> bytes:
    """Return the tag of an answer: the release, and the query with its dataset, format and coding.

    Empty for what may change: a query that asks for the time, and a store that is not ours.
    """
    if asked.seen.varies or not site.version:
        return b""
    dataset = repr(asked.dataset) if asked.dataset else ""
    parts = f"{asked.media_type} {asked.encoding} {dataset} {asked.sparql}".encode()
    return f'"{site.version}-{hashlib.blake2b(parts, digest_size=12).hexdigest()}"'.encode()
