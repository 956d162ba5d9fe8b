"""Helpers of the web tests."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cfit_graph.namespaces import BASE

if TYPE_CHECKING:
    from httpx2 import Response

BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}

PAGES = [
    "/",
    "/organizations",
    "/pacts",
    "/ns",
    "/shapes",
    "/question",
    "/question/affiliated-on-a-day",
    "/question/what-rests-on-a-page",
    "/sparql",
    "/api",
    "/validate",
    "/feed",
    "/release",
    "/compare",
    "/quality",
    "/doc/organization/electronics-watch",
    "/doc/pact/cfit",
    "/doc/role/procuring",
    "/doc/source/cfit-home",
]
"""Pages of every sort."""


def problem(response: Response, status: int, kind: str) -> dict[str, Any]:
    """Check that an answer is a problem of RFC 9457, in the one shape, and return it."""
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    body: dict[str, Any] = response.json()
    assert body["type"] == f"{BASE}problem/{kind}"
    assert body["status"] == status
    assert body["title"]
    assert body["detail"]
    assert "Traceback" not in response.text
    return body
