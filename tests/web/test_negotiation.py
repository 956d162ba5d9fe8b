from __future__ import annotations

import pytest

from cfit_graph.errors import NotAcceptable
from cfit_graph.web.negotiation import choose, coding, language, prefers_html

HTML, TTL, JSONLD = "text/html", "text/turtle", "application/ld+json"
OFFERS = HTML, TTL, JSONLD
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"


@pytest.mark.parametrize(
    ("accept", "chosen"),
    [
        ("", HTML),
        ("*/*", HTML),
        ("text/turtle", TTL),
        ("TEXT/Turtle", TTL),
        (" text/turtle ; q=1.0 ", TTL),
        ("text/turtle;q=0.3, application/ld+json;q=0.7", JSONLD),
        ("text/turtle;q=0.3, application/ld+json;q=0.3", TTL),  # ties go to the earlier offer
        ("text/*;q=0.5, text/turtle", TTL),
        ("text/*, text/html;q=0", TTL),  # the more specific range wins
        ("*/*;q=0.1, application/ld+json", JSONLD),
        ("*/*, text/html;q=0.1", TTL),
        ("application/json", JSONLD),
        ('application/ld+json;profile="http://www.w3.org/ns/json-ld#compacted"', JSONLD),
        ("image/png, */*;q=0.01", HTML),
        ("text/turtle;q=nonsense, text/html;q=0.1", HTML),
        (BROWSER, HTML),
        (",,text/turtle,,", TTL),
    ],
)
def test_choice(accept: str, chosen: str) -> None:
    assert choose(accept, OFFERS) == chosen


@pytest.mark.parametrize("accept", ["image/png", "text/turtle;q=0", "*/*;q=0", "text/csv, image/*", "nonsense"])
def test_nothing_suits(accept: str) -> None:
    with pytest.raises(NotAcceptable) as caught:
        choose(accept, OFFERS)
    assert caught.value.offers == tuple(OFFERS)


@pytest.mark.parametrize(
    ("accept", "html"),
    [
        (BROWSER, True),
        ("text/html", True),
        ("Text/HTML, */*", True),
        ("text/html, image/gif, *; q=.2, */*; q=.2", True),  # Java's client, unless told otherwise
        ("text/html;q=0.9, text/turtle", False),
        ("text/html;q=0.5, image/png", True),
        ("application/xhtml+xml, text/html;q=0.9", True),
        ("text/html;q=0.1, */*", False),
        ("text/html;q=0.9, application/json", False),
        ("*/*", False),
        ("text/*", False),
        ("", False),
        ("text/html;q=0", False),
    ],
)
def test_browsers_are_told_from_programs(accept: str, html: bool) -> None:
    assert prefers_html(accept, (TTL, JSONLD)) is html


@pytest.mark.parametrize(
    ("asked", "chosen"),
    [
        ("", "en"),
        ("nl", "nl"),
        ("NL-be , en;q=0.9", "nl"),
        ("en-GB, nl;q=0.9", "en"),
        ("fr, de;q=0.5", "en"),
        ("fr, *;q=0.5, en;q=0.1", "nl"),
        ("nl;q=0", "en"),
        ("en;q=0, *", "nl"),
        ("nl;q=x, ;;,", "en"),
    ],
)
def test_the_language_the_client_likes_best_is_chosen(asked: str, chosen: str) -> None:
    assert language(asked, ("en", "nl")) == chosen


@pytest.mark.parametrize("offer", ["application/activity+json", "application/csvm+json"])
def test_json_stands_for_json_of_any_kind(offer: str) -> None:
    assert choose("application/json", (HTML, offer)) == offer
    assert choose("application/json;q=0.5, text/html", (offer, HTML)) == HTML


@pytest.mark.parametrize(
    ("asked", "chosen"),
    [
        ("", ""),
        ("gzip, br;q=0.9", "gzip"),
        ("deflate", ""),
        ("*", "br"),
        ("identity, gzip;q=0.5", ""),  # it likes it best as it is
        ("identity;q=0.5, gzip;q=0.5", "gzip"),
        ("br;q=0, gzip;q=0", ""),
    ],
)
def test_the_coding_the_client_likes_best_is_chosen(asked: str, chosen: str) -> None:
    assert coding(asked) == chosen
