"""Content negotiation (RFC 9110, 12.4.2 and 12.5.1), as pure functions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cfit_graph.errors import NotAcceptable

if TYPE_CHECKING:
    from collections.abc import Sequence

HTML = "text/html"
_JSON_LD = "application/ld+json"


def choose(accept: str, offers: Sequence[str]) -> str:
    """Return the offer the client likes best; ties go to the earlier offer, no header takes the first.

    ``application/json`` stands for the JSON format on offer, so that plain JSON clients are served.

    Raises:
        NotAcceptable: if it accepts none.

    >>> choose("text/turtle;q=0.5, application/*", ["application/ld+json", "text/turtle"])
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


def prefers_html(accept: str) -> bool:
    """Tell whether the client names HTML and likes no other named type better: it is a browser."""
    ranges = [_range(part) for part in accept.lower().split(",") if part.strip()]
    named = {name: quality for name, quality in ranges if "*" not in name}
    return HTML in named and named[HTML] == max(named.values()) > 0


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
