"""Content negotiation (RFC 9110, 12.4.2, 12.5.1 and 12.5.4), as pure functions."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from cfit_graph.errors import NotAcceptable

HTML: Final = "text/html"
_JSON_LD: Final = "application/ld+json"
_CODINGS: Final = ("br", "gzip")
_SEEN: Final = 512  # clients send the same few headers over and over


@lru_cache(_SEEN)
def choose(accept: str, offers: tuple[str, ...]) -> str:
    """Return the offer the client likes best; ties go to the earlier offer, no header takes the first.

    ``application/json`` stands for the JSON format on offer, so that plain JSON clients are served.

    Raises:
        NotAcceptable: if it accepts none.

    >>> choose("text/turtle;q=0.5, application/*", ("application/ld+json", "text/turtle"))
    'application/ld+json'
    """
    if not accept.strip():
        return offers[0]
    ranges = [_range(part) for part in accept.lower().split(",") if part.strip()]
    quality = {offer: _quality(offer, ranges) for offer in offers}
    best = max(offers, key=lambda offer: quality[offer])  # max keeps the first of equals
    if quality[best] <= 0:
        raise NotAcceptable(offers)
    return best


@lru_cache(_SEEN)
def coding(accept_encoding: str, offers: tuple[str, ...] = _CODINGS) -> str:
    """Return the content coding on offer that the client likes best; empty for none (RFC 9110, 12.5.3).

    >>> coding("gzip, deflate, br"), coding("gzip;q=0.5, *;q=0"), coding("identity")
    ('br', 'gzip', '')
    """
    weights = dict(_range(part) for part in accept_encoding.lower().split(",") if part.strip())
    quality = {name: weights.get(name, weights.get("*", 0.0)) for name in offers}
    best = max(offers, key=lambda name: quality[name])
    return best if quality[best] > 0 and quality[best] >= weights.get("identity", 0.0) else ""


@lru_cache(_SEEN)
def language(accept_language: str, offers: tuple[str, ...]) -> str:
    """Return the language on offer that the client likes best, or a kind of which it names; the first if it likes none.

    >>> [language(it, ("en", "nl")) for it in ("fr, nl-BE;q=0.8, en;q=0.5", "fr", "en;q=0, *")]
    ['nl', 'en', 'nl']
    """
    ranges = [_range(part) for part in accept_language.lower().split(",") if part.strip()]
    others = max((weight for name, weight in ranges if name == "*"), default=0.0)

    def quality(offer: str) -> float:
        return max((weight for name, weight in ranges if name.partition("-")[0] == offer), default=others)

    return max(offers, key=quality)  # max keeps the first of equals


@lru_cache(_SEEN)
def prefers_html(accept: str, others: tuple[str, ...] = ()) -> bool:
    """Tell whether the client names HTML, as browsers do, and likes none of the others on offer better."""
    ranges = [_range(part) for part in accept.lower().split(",") if part.strip()]
    named = max((quality for name, quality in ranges if name == HTML), default=0.0)
    return named > 0 and all(named >= _quality(offer, ranges) for offer in others)


def _range(part: str) -> tuple[str, float]:
    name, *parameters = (piece.strip() for piece in part.split(";"))
    weights = [parameter.partition("=")[2] for parameter in parameters if parameter.startswith("q=")]
    try:
        return name, min(max(float(weights[0]), 0.0), 1.0) if weights else 1.0
    except ValueError:
        return name, 0.0


def _quality(offer: str, ranges: list[tuple[str, float]]) -> float:
    """Return the weight of the most specific range that covers the offer."""
    for pattern in _patterns(offer):
        weights = [weight for name, weight in ranges if name == pattern]
        if weights:
            return max(weights)
    return 0.0


def _patterns(offer: str) -> list[str]:
    plain = ["application/json"] if offer == _JSON_LD or offer.endswith("+json") else []
    return [offer, *plain, offer.partition("/")[0] + "/*", "*/*"]
